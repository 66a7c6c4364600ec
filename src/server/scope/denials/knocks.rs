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
    /// It is the first that waits.
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
        if waiting.times == 1 { Knock::Waits } else { Knock::Counted }
    }

    /// Takes all that wait, each with how often.
    pub(super) fn take(&self) -> Vec<(Refusal, i32)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.of.values_mut().filter_map(|waiting| Some((waiting.last.take()?, mem::take(&mut waiting.times)))).collect()
    }
}
