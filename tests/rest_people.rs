//! Members over the API: seen by those who are in, changed at most at the steward's own level, and never so that a key
//! wider than the calling one comes of it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::access::WorkspaceRole;

use crate::support::{Client, Console, Person, Reply, Team};

const PEOPLE: [&str; 2] = ["members:read", "members:write"];

fn all_scopes() -> Vec<&'static str> {
    stoa::server::rest::scopes().map(|kind| kind.name).collect()
}

async fn path_of(console: &Console, team: &Team, person: &Person) -> String {
    format!("/members/{}", console.member_id(team.workspace, person.user).await)
}

async fn patch(client: &Client, path: &str, body: Value) -> Reply {
    client.send(Method::PATCH, path, &[], Some(&body)).await
}

/// Behind everyone's back.
async fn demote(console: &Console, team: &Team, person: &Person, role: &str) {
    let sql = match role {
        "member" => "update workspace_grant set role = 'member' where membership_id = $1",
        _ => "update workspace_grant set role = 'readonly' where membership_id = $1",
    };
    console.change(sql, console.member_id(team.workspace, person.user).await.0).await;
}

/// Everything that a refused or planned call could have left.
async fn written(console: &Console) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "select count(*) from audit_event where action <> 'access.denied'",
        "select count(*) from outbox",
        "select count(*) from inbox_item",
        "select count(*) from invitation",
        "select coalesce(sum(version), 0)::bigint from workspace_membership",
        "select count(*) from idempotent_answer",
    ] {
        counts.push(console.database.count(sql).await);
    }
    counts
}

#[tokio::test]
async fn what_an_operation_itself_refuses_is_written_down() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let reply = patch(&client, &path_of(&console, &team, &team.owner).await, json!({ "role": "member" })).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", reply.body);
    let denied = "select count(*) from audit_event where action = 'access.denied' and outcome = 'denied' and channel = 'api' and target_id = 'ManageOwners'";
    assert_eq!(console.database.count(denied).await, 1);
}

