//! Who sees what of usage, and where it leads.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, PgConnection};
use stoa::{
    ids::ApiKeyId,
    server::{scope::write_denials, usage::roll_up},
};

use super::{Dice, READS, append, at, event, texts};
use crate::{
    archive::archive,
    support::{Browser, Client, Console, Team, browser::encode},
};

/// Forty events on one day of this workspace.
async fn a_day(console: &Console, team: &Team, credential: Option<ApiKeyId>, seed: u64) {
    let mut dice = Dice(seed);
    let events: Vec<Value> = (0..40)
        .map(|minute| event(team, team.workspace, at("2026-11-20T10:00:00Z") + TimeDelta::minutes(minute * 5), credential, &mut dice))
        .collect();
    assert_eq!(append(console, &events).await, 40);
}

#[tokio::test]
async fn everyone_reads_usage_and_money_is_for_those_who_read_the_spend() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.owner, &team.slug, &["members:read"]).await.key;
    a_day(&console, &team, Some(key), 5).await;
    for (person, role) in team.people() {
        let sees_money = role.extent(stoa::access::WorkspacePermission::ReadSpend) == stoa::access::Extent::Everything;
        for path in ["usage", "usage?measure=amount&by=dimension", "usage/events"] {
            let page = person.browser.get(&format!("/w/{}/{path}", team.slug)).await;
            assert_eq!(page.status, 200, "{role} {path}");
            assert_eq!(page.text().contains('$'), sees_money, "{role} {path}: {}", page.text());
        }
        for path in ["usage.csv", "usage/events.csv"] {
            let file = person.browser.get(&format!("/w/{}/{path}", team.slug)).await;
            assert_eq!(file.status, 200, "{role} {path}");
            assert_eq!(file.body.contains("amount_nanos"), sees_money, "{role} {path}");
        }
        // Whose keys those of others are is not a member's to know.
        let names = person.browser.get(&format!("/w/{}/usage?by=credential", team.slug)).await;
        assert_eq!(texts(&names, "details tbody td")[0], if sees_money { "Test".to_owned() } else { key.to_string() }, "{role}");
    }
    assert_eq!(console.actors_of(team.workspace, "usage.exported").await.len(), 8);
}

#[tokio::test]
async fn a_key_sees_amounts_with_the_scope_and_the_steward_for_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    a_day(&console, &team, None, 5).await;
    let rich = console.client(&team.owner, &team.slug, &READS).await;
    let poor = console.client(&team.owner, &team.slug, &["usage:read"]).await;
    for path in ["/usage?from=2026-11-20&to=2026-11-20", "/usage/events?from=2026-11-20&to=2026-11-20"] {
        let first = |reply: &crate::support::Reply| -> Value {
            let data = &reply.body["data"];
            if data.is_array() { data[0].clone() } else { data["rows"][0].clone() }
        };
        let seen = first(&rich.get(path).await);
        assert_eq!(seen["amount"]["currency"], "USD", "{path}: {seen}");
        assert!(seen["amount"]["amount_micros"].is_i64() && seen["amount"]["amount_nanos"].is_i64(), "{seen}");
        assert_eq!(first(&poor.get(path).await).get("amount"), None, "{path}");
    }
    let stranger = console.client(&team.owner, &team.slug, &["members:read"]).await;
    assert_eq!(stranger.get("/usage").await.body["error"]["required_scope"], "usage:read");
    // The steward becomes a member: the key shows no amount on the next call.
    let theirs = console.client(&team.admin, &team.slug, &READS).await;
    console.make_member(&team, &team.admin).await;
    assert_eq!(theirs.get("/usage?from=2026-11-20&to=2026-11-20").await.body["data"]["total"].get("amount"), None);
}

