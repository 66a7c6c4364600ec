//! The server's half of teams.

mod joining;
mod store;

pub use joining::{allowed_domains, join};
pub use store::Team;

use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId},
    server::{
        chance,
        events::{Event, EventKind, Log, Target},
        scope::{ServiceScope, TenantScope},
    },
};

/// The kinds of tenant, as stored.
pub const PERSONAL: &str = "personal";
pub const TEAM: &str = "team";

/// Every team of the person, personal first. Their own rows and nobody else's: the scope's tenant does not matter.
pub async fn list<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Team>, AppError> {
    let user = scope.person().id;
    store::list(scope, user).await
}

/// Makes the scope's tenant.
pub async fn create(scope: &mut ServiceScope, kind: &'static str, name: &str) -> Result<TenantId, AppError> {
    let tenant = scope.reach().tenant;
    let (slug, now) = (chance::slug(kind), scope.now());
    store::insert(scope, tenant, kind, &slug, name, now).await?;
    store::take_slug(scope, tenant, &slug).await?;
    let target = Target { kind: "tenant", id: tenant.to_string(), name: Some(name.to_owned()) };
    scope.record_in(Log::Tenant(tenant), Event::new(EventKind::TenantCreated, target).changing("kind", None, Some(kind)));
    Ok(tenant)
}

/// Puts a person into the scope's tenant.
pub async fn add(scope: &mut ServiceScope, user: UserId, name: &str, role: TenantRole) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    let (id, now) = (MembershipId(scope.new_id()), scope.now());
    store::insert_membership(scope, tenant, id, user, role, now).await?;
    let target = Target { kind: "member", id: id.to_string(), name: Some(name.to_owned()) };
    let event = Event::new(EventKind::TenantMemberAdded, target).changing("role", None, Some(role.name()));
    scope.record_in(Log::Tenant(tenant), event);
    Ok(())
}