#[tokio::test]
async fn everyone_in_the_workspace_may_have_the_list_read() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let listed = client.get("/members").await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
    let names: Vec<&str> = listed.body["data"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Acme Admin", "Acme Auditor", "Acme Member", "Acme Owner"]);
    let path = path_of(&console, &team, &team.auditor).await;
    let one = client.get(&path).await;
    assert_eq!((one.status, one.header("etag")), (StatusCode::OK, "\"1\""), "{}", one.body);
    assert_eq!(
        one.body["data"],
        json!({
            "id": path.trim_start_matches("/members/"), "user": team.auditor.user.to_string(), "name": "Acme Auditor",
            "email": "acme.auditor@example.com", "role": "readonly", "status": "active", "joined_at": "2026-11-21T12:00:00.000Z",
            "ends_at": null, "version": 1,
        })
    );
    for (query, count) in [("q=ACME.ADMIN%40", 1), ("role=owner", 1), ("q=acme&role=member", 1), ("q=%25", 0), ("q=a%00cme", 4)] {
        let narrowed = client.get(&format!("/members?{query}")).await;
        assert_eq!(narrowed.body["data"].as_array().map(Vec::len), Some(count), "{query}: {}", narrowed.body);
    }
    for query in ["role=boss", "limit=0", "cursor=%21"] {
        assert_eq!(client.get(&format!("/members?{query}")).await.code(), "validation_failed", "{query}");
    }
    demote(&console, &team, &team.admin, "readonly").await;
    assert_eq!(client.get("/members").await.status, StatusCode::OK, "a steward who may only read, reads");
    assert_eq!(client.get("/invitations").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for number in 0..4 {
        // The same name twice over: the id decides.
        console.joins(&team, &format!("Crowd {number}"), WorkspaceRole::Member).await;
    }
    console.change("update app_user set name = 'Crowd' where name like 'Crowd %' and id <> $1", team.owner.user.0).await;
    let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let (mut seen, mut path) = (Vec::new(), "/members?limit=3".to_owned());
    loop {
        let page = client.get(&path).await;
        seen.extend(page.body["data"].as_array().expect("a list").iter().map(|one| one["id"].to_string()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/members?limit=3&cursor={cursor}");
    }
    let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (8, 8));
}

#[tokio::test]
async fn a_role_is_changed_in_the_keys_name_for_its_steward() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let path = path_of(&console, &team, &team.member).await;
    let done = patch(&client, &path, json!({ "role": "readonly" })).await;
    assert_eq!((done.status, done.header("etag")), (StatusCode::OK, "\"2\""), "{}", done.body);
    assert_eq!(done.body["data"]["role"], "readonly");
    assert_eq!(console.role_of(team.workspace, team.member.user).await.as_deref(), Some("readonly"));
    let mut owner = console.database.connect("stoa_owner").await;
    let row: Value = sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where request_id = $1")
        .bind(done.body["request_id"].as_str().expect("an id"))
        .fetch_one(&mut owner)
        .await
        .expect("one row");
    assert_eq!(row["action"], "member.role_changed");
    assert_eq!((row["actor_type"].as_str(), row["actor_id"].as_str()), (Some("agent"), Some(client.key.to_string().as_str())));
    assert_eq!(row["on_behalf_of_id"], team.admin.user.to_string());
    assert_eq!(row["channel"], "api");
    assert_eq!(console.told(team.member.user).await, ["member.role_changed"]);
    // The same again changes nothing and says so.
    let again = patch(&client, &path, json!({ "role": "readonly" })).await;
    assert_eq!((again.status, again.header("etag")), (StatusCode::OK, "\"2\""));
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await.len(), 1);
    // Who answers for the key is told of what it did to them.
    let own = path_of(&console, &team, &team.admin).await;
    assert_eq!(patch(&client, &own, json!({ "role": "member" })).await.status, StatusCode::OK);
    assert_eq!(console.told(team.admin.user).await.last().map(String::as_str), Some("member.role_changed"));
    let body = console
        .database
        .text("select body from inbox_item where user_id = $1 order by created_at desc, id desc limit 1", team.admin.user.0)
        .await;
    assert!(body.starts_with("The API key “Test” of Acme Admin changed your role from admin to member."), "{body}");
}

#[tokio::test]
async fn repeated_with_its_idempotency_key_it_answers_alike_and_an_old_version_is_refused() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let path = path_of(&console, &team, &team.member).await;
    let (body, headers) = (json!({ "role": "readonly" }), [("idempotency-key", "one"), ("if-match", "\"1\"")]);
    let first = client.send(Method::PATCH, &path, &headers, Some(&body)).await;
    let again = client.send(Method::PATCH, &path, &headers, Some(&body)).await;
    assert_eq!((first.status, again.status, again.header("idempotency-replayed")), (StatusCode::OK, StatusCode::OK, "true"));
    assert_eq!(first.body["data"], again.body["data"]);
    let stale = client.send(Method::PATCH, &path, &[("if-match", "\"1\"")], Some(&json!({ "role": "member" }))).await;
    assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "version_conflict"));
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let before = written(&console).await;
    let path = format!("{}?dry_run=true", path_of(&console, &team, &team.member).await);
    let planned = patch(&client, &path, json!({ "role": "readonly", "ends_at": "2027-01-01T00:00:00Z" })).await;
    assert_eq!(planned.body["data"]["would"][0]["event"], "member.role_changed", "{}", planned.body);
    assert_eq!(planned.body["data"]["would"][1]["event"], "member.end_changed");
    let invited = client.post("/invitations?dry_run=true", &json!({ "addresses": ["new@example.com"], "role": "member" })).await;
    assert_eq!(invited.body["data"]["would"][0]["event"], "invitation.created", "{}", invited.body);
    assert!(!invited.body.to_string().contains("stoa_inv_"), "a link that opens nothing was given");
    assert_eq!(written(&console).await, before);
}

