//! Signing in: with a true provider, and with one that lies in every way it could.

use axum::Router;
use stoa::{
    app,
    features::sign_in::server::arrive,
    server::{
        clock::Clock,
        embedded::identity_provider::{PATH, Provider},
        http::{self, request::RequestContext},
    },
};
use tokio::net::TcpListener;
use url::Url;

use crate::support::{
    Answer, Browser, Console, TestDatabase, logs,
    provider::{CLIENT, Lie, Lying},
    settings,
};

/// A console that signs in with `issuer`, on the real clock.
pub async fn console_with(issuer: &str, extra: &[(&str, &str)]) -> (Router, TestDatabase) {
    let database = TestDatabase::fresh().await;
    let mut with = vec![("STOA_IDENTITY__ISSUER", issuer), ("STOA_IDENTITY__CLIENT_ID", CLIENT)];
    with.extend_from_slice(extra);
    let stoa = Console::assemble(settings(&database.app_url(), &with), Clock::system());
    (http::router(stoa, app::doors(), app::operations(), Router::new()), database)
}

struct Started {
    state: String,
    nonce: String,
    url: Url,
}

async fn start(browser: &Browser, back: &str) -> Started {
    let answer = browser.get(&format!("/sign-in/start?back={back}")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let url: Url = answer.location().parse().expect("an address");
    let parameter =
        |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default();
    assert_eq!(parameter("response_type"), "code");
    assert_eq!(parameter("code_challenge_method"), "S256");
    assert_eq!(parameter("redirect_uri"), "http://127.0.0.1:3000/sign-in/callback");
    assert!(parameter("scope").split(' ').any(|scope| scope == "openid"));
    Started { state: parameter("state"), nonce: parameter("nonce"), url }
}

async fn come_back(browser: &Browser, state: &str, issuer: &str) -> Answer {
    browser.get(&format!("/sign-in/callback?code=c&state={state}&iss={}", crate::support::browser::encode(issuer))).await
}

#[tokio::test]
async fn with_the_demonstrations_provider_a_newcomer_lands_in_a_workspace_of_their_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("an address");
    let issuer = format!("http://{host}{PATH}");
    let provider = Provider::new(
        issuer.parse().expect("an address"),
        CLIENT.to_owned(),
        "http://127.0.0.1:3000/sign-in/callback".parse().expect("an address"),
        "http://127.0.0.1:3000/signed-out".parse().expect("an address"),
    )
    .expect("a provider");
    let served = provider.router();
    tokio::spawn(async move { axum::serve(listener, served).await });
    let (router, database) = console_with(&issuer, &[]).await;

    let browser = Browser::new(router);
    let started = start(&browser, "/profile").await;
    let at_provider = Browser::new(provider.router());
    let ask = format!("{}?{}", started.url.path(), started.url.query().unwrap_or_default());
    let choice = at_provider.get(&ask).await;
    assert!(choice.body.contains("Continue as Nico Nakamura"), "{}", choice.body);
    let fields: Vec<(String, String)> = started
        .url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .chain([("person".to_owned(), "nico-nakamura".to_owned())])
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let chosen = at_provider.post(&format!("{PATH}/authorize/choose"), &fields).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    let back: Url = chosen.location().parse().expect("an address");
    let callback = format!("{}?{}", back.path(), back.query().unwrap_or_default());

    let arrived = browser.get(&callback).await;
    assert_eq!((arrived.status.as_u16(), arrived.location()), (303, "/profile"), "{}", arrived.text());
    assert!(browser.cookie_names().iter().all(|name| !name.contains("sign_in")), "the attempt's cookie is gone");
    let home = browser.get("/").await;
    assert!(home.location().starts_with("/w/main-"), "{}", home.location());
    let overview = browser.get(home.location()).await;
    assert!(overview.text().contains("My workspace"), "{}", overview.text());
    assert!(!home.location().contains("nico"), "a slug is never made from a person's data");
    assert_eq!(database.count("select count(*) from tenant where kind = 'personal'").await, 1);
    let mut names: Vec<String> =
        sqlx::query_scalar("select action from audit_event").fetch_all(&database.owner().await).await.expect("events");
    names.sort();
    assert_eq!(names, ["member.added", "session.started", "tenant.created", "tenant.member_added", "user.created", "workspace.created"]);
    // The same callback again is nothing, and neither is it for someone else.
    assert_eq!(browser.get(&callback).await.status, 400);
    // Signing out goes on to the provider's own end.
    let ended = browser.post("/sign-out", &[]).await;
    assert!(ended.header("refresh").contains("/demo-identity-provider/end_session?"), "{}", ended.header("refresh"));
}

