//! The SQL behind API keys. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::operations::NewKey;
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{credentials::Credential, scope::WorkspaceScope},
};

/// A key as those see it who may read it: never its secret.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: ApiKeyId,
    pub name: String,
    pub steward: UserId,
    pub steward_name: String,
    pub scopes: Vec<String>,
    /// `active`, `quarantined`, `revoked`, or `expired` by the clock.
    pub status: String,
    pub reason: Option<String>,
    pub last_four: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_network: Option<String>,
    pub last_used_agent: Option<String>,
    pub version: i64,
}

/// One of a key's secrets, by what may be known of it.
#[derive(Clone, Debug)]
pub struct Secret {
    pub last_four: String,
    pub created_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Which keys are wanted, and from where on.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, or the whole id.
    pub text: String,
    /// One of the words of [`Key::status`]; empty for all.
    pub status: String,
    /// The last one of the page before.
    pub after: Option<ApiKeyId>,
    pub limit: i64,
}

pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: Option<UserId>,
    filter: &Filter,
) -> Result<Vec<Key>, AppError> {
    let now = scope.now();
    let id = filter.text.parse::<ApiKeyId>().ok();
    let keys = sqlx::query_as!(
        Key,
        r#"
        select api_key.id as "id: ApiKeyId", api_key.name, api_key.steward as "steward: UserId", app_user.name as steward_name,
               api_key.scopes,
               case when api_key.status = 'active' and api_key.expires_at <= $8 then 'expired' else api_key.status end as "status!",
               api_key.reason,
               (select secret.last_four from api_key_secret as secret
                where secret.tenant_id = api_key.tenant_id and secret.workspace_id = api_key.workspace_id and secret.key_id = api_key.id
                order by secret.id desc limit 1) as "last_four!",
               api_key.created_at, api_key.expires_at, api_key.last_used_at, api_key.last_used_network, api_key.last_used_agent,
               api_key.version
        from api_key
        join app_user on app_user.id = api_key.steward
        where api_key.tenant_id = $1 and api_key.workspace_id = $2
          and ($3::uuid is null or api_key.steward = $3)
          and ($4 = '' or api_key.id = $5 or position(lower($4) in lower(api_key.name)) > 0)
          and ($6 = '' or case when api_key.status = 'active' and api_key.expires_at <= $8 then 'expired' else api_key.status end = $6)
          and ($7::uuid is null or api_key.id < $7)
        order by api_key.id desc
        limit $9
        "#,
        tenant.0,
        workspace.0,
        steward.map(|id| id.0),
        filter.text,
        id.map(|id| id.0),
        filter.status,
        filter.after.map(|id| id.0),
        now,
        filter.limit,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(keys)
}

pub async fn find<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
) -> Result<Option<Key>, AppError> {
    let filter = Filter { text: id.to_string(), limit: 1, ..Filter::default() };
    Ok(list(scope, tenant, workspace, None, &filter).await?.into_iter().find(|key| key.id == id))
}

/// Held until the scope ends, so that two changes come one after the other.
pub async fn lock<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
) -> Result<(), AppError> {
    sqlx::query!("select id from api_key where tenant_id = $1 and workspace_id = $2 and id = $3 for update", tenant.0, workspace.0, id.0)
        .fetch_optional(scope.read())
        .await?
        .map(drop)
        .ok_or(AppError::NotFound)
}

/// How long a key of this workspace may live, in days.
pub async fn days_max<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, tenant: TenantId, workspace: WorkspaceId) -> Result<i64, AppError> {
    let days =
        sqlx::query_scalar!("select credential_days from workspace where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0)
            .fetch_one(scope.read())
            .await?;
    Ok(days.into())
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub async fn insert<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    new: &NewKey,
    steward: UserId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let by = scope.person().id;
    sqlx::query!(
        "insert into api_key (tenant_id, workspace_id, id, name, steward, scopes, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        workspace.0,
        id.0,
        new.name,
        steward.0,
        &new.scopes,
        by.0,
        now,
        expires_at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn insert_secret<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    secret: &Credential,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id: Uuid = scope.new_id();
    let pepper = scope.stoa().config.secrets.pepper.clone();
    let (text, hash) = (secret.reveal(), secret.hash(&pepper));
    sqlx::query!(
        "insert into api_key_secret (tenant_id, workspace_id, key_id, id, secret_hash, pepper_id, last_four, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        workspace.0,
        key.0,
        id,
        hash.as_slice(),
        pepper.id(),
        &text[text.len() - 4..],
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// The secrets that work now do so until `ends_at` at the latest.
pub async fn end_secrets<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    ends_at: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key_secret
         set ends_at = least(ends_at, $4)
         where tenant_id = $1 and workspace_id = $2 and key_id = $3",
        tenant.0,
        workspace.0,
        key.0,
        ends_at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn narrow<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    scopes: &[String],
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key
         set scopes = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and scopes @> $4",
        tenant.0,
        workspace.0,
        id.0,
        scopes,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn touch_version<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key set version = version + 1 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn set_status<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    status: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key
         set status = $4, reason = $5, revoked_at = case when $4 = 'revoked' then $6::timestamptz end, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status <> 'revoked'",
        tenant.0,
        workspace.0,
        id.0,
        status,
        reason,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
