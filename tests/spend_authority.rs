//! Who may see what was spent, and who may bound it.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::{
    billing::{DOLLAR, payer, rows, submit, used},
    support::Console,
};

async fn caps(console: &Console) -> i64 {
    console.database.count("select count(*) from spend_cap").await
}

const FIVE: [(&str, &str); 2] = [("amount", "5"), ("kind", "hard")];

#[tokio::test]
async fn whoever_pays_bounds_the_account_and_what_is_in_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let payer = payer(&console, &team).await;
    let path = format!("/t/{}/billing/cap", team.tenant_slug);
    for of in ["account".to_owned(), team.workspace.to_string()] {
        let fields = [&[("of", of.as_str())][..], &FIVE].concat();
        let set = submit(&console, &payer, &team.tenant_slug, &path, &fields).await;
        assert_eq!(set.status, StatusCode::SEE_OTHER, "{of}: {}", set.text());
    }
    let page = payer.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await;
    for of in ["Acme", "Acme Shop"] {
        assert!(rows(&page).contains(&format!("{of} | refuses billable calls | $5.00 | $0.00")), "{}", rows(&page));
    }
    assert_eq!(console.actors_of(team.workspace, "spend_cap.set").await, ["Bill Payer"]);
    // Twice changes nothing, and says so.
    let fields = [&[("of", "account")][..], &FIVE].concat();
    submit(&console, &payer, &team.tenant_slug, &path, &fields).await;
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'spend_cap.set'").await, 2);
    assert_eq!(payer.browser.get(&format!("/w/{}/settings/spend", team.slug)).await.status, StatusCode::NOT_FOUND, "they are not in it");
}

#[tokio::test]
async fn what_cannot_be_a_cap_is_named_and_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = format!("/w/{}/settings/spend/cap", team.slug);
    let of = team.workspace.to_string();
    for (amount, kind, says) in [("1,50", "hard", "Enter an amount in US dollars"), ("5", "", "Choose whether it refuses or tells")] {
        let answer = submit(&console, &team.admin, &team.slug, &path, &[("of", &of), ("amount", amount), ("kind", kind)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(says), "{}", answer.text());
        assert_eq!(answer.field("amount"), amount);
    }
    assert_eq!(caps(&console).await, 0);
}