#[tokio::test]
async fn the_second_sign_in_makes_nothing_new_and_a_new_session() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let started = start(&browser, "/").await;
        provider.tell(Lie::None, &started.nonce);
        assert_eq!(come_back(&browser, &started.state, &provider.issuer).await.status, 303);
        sessions.push(browser.cookie("stoa_session").expect("a session"));
    }
    assert_ne!(sessions[0], sessions[1], "the session's id is new with every sign-in");
    assert_eq!(database.count("select count(*) from app_user").await, 1);
    assert_eq!(database.count("select count(*) from tenant").await, 1);
    assert_eq!(database.count("select count(*) from session").await, 1, "the one before is over");
    assert_eq!(database.count("select count(*) from session where provider_session = 'session-at-the-provider'").await, 1);
}

#[tokio::test]
async fn every_lie_is_refused_with_a_page_and_a_log_line() {
    logs::capture();
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    for (lie, code) in [
        (Lie::Issuer, "id_token_issuer"),
        (Lie::Audience, "id_token_audience"),
        (Lie::AnotherAudienceBeside, "id_token_audience"),
        (Lie::AuthorizedParty, "id_token_azp"),
        (Lie::Nonce, "id_token_nonce"),
        (Lie::NoNonce, "id_token_nonce"),
        (Lie::Expired, "id_token_expired"),
        (Lie::NotYetValid, "id_token_not_before"),
        (Lie::IssuedLongAgo, "id_token_issued_at"),
        (Lie::AlgorithmNone, "id_token_algorithm"),
        (Lie::HmacWithThePublicKey, "id_token_algorithm"),
        (Lie::UnknownKey, "id_token_key"),
        (Lie::Signature, "id_token_signature"),
        (Lie::AccessTokenHash, "id_token_at_hash"),
        (Lie::NoIdToken, "id_token_missing"),
        (Lie::NotJson, "id_token_missing"),
        (Lie::CodeRefused, "code_refused"),
        (Lie::NoEmail, "email_missing"),
    ] {
        let browser = Browser::new(router.clone());
        let started = start(&browser, "/").await;
        provider.tell(lie, &started.nonce);
        let answer = come_back(&browser, &started.state, &provider.issuer).await;
        let request = answer.header("x-request-id").to_owned();
        assert_eq!(answer.status, 400, "{lie:?} was taken");
        assert!(answer.text().contains(code), "{lie:?}: {}", answer.text());
        assert!(answer.text().contains(&request), "{lie:?}: the page names the request");
        assert_eq!(browser.cookie("stoa_session"), None, "{lie:?}");
        assert_eq!(logs::lines_with(&[&request, code, "sign-in refused"]).len(), 1, "{lie:?}: one log line with request and code");
    }
    assert_eq!(database.count("select count(*) from app_user").await, 0);
    assert_eq!(database.count("select count(*) from session").await, 0);
    for secret in ["the-access-token", "secret-in-a-body", "code=c"] {
        assert_eq!(logs::lines_with(&[secret]), Vec::<String>::new(), "{secret} is in the log");
    }
}

