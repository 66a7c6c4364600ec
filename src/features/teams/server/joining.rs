//! Joining a team by way of one of its workspaces.

use super::store;
use crate::{
    error::AppError,
    ids::{MembershipId, TenantId, UserId},
    server::{
        events::{Event, EventKind, Log, Target},
        scope::{Reach, Scope, ServiceScope},
    },
};

/// The domains whose addresses may join; empty where any may.
pub async fn allowed_domains<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<String>, AppError> {
    Ok(store::joining(scope, tenant).await?.1)
}

/// Puts a person into the scope's tenant with the role that the team gives to whoever is invited. Nothing happens where
/// they are in it.
pub async fn join(scope: &mut ServiceScope, user: UserId, name: &str) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    let (role, _) = store::joining(scope, tenant).await?;
    let (id, now) = (MembershipId(scope.new_id()), scope.now());
    if store::insert_if_absent(scope, tenant, id, user, role, now).await? {
        let target = Target { kind: "member", id: id.to_string(), name: Some(name.to_owned()) };
        let event = Event::new(EventKind::TenantMemberAdded, target).changing("role", None, Some(role.name()));
        scope.record_in(Log::Tenant(tenant), event);
    }
    Ok(())
}