#[tokio::test]
async fn a_long_table_is_given_in_pages_and_the_file_whole() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    // Five days by hour: more rows than a page has.
    let mut dice = Dice(9);
    let events: Vec<Value> =
        (0..70).map(|hour| event(&team, team.workspace, at("2026-11-16T00:00:00Z") + TimeDelta::hours(hour), None, &mut dice)).collect();
    assert_eq!(append(&console, &events).await, 70);
    let asked = "from=2026-11-16&to=2026-11-20&grain=hour&compare=previous";
    let mut page = team.owner.browser.get(&format!("/w/{}/usage?{asked}", team.slug)).await;
    assert_eq!(page.count("details.chart-table[open]"), 0);
    let mut rows = texts(&page, "details tbody th");
    for says in ["Rows 32 to 62 of 70.", "Rows 63 to 70 of 70."] {
        page = team.owner.browser.get(&page.link("Next rows")).await;
        assert!(page.text().contains(says), "{}", page.text());
        assert_eq!(page.count("details.chart-table[open]"), 1, "whoever turned a page sees it");
        rows.extend(texts(&page, "details tbody th"));
    }
    assert_eq!(page.count("details a[href*='page=4']"), 0, "there are no more");
    let mut once = rows.clone();
    once.dedup();
    assert_eq!((rows.len(), once.len()), (70, 70), "each of them once");
    let file = team.owner.browser.get(&format!("/w/{}/usage.csv?{asked}&page=2", team.slug)).await;
    assert_eq!(file.body.lines().count(), 71, "{}", file.body);
    let past = team.owner.browser.get(&format!("/w/{}/usage?{asked}&page=900", team.slug)).await;
    assert!(past.text().contains("Rows 63 to 70 of 70."), "the last, where there are not so many");
    let wrong = team.owner.browser.get(&format!("/w/{}/usage?{asked}&page=0", team.slug)).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn what_cannot_be_understood_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &READS).await;
    for (query, field) in [
        ("from=yesterday", "from"),
        ("from=2026-11-20T10:05:00Z", "from"),
        ("from=2026-11-20&to=2026-11-19", "to"),
        ("from=1999-01-01", "from"),
        ("from=2010-01-01&to=2026-01-01", "to"),
        ("grain=week", "grain"),
        ("grain=hour&from=2026-01-01", "grain"),
        ("by=person", "by"),
        ("dimension=rest.guess", "dimension"),
        ("module=nothing", "module"),
        ("credential=robot", "credential"),
        ("time_zone=Nowhere/Else", "time_zone"),
    ] {
        let reply = client.get(&format!("/usage?{query}")).await;
        assert_eq!(reply.code(), "validation_failed", "{query}: {}", reply.body);
        assert_eq!(reply.body["error"]["field_errors"][0]["field"], field, "{query}: {}", reply.body);
        let page = team.owner.browser.get(&format!("/w/{}/usage?{query}", team.slug)).await;
        if field != "time_zone" {
            assert_eq!(page.status, 422, "{query}");
            assert_eq!(page.count(&format!("[role=alert] a[href='#filter-{field}']")), 1, "{query}: {}", page.text());
            assert_eq!(team.owner.browser.get(&format!("/w/{}/usage.csv?{query}", team.slug)).await.status, 400, "{query}");
        }
    }
    let events = client.get("/usage/events?module=nothing").await;
    assert_eq!(events.body["error"]["field_errors"][0]["field"], "module");
}

#[tokio::test]
async fn every_bar_leads_to_the_events_behind_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    a_day(&console, &team, None, 9).await;
    let browser = &team.owner.browser;
    let month = browser.get(&format!("/w/{}/usage?range=month&grain=month&by=dimension", team.slug)).await;
    let days = browser.get(&month.links("a.chart-bar")[0]).await;
    assert_eq!(days.links("a.chart-bar").len(), 1, "{}", days.text());
    let hours = browser.get(&days.links("a.chart-bar")[0]).await;
    let links = hours.links("a.chart-bar");
    assert_eq!(links.len(), 4, "10:00 to 13:15: {}", hours.text());
    let mut seen = 0;
    for link in &links {
        let events = browser.get(link).await;
        assert_eq!(events.status, 200, "{}", events.text());
        seen += events.count("tbody tr");
    }
    assert_eq!(seen, 40);
    // A row of the table leads to its own events alone.
    let row = &hours.links("details tbody a")[0];
    let of_row: usize = texts(&hours, "details tbody tr:first-child td.number")[0].parse().expect("a number");
    assert_eq!(browser.get(row).await.count("tbody tr"), of_row);
    // And an event to what its request left in the audit log.
    let events = browser.get(&links[0]).await;
    let request = &events.links("tbody a[href*='audit-log?request=req_']")[0];
    assert_eq!(browser.get(request).await.status, 200);
}

