//! The largest of any stretch of values, soon.

/// The largest of stretches of values, each in two looks; nothing allocates after construction.
///
/// It keeps the largest of every 1, 2, 4 ... values in a row; any stretch is two of those, which may overlap: the sparse table of
/// M. A. Bender and M. Farach-Colton, "The LCA problem revisited", LATIN 2000.
pub struct Maxima {
    /// By the logarithm of how many values are looked at, and by the first of them.
    rows: Vec<Vec<f32>>,
}

impl Maxima {
    /// Of so many values, all 0. Allocates.
    pub fn new(count: usize) -> Self {
        let rows = count.checked_ilog2().map_or(0, |doublings| doublings + 1);
        Self {
            rows: (0..rows).map(|_| vec![0.0; count]).collect(),
        }
    }

    /// Takes the values in, of which there are as many as it was made for.
    pub fn fill(&mut self, values: &[f32]) {
        let Some((first, rows)) = self.rows.split_first_mut() else {
            return;
        };
        for (place, value) in first.iter_mut().zip(values) {
            *place = *value;
        }
        let mut before: &[f32] = first;
        for (doublings, row) in rows.iter_mut().enumerate() {
            let beside = before.get(1 << doublings..).unwrap_or_default();
            for ((place, one), other) in row.iter_mut().zip(before).zip(beside) {
                *place = if one > other { *one } else { *other };
            }
            before = row;
        }
    }

    /// The largest from the value `first` to the value `last`, both included; 0 where there is none.
    pub fn between(&self, first: usize, last: usize) -> f32 {
        let count = (last + 1).saturating_sub(first);
        let Some(doublings) = count.checked_ilog2() else {
            return 0.0;
        };
        let row = self.rows.get(doublings as usize).map(Vec::as_slice);
        let at = |place: usize| row.and_then(|row| row.get(place)).copied();
        let [one, other] =
            [at(first), at(last + 1 - (1 << doublings))].map(Option::unwrap_or_default);
        one.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        #[cfg_attr(miri, ignore = "hundreds of cases: hours")]
        fn of_any_stretch_it_is_the_largest(values in prop::collection::vec(0.0_f32..1.0, 1..70), first: u8, last: u8) {
            let mut maxima = Maxima::new(values.len());
            maxima.fill(&values);
            let (first, last) = (usize::from(first) % values.len(), usize::from(last) % values.len());
            let (first, last) = (first.min(last), first.max(last));
            let largest = values[first..=last].iter().copied().fold(0.0, f32::max);
            prop_assert_eq!(maxima.between(first, last), largest);
        }
    }

    #[test]
    fn of_nothing_there_is_none() {
        let mut empty = Maxima::new(0);
        empty.fill(&[]);
        assert_eq!(empty.between(0, 0), 0.0);
        let mut one = Maxima::new(1);
        one.fill(&[2.0]);
        assert_eq!(
            (one.between(0, 0), one.between(1, 0), one.between(4, 5)),
            (2.0, 0.0, 0.0)
        );
    }
}
