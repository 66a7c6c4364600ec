//! Stripe behind the port: a small client of the four things that are asked of it. No card and no bank account ever comes here;
//! they are entered at Stripe.

mod events;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{Checkout, Failed, Opened, Payer, Payments, Told, Unread, encoding, signature};
use crate::server::{config, telemetry};

/// What is asked and answered is of this version, whatever the account's own default is.
const VERSION: &str = "2025-06-30.basil";
const USER_AGENT: &str = concat!("stoa/", env!("CARGO_PKG_VERSION"));
const CONNECT: Duration = Duration::from_secs(5);
/// Somebody waits, and two of these fit into a request.
const TOTAL: Duration = Duration::from_secs(10);
const ANSWER_MAX: usize = 1024 * 1024;
/// Carries the signature of what Stripe tells.
const SIGNATURE: &str = "stripe-signature";
/// What Stripe repeats in everything about a payment: our name for it.
const TOP_UP: &str = "stoa_top_up";
const MICROS_PER_CENT: i64 = 10_000;

pub struct Stripe {
    settings: config::Stripe,
    authorization: HeaderValue,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    url: Url,
    expires_at: i64,
}

#[derive(Deserialize)]
struct Portal {
    url: Url,
}

/// Of anything else only that it came.
#[derive(Deserialize)]
struct Anything {}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: RefusalSays,
}

/// Not its message, in which Stripe may repeat parts of what it was sent.
#[derive(Default, Deserialize)]
struct RefusalSays {
    r#type: Option<String>,
    code: Option<String>,
    param: Option<String>,
}

impl Stripe {
    /// # Errors
    /// Where there is no TLS to be had.
    pub fn new(settings: &config::Stripe) -> Result<Self, Failed> {
        let unusable = |problem: &dyn std::error::Error| Failed::Unreached(telemetry::chain(problem));
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", settings.secret_key)).map_err(|error| unusable(&error))?;
        authorization.set_sensitive(true);
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(reqwest::redirect::Policy::none())
            // What is sent twice is sent twice by whoever counts it.
            .retry(reqwest::retry::never())
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self { settings: settings.clone(), authorization, client })
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        parameters: &[(&str, &str)],
        attempt: Option<&str>,
    ) -> Result<T, Failed> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.settings.base()))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header("stripe-version", VERSION);
        if let Some(attempt) = attempt {
            request = request
                .header("idempotency-key", attempt)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(encoding::form(parameters));
        }
        // The address is ours, and the error's own text names it with nothing secret in it.
        let unreached = |error: reqwest::Error| Failed::Unreached(telemetry::chain(&error));
        let mut answer = request.send().await.map_err(unreached)?;
        let status = answer.status();
        let named = answer.headers().get("request-id").and_then(|id| id.to_str().ok()).unwrap_or("without a request id").to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(Failed::Refused(format!("its answer is too long ({named})")));
            }
            body.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let RefusalSays { r#type, code, param } = serde_json::from_slice::<Refusal>(&body).unwrap_or_default().error;
            let is_unknown = code.as_deref() == Some("resource_missing") && param.as_deref() == Some("customer");
            let words: Vec<String> = [r#type, code, param].into_iter().flatten().collect();
            let says = format!("{} {} ({named})", status.as_u16(), words.join(" "));
            return Err(if is_unknown { Failed::UnknownPayer(says) } else { Failed::Refused(says) });
        }
        serde_json::from_slice(&body).map_err(|_| Failed::Refused(format!("its answer is not what its documents say ({named})")))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, &str)], attempt: &str) -> Result<T, Failed> {
        self.ask(Method::POST, path, parameters, Some(attempt)).await
    }
}

#[async_trait]
impl Payments for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn says(&self) -> &'static str {
        "Stripe"
    }

    fn is_live(&self) -> bool {
        self.settings.is_live()
    }

    async fn introduce(&self, payer: &Payer, attempt: &str) -> Result<String, Failed> {
        let tenant = payer.tenant.to_string();
        let parameters = [("name", payer.name.as_str()), ("metadata[stoa_tenant]", &tenant)];
        Ok(self.post::<Customer>("/v1/customers", &parameters, attempt).await?.id)
    }

    async fn open(&self, checkout: &Checkout, attempt: &str) -> Result<Opened, Failed> {
        let (top_up, tenant) = (checkout.top_up.to_string(), checkout.tenant.to_string());
        let cents = (checkout.amount.0 / MICROS_PER_CENT).to_string();
        let parameters = [
            ("mode", "payment"),
            ("customer", checkout.customer.as_str()),
            ("client_reference_id", &top_up),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", &cents),
            ("line_items[0][price_data][product_data][name]", "Prepaid credit"),
            // What is paid is what was asked, in dollars, also where the account shows its prices in others.
            ("adaptive_pricing[enabled]", "false"),
            ("metadata[stoa_top_up]", &top_up),
            ("metadata[stoa_tenant]", &tenant),
            // Of the payment too: what is told of its charge says nothing of the session.
            ("payment_intent_data[metadata][stoa_top_up]", &top_up),
            ("payment_intent_data[metadata][stoa_tenant]", &tenant),
            ("success_url", checkout.back.as_str()),
            ("cancel_url", checkout.back.as_str()),
        ];
        let session: Session = self.post("/v1/checkout/sessions", &parameters, attempt).await?;
        let until = DateTime::from_timestamp(session.expires_at, 0).filter(|_| is_followed(&session.url, &self.settings));
        let until = until.ok_or_else(|| Failed::Refused("its answer leads nowhere that can be paid at".to_owned()))?;
        Ok(Opened { session: session.id, pay_at: session.url, until })
    }

    async fn portal(&self, customer: &str, back: &Url, attempt: &str) -> Result<Url, Failed> {
        let parameters = [("customer", customer), ("return_url", back.as_str())];
        let portal: Portal = self.post("/v1/billing_portal/sessions", &parameters, attempt).await?;
        if is_followed(&portal.url, &self.settings) { Ok(portal.url) } else { Err(Failed::Refused("its answer leads nowhere".to_owned())) }
    }

    async fn greet(&self) -> Result<(), Failed> {
        self.ask::<Anything>(Method::GET, "/v1/checkout/sessions?limit=1", &[], None).await.map(drop)
    }

    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Told, Unread> {
        let signed = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).ok_or(Unread::Unsigned)?;
        signature::check(signed, body, self.settings.webhook_secrets(), now)?;
        events::read(body)
    }
}

/// People are sent on by https alone; in the clear only where the provider itself is asked so, on this machine.
fn is_followed(url: &Url, settings: &config::Stripe) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && settings.base().starts_with("http://") && config::is_loopback(url))
}
