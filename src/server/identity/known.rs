//! What is known about the provider: its discovery document and keys, read when first wanted and kept for an hour.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, ProviderMetadata, StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Refusal;
use crate::server::{clock::Clock, config::Config};

const KEPT_MINUTES: i64 = 60;
/// A provider that did not answer is left alone for this long, whoever asks.
const FAILURE_KEPT_SECONDS: i64 = 5;
/// An unknown key makes us ask for the keys again, this often at most.
const KEYS_AGAIN_SECONDS: i64 = 60;
const ANSWER_MAX: usize = 1024 * 1024;
const ANSWER_SECONDS: u64 = 10;

/// What a discovery document may say beside the core (RP-Initiated Logout §2.1, RFC 9207 §3).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Additional {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Additional {
    pub fn promises_iss(&self) -> bool {
        self.authorization_response_iss_parameter_supported
    }
}

impl AdditionalProviderMetadata for Additional {}

/// Claims of the ID token beside the standard ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extra {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
}

impl openidconnect::AdditionalClaims for Extra {}

type Metadata = ProviderMetadata<
    Additional,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Fields = IdTokenFields<Extra, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

pub type IdToken = openidconnect::IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

pub type Claims = openidconnect::IdTokenClaims<Extra, CoreGenderClaim>;

pub type Client = openidconnect::Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub struct Known {
    pub metadata: Metadata,
    pub client: Client,
    read_at: DateTime<Utc>,
}

pub struct KnownProvider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    http: reqwest::Client,
    clock: Clock,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while the provider is asked: many who wait ask once. Remembers the last failure.
    asking: tokio::sync::Mutex<Option<(DateTime<Utc>, Refusal)>>,
    /// When the keys were last asked for again, in seconds since 1970.
    keys_again: AtomicI64,
}

/// The issuer without the slash that `Url` gives to a bare host: issuers are compared as text.
pub fn issuer_text(issuer: &Url) -> &str {
    let text = issuer.as_str();
    if issuer.path() == "/" && issuer.query().is_none() { text.trim_end_matches('/') } else { text }
}

impl KnownProvider {
    pub fn new(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(ANSWER_SECONDS))
            // A redirect could lead the server anywhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("stoa/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            issuer: IssuerUrl::new(issuer_text(&config.identity.issuer).to_owned())?,
            client_id: ClientId::new(config.identity.client_id.clone()),
            client_secret: config.identity.client_secret.clone().map(ClientSecret::new),
            http,
            clock,
            known: RwLock::new(None),
            asking: tokio::sync::Mutex::new(None),
            keys_again: AtomicI64::new(0),
        })
    }

    pub fn http(&self) -> impl Fn(HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send>> + use<> {
        let client = self.http.clone();
        move |request| Box::pin(fetch(client.clone(), request))
    }

    pub async fn get(&self) -> Result<Arc<Known>, Refusal> {
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let mut failed = self.asking.lock().await;
        // While we waited, someone else may have asked.
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let now = self.clock.now();
        if let Some((at, refusal)) = *failed
            && now - at < TimeDelta::seconds(FAILURE_KEPT_SECONDS)
        {
            return Err(refusal);
        }
        let discovered = Metadata::discover_async(self.issuer.clone(), &self.http()).await;
        let metadata = match discovered {
            Ok(metadata) => metadata,
            Err(error) => {
                let refusal = Refusal::discovery(&error);
                *failed = Some((now, refusal));
                return Err(refusal);
            }
        };
        *failed = None;
        let client = Client::from_provider_metadata(metadata.clone(), self.client_id.clone(), self.client_secret.clone());
        let known = Arc::new(Known { metadata, client, read_at: now });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    fn fresh(&self) -> Option<Arc<Known>> {
        let now = self.clock.now();
        let kept = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|known| now - known.read_at < TimeDelta::minutes(KEPT_MINUTES))
    }

    /// Forgets what is known, so that it is read again; false where that was done less than a minute ago.
    pub fn forget_keys(&self) -> bool {
        let now = self.clock.now().timestamp();
        let last = self.keys_again.load(Ordering::Acquire);
        let is_due = now - last >= KEYS_AGAIN_SECONDS;
        let forget = is_due && self.keys_again.compare_exchange(last, now, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if forget {
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        forget
    }
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the provider could not be reached")]
    Reach(#[from] reqwest::Error),
    #[error("the provider's answer could not be read")]
    Http(#[from] http::Error),
    #[error("the provider's answer is larger than {ANSWER_MAX} bytes")]
    TooLarge,
}

async fn fetch(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}
