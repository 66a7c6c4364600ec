//! The SQL that keeps the limits which calls compare with for themselves.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{error::AppError, features::billing::server::pausing::Paused, ids::TenantId, money::Nanos, server::scope::ServiceScope};

/// These and no others, from here on. Written only where they are others than before: the tenant is held.
pub async fn keep(scope: &mut ServiceScope, tenant: TenantId, month: NaiveDate, near: &[(Paused, Nanos)]) -> Result<(), AppError> {
    let ids: Vec<Uuid> = near.iter().map(|_| scope.new_id()).collect();
    let workspaces: Vec<Option<Uuid>> = near.iter().map(|(paused, _)| paused.workspace).collect();
    let credentials: Vec<Option<Uuid>> = near.iter().map(|(paused, _)| paused.credential).collect();
    let reasons: Vec<String> = near.iter().map(|(paused, _)| paused.reason.name().to_owned()).collect();
    let limits: Vec<i64> = near.iter().map(|(paused, _)| paused.limit_micros).collect();
    let at: Vec<i64> = near.iter().map(|(_, at)| at.0).collect();
    sqlx::query!(
        r#"
        with given as (
            select $2::date as month, given.*
            from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[])
                as given (id, workspace_id, credential_id, reason, limit_micros, at_nanos)),
        gone as (
            delete from spend_near as known
            where known.tenant_id = $1 and not exists (
                select from given
                where (given.month, given.reason, given.limit_micros, given.at_nanos)
                    = (known.month, known.reason, known.limit_micros, known.at_nanos)
                  and given.workspace_id is not distinct from known.workspace_id
                  and given.credential_id is not distinct from known.credential_id)
            returning known.id)
        select count(*) as "gone!" from gone
        "#,
        tenant.0,
        month,
        &ids,
        &workspaces as &[Option<Uuid>],
        &credentials as &[Option<Uuid>],
        &reasons,
        &limits,
        &at,
    )
    .fetch_one(scope.note())
    .await?;
    if near.is_empty() {
        return Ok(());
    }
    // A statement of its own: the one before takes away what stands in the place of these.
    sqlx::query!(
        "insert into spend_near (tenant_id, id, month, workspace_id, credential_id, reason, limit_micros, at_nanos)
         select $1, given.id, $2, given.workspace_id, given.credential_id, given.reason, given.limit_micros, given.at_nanos
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[])
             as given (id, workspace_id, credential_id, reason, limit_micros, at_nanos)
         on conflict on constraint spend_near_one_each do nothing",
        tenant.0,
        month,
        &ids,
        &workspaces as &[Option<Uuid>],
        &credentials as &[Option<Uuid>],
        &reasons,
        &limits,
        &at,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}
