//! The provider as a client and a visitor see it: what is asked, shown, refused and answered.

mod exchange;

use anyhow::{Context as _, Result};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{Method, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use url::{Url, form_urlencoded};

use super::{PATH, PEOPLE, Provider, base64url};

const CONSOLE: &str = "http://127.0.0.1:3000";
const CALLBACK: &str = "http://127.0.0.1:3000/callback";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-allowed-0123";

type Form<'a> = Vec<(&'a str, &'a str)>;

fn provider() -> Result<Provider> {
    let issuer = Url::parse(&format!("{CONSOLE}{PATH}"))?;
    let goodbye = Url::parse(&format!("{CONSOLE}/goodbye"))?;
    Provider::new(issuer, "stoa".into(), Url::parse(CALLBACK)?, goodbye)
}

async fn get(provider: &Provider, path: &str, form: &[(&str, &str)]) -> Result<Response> {
    let request = Request::builder().uri(format!("{PATH}{path}?{}", encoded(form)));
    let request = request.header(HOST, "127.0.0.1:3000");
    Ok(provider.router().oneshot(request.body(Body::empty())?).await?)
}

async fn post(provider: &Provider, path: &str, form: &[(&str, &str)]) -> Result<Response> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{PATH}{path}"))
        .header(HOST, "127.0.0.1:3000")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encoded(form)))?;
    Ok(provider.router().oneshot(request).await?)
}

fn encoded(form: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form).finish()
}

async fn text(response: Response) -> Result<String> {
    let body = to_bytes(response.into_body(), 1 << 20).await?;
    Ok(String::from_utf8(body.to_vec())?)
}

async fn json(response: Response) -> Result<Value> {
    Ok(serde_json::from_str(&text(response).await?)?)
}

/// What the visitor is sent back with.
fn answer(response: &Response, name: &str) -> Result<Option<String>> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers().get(LOCATION).context("no location")?;
    let location = Url::parse(location.to_str()?)?;
    let mut pairs = location.query_pairs();
    Ok(pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()))
}

fn with<'a>(mut form: Form<'a>, name: &'a str, value: &'a str) -> Form<'a> {
    form.retain(|(key, _)| *key != name);
    form.push((name, value));
    form
}

fn challenge() -> String {
    base64url(&Sha256::digest(VERIFIER.as_bytes()))
}

fn sign_in(challenge: &str) -> Form<'_> {
    vec![
        ("response_type", "code"),
        ("client_id", "stoa"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", "a \"state\" & <more>"),
        ("nonce", "once"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

#[tokio::test]
async fn the_page_offers_everybody_and_escapes_what_it_carries() -> Result<()> {
    let provider = provider()?;
    let challenge = challenge();
    let form = with(sign_in(&challenge), "login_hint", "adam.asante@northwind.example");
    let page = text(get(&provider, "/authorize", &form).await?).await?;
    for person in PEOPLE {
        assert!(page.contains(&format!("Continue as {}", person.name)));
    }
    assert!(page.contains("a &quot;state&quot; &amp; &lt;more&gt;"));
    assert!(!page.contains("<more>") && !page.contains("<script") && !page.contains("style="));
    assert!(page.contains("exists only in the demonstration"));
    assert!(page.find("Adam Asante") < page.find("Olivia Ortiz"));
    Ok(())
}

#[tokio::test]
async fn a_stranger_is_told_here_and_a_client_is_told_at_home() -> Result<()> {
    let provider = provider()?;
    let challenge = challenge();
    for (name, value) in [("client_id", "else"), ("redirect_uri", "http://127.0.0.1:3000/callback/")] {
        let form = with(sign_in(&challenge), name, value);
        for response in
            [get(&provider, "/authorize", &form).await?, post(&provider, "/authorize/choose", &with(form, "person", "mia-moreau")).await?]
        {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        }
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("prompt", "none", "login_required"),
        ("request", "a.b.c", "request_not_supported"),
    ] {
        let form = with(sign_in(&challenge), name, value);
        let response = get(&provider, "/authorize", &form).await?;
        assert_eq!(answer(&response, "error")?.as_deref(), Some(error));
        assert_eq!(answer(&response, "code")?, None);
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_goes_only_where_the_console_said() -> Result<()> {
    let provider = provider()?;
    let goodbye = format!("{CONSOLE}/goodbye");
    let form = vec![("post_logout_redirect_uri", goodbye.as_str()), ("state", "s")];
    let response = get(&provider, "/end_session", &form).await?;
    assert_eq!(answer(&response, "state")?.as_deref(), Some("s"));
    let form = with(form, "post_logout_redirect_uri", "http://127.0.0.1:3000/");
    let response = get(&provider, "/end_session", &form).await?;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    Ok(())
}
