//! The audit logs, as those who may read them find them.

use axum::{body::Body, http::Method};
use chrono::TimeDelta;
use scraper::{Html, Selector};
use stoa::{
    ids::UserId,
    server::{
        events::{Actor, Event, EventKind, Log, Outcome, Target},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

use crate::support::{Answer, Console, Team, browser::encode};

pub fn log_of(team: &Team) -> String {
    format!("/w/{}/audit-log", team.slug)
}

/// The ids of the rows on a page, in its order.
pub fn rows(answer: &Answer) -> Vec<String> {
    let page = Html::parse_document(&answer.body);
    let links = Selector::parse("main tbody a[href*='/audit-log/aud_']").expect("a selector");
    page.select(&links).map(|link| link.attr("href").expect("an address").rsplit('/').next().expect("an id").to_owned()).collect()
}

/// What happened, row by row.
pub fn actions(answer: &Answer) -> Vec<String> {
    let page = Html::parse_document(&answer.body);
    let names = Selector::parse("main tbody a > code").expect("a selector");
    page.select(&names).map(|name| name.text().collect()).collect()
}

/// Where the link of that text leads; none where there is no such link.
pub fn link(answer: &Answer, text: &str) -> Option<String> {
    let page = Html::parse_document(&answer.body);
    let links = Selector::parse("main a").expect("a selector");
    page.select(&links)
        .find(|link| link.text().collect::<String>().trim() == text)
        .map(|link| link.attr("href").expect("an address").to_owned())
}

/// Lets something have happened in the team's workspace, as the named person and just now.
pub async fn happen(console: &Console, team: &Team, actor: (&UserId, &str), event: Event) {
    let request = RequestContext::internal(&console.stoa.clock, "console", "test");
    let actor = Actor::named_user(*actor.0, actor.1);
    let mut scope = ServiceScope::open_service(&console.stoa, &request, actor, team.tenant, "test").await.expect("a scope");
    scope.record_in(Log::Workspace(team.tenant, team.workspace), event);
    scope.commit().await.expect("committed");
}

pub fn renamed(id: &str, name: &str) -> Event {
    let target = Target { kind: "workspace", id: id.to_owned(), name: Some(name.to_owned()) };
    Event::new(EventKind::WorkspaceRenamed, target).changing("name", Some("Before"), Some(name))
}

#[tokio::test]
async fn owners_admins_and_auditors_read_it_and_members_do_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let may = role.may(stoa::access::WorkspacePermission::ReadAudit);
        let list = person.browser.get(&log_of(&team)).await;
        assert_eq!(list.status, if may { 200 } else { 403 }, "{role}");
        assert_eq!(person.browser.get(&format!("{}.csv", log_of(&team))).await.status, if may { 200 } else { 403 }, "{role}");
        if may {
            assert!(actions(&list).contains(&"workspace.created".to_owned()), "{role}: {:?}", actions(&list));
            assert_eq!(list.count("main form:not([method=get], [role=search])"), 0, "{role} is offered to change something");
        }
    }
    let account = format!("/t/{}/audit-log", team.tenant_slug);
    let list = team.owner.browser.get(&account).await;
    assert!(actions(&list).contains(&"tenant.created".to_owned()), "{:?}", actions(&list));
    assert!(actions(&list).iter().all(|action| action.starts_with("tenant.")), "{:?}", actions(&list));
    assert_eq!(team.admin.browser.get(&account).await.status, 403, "a member of the tenant");
}