#[tokio::test]
async fn the_answer_must_come_from_the_provider_that_was_asked() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[]).await;
    for iss in ["&iss=https%3A%2F%2Felsewhere.example", ""] {
        let browser = Browser::new(router.clone());
        let started = start(&browser, "/").await;
        provider.tell(Lie::None, &started.nonce);
        let answer = browser.get(&format!("/sign-in/callback?code=c&state={}{iss}", started.state)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("issuer_mix_up"), "{}", answer.text());
    }
}

#[tokio::test]
async fn an_attempt_is_bound_to_its_browser_and_used_once() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router.clone());
    let started = start(&browser, "/").await;
    provider.tell(Lie::None, &started.nonce);
    // Another browser was handed the link: login CSRF.
    let victim = Browser::new(router.clone());
    let answer = come_back(&victim, &started.state, &provider.issuer).await;
    assert!(answer.text().contains("attempt_unknown"), "{}", answer.text());
    assert_eq!(victim.cookie("stoa_session"), None);
    // The right browser still can, once.
    assert_eq!(come_back(&browser, &started.state, &provider.issuer).await.status, 303);
    assert_eq!(come_back(&browser, &started.state, &provider.issuer).await.status, 400);
    for state in ["", "made-up", &started.nonce] {
        assert_eq!(come_back(&browser, state, &provider.issuer).await.status, 400, "{state}");
    }
    assert_eq!(database.count("select count(*) from sign_in_attempt").await, 0);
}

#[tokio::test]
async fn two_tabs_may_sign_in_side_by_side() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let (one, other) = (start(&browser, "/profile").await, start(&browser, "/").await);
    provider.tell(Lie::None, &one.nonce);
    assert_eq!(come_back(&browser, &one.state, &provider.issuer).await.location(), "/profile");
    provider.tell(Lie::None, &other.nonce);
    assert_eq!(come_back(&browser, &other.state, &provider.issuer).await.location(), "/");
}

#[tokio::test]
async fn the_way_back_never_leads_out_of_the_console() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[]).await;
    for back in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)"] {
        let browser = Browser::new(router.clone());
        let started = start(&browser, back).await;
        provider.tell(Lie::None, &started.nonce);
        assert_eq!(come_back(&browser, &started.state, &provider.issuer).await.location(), "/", "{back}");
    }
}

#[tokio::test]
async fn keys_that_were_turned_are_read_again() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[]).await;
    for _ in 0..2 {
        let browser = Browser::new(router.clone());
        let started = start(&browser, "/").await;
        provider.tell(Lie::None, &started.nonce);
        let answer = come_back(&browser, &started.state, &provider.issuer).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        provider.turn_keys();
    }
}

