//! The SQL that reads API keys. One statement a function; tenant and workspace first.

mod bulk;
mod changing;
mod concerns;
mod holding;
mod naming;
mod watching;

pub use bulk::{Called, any, called, hand_over_all, known_to, live_of, revoke_all};
pub use changing::{end_secrets, insert, insert_secret, limit, lock, lower, narrow, set_status, set_steward, touch_version};
pub use concerns::concerns;
pub use holding::holding;
pub use naming::names;
pub use watching::{Due, Leak, due, has_working_leak, leaked, mark_leaked, mark_warned};

use chrono::{DateTime, Utc};

use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        scope::{Reach, Scope},
    },
};

/// A key as those see it who may read it: never its secret.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: ApiKeyId,
    /// Made for applications, or for agents.
    pub kind: Kind,
    pub name: String,
    pub steward: UserId,
    pub steward_name: String,
    /// It reaches no further than this, whoever its steward is.
    pub max_role: WorkspaceRole,
    pub scopes: Vec<String>,
    /// `active`, `quarantined`, `revoked`, or `expired` by the clock.
    pub status: String,
    pub reason: Option<String>,
    pub last_four: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When its steward became another, the last time.
    pub handed_over_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_network: Option<String>,
    pub last_used_agent: Option<String>,
    /// None where only the workspace's limit holds.
    pub calls_per_minute: Option<i32>,
    pub version: i64,
}

/// One of a key's secrets, by what may be known of it.
#[derive(Clone, Debug)]
pub struct Secret {
    pub last_four: String,
    pub created_at: DateTime<Utc>,
    /// Set from a rotation on; until then it lives as long as the key.
    pub ends_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    /// When somebody showed that they hold it without being meant to.
    pub leaked_at: Option<DateTime<Utc>>,
}

impl Secret {
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|end| end > now)
    }
}

/// Which keys are wanted, and from where on.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// None for both.
    pub kind: Option<Kind>,
    /// Part of the name, the last four characters of a secret, or the whole id.
    pub text: String,
    /// One of the words of [`Key::status`]; empty for all.
    pub status: String,
    pub steward: Option<UserId>,
    /// Not used since then, though there to be used; where no status is asked for, of those alone that still could be.
    pub unused_since: Option<DateTime<Utc>>,
    /// There to be used, and not after then.
    pub ends_by: Option<DateTime<Utc>>,
    /// The last one of the page before.
    pub after: Option<ApiKeyId>,
    pub limit: i64,
}

/// Whether there ever was a key, and whether one was ever used.
pub async fn beginnings<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(bool, bool), AppError> {
    let begun = sqlx::query!(
        r#"
        select count(*) > 0 as "exists!", count(last_used_at) > 0 as "is_used!"
        from api_key
        where tenant_id = $1 and workspace_id = $2 and kind = 'key'
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok((begun.exists, begun.is_used))
}

pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    own: Option<UserId>,
    filter: &Filter,
) -> Result<Vec<Key>, AppError> {
    let now = scope.now();
    let id = filter.text.parse::<ApiKeyId>().ok();
    let keys = sqlx::query_as!(
        Key,
        r#"
        select api_key.id as "id: ApiKeyId", api_key.kind as "kind: Kind", api_key.name, api_key.steward as "steward: UserId",
               coalesce(app_user.name, 'Somebody outside the team') as "steward_name!",
               api_key.max_role as "max_role: WorkspaceRole", api_key.scopes,
               case when api_key.status = 'active' and api_key.expires_at <= $8 then 'expired' else api_key.status end as "status!",
               api_key.reason,
               (select secret.last_four from api_key_secret as secret
                where secret.tenant_id = api_key.tenant_id and secret.workspace_id = api_key.workspace_id and secret.key_id = api_key.id
                order by secret.id desc limit 1) as "last_four!",
               api_key.created_at, api_key.expires_at, api_key.handed_over_at, api_key.last_used_at, api_key.last_used_network,
               api_key.last_used_agent, api_key.calls_per_minute, api_key.version
        from api_key
        left join app_user on app_user.id = api_key.steward
        where api_key.tenant_id = $1 and api_key.workspace_id = $2
          and ($3::uuid is null or api_key.steward = $3)
          and case
              when $4 = '' then true
              when $5::uuid is not null then api_key.id = $5
              else position(lower($4) in lower(api_key.name)) > 0
                   or exists (select from api_key_secret as secret
                              where secret.tenant_id = api_key.tenant_id and secret.workspace_id = api_key.workspace_id
                                and secret.key_id = api_key.id and secret.last_four = $4) end
          and ($6 = '' or case when api_key.status = 'active' and api_key.expires_at <= $8 then 'expired' else api_key.status end = $6)
          and ($7::uuid is null or api_key.id < $7)
          and ($10::uuid is null or api_key.steward = $10)
          and ($11::timestamptz is null
               or (coalesce(api_key.last_used_at, api_key.created_at) <= $11
                   and ($6 <> '' or (api_key.status <> 'revoked' and api_key.expires_at > $8))))
          and ($12::timestamptz is null
               or (api_key.status <> 'revoked' and api_key.expires_at > $8 and api_key.expires_at <= $12))
          and ($13::text is null or api_key.kind = $13)
        order by api_key.id desc
        limit $9
        "#,
        tenant.0,
        workspace.0,
        own.map(|id| id.0),
        filter.text,
        id.map(|id| id.0),
        filter.status,
        filter.after.map(|id| id.0),
        now,
        filter.limit,
        filter.steward.map(|id| id.0),
        filter.unused_since,
        filter.ends_by,
        filter.kind.map(Kind::word),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(keys)
}

pub async fn find<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, id: ApiKeyId) -> Result<Option<Key>, AppError> {
    let filter = Filter { text: id.to_string(), limit: 1, ..Filter::default() };
    Ok(list(scope, tenant, workspace, None, &filter).await?.into_iter().find(|key| key.id == id))
}

/// A key's secrets that are still of interest, the newest first: those that work, and those that ended after `since`.
pub async fn secrets<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    since: DateTime<Utc>,
) -> Result<Vec<Secret>, AppError> {
    let secrets = sqlx::query_as!(
        Secret,
        "select last_four, created_at, ends_at, last_used_at, leaked_at
         from api_key_secret
         where tenant_id = $1 and workspace_id = $2 and key_id = $3 and (ends_at is null or ends_at > $4)
         order by id desc
         limit 20",
        tenant.0,
        workspace.0,
        key.0,
        since,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(secrets)
}

/// Everyone who answers for a key of the workspace, by name.
pub async fn stewards<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    kind: Kind,
) -> Result<Vec<(UserId, String)>, AppError> {
    let rows = sqlx::query!(
        r#"
        select distinct api_key.steward as "steward: UserId", coalesce(app_user.name, 'Somebody outside the team') as "name!"
        from api_key
        left join app_user on app_user.id = api_key.steward
        where api_key.tenant_id = $1 and api_key.workspace_id = $2 and api_key.kind = $3
        order by 2, 1
        limit 200
        "#,
        tenant.0,
        workspace.0,
        kind.word(),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.steward, row.name)).collect())
}

/// How long a key of this workspace may live, in days.
pub async fn days_max<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<i64, AppError> {
    let days =
        sqlx::query_scalar!("select credential_days from workspace where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0)
            .fetch_one(scope.read())
            .await?;
    Ok(days.into())
}
