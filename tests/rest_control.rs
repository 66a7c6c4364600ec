//! The control plane over the API: the audit log, the mails and the security posture, as keys read them.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::server::events::{Event, EventKind, Outcome, Target};

use crate::{
    audit_log::{happen, renamed},
    mail, posture,
    support::{Client, Console, Reply, Team, browser::encode},
    transfer,
};

const AUDIT: [&str; 1] = ["audit:read"];
const SETTINGS: [&str; 2] = ["settings:read", "settings:write"];

/// The rows of a list.
fn data(reply: &Reply) -> &Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.body["data"].as_array().expect("a list")
}

/// The fields that were refused.
fn refused(reply: &Reply) -> Vec<&str> {
    assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", reply.body);
    let errors = reply.body["error"]["field_errors"].as_array().expect("a list");
    errors.iter().map(|error| error["field"].as_str().expect("a name")).collect()
}

async fn demote(console: &Console, team: &Team) {
    posture::set(
        console,
        &format!(
            "update workspace_grant set role = 'member' where workspace_id = '{}'
             and membership_id in (select id from workspace_membership where user_id = '{}')",
            team.workspace.0, team.admin.user.0
        ),
    )
    .await;
}

/// Every page of a list, from the first on.
async fn every_page(client: &Client, path: &str) -> Vec<Value> {
    let (mut seen, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = client.get(&next).await;
        seen.extend(data(&page).clone());
        let Some(cursor) = page.body["next_cursor"].as_str() else { return seen };
        next = format!("{path}&cursor={cursor}");
    }
}

#[tokio::test]
async fn what_a_key_did_is_read_back_by_a_key_whole() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["audit:read", "settings:write"]).await;
    let done = client.send(Method::PATCH, "/workspace", &[], Some(&json!({ "name": "Market" }))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let list = client.get("/audit-log?action=workspace.renamed").await;
    let [row] = data(&list).as_slice() else { panic!("{}", list.body) };
    assert_eq!(row["actor"], json!({ "type": "agent", "id": client.key.to_string(), "name": "Test" }));
    assert_eq!(row["on_behalf_of"], json!({ "id": team.admin.user.to_string(), "name": "Acme Admin" }));
    assert_eq!(row["target"], json!({ "type": "workspace", "id": team.workspace.to_string(), "name": "Market" }));
    assert_eq!(row["changes"], json!([{ "field": "name", "before": "Acme Shop", "after": "Market" }]));
    assert_eq!((&row["outcome"], &row["channel"], &row["route"]), (&json!("succeeded"), &json!("api"), &json!("/api/v1/workspace")));
    assert_eq!((&row["credential_id"], &row["request_id"]), (&json!(client.key.to_string()), &done.body["request_id"]));
    assert_eq!((&row["occurred_at"], &row["ip"]), (&json!("2026-11-21T12:00:00.000000Z"), &json!("127.0.0.1")));
    assert_eq!(row["leaf_hash"].as_str().map(str::len), Some(64));
    let one = client.get(&format!("/audit-log/{}", row["id"].as_str().expect("an id"))).await;
    assert_eq!((one.status, &one.body["data"]), (StatusCode::OK, row));
    let whole = client.get("/audit-log").await.body.to_string();
    assert!(!whole.contains(&client.secret[40..70]), "a secret is in the log");
}

