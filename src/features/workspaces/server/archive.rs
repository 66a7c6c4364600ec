//! Archiving: everything that works in a workspace stops, in one transaction, and a receipt says what it was.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    inventory::{self, Inventory, StopKind},
    stops, store, target,
};
use crate::{
    access::{AskTenant, WorkspaceRole, workspace::ArchiveWorkspace},
    error::AppError,
    features::{
        api_keys,
        billing::server::entitlements,
        inbox::server::{Notice, tell},
        members::server::suspension::{self, Affected},
        modules::server as modules,
    },
    ids::{ReceiptId, TenantId, WorkspaceId},
    paths,
    server::{
        events::{Event, EventKind, Log},
        scope::{HasPerson, Reach, Scope, TenantScope, WorkspaceScope},
    },
};

/// A former owner can restore a workspace for this long; its records are kept until then.
const RESTORE_DAYS: i64 = 30;

/// Where a workspace is and how it is called: what archiving needs to know of it.
#[derive(Clone, Debug)]
pub struct Place {
    pub tenant: TenantId,
    pub id: WorkspaceId,
    pub slug: String,
    pub name: String,
}

/// Until when a workspace that is archived at that moment can be restored.
pub fn purge_time(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(RESTORE_DAYS)
}

/// The words to be typed before a workspace is archived.
pub fn phrase(slug: &str) -> String {
    format!("delete {slug}")
}

/// What would stop if the scope's workspace were archived now.
pub async fn preview(scope: &mut WorkspaceScope<ArchiveWorkspace>) -> Result<Inventory, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    inventory::take(scope, tenant, workspace).await
}

/// Archives the scope's workspace. `digest` is of the inventory that the person was shown.
///
/// # Errors
/// `Conflict` where something else would stop than was shown, `NotFound` where somebody else archived it first.
pub async fn archive(scope: &mut WorkspaceScope<ArchiveWorkspace>, digest: &str) -> Result<ReceiptId, AppError> {
    let place = Place {
        tenant: scope.tenant().id,
        id: scope.workspace().id,
        slug: scope.workspace().slug.clone(),
        name: scope.workspace().name.clone(),
    };
    let inventory = hold(scope, &place).await?;
    if inventory.digest() != digest {
        return Err(AppError::Conflict(
            "What would stop has changed since you opened this page. Nothing was archived. Look at the list as it is now, then confirm again."
                .to_owned(),
        ));
    }
    let link = Some(paths::archived(&place.slug));
    stop(scope, &place, &inventory, link).await
}

/// Archives every live workspace of the scope's tenant: for the deletion of the tenant itself, which takes the
/// archived views with it.
pub async fn archive_all<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<ReceiptId>, AppError> {
    let tenant = scope.tenant().id;
    let mut receipts = Vec::new();
    for place in store::live_places(scope, tenant).await? {
        let inventory = hold(scope, &place).await?;
        receipts.push(stop(scope, &place, &inventory, None).await?);
    }
    Ok(receipts)
}

/// Waits for what others are changing in the workspace, and looks at what is there then. From here to the end of the
/// transaction nothing is added or changed.
async fn hold<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Inventory, AppError> {
    if !store::lock_live(scope, place.tenant, place.id).await? {
        return Err(AppError::NotFound);
    }
    suspension::hold(scope, place.tenant, place.id).await?;
    stops::hold(scope, place.tenant, place.id).await?;
    entitlements::hold_of_workspace(scope, place.tenant, place.id).await?;
    inventory::take(scope, place.tenant, place.id).await
}

async fn stop<R: Reach + HasPerson>(
    scope: &mut Scope<R>,
    place: &Place,
    inventory: &Inventory,
    link: Option<String>,
) -> Result<ReceiptId, AppError> {
    let (person, now) = (scope.person().clone(), scope.now());
    let purge_at = purge_time(now);
    let members = suspension::in_place(scope, place.tenant, place.id).await?;
    store::archive(scope, place, person.id, now, purge_at).await?;
    suspension::suspend(scope, place.tenant, place.id, &members).await?;
    stops::revoke_invitations(scope, place.tenant, place.id, inventory.of(StopKind::Invitation)).await?;
    stops::end_consents(scope, place.tenant, place.id, person.id, inventory.of(StopKind::SupportConsent)).await?;
    api_keys::server::revoke_all_of_workspace(scope, place.tenant, place.id, "the workspace was archived").await?;
    let running = modules::switched_on(scope, place.tenant, place.id).await?;
    modules::suspend(scope, place.tenant, place.id, &running).await?;
    entitlements::end_all_of_workspace(scope, place.tenant, place.id, "the workspace was archived").await?;
    let receipt = ReceiptId(scope.new_id());
    store::insert_receipt(scope, place, receipt, &person, now, purge_at, inventory).await?;
    let event = Event::new(EventKind::WorkspaceArchived, target(place.id, &place.name))
        .changing("status", Some("active"), Some("archived"))
        .changing("purge_at", None, Some(&purge_at.to_rfc3339()));
    scope.record_in(Log::Workspace(place.tenant, place.id), event);
    tell_owners(scope, place, &members, link, purge_at).await?;
    Ok(receipt)
}

/// Whoever can restore it hears of it; who archived it knows.
async fn tell_owners<R: Reach + HasPerson>(
    scope: &mut Scope<R>,
    place: &Place,
    members: &[Affected],
    link: Option<String>,
    purge_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let person = scope.person().clone();
    let until = purge_at.format("%-d %B %Y, %H:%M UTC");
    let next = match link {
        Some(_) => format!("You can restore it until {until}. Its page shows what stopped."),
        None => "Its team is being deleted.".to_owned(),
    };
    let notice = Notice {
        kind: EventKind::WorkspaceArchived.name(),
        tenant: Some(place.tenant),
        workspace: Some(place.id),
        title: format!("The workspace {} was archived", place.name),
        body: format!("{} archived it: nobody reaches it any more, and its pending invitations were revoked. {next}", person.name),
        link,
    };
    for owner in members.iter().filter(|member| member.role == WorkspaceRole::Owner && member.user != person.id) {
        tell(scope, owner.user, &notice).await?;
    }
    Ok(())
}
