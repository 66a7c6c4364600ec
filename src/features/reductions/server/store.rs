//! The SQL behind reductions themselves; what they take is in `taking`.

mod taking;

pub use taking::{Counted, count, next_to_archive, page, purge};

use sqlx::PgPool;

use super::{Reduction, asked::Pointers};
use crate::{
    access::{AskWorkspace, workspace::ManageSettings},
    error::AppError,
    ids::{ApiKeyId, ReductionId, RetentionRuleId, TenantId, UserId, WorkspaceId},
    server::{
        database::IfViolates as _,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// Also keeps a second one of the resource from running beside the first.
///
/// # Errors
/// `Conflict` where one of the resource runs.
pub async fn insert(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    new: &Reduction,
    parts: &Pointers,
) -> Result<(), AppError> {
    let says = || AppError::Conflict("A reduction of this resource runs already. Wait until it is over, or stop it.".to_owned());
    sqlx::query!(
        "insert into reduction (
             tenant_id, workspace_id, id, act, module, resource, basis, before, expected, user_id, key_id, asked_by, started_at, touched_at,
             part_resources, part_fields, rule_id, rule_version, rule_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17, $18)",
        tenant.0,
        workspace.0,
        new.id.0,
        new.act,
        new.module,
        new.resource,
        new.basis,
        new.before,
        new.expected,
        new.user.0,
        new.key.map(|key| key.0),
        new.asked_by,
        new.started_at,
        &parts.resources,
        &parts.fields,
        new.rule.map(|rule| rule.0),
        new.rule_version,
        new.rule.map(|_| new.started_at.date_naive()),
    )
    .execute(scope.write())
    .await
    .if_violates("reduction_running", says)?;
    Ok(())
}

pub async fn recent<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    most: i64,
) -> Result<Vec<Reduction>, AppError> {
    let reductions = sqlx::query_as!(
        Reduction,
        r#"
        select id as "id: ReductionId", act, module, resource, basis, before, expected, done, kept, parts, freed_bytes, cursor, status,
               reason, user_id as "user: UserId", key_id as "key: ApiKeyId", rule_id as "rule: RetentionRuleId", rule_version, asked_by,
               started_at, touched_at, ended_at
        from reduction
        where tenant_id = $1 and workspace_id = $2
        order by id desc
        limit $3
        "#,
        tenant.0,
        workspace.0,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(reductions)
}

pub async fn find<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
) -> Result<Option<Reduction>, AppError> {
    let reduction = sqlx::query_as!(
        Reduction,
        r#"
        select id as "id: ReductionId", act, module, resource, basis, before, expected, done, kept, parts, freed_bytes, cursor, status,
               reason, user_id as "user: UserId", key_id as "key: ApiKeyId", rule_id as "rule: RetentionRuleId", rule_version, asked_by,
               started_at, touched_at, ended_at
        from reduction
        where tenant_id = $1 and workspace_id = $2 and id = $3
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(reduction)
}

/// One that runs, held until the scope ends: it is not stopped in the middle of a batch, and done by one alone.
pub async fn hold_running<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
) -> Result<Option<Reduction>, AppError> {
    let running = sqlx::query_as!(
        Reduction,
        r#"
        select id as "id: ReductionId", act, module, resource, basis, before, expected, done, kept, parts, freed_bytes, cursor, status,
               reason, user_id as "user: UserId", key_id as "key: ApiKeyId", rule_id as "rule: RetentionRuleId", rule_version, asked_by,
               started_at, touched_at, ended_at
        from reduction
        where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'running'
        for no key update
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(running)
}

/// Whether one of the resource runs.
pub async fn is_running<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &str,
) -> Result<bool, AppError> {
    let is_running = sqlx::query_scalar!(
        r#"
        select exists (
            select from reduction where tenant_id = $1 and workspace_id = $2 and resource = $3 and status = 'running') as "is_running!"
        "#,
        tenant.0,
        workspace.0,
        resource,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(is_running)
}

/// Ends one that runs; none where it is over already.
pub async fn end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
    status: &str,
    reason: Option<&str>,
) -> Result<Option<Reduction>, AppError> {
    let now = scope.now();
    let ended = sqlx::query_as!(
        Reduction,
        r#"
        update reduction
        set status = $4, reason = $5, ended_at = $6, touched_at = $6
        where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'running'
        returning id as "id: ReductionId", act, module, resource, basis, before, expected, done, kept, parts, freed_bytes, cursor,
                  status, reason, user_id as "user: UserId", key_id as "key: ApiKeyId", rule_id as "rule: RetentionRuleId", rule_version,
                  asked_by, started_at, touched_at, ended_at
        "#,
        tenant.0,
        workspace.0,
        id.0,
        status,
        reason,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    if ended.is_some() {
        // From here on only the event makes it permanent.
        scope.write();
    }
    Ok(ended)
}

/// So many more are done, with so many parts, and so many bytes are free.
pub async fn advance<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
    (done, parts, freed): (i64, i64, i64),
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update reduction
         set done = done + $4, parts = parts + $5, freed_bytes = freed_bytes + $6, touched_at = $7
         where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        done,
        parts,
        freed,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// Everything up to this record was looked at; `kept` of it stays as it is.
pub async fn come_to<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
    last: uuid::Uuid,
    kept: i64,
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update reduction
         set cursor = $4, kept = kept + $5, touched_at = $6
         where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        last,
        kept,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// It has a job again.
pub async fn touch<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, id: ReductionId) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update reduction set touched_at = $4 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// Of whichever tenant, those that run and have not come on since then.
pub async fn stalled(
    db: &PgPool,
    since: chrono::DateTime<chrono::Utc>,
    most: i32,
) -> Result<Vec<(TenantId, WorkspaceId, ReductionId)>, AppError> {
    let stalled = sqlx::query!(
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId", id as "id!: ReductionId"
        from stalled_reductions($1, $2)
        "#,
        since,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(stalled.into_iter().map(|row| (row.tenant, row.workspace, row.id)).collect())
}
