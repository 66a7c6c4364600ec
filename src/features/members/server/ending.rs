//! What follows in the workspaces when a person leaves the whole team: every membership ends, every invitation of
//! theirs is revoked, in the transaction that takes them out.

mod store;

use super::{
    places::{self, Place},
    store as changing,
};
use crate::{
    access::{AskTenant, WorkspaceRole},
    error::AppError,
    features::{api_keys, invitations},
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log, Target},
        scope::TenantScope,
    },
};

/// What somebody answers for across the tenant, and what ends with them where nobody takes it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// API keys that work, or could again.
    pub keys: i64,
    /// Pending ones that they sent.
    pub invitations: i64,
    /// Tells these keys from others.
    pub marks: String,
}

pub async fn made<P: AskTenant>(scope: &mut TenantScope<P>, user: UserId) -> Result<Made, AppError> {
    let tenant = scope.tenant().id;
    let keys = api_keys::server::made_by(scope, tenant, None, user).await?;
    let invitations = invitations::server::count_pending(scope, Some(user)).await?;
    let mut marks: Vec<String> = keys.iter().map(|key| format!("{}:{}", key.id, key.version)).collect();
    marks.sort();
    Ok(Made { keys: i64::try_from(keys.len()).unwrap_or(i64::MAX), invitations, marks: marks.join(" ") })
}

/// Ends all memberships of one of the tenant's people, live and suspended, and revokes the keys they answer for
/// and what invitations of theirs are pending. `reason` stands in each event. Returns the workspaces that they were in.
///
/// # Errors
/// `Conflict` naming the live workspaces that nobody else owns.
pub async fn end_all<P: AskTenant>(scope: &mut TenantScope<P>, user: UserId, reason: &str) -> Result<Vec<WorkspaceId>, AppError> {
    let (tenant, now) = (scope.tenant().id, scope.now());
    store::lock_places(scope, tenant, user).await?;
    let places = places::of(scope, user).await?;
    refuse_only_owner(&places)?;
    let name = store::name(scope, user).await?;
    let kind = if scope.person().id == user { EventKind::MemberLeft } else { EventKind::MemberRemoved };
    for place in &places {
        api_keys::server::revoke_all(scope, tenant, place.workspace, user, reason).await?;
        changing::delete_grants(scope, tenant, place.workspace, place.membership).await?;
        changing::end(scope, tenant, place.workspace, place.membership, now).await?;
        let event = Event::new(kind, member(place.membership, &name)).because(reason);
        let event = match place.role {
            Some(role) => event.changing("role", Some(role.name()), None),
            None => event,
        };
        scope.record_in(Log::Workspace(tenant, place.workspace), event);
    }
    invitations::server::withdraw(scope, Some(user), reason).await?;
    Ok(places.into_iter().map(|place| place.workspace).collect())
}

/// Makes `to` an owner wherever `from` is the only one, and gives them what `from` made there; of archived workspaces too,
/// for whoever restores them. `reason` stands in each event. Returns the names of these workspaces.
pub async fn hand_over_all<P: AskTenant>(
    scope: &mut TenantScope<P>,
    from: UserId,
    to: UserId,
    reason: &str,
) -> Result<Vec<String>, AppError> {
    let tenant = scope.tenant().id;
    store::lock_places(scope, tenant, from).await?;
    let places = places::of(scope, from).await?;
    let name = store::name(scope, to).await?;
    let mut handed = Vec::new();
    for place in places.into_iter().filter(|place| place.is_only_owner) {
        let event = make_owner(scope, tenant, &place, to, &name).await?.because(reason);
        scope.record_in(Log::Workspace(tenant, place.workspace), event);
        // An archived workspace has neither.
        if !place.is_archived {
            api_keys::server::hand_over_all(scope, tenant, place.workspace, from, to).await?;
            invitations::server::hand_over(scope, tenant, place.workspace, (from, WorkspaceRole::Owner), (to, Some(WorkspaceRole::Owner)))
                .await?;
        }
        handed.push(place.name);
    }
    Ok(handed)
}

fn refuse_only_owner(places: &[Place]) -> Result<(), AppError> {
    let alone: Vec<&str> =
        places.iter().filter(|place| place.is_only_owner && !place.is_archived).map(|place| place.name.as_str()).collect();
    if alone.is_empty() {
        return Ok(());
    }
    Err(AppError::Conflict(format!("Nobody else owns {}. Make somebody else an owner there first.", alone.join(", "))))
}

/// Of a member by their role, of anybody else by a membership: what the event says tells which.
async fn make_owner<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    place: &Place,
    user: UserId,
    name: &str,
) -> Result<Event, AppError> {
    let (grant, now, owner) = (scope.new_id(), scope.now(), WorkspaceRole::Owner.name());
    let known = store::find(scope, tenant, place.workspace, user).await?;
    let new = MembershipId(scope.new_id());
    let membership = store::take_in(scope, tenant, place.workspace, new, user, place.is_archived, now).await?;
    store::grant_ownership(scope, tenant, place.workspace, membership, grant, now).await?;
    let event = match known.as_ref().and_then(|known| known.role) {
        Some(role) => Event::new(EventKind::MemberRoleChanged, member(membership, name)).changing("role", Some(role.name()), Some(owner)),
        None => Event::new(EventKind::MemberAdded, member(membership, name)).changing("role", None, Some(owner)),
    };
    Ok(match known.and_then(|known| known.ends_at) {
        Some(ends_at) => event.changing("ends_at", Some(&ends_at.to_rfc3339()), None),
        None => event,
    })
}

fn member(id: MembershipId, name: &str) -> Target {
    Target { kind: "member", id: id.to_string(), name: Some(name.to_owned()) }
}
