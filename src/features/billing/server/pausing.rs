//! When billable calls pause and when they go on: decided from the month's sums, the plan and the caps, every time that
//! one of them changes.

use std::collections::HashMap;

use uuid::Uuid;

use super::store;
use crate::{
    error::{AppError, PauseReason},
    ids::{TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log, Target},
        http::request::RequestContext,
        plans::{self, Plan},
        scope::ServiceScope,
        standing::month_of,
    },
};

const JOB: &str = "billing";
/// A micro-dollar is so many nano-dollars.
const NANOS: i64 = 1000;

/// What a credential of a workspace has cost this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub workspace: Uuid,
    pub credential: Option<Uuid>,
    pub nanos: i64,
}

/// A cap on the spend of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub micros: i64,
    pub hard: bool,
}

/// A pause: of the tenant, or of one workspace or credential, and what was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Paused {
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub reason: PauseReason,
    pub limit_micros: i64,
}

/// One that is in force.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    pub id: Uuid,
    pub paused: Paused,
}

/// Pauses and resumes what the sums say of a tenant; nothing where its pauses are right as they are.
///
/// # Errors
/// The database's.
pub async fn assess(stoa: &Stoa, tenant: TenantId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    match assess_in(&mut scope, tenant).await {
        // A tenant that is gone calls no more.
        Ok(()) | Err(AppError::NotFound) => scope.commit().await,
        Err(error) => Err(error),
    }
}

/// The same within the operator's act that changed plan or entitlement. A scope that sees less than the whole tenant
/// would decide from part of the sums: after such an act, [`assess`] is called.
pub async fn assess_in(scope: &mut ServiceScope, tenant: TenantId) -> Result<(), AppError> {
    // Two at once would both pause: the plan is held to the end.
    let plan = super::hold_plan(scope, tenant).await?;
    let now = scope.now();
    let spent = store::list_spent(scope, tenant, month_of(now)).await?;
    let caps = store::list_caps(scope, tenant).await?;
    let open = store::list_open_pauses(scope, tenant).await?;
    let due = due(plans::find(&plan, now), &spent, &caps);
    for ended in open.iter().filter(|open| !due.contains(&open.paused)) {
        store::end_pause(scope, tenant, ended.id, now).await?;
        record(scope, tenant, EventKind::BillingResumed, &ended.paused);
    }
    for paused in due.iter().filter(|due| !open.iter().any(|open| open.paused == **due)) {
        let id = scope.new_id();
        store::insert_pause(scope, tenant, id, paused, now).await?;
        record(scope, tenant, EventKind::BillingPaused, paused);
    }
    Ok(())
}

fn record(scope: &mut ServiceScope, tenant: TenantId, kind: EventKind, paused: &Paused) {
    let (log, target) = match paused.workspace {
        None => (Log::Tenant(tenant), Target { kind: "tenant", id: tenant.to_string(), name: None }),
        Some(workspace) => {
            let id = WorkspaceId(workspace);
            (Log::Workspace(tenant, id), Target { kind: "workspace", id: id.to_string(), name: None })
        }
    };
    let limit = paused.limit_micros.to_string();
    let event = Event::new(kind, target).changing("limit_micros", None, Some(&limit)).because(paused.reason.says());
    scope.record_in(log, event);
}

/// Which pauses the sums of a month ask for.
fn due(plan: Option<&Plan>, spent: &[Spent], caps: &[Cap]) -> Vec<Paused> {
    let total: i64 = spent.iter().map(|spent| spent.nanos).sum();
    let mut by_workspace: HashMap<Uuid, i64> = HashMap::new();
    let mut by_credential: HashMap<Uuid, i64> = HashMap::new();
    for spent in spent {
        *by_workspace.entry(spent.workspace).or_default() += spent.nanos;
        if let Some(credential) = spent.credential {
            *by_credential.entry(credential).or_default() += spent.nanos;
        }
    }
    let included = plan.filter(|plan| plan.hard_caps).and_then(|plan| plan.included);
    let used_up = included.filter(|included| total >= included * NANOS).map(|included| Paused {
        workspace: None,
        credential: None,
        reason: PauseReason::BalanceExhausted,
        limit_micros: included,
    });
    let reached = caps.iter().filter(|cap| cap.hard).filter_map(|cap| {
        let (reason, nanos) = match (cap.workspace, cap.credential) {
            (None, _) => (PauseReason::TenantCap, total),
            (Some(workspace), None) => (PauseReason::WorkspaceCap, by_workspace.get(&workspace).copied().unwrap_or_default()),
            (Some(_), Some(credential)) => (PauseReason::CredentialCap, by_credential.get(&credential).copied().unwrap_or_default()),
        };
        let is_reached = nanos >= cap.micros * NANOS;
        is_reached.then_some(Paused { workspace: cap.workspace, credential: cap.credential, reason, limit_micros: cap.micros })
    });
    used_up.into_iter().chain(reached).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::clock::Clock;

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const KEY: Uuid = Uuid::from_u128(3);

    fn plan(key: &str) -> Option<&'static Plan> {
        plans::find(key, Clock::system().now())
    }

    fn reasons(plan: Option<&Plan>, spent: &[Spent], caps: &[Cap]) -> Vec<PauseReason> {
        due(plan, spent, caps).into_iter().map(|paused| paused.reason).collect()
    }

    #[test]
    fn the_plan_pauses_only_where_it_charges_nothing_beyond() {
        let spent = |nanos| [Spent { workspace: ONE, credential: None, nanos }, Spent { workspace: OTHER, credential: None, nanos: 1 }];
        assert_eq!(reasons(plan("developer"), &spent(4_999_999_998), &[]), []);
        assert_eq!(reasons(plan("developer"), &spent(4_999_999_999), &[]), [PauseReason::BalanceExhausted]);
        assert_eq!(reasons(plan("builder"), &spent(900_000_000_000), &[]), []);
    }

    #[test]
    fn a_hard_cap_pauses_what_it_is_of_and_a_soft_one_nothing() {
        let spent = [
            Spent { workspace: ONE, credential: Some(KEY), nanos: 2_000 },
            Spent { workspace: ONE, credential: None, nanos: 1_000 },
            Spent { workspace: OTHER, credential: None, nanos: 5_000 },
        ];
        let cap = |workspace, credential, micros, hard| Cap { workspace, credential, micros, hard };
        let team = plan("team");
        assert_eq!(reasons(team, &spent, &[cap(None, None, 8, true)]), [PauseReason::TenantCap]);
        assert_eq!(reasons(team, &spent, &[cap(None, None, 8, false), cap(None, None, 9, true)]), []);
        assert_eq!(reasons(team, &spent, &[cap(Some(ONE), None, 3, true), cap(Some(OTHER), None, 6, true)]), [PauseReason::WorkspaceCap]);
        assert_eq!(reasons(team, &spent, &[cap(Some(ONE), Some(KEY), 2, true)]), [PauseReason::CredentialCap]);
        assert_eq!(reasons(team, &spent, &[cap(Some(ONE), Some(KEY), 3, true)]), []);
        assert_eq!(reasons(team, &[], &[cap(Some(ONE), None, 0, true)]), [PauseReason::WorkspaceCap], "a cap of nothing allows nothing");
    }
}
