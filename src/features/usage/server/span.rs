//! Where a stretch of time begins and ends, as people and programs write it: a day of a zone, or an exact moment.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::period::{Times, day_after, day_start, is_whole_quarter};

/// Nothing was used before or after.
const ALL_TIME: Times =
    DateTime::from_timestamp(946_684_800, 0).expect("a time")..DateTime::from_timestamp(4_102_444_800, 0).expect("a time");
/// At once.
const DAYS_MAX: i64 = 3660;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    /// Of a day, the first moment after it.
    End,
}

pub fn label(edge: Edge) -> &'static str {
    match edge {
        Edge::Start => "From",
        Edge::End => "To",
    }
}

/// # Errors
/// What is wrong with it, to follow its name.
pub fn read(text: &str, edge: Edge, zone: Tz) -> Result<DateTime<Utc>, &'static str> {
    const UNREADABLE: &str = "is neither a day (2026-11-22) nor a time as RFC 3339 writes it (2026-11-22T00:00:00Z).";
    let at = match (NaiveDate::parse_from_str(text, "%Y-%m-%d"), edge) {
        (Ok(day), Edge::Start) => day_start(day, zone),
        (Ok(day), Edge::End) => day_start(day_after(day), zone),
        (Err(_), _) => DateTime::parse_from_rfc3339(text).map_err(|_| UNREADABLE)?.to_utc(),
    };
    if (ALL_TIME.start..=ALL_TIME.end).contains(&at) { Ok(at) } else { Err("is not between the years 2000 and 2099.") }
}

/// # Errors
/// Where figures cannot be cut there.
pub fn whole_quarter(at: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    if is_whole_quarter(at) { Ok(at) } else { Err("is not a whole quarter of an hour: figures begin and end at minute 0, 15, 30 or 45.") }
}

/// # Errors
/// Where there is nothing between, or too much.
pub fn check(times: &Times) -> Result<(), String> {
    if times.end <= times.start {
        return Err("To is not after From. Choose a later one.".to_owned());
    }
    if times.end - times.start > TimeDelta::days(DAYS_MAX) {
        return Err(format!("From and To are more than {DAYS_MAX} days apart. Choose a shorter time."));
    }
    Ok(())
}

/// Whether something can have been used then.
pub fn is_in_time(at: DateTime<Utc>) -> bool {
    ALL_TIME.contains(&at)
}
