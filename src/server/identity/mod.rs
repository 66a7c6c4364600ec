//! The identity provider, as a relying party sees it: OpenID Connect by discovery, authorization code with PKCE.
//!
//! <https://openid.net/specs/openid-connect-core-1_0.html>, RFC 6749, RFC 7636, RFC 9207.

mod known;
mod multi_factor;
mod refusal;

pub use refusal::Refusal;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _, UserInfoRequest,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreUserInfoClaims},
};
use url::Url;

use crate::server::{clock::Clock, config::Config};
use known::{Claims, Client, IdToken, Known, KnownProvider};
use multi_factor::MultiFactor;

/// How far a provider's clock may be off.
pub const SKEW_SECONDS: i64 = 30;
/// An ID token is used at once; one issued longer ago is not from this sign-in.
const TOKEN_AGE_MINUTES: i64 = 10;

/// Who the provider says it is, after every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    /// The provider's session.
    pub session: Option<String>,
    /// When the person proved who they are, where the provider says it.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// Whether the provider says that a second factor was used, in the words that the operator named.
    pub multi_factor: bool,
}

/// What the provider is to ask of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// As it likes; it may remember them.
    Any,
    /// Once more who they are, whatever it remembers.
    Anew,
    /// The same, with a second factor.
    SecondFactor,
}

impl Proof {
    /// From the way to the provider: `anew`, where it says so.
    pub fn asked(anew: Option<&str>) -> Self {
        match anew {
            None => Self::Any,
            Some("factor") => Self::SecondFactor,
            Some(_) => Self::Anew,
        }
    }

    pub fn is_anew(self) -> bool {
        self != Self::Any
    }
}

/// What one sign-in must come back with.
pub struct Expectation<'a> {
    pub nonce: &'a str,
    pub verifier: &'a str,
}

#[derive(Clone)]
pub struct RelyingParty {
    issuer: Url,
    client_id: String,
    scopes: Vec<String>,
    multi_factor: MultiFactor,
    redirect: Url,
    signed_out: Url,
    clock: Clock,
    known: Arc<KnownProvider>,
}

