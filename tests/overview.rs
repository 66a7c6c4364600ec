//! The overview: what needs somebody appears with its cause and goes when it is mended, to each role what is theirs.

mod keys;
mod pasted;
mod spend;

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use stoa::access::{WorkspacePermission, WorkspaceRole};

use crate::{
    modules::{switch_off, switch_on},
    support::{Answer, Console, Person, Team},
    usage::{Dice, append, at, event, roll},
};

pub async fn overview(person: &Person, team: &Team) -> Answer {
    let page = person.browser.get(&format!("/w/{}", team.slug)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page
}

/// Time passes, and everyone signs in again: sessions end sooner than keys.
pub async fn later(console: &Console, team: &Team, time: TimeDelta) {
    console.hands.advance(time);
    for (person, _) in team.people() {
        person.browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
    }
}

/// The sentences about what needs somebody.
pub fn concerns(page: &Answer) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("main .concern p").expect("a selector");
    let read = |found: scraper::ElementRef| found.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    let found: Vec<String> = html.select(&selector).map(read).collect();
    assert_eq!(found.is_empty(), page.text().contains("Nothing needs you here now."), "{}", page.text());
    found
}

pub async fn told(person: &Person, team: &Team) -> Vec<String> {
    concerns(&overview(person, team).await)
}

/// That one sentence begins so, and where it leads.
pub async fn leads(person: &Person, team: &Team, begins: &str) -> String {
    let page = overview(person, team).await;
    let place = concerns(&page).iter().position(|says| says.starts_with(begins));
    let place = place.unwrap_or_else(|| panic!("{begins} is not in {:?}", concerns(&page)));
    page.links("main .concern a")[place].clone()
}

#[tokio::test]
async fn where_nothing_is_the_matter_it_says_so_to_everyone() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.client(&team.owner, &team.slug, &["tasks:read", "members:read"]).await;
    for (person, role) in team.people() {
        assert_eq!(told(person, &team).await, Vec::<String>::new(), "{role}");
    }
}

