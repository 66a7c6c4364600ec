//! Purging: what was kept of an archived workspace goes for good when its date has come; its audit log stays.

use uuid::Uuid;

use super::{store, target};
use crate::{
    error::AppError,
    features::assets,
    ids::{TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

const JOB: &str = "workspaces.purge";
/// So many are listed at a time.
const BATCH: i32 = 100;

/// Purges every archived workspace whose date has come, each in a transaction of its own; also those of a deleted team
/// whose own date has come. Twice at once is harmless.
///
/// # Errors
/// Only where the due ones cannot be listed: one that fails is logged, keeps no other, and has its turn the next time.
pub async fn purge_due(stoa: Stoa) -> Result<(), AppError> {
    let mut after = WorkspaceId(Uuid::nil());
    loop {
        let due = store::due_purges(&stoa.db, stoa.clock.now(), after, BATCH).await?;
        let Some((_, last)) = due.last() else { return Ok(()) };
        after = *last;
        for (tenant, workspace) in due {
            match purge(&stoa, tenant, workspace).await {
                Ok(true) => tracing::info!(%workspace, "purged a workspace"),
                Ok(false) => {}
                Err(error) => tracing::error!(%workspace, %error, "a workspace was not purged"),
            }
        }
    }
}

/// False where it was restored, or purged by another node, meanwhile.
async fn purge(stoa: &Stoa, tenant: TenantId, workspace: WorkspaceId) -> Result<bool, AppError> {
    // First what no transaction could take back or bring back; where the store does not answer, the purge waits.
    assets::server::remove_all(stoa, tenant, workspace).await?;
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    let now = scope.now();
    let Some(gone) = store::purge(&mut scope, tenant, workspace, now).await? else {
        scope.close().await?;
        return Ok(false);
    };
    let name = store::name(&mut scope, tenant, workspace).await?;
    let event =
        Event::new(EventKind::WorkspacePurged, target(workspace, &name)).changing("purged_at", None, Some(&now.to_rfc3339())).losing(&gone);
    scope.record_in(Log::Workspace(tenant, workspace), event);
    scope.commit().await?;
    Ok(true)
}
