//! Making and changing streams: by whom, within which limits, on pages and over the API.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;

use super::{flow, make, secret_on, send, size, start, streams_of, up_to};
use crate::{
    archive::archive,
    audit_log::{actions, log_of},
    audit_proof::fill,
    restore::restore,
    transfer::{another_tenant, transfer},
};

#[tokio::test]
async fn owners_and_admins_change_streams_and_auditors_see_them() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let streams = streams_of(&team);
    let (address, _) = make(&console, &team.admin, &team.slug, &streams, ("SIEM", &receiver.url(), "beginning")).await;
    let version = team.admin.browser.get(&address).await.field("version");
    for (person, sees) in [(&team.auditor, 200), (&team.member, 403)] {
        assert_eq!(person.browser.get(&streams).await.status, sees);
        assert_eq!(person.browser.get(&address).await.status, sees);
        assert_eq!(person.browser.get(&format!("{streams}/new")).await.status, 403);
        for act in ["", "/test", "/rotate", "/pause", "/resume", "/archive"] {
            let fields = [("version", version.as_str()), ("name", "Taken"), ("url", "https://taken.example.com")];
            let refused = send(&console, person, &team.slug, &format!("{address}{act}"), &fields).await;
            assert_eq!(refused.status, 403, "{act}: {}", refused.text());
        }
    }
    assert!(!team.auditor.browser.get(&streams).await.text().contains("New stream"));
    let fields = [("version", version.as_str()), ("name", "SIEM 2"), ("url", &*receiver.url())];
    assert_eq!(send(&console, &team.owner, &team.slug, &address, &fields).await.status, 303);
    let stale = send(&console, &team.owner, &team.slug, &address, &[("version", version.as_str()), ("name", "SIEM 3"), fields[2]]).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    let ending = format!("{address}/archive");
    let version = team.admin.browser.get(&ending).await.field("version");
    assert_eq!(send(&console, &team.admin, &team.slug, &ending, &[("version", &version)]).await.status, 303);
    let again = send(&console, &team.admin, &team.slug, &ending, &[("version", &version)]).await;
    assert_eq!(again.status, 409, "{}", again.text());
    flow(&console).await;
    assert!(receiver.got().is_empty(), "it sends nothing any more");
    let list = team.auditor.browser.get(&log_of(&team)).await;
    for action in ["audit_stream.created", "audit_stream.updated", "audit_stream.archived"] {
        assert!(actions(&list).contains(&action.to_owned()), "{action}");
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_named() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let new = format!("{}/new", streams_of(&team));
    for (name, url, start, says) in [
        ("", "https://siem.example.com", "now", "The name is empty."),
        ("SIEM", "", "now", "The endpoint is empty."),
        ("SIEM", "siem.example.com", "now", "This is not a whole address."),
        ("SIEM", "http://siem.example.com", "now", "Only https is called"),
        ("SIEM", "https://169.254.169.254/latest/meta-data", "now", "names its host by number"),
        ("SIEM", "https://a:b@siem.example.com", "now", "Leave them out."),
        ("SIEM", "https://siem.example.com:22", "now", "names port 22"),
        ("SIEM", "https://siem.example.com", "later", "This is no place to start."),
    ] {
        let refused = send(&console, &team.admin, &team.slug, &new, &[("name", name), ("url", url), ("start", start)]).await;
        assert!(refused.status == 422 && refused.text().contains(says), "{says}: {}", refused.text());
    }
    assert_eq!(console.database.count("select count(*) from audit_stream").await, 0);
    // Sent twice it is made once, and the secret is not shown again.
    let form = console.form_key();
    let fields = [("form", form.as_str()), ("place", &*team.slug), ("name", "SIEM"), ("url", &*receiver.url()), ("start", "now")];
    let secret = secret_on(&team.admin.browser.post(&new, &fields).await);
    let again = team.admin.browser.post(&new, &fields).await;
    assert!(again.status == 303 && !again.body.contains(&secret));
    assert_eq!(console.database.count("select count(*) from audit_stream").await, 1);
    for place in 2..=5 {
        make(&console, &team.admin, &team.slug, &streams_of(&team), (&format!("SIEM {place}"), &receiver.url(), "now")).await;
    }
    let many = send(&console, &team.admin, &team.slug, &new, &[("name", "SIEM 6"), fields[3], fields[4]]).await;
    assert!(many.status == 409 && many.text().contains("has 5 streams already"), "{}", many.text());
    let dump = console.database.dump().await;
    assert!(!dump.contains(&secret["whsec_".len()..]), "the secret is kept");
}

#[tokio::test]
async fn a_test_says_how_it_went() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, secret) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "now")).await;
    let test = async || send(&console, &team.admin, &team.slug, &format!("{address}/test"), &[]).await;
    assert_eq!(test().await.status, 303);
    assert_eq!(test().await.status, 409, "not again at once");
    console.work_off().await;
    let got = receiver.got();
    assert_eq!((got.len(), got[0].signed_with(&secret), got[0].lines()[0]["test"].as_bool()), (1, 1, Some(true)));
    assert!(got[0].seqs().is_empty());
    let page = team.auditor.browser.get(&address).await;
    assert!(page.text().contains("It answered 204."), "{}", page.text());
    console.hands.advance(TimeDelta::seconds(10));
    receiver.will(&[super::Reply::Status(404)]);
    assert_eq!(test().await.status, 303);
    console.work_off().await;
    assert!(team.auditor.browser.get(&address).await.text().contains("It answered 404"));
}

