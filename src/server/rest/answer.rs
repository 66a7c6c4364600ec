//! The envelope: `data` and `request_id` where it went well, `error` where it did not.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors;
use crate::{
    error::AppError,
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
        Ok(sent) => succeeded(context, sent),
        Err(error) => errors::failed(stoa, context, &error),
    };
    if let Some(rate) = context.rate.get() {
        rate.say(response.headers_mut());
    }
    response
}

fn succeeded(context: &RequestContext, sent: Sent) -> Response {
    let mut body = json!({ "data": sent.data, "request_id": context.id });
    if let (Some(cursor), Value::Object(body)) = (sent.next_cursor, &mut body) {
        body.insert("next_cursor".to_owned(), cursor.into());
    }
    let mut response = json_response(sent.status, &body);
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

pub fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Body::from(body.to_string())).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
