//! Writing once: an idempotency key makes the same request, sent again, answer as it did and change nothing.

use std::{future::Future, sync::Arc};

use axum::extract::{Query, RawPathParams, Request};
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{Answer, Call, DryRun, Gate, answer::Sent, call, errors, store};
use crate::{
    access::AskWorkspace,
    error::AppError,
    server::{Stoa, credentials, http::request::RequestContext, scope::Watch},
};

/// A body of a control-plane operation at most.
pub const BODY_MAX: usize = 256 * 1024;
const KEY_MAX: usize = 255;
const HEADER: &str = "idempotency-key";
/// The same in a body, for whoever cannot set headers.
const FIELD: &str = "idempotency_key";

/// The key of a write, and what it stands for.
pub struct Key {
    pub text: String,
    pub route: String,
    pub body_hash: [u8; 32],
}

pub async fn carry_out<P, In, Out, F, Fut>(
    stoa: &Stoa,
    mut context: RequestContext,
    request: Request,
    params: &RawPathParams,
    gate: Gate,
    status: StatusCode,
    handle: Arc<F>,
) -> Result<Sent, AppError>
where
    P: AskWorkspace,
    In: DeserializeOwned + JsonSchema + Send + 'static,
    Out: Serialize + JsonSchema + Send + 'static,
    F: Fn(Call<P>, In) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer<P, Out>, AppError>> + Send + 'static,
{
    let presented = call::presented(stoa, &context, request.headers())?;
    let Query(asked) = Query::<DryRun>::try_from_uri(request.uri()).map_err(|error| errors::bad_query(&error))?;
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, BODY_MAX).await.map_err(|_| AppError::TooLarge)?;
    context.input_hash = Some(stoa.config.secrets.pepper.hash("audit input", &redacted(&bytes)));
    let mut call = Call::<P>::open(stoa, &context, &presented, &parts.headers, params, gate, true).await?;
    let body: serde_json::Value = read(&bytes)?;
    let key = key(&parts.headers, &body, &context, parts.uri.path(), &bytes)?;
    if let Some(key) = &key {
        // Before anything is looked at: a twin that waited for rows alone would see what the first one did to them.
        store::hold(&mut call, key).await?;
        if let Some(stored) = store::find_answer(&mut call, key).await? {
            call.scope.close().await?;
            return Ok(stored);
        }
    }
    let input: In = typed(body)?;
    let watch = Watch::over(&call.scope);
    let mut answer = watch.noting(handle(call, input).await).await?;
    if asked.dry_run {
        let planned = answer.planned();
        answer.call.scope.close().await?;
        return Ok(planned);
    }
    let sent = answer.sent(status)?;
    if let Some(key) = key {
        let kept = answer.kept(status)?;
        store::insert_answer(&mut answer.call, &key, &kept).await?;
    }
    answer.call.commit().await?;
    Ok(sent)
}

/// The key from its header, or from the body's own field (which then is no part of the input).
fn key(headers: &HeaderMap, body: &serde_json::Value, context: &RequestContext, path: &str, bytes: &[u8]) -> Result<Option<Key>, AppError> {
    let from_header = headers.get(HEADER).map(|value| value.to_str().unwrap_or_default());
    let from_body = match body.get(FIELD) {
        None | Some(serde_json::Value::Null) => None,
        Some(value) => {
            Some(value.as_str().ok_or_else(|| AppError::invalid(FIELD, "The idempotency key is not a text. Put it in quotes."))?)
        }
    };
    let key = match (from_header, from_body) {
        (None, None) => return Ok(None),
        (Some(one), Some(other)) if one != other => {
            return Err(AppError::invalid(FIELD, "The header and the body name two idempotency keys. Leave one of them out."));
        }
        (Some(key), _) | (None, Some(key)) => key.to_owned(),
    };
    if key.is_empty() || key.chars().count() > KEY_MAX || key.chars().any(char::is_control) {
        return Err(AppError::invalid(FIELD, format!("The idempotency key is not 1 to {KEY_MAX} printable characters.")));
    }
    if credentials::is_like_one(&key) {
        return Err(AppError::invalid(FIELD, "This looks like a secret, and idempotency keys are kept for a day. Use a random text."));
    }
    let mut hash = Sha256::new();
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(bytes);
    Ok(Some(Key { text: key, route: context.route.clone(), body_hash: hash.finalize().into() }))
}

fn read(bytes: &[u8]) -> Result<serde_json::Value, AppError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(serde_json::Value::Object(serde_json::Map::new()));
    }
    let body: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| AppError::invalid("body", format!("The body is not JSON: {error}.")))?;
    if holds_nul(&body) {
        return Err(AppError::invalid("body", "The body contains a NUL character, which no text here can hold."));
    }
    if body.is_object() { Ok(body) } else { Err(AppError::invalid("body", "The body is not a JSON object.")) }
}

/// Postgres keeps no text with such a character. Depth is bounded by the parser.
fn holds_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

fn typed<In: DeserializeOwned>(mut body: serde_json::Value) -> Result<In, AppError> {
    if let serde_json::Value::Object(fields) = &mut body {
        fields.remove(FIELD);
    }
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { format!("{path}: ") };
        AppError::invalid("body", format!("{place}{}.", error.into_inner()))
    })
}

/// What the audit row's hash is taken of. Bodies of these operations hold no secrets; should one, it is left out.
fn redacted(bytes: &[u8]) -> Vec<u8> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_slice(bytes) else { return bytes.to_vec() };
    fields.retain(|name, _| !["secret", "token", "password", "idempotency_key"].iter().any(|word| name.contains(word)));
    serde_json::Value::Object(fields).to_string().into_bytes()
}
