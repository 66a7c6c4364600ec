//! Invitations over the API: an answer for each address, links once, and nobody invited to more than the key may give.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Client, Console, Reply};

const PEOPLE: [&str; 2] = ["members:read", "members:write"];

async fn invite(client: &Client, addresses: &[&str], role: &str) -> Reply {
    client.post("/invitations", &json!({ "addresses": addresses, "role": role })).await
}

fn id_in(reply: &Reply) -> String {
    reply.body["data"]["answers"][0]["invitation"].as_str().unwrap_or_else(|| panic!("no invitation in {}", reply.body)).to_owned()
}

/// The path of a link, as a browser of the console asks for it.
fn path_of(link: &Value) -> String {
    let link = link.as_str().expect("a link");
    link.strip_prefix("http://127.0.0.1:3000").unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
}

#[tokio::test]
async fn each_address_gets_its_own_answer_and_each_link_is_given_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let before = id_in(&invite(&client, &["known@example.com"], "member").await);
    console.change("update tenant set allowed_domains = '{example.com}' where tenant_id = $1", team.tenant.0).await;
    let body = json!({
        "addresses": ["\"Lovelace, Ada\" <ada@Example.com>", "acme.member@example.com", "KNOWN@example.com", "ADA@example.com", "x@elsewhere.org", "a@b.org, c@d.org"],
        "role": "readonly", "ends_at": "2027-01-31T18:00:00Z",
    });
    let headers = [("idempotency-key", "once")];
    let first = client.send(Method::POST, "/invitations", &headers, Some(&body)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let answers = first.body["data"]["answers"].as_array().expect("answers");
    let outcomes: Vec<&str> = answers.iter().filter_map(|answer| answer["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["invited", "member", "already_invited", "repeated", "outside_domains", "not_an_address"]);
    assert_eq!(answers[0]["address"], "ada@example.com");
    assert_eq!(answers[2]["invitation"], before);
    assert_eq!(first.body["data"]["links"].as_array().map(Vec::len), Some(1));
    assert_eq!(first.body["data"]["links"][0]["invitation"], answers[0]["invitation"]);
    let link = path_of(&first.body["data"]["links"][0]["link"]);

    let again = client.send(Method::POST, "/invitations", &headers, Some(&body)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!((&again.body["data"]["links"], &again.body["data"]["answers"]), (&Value::Null, &first.body["data"]["answers"]));
    assert!(again.body["data"]["hint"].as_str().is_some_and(|hint| hint.contains("another link")), "{}", again.body);
    let secret = &link[link.len() - 49..link.len() - 6];
    assert!(!console.database.dump().await.contains(secret), "the link's secret is in the database");
    assert_eq!(console.actors_of(team.workspace, "invitation.created").await, ["Test", "Test"]);

    let ada = console.signed_in_as("Ada").await;
    let accepted = console.accepts(&ada, &link).await;
    assert_eq!(accepted.status.as_u16(), 303, "{}", accepted.text());
    assert_eq!(console.role_of(team.workspace, ada.user).await.as_deref(), Some("readonly"));
    let member = client.get("/members?q=ada%40example.com").await;
    assert_eq!(member.body["data"][0]["ends_at"], "2027-01-31T18:00:00.000Z", "{}", member.body);
}

#[tokio::test]
async fn where_nobody_can_be_invited_the_error_says_why_for_each() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let refused = invite(&client, &["acme.member@example.com", "nonsense"], "member").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"));
    let errors = refused.body["error"]["field_errors"].to_string();
    assert!(errors.contains("acme.member@example.com: Is a member already.") && errors.contains("nonsense: It has no @."), "{errors}");
    let many: Vec<String> = (0..51).map(|number| format!("n{number}@example.com")).collect();
    for (body, field) in [
        (json!({ "addresses": [], "role": "member" }), "addresses"),
        (json!({ "addresses": many, "role": "member" }), "addresses"),
        (json!({ "addresses": ["a@example.com"], "role": "boss" }), "role"),
        (json!({ "addresses": ["a@example.com"], "role": "member", "ends_at": "2027-01-31T18:00:00Z" }), "ends_at"),
        (json!({ "addresses": ["a@example.com"], "role": "readonly", "ends_at": "2026-11-21T12:00:00Z" }), "ends_at"),
        (json!({ "addresses": "a@example.com", "role": "member" }), "body"),
    ] {
        let reply = client.post("/invitations", &body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{body}: {}", reply.body);
        assert_eq!(reply.body["error"]["field_errors"][0]["field"], field, "{body}: {}", reply.body);
    }
    console.change("update tenant set kind = 'personal' where tenant_id = $1", team.tenant.0).await;
    assert_eq!(invite(&client, &["a@example.com"], "member").await.code(), "conflict");
    assert_eq!(console.database.count("select count(*) from invitation").await, 0);
}

#[tokio::test]
async fn a_key_invites_nobody_to_more_than_its_steward_or_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let all: Vec<&str> = stoa::server::rest::scopes().map(|kind| kind.name).collect();
    let narrow = console.client(&team.owner, &team.slug, &PEOPLE).await;
    let admins = console.client(&team.admin, &team.slug, &all).await;
    let owners = console.client(&team.owner, &team.slug, &all).await;
    let refused = invite(&narrow, &["a@example.com"], "admin").await;
    assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
    assert!(refused.body["error"]["field_errors"].to_string().contains("wider than itself"), "{}", refused.body);
    let refused = invite(&admins, &["a@example.com"], "owner").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", refused.body);
    assert_eq!(console.database.count("select count(*) from invitation").await, 0);

    let admin = id_in(&invite(&admins, &["admin@example.com"], "admin").await);
    let refused = invite(&owners, &["owner@example.com"], "owner").await;
    assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
    assert!(refused.body["error"]["field_errors"].to_string().contains("recent sign-in"), "{}", refused.body);
    console.invited(&team, "owner@example.com", "owner").await;
    let owner = console.invitation_id("owner@example.com").await;
    for verb in ["link", "resend"] {
        let refused = narrow.post(&format!("/invitations/{admin}/{verb}"), &json!({})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"), "{verb}: {}", refused.body);
        let refused = admins.post(&format!("/invitations/{owner}/{verb}"), &json!({})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{verb}: {}", refused.body);
        let refused = owners.post(&format!("/invitations/{owner}/{verb}"), &json!({})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "conflict"), "{verb}: {}", refused.body);
        assert!(refused.body["error"]["message"].as_str().is_some_and(|says| says.contains("recent sign-in")), "{}", refused.body);
    }
    assert_eq!(admins.post(&format!("/invitations/{owner}/revoke"), &json!({})).await.code(), "policy_denied");
    assert_eq!(console.database.count("select coalesce(sum(version), 0)::bigint from invitation").await, 2, "untouched");
    // Taking back widens nothing.
    assert_eq!(narrow.post(&format!("/invitations/{admin}/revoke"), &json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_link_kills_the_one_before_and_a_revoked_one_is_gone() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let made = invite(&client, &["grace@example.com"], "member").await;
    let (id, old) = (id_in(&made), path_of(&made.body["data"]["links"][0]["link"]));
    let path = format!("/invitations/{id}");
    let seen = client.get(&path).await;
    assert_eq!((seen.header("etag"), seen.body["data"]["link_state"].as_str()), ("\"1\"", Some("copied")), "{}", seen.body);
    assert!(!seen.body.to_string().contains("stoa_inv_"));

    let headers = [("idempotency-key", "new"), ("if-match", "\"1\"")];
    let new = client.send(Method::POST, &format!("{path}/link"), &headers, Some(&json!({}))).await;
    assert_eq!((new.status, new.header("etag")), (StatusCode::OK, "\"2\""), "{}", new.body);
    let again = client.send(Method::POST, &format!("{path}/link"), &headers, Some(&json!({}))).await;
    assert_eq!((again.header("idempotency-replayed"), &again.body["data"]["link"]), ("true", &Value::Null), "{}", again.body);
    let stale = client.send(Method::POST, &format!("{path}/link"), &[("if-match", "\"1\"")], Some(&json!({}))).await;
    assert_eq!(stale.code(), "version_conflict");
    let no_mail = client.post(&format!("{path}/resend"), &json!({})).await;
    assert_eq!((no_mail.status, no_mail.code()), (StatusCode::CONFLICT, "conflict"), "{}", no_mail.body);
    let grace = console.signed_in_as("Grace").await;
    assert_eq!(console.accepts(&grace, &old).await.status.as_u16(), 404, "the old link still opens");

    let stale = client.send(Method::POST, &format!("{path}/revoke"), &[("if-match", "\"1\"")], Some(&json!({}))).await;
    assert_eq!(stale.code(), "version_conflict");
    let gone = client.send(Method::POST, &format!("{path}/revoke"), &[("if-match", "\"2\"")], Some(&json!({}))).await;
    assert_eq!((gone.status, gone.body["data"]["status"].as_str()), (StatusCode::OK, Some("revoked")), "{}", gone.body);
    assert_ne!(console.accepts(&grace, &path_of(&new.body["data"]["link"])).await.status.as_u16(), 303, "a revoked link opens");
    assert_eq!(client.post(&format!("{path}/revoke"), &json!({})).await.code(), "resource_not_found");
    assert_eq!(client.get(&path).await.code(), "resource_not_found");
    assert_eq!(console.actors_of(team.workspace, "invitation.link_created").await, ["Test"]);
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, ["Test"]);
    assert_eq!(console.role_of(team.workspace, grace.user).await, None);
}

#[tokio::test]
async fn with_mail_the_link_goes_by_mail_and_not_through_the_api() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &PEOPLE).await;
    let made = invite(&client, &["grace@example.com"], "member").await;
    assert_eq!(made.body["data"]["links"], json!([]), "{}", made.body);
    let path = format!("/invitations/{}", id_in(&made));
    assert_eq!(client.get(&path).await.body["data"]["link_state"], "queued");
    console.work_off().await;
    assert_eq!(client.get(&path).await.body["data"]["link_state"], "mailed");
    let sent = client.post(&format!("{path}/resend"), &json!({})).await;
    assert_eq!((sent.status, sent.body["data"]["link_state"].as_str()), (StatusCode::OK, Some("queued")), "{}", sent.body);
    assert_eq!(sent.header("etag"), "\"2\"");
    console.work_off().await;
    let mails = postbox.mails();
    assert_eq!(mails.iter().filter(|mail| mail.to.contains("grace@example.com")).count(), 2);
}

#[tokio::test]
async fn the_list_is_paged_and_of_this_workspace_alone() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = console.client(&acme.admin, &acme.slug, &PEOPLE).await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &PEOPLE).await;
    invite(&ours, &["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"], "member").await;
    let other = id_in(&invite(&theirs, &["a@example.com"], "member").await);
    let (mut seen, mut path) = (Vec::new(), "/invitations?limit=2".to_owned());
    loop {
        let page = ours.get(&path).await;
        seen.extend(page.body["data"].as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("one").to_owned()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/invitations?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"]);
    assert_eq!(ours.get(&format!("/invitations/{other}")).await.code(), "resource_not_found");
    for verb in ["resend", "link", "revoke"] {
        assert_eq!(ours.post(&format!("/invitations/{other}/{verb}"), &json!({})).await.code(), "resource_not_found", "{verb}");
    }
    assert_eq!(theirs.get(&format!("/invitations/{other}")).await.body["data"]["version"], 1);
    let reader = console.client(&acme.admin, &acme.slug, &["members:read"]).await;
    let refused = invite(&reader, &["z@example.com"], "member").await;
    assert_eq!((refused.code(), refused.body["error"]["required_scope"].as_str()), ("missing_required_scope", Some("members:write")));
}