#[tokio::test]
async fn the_operator_decides_who_may_come_uninvited() {
    let provider = Lying::start().await;
    for (settings, comes) in [
        (vec![("STOA_SIGN_UP__POLICY", "open")], true),
        (vec![("STOA_SIGN_UP__POLICY", "invitation")], false),
        (vec![("STOA_SIGN_UP__POLICY", "domains"), ("STOA_SIGN_UP__DOMAINS", "example.com")], true),
        (vec![("STOA_SIGN_UP__POLICY", "domains"), ("STOA_SIGN_UP__DOMAINS", "example.org")], false),
    ] {
        let (router, database) = console_with(&provider.issuer, &settings).await;
        let browser = Browser::new(router);
        let started = start(&browser, "/").await;
        provider.tell(Lie::None, &started.nonce);
        let answer = come_back(&browser, &started.state, &provider.issuer).await;
        assert_eq!(answer.status == 303, comes, "{settings:?}: {}", answer.text());
        assert_eq!(database.count("select count(*) from app_user").await, i64::from(comes), "nothing is kept of who is turned away");
        if !comes {
            assert!(answer.text().contains("sign_up_policy"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn what_the_provider_says_anew_is_taken_over_and_told() {
    let console = Console::start().await;
    let request = RequestContext::internal(&console.stoa.clock, "console", "test");
    let mut identity = crate::support::identity("Ada");
    arrive(&console.stoa, &request, &identity).await.expect("an arrival");
    identity.email_verified = false;
    identity.name = Some("Ada Lovelace".to_owned());
    arrive(&console.stoa, &request, &identity).await.expect("an arrival");
    arrive(&console.stoa, &request, &identity).await.expect("an arrival that says nothing new");
    let mut owner = console.database.connect("stoa_owner").await;
    let changes: Vec<serde_json::Value> = sqlx::query_scalar("select changes::jsonb from audit_event where action = 'user.updated'")
        .fetch_all(&mut owner)
        .await
        .expect("events");
    assert_eq!(
        changes,
        [serde_json::json!([
            { "field": "email_verified", "before": "true", "after": "false" },
            { "field": "name", "before": "Ada", "after": "Ada Lovelace" },
        ])]
    );
}

#[tokio::test]
async fn two_tabs_of_a_newcomer_make_one_person_with_one_account() {
    let console = Console::start().await;
    let request = RequestContext::internal(&console.stoa.clock, "console", "test");
    let identity = crate::support::identity("Ada");
    let (one, other) = tokio::join!(arrive(&console.stoa, &request, &identity), arrive(&console.stoa, &request, &identity));
    assert_eq!(one.expect("an arrival").user, other.expect("an arrival").user);
    assert_eq!(console.database.count("select count(*) from tenant").await, 1);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'user.created'").await, 1);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_said_so() {
    let (router, _database) = console_with("http://127.0.0.1:1", &[]).await;
    let answer = Browser::new(router).get("/sign-in/start").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("provider_unreachable"), "{}", answer.text());
    assert!(answer.text().contains("req_"));
}

#[tokio::test]
async fn whoever_turns_back_at_the_provider_is_told_what_happened() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let started = start(&browser, "/").await;
    let answer = browser.get(&format!("/sign-in/callback?error=access_denied&state={}", started.state)).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("provider_denied"), "{}", answer.text());
}

#[tokio::test]
async fn the_first_operator_is_named_by_the_command_line() {
    let provider = Lying::start().await;
    let database = TestDatabase::fresh().await;
    let with = [("STOA_IDENTITY__ISSUER", provider.issuer.as_str()), ("STOA_IDENTITY__CLIENT_ID", CLIENT)];
    let stoa = Console::assemble(settings(&database.app_url(), &with), Clock::system());
    let name = |email: &'static str| {
        let stoa = stoa.clone();
        async move { stoa::features::sign_in::server::name_operator(&stoa, None, Some(email)).await.expect("asked").len() }
    };
    assert_eq!(name("ada@example.com").await, 0, "nobody came yet");
    let browser = Browser::new(http::router(stoa.clone(), app::doors(), app::operations(), Router::new()));
    let started = start(&browser, "/").await;
    provider.tell(Lie::None, &started.nonce);
    assert_eq!(come_back(&browser, &started.state, &provider.issuer).await.status, 303);
    assert_eq!(name("ADA@example.com").await, 1);
    assert_eq!(database.count("select count(*) from app_user where operator").await, 1);
    // Two people with one address: nobody is guessed at.
    let mut owner = database.connect("stoa_owner").await;
    sqlx::raw_sql(
        "update app_user set operator = false;
         insert into app_user (id, issuer, subject, email, email_verified, name, created_at, updated_at)
         select gen_random_uuid(), issuer, 'another', email, true, 'Another', created_at, updated_at from app_user",
    )
    .execute(&mut owner)
    .await
    .expect("a namesake");
    assert_eq!(name("ada@example.com").await, 2);
    assert_eq!(database.count("select count(*) from app_user where operator").await, 0);
    assert_eq!(
        database
            .count("select count(*) from audit_event where action = 'operator.named' and channel = 'cli' and actor_type = 'operator'")
            .await,
        1
    );
}
