//! Audit streams: every row of a log reaches its receiver, in order and at least once, whatever happens on the way.

mod draining;
mod example;
mod failing;
mod keeping;
mod receiver;

use std::time::Duration;

use chrono::TimeDelta;
use scraper::{Html, Selector};
use stoa::{features::audit_streams::server::send_due, server::proof};

use crate::{
    audit_log::log_of,
    audit_proof::fill,
    support::{Answer, Console, Person, Team},
};
pub use receiver::{Message, Receiver, Reply};

/// A console that may reach the receiver.
pub async fn start() -> (Console, Receiver) {
    let receiver = Receiver::open().await;
    let console = Console::start_with(&[("STOA_OUTBOUND__ALLOWED", receiver.origin())]).await;
    (console, receiver)
}

/// A form of a place, as somebody sends it.
pub async fn send(console: &Console, person: &Person, place: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let fields: Vec<(&str, &str)> = [("form", key.as_str()), ("place", place)].into_iter().chain(fields.iter().copied()).collect();
    person.browser.post(path, &fields).await
}

pub fn streams_of(team: &Team) -> String {
    format!("{}/streams", log_of(team))
}

pub fn secret_on(page: &Answer) -> String {
    let html = Html::parse_document(&page.body);
    let field = html.select(&Selector::parse("input#secret").expect("a selector")).next().expect("a secret");
    field.attr("value").expect("a value").to_owned()
}

/// Makes a stream at `streams`; its address and its secret.
pub async fn make(
    console: &Console,
    person: &Person,
    place: &str,
    streams: &str,
    (name, url, start): (&str, &str, &str),
) -> (String, String) {
    let made = send(console, person, place, &format!("{streams}/new"), &[("name", name), ("url", url), ("start", start)]).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let secret = secret_on(&made);
    (made.link("I have stored it"), secret)
}

/// Seals, and sends what is due.
pub async fn flow(console: &Console) {
    proof::seal(&console.stoa).await.expect("sealed");
    send_due(&console.stoa).await.expect("sent");
}

pub async fn size(console: &Console, team: &Team) -> i64 {
    let size = console.database.text("select size::text from audit_log_head where log_id = $1", team.workspace.0).await;
    size.parse().expect("a number")
}

/// The numbers 0, 1, 2 … up to before `end`.
pub fn up_to(end: i64) -> Vec<i64> {
    (0..end).collect()
}

#[tokio::test]
async fn every_row_of_the_log_arrives_in_order_and_signed() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let other = console.team("Umbrella").await;
    fill(&console, &team, 620).await;
    fill(&console, &other, 5).await;
    let (address, secret) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    flow(&console).await;

    let rows = size(&console, &team).await;
    assert!(rows > 620, "{rows}");
    assert_eq!(receiver.kept(), up_to(rows));
    let log = stoa::ids::LogId(team.workspace.0).to_string();
    for message in receiver.got() {
        assert_eq!(message.signed_with(&secret), 1, "{:?}", message.headers);
        assert_eq!(message.headers["content-type"], "application/x-ndjson");
        assert!(message.lines().iter().all(|line| line["log"] == log.as_str()), "another log's rows");
    }
    let first = receiver.got()[0].lines()[0].clone();
    // As the API gives it, but for its number.
    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let given = client.get(&format!("/audit-log/{}", first["id"].as_str().expect("an id"))).await.body["data"].clone();
    let mut without = first.as_object().expect("an object").clone();
    assert_eq!((without.remove("seq"), without.remove("log")), (Some(0.into()), Some(log.as_str().into())));
    assert_eq!(serde_json::Value::Object(without), given);

    let page = team.auditor.browser.get(&address).await;
    assert!(page.text().contains(&format!("All {rows} rows")) && page.text().contains("up to date"), "{}", page.text());
    assert!(!page.body.contains("hush") && !page.body.contains("whsec_"), "{}", page.text());

    // What is written later follows, and nothing comes twice.
    fill(&console, &team, 3).await;
    flow(&console).await;
    flow(&console).await;
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn a_stream_can_begin_with_what_happens_from_now_on() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 10).await;
    proof::seal(&console.stoa).await.expect("sealed");
    let before = size(&console, &team).await;
    make(&console, &team.owner, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "now")).await;
    flow(&console).await;
    let first = receiver.got()[0].lines()[0].clone();
    assert_eq!((first["seq"].as_i64(), first["action"].as_str()), (Some(before), Some("audit_stream.created")));
    assert_eq!(first["changes"][1]["after"], receiver.origin(), "the path may hold a secret");
}

