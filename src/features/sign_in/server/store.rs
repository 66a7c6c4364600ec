//! The SQL behind signing in. Attempts belong to no tenant and have their own narrow door.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::attempt::Attempt;
use crate::{
    error::AppError,
    ids::UserId,
    server::{
        chance,
        identity::Identity,
        scope::{Reach, Scope, ServiceScope},
    },
};

pub async fn insert_attempt(
    db: &PgPool,
    state: &[u8; 32],
    browser: &[u8; 32],
    attempt: &Attempt,
    expires_at: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into sign_in_attempt (state_hash, browser_hash, back, anew, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        state.as_slice(),
        browser.as_slice(),
        attempt.back,
        attempt.anew,
        attempt.started_at,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes an attempt away; None where there is none such, or no longer.
pub async fn take_attempt(db: &PgPool, state: &[u8; 32], browser: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Attempt>, AppError> {
    let attempt = sqlx::query_as!(
        Attempt,
        "delete from sign_in_attempt
         where state_hash = $1 and browser_hash = $2 and expires_at > $3
         returning back, anew, created_at as started_at",
        state.as_slice(),
        browser.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(attempt)
}

/// A person as they are known so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    pub user: UserId,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    /// They never set a name of their own.
    pub follows_provider: bool,
}

pub async fn find(scope: &mut ServiceScope, identity: &Identity) -> Result<Option<KnownUser>, AppError> {
    let known = sqlx::query!(
        r#"select user_id as "user_id!", email as "email!", email_verified as "email_verified!", name as "name!",
                  follows_provider as "follows_provider!"
           from find_user($1, $2)"#,
        identity.issuer,
        identity.subject,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(known.map(|known| KnownUser {
        user: UserId(known.user_id),
        email: known.email,
        email_verified: known.email_verified,
        name: known.name,
        follows_provider: known.follows_provider,
    }))
}

/// Makes the person or takes over what the provider says now. True where they are new.
pub async fn identify(scope: &mut ServiceScope, identity: &Identity, name: &str, now: DateTime<Utc>) -> Result<(UserId, bool), AppError> {
    let person = sqlx::query!(
        r#"select user_id as "user_id!", is_new as "is_new!" from identify_user($1, $2, $3, $4, $5, $6, $7)"#,
        chance::uuid(now),
        identity.issuer,
        identity.subject,
        identity.email,
        identity.email_verified,
        name,
        now,
    )
    .fetch_one(scope.write())
    .await?;
    Ok((UserId(person.user_id), person.is_new))
}

pub async fn belongs_anywhere<R: Reach>(scope: &mut Scope<R>, user: UserId) -> Result<bool, AppError> {
    let belongs = sqlx::query_scalar!(r#"select belongs_anywhere($1) as "belongs!""#, user.0).fetch_one(scope.read()).await?;
    Ok(belongs)
}

pub async fn name_operator(
    scope: &mut ServiceScope,
    issuer: &str,
    subject: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<UserId>, AppError> {
    let named = sqlx::query_scalar!(r#"select id as "id!" from name_operator($1, $2, $3) as id"#, issuer, subject, email)
        .fetch_all(scope.write())
        .await?;
    Ok(named.into_iter().map(UserId).collect())
}