impl RelyingParty {
    pub fn new(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            issuer: config.identity.issuer.clone(),
            client_id: config.identity.client_id.clone(),
            scopes: config.identity.scopes.clone(),
            multi_factor: MultiFactor::new(&config.identity),
            redirect: config.public_urls.console_url(crate::paths::SIGN_IN_CALLBACK),
            signed_out: config.public_urls.console_url(crate::paths::SIGNED_OUT),
            known: Arc::new(KnownProvider::new(config, clock.clone())?),
            clock,
        })
    }

    pub fn issuer_host(&self) -> &str {
        self.issuer.host_str().unwrap_or("the identity provider")
    }

    /// Whether the provider answers, for `doctor`.
    pub async fn check(&self) -> Result<(), Refusal> {
        self.known.get().await.map(|_| ())
    }

    /// Where a person goes to sign in.
    pub async fn authorize_url(&self, state: &str, expected: &Expectation<'_>, proof: Proof) -> Result<Url, Refusal> {
        let known = self.known.get().await?;
        let client = self.client(&known)?;
        let verifier = PkceCodeVerifier::new(expected.verifier.to_owned());
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(expected.nonce.to_owned()));
        let mut asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if proof.is_anew() {
            asked = asked.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
        }
        if proof == Proof::SecondFactor {
            for context in self.multi_factor.contexts() {
                asked = asked.add_auth_context_value(context);
            }
        }
        let (url, _, _) = asked.url();
        Ok(url)
    }

    /// Where to end the provider's own session (RP-initiated logout), if it offers that.
    pub async fn end_session_url(&self) -> Option<Url> {
        let known = self.known.get().await.ok()?;
        let mut url = known.metadata.additional_metadata().end_session_endpoint.as_ref()?.url().clone();
        url.query_pairs_mut().append_pair("client_id", &self.client_id).append_pair("post_logout_redirect_uri", self.signed_out.as_str());
        Some(url)
    }

    /// Checks that an answer comes from this provider (RFC 9207): `iss`, where the provider promises it or sends it.
    pub async fn check_issuer(&self, iss: Option<&str>) -> Result<(), Refusal> {
        match iss {
            Some(iss) if iss == self.issuer_text() => Ok(()),
            Some(_) => Err(Refusal::ISSUER_MIX_UP),
            None if self.known.get().await?.metadata.additional_metadata().promises_iss() => Err(Refusal::ISSUER_MIX_UP),
            None => Ok(()),
        }
    }

    /// Exchanges the code and checks everything about the answer.
    pub async fn identify(&self, code: &str, expected: &Expectation<'_>) -> Result<Identity, Refusal> {
        let known = self.known.get().await?;
        let client = self.client(&known)?;
        let http = self.known.http();
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Refusal::NO_TOKEN_ENDPOINT)?
            .set_pkce_verifier(PkceCodeVerifier::new(expected.verifier.to_owned()))
            .request_async(&http)
            .await
            .map_err(|error| Refusal::exchange(&error))?;
        let token: &IdToken = answer.id_token().ok_or(Refusal::NO_ID_TOKEN)?;
        let nonce = Nonce::new(expected.nonce.to_owned());
        let (client, claims) = match self.claims(&client, token, &nonce) {
            Ok(claims) => (client.clone(), claims.clone()),
            // The provider may have turned its keys since they were read: once a minute, ask for them again.
            Err(refusal) if refusal == Refusal::UNKNOWN_KEY && self.known.forget_keys() => {
                let known = self.known.get().await?;
                let client = self.client(&known)?;
                let claims = self.claims(&client, token, &nonce)?.clone();
                (client, claims)
            }
            Err(refusal) => return Err(refusal),
        };
        if let Some(expected) = claims.access_token_hash() {
            let verifier = client.id_token_verifier();
            let key = token.signing_key(&verifier).map_err(|_| Refusal::UNKNOWN_KEY)?;
            let algorithm = token.signing_alg().map_err(|_| Refusal::ALGORITHM)?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|_| Refusal::ALGORITHM)?;
            if actual != *expected {
                return Err(Refusal::ACCESS_TOKEN_HASH);
            }
        }
        let info = match (claims.email(), client.user_info(answer.access_token().clone(), Some(claims.subject().clone()))) {
            // Some providers say the address only there.
            (None, Ok(request)) => Some(user_info(request, &http).await?),
            _ => None,
        };
        self.identity(&claims, info.as_ref())
    }

    fn client(&self, known: &Known) -> Result<Client, Refusal> {
        let redirect = RedirectUrl::new(self.redirect.to_string()).map_err(|_| Refusal::DISCOVERY)?;
        Ok(known.client.clone().set_redirect_uri(redirect))
    }

    fn claims<'a>(&self, client: &Client, token: &'a IdToken, nonce: &Nonce) -> Result<&'a Claims, Refusal> {
        let now = self.clock.now();
        let skew = chrono::TimeDelta::seconds(SKEW_SECONDS);
        let verifier = client.id_token_verifier().set_time_fn(move || now - skew).set_issue_time_verifier_fn(move |issued| {
            if issued > now + skew || issued < now - chrono::TimeDelta::minutes(TOKEN_AGE_MINUTES) {
                Err(refusal::ISSUED_AT.to_owned())
            } else {
                Ok(())
            }
        });
        let claims = token.claims(&verifier, nonce).map_err(|error| Refusal::claims(&error))?;
        // OpenID Connect Core §3.1.3.7, 4 and 5.
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.client_id) {
            return Err(Refusal::AUTHORIZED_PARTY);
        }
        if claims.additional_claims().nbf.is_some_and(|nbf| nbf > (now + skew).timestamp()) {
            return Err(Refusal::NOT_YET_VALID);
        }
        Ok(claims)
    }

    fn identity(&self, claims: &Claims, info: Option<&CoreUserInfoClaims>) -> Result<Identity, Refusal> {
        let email = claims.email().or_else(|| info?.email()).ok_or(Refusal::NO_EMAIL)?;
        let email_verified = claims.email_verified().or_else(|| info?.email_verified()).unwrap_or(false);
        let name = claims
            .name()
            .or_else(|| info?.name())
            .and_then(|name| name.get(None))
            .map(|name| name.trim().chars().filter(|c| !c.is_control()).take(120).collect::<String>())
            .filter(|name| !name.is_empty());
        Ok(Identity {
            issuer: self.issuer_text().to_owned(),
            subject: claims.subject().to_string(),
            email: email.chars().filter(|c| !c.is_control()).take(320).collect(),
            email_verified,
            name,
            session: claims.additional_claims().sid.clone(),
            authenticated_at: claims.auth_time(),
            multi_factor: self.multi_factor.is_said(claims),
        })
    }

    /// The issuer as the provider writes it: the configuration's text, where `Url` adds a slash to a bare host.
    pub fn issuer_text(&self) -> &str {
        known::issuer_text(&self.issuer)
    }
}

async fn user_info<'c, C: AsyncHttpClient<'c>>(
    request: UserInfoRequest<'c, CoreJweContentEncryptionAlgorithm, CoreJsonWebKey>,
    http: &'c C,
) -> Result<CoreUserInfoClaims, Refusal> {
    request.request_async(http).await.map_err(|error| {
        tracing::warn!(error = error.to_string(), "the provider's userinfo was not accepted");
        Refusal::USER_INFO
    })
}
