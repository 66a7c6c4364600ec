//! An identity provider that lies on demand: true in everything but the one thing that a test names.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::IntoResponse as _,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const CLIENT: &str = "console";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    Issuer,
    Audience,
    AnotherAudienceBeside,
    AuthorizedParty,
    Nonce,
    NoNonce,
    Expired,
    NotYetValid,
    IssuedLongAgo,
    AlgorithmNone,
    HmacWithThePublicKey,
    UnknownKey,
    Signature,
    AccessTokenHash,
    NoIdToken,
    NotJson,
    CodeRefused,
    NoEmail,
    /// Truths of their own kind: when the person proved themselves, and how.
    ProvedJustNow,
    ProvedAnHourAgo,
    WithSecondFactor,
    AtHighAssurance,
    /// Roles that nobody configured, in the claims that providers put theirs into.
    Roles,
}

pub struct Lying {
    pub issuer: String,
    state: Arc<Shared>,
}

struct Shared {
    issuer: String,
    key: Mutex<Key>,
    told: Mutex<(Lie, String)>,
}

struct Key {
    pair: EcdsaKeyPair,
    id: String,
}

impl Key {
    fn new(id: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("a key");
        Self { pair, id: id.to_owned() }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
                "x": encode(&point[1..33]), "y": encode(&point[33..65]) })
    }

    fn sign(&self, message: &str) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature").as_ref().to_vec()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Lying {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let state =
            Arc::new(Shared { issuer: issuer.clone(), key: Mutex::new(Key::new("first")), told: Mutex::new((Lie::None, String::new())) });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, state }
    }

    /// What the next token says, and the nonce it was asked for.
    pub fn tell(&self, lie: Lie, nonce: &str) {
        *self.state.told.lock().expect("told") = (lie, nonce.to_owned());
    }

    pub fn turn_keys(&self) {
        *self.state.key.lock().expect("a key") = Key::new("second");
    }
}

async fn describe(State(state): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &state.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(state): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "keys": [state.key.lock().expect("a key").public()] }))
}

async fn token(State(state): State<Arc<Shared>>) -> axum::response::Response {
    let (lie, nonce) = state.told.lock().expect("told").clone();
    match lie {
        Lie::CodeRefused => return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
        Lie::NotJson => return "<html>token: secret-in-a-body</html>".into_response(),
        Lie::NoIdToken => return Json(json!({ "access_token": "a", "token_type": "Bearer" })).into_response(),
        _ => {}
    }
    let id_token = id_token(&state, lie, &nonce);
    Json(json!({ "access_token": "the-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": id_token })).into_response()
}

fn id_token(state: &Shared, lie: Lie, nonce: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let mut claims = json!({
        "iss": state.issuer, "sub": "ada", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
        "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace", "sid": "session-at-the-provider",
    });
    match lie {
        Lie::Issuer => claims["iss"] = json!("https://elsewhere.example"),
        Lie::Audience => claims["aud"] = json!("another-application"),
        Lie::AnotherAudienceBeside => claims["aud"] = json!([CLIENT, "another-application"]),
        Lie::AuthorizedParty => claims["azp"] = json!("another-application"),
        Lie::Nonce => claims["nonce"] = json!("another-nonce"),
        Lie::NoNonce => drop(claims.as_object_mut().expect("an object").remove("nonce")),
        Lie::Expired => claims["exp"] = json!(now - 120),
        Lie::NotYetValid => claims["nbf"] = json!(now + 600),
        Lie::IssuedLongAgo => claims["iat"] = json!(now - 86_400),
        Lie::AccessTokenHash => claims["at_hash"] = json!(encode(&[7; 16])),
        Lie::ProvedJustNow => claims["auth_time"] = json!(now),
        Lie::ProvedAnHourAgo => claims["auth_time"] = json!(now - 3600),
        Lie::WithSecondFactor => claims["amr"] = json!(["pwd", "mfa"]),
        Lie::AtHighAssurance => claims["acr"] = json!("urn:example:gold"),
        Lie::Roles => {
            for name in ["role", "roles", "groups", "org_role", "permissions", "realm_access"] {
                claims[name] = json!(["owner", "admin", "billing", "operator", "superuser"]);
            }
        }
        Lie::NoEmail => drop(claims.as_object_mut().expect("an object").remove("email")),
        _ => {}
    }
    let key = state.key.lock().expect("a key");
    let mut header = json!({ "alg": "ES256", "kid": key.id });
    match lie {
        Lie::AlgorithmNone => header = json!({ "alg": "none" }),
        Lie::HmacWithThePublicKey => header["alg"] = json!("HS256"),
        Lie::UnknownKey => header["kid"] = json!("never-published"),
        _ => {}
    }
    let message = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = match lie {
        Lie::AlgorithmNone => Vec::new(),
        Lie::HmacWithThePublicKey => {
            let public = hmac::Key::new(hmac::HMAC_SHA256, key.pair.public_key().as_ref());
            hmac::sign(&public, message.as_bytes()).as_ref().to_vec()
        }
        Lie::UnknownKey => Key::new("never-published").sign(&message),
        Lie::Signature => Key::new("first").sign(&message),
        _ => key.sign(&message),
    };
    format!("{message}.{}", encode(&signature))
}
