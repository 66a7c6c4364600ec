//! From values to places: where the axis ends, where its ticks are, and how high a bar is. Whole numbers all the way.

/// Ticks above zero at most.
const TICKS_MAX: i64 = 5;

/// An axis that begins at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// From one tick to the next.
    step: i64,
    /// Where it ends: a tick.
    top: i64,
    /// In pixels.
    height: i64,
}

impl Scale {
    /// One that holds `largest`, and ends at a round number.
    pub fn up_to(largest: i64, height: i64) -> Self {
        let step = step(largest.max(1));
        let top = (i128::from(largest.max(1)) + i128::from(step) - 1) / i128::from(step) * i128::from(step);
        Self { step, top: i64::try_from(top).unwrap_or(i64::MAX), height }
    }

    pub fn ticks(self) -> impl Iterator<Item = i64> {
        (0..=self.top / self.step).map(move |tick| tick * self.step)
    }

    /// How far above zero, in pixels. What is more than nothing is seen.
    pub fn rise(self, value: i64) -> i64 {
        if value <= 0 {
            return 0;
        }
        let exact = (i128::from(value) * i128::from(self.height) + i128::from(self.top) / 2) / i128::from(self.top);
        i64::try_from(exact).unwrap_or(self.height).clamp(1, self.height)
    }
}

/// The smallest of 1, 2, 5, 10, 20, … that needs no more ticks than there may be.
fn step(largest: i64) -> i64 {
    let needed = (largest - 1) / TICKS_MAX + 1;
    let mut power: i64 = 1;
    loop {
        for round in [1, 2, 5] {
            let Some(step) = power.checked_mul(round) else { return i64::MAX };
            if step >= needed {
                return step;
            }
        }
        let Some(next) = power.checked_mul(10) else { return i64::MAX };
        power = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number_that_holds_everything() {
        let ticks = |largest| Scale::up_to(largest, 180).ticks().collect::<Vec<_>>();
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(3), [0, 1, 2, 3]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(100), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(20_001), [0, 5000, 10_000, 15_000, 20_000, 25_000]);
        for largest in [1, 9, 99, 12_345, i64::MAX / 2, i64::MAX] {
            let scale = Scale::up_to(largest, 180);
            assert!(scale.top >= largest && scale.ticks().count() <= 6, "{scale:?}");
        }
    }

    #[test]
    fn a_bar_is_as_high_as_its_value_and_never_out_of_sight() {
        let scale = Scale::up_to(100, 200);
        assert_eq!([0, 50, 100].map(|value| scale.rise(value)), [0, 100, 200]);
        assert_eq!(Scale::up_to(1_000_000, 200).rise(1), 1);
        assert_eq!(Scale::up_to(i64::MAX, 200).rise(i64::MAX), 200);
    }
}
