//! Another plan, as whoever pays asks for it: a larger one at once, a smaller one when the month ends, until when it can be
//! withdrawn.

mod due;
mod effect;
mod room;
mod telling;

pub use due::{apply_as, apply_due};
pub use effect::{Effect, Replayed, Slot, effect, replay};
pub use room::{Beyond, beyond, note as note_room};

use chrono::{DateTime, Utc};

use super::{hold_plan, store::changing as store};
use crate::{
    access::{AskTenant, tenant::ManageBilling},
    error::AppError,
    ids::{PlanChangeId, TenantId, UserId},
    server::{
        events::{Event, EventKind, Log, Target},
        plans::{self, Plan},
        scope::{Reach, Scope, TenantScope},
        standing::month_after,
    },
};

/// A change that waits for its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: PlanChangeId,
    pub from: String,
    pub to: String,
    pub asked_by: UserId,
    pub asked_at: DateTime<Utc>,
    pub takes_effect_at: DateTime<Utc>,
}

/// How a change that waited ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    Done,
    Withdrawn,
    /// By another plan that came first.
    Overtaken,
}

impl Became {
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
            Self::Overtaken => "overtaken",
        }
    }
}

/// When a plan that was asked for is the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Now,
    Then(DateTime<Utc>),
    /// What waited does not come.
    Withdrawn,
    /// It was so already.
    Nothing,
}

/// When a change from one plan to the other takes effect: up at once, down with the next month.
pub fn takes_effect(from: &Plan, to: &Plan, now: DateTime<Utc>) -> From {
    if from.key == to.key {
        From::Nothing
    } else if plans::is_larger(to, from, now) {
        From::Now
    } else {
        From::Then(month_after(now))
    }
}

/// What waits, where something does.
pub async fn waiting<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Option<Waiting>, AppError> {
    let tenant = scope.tenant().id;
    store::waiting(scope, tenant).await
}

/// The plans that whoever pays may choose among, smallest first: none where the operator decides, or where the account's own
/// plan is agreed by contract.
pub fn choices(is_self_service: bool, held: &str, now: DateTime<Utc>) -> Vec<&'static Plan> {
    let sold: Vec<&Plan> = plans::list(now).into_iter().filter(|plan| plan.price.is_some()).collect();
    if is_self_service && sold.iter().any(|plan| plan.key == held) { sold } else { Vec::new() }
}

/// Asks for a plan; `seen` is the one that was shown as the account's.
///
/// # Errors
/// `Invalid` where it is none to choose, `Stale` where the account has another plan by now.
pub async fn change(scope: &mut TenantScope<ManageBilling>, to: &str, seen: &str) -> Result<From, AppError> {
    let (tenant, now) = (scope.tenant().id, scope.now());
    let held = hold_plan(scope, tenant).await?;
    if held != seen {
        return Err(AppError::Stale("The plan"));
    }
    let choices = choices(scope.stoa().config.billing.self_service, &held, now);
    if choices.is_empty() {
        return Err(AppError::Conflict("Whoever runs this console changes this account's plan. Ask them.".to_owned()));
    }
    let find = |key: &str| choices.iter().find(|plan| plan.key == key).copied();
    let (Some(current), Some(wanted)) = (find(&held), find(to)) else {
        return Err(AppError::invalid("plan", "Choose one of the plans that are listed."));
    };
    let waits = store::waiting(scope, tenant).await?;
    if waits.as_ref().is_some_and(|waits| waits.takes_effect_at <= now) {
        // Its day has come; within minutes it is the plan.
        return Err(AppError::Stale("The plan"));
    }
    match takes_effect(current, wanted, now) {
        From::Nothing | From::Withdrawn => withdraw(scope, waits).await,
        From::Then(at) if waits.as_ref().is_some_and(|waits| waits.to == wanted.key && waits.takes_effect_at == at) => Ok(From::Nothing),
        From::Then(at) => {
            overtake(scope, tenant).await?;
            schedule(scope, current, wanted, at).await?;
            telling::tell(scope, tenant, &telling::Told::Then { from: current, to: wanted, at }).await?;
            Ok(From::Then(at))
        }
        // What it does to books and pauses is decided from all of the tenant's, which this scope may not see: at once, when it
        // is committed.
        From::Now => {
            overtake(scope, tenant).await?;
            schedule(scope, current, wanted, now).await?;
            Ok(From::Now)
        }
    }
}

async fn withdraw(scope: &mut TenantScope<ManageBilling>, waits: Option<Waiting>) -> Result<From, AppError> {
    let (tenant, now) = (scope.tenant().clone(), scope.now());
    let Some(waits) = waits else { return Ok(From::Nothing) };
    store::end(scope, tenant.id, waits.id, Became::Withdrawn, now).await?;
    let event = Event::new(EventKind::TenantPlanChangeWithdrawn, target(tenant.id, &tenant.name))
        .changing("plan", Some(&waits.to), Some(&waits.from))
        .changing("takes_effect_at", Some(&waits.takes_effect_at.to_rfc3339()), None);
    scope.record(event);
    Ok(From::Withdrawn)
}

async fn schedule(scope: &mut TenantScope<ManageBilling>, from: &Plan, to: &Plan, at: DateTime<Utc>) -> Result<(), AppError> {
    let (tenant, person, now) = (scope.tenant().clone(), scope.person().id, scope.now());
    let waiting = Waiting {
        id: PlanChangeId(scope.new_id()),
        from: from.key.clone(),
        to: to.key.clone(),
        asked_by: person,
        asked_at: now,
        takes_effect_at: at,
    };
    store::insert(scope, tenant.id, &waiting).await?;
    let event = Event::new(EventKind::TenantPlanChangeScheduled, target(tenant.id, &tenant.name))
        .changing("plan", Some(&from.key), Some(&to.key))
        .changing("takes_effect_at", None, Some(&at.to_rfc3339()));
    scope.record(event);
    Ok(())
}

/// Another plan comes first: what waited is over.
pub(super) async fn overtake<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(), AppError> {
    let now = scope.now();
    let Some(waits) = store::waiting(scope, tenant).await? else { return Ok(()) };
    store::end(scope, tenant, waits.id, Became::Overtaken, now).await?;
    let target = Target { kind: "tenant", id: tenant.to_string(), name: None };
    let event = Event::new(EventKind::TenantPlanChangeWithdrawn, target)
        .changing("plan", Some(&waits.to), None)
        .because("another plan took its place");
    scope.record_in(Log::Tenant(tenant), event);
    Ok(())
}

fn target(tenant: TenantId, name: &str) -> Target {
    Target { kind: "tenant", id: tenant.to_string(), name: Some(name.to_owned()) }
}
