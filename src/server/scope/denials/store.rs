//! The SQL behind denials: counting them, and taking what was counted.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Refusal;
use crate::error::AppError;

/// What an audit row has to say: this many refusals since then.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub times: i32,
    pub since: DateTime<Utc>,
}

/// What was counted for one credential and reason, with the particulars of the last refusal.
#[derive(Clone, Debug)]
pub struct Counted {
    pub workspace_id: Option<Uuid>,
    pub credential_id: String,
    pub reason: String,
    pub actor_type: String,
    pub actor_id: String,
    pub actor_name: String,
    pub on_behalf_of_id: Option<Uuid>,
    pub on_behalf_of_name: Option<String>,
    pub channel: String,
    pub permission: String,
    pub route: String,
    pub request_id: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub client: Option<String>,
    pub times: i32,
    pub since: DateTime<Utc>,
}

/// Counts so many refusals, of which this is the last. Some where a row of the log is due: for the first, and where the
/// last row was written at `over` or before.
///
/// One statement, so that of many at once exactly one is first and the others wait for it and count.
pub async fn count(
    connection: &mut PgConnection,
    refusal: &Refusal,
    times: i32,
    id: Uuid,
    now: DateTime<Utc>,
    over: DateTime<Utc>,
) -> Result<Option<Due>, AppError> {
    let counted = sqlx::query!(
        "insert into denial (
             tenant_id, id, workspace_id, credential_id, reason, actor_id, actor_name,
             permission, route, request_id, ip, user_agent, since, due, due_since,
             actor_type, on_behalf_of_id, on_behalf_of_name, channel, client)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $19, $13, $15, $16, $17, $18, $20)
         on conflict on constraint denial_key do update
         set actor_name = excluded.actor_name,
             permission = excluded.permission,
             route = excluded.route,
             request_id = excluded.request_id,
             ip = excluded.ip,
             user_agent = excluded.user_agent,
             client = excluded.client,
             since = case when denial.since <= $14 then excluded.since else denial.since end,
             waiting = case when denial.since <= $14 then 0 else denial.waiting + $19 end,
             due = case when denial.since <= $14 then denial.waiting + $19 end,
             due_since = case when denial.since <= $14 then denial.since end
         returning due, due_since",
        refusal.tenant,
        id,
        refusal.workspace,
        refusal.credential,
        refusal.reason,
        refusal.actor.id,
        refusal.actor.name,
        refusal.permission,
        refusal.request.route,
        refusal.request.id.to_string(),
        refusal.request.ip.map(|ip| ip.to_string()),
        refusal.request.user_agent,
        now,
        over,
        refusal.actor.kind.name(),
        refusal.actor.on_behalf_of.as_ref().map(|(id, _)| id.0),
        refusal.actor.on_behalf_of.as_ref().map(|(_, name)| name.clone()),
        refusal.request.channel,
        times,
        refusal.request.client,
    )
    .fetch_one(connection)
    .await?;
    Ok(counted.due.zip(counted.due_since).map(|(times, since)| Due { times, since }))
}

/// Those of all tenants that wait since `over`, by tenant and id. Forgets those that are quiet since `quiet`.
pub async fn due(db: &PgPool, over: DateTime<Utc>, quiet: DateTime<Utc>, most: i32) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let due = sqlx::query!(r#"select tenant_id as "tenant_id!", id as "id!" from due_denials($1, $2, $3)"#, over, quiet, most)
        .fetch_all(db)
        .await?;
    Ok(due.into_iter().map(|due| (due.tenant_id, due.id)).collect())
}

/// Takes what was counted, so that it is written once. None where somebody else did.
pub async fn take(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    over: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Counted>, AppError> {
    let counted = sqlx::query_as!(
        Counted,
        "with waited as (
             select tenant_id, id, waiting, since
             from denial
             where tenant_id = $1 and id = $2 and waiting > 0 and since <= $3
             for update
         )
         update denial
         set since = $4, waiting = 0
         from waited
         where denial.tenant_id = waited.tenant_id and denial.id = waited.id
         returning denial.workspace_id, denial.credential_id, denial.reason, denial.actor_type, denial.actor_id, denial.actor_name,
             denial.on_behalf_of_id, denial.on_behalf_of_name, denial.channel, denial.permission, denial.route, denial.request_id, denial.ip, denial.user_agent,
             denial.client,
             waited.waiting as times, waited.since",
        tenant,
        id,
        over,
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(counted)
}
