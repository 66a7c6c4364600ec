//! What can be seen of API keys.

use chrono::TimeDelta;

use super::{
    readable::Readable,
    search,
    store::{self, Called, Filter, Key, Secret},
    words::{Act, event},
};
use crate::{
    access::{AskWorkspace, Extent},
    error::AppError,
    features::api_keys::DAYS_MAX,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        events::{Event, Target},
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// A secret that ended stays in sight for so many days.
const ENDED_SHOWN_DAYS: i64 = 30;

/// The keys of the workspace, newest first; a role that reads its own alone gets those it answers for.
pub async fn list<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, filter: &Filter) -> Result<Vec<Key>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let steward = only_own(scope);
    store::list(scope, tenant, workspace, steward, filter).await
}

/// The keys that a search finds from a scope that was opened for something else, newest first: as far as the person's
/// role reads credentials, and none where it reads none.
pub async fn matching<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, text: &str, most: i64) -> Result<Vec<Key>, AppError> {
    let Some(Readable { steward }) = Readable::by(scope) else { return Ok(Vec::new()) };
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let filter = Filter { text: search::shown(text), limit: most, ..Filter::default() };
    store::list(scope, tenant, workspace, steward, &filter).await
}

/// All of a kind that the filter lets through and the person may see, and in the log that they were taken.
pub async fn export<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, kind: Kind, filter: &Filter) -> Result<Vec<Key>, AppError> {
    let keys = list(scope, &Filter { kind: Some(kind), after: None, limit: i64::MAX, ..filter.clone() }).await?;
    let here = scope.workspace();
    let target = Target { kind: "workspace", id: here.id.to_string(), name: Some(here.name.clone()) };
    let mut exported = Event::new(event(kind, Act::Exported), target).changing("rows", None, Some(&keys.len().to_string()));
    for (field, value) in [("search", &filter.text), ("status", &filter.status)] {
        if !value.is_empty() {
            exported = exported.changing(field, None, Some(value));
        }
    }
    scope.record(exported);
    Ok(keys)
}

/// # Errors
/// `NotFound` where it is none of this workspace's, or not the person's to see.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: ApiKeyId) -> Result<Key, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let steward = only_own(scope);
    let key = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)?;
    if steward.is_some_and(|own| own != key.steward) {
        return Err(AppError::NotFound);
    }
    Ok(key)
}

/// The same, of one kind alone.
///
/// # Errors
/// `NotFound` also where it is of the other.
pub async fn find_of<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, kind: Kind, id: ApiKeyId) -> Result<Key, AppError> {
    find(scope, id).await.and_then(|key| if key.kind == kind { Ok(key) } else { Err(AppError::NotFound) })
}

/// How every key of a workspace, or of the whole tenant, is called, whatever became of it.
pub async fn called<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: Option<WorkspaceId>) -> Result<Vec<Called>, AppError> {
    let now = scope.now();
    store::called(scope, tenant, workspace, now).await
}

/// Whether the workspace ever had a key, and whether one was ever used.
pub async fn beginnings<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<(bool, bool), AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::beginnings(scope, tenant, workspace).await
}

/// The key's secrets, the newest first: those that work, and those that ended lately.
pub async fn secrets<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: ApiKeyId) -> Result<Vec<Secret>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let since = scope.now() - TimeDelta::days(ENDED_SHOWN_DAYS);
    store::secrets(scope, tenant, workspace, id, since).await
}

/// How long a key of this workspace may live, in days.
pub async fn days_max<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<i64, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    Ok(store::days_max(scope, tenant, workspace).await?.min(DAYS_MAX))
}

fn only_own<P: AskWorkspace>(scope: &WorkspaceScope<P>) -> Option<UserId> {
    (scope.reach().extent() == Extent::Own).then(|| scope.person().id)
}