#[tokio::test]
async fn every_filter_lets_its_rows_through_and_no_others() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (ada, grace) = (&team.owner.user, &team.admin.user);
    let denied = Event::new(EventKind::AccessDenied, Target { kind: "permission", id: "ReadAudit".to_owned(), name: None });
    happen(&console, &team, (ada, "Ada Lovelace"), renamed("ws_one", "100% Öl_Shop")).await;
    happen(&console, &team, (grace, "Grace Hopper"), renamed("ws_two", "Market")).await;
    happen(&console, &team, (grace, "Grace Hopper"), denied.ending(Outcome::Denied)).await;
    let count = async |query: String| {
        let answer = team.auditor.browser.get(&format!("{}?{query}", log_of(&team))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let whole = team.auditor.browser.get(&log_of(&team)).await;
        assert!(rows(&answer).iter().all(|row| rows(&whole).contains(row)), "{query}");
        rows(&answer).len()
    };
    for (query, expected) in [
        (format!("actor={ada}"), 1),
        ("actor=LOVELACE".to_owned(), 1),
        ("actor=nobody".to_owned(), 0),
        // No pattern: what people write means itself.
        ("actor=%25".to_owned(), 0),
        ("actor=_".to_owned(), 0),
        ("action=workspace.renamed".to_owned(), 2),
        ("action=access.".to_owned(), 1),
        ("action=workspace.rename".to_owned(), 0),
        ("target=ws_two".to_owned(), 1),
        ("target=ws_".to_owned(), 0),
        (format!("target={}", encode("öl_shop")), 1),
        ("target=100%25".to_owned(), 1),
        ("outcome=denied".to_owned(), 1),
        ("outcome=failed".to_owned(), 0),
        (format!("actor={grace}&outcome=succeeded"), 1),
        ("actor=hopper&action=workspace.&target=market&outcome=succeeded&from=2026-11-21&to=2026-11-21".to_owned(), 1),
        ("to=2026-11-20".to_owned(), 0),
        ("from=2026-11-22".to_owned(), 0),
    ] {
        assert_eq!(count(query.clone()).await, expected, "{query}");
    }
}

#[tokio::test]
async fn one_request_is_one_filter() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let list = team.auditor.browser.get(&log_of(&team)).await;
    let row = team.auditor.browser.get(&format!("{}/{}", log_of(&team), rows(&list)[0])).await;
    let request = link(&row, "All of this request").expect("a link");
    // The team was made in one go: its workspace and four members.
    assert_eq!(rows(&team.auditor.browser.get(&request).await).len(), 5);
    let other = stoa::ids::RequestId(stoa::server::chance::uuid(console.stoa.clock.now()));
    assert_eq!(rows(&team.auditor.browser.get(&format!("{}?request={other}", log_of(&team))).await).len(), 0);
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_while_rows_are_added() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut expected = Vec::new();
    for place in 0..117 {
        // Several in the same moment, some apart.
        console.hands.advance(TimeDelta::milliseconds(i64::from(place % 5 == 0)));
        happen(&console, &team, (&team.owner.user, "Ada"), renamed(&format!("ws_{place}"), "Shop")).await;
    }
    let mut owner = console.database.connect("stoa_owner").await;
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select id from audit_event where log_id = $1 order by occurred_at desc, id desc")
        .bind(team.workspace.0)
        .fetch_all(&mut owner)
        .await
        .expect("ids");
    expected.extend(ids.into_iter().map(|id| stoa::ids::AuditId(id).to_string()));

    let mut found = Vec::new();
    let mut path = Some(log_of(&team));
    let mut sizes = Vec::new();
    while let Some(next) = path {
        let page = team.auditor.browser.get(&next).await;
        sizes.push(rows(&page).len());
        found.extend(rows(&page));
        path = link(&page, "Next page");
        for place in 0..3 {
            console.hands.advance(TimeDelta::seconds(1));
            happen(&console, &team, (&team.owner.user, "Ada"), renamed(&format!("ws_late_{place}"), "Late")).await;
        }
    }
    assert_eq!(sizes, [50, 50, 22]);
    assert_eq!(found, expected);
    assert_eq!(team.auditor.browser.get(&format!("{}?after=nonsense", log_of(&team))).await.status, 400);
}

