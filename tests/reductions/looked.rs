//! The page that shows what a reduction would do, and who may come there.

use axum::http::StatusCode;
use serde_json::json;

use super::{Office, SCOPES, asked};
use crate::{records::data, support::Answer};

/// A hidden field of the form that begins it; the bar above has some of the same names.
pub fn kept(page: &Answer, name: &str) -> String {
    let document = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse(&format!("main input[type=hidden][name={name}]")).expect("a selector");
    let field = document.select(&selector).next().unwrap_or_else(|| panic!("no {name} in {}", page.text()));
    field.value().attr("value").expect("a value").to_owned()
}

fn hidden(page: &Answer, office: &Office, phrase: &str) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&'static str, String)> =
        ["act", "resource", "days", "before", "inventory"].map(|name| (name, kept(page, name))).to_vec();
    fields.push(("form", office.console.form_key()));
    fields.push(("place", office.team.slug.clone()));
    fields.push(("phrase", phrase.to_owned()));
    fields
}

async fn sent(office: &Office, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    office.team.admin.browser.post(&format!("/w/{}/data/reduce", office.team.slug), &fields).await
}

#[tokio::test]
async fn from_the_page_to_the_end_with_the_phrase_typed() {
    let office = Office::open().await;
    let ids = office.tasks(2).await;
    office.archive("tasks", &ids).await;
    office.wait(100);
    // Sign-ins are old by then.
    let admin = office.console.signed_in_as("Acme Admin").await;
    let office = Office { team: crate::support::Team { admin, ..office.team }, ..office };
    let page = office.page(&office.team.admin, "resource=task&act=purge").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("purge 2 tasks"), "{}", page.text());
    let file = office.team.admin.browser.get(page.links("main a[download]").first().expect("a file")).await;
    assert_eq!((file.status, file.body.lines().count()), (StatusCode::OK, 2), "{}", file.body);

    let wrong = sent(&office, &hidden(&page, &office, "purge 3 tasks")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Nothing was purged"), "{}", wrong.text());
    let mut stale = hidden(&page, &office, "purge 2 tasks");
    stale[4].1 = "0".repeat(64);
    let stale = sent(&office, &stale).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("has changed"), "{}", stale.text());
    assert_eq!(office.records("task").await, 2);

    let fields = hidden(&page, &office, "purge 2 tasks");
    let begun = sent(&office, &fields).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let one = begun.location().to_owned();
    assert_eq!(sent(&office, &fields).await.location(), one, "sent twice it is begun once");
    let running = office.team.admin.browser.get(&one).await.text();
    assert!(running.contains("Running") && running.contains("0 of 2 records"), "{running}");
    office.console.work_off().await;
    let auditor = office.console.signed_in_as("Acme Auditor").await;
    let over = auditor.browser.get(&one).await.text();
    assert!(over.contains("Done") && over.contains("2 of 2 records") && !over.contains(">Stop<"), "{over}");
    assert_eq!(office.records("task").await, 0);
}

#[tokio::test]
async fn a_person_stops_what_runs_and_is_told_when_it_is_over() {
    let office = Office::open().await;
    let ids = office.tasks(1).await;
    office.archive("tasks", &ids).await;
    office.wait(2);
    let preview = office.preview("purge", "task", 1).await;
    let id = data(&office.start(&preview).await)["id"].as_str().expect("an id").to_owned();
    let admin = office.console.signed_in_as("Acme Admin").await;
    let path = format!("/w/{}/data/reductions/{id}/stop", office.team.slug);
    let stop = async || admin.browser.post(&path, &[("form", &*office.console.form_key()), ("place", &office.team.slug)]).await;
    assert_eq!(stop().await.status, StatusCode::SEE_OTHER);
    let again = stop().await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("over already"), "{}", again.text());
}

