//! The SQL behind the inbox.

use chrono::{DateTime, Utc};

use super::{Notice, copying::ToMail, reading::Item};
use crate::{
    error::AppError,
    ids::{InboxItemId, UserId},
    server::scope::{Reach, Scope, ServiceScope, UserScope},
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

pub async fn list(scope: &mut UserScope, only_unread: bool, after: Option<InboxItemId>, most: i64) -> Result<Vec<Item>, AppError> {
    let person = scope.person().id;
    let items = sqlx::query_as!(
        Item,
        r#"select id as "id: InboxItemId", title, body, link, created_at, read_at
           from inbox_item
           where user_id = $1 and (read_at is null or not $2) and ($3::uuid is null or id < $3)
           order by id desc
           limit $4"#,
        person.0,
        only_unread,
        after.map(|id| id.0),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(items)
}

/// False where there is no such item. What was read stays read since then.
pub async fn mark_read(scope: &mut UserScope, item: InboxItemId, now: DateTime<Utc>) -> Result<bool, AppError> {
    let person = scope.person().id;
    let marked =
        sqlx::query!("update inbox_item set read_at = coalesce(read_at, $3) where user_id = $1 and id = $2", person.0, item.0, now)
            .execute(scope.note())
            .await?;
    Ok(marked.rows_affected() == 1)
}

pub async fn mark_all_read(scope: &mut UserScope, newest: InboxItemId, now: DateTime<Utc>) -> Result<(), AppError> {
    let person = scope.person().id;
    sqlx::query!("update inbox_item set read_at = $3 where user_id = $1 and id <= $2 and read_at is null", person.0, newest.0, now)
        .execute(scope.note())
        .await?;
    Ok(())
}

pub async fn find_to_mail(scope: &mut ServiceScope, person: UserId, item: InboxItemId) -> Result<Option<ToMail>, AppError> {
    let found = sqlx::query_as!(
        ToMail,
        r#"select email as "email!", title as "title!", body as "body!", link from inbox_item_to_mail($1, $2)"#,
        person.0,
        item.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(found)
}
