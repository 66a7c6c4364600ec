//! The copy of an item that is sent by mail.

use super::store;
use crate::{
    ids::{InboxItemId, UserId},
    paths,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        mail::{self, Letter},
        queue::{Done, Failure, Job},
        scope::ServiceScope,
    },
};

/// An item as its mail needs it.
#[derive(Clone, Debug)]
pub struct ToMail {
    pub email: String,
    pub title: String,
    pub body: String,
    pub link: Option<String>,
}

/// Sends one item to whom it was told, unless they read it meanwhile or their address is not proven to be theirs.
pub async fn mail_item(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    let (person, item) = (UserId(job.value("user")?), InboxItemId(job.value("item")?));
    let request = RequestContext::internal(&stoa.clock, "queue", job.kind);
    let mut scope = ServiceScope::open_service(&stoa, &request, Actor::system(job.kind), job.tenant, job.kind).await?;
    let found = store::find_to_mail(&mut scope, person, item).await?;
    scope.close().await?;
    let Some(found) = found else { return Ok(Done) };
    // The same words each time, so the same name: who got it twice is shown it once.
    mail::send(&stoa, item, &letter(&stoa, found)).await?;
    Ok(Done)
}

fn letter(stoa: &Stoa, item: ToMail) -> Letter {
    let console = &stoa.config.public_urls;
    let inbox = console.console_url(paths::INBOX);
    let mut paragraphs = Letter::paragraphs_of(&item.body);
    if paragraphs.is_empty() {
        paragraphs.push(item.title.clone());
    }
    Letter {
        to: item.email,
        subject: item.title,
        paragraphs,
        action: item.link.map(|link| ("Open in Stoa".to_owned(), console.console_url(&paths::local(&link)))),
        footer: format!("This is a copy of what your inbox says: {inbox}"),
    }
}