#[tokio::test]
async fn without_the_scope_or_the_role_nothing_is_changed() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let reader = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let writer = console.client(&team.admin, &team.slug, &["members:write"]).await;
    let path = path_of(&console, &team, &team.member).await;
    let refused = patch(&reader, &path, json!({ "role": "readonly" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "missing_required_scope"));
    assert_eq!(refused.body["error"]["required_scope"], "members:write");
    assert_eq!(writer.get(&path).await.code(), "missing_required_scope");
    for role in ["member", "readonly"] {
        demote(&console, &team, &team.admin, role).await;
        let before = written(&console).await;
        let refused = patch(&writer, &path, json!({ "role": "readonly" })).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{role}: {}", refused.body);
        let refused = writer.post("/invitations", &json!({ "addresses": ["a@example.com"], "role": "readonly" })).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{role}: {}", refused.body);
        assert_eq!(written(&console).await, before, "{role}");
    }
}

#[tokio::test]
async fn nobody_is_reached_in_another_workspace_and_bad_input_is_named() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let client = console.client(&acme.owner, &acme.slug, &PEOPLE).await;
    let theirs = path_of(&console, &zenith, &zenith.member).await;
    assert_eq!(client.get(&theirs).await.code(), "resource_not_found");
    assert_eq!(patch(&client, &theirs, json!({ "role": "readonly" })).await.code(), "resource_not_found");
    assert_eq!(client.get("/members/usr_nobody").await.code(), "resource_not_found");
    assert_eq!(console.role_of(zenith.workspace, zenith.member.user).await.as_deref(), Some("member"));
    let ours = path_of(&console, &acme, &acme.member).await;
    for (body, field) in [
        (json!({}), "body"),
        (json!({ "role": "boss" }), "role"),
        (json!({ "role": "member", "ends_at": "2027-01-01T00:00:00Z" }), "ends_at"),
        (json!({ "role": "readonly", "ends_at": "2027-01-01" }), "ends_at"),
        (json!({ "role": "readonly", "ends_at": "2020-01-01T00:00:00Z" }), "ends_at"),
        (json!({ "role": "readonly", "ends_at": "2026-11-22T11:59:59Z" }), "ends_at"),
        (json!({ "role": "readonly", "colour": "red" }), "body"),
    ] {
        let reply = patch(&client, &ours, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{body}: {}", reply.body);
        assert_eq!(reply.body["error"]["field_errors"][0]["field"], field, "{body}: {}", reply.body);
    }
    assert_eq!(console.actors_of(acme.workspace, "member.role_changed").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_auditors_end_is_set_kept_and_taken_away() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let path = path_of(&console, &team, &team.auditor).await;
    let set = patch(&client, &path, json!({ "role": "readonly", "ends_at": "2026-12-01T01:00:00.1239+01:00" })).await;
    assert_eq!(set.body["data"]["ends_at"], "2026-12-01T00:00:00.123Z", "{}", set.body);
    // What was given back is the same, and so is leaving it out, however near it is by then.
    console.hands.advance(chrono::TimeDelta::hours(220));
    let same = patch(&client, &path, json!({ "role": "readonly", "ends_at": set.body["data"]["ends_at"] })).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, "\"2\""), "{}", same.body);
    assert_eq!(patch(&client, &path, json!({ "role": "readonly" })).await.body["data"]["ends_at"], "2026-12-01T00:00:00.123Z");
    let near = patch(&client, &path, json!({ "role": "readonly", "ends_at": "2026-11-30T23:00:00Z" })).await;
    assert!(
        near.body["error"]["field_errors"][0]["message"].as_str().is_some_and(|says| says.contains("remove the member")),
        "{}",
        near.body
    );
    console.hands.advance(chrono::TimeDelta::hours(9));
    let over = client.get(&path).await;
    assert_eq!(over.body["data"]["status"], "ended", "{}", over.body);
    assert_eq!(patch(&client, &path, json!({ "role": "readonly" })).await.body["error"]["field_errors"][0]["field"], "ends_at");
    let freed = patch(&client, &path, json!({ "role": "readonly", "ends_at": null })).await;
    assert_eq!((freed.status, &freed.body["data"]["ends_at"]), (StatusCode::OK, &Value::Null), "{}", freed.body);
    assert_eq!(console.actors_of(team.workspace, "member.end_changed").await.len(), 2);
}

