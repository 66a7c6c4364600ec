//! A file on its way out: always something to save, and never a page of this or any other origin.

use std::time::Duration;

use axum::body::{Body, Bytes};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{Stream, StreamExt as _, stream, stream::BoxStream};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use tokio::{sync::mpsc, time::Instant};

use super::{
    Place,
    answering::{Permit, open},
    disposition::disposition,
    store::Opened,
};
use crate::{
    error::AppError,
    server::{Stoa, http::request::RequestContext, objects::Key},
};

/// For whoever fetches to take the next piece.
const PATIENCE: Duration = Duration::from_mins(1);
/// For all of it: so long, and beside that a second for so many bytes.
const LONGEST: Duration = Duration::from_mins(10);
const LEAST_PACE: u64 = 16 * 1024;
/// Pieces that wait to be taken.
const AHEAD: usize = 4;

/// What goes out; no body where only the headers are asked for, and no `permit` is given.
pub async fn give(
    stoa: &Stoa,
    context: &RequestContext,
    place: Place,
    permit: Option<Permit>,
) -> Result<(HeaderMap, Option<Body>), AppError> {
    let (scope, opened) = open(stoa, context, place).await?;
    scope.close().await?;
    let object = opened.object.filter(|_| opened.status.as_deref() == Some("ready")).ok_or(AppError::NotFound)?;
    let length = opened.data.get("size_bytes").and_then(Value::as_u64).ok_or(AppError::Internal)?;
    let headers = headers(&opened, length)?;
    let Some(permit) = permit else { return Ok((headers, None)) };
    let objects = stoa.objects().ok_or(AppError::Unavailable)?;
    let bytes = objects.get(Key { workspace: place.workspace, asset: place.asset, object }).await.map_err(|error| {
        tracing::error!(asset = %place.asset, %error, "the store of files did not give what it should hold");
        AppError::Unavailable
    })?;
    Ok((headers, Some(Body::from_stream(paced(bytes, length, permit)))))
}

fn headers(opened: &Opened, length: u64) -> Result<HeaderMap, AppError> {
    let text = |field: &str| opened.data.get(field).and_then(Value::as_str).unwrap_or_default();
    let content_type = HeaderValue::from_str(text("content_type")).map_err(|_| AppError::Internal)?;
    let digest = format!("sha-256=:{}:", STANDARD.encode(opened.sha256.as_deref().unwrap_or_default()));
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CONTENT_DISPOSITION, disposition(text("file_name"))),
        // Should a browser show it all the same, it runs nothing and loads nothing.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("none")),
        // RFC 9530
        (HeaderName::from_static("repr-digest"), HeaderValue::from_str(&digest).map_err(|_| AppError::Internal)?),
    ]))
}

/// As fast as it is taken, and not for longer than somebody takes it: a place among those that go out is given back.
fn paced(
    mut bytes: BoxStream<'static, Result<Bytes, object_store::Error>>,
    length: u64,
    permit: Permit,
) -> impl Stream<Item = Result<Bytes, object_store::Error>> + Send + 'static {
    let (ahead, taken) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let _permit = permit;
        let end = Instant::now() + LONGEST + Duration::from_secs(length / LEAST_PACE);
        while let Some(piece) = bytes.next().await {
            if let Err(error) = &piece {
                tracing::error!(%error, "the store of files broke off");
            }
            if !matches!(tokio::time::timeout_at(end.min(Instant::now() + PATIENCE), ahead.send(piece)).await, Ok(Ok(()))) {
                return;
            }
        }
    });
    stream::unfold(taken, |mut taken| async move { taken.recv().await.map(|piece| (piece, taken)) })
}
