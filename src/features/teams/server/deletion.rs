//! The end of a team: what is in it, and taking it out of sight.

use super::{ask_team, digest, store, target};
use crate::{
    access::{AskTenant, tenant::ManageTeam},
    error::{AppError, FieldError},
    features::{
        inbox::server::{Notice, tell},
        invitations,
        members::server::places::{self, Owned},
        teams::KEPT_DAYS,
    },
    server::{
        events::{Event, EventKind},
        scope::TenantScope,
    },
};

/// Everything in a team.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// They stand in the way: each is archived by itself, with an inventory of its own.
    pub live: Vec<Owned>,
    pub archived: usize,
    pub people: usize,
    /// Pending ones.
    pub invitations: i64,
    pub digest: String,
}

pub async fn inventory<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Inventory, AppError> {
    let tenant = scope.tenant().id;
    let (live, archived): (Vec<Owned>, Vec<Owned>) = places::owned(scope).await?.into_iter().partition(|workspace| !workspace.is_archived);
    let people = store::people::users(scope, tenant).await?;
    let invitations = invitations::server::count_pending(scope, None).await?;
    let text = format!("{live:?} {archived:?} {people:?} {invitations}");
    let digest = digest(scope, &[&tenant.to_string(), &text]);
    Ok(Inventory { live, archived: archived.len(), people: people.len(), invitations, digest })
}

/// What is typed to delete a team.
pub fn phrase(slug: &str) -> String {
    format!("delete {slug}")
}

/// Deletes the team: nobody reaches it any more. `shown` is the digest of the inventory that was shown.
///
/// # Errors
/// `Invalid` at `phrase` where it was not typed, `Conflict` where the inventory changed or workspaces still live.
pub async fn delete(scope: &mut TenantScope<ManageTeam>, typed: &str, shown: &str) -> Result<(), AppError> {
    let team = scope.tenant().clone();
    ask_team(&team, "deleted")?;
    let wanted = phrase(&team.slug);
    if typed.trim() != wanted {
        return Err(AppError::Invalid(vec![FieldError { field: "phrase", message: format!("Type “{wanted}” to delete the team.") }]));
    }
    store::tenant::lock(scope, team.id).await?;
    let inventory = inventory(scope).await?;
    if !inventory.live.is_empty() {
        return Err(AppError::Conflict("The team still has live workspaces. Archive each of them first, then delete the team.".to_owned()));
    }
    if inventory.digest != shown {
        return Err(AppError::Conflict(
            "What is in the team has changed since it was shown. Look at it again, then delete the team.".to_owned(),
        ));
    }
    let (now, deleter) = (scope.now(), scope.person().clone());
    let purge_at = now + chrono::TimeDelta::days(KEPT_DAYS);
    invitations::server::withdraw(scope, None, "the team was deleted").await?;
    if !store::tenant::delete(scope, team.id, now, purge_at).await? {
        return Err(AppError::NotFound);
    }
    let event = Event::new(EventKind::TenantDeleted, target(team.id, &team.name)).changing("status", Some("active"), Some("deleted"));
    scope.record(event.changing("purge_at", None, Some(&purge_at.to_rfc3339())));
    let notice = Notice {
        kind: "tenant.deleted",
        tenant: Some(team.id),
        workspace: None,
        title: format!("{} was deleted", team.name),
        body: format!("{} deleted the team. Nobody can open it or its archived workspaces any more.", deleter.name),
        link: None,
    };
    for user in store::people::users(scope, team.id).await? {
        if user != deleter.id {
            tell(scope, user, &notice).await?;
        }
    }
    Ok(())
}
