//! Tells the holder of an access token who it stands for.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::{Provider, now};

pub(super) async fn tell(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let no_store = [(CACHE_CONTROL, "no-store")];
    let Some(token) = bearer(&headers) else {
        let challenge = [(WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, no_store, challenge).into_response();
    };
    let person = provider.inside.access_tokens().get(token, now()).map(|sign_in| sign_in.person);
    let Some(person) = person else {
        let challenge = [(WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)];
        return (StatusCode::UNAUTHORIZED, no_store, challenge).into_response();
    };
    let claims = Json(json!({
        "sub": person.subject,
        "name": person.name,
        "email": person.email,
        "email_verified": true,
    }));
    (no_store, claims).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
