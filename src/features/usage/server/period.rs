//! Stretches of time as their reader's calendar cuts them: the hours, days and months of a zone. Every boundary is a
//! whole quarter of an hour, and what is rolled up is too: an hour or a day of any zone is a sum of whole rows.

use std::ops::Range;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;

pub type Times = Range<DateTime<Utc>>;

/// In seconds: what is rolled up is of as much time.
pub const QUARTER: i64 = 900;

/// How finely time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    Hour,
    Day,
    Month,
}

impl Grain {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.name() == name)
    }

    #[must_use]
    pub fn coarser(self) -> Self {
        match self {
            Self::Hour => Self::Day,
            Self::Day | Self::Month => Self::Month,
        }
    }

    /// The first beginning after `at`.
    fn next(self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let day = at.with_timezone(&zone).date_naive();
        match self {
            Self::Hour => next_hour(at, zone),
            Self::Day => day_start(day_after(day), zone),
            Self::Month => day_start(month_after(day), zone),
        }
    }

    /// The whole of it, as a sentence names it: "21 Nov 2026, 14:00 CET".
    pub fn says(self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        match self {
            Self::Hour => local.format("%-d %b %Y, %H:%M %Z").to_string(),
            Self::Day => local.format("%a %-d %b %Y").to_string(),
            Self::Month => local.format("%B %Y").to_string(),
        }
    }

    /// As short as an axis needs it.
    pub fn tick(self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        match self {
            Self::Hour => local.format("%-d %b %H:%M").to_string(),
            Self::Day => local.format("%-d %b").to_string(),
            Self::Month => local.format("%b %Y").to_string(),
        }
    }
}

/// Where each hour, day or month of these times begins, and where the last one ends; the first and the last are cut to
/// the times. None where there are more than `most`.
pub fn cut(times: &Times, grain: Grain, zone: Tz, most: usize) -> Option<Vec<DateTime<Utc>>> {
    let mut bounds = vec![times.start];
    loop {
        let next = grain.next(*bounds.last()?, zone);
        if next >= times.end {
            bounds.push(times.end);
            return Some(bounds);
        }
        if bounds.len() == most {
            return None;
        }
        bounds.push(next);
    }
}

/// The first full hour of the zone's clocks after `at`. Where clocks go back by less than an hour, that hour is longer.
pub fn next_hour(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let quarter = at - TimeDelta::nanoseconds(nanos_into_quarter(at));
    (1..=12)
        .map(|quarters| quarter + TimeDelta::seconds(QUARTER * quarters))
        .find(|at| at.with_timezone(&zone).minute() == 0)
        .unwrap_or(quarter + TimeDelta::hours(1))
}

/// When a day begins in a zone: at midnight, the first of two, or at the first moment there is where clocks skip it.
pub fn day_start(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let start = day.and_time(NaiveTime::MIN);
    (0..=96)
        .find_map(|quarter| zone.from_local_datetime(&(start + TimeDelta::minutes(15 * quarter))).earliest())
        .map_or_else(|| start.and_utc(), |at| at.to_utc())
}

pub fn day_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

pub fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

pub fn month_after(day: NaiveDate) -> NaiveDate {
    month_start(day).checked_add_months(Months::new(1)).unwrap_or(day)
}

fn nanos_into_quarter(at: DateTime<Utc>) -> i64 {
    at.timestamp().rem_euclid(QUARTER) * 1_000_000_000 + i64::from(at.timestamp_subsec_nanos())
}

pub fn is_whole_quarter(at: DateTime<Utc>) -> bool {
    nanos_into_quarter(at) == 0
}

/// In an address, and in the API.
pub fn spelt(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// How long each hour or day is, in minutes.
    fn lengths(from: &str, to: &str, grain: Grain, zone: Tz) -> Vec<i64> {
        let times = day_start(day(from), zone)..day_start(day(to), zone);
        let bounds = cut(&times, grain, zone, 1000).expect("not many");
        assert!(bounds.iter().all(|bound| is_whole_quarter(*bound)), "{zone}: {bounds:?}");
        bounds.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect()
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        use chrono_tz::{Africa::Cairo, America::New_York, Asia::Kathmandu, Australia::Lord_Howe, Pacific::Apia};
        let hours = |from, to, zone| lengths(from, to, Grain::Day, zone).into_iter().map(|minutes| minutes / 60).collect::<Vec<_>>();
        assert_eq!(hours("2026-10-31", "2026-11-03", New_York), [24, 25, 24]);
        assert_eq!(hours("2026-03-07", "2026-03-10", New_York), [24, 23, 24]);
        assert_eq!(hours("2026-04-23", "2026-04-26", Cairo), [24, 23, 24], "midnight itself is skipped");
        assert_eq!(hours("2011-12-29", "2012-01-01", Apia), [24, 24], "a whole day was skipped");
        assert_eq!(hours("2026-11-20", "2026-11-22", Kathmandu), [24, 24]);
        assert_eq!(lengths("2026-04-05", "2026-04-06", Grain::Day, Lord_Howe), [24 * 60 + 30]);
    }

    #[test]
    fn an_hour_is_one_of_the_zones_own_clocks() {
        use chrono_tz::{America::New_York, Asia::Kathmandu, Australia::Lord_Howe};
        assert_eq!(lengths("2026-11-01", "2026-11-02", Grain::Hour, New_York), [60; 25]);
        assert_eq!(lengths("2026-03-08", "2026-03-09", Grain::Hour, New_York), [60; 23]);
        assert_eq!(lengths("2026-11-21", "2026-11-22", Grain::Hour, Kathmandu), [60; 24]);
        assert_eq!(next_hour(at("2026-11-21T12:00:00Z"), Kathmandu), at("2026-11-21T12:15:00Z"));
        let lord_howe = lengths("2026-04-05", "2026-04-06", Grain::Hour, Lord_Howe);
        assert_eq!((lord_howe.len(), lord_howe.iter().max()), (24, Some(&90)), "half an hour comes twice: {lord_howe:?}");
        // The two hours that a clock shows alike are told apart.
        let twice = ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"].map(|hour| Grain::Hour.says(at(hour), New_York));
        assert_eq!(twice, ["1 Nov 2026, 01:00 EDT", "1 Nov 2026, 01:00 EST"]);
    }

    #[test]
    fn times_are_cut_without_a_gap_and_no_finer_than_allowed() {
        let times = at("2026-01-31T12:15:00Z")..at("2026-03-01T06:30:00Z");
        let months = cut(&times, Grain::Month, Tz::UTC, 10).expect("few");
        assert_eq!(months, [times.start, at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"), times.end]);
        assert_eq!(cut(&times, Grain::Month, Tz::UTC, 2), None);
        assert_eq!(cut(&times, Grain::Hour, Tz::UTC, 500), None);
        assert_eq!(cut(&times, Grain::Hour, Tz::UTC, 1000).map(|bounds| bounds.len() - 1), Some(12 + 28 * 24 + 7));
        let short = at("2026-01-31T12:15:00Z")..at("2026-01-31T12:30:00Z");
        assert_eq!(cut(&short, Grain::Day, Tz::UTC, 1), Some(vec![short.start, short.end]));
    }
}
