//! When billable calls pause and when they go on: decided from the month's sums, the plan and the caps, every time that
//! one of them changes.

mod due;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    alerts,
    ledger::Funds,
    store,
    telling::{self, Change, Turn},
};
use crate::{
    error::{AppError, PauseReason},
    ids::TenantId,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        plans,
        queue::{Done, Failure, Job},
        scope::ServiceScope,
        standing::{month_after, month_of},
    },
};
use due::{due, near};

pub use due::Sums;

/// The kind of job that assesses a tenant after a change that commits elsewhere.
pub const ASSESS: &str = "billing.assess";

/// What a credential of a workspace has cost this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub workspace: Uuid,
    pub credential: Option<Uuid>,
    pub nanos: i64,
}

/// A cap on the spend of a month: of the tenant, or of one workspace or credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    pub id: Uuid,
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub micros: i64,
    /// It refuses; otherwise it tells.
    pub hard: bool,
    pub version: i64,
}

/// A pause: of the tenant, or of one workspace or credential, and what was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Paused {
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub reason: PauseReason,
    pub limit_micros: i64,
}

impl Paused {
    /// Whether both are the same but for how much was reached.
    fn is_like(&self, other: &Self) -> bool {
        (self.workspace, self.credential, self.reason) == (other.workspace, other.credential, other.reason)
    }
}

/// One that is in force.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    pub id: Uuid,
    pub paused: Paused,
    pub since: DateTime<Utc>,
}

/// Pauses and resumes what the sums say of a tenant; nothing where its pauses are right as they are.
///
/// # Errors
/// The database's.
pub async fn assess(stoa: &Stoa, tenant: TenantId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", ASSESS);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(ASSESS), tenant, ASSESS).await?;
    match assess_in(&mut scope, tenant).await {
        // A tenant that is gone calls no more.
        Ok(()) | Err(AppError::NotFound) => scope.commit().await,
        Err(error) => Err(error),
    }
}

/// The same, as a job.
pub async fn assess_later(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    assess(&stoa, job.tenant).await?;
    Ok(Done)
}

/// The same within the operator's act that changed plan or entitlement. A scope that sees less than the whole tenant
/// would decide from part of the sums: after such an act, [`assess`] is called.
pub async fn assess_in(scope: &mut ServiceScope, tenant: TenantId) -> Result<(), AppError> {
    // Two at once would both pause: the plan is held to the end.
    let plan = super::hold_plan(scope, tenant).await?;
    let month = month_of(scope.now());
    let sums = Sums::of(&store::list_spent(scope, tenant, month).await?);
    let funds = Funds::of(scope, tenant).await?;
    let caps = store::caps::list(scope, tenant).await?;
    let open = store::list_open_pauses(scope, tenant).await?;
    let plan = plans::find(&plan, scope.now());
    let due = due(plan, &funds, &sums, &caps);
    store::near::keep(scope, tenant, month, &near(plan, &funds, &sums, &caps)).await?;
    let mut changes = end_what_is_over(scope, tenant, &open, &due).await?;
    changes.extend(begin_what_is_due(scope, tenant, &open, &due).await?);
    changes.extend(alerts::raise(scope, tenant, month, &alerts::limits(plan, &funds, &caps), &sums).await?);
    telling::tell_all(scope, tenant, &changes).await
}

/// A pause of a month that is over ended with it, when calls ran again.
async fn end_what_is_over(scope: &mut ServiceScope, tenant: TenantId, open: &[Open], due: &[Paused]) -> Result<Vec<Change>, AppError> {
    let now = scope.now();
    let mut changes = Vec::new();
    for Open { id, paused, since } in open {
        let is_of_this_month = month_of(*since) >= month_of(now);
        if is_of_this_month && due.iter().any(|due| due.is_like(paused)) {
            continue;
        }
        let ended_at = if is_of_this_month { now } else { month_after(*since) };
        store::end_pause(scope, tenant, *id, ended_at).await?;
        changes.push(Change::of(Turn::Resumed(paused.reason), paused));
    }
    Ok(changes)
}

/// Where the cap behind a pause moved and is still reached, the pause goes on.
async fn begin_what_is_due(scope: &mut ServiceScope, tenant: TenantId, open: &[Open], due: &[Paused]) -> Result<Vec<Change>, AppError> {
    let now = scope.now();
    let mut changes = Vec::new();
    for paused in due {
        let known = open.iter().find(|open| month_of(open.since) >= month_of(now) && open.paused.is_like(paused));
        match known {
            Some(open) if open.paused.limit_micros == paused.limit_micros => {}
            Some(open) => {
                store::move_pause(scope, tenant, open.id, paused.limit_micros).await?;
                changes.push(Change::of(Turn::Moved(paused.reason, open.paused.limit_micros), paused));
            }
            None => {
                let id = scope.new_id();
                store::insert_pause(scope, tenant, id, paused, now).await?;
                changes.push(Change::of(Turn::Paused(paused.reason), paused));
            }
        }
    }
    Ok(changes)
}