#[tokio::test]
async fn events_come_page_by_page_each_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut dice = Dice(11);
    // Many of the same moment: the id decides.
    let events: Vec<Value> = (0..130)
        .map(|place| event(&team, team.workspace, at("2026-11-20T10:00:00Z") + TimeDelta::seconds(place / 40), None, &mut dice))
        .collect();
    append(&console, &events).await;
    let (mut next, mut pages, mut rows) = (format!("/w/{}/usage/events?from=2026-11-20&to=2026-11-20", team.slug), 0, Vec::new());
    loop {
        let page = team.owner.browser.get(&next).await;
        rows.extend(texts(&page, "tbody tr td:nth-child(5)"));
        pages += 1;
        let Some(link) = page.links("nav.pager a").into_iter().next_back().filter(|link| link.contains("after=")) else { break };
        next = link;
    }
    assert_eq!((pages, rows.len()), (3, 130));
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), 130, "one came twice");
    let client = console.client(&team.owner, &team.slug, &READS).await;
    let path = "/usage/events?from=2026-11-20&to=2026-11-20&limit=100";
    let first = client.get(path).await;
    let second = client.get(&format!("{path}&cursor={}", encode(first.body["next_cursor"].as_str().expect("a cursor")))).await;
    let ids = |reply: &crate::support::Reply| reply.body["data"].as_array().expect("a list").len();
    assert_eq!((ids(&first), ids(&second), second.body.get("next_cursor")), (100, 30, None));
    let file = team.owner.browser.get(&format!("/w/{}/usage/events.csv?from=2026-11-20&to=2026-11-20", team.slug)).await;
    assert_eq!(file.body.lines().count(), 131);
}

#[tokio::test]
async fn a_pause_is_drawn_and_said() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    a_day(&console, &team, None, 5).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into billing_pause (tenant_id, id, workspace_id, reason, limit_micros, since, ended_at)
         values ($1, gen_random_uuid(), $2, 'workspace_cap', 5, '2026-11-20T11:00:00Z', '2026-11-20T12:30:00Z'),
                ($1, gen_random_uuid(), null, 'balance_exhausted', 5, '2026-10-01T11:00:00Z', '2026-10-02T12:30:00Z'),
                ($1, gen_random_uuid(), gen_random_uuid(), 'workspace_cap', 5, '2026-11-20T11:00:00Z', null)",
    )
    .bind(team.tenant.0)
    .bind(team.workspace.0)
    .execute(&mut owner)
    .await
    .expect("pauses");
    let page = team.auditor.browser.get(&format!("/w/{}/usage?range=custom&from=2026-11-20&to=2026-11-20", team.slug)).await;
    assert_eq!(texts(&page, "svg > rect title").len(), 1, "neither one of another time nor of another workspace: {}", page.text());
    assert!(texts(&page, "svg > rect title")[0].starts_with("Billable calls paused: "));
    assert_eq!(page.count("section table tbody tr"), 1, "and the same in words");
    assert!(page.text().contains("Billable calls paused"), "the legend says what the band is");
}

#[tokio::test]
async fn a_pause_says_how_many_calls_it_refused_to_who_reads_the_log() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await;
    let other = console.client(&team.owner, &team.slug, &["tasks:read"]).await;
    console
        .change(
            "insert into billing_pause (tenant_id, id, workspace_id, reason, limit_micros, since)
             select tenant_id, gen_random_uuid(), workspace_id, 'workspace_cap', 5, '2026-11-21T11:00:00Z' from workspace where workspace_id = $1",
            team.workspace.0,
        )
        .await;
    for _ in 0..7 {
        assert_eq!(client.get("/tasks").await.status, StatusCode::PAYMENT_REQUIRED);
    }
    assert_eq!(other.get("/tasks").await.status, StatusCode::PAYMENT_REQUIRED);
    console.hands.advance(TimeDelta::seconds(61));
    write_denials(&console.stoa).await.expect("written");
    console.change("update billing_pause set ended_at = '2026-11-21T12:00:30Z' where workspace_id = $1", team.workspace.0).await;
    // One of the next pause is not counted with this one.
    console
        .change(
            "insert into billing_pause (tenant_id, id, workspace_id, reason, limit_micros, since)
             select tenant_id, gen_random_uuid(), workspace_id, 'workspace_cap', 9, '2026-11-21T12:01:10Z' from workspace where workspace_id = $1",
            team.workspace.0,
        )
        .await;
    console.hands.advance(TimeDelta::seconds(10));
    assert_eq!(client.get("/tasks").await.status, StatusCode::PAYMENT_REQUIRED);
    console.hands.advance(TimeDelta::seconds(61));
    write_denials(&console.stoa).await.expect("written");
    let address = format!("/w/{}/usage?range=7d", team.slug);
    let page = team.auditor.browser.get(&address).await;
    assert_eq!(texts(&page, "section table tbody td.number"), ["8 calls", "1 call"], "{}", page.text());
    let denied = &page.links("section table tbody td.number a")[0];
    assert!(denied.contains("outcome=denied") && denied.contains("from=2026-11-21"), "{denied}");
    assert!(team.auditor.browser.get(denied).await.count("tbody tr") >= 2);
    let page = team.member.browser.get(&address).await;
    assert_eq!(page.count("section table tbody tr"), 2, "{}", page.text());
    assert_eq!(texts(&page, "section table tbody td.number"), Vec::<String>::new(), "the log is not theirs to read");
}