#[tokio::test]
async fn every_filter_lets_its_rows_through_and_no_others() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &AUDIT).await;
    let denied = Event::new(EventKind::AccessDenied, Target { kind: "permission", id: "ReadAudit".to_owned(), name: None });
    happen(&console, &team, (&team.owner.user, "Ada Lovelace"), renamed("ws_one", "100% Öl_Shop")).await;
    console.hands.advance(TimeDelta::hours(1));
    happen(&console, &team, (&team.admin.user, "Grace Hopper"), renamed("ws_two", "Market")).await;
    console.hands.advance(TimeDelta::hours(1));
    happen(&console, &team, (&team.admin.user, "Grace Hopper"), denied.ending(Outcome::Denied)).await;
    for (query, expected) in [
        (format!("actor={}", team.owner.user), 1),
        ("actor=LOVELACE".to_owned(), 1),
        ("actor=%25".to_owned(), 0),
        ("action=workspace.renamed".to_owned(), 2),
        ("action=access.".to_owned(), 1),
        ("target=ws_two".to_owned(), 1),
        (format!("target={}", encode("öl_shop")), 1),
        ("outcome=denied".to_owned(), 1),
        ("outcome=failed".to_owned(), 0),
        // From the moment on, up to the moment.
        ("action=workspace.renamed&from=2026-11-21T13:00:00Z".to_owned(), 1),
        ("action=workspace.renamed&to=2026-11-21T13:00:00Z".to_owned(), 1),
        ("action=workspace.renamed&from=2026-11-21T13:00:00.000001Z".to_owned(), 0),
        (format!("action=workspace.renamed&from={}", encode("2026-11-21T14:00:00+01:00")), 1),
        ("action=workspace.&actor=hopper&target=market&outcome=succeeded&to=2026-11-22T00:00:00Z".to_owned(), 1),
    ] {
        let reply = client.get(&format!("/audit-log?{query}")).await;
        assert_eq!(data(&reply).len(), expected, "{query}: {}", reply.body);
    }
    let request = data(&client.get("/audit-log?action=access.").await)[0]["request_id"].as_str().expect("an id").to_owned();
    assert_eq!(data(&client.get(&format!("/audit-log?request={request}")).await).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_understood_is_named_and_nothing_is_given_or_written_for_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &AUDIT).await;
    let secret = "stoa_key_live_01h455vb4pex5vsknk084sn02q_TOPSECRET";
    for (query, fields) in [
        ("from=2026-11-21", vec!["from"]),
        ("to=yesterday", vec!["to"]),
        ("from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", vec!["to"]),
        ("action=Member&outcome=fine&request=x", vec!["action", "outcome", "request"]),
        ("actor=a%00b", vec!["actor"]),
        (&format!("target={secret}"), vec!["target"]),
        ("limit=0", vec!["limit"]),
        ("cursor=%21", vec!["cursor"]),
        ("cursor=bm90aGluZw", vec!["cursor"]),
    ] {
        let reply = client.get(&format!("/audit-log?{query}")).await;
        assert_eq!(refused(&reply), fields, "{query}: {}", reply.body);
        assert!(!reply.body.to_string().contains("TOPSECRET"), "{}", reply.body);
    }
    assert_eq!(refused(&client.get("/mail?status=lost").await), ["status"]);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'audit_log.searched'").await, 0);
}

#[tokio::test]
async fn a_search_is_a_row_once_a_minute_and_a_look_is_none() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (client, other) = (console.client(&team.admin, &team.slug, &AUDIT).await, console.client(&team.owner, &team.slug, &AUDIT).await);
    let searched = async || console.database.count("select count(*) from audit_event where action = 'audit_log.searched'").await;
    client.get("/audit-log").await;
    client.get("/audit-log?limit=1").await;
    assert_eq!(searched().await, 0);
    let search = "/audit-log?actor=operator&from=2026-11-01T00:00:00Z";
    let all = futures_util::future::join_all((0..20).map(|_| client.get(search))).await;
    assert!(all.iter().all(|reply| reply.status == StatusCode::OK));
    assert_eq!(searched().await, 1, "the same search within a minute");
    client.get("/audit-log?actor=nobody").await;
    other.get(search).await;
    assert_eq!(searched().await, 3, "another search, and another key's");
    console.hands.advance(TimeDelta::seconds(61));
    let cursor = client.get(&format!("{search}&limit=1")).await.body["next_cursor"].as_str().expect("more").to_owned();
    client.get(&format!("{search}&limit=1&cursor={cursor}")).await;
    assert_eq!(searched().await, 4, "turning pages is the same search");
    let reply = client.get("/audit-log?limit=1").await;
    let row = &data(&reply)[0];
    assert_eq!((&row["action"], &row["actor"]["id"]), (&json!("audit_log.searched"), &json!(client.key.to_string())));
    assert_eq!(row["on_behalf_of"]["id"], team.admin.user.to_string());
    assert_eq!(row["target"]["id"], stoa::ids::LogId(team.workspace.0).to_string());
    assert_eq!(
        row["changes"],
        json!([
            { "field": "actor", "before": null, "after": "operator" },
            { "field": "from", "before": null, "after": "2026-11-01T00:00:00.000000Z" },
        ])
    );
}