#[tokio::test]
async fn a_row_says_everything_that_was_written_of_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let settings = format!("/w/{}/settings", team.slug);
    let version = team.admin.browser.get(&settings).await.field("version");
    let fields = [("form", &*console.form_key()), ("place", &*team.slug), ("version", &*version), ("name", "<b>Market</b>")];
    let answer = team.admin.browser.post(&format!("{settings}/name"), &fields).await;
    let list = team.auditor.browser.get(&format!("{}?action=workspace.renamed", log_of(&team))).await;
    assert!(list.text().contains("name: Acme Shop → <b>Market</b>"), "{}", list.text());
    let page = team.auditor.browser.get(&format!("{}/{}", log_of(&team), rows(&list)[0])).await;
    let text = page.text();
    let mut owner = console.database.connect("stoa_owner").await;
    let (leaf, input, credential): (String, String, String) = sqlx::query_as(
        "select encode(leaf_hash, 'hex'), encode(input_hash, 'hex'), credential_id from audit_event where action = 'workspace.renamed'",
    )
    .fetch_one(&mut owner)
    .await
    .expect("a row");
    assert!(credential.starts_with("ses_") && credential.len() == 20, "{credential}");
    for said in [
        "Acme Admin",
        &team.admin.user.to_string(),
        &credential,
        "console",
        "/w/{workspace}/settings/name",
        &team.workspace.to_string(),
        "succeeded",
        answer.header("x-request-id"),
        "127.0.0.1",
        &leaf,
        &input,
        "Leaf version1",
        "Acme Shop",
        "<b>Market</b>",
        "21 Nov 2026, 12:00:00 UTC",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    assert_eq!(page.count("main b"), 0);
    for around in ["All of this request", "All by this actor", "All about this target"] {
        let found = team.auditor.browser.get(&link(&page, around).expect(around)).await;
        assert!(rows(&found).contains(&rows(&list)[0]), "{around}");
    }
}

#[tokio::test]
async fn a_row_of_another_log_is_not_there() {
    let console = Console::start().await;
    let (team, stranger) = (console.team("Acme").await, console.team("Zenith").await);
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope");
    stoa::features::workspaces::server::create(&mut scope, "other", "Other").await.expect("a workspace");
    scope.commit().await.expect("committed");
    let id = async |sql: &'static str, of: uuid::Uuid| {
        let mut owner = console.database.connect("stoa_owner").await;
        let id = sqlx::query_scalar(sql).bind(of).fetch_one(&mut owner).await.expect("an id");
        stoa::ids::AuditId(id).to_string()
    };
    let newest = "select id from audit_event where log_id = $1 limit 1";
    let own = id(newest, team.workspace.0).await;
    let of_tenant = id(newest, team.tenant.0).await;
    let elsewhere = id("select id from audit_event where tenant_id = $1 and target_name = 'Other' limit 1", team.tenant.0).await;
    let theirs = id(newest, stranger.workspace.0).await;
    let account = format!("/t/{}/audit-log", team.tenant_slug);
    let status = async |path: String| team.owner.browser.get(&path).await.status.as_u16();
    assert_eq!(status(format!("{}/{own}", log_of(&team))).await, 200);
    assert_eq!(status(format!("{account}/{of_tenant}")).await, 200);
    for other in [&of_tenant, &elsewhere, &theirs, &"aud_x".to_owned(), &"aud_00000000000000000000000000".to_owned()] {
        assert_eq!(status(format!("{}/{other}", log_of(&team))).await, 404, "{other}");
    }
    for other in [&own, &elsewhere, &theirs] {
        assert_eq!(status(format!("{account}/{other}")).await, 404, "{other}");
    }
}

