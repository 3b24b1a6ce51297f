//! The average over the last answers.

use std::collections::VecDeque;

/// Plain means over the answers of the last seconds.
#[derive(Default)]
pub struct Average {
    /// Position in seconds, and probabilities; oldest first.
    answers: VecDeque<(f64, Vec<f32>)>,
}

impl Average {
    /// Forgets everything.
    pub fn reset(&mut self) {
        self.answers.clear();
    }

    /// Takes an answer in and gives the mean of those less than `seconds` old, tag by tag. Answers older than
    /// `longest` seconds are dropped, so the length may be changed at any time.
    pub fn push(&mut self, at: f64, answer: &[f32], seconds: f64, longest: f64) -> Vec<f32> {
        self.answers.push_back((at, answer.to_vec()));
        while self
            .answers
            .front()
            .is_some_and(|(then, _)| *then <= at - longest)
        {
            self.answers.pop_front();
        }
        let mut mean = vec![0.0; answer.len()];
        let mut count = 0.0;
        for (_, answer) in self.answers.iter().filter(|(then, _)| *then > at - seconds) {
            count += 1.0;
            for (sum, value) in mean.iter_mut().zip(answer) {
                *sum += value;
            }
        }
        for value in &mut mean {
            *value /= count;
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_seconds_count() {
        let mut average = Average::default();
        assert_eq!(average.push(0.5, &[1.0], 1.0, 30.0), [1.0]);
        assert_eq!(average.push(1.0, &[0.0], 1.0, 30.0), [0.5]);
        assert_eq!(average.push(1.5, &[0.0], 1.0, 30.0), [0.0]);
        assert_eq!(average.push(2.0, &[0.0], 30.0, 30.0), [0.25]);
    }
}
