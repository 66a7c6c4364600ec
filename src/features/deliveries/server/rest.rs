//! A workspace's mails over the API: whether each went. What a mail said is not kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    access::workspace::ReadAudit,
    error::AppError,
    ids::MailId,
    server::{
        mail::{self, Listed, Status},
        rest::{Answer, Call, Named, Operation, PageQuery, instant},
    },
};

pub fn operations() -> Vec<Operation> {
    vec![Operation::read(
        Named::new(
            "deliveries.list",
            "/mail",
            Some("audit:read"),
            "What was mailed on the workspace's behalf in the last 90 days, newest first, and whether it went.",
        ),
        list,
    )]
}

#[derive(Serialize, JsonSchema)]
struct Mail {
    /// `mail_…`
    id: String,
    /// What it was about: `invitation.mail`.
    kind: String,
    /// The address.
    recipient: String,
    /// `queued`, `sent`, `failed` (for good) or `superseded` (taken back).
    status: String,
    attempts: i32,
    /// What the last attempt met.
    last_error: Option<String>,
    /// When it was wanted: RFC 3339, UTC.
    created_at: String,
    sent_at: Option<String>,
}

impl From<Listed> for Mail {
    fn from(mail: Listed) -> Self {
        Self {
            id: mail.id.to_string(),
            kind: mail.kind,
            recipient: mail.recipient,
            status: mail.status.name().to_owned(),
            attempts: mail.attempts,
            last_error: mail.last_error,
            created_at: instant(mail.created_at),
            sent_at: mail.sent_at.map(instant),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListMails {
    #[serde(flatten)]
    page: PageQuery,
    /// `queued`, `sent`, `failed` or `superseded`.
    #[serde(default)]
    status: String,
}

async fn list(mut call: Call<ReadAudit>, query: ListMails) -> Result<Answer<ReadAudit, Vec<Mail>>, AppError> {
    const SAYS: &str = "The status is not one of queued, sent, failed and superseded.";
    let status = Status::parse(&query.status);
    if status.is_none() && !query.status.is_empty() {
        return Err(AppError::invalid("status", SAYS));
    }
    let (after, most) = (query.page.after::<MailId>()?, query.page.limit()? + 1);
    let (tenant, workspace) = (call.scope.tenant().id, call.scope.workspace().id);
    let mails = mail::list_of(&mut call.scope, tenant, workspace, status, after, most).await?;
    let (mails, next) = query.page.cut(mails, |mail| mail.id.to_string())?;
    Ok(call.answers(mails.into_iter().map(Mail::from).collect::<Vec<_>>()).continued(next))
}
