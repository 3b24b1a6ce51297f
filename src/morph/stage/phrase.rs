//! Keep Loudness over a phrase: what a meter hears going out follows what it hears coming in.

use std::ops::Range;

use crate::dsp::{KMeter, crossfade};

/// The loudness is held over so many seconds of sound.
const PHRASE_SECONDS: f64 = 3.0;
/// So much sound, as loud out as in, is taken to have been before the first, in seconds: a note's beginning isn't its loudness yet.
const BEFORE_SECONDS: f64 = 0.15;
/// A hop whose power is below this share of the phrase's tells nothing, nor does one below this mean power by itself: gaps between notes, and silence.
const GATE: f64 = 0.01;
const QUIETEST: f64 = 1e-7;
/// The gain is never lower or higher than this, in dB, nor moves faster; but where nothing is played it comes down to 1 so fast.
const LOWEST_DB: f64 = -9.0;
const HIGHEST_DB: f64 = 4.0;
const FASTEST_DB_A_SECOND: f64 = 6.0;
const DOWN_DB_A_SECOND: f64 = 20.0;
/// It comes back to 1, so fast at most, as long as by it what sounds now is so much louder, or softer, than it came in: what it makes up for in a note that dies away isn't the next one's. In dB,
/// the mean being over so many seconds.
const TOO_LOUD_DB: f64 = 3.0;
const TOO_SOFT_DB: f64 = 6.0;
const SURGE_DB_A_SECOND: f64 = 300.0;
const NOW_SECONDS: f64 = 0.02;

/// Turns what sounds up or down, slowly, while a player listens, from its first note on. A curve is as loud as the frame that it is made for, and so is what is drawn; what is left
/// is what Articulation makes of a phrase, and in Live that a hop acts on the sound behind its frame. Without a player there is no such memory: what was heard
/// is forgotten a window later. Owned by the audio thread; nothing allocates after construction.
pub(super) struct PhraseGain {
    /// Measures what goes out, before this gain.
    wet: KMeter,
    hop: usize,
    hop_seconds: f64,
    /// Whether Keep Loudness is on in this hop, and a player listens that has played.
    keeps: bool,
    /// Of the phrase so far, K-weighted: mean powers times seconds, of what came in and of what went out, and the seconds.
    dry_sum: f64,
    wet_sum: f64,
    seconds: f64,
    /// The same of what sounds now: mean powers.
    dry_now: f64,
    wet_now: f64,
    /// What is left of the sound that is taken to have been before, in seconds.
    before: f64,
    gain_db: f64,
    /// The gain at this hop's beginning and at its end.
    gain: [f32; 2],
}

impl PhraseGain {
    /// At the beginning of a stream of this rate in Hz, in hops of so many samples.
    pub(super) fn new(sample_rate: f64, hop: usize) -> Self {
        Self {
            wet: KMeter::new(sample_rate),
            hop,
            hop_seconds: hop as f64 / sample_rate,
            keeps: false,
            dry_sum: 0.0,
            wet_sum: 0.0,
            seconds: 0.0,
            dry_now: 0.0,
            wet_now: 0.0,
            before: BEFORE_SECONDS,
            gain_db: 0.0,
            gain: [1.0; 2],
        }
    }

    /// Forgets all sound.
    pub(super) fn reset(&mut self) {
        self.forget();
        self.keeps = false;
        self.gain = [1.0; 2];
    }

    fn forget(&mut self) {
        self.wet.reset();
        (self.dry_sum, self.wet_sum, self.seconds) = (0.0, 0.0, 0.0);
        (self.dry_now, self.wet_now) = (0.0, 0.0);
        self.before = BEFORE_SECONDS;
        self.gain_db = 0.0;
    }

    /// Begins the next hop; `dry` is the sum of the K-weighted powers of the samples that came in for the one that ends, in which the player `played` or not. Where nothing is
    /// to be kept the gain is 1 by the hop's end, and exactly 1 from then on.
    pub(super) fn turn(&mut self, dry: f64, played: bool, keeps: bool) {
        if !keeps {
            self.forget();
        } else if self.keeps {
            let wet = self.wet.take();
            let [dry, wet] = [dry, wet].map(|sum| sum / self.hop as f64);
            if (dry + wet).is_finite() {
                let (goal, fastest) = match played {
                    true => (self.goal_db(dry, wet), FASTEST_DB_A_SECOND),
                    // What is only re-weighted is as loud as it was: it isn't to be turned up.
                    false if self.gain_db > 0.0 => (0.0, DOWN_DB_A_SECOND),
                    false => (0.0, FASTEST_DB_A_SECOND),
                };
                let step = fastest * self.hop_seconds;
                self.gain_db += (goal - self.gain_db).clamp(-step, step);
                self.hold_surges(dry, wet);
            }
        }
        self.keeps = keeps;
        let [_, before] = self.gain;
        self.gain = [before, 10.0f64.powf(self.gain_db / 20.0) as f32];
    }

