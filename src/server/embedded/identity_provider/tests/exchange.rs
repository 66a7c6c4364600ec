//! The whole sign-in, and each rule of the token endpoint.

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::extract::Request;
use http::StatusCode;
use http::header::{AUTHORIZATION, CACHE_CONTROL, HOST};
use tower::ServiceExt as _;

use super::super::{PATH, Provider, now};
use super::{CALLBACK, CONSOLE, Form, VERIFIER, answer, challenge, json, post, provider, sign_in, with};

fn exchange(code: &str) -> Form<'_> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", "stoa"),
        ("redirect_uri", CALLBACK),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
}

async fn code(provider: &Provider) -> Result<String> {
    let challenge = challenge();
    let form = with(sign_in(&challenge), "person", "olivia-ortiz");
    let response = post(provider, "/authorize/choose", &form).await?;
    answer(&response, "code")?.context("no code")
}

#[tokio::test]
async fn a_sign_in_ends_in_a_token_that_says_who() -> Result<()> {
    let provider = provider()?;
    let challenge = challenge();
    let form = with(sign_in(&challenge), "person", "mia-moreau");
    let back = post(&provider, "/authorize/choose", &form).await?;
    assert_eq!(answer(&back, "state")?.as_deref(), Some("a \"state\" & <more>"));
    assert_eq!(answer(&back, "iss")?, Some(format!("{CONSOLE}{PATH}")));

    let code = answer(&back, "code")?.context("no code")?;
    let response = post(&provider, "/token", &exchange(&code)).await?;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let tokens = json(response).await?;
    let id_token = tokens["id_token"].as_str().context("no ID token")?;
    let claims = provider.inside.key.read(id_token).context("not ours")?;
    assert_eq!(claims["iss"], format!("{CONSOLE}{PATH}"));
    assert_eq!(claims["aud"], "stoa");
    assert_eq!(claims["sub"], "mia-moreau");
    assert_eq!(claims["nonce"], "once");
    assert_eq!(claims["email"], "mia.moreau@northwind.example");
    assert!(claims["exp"].as_u64() > Some(now()));

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap_or_default());
    let request =
        Request::builder().uri(format!("{PATH}/userinfo")).header(HOST, "localhost").header(AUTHORIZATION, bearer).body(Body::empty())?;
    let response = provider.router().oneshot(request).await?;
    assert_eq!(json(response).await?["name"], "Mia Moreau");
    Ok(())
}

#[tokio::test]
async fn each_rule_of_the_exchange_is_kept() -> Result<()> {
    let provider = provider()?;
    for (name, value, error) in [
        ("grant_type", "refresh_token", "unsupported_grant_type"),
        ("grant_type", "", "invalid_request"),
        ("client_id", "else", "invalid_client"),
        ("client_secret", "secret", "invalid_client"),
        ("redirect_uri", "http://127.0.0.1:3000/", "invalid_grant"),
        ("redirect_uri", "", "invalid_request"),
        ("code", "guessed", "invalid_grant"),
        ("code_verifier", "", "invalid_request"),
        ("code_verifier", "too-short", "invalid_grant"),
        ("code_verifier", "another-verifier-that-is-long-enough-to-be-allowed", "invalid_grant"),
    ] {
        let code = code(&provider).await?;
        let form = with(exchange(&code), name, value);
        let response = post(&provider, "/token", &form).await?;
        assert!(response.status().is_client_error());
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(json(response).await?["error"], error, "{name}={value}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_works_once_and_a_second_try_takes_back_what_it_gave() -> Result<()> {
    let provider = provider()?;
    let code = code(&provider).await?;
    let tokens = json(post(&provider, "/token", &exchange(&code)).await?).await?;
    let access_token = tokens["access_token"].as_str().context("no token")?;
    assert!(provider.inside.access_tokens().get(access_token, now()).is_some());
    let again = post(&provider, "/token", &exchange(&code)).await?;
    assert_eq!(json(again).await?["error"], "invalid_grant");
    assert!(provider.inside.access_tokens().get(access_token, now()).is_none());
    Ok(())
}
