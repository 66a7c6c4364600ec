//! The SQL behind usage. One statement a function; tenant and workspace first.

mod calls;
mod choices;
mod sums;

pub use calls::calls_of_module;
pub use choices::{came_since, choices};
pub use sums::{explain, sum};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    channel::Channel,
    filter::{Filter, ModuleFilter},
    period::Times,
    source::Source,
};
use crate::{
    error::AppError,
    ids::{ApiKeyId, RequestId, UserId},
    server::scope::{Reach, Scope},
};

/// What was used in one stretch of time, of one part of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Which of the stretches, from 1 on.
    pub bucket: i32,
    /// The dimension, module, operation, channel, or id of the credential or member; `none` where there is none, empty where nothing is split.
    pub part: String,
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
}

/// One metered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub id: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub dimension: String,
    pub module: Option<String>,
    pub operation: String,
    pub quantity: i64,
    pub nanos: i64,
    pub rate_version: NaiveDate,
    pub credential: Option<ApiKeyId>,
    /// Who acted, or answered for the credential that did.
    pub user: Option<UserId>,
    pub channel: String,
    pub request: RequestId,
}

/// The events themselves, newest first, from before the moment and id of `before` on.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    filter: &Filter,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Used>, AppError> {
    let (at, id) = before.unwrap_or((times.end, Uuid::nil()));
    // One bound and not two: with both, Postgres walks the rest of the partition in which the cursor stands.
    let last = at.min(times.end - TimeDelta::microseconds(1));
    let used = sqlx::query_as!(
        Used,
        r#"
        select id, occurred_at, dimension, module, operation, quantity, nanos, rate_version,
               credential_id as "credential: ApiKeyId", user_id as "user: UserId", channel, request_id as "request: RequestId"
        from usage_event
        where tenant_id = $1 and workspace_id = $2
          and occurred_at >= $3 and occurred_at <= $4
          and (occurred_at, id) < ($5, $6)
          and ($7::text is null or dimension = $7)
          and ($8::text is null or coalesce(module, 'none') = $8)
          and ($9::text is null or coalesce(credential_id::text, 'none') = $9)
          and ($11::text is null or operation = $11)
          and ($15::text is null or channel = $15)
          and ($14::text is null
               or case $14 when 'none' then user_id is null
                           when 'others' then user_id <> $12
                           else user_id::text = $14 and (not $13 or user_id = $12) end)
        order by occurred_at desc, id desc
        limit $10
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        last,
        at,
        id,
        filter.dimension.map(crate::server::plans::Dimension::name),
        filter.module.map(ModuleFilter::name),
        filter.credential.map(super::filter::CredentialFilter::stored),
        most,
        filter.operation.as_deref(),
        source.me.0,
        source.own_keys.is_some(),
        filter.member.map(super::filter::MemberFilter::stored),
        filter.channel.map(Channel::name),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(used)
}