    /// Takes in the mean powers of a hop that was played; tells what the gain is to become.
    fn goal_db(&mut self, dry: f64, wet: f64) -> f64 {
        if self.is_gap(dry, wet) {
            return self.gain_db;
        }
        let left = (-self.hop_seconds / PHRASE_SECONDS).exp();
        self.dry_sum = left * self.dry_sum + dry * self.hop_seconds;
        self.wet_sum = left * self.wet_sum + wet * self.hop_seconds;
        self.seconds = left * self.seconds + self.hop_seconds;
        self.before *= left;
        let before = self.before * self.dry_sum / self.seconds;
        // What is silent by itself can't be made loud: then the limits hold.
        let ratio = (self.dry_sum + before) / (self.wet_sum + before).max(f64::MIN_POSITIVE);
        (10.0 * ratio.max(f64::MIN_POSITIVE).log10()).clamp(LOWEST_DB, HIGHEST_DB)
    }

    /// Whether these mean powers are those of a gap in the phrase.
    fn is_gap(&self, dry: f64, wet: f64) -> bool {
        let phrase = self.dry_sum.max(self.wet_sum) / self.seconds.max(self.hop_seconds);
        dry.max(wet) < QUIETEST.max(GATE * phrase)
    }

    /// Brings the gain back where it makes what sounds now too loud or too soft; takes in a hop's mean powers.
    fn hold_surges(&mut self, dry: f64, wet: f64) {
        let rate = 1.0 - (-self.hop_seconds / NOW_SECONDS).exp();
        self.dry_now += rate * (dry - self.dry_now);
        self.wet_now += rate * (wet - self.wet_now);
        if self.is_gap(self.dry_now, self.wet_now) {
            return;
        }
        let ratio = self.wet_now.max(f64::MIN_POSITIVE) / self.dry_now.max(f64::MIN_POSITIVE);
        let louder_db = 10.0 * ratio.max(f64::MIN_POSITIVE).log10() + self.gain_db;
        let step = SURGE_DB_A_SECOND * self.hop_seconds;
        let too_loud = (louder_db - TOO_LOUD_DB).clamp(0.0, step);
        let too_soft = (-louder_db - TOO_SOFT_DB).clamp(0.0, step);
        self.gain_db = match self.gain_db > 0.0 {
            true => (self.gain_db - too_loud).max(0.0),
            false => (self.gain_db + too_soft).min(0.0),
        };
    }

    /// Turns these samples of `block`, `[channel][sample]`, up or down; the first of them is so far in the hop.
    pub(super) fn process(
        &mut self,
        block: &mut [&mut [f32]],
        samples: Range<usize>,
        since: usize,
    ) {
        if self.keeps {
            let channel = |index: usize| {
                let channel = block.get(index);
                let samples = channel.and_then(|channel| channel.get(samples.clone()));
                samples.unwrap_or_default()
            };
            measure(&mut self.wet, [channel(0), channel(1)]);
        }
        let [before, now] = self.gain;
        if self.gain == [1.0; 2] {
            return;
        }
        let step = 1.0 / self.hop as f32;
        for channel in block.iter_mut() {
            let channel = channel.get_mut(samples.clone()).unwrap_or_default();
            for (n, sample) in channel.iter_mut().enumerate() {
                *sample *= crossfade(before, now, (since + n + 1) as f32 * step);
            }
        }
    }
}

