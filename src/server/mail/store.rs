//! The SQL behind the list of mails.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Delivery, Listed, Status};
use crate::{
    error::AppError,
    ids::{MailId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope},
};

pub async fn insert<R: Reach>(scope: &mut Scope<R>, kind: &str, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "insert into mail (tenant_id, id, workspace_id, kind, recipient, about, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        delivery.tenant.0,
        delivery.id.0,
        delivery.workspace.map(|id| id.0),
        kind,
        delivery.recipient,
        delivery.about,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// Mails of the tenant since the first moment, `most` at most, and of these kind and recipient since the second.
pub async fn so_far<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    kind: &str,
    recipient: &str,
    (day_began, window_began): (DateTime<Utc>, DateTime<Utc>),
    most: i64,
) -> Result<(i64, i64), AppError> {
    let so_far = sqlx::query!(
        r#"select of_day as "of_day!", to_recipient as "to_recipient!" from mails_so_far($1, $2, $3, $4, $5, $6)"#,
        tenant.0,
        kind,
        recipient,
        day_began,
        window_began,
        most,
    )
    .fetch_one(scope.read())
    .await?;
    Ok((so_far.of_day, so_far.to_recipient))
}

pub async fn supersede<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, about: Uuid) -> Result<u64, AppError> {
    let superseded = sqlx::query!(
        "update mail set status = 'superseded' where tenant_id = $1 and about = $2 and status in ('queued', 'failed')",
        tenant.0,
        about,
    )
    .execute(scope.note())
    .await?;
    Ok(superseded.rows_affected())
}

/// One that an operator tries again stands as failed.
pub async fn find_unsent(scope: &mut ServiceScope, tenant: TenantId, id: MailId) -> Result<Option<Delivery>, AppError> {
    let found = sqlx::query!(
        "select workspace_id, recipient, about
         from mail
         where tenant_id = $1 and id = $2 and status in ('queued', 'failed')",
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(found.map(|row| Delivery { id, tenant, workspace: row.workspace_id.map(WorkspaceId), recipient: row.recipient, about: row.about }))
}

/// Counts an attempt and says how it went. What was taken back in between and not sent stays taken back.
pub async fn settle(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: MailId,
    status: Status,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update mail
         set status = $3, attempts = attempts + 1, last_error = $4, sent_at = case when $3 = 'sent' then $5::timestamptz end
         where tenant_id = $1 and id = $2 and (status in ('queued', 'failed') or $3 = 'sent')",
        tenant.0,
        id.0,
        status.name(),
        error,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    status: Option<Status>,
    after: Option<MailId>,
    most: i64,
) -> Result<Vec<Listed>, AppError> {
    let mails = sqlx::query_as!(
        Listed,
        r#"select id as "id: MailId", kind, recipient, status as "status: Status", attempts, last_error, created_at, sent_at
           from mail
           where tenant_id = $1 and workspace_id = $2 and ($3::text is null or status = $3) and ($4::uuid is null or id < $4)
           order by id desc
           limit $5"#,
        tenant.0,
        workspace.0,
        status.map(Status::name),
        after.map(|id| id.0),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(mails)
}

pub async fn statuses<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, mails: &[MailId]) -> Result<HashMap<MailId, Status>, AppError> {
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.0).collect();
    let statuses = sqlx::query!(
        r#"select id as "id: MailId", status as "status: Status" from mail where tenant_id = $1 and id = any ($2)"#,
        tenant.0,
        &ids,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(statuses.into_iter().map(|row| (row.id, row.status)).collect())
}
