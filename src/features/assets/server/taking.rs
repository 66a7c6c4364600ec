//! A file on its way to the store.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use uuid::Uuid;

use super::{JOB, Place, answering::open, removing::remove, store};
use crate::{
    error::AppError,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        objects::{Key, PutError},
        scope::ServiceScope,
    },
};

/// Of one asset at a time: begun, broken off, or waiting to be completed.
const UPLOADS_MAX: i64 = 8;

/// What the request says of itself, before its first byte is read.
///
/// # Errors
/// `Invalid` where it is not what was signed.
pub fn ask_headers(headers: &HeaderMap, length: u64, content_type: &str) -> Result<(), AppError> {
    let said = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    if !said(header::CONTENT_TYPE).is_some_and(|said| said.eq_ignore_ascii_case(content_type)) {
        return Err(AppError::invalid(
            "Content-Type",
            format!("This upload is signed for the Content-Type {content_type}, and for no other."),
        ));
    }
    match said(header::CONTENT_LENGTH) {
        Some(said) if said.parse() != Ok(length) => Err(wrong_length(length)),
        // A body of no length that is said is counted.
        _ => Ok(()),
    }
}

fn wrong_length(length: u64) -> AppError {
    AppError::invalid("Content-Length", format!("This upload is signed for {length} bytes, no more and no less. Nothing was kept."))
}

/// Keeps the whole of it, or nothing. Returns its SHA-256 in hexadecimal digits.
pub async fn take(
    stoa: &Stoa,
    context: &RequestContext,
    place: Place,
    length: u64,
    longest: Duration,
    body: Body,
) -> Result<String, AppError> {
    let objects = stoa.objects().ok_or(AppError::Unavailable)?;
    let object = begin(stoa, context, place, length).await?;
    let key = Key { workspace: place.workspace, asset: place.asset, object };
    // What is not there by then has broken off.
    let in_time = Box::pin(body.into_data_stream().take_until(tokio::time::sleep(longest)));
    let arrived = match objects.put(key, length, in_time).await {
        Ok(sha256) => arrive(stoa, context, place, object, &sha256).await.map(|superseded| (sha256, superseded)),
        Err(error) => Err(refusal(&error, length)),
    };
    // What was begun and is not to stay goes at once; where the store does not answer, with the next sweep.
    let (outcome, leaving) = match arrived {
        Ok((sha256, superseded)) => (Ok(hex(&sha256)), superseded),
        Err(error) => (Err(error), vec![object]),
    };
    for object in leaving {
        if let Err(error) = remove(stoa, place, object).await {
            tracing::warn!(asset = %place.asset, %error, "what an upload left was not removed at once; it is swept later");
        }
    }
    outcome
}

/// Writes down what will lie in the store, before anything does.
async fn begin(stoa: &Stoa, context: &RequestContext, place: Place, length: u64) -> Result<Uuid, AppError> {
    let (mut scope, opened) = open(stoa, context, place).await?;
    if opened.object.is_some() || opened.status.as_deref() != Some("uploading") {
        return Err(completed());
    }
    if opened.uploads >= UPLOADS_MAX {
        let says = format!("{UPLOADS_MAX} uploads of this asset are under way or were broken off. Create another asset for the file.");
        return Err(AppError::Conflict(says));
    }
    let object = scope.new_id();
    store::insert(&mut scope, place, object, i64::try_from(length).map_err(|_| wrong_length(length))?).await?;
    scope.commit().await?;
    Ok(object)
}

/// Returns what it takes the place of.
async fn arrive(stoa: &Stoa, context: &RequestContext, place: Place, object: Uuid, sha256: &[u8; 32]) -> Result<Vec<Uuid>, AppError> {
    let mut scope = ServiceScope::open_service(stoa, context, Actor::system(JOB), place.tenant, JOB).await?;
    if !store::arrive(&mut scope, place, object, sha256).await? {
        return Err(completed());
    }
    let superseded = store::supersede(&mut scope, place, object).await?;
    scope.commit().await?;
    Ok(superseded)
}

fn completed() -> AppError {
    AppError::Conflict("This asset was completed already, and its file does not change any more. Create another asset.".to_owned())
}

fn refusal(error: &PutError, length: u64) -> AppError {
    match error {
        PutError::Longer | PutError::Shorter => wrong_length(length),
        PutError::Slow | PutError::Broken => AppError::Malformed("the upload broke off or took too long; nothing of it was kept"),
        PutError::Store(cause) => {
            tracing::error!(error = %cause, "the store of files did not take an upload");
            AppError::Unavailable
        }
    }
}

/// As records hold it.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
