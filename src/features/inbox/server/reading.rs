//! A person's own reading of their inbox. Marks are notes, and no events: nobody else is concerned.

use chrono::{DateTime, Utc};

use super::store;
use crate::{
    error::AppError,
    ids::InboxItemId,
    server::{mail::Letter, scope::UserScope},
};

/// Items of a page.
const PAGE: usize = 50;

/// One thing that the person was told.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: InboxItemId,
    pub title: String,
    pub body: String,
    /// A path of this console.
    pub link: Option<String>,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

impl Item {
    pub fn paragraphs(&self) -> Vec<String> {
        Letter::paragraphs_of(&self.body)
    }
}

/// One page of the inbox, newest first.
#[derive(Clone, Debug)]
pub struct Listing {
    pub items: Vec<Item>,
    /// The last of this page, where another one follows.
    pub next: Option<InboxItemId>,
}

/// What the person was told before `after`, or at all.
pub async fn list(scope: &mut UserScope, only_unread: bool, after: Option<InboxItemId>) -> Result<Listing, AppError> {
    let mut items = store::list(scope, only_unread, after, i64::try_from(PAGE + 1).unwrap_or(i64::MAX)).await?;
    let has_more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| has_more).map(|item| item.id);
    Ok(Listing { items, next })
}

/// Again is harmless.
///
/// # Errors
/// `NotFound` where the item is not the person's.
pub async fn mark_read(scope: &mut UserScope, item: InboxItemId) -> Result<(), AppError> {
    let now = scope.now();
    if store::mark_read(scope, item, now).await? { Ok(()) } else { Err(AppError::NotFound) }
}

/// Marks what the person had been shown: up to `newest`, and nothing that came since.
pub async fn mark_all_read(scope: &mut UserScope, newest: InboxItemId) -> Result<(), AppError> {
    let now = scope.now();
    store::mark_all_read(scope, newest, now).await
}
