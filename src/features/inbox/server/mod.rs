//! The server's half of the inbox.

mod copying;
mod reading;
mod store;

pub use copying::mail_item;
pub use reading::{Item, Listing, list, mark_all_read, mark_read};

use crate::{
    error::AppError,
    ids::{InboxItemId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// What a person is told, in words that stand by themselves in a mail.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `noun.verb`, for filters: `member.role_changed`.
    pub kind: &'static str,
    pub tenant: Option<TenantId>,
    pub workspace: Option<WorkspaceId>,
    pub title: String,
    /// Plain text; an empty line begins a new paragraph.
    pub body: String,
    /// A path of this console.
    pub link: Option<String>,
}

/// Tells a person something together with what the scope changes, and has it mailed where mail is configured.
pub async fn tell<R: Reach>(scope: &mut Scope<R>, person: UserId, notice: &Notice) -> Result<(), AppError> {
    let item = InboxItemId(scope.new_id());
    let (now, by_mail) = (scope.now(), scope.stoa().config.mail.is_some());
    store::insert(scope, person, item, notice, now, by_mail).await
}
