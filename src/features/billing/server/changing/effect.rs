//! What a plan would have made of what was used: the events of a month again, at today's rates, on another plan.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Beyond, room, store};
use crate::{
    access::AskTenant,
    error::AppError,
    features::billing::server::Month,
    money::{Micros, Nanos},
    server::{
        modules,
        plans::{self, Dimension, Plan},
        scope::TenantScope,
    },
};

/// A quarter of an hour of one dimension and module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub starts_at: DateTime<Utc>,
    pub dimension: String,
    pub module: Option<String>,
    pub quantity: i64,
    pub events: i64,
}

const SLOT: TimeDelta = TimeDelta::minutes(15);

/// What a month comes to on a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// What ran, at today's rates.
    pub used: Nanos,
    /// Of that, beyond what is included.
    pub beyond: Nanos,
    /// The price and what is beyond; none where it is agreed by contract.
    pub cost: Option<Micros>,
    /// On a plan that refuses what is beyond: when it would have begun to, and how many billable calls came after.
    pub paused: Option<(DateTime<Utc>, i64)>,
}

/// The slots, by time, on that plan.
pub fn replay(plan: &Plan, slots: &[Slot], now: DateTime<Utc>) -> Replayed {
    let included = plan.included.map(|micros| Nanos::from(Micros(micros)));
    let (mut used, mut refused, mut paused) = (0_i64, 0_i64, None);
    for slot in slots {
        let Some(dimension) = Dimension::named(&slot.dimension) else { continue };
        let cost = dimension.cost(slot.quantity, plans::rate(dimension, now).nanos);
        if cost == 0 {
            continue;
        }
        // What is stored is no call: no pause stops it.
        if dimension != Dimension::StorageGbDay && paused.is_some_and(|at| slot.starts_at >= at) {
            refused += slot.events;
            continue;
        }
        used = used.saturating_add(cost);
        // What comes in the same quarter of an hour is answered as well: it is as exact as the sums are.
        if plan.hard_caps && paused.is_none() && included.is_some_and(|included| used >= included.0) {
            paused = Some(slot.starts_at + SLOT);
        }
    }
    let beyond = if plan.hard_caps { 0 } else { included.map_or(0, |included| (used - included.0).max(0)) };
    let cost = plan.price.filter(|_| included.is_some()).map(|price| Micros(price + Nanos(beyond).rounded().0));
    Replayed { used: Nanos(used), beyond: Nanos(beyond), cost, paused: paused.filter(|_| refused > 0).map(|at| (at, refused)) }
}

/// What choosing among plans comes to.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Whose events were replayed: the last whole month, or the one that runs where that one has none.
    pub month: Month,
    pub is_running: bool,
    /// By key of the plan.
    pub replayed: BTreeMap<String, Replayed>,
    /// Modules that were called in that month, with how often.
    pub called: Vec<(&'static modules::Module, i64)>,
    /// By key of the plan: which live workspaces it has no room for.
    pub beyond: BTreeMap<String, Vec<Beyond>>,
}

/// The account's, on each of these plans.
pub async fn effect<P: AskTenant>(scope: &mut TenantScope<P>, among: &[&Plan]) -> Result<Effect, AppError> {
    let (tenant, now) = (scope.tenant().id, scope.now());
    let running = Month::of(now);
    let last = Month::of(running.begins - TimeDelta::seconds(1));
    let of_last = store::slots(scope, tenant, (last.begins, last.ends)).await?;
    let (month, slots) =
        if of_last.is_empty() { (running, store::slots(scope, tenant, (running.begins, running.ends)).await?) } else { (last, of_last) };
    let mut called: BTreeMap<&str, i64> = BTreeMap::new();
    for slot in &slots {
        if let Some(module) = &slot.module {
            *called.entry(module).or_default() += slot.events;
        }
    }
    let mut beyond = BTreeMap::new();
    for plan in among {
        beyond.insert(plan.key.clone(), room::beyond(scope, tenant, plan).await?);
    }
    Ok(Effect {
        is_running: month == running,
        month,
        replayed: among.iter().map(|plan| (plan.key.clone(), replay(plan, &slots, now))).collect(),
        called: called.into_iter().filter_map(|(key, calls)| Some((modules::find(key)?, calls))).collect(),
        beyond,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().expect("a time")
    }

    fn plan(key: &str) -> &'static Plan {
        plans::find(key, now()).expect("a plan")
    }

    /// Writes cost 100 000 nano-dollars each: 10 000 of them are a dollar.
    fn writes(day: i64, quantity: i64) -> Slot {
        let starts_at = "2026-10-01T00:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::days(day);
        Slot { starts_at, dimension: "rest.write".to_owned(), module: Some("tasks".to_owned()), quantity, events: quantity }
    }

    #[test]
    fn what_is_beyond_is_charged_or_refused() {
        // A hundred and ten dollars.
        let slots = [writes(0, 40_000), writes(1, 20_000), writes(2, 1_040_000)];
        let builder = replay(plan("builder"), &slots, now());
        assert_eq!((builder.used, builder.beyond), (Nanos(110_000_000_000), Nanos(11_000_000_000)));
        assert_eq!((builder.cost, builder.paused), (Some(Micros(110_000_000)), None));
        let team = replay(plan("team"), &slots, now());
        assert_eq!((team.beyond, team.cost), (Nanos(0), Some(Micros(299_000_000))));
        let developer = replay(plan("developer"), &slots, now());
        assert_eq!(developer.paused, Some((slots[1].starts_at + SLOT, 1_040_000)));
        assert_eq!((developer.used, developer.cost), (Nanos(6_000_000_000), Some(Micros(0))));
        assert_eq!(replay(plan("enterprise"), &slots, now()).cost, None);
    }

    #[test]
    fn what_costs_nothing_is_never_refused() {
        let free = Slot { dimension: "bulk.operation".to_owned(), ..writes(3, 5) };
        let slots = [writes(0, 60_000), free];
        assert_eq!(replay(plan("developer"), &slots, now()).paused, None);
        assert_eq!(
            replay(plan("developer"), &[], now()),
            Replayed { used: Nanos(0), beyond: Nanos(0), cost: Some(Micros(0)), paused: None }
        );
    }
}
