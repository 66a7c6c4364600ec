//! What gives ownership away or lets outsiders in asks for a recent sign-in, and what was entered is not lost by it.

use chrono::TimeDelta;

use crate::support::{Answer, Console, Person, Team};

async fn post(console: &Console, by: &Person, team: &Team, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let sent: Vec<(&str, &str)> = [("form", key.as_str()), ("place", &team.slug)].into_iter().chain(fields.iter().copied()).collect();
    by.browser.post(&format!("/w/{}{path}", team.slug), &sent).await
}

/// It was asked for, with the way through the provider and back to `page`, and with what was entered.
fn is_asked(answer: &Answer, team: &Team, page: &str, entered: &[&str]) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("recent sign-in"), "{}", answer.text());
    assert_eq!(answer.link("Sign in again"), format!("/sign-in/start?anew=1&back=/w/{}{page}", team.slug));
    for text in entered {
        assert!(answer.text().contains(text), "{text} is lost: {}", answer.text());
    }
}

async fn signs_in_again(console: &Console, person: &Person) {
    person.browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
}

#[tokio::test]
async fn nobody_is_made_an_owner_by_a_sign_in_of_long_ago() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let member = console.member_id(team.workspace, team.member.user).await;
    let (page, act) = (format!("/members/{member}"), format!("/members/{member}/role"));
    console.hands.advance(TimeDelta::minutes(16));
    let to_owner = [("version", "1"), ("role", "owner")];
    is_asked(&post(&console, &team.owner, &team, &act, &to_owner).await, &team, &page, &["owner"]);
    assert_eq!(console.role_of(team.workspace, team.member.user).await.as_deref(), Some("member"));
    // Anything less goes on as before.
    let less = post(&console, &team.owner, &team, &act, &[("version", "1"), ("role", "admin")]).await;
    assert_eq!(less.status, 303, "{}", less.text());
    signs_in_again(&console, &team.owner).await;
    let made = post(&console, &team.owner, &team, &act, &[("version", "2"), ("role", "owner")]).await;
    assert_eq!(made.status, 303, "{}", made.text());
    assert_eq!(console.role_of(team.workspace, team.member.user).await.as_deref(), Some("owner"));
}

#[tokio::test]
async fn inviting_an_owner_and_renewing_that_invitation_ask_too() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.invited(&team, "boss@example.com", "owner").await;
    let before = console.invitation_id("boss@example.com").await;
    console.hands.advance(TimeDelta::minutes(16));
    let fields = [("addresses", "next@example.com"), ("role", "owner")];
    is_asked(&post(&console, &team.owner, &team, "/members/invite", &fields).await, &team, "/members/invite", &["next@example.com"]);
    let page = format!("/members/invitations/{before}");
    let renewed = post(&console, &team.owner, &team, &format!("{page}/link"), &[("version", "1")]).await;
    is_asked(&renewed, &team, &page, &[]);
    assert_eq!(console.database.count("select count(*) from invitation where version = 1").await, 1);
    assert_eq!(console.invites(&team, &team.owner, "someone@example.com", "admin").await.status, 200);
    signs_in_again(&console, &team.owner).await;
    assert_eq!(console.invites(&team, &team.owner, "next@example.com", "owner").await.status, 200);
    assert_eq!(post(&console, &team.owner, &team, &format!("{page}/link"), &[("version", "1")]).await.status, 200);
}

#[tokio::test]
async fn support_is_let_in_by_whoever_is_there_now() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.hands.advance(TimeDelta::minutes(16));
    let (page, fields) = ("/settings/support-access", [("reason", "Webhooks fail since noon"), ("lasting", "4")]);
    is_asked(&post(&console, &team.owner, &team, page, &fields).await, &team, page, &["Webhooks fail since noon", "Lasting"]);
    assert_eq!(console.database.count("select count(*) from support_consent").await, 0);
    signs_in_again(&console, &team.owner).await;
    assert_eq!(post(&console, &team.owner, &team, page, &fields).await.status, 303);
    assert_eq!(console.database.count("select count(*) from support_consent").await, 1);
}