#[tokio::test]
async fn for_a_day_both_secrets_sign() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, old) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    let version = team.admin.browser.get(&address).await.field("version");
    let rotated = send(&console, &team.admin, &team.slug, &format!("{address}/rotate"), &[("version", &version)]).await;
    let new = secret_on(&rotated);
    assert_ne!(old, new);
    flow(&console).await;
    let first = receiver.got()[0].clone();
    assert_eq!((first.signed_with(&old), first.signed_with(&new)), (1, 1));
    console.hands.advance(TimeDelta::hours(24));
    fill(&console, &team, 1).await;
    flow(&console).await;
    let last = receiver.got().last().expect("a message").clone();
    assert_eq!((last.signed_with(&old), last.signed_with(&new)), (0, 1));
}

#[tokio::test]
async fn without_its_pepper_a_secret_has_to_be_rotated() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    console.change("update audit_stream set secret_pepper = 'gone' where tenant_id = $1", team.tenant.0).await;
    flow(&console).await;
    let page = team.admin.browser.get(&address).await;
    assert!(page.text().contains("Rotate the secret.") && receiver.got().is_empty(), "{}", page.text());
    let rotated = send(&console, &team.admin, &team.slug, &format!("{address}/rotate"), &[("version", &page.field("version"))]).await;
    flow(&console).await;
    assert_eq!(receiver.got()[0].signed_with(&secret_on(&rotated)), 1);
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn a_stream_rests_with_its_workspace_and_is_paused_where_that_is_moved() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) = make(&console, &team.owner, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    flow(&console).await;
    assert!(receiver.got().is_empty());
    assert_eq!(restore(&console, &team, &team.owner).await.status, 303);
    flow(&console).await;
    let before = receiver.kept();
    assert_eq!(before, up_to(size(&console, &team).await));

    let (_, slug) = another_tenant(&console, &team.owner, "Umbrella", "team").await;
    let moved = transfer(&console, &team, &slug).await;
    assert_eq!(moved.status, 303, "{}", moved.text());
    flow(&console).await;
    assert_eq!(receiver.kept(), before);
    let page = team.owner.browser.get(&address).await;
    assert!(page.text().contains("moved to another account"), "{}", page.text());
    let resumed = send(&console, &team.owner, &team.slug, &format!("{address}/resume"), &[("version", &page.field("version"))]).await;
    assert_eq!(resumed.status, 303, "{}", resumed.text());
    flow(&console).await;
    // It goes on with the same log, across both accounts.
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn a_key_makes_and_changes_streams_and_needs_to_be_let_read() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read", "settings:write"]).await;
    let body = json!({ "name": "SIEM", "url": receiver.url(), "start": "beginning" });
    let key = [("idempotency-key", "once")];
    let made = client.send(Method::POST, "/audit-streams", &key, Some(&body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let data = &made.body["data"];
    assert_eq!((data["endpoint"].as_str(), data["status"].as_str()), (Some(receiver.origin()), Some("active")));
    assert!(data["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")));
    let again = client.send(Method::POST, "/audit-streams", &key, Some(&body)).await;
    assert_eq!((&again.body["data"]["secret"], &again.body["data"]["id"]), (&json!(null), &data["id"]));
    let path = format!("/audit-streams/{}", data["id"].as_str().expect("an id"));
    flow(&console).await;
    let shown = client.get(&path).await;
    assert_eq!((shown.body["data"]["behind"].as_i64(), shown.body["data"]["last_status"].as_i64()), (Some(0), Some(204)), "{}", shown.body);
    for (act, status) in [("pause", "paused"), ("resume", "active")] {
        let done = client.post(&format!("{path}/{act}"), &json!({})).await;
        assert_eq!((done.status.as_u16(), done.body["data"]["status"].as_str()), (200, Some(status)), "{}", done.body);
    }
    assert_eq!(client.post(&format!("{path}/test"), &json!({})).await.status, 200);
    let rotated = client.post(&format!("{path}/rotate"), &json!({})).await;
    assert_ne!(rotated.body["data"]["secret"], data["secret"]);
    let change = json!({ "name": "SIEM 2", "url": receiver.url() });
    assert_eq!(client.send(Method::PUT, &path, &[("if-match", "\"1\"")], Some(&change)).await.code(), "version_conflict");
    assert_eq!(client.send(Method::PUT, &path, &[], Some(&change)).await.status, 200);
    let wrong = client.post("/audit-streams", &json!({ "name": "A", "url": "https://10.0.0.1" })).await;
    assert_eq!(wrong.body["error"]["field_errors"][0]["field"], "url", "{}", wrong.body);
    // Whether there is such a stream comes before what is wrong with its address.
    let nowhere = json!({ "name": "A", "url": "https://10.0.0.1" });
    let stream = format!("/audit-streams/ast_{}", uuid::Uuid::from_u128(1).simple());
    let unknown = client.send(Method::PUT, &stream, &[], Some(&nowhere)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.body);
    // A key that may not read the log sends it nowhere, and learns no secret.
    let writer = console.client(&team.owner, &team.slug, &["settings:write"]).await;
    for (method, path, body) in [
        (Method::POST, "/audit-streams".to_owned(), &body),
        (Method::PUT, path.clone(), &change),
        (Method::POST, format!("{path}/rotate"), &json!({})),
    ] {
        let refused = writer.send(method, &path, &[], Some(body)).await;
        assert_eq!((refused.code(), refused.body["error"]["required_scope"].as_str()), ("missing_required_scope", Some("audit:read")));
    }
    let reader = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    assert_eq!(reader.get("/audit-streams").await.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(reader.post(&format!("{path}/pause"), &json!({})).await.code(), "missing_required_scope");
    assert_eq!(client.send(Method::DELETE, &path, &[], Some(&json!({}))).await.body["data"]["status"], "archived");
    assert_eq!(client.post(&format!("{path}/resume"), &json!({})).await.status, StatusCode::CONFLICT);
}
