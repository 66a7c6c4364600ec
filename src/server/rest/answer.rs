//! The envelope: `data` and `request_id` where it went well, `error` where it did not.

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors;
use crate::{
    error::AppError,
    ids::RequestId,
    server::{Stoa, http::request::RequestContext},
};

pub static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What goes out, but for the request's own id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    #[serde(skip)]
    pub status: StatusCode,
    pub data: Value,
    pub next_cursor: Option<String>,
    pub version: Option<i64>,
    #[serde(skip)]
    pub replayed: bool,
}

pub fn finish(stoa: &Stoa, context: &RequestContext, done: Result<Sent, AppError>) -> Response {
    let mut response = match done {
        Ok(sent) => succeeded(context.id, &sent),
        Err(error) => errors::failed(stoa, context.id, &error),
    };
    if let Some(rate) = context.rate.get() {
        rate.say(response.headers_mut());
    }
    response
}

#[derive(Serialize)]
struct Envelope<'a> {
    data: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a str>,
    request_id: RequestId,
}

fn succeeded(request_id: RequestId, sent: &Sent) -> Response {
    let envelope = Envelope { data: &sent.data, next_cursor: sent.next_cursor.as_deref(), request_id };
    let mut response = json_response(sent.status, &envelope);
    let headers = response.headers_mut();
    if let Some(version) = sent.version
        && let Ok(etag) = HeaderValue::from_str(&format!("\"{version}\""))
    {
        headers.insert(header::ETAG, etag);
    }
    if sent.replayed {
        headers.insert(IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("true"));
    }
    response
}

pub fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    json_written(status, written(body))
}

/// None of what cannot be written.
pub fn written(body: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(body).ok().map(Bytes::from)
}

pub fn json_written(status: StatusCode, body: Option<Bytes>) -> Response {
    // What cannot be written leaves a bare error, which is given its envelope further out.
    let Some(bytes) = body else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, Body::from(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Data is no page: a browser that is shown it loads and frames nothing.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
