//! What a client learns about the provider before it sends anybody: its addresses, abilities and keys.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Provider;

pub(super) const PATH: &str = "/.well-known/openid-configuration";

pub(super) async fn describe(State(provider): State<Provider>) -> Json<Value> {
    let issuer = &provider.inside.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end_session"),
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "at_hash",
            "name", "email", "email_verified",
        ],
    }))
}

pub(super) async fn keys(State(provider): State<Provider>) -> Json<Value> {
    Json(json!({ "keys": [provider.inside.key.public()] }))
}
