//! The SQL that says what there is to choose from, and whether anything came.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::usage::server::{Times, source::Source},
    ids::{ApiKeyId, UserId},
    server::scope::{Reach, Scope},
};

/// One of these: a credential, a person or an operation that used something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub credential: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub operation: Option<String>,
}

/// Every credential, person and operation that used something in these times, the latest made first.
pub async fn choices<R: Reach>(scope: &mut Scope<R>, source: &Source, times: &Times) -> Result<Vec<Choice>, AppError> {
    let choices = sqlx::query_as!(
        Choice,
        r#"
        select chosen.credential_id as "credential: ApiKeyId", chosen.user_id as "user: UserId", chosen.operation
        from (
            select used.credential_id, used.user_id, used.operation,
                   row_number() over (
                       partition by grouping(used.credential_id, used.user_id, used.operation)
                       order by used.credential_id desc, used.user_id desc, used.operation) as place
            from (
            select credential_id, user_id, operation
            from usage_rollup
            where tenant_id = $1 and workspace_id = $2 and starts_at >= $3 and starts_at < $4
            union all
            select credential_id, user_id, operation
            from usage_pending
            where tenant_id = $1 and workspace_id = $2 and occurred_at >= $3 and occurred_at < $4) as used
            group by grouping sets ((used.credential_id), (used.user_id), (used.operation))) as chosen
        -- So many of each kind, so that none is without for all that there is of another.
        where chosen.place <= 500
        order by chosen.credential_id desc nulls last, chosen.user_id desc nulls last, chosen.operation
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(choices)
}

/// Whether anything was used since then: one look at the newest event.
pub async fn came_since<R: Reach>(scope: &mut Scope<R>, source: &Source, since: DateTime<Utc>) -> Result<bool, AppError> {
    let came = sqlx::query_scalar!(
        r#"
        select exists (
            select from usage_event where tenant_id = $1 and workspace_id = $2 and occurred_at > $3) as "came!"
        "#,
        source.tenant.0,
        source.workspace.0,
        since,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(came)
}