#[tokio::test]
async fn an_archived_workspace_keeps_its_usage() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    a_day(&console, &team, None, 5).await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    roll_up(&console.stoa).await.expect("rolled up");
    for (person, role) in team.people() {
        let sees = matches!(role, stoa::access::WorkspaceRole::Owner | stoa::access::WorkspaceRole::Readonly);
        let page = person.browser.get(&format!("/w/{}/archived/usage?from=2026-11-20&to=2026-11-20", team.slug)).await;
        assert_eq!(page.status, if sees { 200 } else { 404 }, "{role}");
        if sees {
            assert!(page.text().contains("40 events"), "{}", page.text());
            assert_eq!(person.browser.get(&page.links("a.chart-bar")[0]).await.count("tbody tr"), 12);
        }
    }
}

/// The application's own filter with row-level security out of the way, and row-level security with the filter out of
/// the way.
#[tokio::test]
async fn neither_the_filter_nor_the_database_alone_shows_anothers_usage() {
    let console = Console::start().await;
    let (mut acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    a_day(&console, &acme, None, 5).await;
    a_day(&console, &zenith, None, 6).await;
    roll_up(&console.stoa).await.expect("rolled up");
    let first = acme.workspace;
    console.next_workspace(&mut acme).await;
    a_day(&console, &acme, None, 7).await;
    let client = console.client(&acme.owner, &acme.slug, &READS).await;

    let mut admin = PgConnection::connect(&console.database.url("postgres")).await.expect("a superuser");
    let above = format!("above_{}", console.database.name);
    for statement in [format!("create role {above} login bypassrls"), format!("grant stoa_app to {above}")] {
        admin.execute(sqlx::AssertSqlSafe(statement)).await.expect("a role above row-level security");
    }
    let unguarded = Console::assemble(crate::support::settings(&console.database.url(&above), &[]), console.stoa.clock.clone());
    let router = stoa::server::http::router(unguarded, stoa::app::doors(), stoa::app::operations(), axum::Router::new());
    let browser = Browser::new(router.clone());
    browser.set_cookie("stoa_session", &acme.owner.browser.cookie("stoa_session").expect("a session"));
    let there = Client::with(router, &client.secret);
    let reply = there.get("/usage?from=2026-11-20&to=2026-11-20").await;
    assert_eq!(reply.body["data"]["total"]["events"], 40, "{}", reply.body);
    let reply = there.get("/usage/events?from=2026-11-20&to=2026-11-20&limit=100").await;
    assert_eq!(reply.body["data"].as_array().map(Vec::len), Some(40), "{}", reply.body);
    let page = browser.get(&format!("/w/{}/usage?from=2026-11-20&to=2026-11-20", acme.slug)).await;
    assert!(page.text().contains("40 events"), "{}", page.text());
    drop((browser, there));

    let mut app = console.database.connect("stoa_app").await;
    sqlx::query(
        "select set_config('app.reach', 'workspace', false), set_config('app.tenant_id', $1, false),
                set_config('app.workspace_id', $2, false)",
    )
    .bind(acme.tenant.0.to_string())
    .bind(first.0.to_string())
    .execute(&mut app)
    .await
    .expect("settings");
    for (sql, expected) in [
        ("select count(*) from usage_event", 40),
        ("select sum(events)::bigint from usage_rollup", 40),
        ("select count(*) from usage_pending", 0),
    ] {
        assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut app).await.expect("a count"), expected, "{sql}");
    }
    let refused = app.execute("insert into usage_event_default select * from usage_event limit 1").await;
    assert!(refused.is_err(), "nothing gets in but by append_usage");
}
