//! Receivers that fail: tried again without loss, told of, given up after days, and gone at once.

use chrono::TimeDelta;

use super::{Reply, fill, flow, make, send, size, start, streams_of, up_to};
use crate::{
    audit_log::{actions, log_of},
    support::{Console, Team},
};

async fn titles(console: &Console, team: &Team) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select title from inbox_item where user_id = $1 and title like '%audit stream%' order by id")
        .bind(team.admin.user.0)
        .fetch_all(&mut owner)
        .await
        .expect("titles")
}

#[tokio::test]
async fn a_receiver_that_recovers_has_every_row() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 20).await;
    let (address, _) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    receiver.will(&[Reply::Status(500), Reply::Status(302), Reply::Later(90), Reply::Status(401)]);
    flow(&console).await;
    let page = team.auditor.browser.get(&address).await;
    for says in ["failing", "It answered 500, and only 2xx counts.", "0 of", "Failing since"] {
        assert!(page.text().contains(says), "{says}: {}", page.text());
    }
    assert_eq!(page.count("main form:not([method=get], [role=search])"), 0, "an auditor changes nothing");
    flow(&console).await;
    assert_eq!(receiver.got().len(), 1, "it waits");
    fill(&console, &team, 5).await;
    console.hands.advance(TimeDelta::seconds(7));
    flow(&console).await;
    assert!(team.auditor.browser.get(&address).await.text().contains("Redirects are not followed"));
    console.hands.advance(TimeDelta::seconds(37));
    flow(&console).await;
    // As long as it asks for, and no shorter.
    console.hands.advance(TimeDelta::seconds(89));
    flow(&console).await;
    assert_eq!(receiver.got().len(), 3);
    console.hands.advance(TimeDelta::seconds(1));
    flow(&console).await;
    console.hands.advance(TimeDelta::minutes(12));
    flow(&console).await;
    let got = receiver.got();
    assert_eq!(got.len(), 6);
    assert!(got[..5].iter().all(|message| message.id == got[0].id && message.body == got[0].body), "the same batch each time");
    assert_ne!(got[5].id, got[0].id, "what was written meanwhile comes after it");
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
    let page = team.auditor.browser.get(&address).await;
    assert!(page.text().contains("up to date") && !page.text().contains("Failing since"), "{}", page.text());
}

#[tokio::test]
async fn after_an_hour_its_people_are_told_and_after_five_days_it_is_paused() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    receiver.will(&[Reply::Status(503); 40]);
    for _ in 0..8 {
        flow(&console).await;
        console.hands.advance(TimeDelta::minutes(75));
    }
    assert_eq!(titles(&console, &team).await, ["The audit stream “SIEM” of Acme Shop fails"], "once");
    console.hands.advance(TimeDelta::days(5));
    flow(&console).await;
    assert_eq!(titles(&console, &team).await.last().map(String::as_str), Some("The audit stream “SIEM” of Acme Shop is paused"));
    let tried = receiver.got().len();
    console.hands.advance(TimeDelta::days(1));
    flow(&console).await;
    assert_eq!(receiver.got().len(), tried, "it is tried no more");
    let owner = &team.owner;
    let browser = console.signed_in_as("Acme Owner").await.browser;
    let list = browser.get(&log_of(&team)).await;
    for action in ["audit_stream.failed", "audit_stream.paused"] {
        assert_eq!(actions(&list).iter().filter(|known| *known == action).count(), 1, "{action}: {:?}", actions(&list));
    }
    let page = browser.get(&address).await;
    assert!(page.text().contains("Nothing was acknowledged for five days."), "{}", page.text());
    let fields = [("form", &*console.form_key()), ("place", &team.slug), ("version", &page.field("version"))];
    assert_eq!(browser.post(&format!("{address}/resume"), &fields).await.status, 303, "{}", owner.name);
    // Whatever is left of the bad answers.
    receiver.will(&[]);
    for _ in 0..40 {
        flow(&console).await;
        console.hands.advance(TimeDelta::minutes(75));
    }
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn one_that_is_gone_is_paused_at_once() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) = make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", &receiver.url(), "beginning")).await;
    receiver.will(&[Reply::Status(410)]);
    flow(&console).await;
    let page = team.admin.browser.get(&address).await;
    assert!(page.text().contains("The endpoint answered 410"), "{}", page.text());
    assert_eq!(titles(&console, &team).await, ["The audit stream “SIEM” of Acme Shop is paused"]);
    let resumed = send(&console, &team.admin, &team.slug, &format!("{address}/resume"), &[("version", &page.field("version"))]).await;
    assert_eq!(resumed.status, 303, "{}", resumed.text());
    flow(&console).await;
    assert_eq!(receiver.kept(), up_to(size(&console, &team).await));
}

#[tokio::test]
async fn what_is_not_allowed_is_not_called() {
    let (console, receiver) = start().await;
    let team = console.team("Acme").await;
    let (address, _) =
        make(&console, &team.admin, &team.slug, &streams_of(&team), ("SIEM", "https://localhost:8443/in", "beginning")).await;
    flow(&console).await;
    let page = team.auditor.browser.get(&address).await;
    assert!(page.text().contains("leads to a loopback address, which is not called"), "{}", page.text());
    assert!(receiver.got().is_empty());
}
