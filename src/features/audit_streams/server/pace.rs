//! When a stream that failed is tried again, when its people are told, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, header::RETRY_AFTER};

/// Seconds to wait after the first failure, the second, and so on; the last of them from then on.
const WAITS: [i64; 6] = [5, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60];
/// Nobody is kept waiting longer by what a receiver says.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// After so long of nothing but failure its people are told, and after so long it is paused.
pub const TELL_AFTER: TimeDelta = TimeDelta::hours(1);
pub const PAUSE_AFTER: TimeDelta = TimeDelta::days(5);

/// How long to wait after this failure, counted from 1.
pub fn wait(failures: i32) -> TimeDelta {
    let place = usize::try_from(failures.max(1) - 1).unwrap_or_default().min(WAITS.len() - 1);
    TimeDelta::seconds(WAITS[place])
}

/// What the receiver asks for (RFC 9110 §10.2.3): seconds, or a date.
pub fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now,
    };
    Some(wait.clamp(TimeDelta::seconds(1), LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_go_on() {
        let waits: Vec<i64> = (1..=8).map(|failure| wait(failure).num_seconds()).collect();
        assert_eq!(waits, [5, 30, 120, 600, 1800, 3600, 3600, 3600]);
        assert_eq!((wait(0), wait(i32::MAX)), (wait(1), wait(6)));
    }

    #[test]
    fn a_receiver_says_when_and_not_for_ever() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().expect("a time");
        let asked = |text: &str| {
            let headers = [(RETRY_AFTER, text.parse().expect("a value"))].into_iter().collect();
            asked(&headers, now).map(|wait| wait.num_seconds())
        };
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked("Sat, 21 Nov 2026 12:01:30 GMT"), Some(90));
        assert_eq!(asked("Sat, 21 Nov 2026 11:00:00 GMT"), Some(1));
        assert_eq!(asked("0"), Some(1));
        assert_eq!(asked("4000000000"), Some(86_400));
        assert_eq!((asked("soon"), asked("-5")), (None, None));
        assert_eq!(super::asked(&HeaderMap::new(), now), None);
    }
}
