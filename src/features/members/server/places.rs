//! Where the people of a tenant are, across its workspaces: what the account's own pages say of them.

mod store;

pub use store::{Owned, Place};

use std::collections::HashMap;

use crate::{access::AskTenant, error::AppError, ids::UserId, server::scope::TenantScope};

/// Every workspace of the tenant that the person is in, archived ones too, by their ids.
pub async fn of<P: AskTenant>(scope: &mut TenantScope<P>, user: UserId) -> Result<Vec<Place>, AppError> {
    let tenant = scope.tenant().id;
    store::places(scope, tenant, user).await
}

/// As people look for them.
pub fn by_name(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by(|one, other| one.name.cmp(&other.name).then(one.workspace.cmp(&other.workspace)));
    places
}

/// In how many live workspaces each of these people is. Who is in none is left out.
pub async fn count<P: AskTenant>(scope: &mut TenantScope<P>, users: &[UserId]) -> Result<HashMap<UserId, i64>, AppError> {
    let tenant = scope.tenant().id;
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    store::count(scope, tenant, &users).await
}

/// The tenant's workspaces that are not purged and who owns each, live ones first.
pub async fn owned<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Owned>, AppError> {
    let tenant = scope.tenant().id;
    store::owned(scope, tenant).await
}
