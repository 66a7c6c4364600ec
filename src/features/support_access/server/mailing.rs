//! The mail about a consent, to the addresses that the workspace names for its security.

use super::store;
use crate::{
    features::security,
    ids::ConsentId,
    paths,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        mail::{self, Delivery, Letter},
        queue::{Done, Failure, Job},
        scope::ServiceScope,
    },
};

/// The kind of job, and of mail.
pub const MAIL: &str = "support_access.mail";

/// Sends one: how the consent stands when it is written.
pub async fn mail_consent(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    mail::attempt(&stoa, &job, |delivery| write(stoa.clone(), delivery)).await
}

async fn write(stoa: Stoa, delivery: Delivery) -> Result<Option<Letter>, Failure> {
    let Some(workspace) = delivery.workspace else { return Ok(None) };
    let request = RequestContext::internal(&stoa.clock, "queue", MAIL);
    let mut scope = ServiceScope::open_service(&stoa, &request, Actor::system(MAIL), delivery.tenant, MAIL).await?;
    let found = store::find_to_mail(&mut scope, delivery.tenant, workspace, ConsentId(delivery.about)).await?;
    scope.close().await?;
    let Some(found) = found else { return Ok(None) };
    let shown = |at: chrono::DateTime<chrono::Utc>| at.format("%-d %b %Y, %H:%M UTC").to_string();
    let giver = found.granted_by.unwrap_or_else(|| "An owner".to_owned());
    let entered = match found.last_used_at {
        Some(at) => format!("Last entered on {}.", shown(at)),
        None => "Nobody entered by it so far.".to_owned(),
    };
    let until = match found.ended_at {
        Some(at) => format!("It was ended on {}.", shown(at)),
        None => format!("It ends on {} at the latest. Any owner can end it before.", shown(found.expires_at)),
    };
    Ok(Some(Letter {
        to: delivery.recipient,
        subject: format!("{}: support access", found.workspace_name),
        paragraphs: vec![
            format!("{giver} let the operator's support look into {}: “{}”", found.workspace_name, found.reason),
            format!("They read and change nothing. {entered} {until}"),
        ],
        action: Some(("Look at it".to_owned(), stoa.config.public_urls.console_url(&paths::support_access(&found.workspace_slug)))),
        footer: security::server::footer(&found.workspace_name),
    }))
}