#[tokio::test]
async fn an_accounts_log_has_streams_of_its_own() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let streams = format!("/t/{}/audit-log/streams", team.tenant_slug);
    let (address, _) = make(&console, &team.owner, &team.tenant_slug, &streams, ("SIEM", &receiver.url(), "beginning")).await;
    flow(&console).await;
    let actions: Vec<String> =
        receiver.got().iter().flat_map(Message::lines).map(|line| line["action"].as_str().expect("an action").to_owned()).collect();
    assert!(actions.contains(&"tenant.created".to_owned()) && actions.contains(&"audit_stream.created".to_owned()), "{actions:?}");
    assert!(!actions.contains(&"workspace.created".to_owned()), "{actions:?}");
    assert_eq!(team.admin.browser.get(&address).await.status, 403, "a member of the team");

    let named = [("name", "SIEM of the account"), ("url", &*receiver.url())];
    for (act, fields, says) in [("", &named[..], "SIEM of the account"), ("/pause", &[], "paused"), ("/resume", &[], "SIEM of the account")]
    {
        let version = team.owner.browser.get(&address).await.field("version");
        let fields: Vec<(&str, &str)> = [("version", version.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let done = send(&console, &team.owner, &team.tenant_slug, &format!("{address}{act}"), &fields).await;
        assert_eq!(done.status, 303, "{act}: {}", done.text());
        assert!(team.owner.browser.get(&address).await.text().contains(says), "{act}");
    }
    flow(&console).await;
    let sent = receiver.kept().len();
    let ending = format!("{address}/archive");
    let version = team.owner.browser.get(&ending).await.field("version");
    let ended = send(&console, &team.owner, &team.tenant_slug, &ending, &[("version", &version)]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    flow(&console).await;
    assert_eq!(receiver.kept().len(), sent, "an archived one sends nothing any more");
}

#[tokio::test]
async fn a_paused_stream_catches_up_without_loss() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    flow(&console).await;
    let act = async |act: &str| {
        let version = team.admin.browser.get(&address).await.field("version");
        send(&console, &team.admin, &team.slug, &format!("{address}/{act}"), &[("version", &version)]).await
    };
    assert_eq!(act("pause").await.status, 303);
    let sent = receiver.kept().len();
    fill(&console, &team, 600).await;
    flow(&console).await;
    assert_eq!(receiver.kept().len(), sent, "nothing is sent while it is paused");
    let page = team.auditor.browser.get(&address).await;
    assert!(page.text().contains("behind") && page.text().contains("Somebody paused it"), "{}", page.text());
    assert_eq!(act("pause").await.status, 409);
    assert_eq!(act("resume").await.status, 303);
    assert_eq!(act("resume").await.status, 409);
    flow(&console).await;
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn whoever_is_killed_leaves_rows_that_come_twice_and_no_gap() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 30).await;
    make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    proof::seal(&console.stoa).await.expect("sealed");
    // A node that sends, and dies before it hears the answer.
    receiver.will(&[Reply::Silence]);
    let dying = console.another_node(&[("STOA_OUTBOUND__ALLOWED", receiver.origin())]);
    let killed = tokio::spawn(async move { send_due(&dying).await });
    while receiver.got().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    killed.abort();
    fill(&console, &team, 30).await;
    flow(&console).await;
    assert_eq!(receiver.got().len(), 1, "the stream is still the dead node's");
    console.hands.advance(TimeDelta::minutes(2));
    flow(&console).await;
    let got = receiver.got();
    assert_eq!((&got[1].id, &got[1].body), (&got[0].id, &got[0].body), "the same batch, byte by byte");
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn two_nodes_send_no_row_twice() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 1200).await;
    make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    proof::seal(&console.stoa).await.expect("sealed");
    let other = console.another_node(&[("STOA_OUTBOUND__ALLOWED", receiver.origin())]);
    let (one, two) = tokio::join!(send_due(&console.stoa), send_due(&other));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn a_row_whose_body_is_gone_holds_up_nothing() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 3).await;
    make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    proof::seal(&console.stoa).await.expect("sealed");
    let gone: String = console.database.text("select row_id::text from audit_leaf where log_id = $1 and seq = 2", team.workspace.0).await;
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in [
        "alter table audit_event disable trigger append_only".to_owned(),
        format!("delete from audit_event where id = '{gone}'"),
        "alter table audit_event enable trigger append_only".to_owned(),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut owner).await.expect("removed");
    }
    send_due(&console.stoa).await.expect("sent");
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
    let line = receiver.got()[0].lines()[2].clone();
    assert_eq!((line["gone"].as_bool(), line["seq"].as_i64()), (Some(true), Some(2)));
    assert_eq!(line["id"], stoa::ids::AuditId(gone.parse().expect("an id")).to_string());
    assert!(line["leaf_hash"].as_str().is_some_and(|leaf| leaf.len() == 64) && line.get("action").is_none(), "{line}");
}