#[tokio::test]
async fn pages_of_the_log_neither_skip_nor_repeat_while_rows_are_added() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &AUDIT).await;
    for place in 0..23 {
        // Several in the same moment, some apart.
        console.hands.advance(TimeDelta::milliseconds(i64::from(place % 5 == 0)));
        happen(&console, &team, (&team.owner.user, "Ada"), renamed(&format!("ws_{place}"), "Shop")).await;
    }
    let mut owner = console.database.connect("stoa_owner").await;
    let expected: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select id from audit_event where log_id = $1 and action = 'workspace.renamed' order by occurred_at desc, id desc",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("ids");
    let expected: Vec<String> = expected.into_iter().map(|id| stoa::ids::AuditId(id).to_string()).collect();
    let (mut seen, mut sizes, mut path) = (Vec::new(), Vec::new(), "/audit-log?action=workspace.&limit=7".to_owned());
    loop {
        let page = client.get(&path).await;
        sizes.push(data(&page).len());
        seen.extend(
            data(&page).iter().filter(|row| row["action"] == "workspace.renamed").map(|row| row["id"].as_str().expect("an id").to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/audit-log?action=workspace.&limit=7&cursor={cursor}");
        console.hands.advance(TimeDelta::seconds(1));
        happen(&console, &team, (&team.owner.user, "Ada"), renamed("ws_late", "Late")).await;
    }
    // With the row of the workspace's making.
    assert_eq!(sizes, [7, 7, 7, 3]);
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_log_is_read_by_keys_of_its_own_workspace_and_comes_along_when_it_moves() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = console.client(&acme.owner, &acme.slug, &AUDIT).await;
    let theirs = console.client(&zenith.owner, &zenith.slug, &AUDIT).await;
    let list = ours.get("/audit-log?limit=100").await;
    for row in data(&list) {
        let path = format!("/audit-log/{}", row["id"].as_str().expect("an id"));
        assert_eq!((ours.get(&path).await.status, theirs.get(&path).await.status), (StatusCode::OK, StatusCode::NOT_FOUND), "{path}");
    }
    assert!(!theirs.get("/audit-log?limit=100").await.body.to_string().contains("Acme"));
    let of_tenant: uuid::Uuid = sqlx::query_scalar("select id from audit_event where log_id = $1 limit 1")
        .bind(acme.tenant.0)
        .fetch_one(&mut console.database.connect("stoa_owner").await)
        .await
        .expect("a row");
    for row in [stoa::ids::AuditId(of_tenant).to_string(), "aud_x".to_owned(), "aud_00000000000000000000000000".to_owned()] {
        assert_eq!(ours.get(&format!("/audit-log/{row}")).await.code(), "resource_not_found", "{row}");
    }
    let (_, slug) = transfer::another_tenant(&console, &acme.owner, "Mercury", "team").await;
    // Rows of one moment have no order among them that time gives.
    console.hands.advance(TimeDelta::seconds(1));
    let moved = transfer::transfer(&console, &acme, &slug).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    let after = ours.get("/audit-log?limit=100").await;
    let ids = |reply: &Reply| data(reply).iter().map(|row| row["id"].to_string()).collect::<Vec<_>>();
    assert!(ids(&after).ends_with(&ids(&list)) && ids(&after).len() > ids(&list).len(), "{}", after.body);
}

#[tokio::test]
async fn a_scope_or_a_steward_that_does_not_reach_reads_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let scopeless = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let client = console.client(&team.admin, &team.slug, &["audit:read", "settings:read", "settings:write"]).await;
    let wanted = json!({ "credential_days": 90 });
    let calls: [(Method, &str, Option<&Value>, &str); 5] = [
        (Method::GET, "/audit-log", None, "audit:read"),
        (Method::GET, "/audit-log/aud_x", None, "audit:read"),
        (Method::GET, "/mail", None, "audit:read"),
        (Method::GET, "/workspace/security", None, "settings:read"),
        (Method::POST, "/workspace/security/review", Some(&wanted), "settings:write"),
    ];
    for (method, path, body, scope) in &calls {
        let reply = scopeless.send(method.clone(), path, &[], *body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "missing_required_scope"), "{path}");
        assert_eq!(reply.body["error"]["required_scope"], *scope);
    }
    demote(&console, &team).await;
    for (method, path, body, _) in &calls {
        let reply = client.send(method.clone(), path, &[], *body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{path}: {}", reply.body);
    }
    // A member reads the settings as such.
    assert_eq!(client.get("/workspace").await.status, StatusCode::OK);
}

