//! The SQL behind the rules of record retention.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::Rule;
use crate::{
    access::{AskWorkspace, workspace::ManageSettings},
    error::AppError,
    ids::{ApiKeyId, ReductionId, RetentionRuleId, TenantId, UserId, WorkspaceId},
    server::{
        database::IfViolates as _,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

pub async fn list<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Rule>, AppError> {
    let rules = sqlx::query_as!(
        Rule,
        r#"
        select rule.id as "id: RetentionRuleId", rule.act, rule.module, rule.resource, rule.basis, rule.days, rule.version,
               rule.set_by as "set_by: UserId", rule.set_by_key as "set_by_key: ApiKeyId", rule.set_by_name, rule.set_at,
               rule.next_run_at, rule.last_run_at, rule.last_outcome, rule.last_reduction as "last_reduction: ReductionId",
               begun.status as "last_status?", begun.done as "last_done?", begun.reason as "last_reason?"
        from record_retention as rule
        left join reduction as begun
          on begun.tenant_id = rule.tenant_id and begun.workspace_id = rule.workspace_id and begun.id = rule.last_reduction
        where rule.tenant_id = $1 and rule.workspace_id = $2
        order by rule.resource, rule.act
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rules)
}

/// Holds the rule of a resource and act until the scope ends, where there is one: what was begun by it ends its batch first.
pub async fn hold(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    (resource, act): (&str, &str),
) -> Result<(), AppError> {
    sqlx::query!(
        "select id from record_retention
         where tenant_id = $1 and workspace_id = $2 and resource = $3 and act = $4
         for update",
        tenant.0,
        workspace.0,
        resource,
        act,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(())
}

/// Also keeps a second one of the resource and act from standing beside the first. Its first turn is at `next_run_at`.
///
/// # Errors
/// `Conflict` where somebody set one at the same moment.
pub async fn insert(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    new: &Rule,
) -> Result<(), AppError> {
    let says = || AppError::Conflict("Somebody else set this rule at the same moment. Look at what it is now, then try again.".to_owned());
    sqlx::query!(
        "insert into record_retention (
             tenant_id, workspace_id, id, act, module, resource, basis, days, version, set_by, set_by_key, set_by_name, set_at, shown_at,
             next_run_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)",
        tenant.0,
        workspace.0,
        new.id.0,
        new.act,
        new.module,
        new.resource,
        new.basis,
        new.days,
        new.version,
        new.set_by.0,
        new.set_by_key.map(|key| key.0),
        new.set_by_name,
        new.set_at,
        new.next_run_at,
    )
    .execute(scope.write())
    .await
    .if_violates("record_retention_one_of_each", says)?;
    Ok(())
}

/// Keeps other terms of it. `is_seen`: it takes more than before, was looked at, and waits anew.
pub async fn update(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    changed: &Rule,
    is_seen: bool,
) -> Result<(), AppError> {
    sqlx::query!(
        "update record_retention
         set days = $4, basis = $5, module = $6, version = $7, set_by = $8, set_by_key = $9, set_by_name = $10, set_at = $11,
             shown_at = case when $13 then $11 else shown_at end, next_run_at = $12
         where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        changed.id.0,
        changed.days,
        changed.basis,
        changed.module,
        changed.version,
        changed.set_by.0,
        changed.set_by_key.map(|key| key.0),
        changed.set_by_name,
        changed.set_at,
        changed.next_run_at,
        is_seen,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn delete(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: RetentionRuleId,
) -> Result<(), AppError> {
    sqlx::query!("delete from record_retention where tenant_id = $1 and workspace_id = $2 and id = $3", tenant.0, workspace.0, id.0)
        .execute(scope.write())
        .await?;
    Ok(())
}

pub async fn stands<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    (id, version): (RetentionRuleId, i64),
) -> Result<bool, AppError> {
    let stands = sqlx::query_scalar!(
        r#"
        select exists (
            select from record_retention where tenant_id = $1 and workspace_id = $2 and id = $3 and version = $4) as "stands!"
        "#,
        tenant.0,
        workspace.0,
        id.0,
        version,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(stands)
}

/// Rules behind `after` whose turn it is, of whichever tenant.
pub async fn due(
    db: &PgPool,
    moment: DateTime<Utc>,
    after: RetentionRuleId,
    most: i32,
) -> Result<Vec<(TenantId, WorkspaceId, RetentionRuleId)>, AppError> {
    let due = sqlx::query!(
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId", id as "id!: RetentionRuleId"
        from due_record_retention($1, $2, $3)
        "#,
        moment,
        after.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due.into_iter().map(|row| (row.tenant, row.workspace, row.id)).collect())
}

/// It had its turn; the reduction before stays its last where it began none.
pub async fn had_turn(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: RetentionRuleId,
    (outcome, reduction, next): (&str, Option<ReductionId>, DateTime<Utc>),
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update record_retention
         set last_run_at = $4, last_outcome = $5, last_reduction = coalesce($6, last_reduction), next_run_at = $7
         where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        now,
        outcome,
        reduction.map(|reduction| reduction.0),
        next,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}
