//! Making workspaces: for the server itself, and for a person within their team's plan.

use super::{
    allowance::{self, why_members_cannot},
    store, target,
};
use crate::{
    access::{WorkspaceRole, tenant::CreateWorkspace},
    error::AppError,
    features::members,
    ids::{TenantId, WorkspaceId},
    server::{
        chance,
        events::{Event, EventKind, Log},
        scope::{Reach, Scope, ServiceScope, TenantScope},
    },
};

/// Makes a workspace in the scope's tenant, as the server itself: no plan is asked. `word` begins its slug, for good.
pub async fn create(scope: &mut ServiceScope, word: &str, name: &str) -> Result<WorkspaceId, AppError> {
    let tenant = scope.reach().tenant;
    make(scope, tenant, word, name).await.map(|(id, _)| id)
}

/// Makes a workspace within the team's plan, with the person who asks as its owner. Returns its slug.
///
/// # Errors
/// `Conflict` where the plan has no place left, or the team does not let its members create workspaces.
pub async fn create_in_plan(scope: &mut TenantScope<CreateWorkspace>, word: &str, name: &str) -> Result<String, AppError> {
    let (tenant, role, person) = (scope.tenant().clone(), scope.role(), scope.person().clone());
    if let Some(reason) = why_members_cannot(&tenant, role) {
        return Err(AppError::Conflict(reason));
    }
    allowance::take_place(scope, tenant.id).await?;
    let (id, slug) = make(scope, tenant.id, word, name).await?;
    members::server::add(scope, tenant.id, id, person.id, &person.name, WorkspaceRole::Owner).await?;
    Ok(slug)
}

async fn make<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, word: &str, name: &str) -> Result<(WorkspaceId, String), AppError> {
    let id = WorkspaceId(scope.new_id());
    let (slug, now) = (chance::slug(word), scope.now());
    store::insert(scope, tenant, id, &slug, name, now).await?;
    store::take_slug(scope, tenant, id, &slug).await?;
    let event = Event::new(EventKind::WorkspaceCreated, target(id, name)).changing("name", None, Some(name));
    scope.record_in(Log::Workspace(tenant, id), event);
    Ok((id, slug))
}