/// Has a meter hear as much of two channels; of one channel the second is empty.
pub(super) fn measure(meter: &mut KMeter, [first, second]: [&[f32]; 2]) {
    for (n, sample) in first.iter().enumerate() {
        meter.push([*sample, second.get(n).copied().unwrap_or_default()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;
    const HOP: usize = 512;
    const HOPS_A_SECOND: usize = 94;

    /// The gain over so many hops, in dB at each one's end, of a tone that goes out so much louder than it came in; in blocks of so many samples.
    fn gains(phrase: &mut PhraseGain, hops: usize, block: usize, dry: f32, wet: f32) -> Vec<f32> {
        let mut meter = KMeter::new(RATE);
        if !phrase.keeps {
            phrase.turn(0.0, true, true);
        }
        (0..hops)
            .map(|hop| {
                let tone = |level: f32| -> Vec<f32> {
                    let phase = |n: usize| (hop * HOP + n) as f32 * std::f32::consts::TAU / 48.0;
                    (0..HOP).map(|n| level * phase(n).sin()).collect()
                };
                let before = tone(dry);
                let mut after = tone(wet);
                let mut done = 0;
                while done < HOP {
                    let samples = done..(done + block).min(HOP);
                    phrase.process(&mut [&mut after], samples.clone(), done);
                    done = samples.end;
                }
                measure(&mut meter, [&before, &[]]);
                phrase.turn(meter.take(), true, true);
                let [_, now] = phrase.gain;
                20.0 * now.log10()
            })
            .collect()
    }

    fn steepest(gains: &[f32]) -> f32 {
        let steps = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        steps.fold(0.0, f32::max) * RATE as f32 / HOP as f32
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn what_is_louder_than_it_came_in_is_turned_down_within_a_phrase_and_slowly() {
        for (wet_db, expected) in [(5.0, -5.0), (-3.5, 3.5), (30.0, -9.0), (-90.0, 4.0)] {
            let mut phrase = PhraseGain::new(RATE, HOP);
            let wet = 0.1 * 10.0f32.powf(wet_db / 20.0);
            let found = gains(&mut phrase, 8 * HOPS_A_SECOND, HOP, 0.1, wet);
            let [early, late] = [2 * HOPS_A_SECOND, 8 * HOPS_A_SECOND - 1].map(|hop| found[hop]);
            println!("{wet_db:+} dB: {early:+.2} dB after 2 s, {late:+.2} dB after 8 s");
            assert!((late - expected).abs() < 0.2, "{late}");
            assert!((early - expected).abs() < 1.0, "{early}");
            assert!(steepest(&found) < 6.1, "{}", steepest(&found));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn what_goes_out_as_it_came_in_and_silence_move_nothing() {
        let mut phrase = PhraseGain::new(RATE, HOP);
        let same = gains(&mut phrase, 100, HOP, 0.1, 0.1);
        assert!(same.iter().all(|gain| *gain == 0.0));
        let held = *gains(&mut phrase, 300, HOP, 0.1, 0.2).last().unwrap();
        assert!(held < -4.0, "{held}");
        // Neither silence, nor what is left of a note and fades otherwise than it did coming in.
        for (dry, wet) in [(0.0, 0.0), (0.001, 0.0001)] {
            let quiet = gains(&mut phrase, 300, HOP, dry, wet);
            assert!(quiet.iter().skip(60).all(|gain| *gain == quiet[60]));
            assert!((quiet[60] - held).abs() < 0.1, "{} after {held}", quiet[60]);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn what_is_made_up_for_in_a_note_that_dies_away_is_not_the_next_one_s() {
        for (wet, next) in [(0.03, 0.1), (0.3, 0.1)] {
            let mut phrase = PhraseGain::new(RATE, HOP);
            let died = *gains(&mut phrase, 300, HOP, 0.1, wet).last().unwrap();
            assert!(died.abs() > 3.9, "{died}");
            let louder = gains(&mut phrase, 20, HOP, 0.1, next);
            println!("{died:+.1} dB, then {louder:.1?}");
            // 50 ms later what sounds is nearly that of now alone.
            let most = if died > 0.0 { 3.5 } else { 6.5 };
            assert!(louder[8].abs() < most, "{}", louder[8]);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn where_nothing_is_played_the_gain_comes_back() {
        let mut phrase = PhraseGain::new(RATE, HOP);
        let played = *gains(&mut phrase, 300, HOP, 0.1, 0.06).last().unwrap();
        assert!(played > 3.0, "{played}");
        for _ in 0..HOPS_A_SECOND {
            phrase.turn(0.0, false, true);
        }
        assert_eq!(phrase.gain, [1.0; 2]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn where_nothing_is_to_be_kept_the_sound_passes_to_the_bit() {
        let mut phrase = PhraseGain::new(RATE, HOP);
        gains(&mut phrase, 300, HOP, 0.1, 0.2);
        phrase.turn(0.0, false, false);
        let mut fading = vec![0.5; HOP];
        phrase.process(&mut [&mut fading], 0..HOP, 0);
        assert!(fading[0] < 0.4 && fading[HOP - 1] == 0.5, "{}", fading[0]);
        phrase.turn(0.0, false, false);
        let mut passed = vec![0.5; HOP];
        phrase.process(&mut [&mut passed], 0..HOP, 0);
        assert!(passed.iter().all(|sample| *sample == 0.5));
        // And nothing is remembered.
        let again = gains(&mut phrase, 50, HOP, 0.1, 0.1);
        assert!(again.iter().all(|gain| *gain == 0.0));
    }

    #[test]
    #[cfg_attr(miri, ignore = "seconds of sound")]
    fn blocks_of_any_length_give_the_same_bits_and_what_is_not_finite_is_not_heard() {
        let of = |block| gains(&mut PhraseGain::new(RATE, HOP), 100, block, 0.1, 0.3);
        assert_eq!(of(HOP), of(1));
        assert_eq!(of(HOP), of(37));
        let mut phrase = PhraseGain::new(RATE, HOP);
        gains(&mut phrase, 100, HOP, 0.1, 0.3);
        let before = phrase.gain_db;
        phrase.turn(f64::NAN, true, true);
        phrase.turn(f64::INFINITY, true, true);
        assert_eq!(phrase.gain_db.to_bits(), before.to_bits());
    }
}
