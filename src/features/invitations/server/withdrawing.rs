//! Taking back invitations across a whole tenant: those of somebody who leaves it, or all of a team that ends.

mod store;

use super::target;
use crate::{
    access::AskTenant,
    error::AppError,
    ids::UserId,
    server::{
        events::{Event, EventKind, Log},
        mail,
        scope::TenantScope,
    },
};

/// How many are pending in the tenant, or of those that one person sent.
pub async fn count_pending<P: AskTenant>(scope: &mut TenantScope<P>, by: Option<UserId>) -> Result<i64, AppError> {
    let tenant = scope.tenant().id;
    store::count(scope, tenant, by).await
}

/// Revokes what is pending in the tenant: all of it, or what one person sent. `reason` stands in each event. Returns how
/// many these were.
pub async fn withdraw<P: AskTenant>(scope: &mut TenantScope<P>, by: Option<UserId>, reason: &str) -> Result<usize, AppError> {
    let (tenant, now) = (scope.tenant().id, scope.now());
    // A statement that finds nothing to change would still ask for an event.
    if count_pending(scope, by).await? == 0 {
        return Ok(0);
    }
    let revoked = store::revoke(scope, tenant, by, now).await?;
    for invitation in &revoked {
        mail::supersede(scope, tenant, invitation.id.0).await?;
        let event = Event::new(EventKind::InvitationRevoked, target(invitation.id, &invitation.email)).because(reason);
        let log = invitation.workspace.map_or(Log::Tenant(tenant), |workspace| Log::Workspace(tenant, workspace));
        scope.record_in(log, event);
    }
    Ok(revoked.len())
}