#[tokio::test]
async fn nobody_is_made_more_than_the_steward_and_the_last_owner_stays() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let all = all_scopes();
    let admins = console.client(&team.admin, &team.slug, &all).await;
    let owners = console.client(&team.owner, &team.slug, &all).await;
    let (member, owner) = (path_of(&console, &team, &team.member).await, path_of(&console, &team, &team.owner).await);
    for (path, role) in [(&member, "owner"), (&owner, "member")] {
        let refused = patch(&admins, path, json!({ "role": role })).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", refused.body);
        assert!(refused.body["error"]["message"].as_str().is_some_and(|says| says.contains("ManageOwners")), "{}", refused.body);
    }
    let last = patch(&owners, &owner, json!({ "role": "admin" })).await;
    assert_eq!((last.status, last.code()), (StatusCode::CONFLICT, "conflict"), "{}", last.body);
    assert!(last.body["error"]["message"].as_str().is_some_and(|says| says.contains("only owner")), "{}", last.body);
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await, Vec::<String>::new());
    let made = patch(&owners, &member, json!({ "role": "owner" })).await;
    assert_eq!((made.status, made.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", made.body);
    assert!(made.body["error"]["field_errors"].to_string().contains("recent sign-in"), "{}", made.body);
    assert_eq!(console.role_of(team.workspace, team.member.user).await.as_deref(), Some("member"), "a key makes no owner");
    let second = console.joins(&team, "Second", WorkspaceRole::Owner).await;
    let second = path_of(&console, &team, &second).await;
    assert_eq!(patch(&owners, &owner, json!({ "role": "admin" })).await.status, StatusCode::OK);
    let after = patch(&owners, &second, json!({ "role": "admin" })).await;
    assert_eq!((after.status, after.code()), (StatusCode::FORBIDDEN, "policy_denied"), "the steward is an admin now: {}", after.body);
}

#[tokio::test]
async fn no_key_helps_to_make_one_wider_than_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let narrow = console.client(&team.owner, &team.slug, &PEOPLE).await;
    let path = path_of(&console, &team, &team.member).await;
    let refused = patch(&narrow, &path, json!({ "role": "admin" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", refused.body);
    assert!(refused.body["error"]["field_errors"].to_string().contains("credentials:write"), "{}", refused.body);
    // An owner who becomes an admin gains nothing: that much a narrow key may do.
    let second = console.joins(&team, "Second", WorkspaceRole::Owner).await;
    let theirs = path_of(&console, &team, &second).await;
    assert_eq!(patch(&narrow, &theirs, json!({ "role": "admin" })).await.status, StatusCode::OK);

    // A key that sleeps because its steward was demoted is not woken by one that holds less.
    let _sleeping = console.client(&second, &team.slug, &["audit:read"]).await;
    assert_eq!(patch(&narrow, &theirs, json!({ "role": "member" })).await.status, StatusCode::OK);
    let refused = patch(&narrow, &theirs, json!({ "role": "readonly" })).await;
    assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
    assert!(refused.body["error"]["field_errors"].to_string().contains("could use audit:read"), "{}", refused.body);
    let wider = console.client(&team.owner, &team.slug, &["members:write", "audit:read"]).await;
    assert_eq!(patch(&wider, &theirs, json!({ "role": "readonly" })).await.status, StatusCode::OK);
    let whole = console.client(&team.owner, &team.slug, &all_scopes()).await;
    assert_eq!(patch(&whole, &path, json!({ "role": "admin" })).await.status, StatusCode::OK);
}
