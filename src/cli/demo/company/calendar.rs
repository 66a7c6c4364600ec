//! The month that is lived: when it begins, how busy each hour is, and the dice that make it the same each time.

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Timelike as _, Utc, Weekday};

/// Two days of founding before the thirty that are counted.
pub const DAYS: i64 = 32;

/// From the founding to now.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    pub until: DateTime<Utc>,
}

impl Calendar {
    pub fn begins(self) -> DateTime<Utc> {
        self.midnight(DAYS)
    }

    /// Of a day so many days before today, at a time such as "09:30". Today itself is told by minutes before now.
    pub fn day(self, days_before: i64, time: &str) -> DateTime<Utc> {
        let (hours, minutes) = time.split_once(':').unwrap_or((time, "0"));
        let of = |text: &str| text.parse().unwrap_or_default();
        self.midnight(days_before) + TimeDelta::hours(of(hours)) + TimeDelta::minutes(of(minutes))
    }

    pub fn minutes_ago(self, minutes: i64) -> DateTime<Utc> {
        self.until - TimeDelta::minutes(minutes)
    }

    fn midnight(self, days_before: i64) -> DateTime<Utc> {
        self.until.date_naive().and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(days_before)
    }
}

/// When an application calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// While people work, Monday to Friday, and little else.
    Office,
    /// As shops are visited: evenings too, and at weekends, little at night.
    Shop,
    /// In one hour of the night.
    Nightly,
    /// The same at any time.
    Steady,
}

impl Rhythm {
    /// The share of a weekday's calls that falls into the hour which begins at `at`.
    pub fn share(self, at: DateTime<Utc>) -> f64 {
        let hour = f64::from(at.hour());
        let is_weekend = matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
        // A hill around a time of the day; its area is about one.
        let hill = |middle: f64, width: f64| (-((hour + 0.5 - middle) / width).powi(2)).exp() / (width * 1.77);
        match self {
            Self::Office => f64::midpoint(hill(10.5, 2.5), hill(15.0, 2.5)) * if is_weekend { 0.12 } else { 1.0 },
            Self::Shop => f64::midpoint(hill(12.5, 4.0), hill(19.5, 2.5)) * if is_weekend { 0.6 } else { 1.0 },
            Self::Nightly => f64::from(u8::from(at.hour() == 2)) * if is_weekend { 0.4 } else { 1.0 },
            Self::Steady => 1.0 / 24.0,
        }
    }
}

/// Chance that is the same at every first start (`SplitMix64`, public domain by Sebastiano Vigna).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to `below`, which is not reached.
    pub fn below(&mut self, below: usize) -> usize {
        let below = u64::try_from(below.max(1)).unwrap_or(1);
        usize::try_from(self.next() % below).unwrap_or_default()
    }

    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A whole number around `mean`: a third more or less, and its fraction by chance.
    pub fn around(&mut self, mean: f64) -> usize {
        let thousandth = |dice: &mut Self| f64::from(u32::try_from(dice.below(1000)).unwrap_or_default()) / 1000.0;
        let wanted = mean * (0.67 + 0.66 * thousandth(self));
        let fraction = wanted.fract();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most, and not below nothing")]
        let whole = wanted.max(0.0) as usize;
        whole + usize::from(thousandth(self) < fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-18T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn the_same_dice_fall_the_same_way() {
        let thrown = |seed| (0..20).map(|_| Dice::new(seed).below(100)).collect::<Vec<_>>();
        assert_eq!(thrown(7), thrown(7));
        let mut dice = Dice::new(1);
        let sum: usize = (0..1000).map(|_| dice.around(2.5)).sum();
        assert!((2300..2700).contains(&sum), "{sum}");
    }

    #[test]
    fn a_day_has_its_calls_and_a_weekend_its_own() {
        for rhythm in [Rhythm::Office, Rhythm::Shop, Rhythm::Nightly, Rhythm::Steady] {
            let day = |day: i64| (0..24).map(|hour| rhythm.share(Calendar { until: noon() }.day(day, &format!("{hour}:00")))).sum::<f64>();
            assert!((0.85..1.1).contains(&day(0)), "{rhythm:?}: {}", day(0));
            assert!(rhythm != Rhythm::Office || day(3) < 0.2, "Sunday");
        }
    }

    #[test]
    fn days_are_told_from_today() {
        let calendar = Calendar { until: noon() };
        assert_eq!(calendar.day(1, "09:30").to_rfc3339(), "2026-11-17T09:30:00+00:00");
        assert_eq!(calendar.begins().to_rfc3339(), "2026-10-17T00:00:00+00:00");
        assert_eq!(calendar.minutes_ago(5).to_rfc3339(), "2026-11-18T11:55:00+00:00");
    }
}
