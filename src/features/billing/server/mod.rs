//! The server's half of billing.

mod alerts;
pub mod caps;
pub mod changing;
pub mod entitlements;
mod forecast;
pub mod ledger;
mod month;
mod pauses;
mod pausing;
pub mod percents;
pub mod rest;
pub mod state;
mod store;
mod telling;
pub mod top_ups;

pub use forecast::{Lately, Pace, Reaching};
pub use month::{AlertLine, CapLine, Figures, LimitLine, Line, Month, Outlook, PauseLine, export, of_account, of_workspace};
pub use pauses::{PauseWindow, SpendCap, caps_of, pauses_in};
pub use pausing::{ASSESS, assess, assess_in, assess_later};
pub use store::sums::Used;

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Event, EventKind, Log, Target},
        plans::Plan,
        scope::{Reach, Scope, ServiceScope},
    },
};

/// The tenant that a slug names, for the operator's command line.
pub async fn find_tenant(stoa: &Stoa, slug: &str) -> Result<Option<TenantId>, AppError> {
    store::find_tenant(&stoa.db, slug).await
}

/// The workspace that a slug names, and its tenant, for the operator's command line.
pub async fn find_workspace(stoa: &Stoa, slug: &str) -> Result<Option<(TenantId, WorkspaceId)>, AppError> {
    store::find_workspace(&stoa.db, slug).await
}

/// Looks again at every tenant with a pause: a month that began ends it. To be run once a minute.
///
/// # Errors
/// Only where they cannot be found: one that fails keeps no other.
pub async fn reassess(stoa: Stoa) -> Result<(), AppError> {
    for tenant in store::tenants_with_pauses(&stoa.db).await? {
        if let Err(error) = assess(&stoa, tenant).await {
            tracing::error!(%tenant, %error, "whether a pause still holds was not decided");
        }
    }
    Ok(())
}

/// The key of a tenant's plan. From here to the end of the transaction nobody else changes it, nor takes a place in
/// it: whoever counts what the plan limits asks here first.
pub async fn hold_plan<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<String, AppError> {
    store::hold_plan(scope, tenant).await?.ok_or(AppError::NotFound)
}

/// Gives the scope's tenant a plan, as the operator. Returns the key of the plan it had.
pub async fn set_plan(scope: &mut ServiceScope, plan: &Plan, reason: &str) -> Result<String, AppError> {
    let tenant = scope.reach().tenant;
    let before = put_plan(scope, tenant, plan, Some(reason)).await?;
    assess_in(scope, tenant).await?;
    Ok(before)
}

/// Gives the tenant a plan at once; what waited for its day is over. Returns the key of the plan it had. What this does to
/// pauses is decided after it.
async fn put_plan(scope: &mut ServiceScope, tenant: TenantId, plan: &Plan, reason: Option<&str>) -> Result<String, AppError> {
    let now = scope.now();
    let before = hold_plan(scope, tenant).await?;
    changing::overtake(scope, tenant).await?;
    if before == plan.key {
        return Ok(before);
    }
    ledger::before_plan_changes(scope, tenant).await?;
    let name = store::update_plan(scope, tenant, &plan.key, now).await?;
    changing::note_room(scope, tenant, plan).await?;
    let target = Target { kind: "tenant", id: tenant.to_string(), name: Some(name) };
    let event = Event::new(EventKind::TenantPlanChanged, target).changing("plan", Some(&before), Some(&plan.key));
    scope.record_in(Log::Tenant(tenant), if let Some(reason) = reason { event.because(reason.to_owned()) } else { event });
    ledger::after_plan_changed(scope, tenant, plan).await?;
    Ok(before)
}
