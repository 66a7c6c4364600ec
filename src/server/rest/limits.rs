//! How often a key or a workspace calls: a sliding minute, kept on this node.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Timelike as _, Utc};
use uuid::Uuid;

use super::Rate;

const MINUTE: u32 = 60;

/// The calls of this minute and of the one before, by whoever they are counted for.
#[derive(Debug, Default)]
pub struct Limits(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    of: HashMap<Uuid, Window>,
    /// The minute in which those that stopped calling were last forgotten.
    swept: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// Since the epoch.
    minute: i64,
    before: u32,
    during: u32,
}

impl Window {
    fn at(self, minute: i64) -> Self {
        match minute - self.minute {
            // Also for a call that read the clock just before another one began the minute.
            ..=0 => self,
            1 => Self { minute, before: self.during, during: 0 },
            _ => Self { minute, before: 0, during: 0 },
        }
    }

    /// Of the last 60 seconds, as if the calls of the minute before had come evenly.
    fn used(self, second: u32) -> u32 {
        let before = u64::from(self.before) * u64::from(MINUTE - second) / u64::from(MINUTE);
        self.during.saturating_add(u32::try_from(before).unwrap_or(u32::MAX))
    }

    /// In how many seconds there is room for a call, where nobody calls meanwhile.
    fn room_after(self, second: u32, limit: u32) -> u32 {
        let next = self.at(self.minute + 1);
        let used = |at: u32| if at < MINUTE { self.used(at) } else { next.used(at - MINUTE) };
        (1..MINUTE * 2 - second).find(|later| used(second + later) < limit).unwrap_or(MINUTE * 2 - second)
    }
}

impl Limits {
    /// Counts one call for each of these, unless there is no room for it with one of them. Returns what is left of the
    /// tightest, and of one that refuses its limit and in how many seconds there is room.
    pub fn count(&self, limits: &[(Uuid, u32)], now: DateTime<Utc>) -> (Option<Rate>, Option<(u32, u32)>) {
        let (minute, second) = (now.timestamp().div_euclid(i64::from(MINUTE)), now.second());
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.swept != minute {
            windows.of.retain(|_, window| minute - window.minute <= 1);
            windows.swept = minute;
        }
        let known: Vec<_> =
            limits.iter().map(|(id, limit)| (*id, *limit, windows.of.get(id).copied().unwrap_or_default().at(minute))).collect();
        let refused = known.iter().find(|(_, limit, window)| window.used(second) >= *limit);
        if let Some((_, limit, window)) = refused {
            let retry_after = window.room_after(second, *limit);
            return (Some(Rate { limit: *limit, remaining: 0, reset: retry_after }), Some((*limit, retry_after)));
        }
        let mut tightest: Option<Rate> = None;
        for (id, limit, window) in known {
            let counted = Window { during: window.during + 1, ..window };
            windows.of.insert(id, counted);
            let left = Rate { limit, remaining: limit.saturating_sub(counted.used(second)), reset: MINUTE - second };
            tightest = Some(tightest.filter(|other| other.remaining <= left.remaining).unwrap_or(left));
        }
        (tightest, None)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn calls(limits: &Limits, limit: u32, at: DateTime<Utc>) -> u32 {
        (0..1000).take_while(|_| limits.count(&[(Uuid::nil(), limit)], at).1.is_none()).count().try_into().expect("few")
    }

    #[test]
    fn a_minute_holds_so_many_calls_and_slides() {
        let limits = Limits::default();
        assert_eq!(calls(&limits, 60, start()), 60);
        let (rate, refused) = limits.count(&[(Uuid::nil(), 60)], start() + TimeDelta::seconds(30));
        assert_eq!(refused, Some((60, 31)));
        assert_eq!(rate.map(|rate| rate.remaining), Some(0));
        // Half of the minute before still counts.
        assert_eq!(calls(&limits, 60, start() + TimeDelta::seconds(90)), 30);
        assert_eq!(calls(&limits, 60, start() + TimeDelta::seconds(600)), 60);
    }

    #[test]
    fn the_tighter_one_is_said_and_neither_is_counted_where_one_refuses() {
        let (key, workspace) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let limits = Limits::default();
        let both = [(key, 2), (workspace, 100)];
        let remaining = |limits: &Limits| limits.count(&both, start()).0.map(|rate| (rate.limit, rate.remaining));
        assert_eq!(remaining(&limits), Some((2, 1)));
        assert_eq!(remaining(&limits), Some((2, 0)));
        assert_eq!(limits.count(&both, start()).1, Some((2, 61)));
        assert_eq!(limits.count(&[(workspace, 100)], start()).0.map(|rate| rate.remaining), Some(97));
    }

    #[test]
    fn a_call_that_comes_late_over_the_minutes_end_frees_nothing() {
        let (limits, end) = (Limits::default(), start() + TimeDelta::milliseconds(59_999));
        assert_eq!(calls(&limits, 60, end + TimeDelta::milliseconds(1)), 60);
        assert_eq!(calls(&limits, 60, end), 0);
    }

    #[test]
    fn without_a_limit_nothing_is_said() {
        assert_eq!(Limits::default().count(&[], start()), (None, None));
    }

    #[test]
    fn those_that_stopped_calling_are_forgotten() {
        let limits = Limits::default();
        for caller in 0..100 {
            limits.count(&[(Uuid::from_u128(caller), 9)], start());
        }
        limits.count(&[(Uuid::nil(), 9)], start() + TimeDelta::minutes(5));
        assert_eq!(limits.0.lock().expect("windows").of.len(), 1);
    }
}
