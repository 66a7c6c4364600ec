//! One attempt to sign in: started in a browser, finished once, in the same browser, within ten minutes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::store;
use crate::{
    error::AppError,
    paths,
    server::{
        Stoa, chance,
        identity::{Expectation, Identity, Proof, Refusal, SKEW_SECONDS},
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

/// What was written down of an attempt when it was started.
pub struct Attempt {
    pub back: String,
    /// The provider was told to prove the person again.
    pub anew: bool,
    pub started_at: DateTime<Utc>,
}

/// Starts an attempt that will lead back to `back`.
pub async fn start(stoa: &Stoa, back: &str, proof: Proof) -> Result<Started, AppError> {
    let (state, secret) = (chance::secret(), chance::secret());
    let derived = Derived::from(&secret, &state);
    let provider = stoa.identity.authorize_url(&state, &derived.expectation(), proof).await?;
    let now = stoa.clock.now();
    let expires_at = now + TimeDelta::seconds(LIFE_SECONDS);
    let attempt = Attempt { back: paths::local(back), anew: proof.is_anew(), started_at: now };
    store::insert_attempt(&stoa.db, &hash(&state), &hash(&secret), &attempt, expires_at).await?;
    Ok(Started { provider, cookie: cookie_name(stoa, &state), secret })
}

/// Finishes an attempt with what the provider sent back, and says where the person wanted to go.
pub async fn finish(stoa: &Stoa, state: &str, secret: Option<&str>, code: &str, iss: Option<&str>) -> Result<(Identity, String), AppError> {
    let secret = secret.ok_or(Refusal::ATTEMPT)?;
    // Taken before anything else, so that whatever goes wrong from here on, it is used.
    let attempt = store::take_attempt(&stoa.db, &hash(state), &hash(secret), stoa.clock.now()).await?.ok_or(Refusal::ATTEMPT)?;
    stoa.identity.check_issuer(iss).await?;
    let derived = Derived::from(secret, state);
    let identity = stoa.identity.identify(code, &derived.expectation()).await?;
    if attempt.anew && !is_anew(identity.authenticated_at, attempt.started_at) {
        return Err(Refusal::NOT_ANEW.into());
    }
    Ok((identity, attempt.back))
}

/// Whether the person proved who they are after the attempt was started, by the provider's word: asked with `max_age`,
/// it has to give it (OpenID Connect Core §2 and §3.1.3.7, 13).
fn is_anew(authenticated_at: Option<DateTime<Utc>>, started_at: DateTime<Utc>) -> bool {
    // Providers tell the second alone, and their clocks are off by a little.
    authenticated_at.is_some_and(|at| at >= started_at - TimeDelta::seconds(SKEW_SECONDS))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_remembered_the_person_did_not_prove_them_anew() {
        let started = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert!(is_anew(Some(started + TimeDelta::seconds(20)), started));
        assert!(is_anew(Some(started - TimeDelta::seconds(SKEW_SECONDS)), started), "a clock may be off");
        assert!(!is_anew(Some(started - TimeDelta::seconds(SKEW_SECONDS + 1)), started));
        assert!(!is_anew(None, started), "saying nothing proves nothing");
    }
}
