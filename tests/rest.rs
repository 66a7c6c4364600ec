//! The API as applications meet it: keys, scopes, envelopes, repetition, versions, dry runs, and its document.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::{
    app,
    server::{
        credentials::{Credential, Kind},
        rest::ErrorCode,
        scope::Asks,
    },
};

use crate::support::{Client, Console, golden};

const KEYS: [&str; 2] = ["credentials:read", "credentials:write"];

fn new_key(name: &str, scopes: &[&str]) -> Value {
    json!({ "name": name, "scopes": scopes })
}

#[test]
fn the_operations_are_these() {
    let mut lines: Vec<String> = app::operations()
        .iter()
        .map(|operation| {
            format!(
                "{:<6} {:<40} {:<24} {:<20} {}",
                operation.method,
                operation.path,
                operation.id,
                operation.gate.scope.unwrap_or(if operation.asks == Asks::Nothing { "no key" } else { "any key" }),
                operation.asks
            )
        })
        .collect();
    lines.sort();
    golden::check("operations.txt", &(lines.join("\n") + "\n"));
}

#[tokio::test]
async fn no_operation_answers_without_a_key_that_is_good_for_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let all: Vec<&str> = stoa::server::rest::scopes().map(|scope| scope.name).collect();
    console.let_run(&team.slug, &all).await;
    console.change("update tenant set plan = 'business' where tenant_id = $1", team.tenant.0).await;
    let scopeless = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let mut forged = scopeless.secret.clone();
    forged.replace_range(forged.len() - 20..forged.len() - 19, if forged.as_bytes()[forged.len() - 20] == b'a' { "b" } else { "a" });
    for operation in app::operations().into_iter().filter(|operation| operation.asks != Asks::Nothing) {
        let path = operation
            .path
            .replace("{key}", &scopeless.key.to_string())
            .replace("{member}", "x")
            .replace("{invitation}", "x")
            .replace("{row}", "x")
            .replace("{module}", "x")
            .replace("{of}", "x")
            .replace("{record}", "x");
        for wrong in ["", "nonsense", forged.as_str(), "stoa_key_live_0000000000000000000000_0"] {
            let stranger = Client::with(console.router.clone(), wrong);
            let reply = stranger.send(operation.method.clone(), &path, &[], Some(&json!({}))).await;
            assert_eq!(
                (reply.status, reply.code()),
                (StatusCode::UNAUTHORIZED, "unauthorized"),
                "{} {path} {}",
                operation.method,
                reply.body
            );
        }
        let Some(scope) = operation.gate.scope.filter(|scope| *scope != "audit:read") else { continue };
        let reply = scopeless.send(operation.method.clone(), &path, &[], Some(&json!({}))).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "missing_required_scope"), "{} {path}", operation.method);
        assert_eq!(reply.body["error"]["required_scope"], scope);
    }
}

#[tokio::test]
async fn a_key_says_who_it_is_and_every_answer_has_its_request() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let me = client.get("/me").await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.body);
    assert_eq!(me.body["data"]["key"]["id"], client.key.to_string());
    assert_eq!(me.body["data"]["key"]["scopes"], json!(["members:read"]));
    assert_eq!(me.body["data"]["key"]["steward"], team.admin.user.to_string());
    assert_eq!(me.body["data"]["workspace"]["id"], team.workspace.to_string());
    assert_eq!(me.body["request_id"], me.header("x-request-id"));
    let lost = client.get("/nowhere").await;
    assert_eq!((lost.status, lost.code()), (StatusCode::NOT_FOUND, "resource_not_found"));
    assert_eq!(lost.body["error"]["request_id"], lost.header("x-request-id"));
    let wrong = client.send(Method::DELETE, "/me", &[], None).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
}

