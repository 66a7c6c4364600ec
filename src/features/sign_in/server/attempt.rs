//! One attempt to sign in: started in a browser, finished once, in the same browser, within ten minutes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::store;
use crate::{
    error::AppError,
    paths,
    server::{
        Stoa, chance,
        identity::{Expectation, Identity, Refusal},
    },
};

pub const LIFE_SECONDS: i64 = 600;
/// This much of the state names the attempt's cookie, so that two tabs do not share one.
const TAG_LENGTH: usize = 12;

/// What the browser needs to go on.
pub struct Started {
    pub provider: Url,
    pub cookie: String,
    /// Only the browser has it; nonce and PKCE verifier are derived from it.
    pub secret: String,
}

/// Starts an attempt that will lead back to `back`; with `anew`, the provider is to prove the person again.
pub async fn start(stoa: &Stoa, back: &str, anew: bool) -> Result<Started, AppError> {
    let (state, secret) = (chance::secret(), chance::secret());
    let derived = Derived::from(&secret, &state);
    let provider = stoa.identity.authorize_url(&state, &derived.expectation(), anew).await?;
    let now = stoa.clock.now();
    let expires_at = now + TimeDelta::seconds(LIFE_SECONDS);
    store::insert_attempt(&stoa.db, &hash(&state), &hash(&secret), &paths::local(back), now, expires_at).await?;
    Ok(Started { provider, cookie: cookie_name(stoa, &state), secret })
}

/// Finishes an attempt with what the provider sent back, and says where the person wanted to go.
pub async fn finish(stoa: &Stoa, state: &str, secret: Option<&str>, code: &str, iss: Option<&str>) -> Result<(Identity, String), AppError> {
    let secret = secret.ok_or(Refusal::ATTEMPT)?;
    // Taken before anything else, so that whatever goes wrong from here on, it is used.
    let back = store::take_attempt(&stoa.db, &hash(state), &hash(secret), stoa.clock.now()).await?.ok_or(Refusal::ATTEMPT)?;
    stoa.identity.check_issuer(iss).await?;
    let derived = Derived::from(secret, state);
    let identity = stoa.identity.identify(code, &derived.expectation()).await?;
    Ok((identity, back))
}

/// The name of the cookie that binds an attempt to its browser.
pub fn cookie_name(stoa: &Stoa, state: &str) -> String {
    let tag: String = state.chars().filter(char::is_ascii_alphanumeric).take(TAG_LENGTH).collect();
    let prefix = if stoa.config.public_urls.is_https() { "__Host-" } else { "" };
    format!("{prefix}stoa_sign_in_{tag}")
}

/// Nonce and verifier, from the browser's secret: the database never holds them.
struct Derived {
    nonce: String,
    verifier: String,
}

impl Derived {
    fn from(secret: &str, state: &str) -> Self {
        let derive = |purpose: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("stoa sign-in\0{purpose}\0{secret}\0{state}")));
        Self { nonce: derive("nonce"), verifier: derive("verifier") }
    }

    fn expectation(&self) -> Expectation<'_> {
        Expectation { nonce: &self.nonce, verifier: &self.verifier }
    }
}

/// States and secrets have 256 random bits: a plain hash of one tells nothing about it.
fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
