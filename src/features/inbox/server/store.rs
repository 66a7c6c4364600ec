//! The SQL behind the inbox.

use chrono::{DateTime, Utc};

use super::Notice;
use crate::{
    error::AppError,
    ids::{InboxItemId, UserId},
    server::scope::{Reach, Scope},
};

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    person: UserId,
    item: InboxItemId,
    notice: &Notice,
    now: DateTime<Utc>,
    by_mail: bool,
) -> Result<(), AppError> {
    sqlx::query!(
        r#"select tell($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as "told: ()""#,
        person.0,
        item.0,
        notice.tenant.map(|id| id.0),
        notice.workspace.map(|id| id.0),
        notice.kind,
        notice.title,
        notice.body,
        notice.link,
        now,
        by_mail,
    )
    .fetch_one(scope.note())
    .await?;
    Ok(())
}
