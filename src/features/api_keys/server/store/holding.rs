//! The SQL that finds keys by what they hold.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::api_keys::server::Holder,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        scope::{Reach, Scope},
    },
};

/// Keys that work, or could again, and hold one of these scopes; of this steward alone where one is named.
pub async fn holding<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    scopes: &[String],
    steward: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Holder>, AppError> {
    let keys = sqlx::query_as!(
        Holder,
        r#"
        select api_key.id as "id: ApiKeyId", api_key.kind as "kind: Kind", api_key.name, api_key.status, api_key.scopes,
               coalesce(app_user.name, 'Somebody outside the team') as "steward_name!",
               api_key.last_used_at, api_key.last_used_network
        from api_key
        left join app_user on app_user.id = api_key.steward
        where api_key.tenant_id = $1 and api_key.workspace_id = $2 and api_key.status <> 'revoked' and api_key.expires_at > $5
          and api_key.scopes && $3 and ($4::uuid is null or api_key.steward = $4)
        order by api_key.name, api_key.id
        "#,
        tenant.0,
        workspace.0,
        scopes,
        steward.map(|id| id.0),
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(keys)
}
