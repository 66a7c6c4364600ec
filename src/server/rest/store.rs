//! The SQL behind calls: idempotent answers, and the use of keys.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Call, answer::Sent, idempotency::Key};
use crate::{access::AskWorkspace, error::AppError, ids::ApiKeyId};

/// Repeated within this time, a write gets its first answer.
const ANSWER_HOURS: i64 = 24;

/// Waits for whoever else carries out the same key, so that one acts and the others answer as it did. Until the scope's end.
pub async fn hold<P: AskWorkspace>(call: &mut Call<P>, key: &Key) -> Result<(), AppError> {
    let name = format!("idempotent {} {} {}", call.caller.key, key.route, key.text);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(call.scope.read()).await?;
    Ok(())
}

/// What the same key was answered.
///
/// # Errors
/// `IdempotencyConflict` where it came with another body.
pub async fn find_answer<P: AskWorkspace>(call: &mut Call<P>, key: &Key) -> Result<Option<Sent>, AppError> {
    let (tenant, workspace, now) = (call.scope.tenant().id, call.scope.workspace().id, call.scope.now());
    let credential = call.caller.key;
    let stored = sqlx::query!(
        "select body_hash, status, answer
         from idempotent_answer
         where tenant_id = $1 and workspace_id = $2 and credential_id = $3 and route = $4 and key = $5 and expires_at > $6",
        tenant.0,
        workspace.0,
        credential.0,
        key.route,
        key.text,
        now,
    )
    .fetch_optional(call.scope.read())
    .await?;
    let Some(stored) = stored else { return Ok(None) };
    if stored.body_hash != key.body_hash {
        return Err(AppError::IdempotencyConflict);
    }
    let mut sent: Sent = serde_json::from_str(&stored.answer).map_err(|_| AppError::Internal)?;
    sent.status = u16::try_from(stored.status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    sent.replayed = true;
    Ok(Some(sent))
}

/// Keeps what the key was answered, for whoever held it first.
pub async fn insert_answer<P: AskWorkspace>(call: &mut Call<P>, key: &Key, sent: &Sent) -> Result<(), AppError> {
    let (tenant, workspace, now) = (call.scope.tenant().id, call.scope.workspace().id, call.scope.now());
    let credential = call.caller.key;
    let answer = serde_json::to_string(sent).map_err(|_| AppError::Internal)?;
    sqlx::query!(
        "insert into idempotent_answer as known (
             tenant_id, workspace_id, credential_id, route, key, body_hash, status, answer, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (tenant_id, workspace_id, credential_id, route, key) do update
         set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,
             created_at = excluded.created_at, expires_at = excluded.expires_at
         where known.expires_at <= excluded.created_at",
        tenant.0,
        workspace.0,
        credential.0,
        key.route,
        key.text,
        key.body_hash.as_slice(),
        i16::try_from(sent.status.as_u16()).unwrap_or_default(),
        answer,
        now,
        now + TimeDelta::hours(ANSWER_HOURS),
    )
    .execute(call.scope.read())
    .await?;
    Ok(())
}

pub async fn touch(
    db: &PgPool,
    key: ApiKeyId,
    secret: Uuid,
    now: DateTime<Utc>,
    network: Option<&str>,
    agent: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(r#"select touch_api_key($1, $2, $3, $4, $5) as "touched: ()""#, key.0, secret, now, network, agent).execute(db).await?;
    Ok(())
}
