//! What is to go from the store: marked so that nobody completes an asset with it, deleted there, and only then forgotten.

use uuid::Uuid;

use super::{JOB, Place, store};
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{Stoa, events::Actor, http::request::RequestContext, objects::Key, scope::ServiceScope},
};

/// So many are marked in one transaction.
const BATCH: i64 = 200;

/// Removes one that nobody keeps; what is kept stays. Twice is harmless.
///
/// # Errors
/// `Unavailable` where the store does not answer: it is still written down, and still to go.
pub async fn remove(stoa: &Stoa, place: Place, object: Uuid) -> Result<(), AppError> {
    let mut scope = open(stoa, place.tenant).await?;
    if !store::leave(&mut scope, place, object).await? {
        return scope.close().await;
    }
    scope.commit().await?;
    forget(stoa, place, object).await
}

/// Removes every file of a workspace that is to be purged by now. Until nothing is left there, the purge waits; of one that
/// was restored meanwhile nothing goes.
///
/// # Errors
/// `Unavailable` where the store does not answer; what is left is still written down.
pub async fn remove_all(stoa: &Stoa, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    loop {
        let mut scope = open(stoa, tenant).await?;
        let leaving = store::leave_all(&mut scope, tenant, workspace, BATCH).await?;
        scope.commit().await?;
        if leaving.is_empty() {
            return Ok(());
        }
        for (place, object) in leaving {
            forget(stoa, place, object).await?;
        }
    }
}

async fn forget(stoa: &Stoa, place: Place, object: Uuid) -> Result<(), AppError> {
    let objects = stoa.objects().ok_or(AppError::Unavailable)?;
    objects.delete(Key { workspace: place.workspace, asset: place.asset, object }).await.map_err(|error| {
        tracing::error!(asset = %place.asset, %error, "the store of files did not delete what is to go");
        AppError::Unavailable
    })?;
    let mut scope = open(stoa, place.tenant).await?;
    store::delete(&mut scope, place, object).await?;
    scope.commit().await
}

async fn open(stoa: &Stoa, tenant: TenantId) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await
}