#[tokio::test]
async fn a_module_that_is_off_concerns_whoever_holds_keys_of_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let theirs = console.client(&team.admin, &team.slug, &["tasks:read"]).await;
    assert_eq!(switch_off(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    let says = "Tasks was switched off just now. The key “Test” holds scopes of it, and its calls there are refused. Module";
    for person in [&team.owner, &team.admin, &team.auditor] {
        assert_eq!(told(person, &team).await, [says]);
    }
    assert_eq!(told(&team.member, &team).await, Vec::<String>::new(), "the key is not theirs");
    assert_eq!(leads(&team.owner, &team, "Tasks").await, format!("/w/{}/modules/tasks", team.slug));
    assert_eq!(theirs.get("/tasks").await.status, StatusCode::FORBIDDEN);
    assert_eq!(switch_on(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    // What was refused meanwhile stays in the log, and in sight for a day.
    assert_eq!(told(&team.owner, &team).await, ["1 request was refused in the last 24 hours: just now. Refusals in the log"]);
}

#[tokio::test]
async fn invitations_that_nobody_answers_are_told_of_until_they_are_taken_back() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.invited(&team, "grace@example.com", "member").await;
    assert_eq!(told(&team.owner, &team).await, Vec::<String>::new(), "it was only just sent");
    later(&console, &team, TimeDelta::days(5)).await;
    console.invited(&team, "edsger@example.com", "member").await;
    let waits = "1 invitation has waited for an answer for 5 days or more; its link expires in 2 days. Invitations";
    assert_eq!(told(&team.admin, &team).await, [waits]);
    later(&console, &team, TimeDelta::days(3)).await;
    let expired = "1 invitation expired without an answer 1 day ago. Invitations";
    for person in [&team.owner, &team.admin, &team.auditor] {
        assert_eq!(told(person, &team).await, [expired]);
    }
    assert_eq!(told(&team.member, &team).await, Vec::<String>::new());
    assert_eq!(leads(&team.owner, &team, "1 invitation").await, format!("/w/{}/members/invitations", team.slug));
    let id = console.invitation_id("grace@example.com").await;
    let path = format!("/w/{}/members/invitations/{id}/revoke", team.slug);
    let version = console.database.text("select version::text from invitation where id = $1", id.0).await;
    let fields = [("form", &*console.form_key()), ("place", &team.slug), ("version", &version)];
    assert_eq!(team.admin.browser.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(told(&team.owner, &team).await, Vec::<String>::new());
}

#[tokio::test]
async fn refusals_are_counted_for_a_day_and_told_to_whoever_reads_the_log() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for _ in 0..3 {
        let refused = team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    console.hands.advance(TimeDelta::minutes(2));
    assert_eq!(stoa::server::scope::write_denials(&console.stoa).await, Ok(1), "the two after the first are one row");
    let says = "3 requests were refused in the last 24 hours, the last one just now. Refusals in the log";
    for person in [&team.owner, &team.admin, &team.auditor] {
        assert_eq!(told(person, &team).await, [says]);
    }
    assert_eq!(told(&team.member, &team).await, Vec::<String>::new());
    let page = overview(&team.auditor, &team).await;
    assert_eq!(page.count("main .concern a[data-no-prefetch]"), 1, "a search is written down, and not made ahead");
    let listed = team.auditor.browser.get(&leads(&team.auditor, &team, "3 requests").await).await;
    assert_eq!(listed.count("main tbody tr"), 2, "{}", listed.text());
    later(&console, &team, TimeDelta::hours(25)).await;
    assert_eq!(told(&team.owner, &team).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_newest_rows_are_shown_to_whoever_reads_the_log_and_to_nobody_else() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    console.client(&zenith.owner, &zenith.slug, &["members:read"]).await;
    console.hands.advance(TimeDelta::minutes(1));
    console.client(&team.owner, &team.slug, &["members:read"]).await;
    for (person, role) in team.people() {
        let page = overview(person, &team).await;
        let reads = role.may(WorkspacePermission::ReadAudit);
        assert_eq!(page.text().contains("What happened last"), reads, "{role}");
        assert_eq!(page.body.contains("/audit-log"), reads, "{role}");
        assert!(!page.body.contains("Zenith"), "{role}");
        if reads {
            assert_eq!(page.count("main tbody tr"), 6, "{role}: {}", page.text());
            let rows = page.links("main tbody a");
            let newest = person.browser.get(&rows[0]).await;
            assert!(newest.text().contains("api_key.created"), "{role}: {}", newest.text());
            let listed = person.browser.get(&format!("/w/{}/audit-log", team.slug)).await.links("main tbody a");
            assert_eq!(rows, listed[..6], "{role}: the same as the log's own list");
        }
    }
}

/// With something of everything, so that every kind of link is there.
async fn with_much(console: &Console) -> Team {
    let team = console.team("Acme").await;
    let things = console.things(&team).await;
    keys::make(console, &team, &team.member, 14).await;
    crate::billing::used(console, &team, Some(things.key), "rest.read", 5 * crate::billing::DOLLAR).await;
    assert_eq!(switch_off(console, &team, "activity_log").await.status, StatusCode::SEE_OTHER);
    later(console, &team, TimeDelta::days(6)).await;
    team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    team
}

#[tokio::test]
async fn every_link_leads_where_its_reader_may_go_and_nothing_there_changes_anything() {
    let console = Console::start().await;
    let team = with_much(&console).await;
    for (person, role) in team.people() {
        let page = overview(person, &team).await;
        assert_eq!(page.count("main form"), 0, "{role}");
        let links = page.links("main a");
        assert!(links.len() >= 4, "{role}: {links:?}");
        for link in links.iter().filter(|link| !link.starts_with('#')) {
            let there = person.browser.get(link).await;
            assert_eq!(there.status, StatusCode::OK, "{role}: {link}");
            let changes = there.count("main form:not([method=get], [role=search])");
            assert!(role != WorkspaceRole::Readonly || changes == 0, "{role}: {link}");
        }
    }
    let doors = stoa::app::doors().into_iter().filter(|door| door.path == "/w/{workspace}" && door.method == Method::GET).count();
    assert_eq!(doors, 1);
}

fn figures(page: &Answer, selector: &str) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse(selector).expect("a selector");
    html.select(&selector).map(|found| found.text().collect::<String>()).collect()
}

/// Some events a day, of each of the forty days before.
fn events_of(team: &Team, now: DateTime<Utc>, dice: &mut Dice) -> Vec<serde_json::Value> {
    let moment = |place: i64| now - TimeDelta::hours(place * 7) - TimeDelta::minutes(13);
    (0..140).map(|place| event(team, team.workspace, moment(place), None, dice)).collect()
}

#[tokio::test]
async fn its_figures_are_those_of_the_usage_page_in_every_zone() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    assert!(overview(&team.owner, &team).await.text().contains("Nothing was used in these 30 days"));
    let (now, mut dice) = (console.stoa.clock.now(), Dice(11));
    append(&console, &events_of(&team, now, &mut dice)).await;
    append(&console, &events_of(&zenith, now, &mut dice)).await;
    roll(&console, 100).await;
    for zone in ["UTC", "America/New_York", "Asia/Kathmandu"] {
        let mut owner = console.database.connect("stoa_owner").await;
        sqlx::query("update app_user set time_zone = $1").bind(zone).execute(&mut owner).await.expect("moved");
        for (person, role) in team.people() {
            let page = overview(person, &team).await;
            let sees_money = role != WorkspaceRole::Member;
            assert_eq!(page.count("main .spark"), 1 + usize::from(sees_money), "{role}");
            let there = person.browser.get(&page.link("All usage")).await;
            let told = figures(&there, "main .description dd");
            let split = |said: &str| said.split(" · ").map(|part| part.replace(" events", "")).collect::<Vec<_>>();
            let (total, before) = (split(&told[0]), split(&told[1]));
            let whole = figures(&page, "main .spark strong");
            assert_eq!(whole, total, "{role}, {zone}");
            for (says, before) in figures(&page, "main .spark p.muted").iter().zip(&before) {
                assert!(says.ends_with(&format!("in the 30 days before ({before}).")), "{role}, {zone}: {says} is not {before}");
            }
            // The last bar is today's.
            let today = figures(&there, "details tbody tr:last-child td.number");
            let says = figures(&page, "main .spark p:not(.muted)");
            for (says, today) in says.iter().zip(&today) {
                assert!(says.ends_with(&format!("in 30 days, {today} today.")), "{role}, {zone}: {says} is not {today}");
            }
        }
    }
    assert_eq!(at("2026-11-21T12:00:00Z"), now);
}
