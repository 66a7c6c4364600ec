//! Mail: who is to get what is put down with the change that wants it told, and sent by a job.
//!
//! Only the list is kept, never a mail's text: that is made when it is sent, since links with secrets are minted then.
//! A feature that sends mail does three things:
//!
//! ```ignore
//! // 1. With the change, in its scope. Where mail is not configured, or too much was sent: show a link to copy instead.
//! let queued = mail::queue(&mut scope, tenant, Some(workspace), "invitation.mail", &email, invitation.0).await?;
//!
//! // 2. A handler, exported by its server module. `None` says that there is nothing to be said any more.
//! pub async fn mail_invitation(stoa: Stoa, job: Job) -> Result<Done, Failure> {
//!     mail::attempt(&stoa, &job, |delivery| write(stoa.clone(), delivery)).await
//! }
//! async fn write(stoa: Stoa, delivery: Delivery) -> Result<Option<Letter>, Failure> {
//!     // A scope of its own: read `delivery.about`, mint the link, record the event, commit.
//! }
//!
//! // 3. A line in app::jobs(): .on("invitation.mail", invitations::server::mail_invitation)
//! ```
//!
//! Where what was announced changed meanwhile, `supersede` takes the mails about it back that did not go yet.

mod budget;
mod layout;
mod letter;
mod list;
mod store;
mod transport;

use std::{fmt::Display, future::Future};

pub use budget::{Spent, spent};
pub use letter::Letter;
pub use list::{Listed, Listing, Status, list, list_of, statuses};
pub use transport::{Mailer, check};
use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{MailId, TenantId, WorkspaceId},
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        queue::{self, Done, Failure, Job},
        scope::{Reach, Scope, ServiceScope},
    },
};

/// A mail that is about to be sent, as the one who writes it is given it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: MailId,
    pub tenant: TenantId,
    pub workspace: Option<WorkspaceId>,
    pub recipient: String,
    /// What was given to `queue`: an invitation, an inbox item.
    pub about: Uuid,
}

/// What became of a mail that was wanted.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    Listed(MailId),
    /// Nothing was put down: this console sends no mail.
    NoMail,
    /// Nothing was put down: the tenant sent too many.
    Spent(Spent),
}

/// Puts a mail on the list of its place and a job of the same `kind` in the queue. Both are there when the scope
/// commits.
pub async fn queue<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<WorkspaceId>,
    kind: &'static str,
    recipient: &str,
    about: Uuid,
) -> Result<Queued, AppError> {
    if scope.stoa().config.mail.is_none() {
        return Ok(Queued::NoMail);
    }
    if let Some(spent) = spent(scope, tenant, kind, recipient).await? {
        return Ok(Queued::Spent(spent));
    }
    let now = scope.now();
    let delivery = Delivery { id: MailId(scope.new_id()), tenant, workspace, recipient: recipient.to_owned(), about };
    store::insert(scope, kind, &delivery, now).await?;
    queue::enqueue(scope, tenant, kind, &serde_json::json!({ "mail": delivery.id }), now).await?;
    Ok(Queued::Listed(delivery.id))
}

/// Takes back what was to be said about something and was not sent yet; the list says so. Returns how many.
pub async fn supersede<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, about: Uuid) -> Result<u64, AppError> {
    store::supersede(scope, tenant, about).await
}

/// Sends the mail that a job names by `{"mail": id}`, and keeps on the list how that went. `write` makes its text now;
/// `None` from it takes the mail back. A mail that was sent, or taken back, is not sent again.
pub async fn attempt<F, Fut>(stoa: &Stoa, job: &Job, write: F) -> Result<Done, Failure>
where
    F: FnOnce(Delivery) -> Fut,
    Fut: Future<Output = Result<Option<Letter>, Failure>>,
{
    let id: MailId = job.value("mail")?;
    let mut scope = open(stoa, job).await?;
    let found = store::find_unsent(&mut scope, job.tenant, id).await?;
    scope.close().await?;
    let Some(delivery) = found else { return Ok(Done) };
    let sent = match write(delivery).await {
        Ok(Some(letter)) => transport::hand_over(stoa, &reference(id, job.attempt), &letter).await.map(|()| Status::Sent),
        Ok(None) => Ok(Status::Superseded),
        Err(failure) => Err(transport::Refusal { told: "It could not be written.".to_owned(), failure }),
    };
    let mut scope = open(stoa, job).await?;
    let now = scope.now();
    match &sent {
        Ok(status) => store::settle(&mut scope, job.tenant, id, *status, None, now).await?,
        Err(refusal) => {
            let is_over = matches!(refusal.failure, Failure::Never(_)) || job.is_last_attempt();
            let status = if is_over { Status::Failed } else { Status::Queued };
            store::settle(&mut scope, job.tenant, id, status, Some(&refusal.told), now).await?;
        }
    }
    scope.commit().await?;
    sent.map(|_| Done).map_err(|refusal| refusal.failure)
}

/// Sends a letter that is on no list. `reference` becomes its Message-ID: one of our ids, another one each time that the
/// text is made anew.
///
/// # Errors
/// `Never` where the recipient or the server refused it for good, `Again` for everything else.
pub async fn send(stoa: &Stoa, reference: impl Display, letter: &Letter) -> Result<(), Failure> {
    transport::hand_over(stoa, &reference.to_string(), letter).await.map_err(|refusal| refusal.failure)
}

/// A text that was made anew is another mail, even where the one before arrived after all.
fn reference(id: MailId, attempt: u32) -> String {
    format!("{id}.{attempt}")
}

async fn open(stoa: &Stoa, job: &Job) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "queue", job.kind);
    ServiceScope::open_service(stoa, &request, Actor::system(job.kind), job.tenant, job.kind).await
}
