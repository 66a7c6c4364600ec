//! Sessions in Postgres, under tower-sessions: only hashes of ids are kept, nothing ended comes back, and each
//! start and end is an audit event in the transaction that makes it so.

mod store;

pub use store::{PostgresStore, Start, end, target};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, session::Id};

use crate::{
    ids::{TenantId, WorkspaceId},
    server::{Stoa, events::EventKind},
};

/// Last-seen is written this often at most.
const TOUCH_SECONDS: i64 = 60;

/// What is stored of a session's id. The id has 128 random bits, so a plain hash tells nothing about it.
pub fn hash(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_le_bytes()).into()
}

/// How pages, forms and the audit log name a session: by the beginning of its hash, which opens nothing.
pub fn handle(hash: [u8; 32]) -> String {
    format!("ses_{}", hex(&hash[..8]))
}

/// As it stands between quotes in SQL.
pub fn literal(session: &[u8; 32]) -> String {
    format!("\\x{}", hex(session))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The cookie's name. `__Host-` binds it to this host and to https; some browsers drop such a cookie on the
/// plain-http loopback of the demonstration, so there it goes without.
pub fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-stoa_session" } else { "stoa_session" }
}

pub fn layer(stoa: &Stoa) -> SessionManagerLayer<PostgresStore> {
    let is_https = stoa.config.public_urls.is_https();
    let lifetime = time::Duration::hours(stoa.config.sessions.absolute_hours.into());
    SessionManagerLayer::new(PostgresStore::new(stoa.clone()))
        .with_name(cookie_name(is_https))
        .with_secure(is_https)
        .with_http_only(true)
        // Lax and not strict: the identity provider's redirect back comes from another site.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(lifetime))
}

/// A workspace that a session came to.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    /// Written down within the last minute.
    pub known: bool,
}

/// Moves the idle clock and notes the workspace, beside the request and at most once a minute; at once where the
/// workspace is another one than in that minute.
pub fn touch(stoa: &Stoa, session: [u8; 32], last_seen_at: DateTime<Utc>, reached: Option<Reached>, now: DateTime<Utc>) {
    let is_new_there = reached.is_some_and(|reached| !reached.known);
    if now - last_seen_at < TimeDelta::seconds(TOUCH_SECONDS) && !is_new_there {
        return;
    }
    let stoa = stoa.clone();
    tokio::spawn(async move {
        if let Err(error) = store::touch(&stoa.db, session, reached, now).await {
            tracing::warn!(error = crate::server::telemetry::chain(&error), "last-seen was not written");
        }
    });
}

/// The statement that writes down what was last done with a session, to go with the commit that does it.
pub fn last_act(session: &[u8; 32], act: EventKind, now: DateTime<Utc>) -> String {
    format!(
        "update session set last_act = '{}', last_act_at = '{}' where id_hash = '{}'",
        act.name(),
        now.to_rfc3339_opts(SecondsFormat::Micros, true),
        literal(session),
    )
}
