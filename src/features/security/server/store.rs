//! The SQL behind security posture. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use super::{
    Place, Postured,
    cut_off::{CutOff, Session},
    posture::{Extras, Posture, Settings},
};
use crate::{
    error::AppError,
    ids::{TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

pub async fn of_team<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Posture, AppError> {
    let row = sqlx::query!(
        r#"select idle_minutes, absolute_hours, require_multi_factor, allowed_networks::text[] as "allowed_networks!"
           from tenant
           where tenant_id = $1"#,
        tenant.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(Posture {
        idle_minutes: row.idle_minutes,
        absolute_hours: row.absolute_hours,
        require_multi_factor: row.require_multi_factor,
        allowed_networks: networks(&row.allowed_networks),
    })
}

pub async fn of_workspace<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Settings, AppError> {
    let row = sqlx::query!(
        r#"select idle_minutes, absolute_hours, require_multi_factor, allowed_networks::text[] as "allowed_networks!",
                  credential_days, notify
           from workspace
           where tenant_id = $1 and workspace_id = $2"#,
        tenant.0,
        workspace.0,
    )
    .fetch_one(scope.read())
    .await?;
    let posture = Posture {
        idle_minutes: row.idle_minutes,
        absolute_hours: row.absolute_hours,
        require_multi_factor: row.require_multi_factor,
        allowed_networks: networks(&row.allowed_networks),
    };
    Ok(Settings { posture, extras: Some(Extras { credential_days: row.credential_days, notify: row.notify }) })
}

/// Display name and slug of a live workspace.
pub async fn name_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
) -> Result<Option<(String, String)>, AppError> {
    let named = sqlx::query!(
        "select name, slug from workspace where tenant_id = $1 and workspace_id = $2 and status = 'active'",
        tenant.0,
        workspace.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(named.map(|row| (row.name, row.slug)))
}

/// False where the version has moved on.
pub async fn update<R: Reach>(scope: &mut Scope<R>, place: &Place, wanted: &Settings, now: DateTime<Utc>) -> Result<bool, AppError> {
    match (place.workspace, &wanted.extras) {
        (Some(workspace), Some(extras)) => update_workspace(scope, place, workspace, &wanted.posture, extras, now).await,
        _ => update_team(scope, place, &wanted.posture, now).await,
    }
}

async fn update_workspace<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    workspace: WorkspaceId,
    posture: &Posture,
    extras: &Extras,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let updated = sqlx::query!(
        "update workspace
         set idle_minutes = $4, absolute_hours = $5, require_multi_factor = $6, allowed_networks = $7::text[]::cidr[],
             credential_days = $8, notify = $9, version = version + 1, updated_at = $10
         where tenant_id = $1 and workspace_id = $2 and version = $3 and status = 'active'",
        place.tenant.0,
        workspace.0,
        place.version,
        posture.idle_minutes,
        posture.absolute_hours,
        posture.require_multi_factor,
        &texts(&posture.allowed_networks),
        extras.credential_days,
        &extras.notify,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() == 1)
}

async fn update_team<R: Reach>(scope: &mut Scope<R>, place: &Place, posture: &Posture, now: DateTime<Utc>) -> Result<bool, AppError> {
    let updated = sqlx::query!(
        "update tenant
         set idle_minutes = $3, absolute_hours = $4, require_multi_factor = $5, allowed_networks = $6::text[]::cidr[],
             version = version + 1, updated_at = $7
         where tenant_id = $1 and version = $2 and status = 'active'",
        place.tenant.0,
        place.version,
        posture.idle_minutes,
        posture.absolute_hours,
        posture.require_multi_factor,
        &texts(&posture.allowed_networks),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// By the rule that the door asks, from sessions of all the place's people.
pub async fn cut_off<R: Postured>(
    scope: &mut Scope<R>,
    place: &Place,
    posture: &Posture,
    as_of: DateTime<Utc>,
    installation_idle: i32,
) -> Result<CutOff, AppError> {
    let rows = sqlx::query!(
        r#"select user_id as "user_id!", user_name as "user_name!", session_hash as "session_hash!", ends as "ends!"
           from cut_off_by($1, $2, make_interval(mins => $3), $4, $5, $6, $7::text[]::cidr[])"#,
        place.workspace.map(|id| id.0),
        as_of,
        installation_idle,
        posture.idle_minutes,
        posture.absolute_hours,
        posture.require_multi_factor,
        &texts(&posture.allowed_networks),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(CutOff::of(rows.into_iter().map(|row| {
        let hash = row.session_hash.as_slice().try_into().unwrap_or_default();
        (UserId(row.user_id), row.user_name, Session { hash, ends: row.ends })
    })))
}

/// The rule that the session which asks does not meet.
pub async fn own_block<R: Reach>(
    scope: &mut Scope<R>,
    session: &[u8; 32],
    posture: &Posture,
    address: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let rule = sqlx::query_scalar!(
        "select posture_blocks(
             greatest(longest_rest, $2::timestamptz - last_seen_at), $2::timestamptz - created_at, multi_factor, $3::text::inet,
             $4, $5, $6, $7::text[]::cidr[])
         from session
         where id_hash = $1",
        session.as_slice(),
        now,
        address,
        posture.idle_minutes,
        posture.absolute_hours,
        posture.require_multi_factor,
        &texts(&posture.allowed_networks),
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(rule.flatten())
}

/// In the order in which their owners end them, so that neither waits for the other.
pub async fn end_sessions<R: Reach>(scope: &mut Scope<R>, sessions: &[[u8; 32]]) -> Result<(), AppError> {
    let hashes: Vec<Vec<u8>> = sessions.iter().map(|session| session.to_vec()).collect();
    sqlx::query!(
        "delete from session
         where id_hash in (select locked.id_hash from session as locked where locked.id_hash = any ($1) order by locked.id_hash for update)",
        hashes.as_slice(),
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

fn texts(networks: &[IpNet]) -> Vec<String> {
    networks.iter().map(ToString::to_string).collect()
}

/// Postgres holds networks alone, so each can be read.
fn networks(texts: &[String]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
