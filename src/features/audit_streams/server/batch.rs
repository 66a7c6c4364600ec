//! One batch of a stream: rows of the log from the cursor on, as JSON Lines, signed and sent; or a test in its place.

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use uuid::Uuid;

use super::{
    pace,
    secret::Secret,
    store::sending::{self, Attempt, Outgoing},
};
use crate::{
    error::AppError,
    features::audit_log::server::sealed_rows,
    ids::{JobId, LogId, TenantId},
    server::{Stoa, config::Secrets, proof, scope::ServiceScope},
};

/// Rows of a batch, at most.
const ROWS: i64 = 500;
/// A batch that is longer ends before, unless it is one row.
const BYTES: usize = 512 * 1024;
const JSON_LINES: &str = "application/x-ndjson";

/// What is about to be sent.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The numbers that it holds: from the first up to before the end.
    pub first: i64,
    pub end: i64,
    url: String,
    id: String,
    body: Vec<u8>,
    /// The current one first.
    secrets: Vec<Secret>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub attempt: Attempt,
    /// What the receiver asks to wait, where it failed.
    pub wait: Option<chrono::TimeDelta>,
}

impl Outcome {
    pub fn is_sent(&self) -> bool {
        self.attempt.error.is_none()
    }

    pub fn is_gone(&self) -> bool {
        self.attempt.status == Some(410)
    }

    fn failed(says: impl Into<String>) -> Self {
        Self { attempt: Attempt { status: None, error: Some(says.into()) }, wait: None }
    }
}

/// Whose log a stream is of.
pub fn log_of(tenant: TenantId, stream: &Outgoing) -> LogId {
    LogId(stream.workspace_id.unwrap_or(tenant.0))
}

/// What is next of a stream that is held, and where it ends written down. None where nothing is left to be sent.
///
/// # Errors
/// `Internal` where rows of the log are gone that its head counts.
pub async fn next(
    scope: &mut ServiceScope,
    stream: &Outgoing,
    lease: Uuid,
    until: DateTime<Utc>,
) -> Result<Option<Result<Batch, Outcome>>, AppError> {
    let log = log_of(scope.reach().tenant, stream);
    let size = proof::standing(scope, log.0).await?.map_or(0, |standing| standing.size);
    let (first, last) = (stream.next_seq, stream.batch_end.unwrap_or_else(|| size.min(stream.next_seq + ROWS)));
    if first >= last {
        return Ok(None);
    }
    let rows = sealed_rows(scope, log, first, last).await?;
    let (mut body, mut end) = (Vec::new(), first);
    for row in rows {
        if stream.batch_end.is_none() && !body.is_empty() && body.len() + row.line.len() > BYTES {
            break;
        }
        body.extend(row.line);
        end = row.seq + 1;
    }
    if body.is_empty() {
        tracing::error!(%log, first, "numbers of a log are gone that its head counts: `stoa audit verify` says which");
        sending::begin(scope, stream.id, lease, last, until).await?;
        return Ok(Some(Err(Outcome::failed("The rows to send next cannot be read. Tell the operator of this console."))));
    }
    sending::begin(scope, stream.id, lease, end, until).await?;
    let now = scope.now();
    let Some(secrets) = secrets(&scope.stoa().config.secrets, stream, now) else { return Ok(Some(Err(without_secret()))) };
    let id = format!("{}_{first}_{end}", stream.id);
    Ok(Some(Ok(Batch { first, end, url: stream.url.clone(), id, body, secrets })))
}

/// A message that is no row: whether the receiver is there, and knows the secret.
pub fn test(stoa: &Stoa, tenant: TenantId, stream: &Outgoing, job: JobId) -> Result<Batch, Outcome> {
    let secrets = secrets(&stoa.config.secrets, stream, stoa.clock.now()).ok_or_else(without_secret)?;
    let mut body = json!({ "test": true, "stream": stream.id, "log": log_of(tenant, stream) }).to_string().into_bytes();
    body.push(b'\n');
    let id = format!("{}_test_{job}", stream.id);
    Ok(Batch { first: stream.next_seq, end: stream.next_seq, url: stream.url.clone(), id, body, secrets })
}

fn secrets(secrets: &Secrets, stream: &Outgoing, now: DateTime<Utc>) -> Option<Vec<Secret>> {
    let current = stream.seed().secret(secrets, stream.id)?;
    let former = stream.former_seed(now).and_then(|seed| seed.secret(secrets, stream.id));
    Some(std::iter::once(current).chain(former).collect())
}

fn without_secret() -> Outcome {
    Outcome::failed("The signing secret was made under a pepper that the server does not have any more. Rotate the secret.")
}

impl Batch {
    pub async fn send(self, stoa: &Stoa) -> Outcome {
        let now = stoa.clock.now();
        let Some(outbound) = stoa.outbound() else { return Outcome::failed("This server cannot call https addresses.") };
        let Some(headers) = self.headers(now) else { return Outcome::failed("The message could not be signed.") };
        match outbound.post(&self.url, headers, self.body).await {
            Ok(answered) => {
                let status = i16::try_from(answered.status.as_u16()).ok();
                let error = (!answered.status.is_success()).then(|| says(answered.status));
                let wait = error.is_some().then(|| pace::asked(&answered.headers, now)).flatten();
                Outcome { attempt: Attempt { status, error }, wait }
            }
            Err(failed) => Outcome::failed(failed.to_string()),
        }
    }

    fn headers(&self, now: DateTime<Utc>) -> Option<HeaderMap> {
        let signatures: Vec<String> = self.secrets.iter().map(|secret| secret.sign(&self.id, now, &self.body)).collect();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON_LINES));
        headers.insert("webhook-id", self.id.parse().ok()?);
        headers.insert("webhook-timestamp", now.timestamp().to_string().parse().ok()?);
        headers.insert("webhook-signature", signatures.join(" ").parse().ok()?);
        Some(headers)
    }
}

fn says(status: StatusCode) -> String {
    let helps = match status.as_u16() {
        300..=399 => " Redirects are not followed: enter the address that it leads to.",
        401 | 403 => " It does not take what is sent: look at its signature check, and at the address.",
        404 => " Look for a slip in the address.",
        410 => " It says that nothing is to be sent there any more.",
        413 => " It does not take a batch of 500 rows or 512 KiB: let it take more.",
        _ => "",
    };
    format!("It answered {}, and only 2xx counts.{helps}", status.as_u16())
}
