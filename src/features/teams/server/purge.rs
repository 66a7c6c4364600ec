//! Purging: what was kept of a deleted team goes for good when its date has come; its audit log stays.

use uuid::Uuid;

use super::{store, target};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{
        Stoa,
        events::{Actor, Event, EventKind},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

const JOB: &str = "tenants.purge";
/// So many are listed at a time.
const BATCH: i32 = 100;

/// Purges every deleted team whose date has come and whose workspaces are purged, each in a transaction of its own.
/// Twice at once is harmless.
///
/// # Errors
/// Only where the due ones cannot be listed: one that fails is logged, keeps no other, and has its turn the next time.
pub async fn purge_due(stoa: Stoa) -> Result<(), AppError> {
    let mut after = TenantId(Uuid::nil());
    loop {
        let due = store::ending::due(&stoa.db, stoa.clock.now(), after, BATCH).await?;
        let Some(last) = due.last() else { return Ok(()) };
        after = *last;
        for tenant in due {
            match purge(&stoa, tenant).await {
                Ok(true) => tracing::info!(%tenant, "purged a team"),
                Ok(false) => {}
                Err(error) => tracing::error!(%tenant, %error, "a team was not purged"),
            }
        }
    }
}

/// False where it was restored, or purged by another node, meanwhile.
async fn purge(stoa: &Stoa, tenant: TenantId) -> Result<bool, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    let now = scope.now();
    let Some(gone) = store::ending::purge(&mut scope, tenant, now).await? else {
        scope.close().await?;
        return Ok(false);
    };
    let Some(team) = store::ending::hold(&mut scope, tenant).await? else { return Err(AppError::NotFound) };
    let event =
        Event::new(EventKind::TenantPurged, target(tenant, &team.name)).changing("purged_at", None, Some(&now.to_rfc3339())).losing(&gone);
    scope.record(event);
    scope.commit().await?;
    Ok(true)
}