#[tokio::test]
async fn a_purge_asks_for_a_recent_sign_in() {
    let office = Office::open().await;
    let ids = office.tasks(1).await;
    office.archive("tasks", &ids).await;
    office.wait(2);
    let admin = office.console.signed_in_as("Acme Admin").await;
    let office = Office { team: crate::support::Team { admin, ..office.team }, ..office };
    let page = office.page(&office.team.admin, "resource=task&act=purge&days=1").await;
    let fields = hidden(&page, &office, "purge 1 tasks");
    office.console.hands.advance(chrono::TimeDelta::hours(6));
    let later = sent(&office, &fields).await;
    assert_ne!(later.status, StatusCode::SEE_OTHER, "{}", later.text());
    let page = office.page(&office.team.admin, "resource=task&act=purge&days=1").await.text();
    assert!(page.contains("Sign in again"), "{page}");
    assert_eq!(office.records("task").await, 1);
}

#[tokio::test]
async fn others_are_refused_and_another_account_finds_nothing() {
    let office = Office::open().await;
    let ids = office.tasks(1).await;
    office.archive("tasks", &ids).await;
    office.wait(2);
    let preview = office.preview("purge", "task", 1).await;
    let id = data(&office.start(&preview).await)["id"].as_str().expect("an id").to_owned();
    for name in ["Acme Member", "Acme Auditor"] {
        let person = office.console.signed_in_as(name).await;
        assert_eq!(office.page(&person, "resource=task").await.status, StatusCode::FORBIDDEN, "{name}");
    }
    let zenith = office.console.team("Zenith").await;
    let theirs = office.console.client(&zenith.owner, &zenith.slug, &SCOPES).await;
    assert_eq!(theirs.get(&format!("/reductions/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.post(&format!("/reductions/{id}/stop"), &json!({})).await.status, StatusCode::NOT_FOUND);
    let nothing = theirs.get("/reductions/preview?act=purge&resource=task&days=1").await;
    assert_eq!(data(&nothing)["records"], 0);
    // Without the module's own scopes there is no way into its records.
    let admin = office.console.signed_in_as("Acme Admin").await;
    let bare = office.console.client(&admin, &office.team.slug, &SCOPES[..2]).await;
    let file = bare.get("/reductions/export?act=purge&resource=task&days=1").await;
    assert_eq!((file.status, file.code()), (StatusCode::FORBIDDEN, "missing_required_scope"), "{}", file.body);
    let begun = bare.post("/reductions", &asked(&preview)).await;
    assert_eq!((begun.status, begun.code()), (StatusCode::FORBIDDEN, "missing_required_scope"), "{}", begun.body);
}

/// Row-level security and grants alone: nobody deletes a record but through a reduction that runs in that workspace.
#[tokio::test]
async fn no_record_is_deleted_but_by_a_reduction_that_runs_there() {
    let office = Office::open().await;
    let ids = office.tasks(1).await;
    office.archive("tasks", &ids).await;
    office.wait(2);
    let preview = office.preview("purge", "task", 1).await;
    let id = data(&office.start(&preview).await)["id"].as_str().expect("an id").parse::<stoa::ids::ReductionId>().expect("an id");
    let as_app = crate::audit_retention::as_app;
    let refused = as_app(&office.console, "workspace", &office.team, "delete from record").await.expect_err("no grant");
    assert!(refused.contains("permission denied"), "{refused}");
    let purge = |reduction: uuid::Uuid| {
        format!("select purge_records('{}', '{}', '{reduction}', 10, now())", office.team.tenant.0, office.team.workspace.0)
    };
    let zenith = office.console.team("Zenith").await;
    let elsewhere = as_app(&office.console, "workspace", &zenith, &purge(id.0)).await.expect_err("another workspace");
    assert!(elsewhere.contains("within their workspace"), "{elsewhere}");
    let as_service = as_app(&office.console, "service", &office.team, &purge(id.0)).await.expect_err("not the server's own");
    assert!(as_service.contains("within their workspace"), "{as_service}");
    as_app(&office.console, "workspace", &office.team, &purge(uuid::Uuid::nil())).await.expect("nothing runs so");
    assert_eq!(office.records("task").await, 1);
}
