//! The one client for every address that a person entered: an audit stream's endpoint, a witness. Whoever enters one must
//! not thereby reach what only this server reaches, nor keep it busy.
//!
//! https alone; a name is looked up once a connection, every address that it leads to is judged, and exactly those are
//! dialled. No redirects, no proxy, no patience beyond a limit, no answer beyond a size. What the operator enters (the
//! identity provider, the store of files, the mail server) is not called with it: docs/decisions/0019.

mod address;
mod allowed;
mod lookup;
mod refused;
mod target;

pub use allowed::Allowed;
pub use lookup::{Lookup, OfTheSystem};
pub use refused::Refused;
pub use target::Target;

use std::{error::Error as _, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::dns::Resolve;

use lookup::{Guarded, Trusting};

const USER_AGENT: &str = concat!("stoa/", env!("CARGO_PKG_VERSION"));

/// How much of somebody else's server is borne.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connect: Duration,
    /// From the lookup to the last byte of the answer.
    pub total: Duration,
    /// Bytes of an answer.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(15), answer: 64 * 1024 }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<[Allowed]>,
    limits: Limits,
    /// For hosts that the operator named.
    trusting: reqwest::Client,
    guarded: reqwest::Client,
}

/// What came back, whole.
#[derive(Clone, Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("It did not answer in time: {} seconds are all that it gets.", .0.as_secs())]
    Slow(Duration),
    #[error("No connection came about: {0}.")]
    Unreached(String),
    #[error("Its answer is longer than {} KiB.", .0 / 1024)]
    Long(usize),
    #[error("The connection broke before it had answered.")]
    Broken,
}

impl Outbound {
    /// # Errors
    /// Where there is no TLS to be had.
    pub fn new(allowed: &[Allowed]) -> reqwest::Result<Self> {
        Self::with(allowed, Arc::new(OfTheSystem), Limits::default())
    }

    /// The same with somebody else who knows where names lead, and within other limits.
    ///
    /// # Errors
    /// As above.
    pub fn with(allowed: &[Allowed], lookup: Arc<dyn Lookup>, limits: Limits) -> reqwest::Result<Self> {
        let networks = allowed.iter().filter_map(|allowed| match allowed {
            Allowed::Network(network) => Some(*network),
            Allowed::Origin(_) => None,
        });
        let guarded = Guarded { lookup: lookup.clone(), allowed: networks.collect() };
        let (trusting, guarded) = (client(Trusting(lookup), false, limits)?, client(guarded, true, limits)?);
        Ok(Self { allowed: allowed.into(), limits, trusting, guarded })
    }

    /// Whether an address may be called at all, as far as can be said without looking its name up.
    ///
    /// # Errors
    /// The check that refuses it.
    pub fn judge(&self, url: &str) -> Result<Target, Refused> {
        Target::read(url, &self.allowed)
    }

    /// Sends `body` there and waits for the whole answer.
    ///
    /// # Errors
    /// Whatever kept an answer from coming; any answer at all is one, whatever its status.
    pub async fn post(&self, url: &str, headers: HeaderMap, body: Vec<u8>) -> Result<Answered, Failed> {
        let Target { url, is_named_by_operator } = self.judge(url)?;
        let client = if is_named_by_operator { &self.trusting } else { &self.guarded };
        let mut answer = client.post(url).headers(headers).body(body).send().await.map_err(|error| self.failed(&error))?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(&error))? {
            if body.len() + chunk.len() > self.limits.answer {
                return Err(Failed::Long(self.limits.answer));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answered { status, headers, body })
    }

    fn failed(&self, error: &reqwest::Error) -> Failed {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(refused) = inner.downcast_ref::<Refused>() {
                return refused.clone().into();
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            Failed::Slow(self.limits.total)
        } else if error.is_connect() {
            Failed::Unreached(last_cause(error))
        } else {
            Failed::Broken
        }
    }
}

fn client(resolver: impl Resolve + 'static, https_only: bool, limits: Limits) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .dns_resolver(Arc::new(resolver))
        .https_only(https_only)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // A small answer must not become a large one.
        .no_gzip()
        // What is sent twice is sent twice by whoever counts it.
        .retry(reqwest::retry::never())
        .user_agent(USER_AGENT)
        .build()
}

/// What is at the bottom of it: "connection refused", or what is wrong with a certificate.
fn last_cause(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string().trim_end_matches('.').chars().take(200).collect()
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}
