//! The list of mails as it is read: which went, which did not.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::store;
use crate::{
    error::AppError,
    ids::{MailId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Mails of a page.
const PAGE: usize = 50;

/// Where a mail stands. Stored in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Status {
    Queued,
    Sent,
    /// For good.
    Failed,
    /// What it was to say is not so any more.
    Superseded,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Failed, Self::Superseded];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// One mail of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: MailId,
    /// The job's kind: `invitation.mail`.
    pub kind: String,
    pub recipient: String,
    pub status: Status,
    pub attempts: i32,
    /// What the last attempt met, in words for those who wanted the mail.
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

/// One page of the list, newest first.
#[derive(Clone, Debug)]
pub struct Listing {
    pub mails: Vec<Listed>,
    /// The last of this page, where another one follows.
    pub next: Option<MailId>,
}

/// A page of a workspace's mails before `after`, or from the newest on.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    status: Option<Status>,
    after: Option<MailId>,
) -> Result<Listing, AppError> {
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut mails = list_of(scope, tenant, workspace, status, after, most).await?;
    let has_more = mails.len() > PAGE;
    mails.truncate(PAGE);
    let next = mails.last().filter(|_| has_more).map(|mail| mail.id);
    Ok(Listing { mails, next })
}

/// As many of a workspace's mails before `after`, or from the newest on.
pub async fn list_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    status: Option<Status>,
    after: Option<MailId>,
    most: i64,
) -> Result<Vec<Listed>, AppError> {
    store::list(scope, tenant, workspace, status, after, most).await
}

/// Where each of these mails stands; those that are not on the list any more are left out.
pub async fn statuses<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, mails: &[MailId]) -> Result<HashMap<MailId, Status>, AppError> {
    if mails.is_empty() {
        return Ok(HashMap::new());
    }
    store::statuses(scope, tenant, mails).await
}
