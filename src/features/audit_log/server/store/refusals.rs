//! The SQL that counts what was refused.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::AppError,
    features::audit_log::server::{Refusing, Source},
    ids::{ApiKeyId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// What was refused in some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// A row may stand for several refusals: these are the refusals.
    pub times: i64,
    /// The last of them.
    pub last: Option<DateTime<Utc>>,
    /// Those of the keys that were asked about and that were refused something since the moment that was asked about.
    pub keys: Vec<ApiKeyId>,
}

/// Since then.
pub async fn refusals<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    since: DateTime<Utc>,
    keys: &[(ApiKeyId, DateTime<Utc>)],
) -> Result<Refusals, AppError> {
    let tenants: Vec<Uuid> = source.tenants.iter().map(|tenant| tenant.0).collect();
    let (asked, since_then): (Vec<String>, Vec<DateTime<Utc>>) = keys.iter().map(|(key, at)| (key.to_string(), *at)).unzip();
    let now = scope.now();
    let row = sqlx::query!(
        r#"
        select coalesce(sum(case when changes->0->>'field' = 'times' then (changes->0->>'after')::bigint else 1 end), 0)::bigint as "times!",
               max(occurred_at) as last,
               coalesce(array_agg(distinct credential_id) filter (where exists (
                   select from unnest($5::text[], $6::timestamptz[]) as asked (credential, since)
                   where asked.credential = audit_event.credential_id and audit_event.occurred_at >= asked.since)), '{}') as "credentials!"
        from audit_event
        where tenant_id = any ($1)
          and log_id = $2
          and occurred_at > $3 and occurred_at <= $4
          and outcome = 'denied'
        "#,
        &tenants,
        source.log.0,
        since,
        now,
        &asked,
        &since_then,
    )
    .fetch_one(scope.read())
    .await?;
    let keys = row.credentials.iter().filter_map(|id| id.parse().ok()).collect();
    Ok(Refusals { times: row.times, last: row.last, keys })
}

/// What each refused in the workspace's log, from its own beginning until then.
pub async fn refused_while<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    refusing: &[Refusing],
    until: &[DateTime<Utc>],
) -> Result<Vec<i64>, AppError> {
    let since: Vec<DateTime<Utc>> = refusing.iter().map(|one| one.since).collect();
    let reasons: Vec<String> = refusing.iter().map(|one| one.reason.to_owned()).collect();
    let credentials: Vec<Option<String>> = refusing.iter().map(|one| one.credential.map(|key| key.to_string())).collect();
    let times = sqlx::query_scalar!(
        r#"
        select coalesce(sum(case
            when denied.id is null then 0
            when denied.changes->0->>'field' = 'times' then (denied.changes->0->>'after')::bigint
            else 1 end), 0)::bigint as "times!"
        from unnest($3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])
             with ordinality as asked (since, until, reason, credential, place)
        left join audit_event as denied
          on denied.tenant_id = $1 and denied.log_id = $2 and denied.outcome = 'denied'
         and denied.occurred_at >= asked.since and denied.occurred_at < asked.until
         and starts_with(denied.reason, asked.reason)
         and (asked.credential is null or denied.credential_id = asked.credential)
        group by asked.place
        order by asked.place
        "#,
        tenant.0,
        workspace.0,
        &since,
        until,
        &reasons,
        &credentials as &[Option<String>],
    )
    .fetch_all(scope.read())
    .await?;
    Ok(times)
}
