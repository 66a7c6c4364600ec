//! The SQL behind the Sessions page. Sessions belong to no tenant: whose they are comes first in every filter.

use chrono::{DateTime, Utc};

use crate::{error::AppError, ids::UserId, server::scope::UserScope};

pub struct Row {
    pub id_hash: [u8; 32],
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub last_act: Option<String>,
    pub last_act_at: Option<DateTime<Utc>>,
}

/// A workspace that a session reached; without slug and name where its owner may not open it any more.
pub struct Reached {
    pub session_hash: [u8; 32],
    pub slug: Option<String>,
    pub name: Option<String>,
}

pub async fn list(
    scope: &mut UserScope,
    user: UserId,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Row>, AppError> {
    let rows = sqlx::query!(
        "select id_hash, ip, user_agent, created_at, last_seen_at, last_act, last_act_at
         from session
         where user_id = $1 and expires_at > $2 and last_seen_at > $3
         order by last_seen_at desc, id_hash
         limit $4",
        user.0,
        now,
        idle_since,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            id_hash: hash(&row.id_hash),
            ip: row.ip,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            last_act: row.last_act,
            last_act_at: row.last_act_at,
        })
        .collect())
}

pub async fn reached(scope: &mut UserScope, user: UserId, now: DateTime<Utc>) -> Result<Vec<Reached>, AppError> {
    let rows = sqlx::query!(r#"select session_hash as "session_hash!", slug, name from workspaces_reached($1, $2)"#, user.0, now,)
        .fetch_all(scope.read())
        .await?;
    Ok(rows.into_iter().map(|row| Reached { session_hash: hash(&row.session_hash), slug: row.slug, name: row.name }).collect())
}

/// The slug of the workspace that the person was in last, of those they may still open.
pub async fn last_reached(scope: &mut UserScope, user: UserId, now: DateTime<Utc>) -> Result<Option<String>, AppError> {
    let slug = sqlx::query_scalar!(
        r#"select slug as "slug!" from workspaces_reached($1, $2) where slug is not null order by last_at desc limit 1"#,
        user.0,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(slug)
}

/// The person's live sessions, which nobody else ends before this transaction is over.
pub async fn lock(scope: &mut UserScope, user: UserId, now: DateTime<Utc>, idle_since: DateTime<Utc>) -> Result<Vec<[u8; 32]>, AppError> {
    let rows = sqlx::query_scalar!(
        "select id_hash
         from session
         where user_id = $1 and expires_at > $2 and last_seen_at > $3
         order by id_hash
         for update",
        user.0,
        now,
        idle_since,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.iter().map(|row| hash(row)).collect())
}

pub async fn delete(scope: &mut UserScope, user: UserId, sessions: &[[u8; 32]]) -> Result<(), AppError> {
    let hashes: Vec<Vec<u8>> = sessions.iter().map(|session| session.to_vec()).collect();
    sqlx::query!("delete from session where user_id = $1 and id_hash = any ($2)", user.0, hashes.as_slice()).execute(scope.write()).await?;
    Ok(())
}

/// The schema holds the length; anything else would be nobody's session.
fn hash(stored: &[u8]) -> [u8; 32] {
    stored.try_into().unwrap_or_default()
}
