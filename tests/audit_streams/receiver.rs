//! A receiver of audit streams on this machine: checks what it is sent, keeps it, and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

/// How it answers once.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Status(u16),
    /// 503, and when to come again.
    Later(u32),
    /// Never.
    Silence,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether it was acknowledged.
    pub is_kept: bool,
}

impl Message {
    pub fn lines(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.body).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub fn seqs(&self) -> Vec<i64> {
        self.lines().iter().filter_map(|line| line["seq"].as_i64()).collect()
    }

    /// How many of its signatures are of this secret.
    pub fn signed_with(&self, secret: &str) -> usize {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let header = |name: &str| self.headers.get(name).map_or("", |value| value.to_str().expect("text"));
        let signed = [header("webhook-id").as_bytes(), b".", header("webhook-timestamp").as_bytes(), b".", &self.body].concat();
        let verifies = |signature: &&str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
            mac.update(&signed);
            let given = signature.strip_prefix("v1,").and_then(|given| STANDARD.decode(given).ok()).unwrap_or_default();
            mac.verify_slice(&given).is_ok()
        };
        header("webhook-signature").split(' ').filter(verifies).count()
    }
}

#[derive(Clone, Default)]
pub struct Receiver {
    address: String,
    next: Arc<Mutex<VecDeque<Reply>>>,
    got: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receiver = Self { address: format!("http://{}", listener.local_addr().expect("an address")), ..Self::default() };
        let router = Router::new().route("/in", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// What the operator allows.
    pub fn origin(&self) -> &str {
        &self.address
    }

    pub fn url(&self) -> String {
        format!("{}/in?token=hush", self.address)
    }

    /// The next answers; 204 after them.
    pub fn will(&self, replies: &[Reply]) {
        self.next.lock().expect("replies").extend(replies);
    }

    pub fn got(&self) -> Vec<Message> {
        self.got.lock().expect("messages").clone()
    }

    /// The numbers of all rows of batches that were acknowledged, as they came.
    pub fn kept(&self) -> Vec<i64> {
        self.got().iter().filter(|message| message.is_kept).flat_map(Message::seqs).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = receiver.next.lock().expect("replies").pop_front().unwrap_or(Reply::Status(204));
    let id = headers.get("webhook-id").map_or_else(String::new, |id| id.to_str().expect("text").to_owned());
    let is_kept = matches!(reply, Reply::Status(200..=299));
    receiver.got.lock().expect("messages").push(Message { id, headers, body: body.to_vec(), is_kept });
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Reply::Later(seconds) => {
            let mut answer = StatusCode::SERVICE_UNAVAILABLE.into_response();
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
        Reply::Silence => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            StatusCode::OK.into_response()
        }
    }
}
