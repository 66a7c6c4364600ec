//! The session store that tower-sessions asks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{Reached, handle, hash};
use crate::{
    error::AppError,
    ids::{RequestId, TenantId, UserId},
    server::{
        Stoa,
        clock::Clock,
        events::{Actor, Event, EventKind, Target},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

/// Under this key a new session carries who it is for, until it is stored.
const START: &str = "start";

/// Who signs in, and from where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    pub user: UserId,
    pub name: String,
    pub issuer: String,
    /// The provider's own session (`sid`).
    pub provider_session: Option<String>,
    pub authenticated_at: DateTime<Utc>,
    /// Whether the provider said that a second factor was used.
    pub multi_factor: bool,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The request that it started in; none where no request did.
    pub request: Option<RequestId>,
}

impl Start {
    pub const KEY: &'static str = START;
}

#[derive(Clone)]
pub struct PostgresStore {
    stoa: Stoa,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresStore")
    }
}

impl PostgresStore {
    pub fn new(stoa: Stoa) -> Self {
        Self { stoa }
    }

    fn clock(&self) -> &Clock {
        &self.stoa.clock
    }

    async fn scope(&self, request: &RequestContext) -> std::result::Result<ServiceScope, AppError> {
        let nobody = TenantId(uuid::Uuid::nil());
        ServiceScope::open_service(&self.stoa, request, Actor::system("sessions"), nobody, "sessions").await
    }

    async fn start(&self, id: Id, start: Start) -> std::result::Result<(), AppError> {
        let mut request = RequestContext::internal(self.clock(), "console", crate::paths::SIGN_IN_CALLBACK);
        request.ip = start.ip.as_deref().and_then(|ip| ip.parse().ok());
        request.user_agent = start.user_agent.clone();
        request.id = start.request.unwrap_or(request.id);
        let now = self.clock().now();
        let expires_at = now + self.stoa.config.sessions.absolute();
        let mut scope = self.scope(&request).await?;
        let id_hash = hash(id);
        sqlx::query!(
            "insert into session (
                 id_hash, user_id, issuer, provider_session, created_at, last_seen_at, authenticated_at, expires_at,
                 ip, user_agent, multi_factor)
             values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)",
            id_hash.as_slice(),
            start.user.0,
            start.issuer,
            start.provider_session,
            now,
            start.authenticated_at,
            expires_at,
            start.ip,
            start.user_agent,
            start.multi_factor,
        )
        .execute(scope.write())
        .await?;
        scope.act_with(Actor::named_user(start.user, &start.name), id_hash);
        scope.record(Event::new(EventKind::SessionStarted, target(id_hash)));
        scope.commit().await
    }
}

/// Ends a session, as part of `request`. Ending one that is over already changes nothing.
pub async fn end(stoa: &Stoa, request: &RequestContext, id: Id, reason: &'static str) -> std::result::Result<(), AppError> {
    let nobody = TenantId(uuid::Uuid::nil());
    let mut scope = ServiceScope::open_service(stoa, request, Actor::system("sessions"), nobody, "sessions").await?;
    let id_hash = hash(id);
    let ended =
        sqlx::query!("delete from session where id_hash = $1 returning user_id", id_hash.as_slice()).fetch_optional(scope.write()).await?;
    let Some(ended) = ended else { return scope.close().await };
    // Their own row is all of a person that this reach may see.
    sqlx::query!("select set_config('app.user_id', $1, true)", ended.user_id.to_string()).fetch_one(scope.read()).await?;
    let name = sqlx::query_scalar!("select name from app_user where id = $1", ended.user_id).fetch_one(scope.read()).await?;
    scope.act_with(Actor::named_user(UserId(ended.user_id), &name), id_hash);
    scope.record(Event::new(EventKind::SessionEnded, target(id_hash)).because(reason));
    scope.commit().await
}

/// A session as events name it.
pub fn target(session: [u8; 32]) -> Target {
    Target { kind: "session", id: handle(session), name: None }
}

#[async_trait]
impl SessionStore for PostgresStore {
    /// Only a sign-in makes a session: there are none for strangers.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let start = record.data.remove(START).ok_or_else(|| Error::Backend("a session without a person".to_owned()))?;
        // Whatever id a browser came with, a sign-in gets one that was never seen.
        record.id = Id::default();
        let start: Start = serde_json::from_value(start).map_err(|error| Error::Decode(error.to_string()))?;
        self.start(record.id, start).await.map_err(backend)?;
        // Not empty, or the layer would take the cookie back.
        record.data.insert("signed_in".to_owned(), true.into());
        Ok(())
    }

    /// An update and never an insert: a session that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        touch(&self.stoa.db, hash(record.id), None, self.clock().now()).await.map_err(|error| Error::Backend(error.to_string()))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock().now();
        let idle = self.stoa.config.sessions.idle();
        let id_hash = hash(*id);
        let live = sqlx::query!(
            "select expires_at from session where id_hash = $1 and expires_at > $2 and last_seen_at > $3",
            id_hash.as_slice(),
            now,
            now - idle,
        )
        .fetch_optional(&self.stoa.db)
        .await
        .map_err(|error| Error::Backend(error.to_string()))?;
        Ok(live.map(|live| Record {
            id: *id,
            data: [("signed_in".to_owned(), true.into())].into(),
            expiry_date: OffsetDateTime::from_unix_timestamp(live.expires_at.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH),
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let request = RequestContext::internal(self.clock(), "system", "session store");
        end(&self.stoa, &request, *id, "forgotten").await.map_err(backend)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn backend(error: AppError) -> Error {
    Error::Backend(error.to_string())
}

pub(super) async fn touch(db: &PgPool, session: [u8; 32], reached: Option<Reached>, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"select touch_session($1, $2, $3, $4) as "touched: ()""#,
        session.as_slice(),
        now,
        reached.map(|reached| reached.tenant.0),
        reached.map(|reached| reached.workspace.0),
    )
    .fetch_one(db)
    .await?;
    Ok(())
}
