//! How often a key or a workspace calls, over all nodes. A node takes a share of the minute from the database, a twentieth
//! of the limit at a time, and lets through no more than it took.
//!
//! Who comes before a share is there calls on credit, which the next share pays. So each node lets through at most one
//! share too many in a minute, and at most one is lost where it stays unused: 5 % of the limit a node, and at least one call.

mod shares;
mod window;

pub use window::Counted;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Timelike as _, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::Rate;
use crate::{error::AppError, ids::TenantId};
use shares::Asked;
use window::Window;

const MINUTE: u32 = 60;

/// What this node has of whose minute.
#[derive(Debug, Default)]
pub struct Limits(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    windows: HashMap<Uuid, Window>,
    /// By the credential's lookup id: whose limits it was counted against the last time.
    callers: HashMap<Uuid, Caller>,
    /// The minute in which those that stopped calling were last forgotten.
    swept: i64,
}

#[derive(Clone, Debug)]
struct Caller {
    tenant: TenantId,
    limits: Vec<(Uuid, u32)>,
    minute: i64,
    /// Held by whoever asks for a share; the others wait for what they bring.
    asking: Arc<tokio::sync::Mutex<()>>,
}

/// A moment, as minutes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    /// Since the epoch.
    minute: i64,
    second: u32,
}

impl Moment {
    fn of(now: DateTime<Utc>) -> Self {
        Self { minute: now.timestamp().div_euclid(i64::from(MINUTE)), second: now.second() }
    }
}

impl Limits {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a share for whoever used theirs up. Before the call's own transaction: nobody waits for a second connection
    /// holding a first. The credential is not proven yet, and nothing is counted: what is taken is the key's all the same.
    pub async fn prepare(&self, db: &PgPool, credential: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
        if self.wanted(credential, Moment::of(now), now).is_none() {
            return Ok(());
        }
        let Some(_turn) = self.turn(credential).await else { return Ok(()) };
        self.ask(db, credential, now).await
    }

    /// The same for a call that was proven and came too early: one of what is there is put aside for it, if there is any.
    pub async fn reserve(&self, db: &PgPool, credential: Uuid, now: DateTime<Utc>) -> Result<bool, AppError> {
        let Some(_turn) = self.turn(credential).await else { return Ok(false) };
        loop {
            self.ask(db, credential, now).await?;
            let mut known = self.known();
            let Some(caller) = known.callers.get(&credential).cloned() else { return Ok(false) };
            let has_left = |id: &Uuid| known.windows.get(id).is_some_and(|window| window.has_left());
            if caller.limits.iter().all(|(id, _)| has_left(id)) {
                for (id, _) in &caller.limits {
                    known.windows.entry(*id).and_modify(|window| *window = window.with_one_more());
                }
                return Ok(true);
            }
            let is_full = |id: &Uuid| known.windows.get(id).is_some_and(|window| window.is_full(now));
            if caller.limits.iter().any(|(id, _)| is_full(id)) {
                return Ok(false);
            }
        }
    }

    async fn turn(&self, credential: Uuid) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        let asking = self.known().callers.get(&credential).map(|caller| caller.asking.clone())?;
        Some(asking.lock_owned().await)
    }

    async fn ask(&self, db: &PgPool, credential: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
        let moment = Moment::of(now);
        // Whoever had the turn before may have brought enough.
        let Some(asked) = self.wanted(credential, moment, now) else { return Ok(()) };
        let shares = shares::take(db, &asked, moment).await?;
        let mut known = self.known();
        for ((id, _, wanted), share) in asked.limits.iter().zip(shares) {
            known.windows.entry(*id).or_default().take(*wanted, &share, moment, now);
        }
        Ok(())
    }

    /// What is to be asked for; none where there is enough, or where it was full a moment ago.
    fn wanted(&self, credential: Uuid, moment: Moment, now: DateTime<Utc>) -> Option<Asked> {
        let known = self.known();
        let caller = known.callers.get(&credential)?;
        let of = |id: &Uuid| known.windows.get(id).copied().unwrap_or_default().at(moment.minute);
        if !caller.limits.iter().any(|(id, _)| of(id).is_used_up(now)) {
            return None;
        }
        let limits = caller.limits.iter().map(|(id, limit)| (*id, *limit, of(id).wanted(*limit))).collect();
        Some(Asked { tenant: caller.tenant, limits })
    }

    /// Counts one proven call for each of these, unless it was put aside for it or there is no room with one of them. Returns what is left of
    /// the tightest, and of one that refuses its limit and in how many seconds there is room.
    pub fn count(&self, credential: Uuid, tenant: TenantId, limits: &[(Uuid, u32)], is_reserved: bool, now: DateTime<Utc>) -> Counted {
        let moment = Moment::of(now);
        let mut known = self.known();
        known.sweep(moment.minute);
        if limits.is_empty() {
            known.callers.remove(&credential);
            return Counted::default();
        }
        let caller = known.callers.entry(credential).or_insert_with(|| Caller {
            tenant,
            limits: Vec::new(),
            minute: moment.minute,
            asking: Arc::default(),
        });
        caller.minute = moment.minute;
        if caller.limits != limits {
            caller.limits = limits.to_vec();
            // What was full may have room since.
            for (id, _) in limits {
                known.windows.entry(*id).and_modify(|window| *window = window.asked_anew());
            }
        }
        let windows: Vec<_> =
            limits.iter().map(|(id, limit)| (*id, *limit, known.windows.get(id).copied().unwrap_or_default().at(moment.minute))).collect();
        let lacking = windows.iter().find(|(_, limit, window)| !window.has_room(*limit, now));
        if let Some((_, limit, window)) = lacking.filter(|_| !is_reserved) {
            let (limit, is_early, retry_after) = (*limit, !window.is_full(now), window.room_after(moment.second, *limit));
            let rate = Rate { limit, remaining: 0, reset: retry_after };
            return Counted { rate: Some(rate), refused: Some((limit, retry_after)), is_early };
        }
        let mut tightest: Option<Rate> = None;
        for (id, limit, window) in windows {
            let counted = if is_reserved { window } else { window.with_one_more() };
            known.windows.insert(id, counted);
            let left = Rate { limit, remaining: counted.remaining(moment.second, limit), reset: MINUTE - moment.second };
            tightest = Some(tightest.filter(|other| other.remaining <= left.remaining).unwrap_or(left));
        }
        Counted { rate: tightest, ..Counted::default() }
    }
}

impl Known {
    fn sweep(&mut self, minute: i64) {
        if self.swept != minute {
            self.windows.retain(|_, window| window.is_of_late(minute));
            self.callers.retain(|_, caller| minute - caller.minute <= 1);
            self.swept = minute;
        }
    }
}

#[cfg(test)]
mod tests;
