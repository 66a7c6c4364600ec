//! The archived view, and the way back from it.

use super::{allowance, archive::Place, store, target};
use crate::{
    access::{AskWorkspace, WorkspaceRole, workspace::RestoreWorkspace},
    error::AppError,
    features::{
        inbox::server::{Notice, tell},
        members::server::suspension::{self, Affected},
        modules,
    },
    paths,
    server::{
        events::{Event, EventKind},
        scope::{ArchiveScope, Workspace},
    },
};

pub use store::Receipt;

/// What the last archiving of the scope's workspace stopped.
pub async fn receipt<P: AskWorkspace>(scope: &mut ArchiveScope<P>) -> Result<Receipt, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::find_receipt(scope, tenant, workspace).await?.ok_or(AppError::NotFound)
}

/// Why the workspace cannot be restored now, if so: its time is over, or the plan has no place for it.
pub async fn why_not_restore<P: AskWorkspace>(scope: &mut ArchiveScope<P>, receipt: &Receipt) -> Result<Option<String>, AppError> {
    if let Some(reason) = receipt.is_over(scope.now()) {
        return Ok(Some(reason));
    }
    let tenant = scope.tenant().clone();
    let allowance = allowance::allowance(scope, tenant.id, &tenant.plan).await?;
    Ok(allowance.is_full().then(|| allowance.refusal()))
}

/// Brings the scope's workspace back with the members it had and the modules that were on. What was revoked or ended stays so.
///
/// # Errors
/// `Conflict` where its time is over or the plan has no place left.
pub async fn restore(scope: &mut ArchiveScope<RestoreWorkspace>) -> Result<(), AppError> {
    let (tenant, now) = (scope.tenant().id, scope.now());
    let Workspace { id, slug, name, .. } = scope.workspace().clone();
    let place = Place { tenant, id, slug, name };
    let receipt = receipt(scope).await?;
    if let Some(reason) = receipt.is_over(now) {
        return Err(AppError::Conflict(reason));
    }
    allowance::take_place(scope, tenant).await?;
    if !store::restore(scope, &place, now).await? {
        return Err(AppError::NotFound);
    }
    let back = suspension::reinstate(scope, tenant, id).await?;
    modules::server::resume(scope, tenant, id).await?;
    store::close_receipt(scope, &place, receipt.id, now).await?;
    let event = Event::new(EventKind::WorkspaceRestored, target(id, &place.name)).changing("status", Some("archived"), Some("active"));
    scope.record(event);
    tell_owners(scope, &place, &back).await
}

async fn tell_owners(scope: &mut ArchiveScope<RestoreWorkspace>, place: &Place, back: &[Affected]) -> Result<(), AppError> {
    let person = scope.person().clone();
    let notice = Notice {
        kind: EventKind::WorkspaceRestored.name(),
        tenant: Some(place.tenant),
        workspace: Some(place.id),
        title: format!("The workspace {} was restored", place.name),
        body: format!("{} restored it with the members it had. Invitations that were pending then have to be sent again.", person.name),
        link: Some(paths::overview(&place.slug)),
    };
    for owner in back.iter().filter(|member| member.role == WorkspaceRole::Owner && member.user != person.id) {
        tell(scope, owner.user, &notice).await?;
    }
    Ok(())
}
