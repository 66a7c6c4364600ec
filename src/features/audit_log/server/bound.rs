//! Where the stretch of time that a filter lets through begins and ends: days of a reader, or the exact times of a program.

use std::fmt;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::filter::ALL_TIME;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The whole of it, from midnight to midnight, where the reader is.
    Day(NaiveDate),
    At(DateTime<Utc>),
}

impl Bound {
    pub fn start(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => midnight(day, zone),
            Self::At(at) => at,
        }
    }

    /// The first moment that is outside again.
    pub fn end(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.checked_add_days(Days::new(1)).map_or(ALL_TIME.end, |next| midnight(next, zone)),
            Self::At(at) => at,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::At(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        }
    }
}

/// How bounds are spelt by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Days,
    /// RFC 3339, with their offset from UTC.
    Times,
}

impl Written {
    /// None for what is spelt otherwise, and for what lies outside of all time.
    pub fn read(self, text: &str) -> Option<Bound> {
        match self {
            Self::Days => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .filter(|day| (ALL_TIME.start.date_naive()..ALL_TIME.end.date_naive()).contains(day))
                .map(Bound::Day),
            Self::Times => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).filter(|at| ALL_TIME.contains(at)).map(Bound::At),
        }
    }

    /// To follow "is not".
    pub fn says(self) -> &'static str {
        match self {
            Self::Days => "a date. Write it as year, month and day: 2026-11-22",
            Self::Times => "a time. Write it as RFC 3339 does, with its offset from UTC: 2026-11-22T00:00:00Z",
        }
    }

    pub fn backwards(self, from: Bound, to: Bound) -> String {
        match self {
            Self::Days => format!("To ({to}) is before From ({from}). Choose the same day or a later one."),
            Self::Times => format!("To ({to}) is not after From ({from}). Choose a later time."),
        }
    }
}

/// Some days up to the one that it is where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    Today,
    Week,
    Month,
    Quarter,
}

impl Within {
    pub const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::Quarter];

    /// As an address spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    pub fn says(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
            Self::Quarter => "Last 90 days",
        }
    }

    /// Today is one of them.
    pub fn first_day(self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        let days = match self {
            Self::Today => 0,
            Self::Week => 6,
            Self::Month => 29,
            Self::Quarter => 89,
        };
        let today = now.with_timezone(&zone).date_naive();
        today.checked_sub_days(Days::new(days)).unwrap_or(today)
    }
}

/// When a day begins in a zone: at midnight, or at the first moment there is where clocks skip it.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let start = day.and_time(NaiveTime::MIN);
    (0..=96)
        .find_map(|quarter| zone.from_local_datetime(&(start + TimeDelta::minutes(15 * quarter))).earliest())
        .map_or_else(|| start.and_utc(), |at| at.to_utc())
}