#[tokio::test]
async fn a_secret_is_given_once_and_kept_nowhere() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let headers = [("idempotency-key", "one")];
    let first = client.send(Method::POST, "/api-keys", &headers, Some(&new_key("Robot", &KEYS))).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let secret = first.body["data"]["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("stoa_key_live_"));
    let again = client.send(Method::POST, "/api-keys", &headers, Some(&new_key("Robot", &KEYS))).await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.body["data"]["id"], first.body["data"]["id"]);
    assert_eq!(again.body["data"]["secret"], Value::Null);
    assert_ne!(again.body["request_id"], first.body["request_id"]);
    // What the secret is made of, apart from what may be known: nowhere in the database.
    let core = secret[40..70].to_owned();
    let dump = console.database.dump().await;
    assert!(!dump.contains(&core), "the secret is in the database");
    assert!(dump.contains(first.body["data"]["id"].as_str().expect("an id")), "the dump holds nothing");
    assert_eq!(console.database.count("select count(*) from api_key").await, 2);
    let robot = Client::with(console.router.clone(), &secret);
    assert_eq!(robot.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_idempotency_key_stands_for_one_body() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let headers = [("idempotency-key", "one")];
    assert_eq!(client.send(Method::POST, "/api-keys", &headers, Some(&new_key("A", &KEYS))).await.status, StatusCode::CREATED);
    let other = client.send(Method::POST, "/api-keys", &headers, Some(&new_key("B", &KEYS))).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "idempotency_conflict"));
    // In the body it means the same.
    let body = json!({ "name": "C", "scopes": KEYS, "idempotency_key": "two" });
    let first = client.post("/api-keys", &body).await;
    assert_eq!(client.post("/api-keys", &body).await.body["data"]["id"], first.body["data"]["id"]);
    // A day later it stands for nothing.
    console.hands.advance(chrono::TimeDelta::hours(25));
    assert_eq!(client.send(Method::POST, "/api-keys", &headers, Some(&new_key("B", &KEYS))).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_was_answered_is_kept_for_its_day() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let with_key = |name: &str| {
        let mut body = new_key(name, &KEYS);
        body["idempotency_key"] = json!(name);
        body
    };
    assert_eq!(client.post("/api-keys", &with_key("one")).await.status, StatusCode::CREATED);
    console.hands.advance(chrono::TimeDelta::hours(23));
    assert_eq!(client.post("/api-keys", &with_key("two")).await.status, StatusCode::CREATED);
    console.hands.advance(chrono::TimeDelta::hours(2));
    let gone: i64 =
        sqlx::query_scalar("select sweep_answers($1)").bind(console.stoa.clock.now()).fetch_one(&console.stoa.db).await.expect("swept");
    assert_eq!((gone, console.database.count("select count(*) from idempotent_answer").await), (1, 1));
}

#[tokio::test]
async fn of_twins_sent_at_once_one_acts_and_all_answer_alike() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "12")]).await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let body = new_key("Twin", &KEYS);
    let headers = [("idempotency-key", "twin")];
    let replies = futures_util::future::join_all((0..8).map(|_| client.send(Method::POST, "/api-keys", &headers, Some(&body)))).await;
    let ids: std::collections::BTreeSet<String> = replies.iter().map(|reply| reply.body["data"]["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{:?}", replies.iter().map(|reply| reply.body.to_string()).collect::<Vec<_>>());
    assert_eq!(replies.iter().filter(|reply| reply.body["data"]["secret"].is_string()).count(), 1);
    assert_eq!(console.database.count("select count(*) from api_key where name = 'Twin'").await, 1);
    assert_eq!(
        console.database.count("select count(*) from audit_event where action = 'api_key.created' and target_name = 'Twin'").await,
        1
    );
}

#[tokio::test]
async fn a_dry_run_checks_everything_says_what_would_be_and_writes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let written = || async {
        let mut counts = Vec::new();
        for sql in [
            "select count(*) from api_key",
            "select count(*) from api_key_secret",
            "select count(*) from audit_event",
            "select count(*) from outbox",
            "select count(*) from idempotent_answer",
        ] {
            counts.push(console.database.count(sql).await);
        }
        counts
    };
    let before = written().await;
    let planned =
        client.send(Method::POST, "/api-keys?dry_run=true", &[("idempotency-key", "plan")], Some(&new_key("Planned", &KEYS))).await;
    assert_eq!(planned.status, StatusCode::OK, "{}", planned.body);
    assert_eq!(planned.body["data"]["would"][0]["event"], "api_key.created");
    assert_eq!(planned.body["data"]["would"][0]["target"]["name"], "Planned");
    assert_eq!(written().await, before, "a dry run left something");
    let refused = client.post("/api-keys?dry_run=true", &new_key("", &["nothing:read"])).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"));
}