#[tokio::test]
async fn nobody_bounds_what_is_not_theirs() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let theirs = console.client(&zenith.admin, &zenith.slug, &["billing:read", "settings:write"]).await;
    // An admin of a workspace: not the account, not another workspace, not another's key.
    let account = format!("/t/{}/billing/cap", acme.tenant_slug);
    let fields = [&[("of", "account")][..], &FIVE].concat();
    assert_eq!(submit(&console, &acme.admin, &acme.tenant_slug, &account, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(acme.admin.browser.get(&format!("/t/{}/billing", acme.tenant_slug)).await.status, StatusCode::FORBIDDEN);
    let own = format!("/w/{}/settings/spend/cap", acme.slug);
    for of in ["account".to_owned(), zenith.workspace.to_string(), theirs.key.to_string()] {
        let fields = [&[("of", of.as_str())][..], &FIVE].concat();
        assert_eq!(submit(&console, &acme.admin, &acme.slug, &own, &fields).await.status, StatusCode::NOT_FOUND, "{of}");
        if of != "account" {
            assert_eq!(submit(&console, &acme.owner, &acme.tenant_slug, &account, &fields).await.status, StatusCode::NOT_FOUND, "{of}");
        }
    }
    let elsewhere = format!("/w/{}/settings/spend", zenith.slug);
    assert_eq!(acme.owner.browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    for person in [&acme.member, &acme.auditor] {
        let of = acme.workspace.to_string();
        let fields = [&[("of", of.as_str())][..], &FIVE].concat();
        assert_eq!(submit(&console, person, &acme.slug, &own, &fields).await.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    // Over the API.
    let body = json!({ "limit_micros": 5, "hard": true });
    for of in [acme.workspace.to_string(), "account".to_owned(), "nonsense".to_owned()] {
        let put = theirs.send(Method::PUT, &format!("/billing/caps/{of}"), &[], Some(&body)).await;
        assert_eq!((put.status, put.code()), (StatusCode::NOT_FOUND, "resource_not_found"), "{of}: {}", put.body);
    }
    let reading = console.client(&zenith.admin, &zenith.slug, &["billing:read"]).await;
    let put = reading.send(Method::PUT, &format!("/billing/caps/{}", zenith.workspace), &[], Some(&body)).await;
    assert_eq!(put.status, StatusCode::FORBIDDEN);
    assert_eq!(caps(&console).await, 0);
}

#[tokio::test]
async fn readonly_sees_the_figures_without_controls_and_a_member_their_own_keys() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = format!("/w/{}/settings/spend", team.slug);
    let key = console.client(&team.admin, &team.slug, &["members:read"]).await.key;
    used(&console, &team, Some(key), "rest.read", DOLLAR).await;
    let of = team.workspace.to_string();
    let fields = [&[("of", of.as_str())][..], &FIVE].concat();
    assert_eq!(submit(&console, &team.admin, &team.slug, &format!("{path}/cap"), &fields).await.status, StatusCode::SEE_OTHER);

    let page = team.auditor.browser.get(&path).await;
    assert!(rows(&page).contains("Test | $1.00") && rows(&page).contains("refuses billable calls | $5.00 | $1.00"), "{}", rows(&page));
    assert_eq!(page.count("main form"), 0);
    let page = team.member.browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("$1.00") && !page.text().contains("$5.00"), "{}", page.text());
    console.change("update api_key set steward = (select id from app_user where name = 'Acme Member') where id = $1", key.0).await;
    let page = team.member.browser.get(&path).await;
    assert!(rows(&page).contains("Test | $1.00") && rows(&page).contains("rest.read | 3 | $1.00"), "{}", rows(&page));
    assert!(!page.text().contains("$5.00"), "the workspace's cap is not theirs to see: {}", page.text());
}

#[tokio::test]
async fn how_often_a_key_may_call_is_set_and_holds_on_the_next_call() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let boss = console.client(&team.admin, &team.slug, &["credentials:read", "credentials:write"]).await;
    let key = console.client(&team.admin, &team.slug, &["credentials:read", "credentials:write"]).await;
    let page = format!("/w/{}/api-keys/{}", team.slug, key.key);
    let limit = |calls: &'static str, version: &'static str| {
        let path = format!("{page}/limits");
        let (console, team) = (&console, &team);
        async move { submit(console, &team.admin, &team.slug, &path, &[("calls_per_minute", calls), ("version", version)]).await }
    };
    for wrong in ["0", "x", "1000001"] {
        let refused = limit(wrong, "1").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text().contains("whole number from 1 to 1000000"), "{}", refused.text());
        assert_eq!(refused.field("calls_per_minute"), wrong);
    }
    assert_eq!(limit("1", "1").await.status, StatusCode::SEE_OTHER);
    assert!(team.auditor.browser.get(&page).await.text().contains("This key1 a minute"));
    assert_eq!(key.get("/me").await.status, StatusCode::OK);
    let refused = key.get("/me").await;
    assert_eq!((refused.status, refused.header("ratelimit-limit")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert_eq!(console.actors_of(team.workspace, "api_key.limited").await, ["Acme Admin"]);

    let path = format!("/api-keys/{}/limits", key.key);
    let raised = boss.send(Method::PATCH, &path, &[], Some(&json!({ "calls_per_minute": 40 }))).await;
    assert_eq!((raised.status, &raised.body["data"]["calls_per_minute"]), (StatusCode::OK, &json!(40)), "{}", raised.body);
    // It is held to forty now, and gives no more.
    for more in [json!(41), json!(null)] {
        let reply = key.send(Method::PATCH, &path, &[], Some(&json!({ "calls_per_minute": more }))).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{}", reply.body);
    }
    let minted = key.post("/api-keys", &json!({ "name": "Minted", "scopes": ["credentials:read"] })).await;
    assert_eq!(minted.body["data"]["calls_per_minute"], json!(40), "{}", minted.body);
    assert_eq!(limit("", "3").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        submit(&console, &team.member, &team.slug, &format!("{page}/limits"), &[("version", "4")]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn no_key_gets_around_what_holds_it_by_way_of_another() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let scopes = ["credentials:read", "credentials:write", "tasks:write"];
    let (held, free) = (console.client(&team.admin, &team.slug, &scopes).await, console.client(&team.admin, &team.slug, &scopes).await);
    let rotate = |key: &str| format!("/api-keys/{key}/rotate");
    let new = json!({ "name": "Child", "scopes": ["tasks:write"] });

    // Held to 60 calls a minute: a child is too, and another's secret is not theirs to have.
    let limits = json!({ "calls_per_minute": 60 });
    assert_eq!(
        free.send(Method::PATCH, &format!("/api-keys/{}/limits", held.key), &[], Some(&limits)).await.status,
        StatusCode::OK,
        "the free one may hold it"
    );
    let child = held.post("/api-keys", &new).await;
    assert_eq!((child.status, &child.body["data"]["calls_per_minute"]), (StatusCode::CREATED, &json!(60)), "{}", child.body);
    let refused = held.post(&rotate(&free.key.to_string()), &json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"), "{}", refused.body);
    assert_eq!(free.get("/me").await.status, StatusCode::OK, "its secret is still the one it had");
    assert_eq!(held.post(&rotate(child.body["data"]["id"].as_str().expect("an id")), &json!({})).await.status, StatusCode::OK);

    // A hard cap of its own: what another key spends would not count towards it.
    let path = format!("/w/{}/settings/spend/cap", team.slug);
    let of = free.key.to_string();
    let fields = [&[("of", of.as_str())][..], &FIVE].concat();
    assert_eq!(submit(&console, &team.admin, &team.slug, &path, &fields).await.status, StatusCode::SEE_OTHER);
    for refused in [free.post("/api-keys", &new).await, free.post(&rotate(&held.key.to_string()), &json!({})).await] {
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"), "{}", refused.body);
        assert!(refused.body.to_string().contains("hard spend cap"), "{}", refused.body);
    }
    assert_eq!(console.database.count("select count(*) from api_key where name = 'Child'").await, 1);
    let own = free.post(&rotate(&free.key.to_string()), &json!({})).await;
    assert_eq!(own.status, StatusCode::OK, "its own secret it may renew: {}", own.body);
}

#[tokio::test]
async fn the_accounts_cap_is_for_those_who_pay() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let payer = payer(&console, &team).await;
    let path = format!("/t/{}/billing/cap", team.tenant_slug);
    for (of, amount) in [("account".to_owned(), "4321"), (team.workspace.to_string(), "1234")] {
        let fields = [("of", of.as_str()), ("amount", amount), ("kind", "hard")];
        assert_eq!(submit(&console, &payer, &team.tenant_slug, &path, &fields).await.status, StatusCode::SEE_OTHER);
    }
    used(&console, &team, None, "rest.read", DOLLAR).await;
    let months = format!("/w/{}/usage?grain=month&measure=amount&range=custom&from=2026-09-01&to=2026-12-31", team.slug);
    for person in [&team.owner, &team.admin, &team.auditor] {
        let page = person.browser.get(&months).await;
        assert!(page.body.contains("$1,234.00 a month"), "{}", page.text());
        assert!(!page.body.contains("4,321"), "{}: {}", person.name, page.text());
    }
}
