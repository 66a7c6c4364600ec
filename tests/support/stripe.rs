//! Stripe as it is recorded: a server of its own that answers as Stripe's documents say and keeps what it was asked, and events
//! as Stripe signs them. Nothing here is the real Stripe: docs/decisions/0024 says what that leaves open.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::form_urlencoded;

use super::Console;

pub const KEY: &str = "sk_test_51hush";
pub const SECRET: &str = "whsec_hushed";

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub form: HashMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Recorded {
    asked: Mutex<Vec<Asked>>,
    /// What is answered under an idempotency key once, is answered again.
    answered: Mutex<HashMap<String, String>>,
    is_refusing: Mutex<bool>,
    /// Whom somebody deleted there.
    deleted: Mutex<Vec<String>>,
    made: AtomicUsize,
}

/// Ends with the test that opened it.
pub struct Stripe {
    recorded: Arc<Recorded>,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Stripe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/payments/stripe/{name}.json", env!("CARGO_MANIFEST_DIR"))).expect("a recorded body")
}

/// The body with what stands in capitals filled in; amounts and times lose their quotes.
fn filled(name: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(fixture(name), |text, (key, value)| {
        let is_number = ["CENTS", "REFUNDED", "CREATED"].contains(key);
        let text = if is_number { text.replace(&format!("\"{key}\""), value) } else { text };
        text.replace(key, value)
    })
}

impl Stripe {
    pub async fn open() -> Self {
        let recorded = Arc::new(Recorded::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(recorded.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { recorded, url, task }
    }

    /// A console that takes payments by it.
    pub async fn console(&self) -> Console {
        self.console_with(&[]).await
    }

    pub async fn console_with(&self, extra: &[(&str, &str)]) -> Console {
        let ours = self.settings();
        let settings: Vec<(&str, &str)> = ours.iter().copied().chain(extra.iter().copied()).collect();
        Console::start_with(&settings).await
    }

    pub fn settings(&self) -> [(&'static str, &str); 3] {
        [
            ("STOA_PAYMENT__STRIPE__SECRET_KEY", KEY),
            ("STOA_PAYMENT__STRIPE__WEBHOOK_SECRET", SECRET),
            ("STOA_PAYMENT__STRIPE__API_BASE", &self.url),
        ]
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.recorded.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on it refuses what it is asked.
    pub fn refuse(&self, is_refusing: bool) {
        *self.recorded.is_refusing.lock().unwrap_or_else(PoisonError::into_inner) = is_refusing;
    }

    pub fn delete(&self, customer: &str) {
        self.recorded.deleted.lock().unwrap_or_else(PoisonError::into_inner).push(customer.to_owned());
    }
}

async fn answer(State(recorded): State<Arc<Recorded>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 65_536).await.expect("a body");
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let asked = Asked { method: parts.method, path: parts.uri.path().to_owned(), headers: parts.headers, form };
    recorded.asked.lock().expect("what was asked").push(asked.clone());
    let json =
        |status: StatusCode, body: String| (status, [("content-type", "application/json"), ("request-id", "req_9")], body).into_response();
    if asked.header("authorization") != format!("Bearer {KEY}") || *recorded.is_refusing.lock().expect("a switch") {
        return json(StatusCode::BAD_REQUEST, fixture("invalid_request"));
    }
    if asked.method == Method::GET {
        return json(StatusCode::OK, fixture("list"));
    }
    if recorded.deleted.lock().expect("names").iter().any(|name| name == asked.field("customer")) {
        return json(StatusCode::BAD_REQUEST, fixture("no_such_customer").replace("CUSTOMER", asked.field("customer")));
    }
    let attempt = asked.header("idempotency-key").to_owned();
    if let Some(known) = recorded.answered.lock().expect("answers").get(&attempt) {
        return json(StatusCode::OK, known.clone());
    }
    let number = recorded.made.fetch_add(1, Ordering::SeqCst);
    let (named, tenant) = (asked.field("metadata[stoa_top_up]"), asked.field("metadata[stoa_tenant]"));
    let (customer, cents) = (asked.field("customer"), asked.field("line_items[0][price_data][unit_amount]"));
    let body = match asked.path.as_str() {
        "/v1/customers" => filled("customer", &[("CUSTOMER", &format!("cus_{number}")), ("TENANT", tenant)]),
        "/v1/checkout/sessions" => filled(
            "checkout_session",
            &[
                ("SESSION", &format!("cs_test_{number}")),
                ("CUSTOMER", customer),
                ("TENANT", tenant),
                ("TOP_UP", named),
                ("CENTS", cents),
                ("CURRENCY", "usd"),
                ("BACK", asked.field("success_url")),
            ],
        ),
        "/v1/billing_portal/sessions" => filled("portal_session", &[("CUSTOMER", customer), ("BACK", asked.field("return_url"))]),
        _ => return json(StatusCode::NOT_FOUND, fixture("invalid_request")),
    };
    recorded.answered.lock().expect("answers").insert(attempt, body.clone());
    json(StatusCode::OK, body)
}

/// A payment as Stripe tells of it. What is not said is as it was opened.
#[derive(Clone, Debug)]
pub struct Payment {
    pub session: String,
    pub customer: String,
    pub top_up: String,
    pub tenant: String,
    pub intent: String,
    pub cents: i64,
    pub refunded: i64,
    pub currency: String,
    pub dispute: String,
}

impl Payment {
    /// An event's body.
    pub fn body(&self, fixture: &str, event: &str, created: i64) -> String {
        let (cents, refunded, created) = (self.cents.to_string(), self.refunded.to_string(), created.to_string());
        filled(
            fixture,
            &[
                ("EVENT", event),
                ("SESSION", &self.session),
                ("CUSTOMER", &self.customer),
                ("TOP_UP", &self.top_up),
                ("TENANT", &self.tenant),
                ("PAYMENT", &self.intent),
                ("CENTS", &cents),
                ("REFUNDED", &refunded),
                ("CREATED", &created),
                ("CURRENCY", &self.currency),
                ("DISPUTE", &self.dispute),
                ("BACK", "http://127.0.0.1:3000/"),
            ],
        )
    }
}

/// As Stripe signs: independent of the code that checks.
pub fn sign(body: &str, secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{at}.{body}").as_bytes());
    let hex = mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    format!("t={at},v1={hex}")
}
