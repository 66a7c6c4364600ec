//! Exchanges a code for tokens: once, within a minute, for the client that began and can prove it (PKCE).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::parameters::{Parameters, Sent};
use super::{Inside, Provider, SignIn, TOKEN_SECONDS, base64url, now, random};

/// By the names of RFC 6749, section 5.2.
struct Refusal {
    error: &'static str,
    about: &'static str,
}

pub(super) async fn exchange(State(provider): State<Provider>, headers: HeaderMap, sent: Sent) -> Response {
    match provider.inside.exchange(&headers, sent) {
        Ok(tokens) => (no_store(), Json(tokens)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

impl Inside {
    fn exchange(&self, headers: &HeaderMap, sent: Sent) -> Result<Value, Refusal> {
        let asked = Parameters::read(sent)
            .ok_or(Refusal { error: "invalid_request", about: "The form cannot be read, or says something twice." })?;
        self.check_client(headers, &asked)?;
        match asked.get("grant_type") {
            Some("authorization_code") => {}
            Some(_) => return refused("unsupported_grant_type", "Only codes are exchanged."),
            None => return refused("invalid_request", "grant_type is missing."),
        }
        let sign_in = self.redeem(&asked)?;
        self.tokens(sign_in).or_else(|error| {
            tracing::error!(?error, "the demonstration's identity provider failed");
            refused("server_error", "The tokens could not be made.")
        })
    }

    /// A public client: it has a name and no secret.
    fn check_client(&self, headers: &HeaderMap, asked: &Parameters) -> Result<(), Refusal> {
        if headers.contains_key(AUTHORIZATION) || asked.has("client_secret") {
            return refused("invalid_client", "The client is public and has no secret.");
        }
        if asked.get("client_id") != Some(self.client_id.as_str()) {
            return refused("invalid_client", "client_id is not known here.");
        }
        Ok(())
    }

    /// Uses up the code, even when the proof then fails: there is no second guess.
    fn redeem(&self, asked: &Parameters) -> Result<SignIn, Refusal> {
        let (Some(code), Some(redirect_uri), Some(verifier)) = (asked.get("code"), asked.get("redirect_uri"), asked.get("code_verifier"))
        else {
            return refused("invalid_request", "code, redirect_uri and code_verifier are all needed.");
        };
        let sign_in = self.codes().take(code, now());
        let Some(sign_in) = sign_in else {
            // A code that comes twice may have been stolen: what it gave is taken back (RFC 6749, section 4.1.2).
            self.access_tokens().discard(|given| given.code == code);
            return refused("invalid_grant", "The code is unknown, used or too old.");
        };
        if redirect_uri != self.redirect_uri.as_str() {
            return refused("invalid_grant", "redirect_uri is not the one that was asked.");
        }
        if !is_verifier(verifier) || base64url(&Sha256::digest(verifier.as_bytes())) != sign_in.code_challenge {
            return refused("invalid_grant", "code_verifier does not prove the challenge.");
        }
        Ok(sign_in)
    }

    fn tokens(&self, sign_in: SignIn) -> anyhow::Result<Value> {
        let access_token = random()?;
        let id_token = self.key.sign(&self.claims(&sign_in, &access_token))?;
        self.access_tokens().put(access_token.clone(), sign_in, now());
        Ok(json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid profile email",
            "id_token": id_token,
        }))
    }

    fn claims(&self, sign_in: &SignIn, access_token: &str) -> Value {
        let now = now();
        let access_token_hash = Sha256::digest(access_token.as_bytes());
        let mut claims = json!({
            "iss": self.issuer,
            "sub": sign_in.person.subject,
            "aud": self.client_id,
            "exp": now + TOKEN_SECONDS,
            "iat": now,
            "auth_time": sign_in.at,
            "sid": sign_in.session,
            "at_hash": base64url(&access_token_hash[..16]),
            "name": sign_in.person.name,
            "email": sign_in.person.email,
            "email_verified": true,
        });
        if let Some(nonce) = &sign_in.nonce {
            claims["nonce"] = json!(nonce);
        }
        claims
    }
}

fn refused<T>(error: &'static str, about: &'static str) -> Result<T, Refusal> {
    Err(Refusal { error, about })
}

fn no_store() -> [(HeaderName, &'static str); 2] {
    [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")]
}

/// RFC 7636, section 4.1.
fn is_verifier(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_letter)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "error_description": self.about }));
        match self.error {
            "invalid_client" => {
                let challenge = [(WWW_AUTHENTICATE, r#"Basic realm="token""#)];
                (StatusCode::UNAUTHORIZED, no_store(), challenge, body).into_response()
            }
            "server_error" => (StatusCode::INTERNAL_SERVER_ERROR, no_store(), body).into_response(),
            _ => (StatusCode::BAD_REQUEST, no_store(), body).into_response(),
        }
    }
}
