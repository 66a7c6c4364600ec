//! The operator's side: what was consented to, anywhere, and entering by it.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{MAIL, store, target};
use crate::{
    error::AppError,
    features::{
        inbox::{self, server::Notice},
        security,
    },
    ids::{ConsentId, TenantId, WorkspaceId},
    paths,
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log},
        http::request::RequestContext,
        scope::{Person, ServiceScope, UserScope},
    },
};

/// A live consent, as an operator sees it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub workspace: WorkspaceId,
    pub workspace_slug: String,
    pub workspace_name: String,
    pub id: ConsentId,
    pub reason: String,
    pub granted_by: String,
    pub granted_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// By it, and with the session that asks.
    pub entered: bool,
}

/// Every live consent, those that end first at the head.
///
/// # Errors
/// `NotFound` for whoever is no operator: for them there is no such page.
pub async fn offered(scope: &mut UserScope) -> Result<Vec<Offered>, AppError> {
    if !scope.person().operator {
        return Err(AppError::NotFound);
    }
    let (now, session) = (scope.now(), scope.session().unwrap_or_default());
    store::offered(scope, now, &session).await
}

/// Writes down that the operator enters by a consent, and tells the owners. Only then the workspace opens to this
/// session. Entering again by the same consent, with the same session, says nothing new.
pub async fn enter(stoa: &Stoa, request: &RequestContext, operator: &Person, session: [u8; 32], offered: &Offered) -> Result<(), AppError> {
    let mut scope = ServiceScope::open_service(stoa, request, Actor::system("support access"), offered.tenant, "support access").await?;
    scope.act_with(Actor::support(operator), session);
    let now = scope.now();
    if !store::insert_use(&mut scope, offered, &session, operator.id, &operator.name, now).await? {
        return scope.close().await;
    }
    let log = Log::Workspace(offered.tenant, offered.workspace);
    scope.record_in(log, Event::new(EventKind::SupportAccessUsed, target(offered.id)).because(&offered.reason));
    let notice = Notice {
        kind: EventKind::SupportAccessUsed.name(),
        tenant: Some(offered.tenant),
        workspace: Some(offered.workspace),
        title: format!("Support looks into {}", offered.workspace_name).chars().take(200).collect(),
        body: format!(
            "{} entered with the consent that {} gave: “{}”\n\nThey read and change nothing. It ends at {} at the latest; any owner can end it before.",
            operator.name,
            offered.granted_by,
            offered.reason,
            offered.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        ),
        link: Some(paths::support_access(&offered.workspace_slug)),
    };
    for owner in store::owners(&mut scope, offered.tenant, offered.workspace, now).await? {
        inbox::server::tell(&mut scope, owner, &notice).await?;
    }
    let addresses = security::server::addresses(&mut scope, offered.tenant, offered.workspace).await?;
    security::server::notify(&mut scope, offered.tenant, offered.workspace, MAIL, &addresses, offered.id.0).await?;
    scope.commit().await
}
