//! The demonstration's own identity provider: true `OpenID` Connect, for five people who do not exist.
//!
//! It asks for no password, so whoever reaches it is whoever they like: it answers on loopback alone (`guard`).

mod authorize;
mod discovery;
mod guard;
mod keys;
mod logout;
mod page;
mod parameters;
mod people;
mod shelf;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, ensure};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

pub use people::{PEOPLE, Person};

use keys::Key;
use shelf::Shelf;

/// What every route of the provider starts with; the issuer is the console's address followed by it.
pub const PATH: &str = "/demo-identity-provider";

const CODE_SECONDS: u64 = 60;
/// Of an access token, and of an ID token.
const TOKEN_SECONDS: u64 = 300;
/// More than any honest request needs; it bounds what the provider remembers of one.
const BODY_BYTES: usize = 16 * 1024;

#[derive(Clone)]
pub struct Provider {
    inside: Arc<Inside>,
}

struct Inside {
    issuer: String,
    client_id: String,
    redirect_uri: Url,
    post_logout_redirect_uri: Url,
    key: Key,
    codes: Mutex<Shelf<SignIn>>,
    access_tokens: Mutex<Shelf<SignIn>>,
}

/// What a code stands for, and after it an access token.
struct SignIn {
    person: &'static Person,
    /// The session, by the name that its tokens give it (`sid`).
    session: String,
    at: u64,
    nonce: Option<String>,
    code: String,
    code_challenge: String,
}

impl Provider {
    /// Makes its signing key, so tokens of an earlier start are not known to this one.
    pub fn new(issuer: Url, client_id: String, redirect_uri: Url, post_logout_redirect_uri: Url) -> Result<Self> {
        ensure!(
            issuer.path() == PATH && issuer.host_str().is_some_and(guard::is_loopback),
            "{issuer} cannot be the demonstration's identity provider: it must be on loopback and end in {PATH}"
        );
        let inside = Inside {
            issuer: issuer.into(),
            client_id,
            redirect_uri,
            post_logout_redirect_uri,
            key: Key::generate()?,
            codes: Mutex::new(Shelf::new(CODE_SECONDS)),
            access_tokens: Mutex::new(Shelf::new(TOKEN_SECONDS)),
        };
        Ok(Self { inside: Arc::new(inside) })
    }

    pub fn router(&self) -> Router<()> {
        let at = |path: &str| format!("{PATH}{path}");
        Router::new()
            .route(&at(discovery::PATH), get(discovery::describe))
            .route(&at("/jwks"), get(discovery::keys))
            .route(&at("/authorize"), get(authorize::ask).post(authorize::ask))
            .route(&at("/authorize/choose"), post(authorize::choose))
            .route(&at("/token"), post(token::exchange))
            .route(&at("/userinfo"), get(userinfo::tell).post(userinfo::tell))
            .route(&at("/end_session"), get(logout::end).post(logout::end))
            .route(&at("/style.css"), get(page::style))
            .route_layer(DefaultBodyLimit::max(BODY_BYTES))
            .route_layer(from_fn(guard::loopback_only))
            .with_state(self.clone())
    }
}

impl Inside {
    fn codes(&self) -> MutexGuard<'_, Shelf<SignIn>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn access_tokens(&self) -> MutexGuard<'_, Shelf<SignIn>> {
        let tokens = self.access_tokens.lock();
        tokens.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the demonstration\'s provider has no clock but the system\'s")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}

/// 256 bits that nobody can guess.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
    Ok(base64url(&bytes))
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
