//! Memberships with an end date, ended when it has come. They open nothing from that moment on in any case; this makes
//! the rows and the log say so.

use chrono::TimeDelta;

use super::{Member, removal::end, store};
use crate::{
    error::AppError,
    features::{
        api_keys,
        inbox::server::{Notice, tell},
        invitations,
    },
    ids::{MembershipId, TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, EventKind},
        http::request::RequestContext,
        queue::Periodic,
        scope::{Reach, Scope, ServiceScope},
    },
};

/// So many are ended in one go; the others wait for the next.
const AT_ONCE: i32 = 1000;

/// Ends what is due, once a minute.
pub fn expiring() -> Periodic {
    Periodic::new("members.expire", TimeDelta::minutes(1), |stoa| async move { expire(&stoa).await.map(|_| ()) })
}

/// Ends every membership whose end date has come, each in a transaction of its own. Returns how many.
///
/// # Errors
/// Where they could not even be listed. One that cannot be ended is logged and does not keep the others.
pub async fn expire(stoa: &Stoa) -> Result<usize, AppError> {
    let mut ended = 0;
    for (tenant, workspace, id) in store::due(&stoa.db, stoa.clock.now(), AT_ONCE).await? {
        match expire_one(stoa, tenant, workspace, id).await {
            Ok(is_ended) => ended += usize::from(is_ended),
            Err(error) => tracing::warn!(%error, member = %id, "a membership past its end date was not ended"),
        }
    }
    Ok(ended)
}

async fn expire_one(stoa: &Stoa, tenant: TenantId, workspace: WorkspaceId, id: MembershipId) -> Result<bool, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", "members.expire");
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system("members.expire"), tenant, "members.expire").await?;
    store::lock_workspace(&mut scope, tenant, workspace).await?;
    let ended = end_if_due(&mut scope, tenant, workspace, id).await?;
    if let Some(member) = &ended {
        let notice = Notice {
            kind: EventKind::MemberExpired.name(),
            tenant: Some(tenant),
            workspace: Some(workspace),
            title: "A membership of yours reached its end date".to_owned(),
            body: "You cannot open that workspace any more. If you still need to, ask its owners or admins for a new invitation."
                .to_owned(),
            link: None,
        };
        tell(&mut scope, member.user, &notice).await?;
    }
    scope.commit().await?;
    Ok(ended.is_some())
}

/// Ends a membership whose end date has come, and the invitations that stand in its person's name. None where the date
/// was moved meanwhile.
pub(super) async fn end_if_due<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
) -> Result<Option<Member>, AppError> {
    let now = scope.now();
    let Some(member) = store::find(scope, tenant, workspace, id).await?.filter(|member| member.has_ended(now)) else { return Ok(None) };
    invitations::server::revoke_of(scope, tenant, workspace, member.user).await?;
    api_keys::server::revoke_all(scope, tenant, workspace, member.user, "its steward's membership reached its end date").await?;
    end(scope, tenant, workspace, &member, EventKind::MemberExpired).await?;
    Ok(Some(member))
}
