//! Mails to the addresses that a workspace names for its security: copies of what its people are told.

use uuid::Uuid;

use super::store;
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    paths,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        mail::{self, Delivery, Letter, Queued},
        queue::{Done, Failure, Job},
        scope::{Reach, Scope, ServiceScope},
    },
};

/// The kind of job, and of mail, that says that a posture was changed.
pub const MAIL: &str = "security.mail";

/// The addresses that a workspace names.
pub async fn addresses<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<String>, AppError> {
    let settings = store::of_workspace(scope, tenant, workspace).await?;
    Ok(settings.extras.map(|extras| extras.notify).unwrap_or_default())
}

/// Puts a mail of that kind on the list for each of the addresses. One for which there is no budget is left out: it never
/// keeps a change from being made, and the inbox and the audit log say what it would have said.
pub async fn notify<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    kind: &'static str,
    addresses: &[String],
    about: Uuid,
) -> Result<(), AppError> {
    for address in addresses {
        if let Queued::Spent(spent) = mail::queue(scope, tenant, Some(workspace), kind, address, about).await? {
            tracing::warn!(%tenant, %workspace, kind, budget = ?spent, "a notification was not mailed: the budget is spent");
        }
    }
    Ok(())
}

/// Sends one that says that the posture was changed.
pub async fn mail_change(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    mail::attempt(&stoa, &job, |delivery| write(stoa.clone(), delivery)).await
}

async fn write(stoa: Stoa, delivery: Delivery) -> Result<Option<Letter>, Failure> {
    let Some(workspace) = delivery.workspace else { return Ok(None) };
    let request = RequestContext::internal(&stoa.clock, "queue", MAIL);
    let mut scope = ServiceScope::open_service(&stoa, &request, Actor::system(MAIL), delivery.tenant, MAIL).await?;
    let named = store::name_of(&mut scope, delivery.tenant, workspace).await?;
    scope.close().await?;
    let Some((name, slug)) = named else { return Ok(None) };
    Ok(Some(Letter {
        to: delivery.recipient,
        subject: format!("{name}: what is asked of sign-ins was changed"),
        paragraphs: vec![
            format!("Somebody who manages {name} changed what it asks of whoever comes in, or who is told about its security."),
            "Its audit log says who, when, and what it was before.".to_owned(),
        ],
        action: Some(("Look at it".to_owned(), stoa.config.public_urls.console_url(&paths::security(&slug)))),
        footer: footer(&name),
    }))
}

/// Why the reader gets it.
pub fn footer(workspace: &str) -> String {
    format!("Sent because this address is named in the security settings of {workspace}.")
}