#[tokio::test]
async fn what_was_looked_at_before_is_not_changed_unseen() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let made = client.post("/api-keys", &new_key("Mine", &KEYS)).await;
    let path = format!("/api-keys/{}", made.body["data"]["id"].as_str().expect("an id"));
    let etag = client.get(&path).await.header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    let narrow = json!({ "scopes": ["credentials:read"] });
    let done = client.send(Method::POST, &format!("{path}/narrow"), &[("if-match", &etag)], Some(&narrow)).await;
    assert_eq!((done.status, done.header("etag")), (StatusCode::OK, "\"2\""), "{}", done.body);
    let late = client.send(Method::POST, &format!("{path}/quarantine"), &[("if-match", &etag)], Some(&json!({ "reason": "late" }))).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "version_conflict"));
    let odd = client.send(Method::POST, &format!("{path}/revoke"), &[("if-match", "seven")], Some(&json!({}))).await;
    assert_eq!(odd.code(), "validation_failed");
}

#[tokio::test]
async fn bad_bodies_are_named_and_nothing_is_taken_for_something_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    for (body, says) in [
        (json!([]), "JSON object"),
        (json!({ "name": 7, "scopes": [] }), "name"),
        (json!({ "name": "x\0", "scopes": ["credentials:read"] }), "NUL"),
        (json!({ "name": "x", "scopes": ["credentials:read"], "colour": "red" }), "colour"),
        (json!({ "name": "x", "scopes": [] }), "No scope"),
        (json!({ "name": "x", "scopes": ["money:print"] }), "money:print"),
        (json!({ "name": " ", "scopes": ["credentials:read"] }), "empty"),
        (json!({ "name": "x", "scopes": ["credentials:read"], "expires_in_days": 367 }), "366"),
        (json!({ "name": "x", "scopes": ["credentials:read"], "steward": "usr_7zzzzzzzzzzzzzzzzzzzzzzzzz" }), "steward"),
        (json!({ "name": "x", "scopes": ["members:read"] }), "wider than itself"),
    ] {
        let reply = client.post("/api-keys", &body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{body} gave {}", reply.body);
        assert!(reply.body["error"]["field_errors"].to_string().contains(says), "{body} gave {}", reply.body);
    }
    for query in ["limit=0", "limit=101", "limit=many", "cursor=%21"] {
        assert_eq!(client.get(&format!("/api-keys?{query}")).await.code(), "validation_failed", "{query}");
    }
    let huge = client.post("/api-keys", &json!({ "name": "x".repeat(300_000) })).await;
    assert_eq!((huge.status, huge.code()), (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"));
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    for n in 0..7 {
        assert_eq!(client.post("/api-keys", &new_key(&format!("Key {n}"), &KEYS)).await.status, StatusCode::CREATED);
    }
    let (mut seen, mut path) = (Vec::new(), "/api-keys?limit=3".to_owned());
    loop {
        let page = client.get(&path).await;
        seen.extend(page.body["data"].as_array().expect("a list").iter().map(|key| key["id"].as_str().expect("an id").to_owned()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        for other in ["/api-keys?q=Key", "/api-keys?status=active"] {
            assert_eq!(client.get(&format!("{other}&cursor={cursor}")).await.code(), "validation_failed", "a cursor is of one list");
        }
        path = format!("/api-keys?limit=3&cursor={cursor}");
    }
    let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (8, 8));
}

#[tokio::test]
async fn the_document_describes_every_operation_and_every_code_has_a_page() {
    let console = Console::start().await;
    let document = Client::with(console.router.clone(), "").get("/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    assert_eq!(document.body["openapi"], "3.1.0");
    for operation in app::operations() {
        let described = &document.body["paths"][operation.path][operation.method.as_str().to_lowercase()];
        assert_eq!(described["operationId"], operation.id);
        assert_eq!(described.get("requestBody").is_some(), operation.method != Method::GET, "{}", operation.id);
    }
    let text = document.body.to_string();
    for reference in text.match_indices("\"#/components/schemas/").map(|(at, found)| &text[at + found.len()..]) {
        let name = reference.split('"').next().expect("a name");
        assert!(document.body["components"]["schemas"].get(name).is_some(), "{name} is referred to and not there");
    }
    let stranger = console.a_stranger();
    for code in ErrorCode::ALL {
        assert_eq!(stranger.get(&format!("/docs/errors/{}", code.name())).await.status, StatusCode::OK, "{}", code.name());
    }
    assert_eq!(stranger.get("/docs/errors/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn twins_that_change_one_thing_wait_for_each_other_and_answer_alike() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "12")]).await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let other = console.client(&team.admin, &team.slug, &KEYS).await.key;
    let path = format!("/api-keys/{other}/rotate");
    for (round, headers) in
        [&[("idempotency-key", "one")][..], &[("idempotency-key", "two"), ("if-match", "\"2\"")]].into_iter().enumerate()
    {
        let body = json!({});
        let replies = futures_util::future::join_all((0..6).map(|_| client.send(Method::POST, &path, headers, Some(&body)))).await;
        for reply in &replies {
            assert_eq!(reply.status, StatusCode::OK, "round {round}: {}", reply.body);
        }
        assert_eq!(replies.iter().filter(|reply| reply.body["data"]["secret"].is_string()).count(), 1, "one was given the secret");
        assert_eq!(replies.iter().filter(|reply| reply.header("idempotency-replayed") == "true").count(), 5);
    }
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'api_key.rotated'").await, 2);
}

#[tokio::test]
async fn whoever_has_no_key_is_told_nothing_else() {
    let console = Console::start().await;
    let stranger = Client::with(console.router.clone(), "");
    for (method, path) in [(Method::GET, "/members?cursor=x&limit=none"), (Method::POST, "/api-keys?dry_run=maybe")] {
        let reply = stranger.send(method, path, &[], Some(&json!({ "name": "x".repeat(300 * 1024) }))).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let body = json!({ "name": "A", "scopes": KEYS, "idempotency_key": 4711 });
    let two = json!({ "name": "A", "scopes": KEYS, "idempotency_key": "other" });
    for (headers, body) in [(&[][..], &body), (&[("idempotency-key", "one")][..], &two)] {
        let reply = client.send(Method::POST, "/api-keys", headers, Some(body)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.body);
        assert_eq!(reply.body["error"]["field_errors"][0]["field"], "idempotency_key");
    }
    assert_eq!(console.database.count("select count(*) from api_key").await, 1);
}

#[tokio::test]
async fn nonsense_makes_no_long_answer() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["credentials:write", "tasks:read", "tasks:write"]).await;
    let fields: serde_json::Map<String, Value> = (0..5000).map(|number| (format!("f{number}"), json!(1))).collect();
    let scopes: Vec<String> = (0..5000).map(|number| format!("s{number}")).collect();
    let query = (0..3000).map(|number| format!("q{number}=1")).collect::<Vec<_>>().join("&");
    for reply in [
        client.post("/tasks", &Value::Object(fields.clone())).await,
        client.post("/tasks", &json!({ "title": "A", "custom_fields": fields })).await,
        client.post("/api-keys", &json!({ "name": "A", "scopes": scopes })).await,
        client.get(&format!("/tasks?{query}")).await,
    ] {
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.to_string().len() < 16_000, "{} bytes", reply.body.to_string().len());
    }
}

#[tokio::test]
async fn a_misread_key_is_refused_on_the_doorstep_with_all_that_an_answer_has() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let misread = Client::with(console.router.clone(), &format!("{}x", client.secret));
    let unknown = Client::with(console.router.clone(), &Credential::mint(Kind::Key, uuid::Uuid::from_u128(7)).reveal());
    let (refused, looked_up) = (misread.get("/me").await, unknown.get("/me").await);
    for reply in [&refused, &looked_up] {
        assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{}", reply.body);
    }
    assert_eq!(refused.body["error"]["message"], looked_up.body["error"]["message"], "which of the two it was is not said");
    let names = |reply: &crate::support::Reply| {
        let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).filter(|name| name != "vary").collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&refused), names(&looked_up));
    assert_eq!(refused.header("access-control-expose-headers"), looked_up.header("access-control-expose-headers"));
    assert_eq!(refused.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    // What anybody may read, anybody may read.
    assert_eq!(misread.get("/openapi.json").await.status, StatusCode::OK);
}
