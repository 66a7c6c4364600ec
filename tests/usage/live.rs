//! Figures, told anew when they changed, to whom may see them.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::Value;

use super::{Dice, append, event};
use crate::support::{Console, Person, Team, listener::Listener};

/// A look is taken every second; a machine may be slow.
const PATIENCE: Duration = Duration::from_secs(20);

async fn use_once(console: &Console, team: &Team) {
    console.hands.advance(TimeDelta::seconds(3));
    append(console, &[event(team, team.workspace, console.stoa.clock.now(), None, &mut Dice(1))]).await;
}

async fn listen(person: &Person, team: &Team, query: &str) -> Listener {
    let listener = person.browser.listen(&format!("/w/{}/usage/live?range=24h{query}", team.slug)).await;
    assert_eq!(listener.status, StatusCode::OK);
    listener
}

/// What takes the place of the figures, and what it is told as.
async fn told(listener: &mut Listener) -> (String, String) {
    let told = tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").expect("something is told");
    assert_eq!(told.event, "rows", "{told:?}");
    let data: Value = serde_json::from_str(&told.data).expect("JSON");
    let text = |name: &str| data["rows"][0][name].as_str().expect("a text").to_owned();
    (text("html"), text("id"))
}

#[tokio::test]
async fn figures_are_told_when_they_change_as_the_page_shows_them() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    use_once(&console, &team).await;
    // What the page shows is not told again; what came before the first look is.
    let page = team.owner.browser.get(&format!("/w/{}/usage?range=24h", team.slug)).await;
    let address = page.body.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a switch").replace("&amp;", "&");
    let mut owner = team.owner.browser.listen(&address).await;
    let mut member = listen(&team.member, &team, "").await;
    let (html, _) = told(&mut member).await;
    assert!(html.contains("1 event") && !html.contains('$'), "the money is not theirs: {html}");
    assert!(owner.is_quiet_at_first().await, "nothing changed since");
    use_once(&console, &team).await;
    let (html, id) = told(&mut owner).await;
    let page = team.owner.browser.get(&format!("/w/{}/usage?range=24h", team.slug)).await;
    assert!(html.starts_with("<div id=\"usage-figures\">") && html.contains("2 events"), "{html}");
    assert!(page.body.contains(&html), "what is told is what the page shows");
    assert!(html.contains('$') && id.starts_with("2-"), "{id}");
    let (html, id) = told(&mut member).await;
    assert!(html.contains("2 events") && id == "2", "nor in what it is called: {id}");
}

#[tokio::test]
async fn whoever_may_not_look_any_more_is_told_nothing_more_and_others_never_are() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Other").await);
    let mut admin = listen(&team.admin, &team, "").await;
    let mut auditor = listen(&team.auditor, &team, "&module=none&dimension=asset.upload").await;
    assert!(admin.is_quiet_at_first().await && auditor.is_quiet_at_first().await);
    console.change("delete from session where user_id = $1", team.admin.user.0).await;
    console
        .change(
            "update workspace_membership as member set status = 'ended', ended_at = member.joined_at
             from workspace_grant as granted
             where granted.membership_id = member.id and granted.role = 'readonly' and member.user_id = $1",
            team.auditor.user.0,
        )
        .await;
    use_once(&console, &team).await;
    for (who, listener) in [("signed out", &mut admin), ("removed", &mut auditor)] {
        let told = tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").expect("why it ends");
        assert_eq!(told.event, "ended", "{who}: {told:?}");
    }
    let path = format!("/w/{}/usage/live", team.slug);
    assert_eq!(other.owner.browser.listen(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(team.owner.browser.listen(&format!("{path}?grain=week")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_cannot_change_any_more_has_no_switch() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = |query: &str| format!("/w/{}/usage{query}", team.slug);
    assert_eq!(team.owner.browser.get(&page("")).await.count("[data-live]"), 1);
    assert_eq!(team.owner.browser.get(&page("?from=2026-10-01&to=2026-10-31")).await.count("[data-live]"), 0);
}