#[tokio::test]
async fn mails_are_listed_with_where_they_stand() {
    let (console, postbox) = Console::start_with_mail().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let client = console.client(&acme.admin, &acme.slug, &AUDIT).await;
    mail::want(&console, &acme, "grace@example.com").await;
    mail::want(&console, &zenith, "elsewhere@example.com").await;
    postbox.answer("grace", "550 5.1.1 no such user");
    mail::send(&console).await;
    for place in 0..6 {
        console.hands.advance(TimeDelta::seconds(1));
        mail::want(&console, &acme, &format!("p{place}@example.com")).await;
    }
    let all = every_page(&client, "/mail?limit=3").await;
    let names: Vec<&str> = all.iter().map(|mail| mail["recipient"].as_str().expect("one").split('@').next().expect("a name")).collect();
    assert_eq!(names, ["p5", "p4", "p3", "p2", "p1", "p0", "grace"]);
    let failed = client.get("/mail?status=failed").await;
    let [mail] = data(&failed).as_slice() else { panic!("{}", failed.body) };
    assert_eq!((&mail["kind"], &mail["status"], &mail["attempts"]), (&json!("test.mail"), &json!("failed"), &json!(1)));
    assert!(mail["last_error"].as_str().expect("an error").contains("no such user"), "{mail}");
    assert_eq!((&mail["created_at"], &mail["sent_at"]), (&json!("2026-11-21T12:00:00.000Z"), &Value::Null));
    assert_eq!(every_page(&client, "/mail?status=queued&limit=4").await.len(), 6);
}

#[tokio::test]
async fn the_posture_says_what_holds_and_who_asks_for_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &SETTINGS).await;
    posture::set(
        &console,
        "update tenant set idle_minutes = 60, allowed_networks = '{127.0.0.0/8}', require_multi_factor = true;
         update workspace set absolute_hours = 12, credential_days = 90, notify = '{ops@example.com}', allowed_networks = '{127.0.0.1/32,10.0.0.0/8}'",
    )
    .await;
    let reply = client.get("/workspace/security").await;
    assert_eq!((reply.status, reply.header("etag")), (StatusCode::OK, client.get("/workspace").await.header("etag")), "{}", reply.body);
    assert_eq!(
        reply.body["data"]["in_force"],
        json!({
            "idle_minutes": { "value": 60, "set_by": "team" },
            "absolute_hours": { "value": 12, "set_by": "workspace" },
            "require_multi_factor": true,
            "multi_factor_set_by": "team",
            "allowed_networks": [
                { "networks": ["127.0.0.0/8"], "set_by": "team" },
                { "networks": ["127.0.0.1/32", "10.0.0.0/8"], "set_by": "workspace" },
            ],
        })
    );
    let own = json!({
        "idle_minutes": null, "absolute_hours": 12, "require_multi_factor": false,
        "allowed_networks": ["127.0.0.1/32", "10.0.0.0/8"], "credential_days": 90, "notify": ["ops@example.com"],
    });
    assert_eq!(reply.body["data"]["own"], own);
    assert_eq!(reply.body["data"]["page"], format!("http://127.0.0.1:3000/w/{}/settings/security", team.slug));
    // What was read is what can be reviewed: nothing differs.
    let same = client.post("/workspace/security/review", &own).await;
    assert_eq!((&same.body["data"]["changes"], &same.body["data"]["cut_off"]), (&json!([]), &json!([])), "{}", same.body);
}

