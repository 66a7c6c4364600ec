//! The server's half of support access.

mod desk;
mod mailing;
mod store;

pub use desk::{Offered, enter, offered};
pub use mailing::{MAIL, mail_consent};
pub use store::{Consent, Use};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::Lasting;
use crate::{
    access::{AskWorkspace, workspace::GrantSupportAccess},
    error::AppError,
    features::{
        inbox::{self, server::Notice},
        members, security,
    },
    ids::{ConsentId, UserId},
    paths,
    server::{
        events::{Event, EventKind, Target},
        scope::WorkspaceScope,
    },
};

/// A page of the list.
pub const PAGE: usize = 50;

/// Until when support may look into this workspace; None while it may not.
pub async fn open_until<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Option<DateTime<Utc>>, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    Ok(store::find_live(scope, tenant, workspace, now).await?.map(|(_, until)| until))
}

/// The consents of this workspace, newest first, and who entered by each; from after `after`.
/// Returns one more than a page where there is another one.
pub async fn list<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, after: Option<ConsentId>) -> Result<(Vec<Consent>, Vec<Use>), AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let consents = store::list(scope, tenant, workspace, after, PAGE + 1).await?;
    let uses = store::list_uses(scope, tenant, workspace, &consents).await?;
    Ok((consents, uses))
}

/// Lets operators look into the workspace for a while. One consent at a time, so that ending it ends all of it.
///
/// # Errors
/// `Conflict` while an earlier consent lasts.
pub async fn grant(scope: &mut WorkspaceScope<GrantSupportAccess>, reason: &str, lasting: Lasting) -> Result<(), AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().clone(), scope.now());
    members::server::take_turn(scope, tenant, workspace.id).await?;
    if store::find_live(scope, tenant, workspace.id, now).await?.is_some() {
        return Err(AppError::Conflict("Support has access already. End that consent before you give another one.".to_owned()));
    }
    let (id, owner) = (ConsentId(scope.new_id()), scope.person().clone());
    let until = now + TimeDelta::hours(lasting.hours());
    store::insert(scope, tenant, workspace.id, id, owner.id, reason, now, until).await?;
    let at = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    scope.record(Event::new(EventKind::SupportAccessGranted, target(id)).changing("expires_at", None, Some(&at)).because(reason));
    let notice = Notice {
        kind: EventKind::SupportAccessGranted.name(),
        tenant: Some(tenant),
        workspace: Some(workspace.id),
        title: format!("Support may look into {}", workspace.name),
        body: format!(
            "{} consented to support access for {}: “{reason}”\n\nAny owner can end it. You are told when it is used.",
            owner.name,
            lasting.label()
        ),
        link: Some(paths::support_access(&workspace.slug)),
    };
    for other in other_owners(scope, owner.id).await? {
        inbox::server::tell(scope, other, &notice).await?;
    }
    let addresses = security::server::addresses(scope, tenant, workspace.id).await?;
    security::server::notify(scope, tenant, workspace.id, MAIL, &addresses, id.0).await
}

async fn other_owners(scope: &mut WorkspaceScope<GrantSupportAccess>, person: UserId) -> Result<Vec<UserId>, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let owners = store::owners(scope, tenant, workspace, now).await?;
    Ok(owners.into_iter().filter(|owner| *owner != person).collect())
}

/// Takes a consent back: the next request made by it is refused.
///
/// # Errors
/// `NotFound` where the workspace has no such consent, `Conflict` where it is over already.
pub async fn end(scope: &mut WorkspaceScope<GrantSupportAccess>, id: ConsentId) -> Result<(), AppError> {
    let (tenant, workspace, now, person) = (scope.tenant().id, scope.workspace().id, scope.now(), scope.person().id);
    if !store::end(scope, tenant, workspace, id, person, now).await? {
        if !store::exists(scope, tenant, workspace, id).await? {
            return Err(AppError::NotFound);
        }
        return Err(AppError::Conflict("That consent is over already: support cannot look into this workspace by it.".to_owned()));
    }
    scope.record(Event::new(EventKind::SupportAccessEnded, target(id)));
    Ok(())
}

fn target(id: ConsentId) -> Target {
    Target { kind: "support_consent", id: id.to_string(), name: None }
}
