//! Refusals that a node counts by itself for a moment: a flood of them costs the database one statement a second for each
//! credential and reason, and no connection beyond that.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Refusal;

/// How long further refusals are counted here before the database hears of them. What was counted in it is lost where the
/// process is killed.
pub(super) const HOLD: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug, Default)]
pub struct Knocks(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    of: HashMap<Whose, Waiting>,
    swept: DateTime<Utc>,
    /// Whether somebody comes for those that wait.
    expected: bool,
}

/// Tenant, workspace, credential and reason.
type Whose = (Uuid, Option<Uuid>, String, String);

#[derive(Debug, Default)]
struct Waiting {
    told: DateTime<Utc>,
    times: i32,
    last: Option<Refusal>,
}

/// What is to be done about a refusal.
#[derive(Debug)]
pub(super) enum Knock {
    /// The database is to hear of it, and of those that waited: so many in all.
    Tell(Box<Refusal>, i32),
    /// It waits, and nobody comes yet for those that do.
    Waits,
    Counted,
}

impl Knocks {
    pub(super) fn count(&self, refusal: Refusal, now: DateTime<Utc>) -> Knock {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - held.swept >= HOLD {
            held.of.retain(|_, waiting| waiting.times > 0 || now - waiting.told < HOLD);
            held.swept = now;
        }
        let whose = (refusal.tenant, refusal.workspace, refusal.credential.clone(), refusal.reason.clone());
        let waiting = held.of.entry(whose).or_default();
        if now - waiting.told >= HOLD {
            waiting.told = now;
            waiting.last = None;
            return Knock::Tell(Box::new(refusal), mem::take(&mut waiting.times).saturating_add(1));
        }
        waiting.times = waiting.times.saturating_add(1);
        waiting.last = Some(refusal);
        if mem::replace(&mut held.expected, true) { Knock::Counted } else { Knock::Waits }
    }

    /// What whoever was expected does: the next that waits expects another. Nobody else says so, or each who came besides
    /// would leave one more behind.
    pub(super) fn come(&self, now: DateTime<Utc>) -> Vec<(Refusal, i32)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).expected = false;
        self.take(now)
    }

    /// Takes all that wait, each with how often: the database hears of them now.
    pub(super) fn take(&self, now: DateTime<Utc>) -> Vec<(Refusal, i32)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = held.of.values_mut().filter_map(|waiting| {
            let last = waiting.last.take()?;
            waiting.told = now;
            Some((last, mem::take(&mut waiting.times)))
        });
        taken.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::TenantId,
        server::{
            clock::Clock,
            events::{Actor, Log},
            http::request::RequestContext,
        },
    };

    fn refusal(reason: &str) -> Refusal {
        let tenant = TenantId(Uuid::nil());
        Refusal {
            log: Log::Tenant(tenant),
            tenant: tenant.0,
            workspace: None,
            actor: Actor::operator(),
            credential: "one".to_owned(),
            permission: "ReadAudit".to_owned(),
            reason: reason.to_owned(),
            request: RequestContext::internal(&Clock::system(), "console", "/"),
        }
    }

    /// A minute of refusals, ten each second; whoever is expected comes a second later, and somebody else every five.
    #[test]
    fn a_lasting_flood_is_told_once_a_second_and_whole() {
        let (knocks, mut now) = (Knocks::default(), Clock::system().now());
        let (mut statements, mut told, mut due) = (0, 0, Vec::new());
        for turn in 0..600 {
            if turn % 50 == 49 {
                for (_, times) in knocks.take(now) {
                    (statements, told) = (statements + 1, told + times);
                }
            }
            if due.first().is_some_and(|at| *at <= now) {
                due.remove(0);
                for (_, times) in knocks.come(now) {
                    (statements, told) = (statements + 1, told + times);
                }
            }
            match knocks.count(refusal("no"), now) {
                Knock::Tell(_, times) => (statements, told) = (statements + 1, told + times),
                Knock::Waits => due.push(now + HOLD),
                Knock::Counted => {}
            }
            assert!(due.len() <= 1, "one comes for all");
            now += TimeDelta::milliseconds(100);
        }
        told += knocks.take(now).into_iter().map(|(_, times)| times).sum::<i32>();
        assert_eq!(told, 600);
        assert!((58..=80).contains(&statements), "{statements} statements in a minute");
    }

    #[test]
    fn each_reason_is_told_for_itself() {
        let (knocks, now) = (Knocks::default(), Clock::system().now());
        for reason in ["no", "never"] {
            assert!(matches!(knocks.count(refusal(reason), now), Knock::Tell(_, 1)), "{reason}");
        }
        assert!(matches!(knocks.count(refusal("no"), now), Knock::Waits));
        assert!(matches!(knocks.count(refusal("never"), now), Knock::Counted));
        assert_eq!(knocks.take(now).len(), 2);
        assert_eq!(knocks.take(now).len(), 0);
    }
}
