//! Measuring what is stored: each workspace once a day (UTC), with one usage event for each module that holds something.

use uuid::Uuid;

use super::store;
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{Stoa, events::Actor, http::request::RequestContext, scope::ServiceScope, usage::UsageEvent},
};

const JOB: &str = "storage.measure";
/// Workspaces that are listed at a time.
const BATCH: i32 = 200;

/// Measures every workspace that was not measured today. Done twice, or by two nodes at once, it is done once; one that
/// fails keeps no other, and has its turn again.
///
/// # Errors
/// The database's, where it cannot say which these are.
pub async fn measure(stoa: Stoa) -> Result<(), AppError> {
    let day = stoa.clock.now().date_naive();
    let mut after = WorkspaceId(Uuid::nil());
    loop {
        let places = store::to_measure(&stoa.db, day, after, BATCH).await?;
        let Some((_, last)) = places.last() else { return Ok(()) };
        after = *last;
        for (tenant, workspace) in places {
            if let Err(error) = measure_one(&stoa, tenant, workspace).await {
                tracing::error!(%workspace, %error, "what is stored was not measured; it has its turn again");
            }
        }
    }
}

/// The day's rows and the day's usage are kept together or not at all: whoever finds the one finds the other.
async fn measure_one(stoa: &Stoa, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    // The day that its usage is of, should it be another one by now.
    let day = scope.now().date_naive();
    let measured = store::measure(&mut scope, tenant, workspace, day).await?;
    if measured.is_empty() {
        return scope.close().await;
    }
    for (module, bytes) in measured.into_iter().filter(|(_, bytes)| *bytes > 0) {
        let used = UsageEvent::of_storage(&scope, &request, workspace, module, bytes);
        scope.meter(used);
    }
    scope.commit().await
}