#[tokio::test]
async fn a_day_begins_and_ends_where_the_reader_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    // Noon on the 21st in London; half past five in the afternoon in Kolkata, four in the morning in Los Angeles.
    for (hours, name) in [(6, "18:00"), (1, "19:00"), (12, "07:00"), (1, "08:00")] {
        console.hands.advance(TimeDelta::hours(hours));
        happen(&console, &team, (&team.owner.user, "Ada"), renamed("ws_x", &format!("At {name}"))).await;
    }
    let mut owner = console.database.connect("stoa_owner").await;
    for (zone, from, to, expected) in [
        ("UTC", "2026-11-22", "2026-11-22", vec!["At 08:00", "At 07:00"]),
        // Midnight there is 18:30 in UTC.
        ("Asia/Kolkata", "2026-11-21", "2026-11-21", vec!["At 18:00"]),
        ("Asia/Kolkata", "2026-11-22", "2026-11-22", vec!["At 08:00", "At 07:00", "At 19:00"]),
        // And there 08:00.
        ("America/Los_Angeles", "2026-11-21", "2026-11-21", vec!["At 07:00", "At 19:00", "At 18:00"]),
        ("America/Los_Angeles", "2026-11-22", "", vec!["At 08:00"]),
    ] {
        sqlx::query("update app_user set time_zone = $1 where id = $2")
            .bind(zone)
            .bind(team.auditor.user.0)
            .execute(&mut owner)
            .await
            .expect("set");
        // The session that was idle all day would be over.
        sqlx::query("update session set last_seen_at = $1").bind(console.stoa.clock.now()).execute(&mut owner).await.expect("set");
        let page = team.auditor.browser.get(&format!("{}?action=workspace.renamed&from={from}&to={to}", log_of(&team))).await;
        let text = page.text();
        let mut found: Vec<&str> = text.match_indices("Before → At ").map(|(at, before)| &text[at + before.len() - 3..][..8]).collect();
        found.dedup();
        assert_eq!(found, expected, "{zone} {from} {to}: {text}");
        assert!(text.contains(zone), "the zone is named: {text}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_named_and_the_rest_is_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = team.auditor.browser.get(&format!("{}?from=yesterday&action=member.added&actor=Operator", log_of(&team))).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("From (yesterday) is not a date. Write it as year, month and day: 2026-11-22."), "{}", page.text());
    assert_eq!((page.field("from"), page.field("actor")), ("yesterday".to_owned(), "Operator".to_owned()));
    assert_eq!(rows(&page).len(), 4, "the other filters hold");
    assert_eq!(link(&page, "Download CSV"), None);
    assert_eq!(team.auditor.browser.get(&format!("{}.csv?from=yesterday", log_of(&team))).await.status, 400);
    // NUL is nothing that Postgres could be asked for.
    let nul = team.auditor.browser.get(&format!("{}?actor=a%00b", log_of(&team))).await;
    assert_eq!(nul.status, 422);
    // A secret that was pasted here is in no row and not shown again.
    let secret = "stoa_key_live_01h455vb4pex5vsknk084sn02q_TOPSECRET";
    let pasted = team.auditor.browser.get(&format!("{}?target={secret}", log_of(&team))).await;
    assert!(pasted.status == 422 && !pasted.body.split("<main").nth(1).expect("a main").contains("TOPSECRET"));
    assert_eq!(console.database.count("select count(*) from audit_event where changes::text like '%TOPSECRET%'").await, 0);
}

#[tokio::test]
async fn searching_is_a_row_and_looking_is_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let searched = async || console.database.count("select count(*) from audit_event where action = 'audit_log.searched'").await;
    let search = format!("{}?actor=operator&action=member.", log_of(&team));
    team.auditor.browser.get(&log_of(&team)).await;
    assert_eq!(searched().await, 0);
    // What is fetched ahead was given out all the same: a header spares nobody their row.
    let ahead =
        team.auditor.browser.request(Method::GET, &search).header("sec-purpose", "prefetch").body(Body::empty()).expect("a request");
    assert_eq!(team.auditor.browser.send(ahead).await.status, 200);
    assert_eq!(searched().await, 1);
    futures_util::future::join_all((0..40).map(|_| team.auditor.browser.get(&search))).await;
    team.auditor.browser.get(&format!("{search}&from=&to=")).await;
    assert_eq!(searched().await, 1, "the same search within a minute");
    team.auditor.browser.get(&format!("{search}&outcome=denied")).await;
    team.admin.browser.get(&search).await;
    assert_eq!(searched().await, 3, "another search, and another person's");
    console.hands.advance(TimeDelta::seconds(61));
    team.auditor.browser.get(&search).await;
    assert_eq!(searched().await, 4);
    let mut owner = console.database.connect("stoa_owner").await;
    let row: serde_json::Value = sqlx::query_scalar(
        "select to_jsonb(audit_event) from audit_event where action = 'audit_log.searched' order by occurred_at desc limit 1",
    )
    .fetch_one(&mut owner)
    .await
    .expect("a row");
    assert_eq!(row["log_id"], team.workspace.0.to_string());
    assert_eq!(row["actor_id"], team.auditor.user.to_string());
    assert_eq!(row["target_id"], stoa::ids::LogId(team.workspace.0).to_string());
    let filters: Vec<(&str, &str)> = row["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|c| (c["field"].as_str().expect("a name"), c["after"].as_str().expect("a value")))
        .collect();
    assert_eq!(filters, [("actor", "operator"), ("action", "member.")]);
}
