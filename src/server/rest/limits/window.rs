//! One minute of one key or workspace, as a node knows it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{MINUTE, Moment, Rate, shares::Share};

/// Of a limit, one in so many calls is taken at a time.
const SHARES: u32 = 20;
/// Who was given nothing asks again after this long: refused calls cost the database no more than the others.
const FULL_FOR: TimeDelta = TimeDelta::seconds(1);

/// What became of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How much is left of the tightest limit; none where there is no limit.
    pub rate: Option<Rate>,
    /// The limit, and in how many seconds there is room.
    pub refused: Option<(u32, u32)>,
    /// Refused for want of a share that nobody asked for yet: it may come again when it did.
    pub is_early: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Since the epoch.
    minute: i64,
    /// Given to all nodes in the minute before, and in this one.
    before: u32,
    given: u32,
    /// Of what this node was given, not yet used.
    left: u32,
    /// Called without having been given.
    owed: u32,
    full_until: Option<DateTime<Utc>>,
}

impl Window {
    pub fn at(self, minute: i64) -> Self {
        match minute - self.minute {
            // Also for a call that read the clock just before another one began the minute.
            -1..=0 => self,
            1 => Self { minute, before: self.given, owed: self.owed, ..Self::default() },
            _ => Self { minute, ..Self::default() },
        }
    }

    pub fn is_of_late(self, minute: i64) -> bool {
        (-1..=1).contains(&(minute - self.minute))
    }

    /// Whether there was no room a moment ago.
    pub fn is_full(self, now: DateTime<Utc>) -> bool {
        self.full_until.is_some_and(|until| now < until && until <= now + FULL_FOR)
    }

    pub fn is_used_up(self, now: DateTime<Utc>) -> bool {
        self.left == 0 && !self.is_full(now)
    }

    /// A share, and what was called on credit.
    pub fn wanted(self, limit: u32) -> u32 {
        if self.left == 0 { share(limit) + self.owed } else { 0 }
    }

    /// Nothing is known of whether there is room.
    #[must_use]
    pub fn asked_anew(self) -> Self {
        Self { full_until: None, ..self }
    }

    pub fn has_left(self) -> bool {
        self.left > 0
    }

    /// With what was asked for and what was given.
    pub fn take(&mut self, wanted: u32, share: &Share, moment: Moment, now: DateTime<Utc>) {
        let known = self.at(moment.minute);
        let paid = known.owed.min(share.granted);
        *self = Self {
            before: share.before,
            given: share.given,
            left: known.left + share.granted - paid,
            owed: known.owed - paid,
            full_until: (share.granted < wanted && known.left + share.granted == paid).then(|| now + FULL_FOR),
            ..known
        };
    }

    /// Whether one more may call: of what was given, or on credit.
    pub fn has_room(self, limit: u32, now: DateTime<Utc>) -> bool {
        self.left > 0 || (!self.is_full(now) && self.owed < share(limit))
    }

    #[must_use]
    pub fn with_one_more(self) -> Self {
        match self.left.checked_sub(1) {
            Some(left) => Self { left, ..self },
            None => Self { owed: self.owed + 1, ..self },
        }
    }

    /// Of the last 60 seconds, as if the calls of the minute before had come evenly.
    fn used(self, second: u32) -> u32 {
        let before = u64::from(self.before) * u64::from(MINUTE - second) / u64::from(MINUTE);
        self.given.saturating_add(u32::try_from(before).unwrap_or(u32::MAX))
    }

    /// As far as this node knows: what others use of their shares is gone.
    pub fn remaining(self, second: u32, limit: u32) -> u32 {
        (limit.saturating_sub(self.used(second)) + self.left).saturating_sub(self.owed).min(limit)
    }

    /// In how many seconds there is room for a call, where nobody calls meanwhile.
    pub fn room_after(self, second: u32, limit: u32) -> u32 {
        let next = Self { left: 0, owed: 0, ..self.at(self.minute + 1) };
        let used = |at: u32| if at < MINUTE { self.used(at) } else { next.used(at - MINUTE) };
        (1..MINUTE * 2 - second).find(|later| used(second + later) < limit).unwrap_or(MINUTE * 2 - second)
    }
}

fn share(limit: u32) -> u32 {
    (limit / SHARES).max(1)
}
