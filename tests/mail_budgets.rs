//! How many mails a tenant sends to addresses that somebody entered: a bound in a day, and one an address.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    posture::{change, page_of, set},
    support::{Answer, Console, Person, Postbox, Team, logs, people::link_in},
};

const MAILS: &str = "select count(*) from mail";

async fn console_with(daily: &str) -> (Console, Postbox) {
    let postbox = Postbox::open().await;
    let settings = [
        ("STOA_MAIL__SMTP_URL", postbox.url()),
        ("STOA_MAIL__FROM", "Stoa <stoa@example.com>".to_owned()),
        ("STOA_MAIL__DAILY_PER_TENANT", daily.to_owned()),
    ];
    let console = Console::start_with(&settings.each_ref().map(|(key, value)| (*key, value.as_str()))).await;
    (console, postbox)
}

async fn act(console: &Console, team: &Team, by: &Person, email: &str, verb: &str) -> Answer {
    let id = console.invitation_id(email).await;
    let version = console.database.text("select version::text from invitation where id = $1", id.0).await;
    let path = format!("/w/{}/members/invitations/{id}/{verb}", team.slug);
    by.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("version", &version)]).await
}

/// So much later, in a new session.
async fn later(console: &Console, person: &Person, passed: TimeDelta) {
    console.hands.advance(passed);
    person.browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
}

#[tokio::test]
async fn a_tenant_that_sent_its_mails_of_a_day_sends_no_more_and_each_address_says_so() {
    let (console, _postbox) = console_with("3").await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let answer = console.invites(&team, &team.owner, "a@x.org\nb@x.org\nc@x.org\nd@x.org", "member").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("4 of 4 invited") && text.contains("c@x.orgInvitedA mail with the link is on its way."), "{text}");
    assert!(text.contains("d@x.orgInvitedThis team had 3 mails sent in a day, and no more go. Try again in some hours."), "{text}");
    assert_eq!(console.database.count(MAILS).await, 3);
    // The one that is not mailed has a link, which opens.
    let stranger = console.a_stranger();
    stranger.get(&link_in(&answer)).await;
    assert_eq!(stranger.get("/invitation").await.status, 200);

    let refused = act(&console, &team, &team.owner, "a@x.org", "mail").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("3 mails sent in a day") && refused.text().contains("make a link to copy"), "{}", refused.text());
    assert_eq!(console.database.count("select sum(version)::bigint from invitation").await, 4, "nothing was renewed");
    assert_eq!(act(&console, &team, &team.owner, "a@x.org", "link").await.status, 200, "copying a link sends nothing");
    // Over the API it is the same.
    let client = console.client(&team.admin, &team.slug, &["members:read", "members:write"]).await;
    let made = client.post("/invitations", &json!({ "addresses": ["e@x.org"], "role": "member" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(made.body["data"]["links"].as_array().map(Vec::len), Some(1), "{}", made.body);
    assert!(made.body["data"]["answers"][0]["message"].as_str().is_some_and(|says| says.contains("in a day")), "{}", made.body);
    let again = client.post(&format!("/invitations/{}/resend", console.invitation_id("b@x.org").await), &json!({})).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "conflict"), "{}", again.body);
    assert_eq!(console.database.count(MAILS).await, 3);

    // Another tenant has its own budget, and the day passes.
    assert_eq!(console.invites(&zenith, &zenith.owner, "z@x.org", "member").await.status, 200);
    assert_eq!(console.database.count(MAILS).await, 4);
    later(&console, &team.owner, TimeDelta::hours(24)).await;
    assert_eq!(act(&console, &team, &team.owner, "a@x.org", "mail").await.status, StatusCode::SEE_OTHER);
    assert_eq!(console.database.count(MAILS).await, 5);
}

#[tokio::test]
async fn all_workspaces_of_a_tenant_share_its_budget() {
    let (console, _postbox) = console_with("2").await;
    let team = console.team("Acme").await;
    let elsewhere = "insert into mail (tenant_id, id, workspace_id, kind, recipient, about, created_at)
         select $1, gen_random_uuid(), gen_random_uuid(), 'security.mail', 'x@x.org', gen_random_uuid(), '2026-11-21T11:00:00Z'
         from generate_series(1, 2)";
    console.change(elsewhere, team.tenant.0).await;
    let answer = console.invites(&team, &team.owner, "a@x.org", "member").await;
    assert!(answer.text().contains("2 mails sent in a day"), "{}", answer.text());
    assert_eq!(console.database.count(MAILS).await, 2);
}

#[tokio::test]
async fn one_address_gets_three_mails_of_a_kind_in_ten_minutes() {
    let (console, _postbox) = console_with("500").await;
    let team = console.team("Acme").await;
    assert_eq!(console.invites(&team, &team.owner, "grace@example.com", "member").await.status, 200);
    for _ in 0..2 {
        console.work_off().await;
        assert_eq!(act(&console, &team, &team.owner, "grace@example.com", "mail").await.status, StatusCode::SEE_OTHER);
    }
    let refused = act(&console, &team, &team.owner, "grace@example.com", "mail").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Try again in 10 minutes"), "{}", refused.text());
    // Revoking and inviting anew is no way around, and no other spelling is.
    assert_eq!(act(&console, &team, &team.owner, "grace@example.com", "revoke").await.status, StatusCode::SEE_OTHER);
    console.hands.advance(TimeDelta::minutes(1));
    let anew = console.invites(&team, &team.owner, "Grace@Example.com", "member").await;
    assert!(anew.text().contains("went to this address just now"), "{}", anew.text());
    assert_eq!(console.database.count(MAILS).await, 3);
    console.invites(&team, &team.owner, "ada@example.com", "member").await;
    assert_eq!(console.database.count(MAILS).await, 4, "others get theirs");
    console.hands.advance(TimeDelta::minutes(10));
    assert_eq!(act(&console, &team, &team.owner, "Grace@Example.com", "mail").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_notification_over_the_budget_is_left_out_and_the_change_is_made() {
    logs::capture();
    let (console, _postbox) = console_with("500").await;
    let team = console.team("Acme").await;
    set(&console, "update workspace set notify = '{flooded@example.com}' where name = 'Acme Shop'").await;
    for days in ["10", "20", "30", "40", "50"] {
        let entries = [("notify", "flooded@example.com"), ("credential_days", days)];
        let changed = change(&console, &team.admin, &page_of(&team), &entries).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text());
    }
    assert_eq!(console.database.count(MAILS).await, 3);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.updated'").await, 5);
    let lines = logs::lines_with(&["a notification was not mailed", &team.tenant.to_string()]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(!lines.concat().contains("flooded"), "an address is not for the log: {lines:?}");
}
