//! The SQL that counts what keys ask somebody to do.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        scope::{Reach, Scope},
    },
};

/// The keys of one concern, the earliest first.
#[derive(Clone, Debug)]
pub struct Found {
    pub concern: String,
    pub kind: Kind,
    pub count: i64,
    /// Twenty of them, each with its name and moment.
    pub ids: Vec<Uuid>,
    pub names: Vec<String>,
    pub moments: Vec<DateTime<Utc>>,
}

/// Of this steward's keys alone where one is named. The three moments are since when a key ended lately, until when one
/// ends soon, and since when one is idle that was not used.
pub async fn concerns<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: Option<UserId>,
    now: DateTime<Utc>,
    [lately, soon, idle]: [DateTime<Utc>; 3],
) -> Result<Vec<Found>, AppError> {
    let found = sqlx::query_as!(
        Found,
        r#"
        with held as (
            select id, kind, name, status, expires_at, coalesce(last_used_at, created_at) as idle_since
            from api_key
            where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or steward = $3)
              and status <> 'revoked' and expires_at > $5),
        leaked as (
            select key_id, min(leaked_at) as at
            from api_key_secret
            where tenant_id = $1 and workspace_id = $2 and leaked_at is not null and (ends_at is null or ends_at > $4)
            group by key_id)
        select concern as "concern!", kind as "kind!: Kind", count(*) as "count!",
               (array_agg(id order by at, id))[1:20] as "ids!: Vec<Uuid>",
               (array_agg(name order by at, id))[1:20] as "names!: Vec<String>",
               (array_agg(at order by at, id))[1:20] as "moments!: Vec<DateTime<Utc>>"
        from (
            select 'leaked' as concern, held.id, held.kind, held.name, leaked.at
            from held
            join leaked on leaked.key_id = held.id
            where held.status = 'active' and held.expires_at > $4
            union all
            select 'quarantined', id, kind, name, expires_at from held where status = 'quarantined' and expires_at > $4
            union all
            select 'expired', id, kind, name, expires_at from held where status = 'active' and expires_at <= $4
            union all
            select 'expiring', id, kind, name, expires_at from held where status = 'active' and expires_at > $4 and expires_at <= $6
            union all
            select 'idle', id, kind, name, idle_since from held where status = 'active' and expires_at > $4 and idle_since <= $7) as found
        group by concern, kind
        order by concern, kind
        "#,
        tenant.0,
        workspace.0,
        steward.map(|id| id.0),
        now,
        lately,
        soon,
        idle,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(found)
}
