//! The SQL that works on all keys of a steward or of a workspace at once.

use chrono::{DateTime, Utc};

use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::api_keys::server::Stewarded,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        scope::{Reach, Scope},
    },
};

/// A key that was changed together with others, and what it was before.
#[derive(Clone, Debug)]
pub struct Changed {
    pub id: ApiKeyId,
    pub kind: Kind,
    pub name: String,
    pub status: String,
}

/// Keys that work, or could again, and that this person answers for: in one workspace, or wherever the scope reaches.
pub async fn live_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<WorkspaceId>,
    steward: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Stewarded>, AppError> {
    let keys = sqlx::query_as!(
        Stewarded,
        r#"
        select workspace_id as "workspace: WorkspaceId", id as "id: ApiKeyId", kind as "kind: Kind", name, scopes, last_used_at, version
        from api_key
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and ($3::uuid is null or steward = $3)
          and status <> 'revoked' and expires_at > $4
        order by name, id
        "#,
        tenant.0,
        workspace.map(|id| id.0),
        steward.map(|id| id.0),
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(keys)
}

/// A key by name, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub workspace: WorkspaceId,
    pub id: ApiKeyId,
    pub kind: Kind,
    pub name: String,
    pub steward: UserId,
    /// Neither revoked nor expired.
    pub is_live: bool,
}

/// How every key that the scope reaches is called: of one workspace, or of all.
pub async fn called<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<WorkspaceId>,
    now: DateTime<Utc>,
) -> Result<Vec<Called>, AppError> {
    let called = sqlx::query_as!(
        Called,
        r#"
        select workspace_id as "workspace: WorkspaceId", id as "id: ApiKeyId", kind as "kind: Kind", name, steward as "steward: UserId",
               status <> 'revoked' and expires_at > $3 as "is_live!"
        from api_key
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2)
        order by name, id
        "#,
        tenant.0,
        workspace.map(|id| id.0),
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(called)
}

/// The names of live keys that others answer for, and of which this person was shown a secret that works.
pub async fn known_to<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, AppError> {
    let names = sqlx::query_scalar!(
        "select name
         from api_key
         where tenant_id = $1 and workspace_id = $2 and steward <> $3 and status <> 'revoked' and expires_at > $4
           and exists (
               select from api_key_secret as secret
               where secret.tenant_id = $1 and secret.workspace_id = $2 and secret.key_id = api_key.id
                 and secret.created_by = $3 and (secret.ends_at is null or secret.ends_at > $4))
         order by name, id",
        tenant.0,
        workspace.0,
        user.0,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(names)
}

/// Whether there is a key, of this steward where one is named, that was not revoked.
pub async fn any<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: Option<UserId>,
) -> Result<bool, AppError> {
    let any = sqlx::query_scalar!(
        r#"
        select exists (
            select from api_key
            where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or steward = $3) and status <> 'revoked') as "any!"
        "#,
        tenant.0,
        workspace.0,
        steward.map(|id| id.0),
    )
    .fetch_one(scope.read())
    .await?;
    Ok(any)
}

/// A key that has another steward now, and how far it could reach before and can now.
#[derive(Clone, Debug)]
pub struct HandedOver {
    pub id: ApiKeyId,
    pub kind: Kind,
    pub name: String,
    pub before: WorkspaceRole,
    pub after: WorkspaceRole,
}

/// Gives every key of a steward that was not revoked to another one. None reaches further than `most` from then on.
pub async fn hand_over_all<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    from: UserId,
    to: UserId,
    most: WorkspaceRole,
    now: DateTime<Utc>,
) -> Result<Vec<HandedOver>, AppError> {
    let wider: Vec<String> =
        WorkspaceRole::ALL.into_iter().filter(|role| most.is_within(*role)).map(|role| role.name().to_owned()).collect();
    let changed = sqlx::query_as!(
        HandedOver,
        r#"
        with before as (
            select id, max_role
            from api_key
            where tenant_id = $1 and workspace_id = $2 and steward = $3 and status <> 'revoked'
            order by id
            for update)
        update api_key
        set steward = $4, max_role = case when api_key.max_role = any ($5) then $6 else api_key.max_role end,
            handed_over_at = $7, version = version + 1
        from before
        where api_key.tenant_id = $1 and api_key.workspace_id = $2 and api_key.id = before.id
        returning api_key.id as "id: ApiKeyId", api_key.kind as "kind: Kind", api_key.name, before.max_role as "before: WorkspaceRole",
                  api_key.max_role as "after: WorkspaceRole"
        "#,
        tenant.0,
        workspace.0,
        from.0,
        to.0,
        &wider,
        most.name(),
        now,
    )
    .fetch_all(scope.write())
    .await?;
    Ok(changed)
}

/// Ends every key of a steward, or of the whole workspace, that was not revoked before.
pub async fn revoke_all<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: Option<UserId>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, AppError> {
    let changed = sqlx::query_as!(
        Changed,
        r#"
        with before as (
            select id, status
            from api_key
            where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or steward = $3) and status <> 'revoked'
            order by id
            for update)
        update api_key
        set status = 'revoked', reason = $4, revoked_at = $5, version = version + 1
        from before
        where api_key.tenant_id = $1 and api_key.workspace_id = $2 and api_key.id = before.id
        returning api_key.id as "id: ApiKeyId", api_key.kind as "kind: Kind", api_key.name, before.status
        "#,
        tenant.0,
        workspace.0,
        steward.map(|id| id.0),
        reason,
        now,
    )
    .fetch_all(scope.write())
    .await?;
    Ok(changed)
}
