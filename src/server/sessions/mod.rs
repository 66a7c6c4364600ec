//! Sessions in Postgres, under tower-sessions: only hashes of ids are kept, nothing ended comes back, and each
//! start and end is an audit event in the transaction that makes it so.

mod store;

pub use store::{PostgresStore, Start, end};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, session::Id};

use crate::server::Stoa;

/// Last-seen is written this often at most.
const TOUCH_SECONDS: i64 = 60;

/// What is stored of a session's id. The id has 128 random bits, so a plain hash tells nothing about it.
pub fn hash(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_le_bytes()).into()
}

/// A session as audit rows name it: the beginning of its hash, which opens nothing.
pub fn handle(hash: [u8; 32]) -> String {
    hash[..8].iter().fold("ses_".to_owned(), |text, byte| text + &format!("{byte:02x}"))
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

/// Moves the idle clock, beside the request and at most once a minute.
pub fn touch(stoa: &Stoa, session: [u8; 32], last_seen_at: DateTime<Utc>, now: DateTime<Utc>) {
    if now - last_seen_at < TimeDelta::seconds(TOUCH_SECONDS) {
        return;
    }
    let stoa = stoa.clone();
    tokio::spawn(async move {
        if let Err(error) = store::touch(&stoa.db, session, now).await {
            tracing::warn!(error = crate::server::telemetry::chain(&error), "last-seen was not written");
        }
    });
}