#[tokio::test]
async fn a_review_names_whom_a_change_would_cut_off_and_changes_nothing() {
    let console = Console::start().await;
    let (team, _zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let client = console.client(&team.owner, &team.slug, &SETTINGS).await;
    posture::set(
        &console,
        &format!("update session set multi_factor = true where user_id in ('{}', '{}')", team.owner.user.0, team.admin.user.0),
    )
    .await;
    console.new_session(team.member.user, &team.member.name).await;
    let written = || async {
        let events = console.database.count("select count(*) from audit_event").await;
        (
            events,
            console.database.count("select count(*) from session").await,
            console.database.count("select sum(version)::bigint from workspace").await,
        )
    };
    let before = written().await;
    let path = "/workspace/security/review";
    let wanted = json!({ "require_multi_factor": true, "idle_minutes": 30, "credential_days": 366 });
    let reply = client.send(Method::POST, path, &[("idempotency-key", "one")], Some(&wanted)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(
        reply.body["data"]["changes"],
        json!([
            { "field": "idle_minutes", "before": null, "after": "30" },
            { "field": "require_multi_factor", "before": null, "after": "yes" },
        ])
    );
    assert_eq!(
        reply.body["data"]["cut_off"],
        json!([
            { "user": team.auditor.user.to_string(), "name": "Acme Auditor", "sessions": 1, "ending": 1 },
            { "user": team.member.user.to_string(), "name": "Acme Member", "sessions": 2, "ending": 2 },
        ])
    );
    assert_eq!(written().await, before);
    let etag = client.get("/workspace/security").await.header("etag").to_owned();
    client.send(Method::PATCH, "/workspace", &[], Some(&json!({ "name": "Market" }))).await;
    let late = client.send(Method::POST, path, &[("if-match", &etag)], Some(&wanted)).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "version_conflict"));
    for (body, fields) in [
        (json!({}), vec!["body"]),
        (json!({ "credential_days": 90, "colour": "red" }), vec!["body"]),
        (json!({ "credential_days": 367 }), vec!["credential_days"]),
        (
            json!({ "credential_days": 1, "idle_minutes": 4, "allowed_networks": ["office"], "notify": ["nobody"] }),
            vec!["idle_minutes", "allowed_networks", "notify"],
        ),
    ] {
        assert_eq!(refused(&client.post(path, &body).await), fields, "{body}");
    }
    // Who gets in at all is an owner's to change, and so an owner's to ask; the rest beside it is not.
    let admins = console.client(&team.admin, &team.slug, &SETTINGS).await;
    for body in [&wanted, &json!({ "allowed_networks": ["127.0.0.1/32"], "credential_days": 366 })] {
        let denied = admins.post(path, body).await;
        assert_eq!((denied.status, denied.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", denied.body);
        assert!(denied.body["error"]["message"].as_str().is_some_and(|says| says.contains("role owner")), "{}", denied.body);
    }
    assert_eq!(admins.post(path, &json!({ "idle_minutes": 30, "credential_days": 90 })).await.status, StatusCode::OK);
    // There is no way to make the change itself.
    let direct = client.send(Method::PATCH, "/workspace/security", &[], Some(&wanted)).await;
    assert_eq!(direct.code(), "method_not_allowed");
}
