//! Searching an audit log by one line: what is found, what is named, and where what was pasted leads.

pub mod model;

use stoa::{
    access::workspace::ReadAudit,
    features::audit_log::server::{Asked, Cursor, Logged, Reading, explain, list_of},
    ids::{AuditId, RequestId},
    server::{
        chance,
        http::request::RequestContext,
        scope::{InWorkspace, Intent, Scope},
    },
};

use crate::{
    audit_log::{actions, happen, link, log_of, renamed, rows},
    support::{Console, Person, Team, browser::encode},
};
use model::{Chance, Kept, fill, kept};

/// Ways to split a log into pages: rows on each, and rows looked at for each.
const READINGS: [Reading; 3] =
    [Reading { most: 100, looked_at: 10_000 }, Reading { most: 7, looked_at: 40 }, Reading { most: 3, looked_at: 5 }];

async fn reading_log(console: &Console, person: &Person, team: &Team) -> Scope<InWorkspace<ReadAudit>> {
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    let id = person.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    request.session = Some(stoa::server::sessions::hash(id));
    Scope::open(&console.stoa, &request, Some(&team.slug), Intent::Read, false).await.expect("a scope")
}

/// Every row that the line finds, page by page, and how often a page ended for having looked at enough.
async fn found(console: &Console, team: &Team, line: &str, reading: Reading) -> (Vec<AuditId>, usize) {
    let mut scope = reading_log(console, &team.auditor, team).await;
    let source = InWorkspace::<ReadAudit>::source(&mut scope).await.expect("a source");
    let query = [("q".to_owned(), line.to_owned())].into();
    let asked = Asked::read(&query, "UTC", console.stoa.clock.now());
    assert_eq!(asked.problems, [], "{line}");
    let (mut ids, mut stops, mut after) = (Vec::new(), 0, None::<Cursor>);
    loop {
        let listed = list_of(&mut scope, &source, &asked.filter, after, reading).await.unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(listed.entries.len() <= reading.most, "{line}");
        ids.extend(listed.entries.iter().map(|entry| entry.id));
        stops += usize::from(listed.looked_back_to.is_some());
        after = listed.next;
        if after.is_none() {
            break;
        }
        assert!(ids.len() < 10_000 && stops < 10_000, "{line} goes in circles");
    }
    scope.close().await.expect("closed");
    (ids, stops)
}

#[tokio::test]
async fn every_line_finds_what_a_look_at_every_row_finds() {
    let console = Console::start().await;
    let (team, stranger) = (console.team("Acme").await, console.team("Zenith").await);
    let mut chance = Chance::seeded();
    fill(&console, &team, &mut chance, 400).await;
    fill(&console, &stranger, &mut chance, 200).await;
    let all = kept(&console, team.workspace.0).await;
    assert!(all.len() > 400);
    let (mut some, mut stopped) = (0, 0);
    for _ in 0..120 {
        let asked = chance.line();
        let line = asked.iter().map(model::Asked::spelt).collect::<Vec<_>>().join(" ");
        let expected: Vec<AuditId> = all.iter().filter(|row| asked.iter().all(|asked| asked.lets(row))).map(|row| row.id).collect();
        for reading in READINGS {
            let (ids, stops) = found(&console, &team, &line, reading).await;
            assert_eq!(ids, expected, "{line} by {reading:?} (seed {})", chance.seed);
            stopped += stops;
        }
        some += usize::from(!expected.is_empty() && expected.len() < all.len());
    }
    assert!(some > 40 && stopped > 100, "the lines hardly tell rows apart: {some}, {stopped}");
}

#[tokio::test]
async fn whole_ids_are_led_to_by_an_index() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut chance = Chance::seeded();
    fill(&console, &team, &mut chance, 300).await;
    let all = kept(&console, team.workspace.0).await;
    let ids = |of: fn(&Kept) -> Option<&String>| {
        let whole = |text: &&String| text.split_once('_').is_some_and(|(_, rest)| rest.len() >= 16);
        all.iter().find_map(|row| of(row).filter(whole)).expect("an id").clone()
    };
    for (name, id) in [
        ("actor", ids(|row| Some(&row.actor_id))),
        ("actor", ids(|row| row.on_behalf_of_id.as_ref())),
        ("target", ids(|row| Some(&row.target_id))),
        ("credential", ids(|row| row.credential_id.as_ref())),
        ("request", ids(|row| row.request_id.as_ref())),
    ] {
        // Where nothing is compared, a page never ends for having looked at enough.
        let (rows, stops) = found(&console, &team, &format!("{name}:{id}"), Reading { most: 4, looked_at: 1 }).await;
        assert!(!rows.is_empty() && stops == 0, "{name}:{id}");
    }
}

/// The most rows that any part of a plan came by.
fn widest(plan: &[String]) -> f64 {
    let rows = |line: &String| line.split("actual rows=").nth(1)?.split_whitespace().next()?.parse().ok();
    plan.iter().filter_map(rows).fold(0.0, f64::max)
}

#[tokio::test]
async fn a_page_costs_what_it_shows_however_long_the_log_is() {
    let console = Console::start().await;
    let (team, stranger) = (console.team("Acme").await, console.team("Zenith").await);
    let mut owner = console.database.connect("stoa_owner").await;
    let mut chance = Chance::seeded();
    for team in [&team, &stranger] {
        model::many(&mut owner, team, "2026-11-20T00:00:00Z", 20_000).await;
        fill(&console, team, &mut chance, 100).await;
    }
    sqlx::query("analyze audit_event").execute(&mut owner).await.expect("analyzed");
    let all = kept(&console, team.workspace.0).await;
    let some = |of: fn(&Kept) -> Option<&String>| all.iter().filter_map(of).find(|id| id.contains('_')).expect("an id").clone();
    let mut scope = reading_log(&console, &team.auditor, &team).await;
    let source = InWorkspace::<ReadAudit>::source(&mut scope).await.expect("a source");
    for (line, led_by) in [
        (String::new(), "log_id"),
        (format!("actor:{}", some(|row| Some(&row.actor_id).filter(|id| id.starts_with("usr_")))), "actor_id"),
        (format!("actor:{}", some(|row| row.on_behalf_of_id.as_ref().filter(|id| id.starts_with("usr_")))), "on_behalf_of_id"),
        (format!("target:{}", some(|row| Some(&row.target_id).filter(|id| id.starts_with("usr_")))), "target_id"),
        (format!("credential:{}", some(|row| row.credential_id.as_ref())), "credential_id"),
        (format!("request:{}", some(|row| row.request_id.as_ref())), "request_id"),
        ("outcome:denied".to_owned(), "log_id"),
        // Every row is as is asked: the walk ends when the page is full.
        ("test -outcome:failed".to_owned(), "log_id"),
    ] {
        let query = [("q".to_owned(), line.clone())].into();
        let asked = Asked::read(&query, "UTC", console.stoa.clock.now());
        let reading = Reading { most: 51, looked_at: 50_000 };
        let plan = explain(&mut scope, &source, &asked.filter, None, reading).await.expect("a plan");
        let is_led = plan.iter().any(|step| step.contains("Index Cond") && step.contains(led_by));
        assert!(is_led && !plan.iter().any(|step| step.contains("Seq Scan on audit_event_2026_11")), "{line}: {plan:#?}");
        assert!(widest(&plan) <= 200.0, "{line}: {plan:#?}");
    }
    scope.close().await.expect("closed");
}

#[tokio::test]
async fn what_cannot_be_understood_is_named_by_its_part() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let ask = async |query: &str| team.auditor.browser.get(&format!("{}?{query}", log_of(&team))).await;
    let page = ask(&format!("q={}&action=member.added", encode("colour:red outcome:fine"))).await;
    assert_eq!((page.status.as_u16(), rows(&page).len()), (422, 4), "the other filters hold");
    assert_eq!(page.field("q"), "colour:red outcome:fine");
    for says in ["In “colour:red”: this is no qualifier.", "In “outcome:fine”: this outcome is not known."] {
        assert!(page.text().contains(says), "{}", page.text());
    }
    let twice = ask(&format!("q={}&outcome=denied", encode("outcome:failed"))).await;
    assert!(twice.status == 422 && twice.text().contains("in the line with “outcome:”"), "{}", twice.text());
    assert_eq!(team.auditor.browser.get(&format!("{}.csv?q=outcome:fine", log_of(&team))).await.status, 400);

    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    for path in ["/audit-log?", "/audit-log/export?"] {
        let refused = client.get(&format!("{path}q={}&actor=x", encode("actor:y"))).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (422, "validation_failed"), "{}", refused.body);
        assert_eq!(refused.body["error"]["field_errors"][0]["field"], "actor");
        let refused = client.get(&format!("{path}q={}", encode("outcome:fine"))).await;
        let said = refused.body["error"]["field_errors"][0].clone();
        assert!(said["field"] == "q" && said["message"].as_str().is_some_and(|says| says.contains("outcome:fine")), "{said}");
    }
    let found = client.get(&format!("/audit-log?q={}", encode("action:member.added -outcome:denied"))).await;
    assert_eq!(found.body["data"].as_array().map(Vec::len), Some(4), "{}", found.body);
}

#[tokio::test]
async fn who_may_not_read_the_log_finds_nothing_in_it() {
    let console = Console::start().await;
    let (team, stranger) = (console.team("Acme").await, console.team("Zenith").await);
    for path in ["?q=shop", ".csv?q=shop", ".jsonl?q=shop", ".ocsf.jsonl?q=shop"] {
        let here = format!("{}{path}", log_of(&team));
        assert_eq!(team.auditor.browser.get(&here).await.status, 200, "{path}");
        assert_eq!(team.member.browser.get(&here).await.status, 403, "{path}");
        assert_eq!(stranger.owner.browser.get(&here).await.status, 404, "{path}");
    }
    let fields = [("form", &*console.form_key()), ("place", &*team.slug), ("q", "shop")];
    let search = format!("{}/search", log_of(&team));
    assert_eq!(team.member.browser.post(&search, &fields).await.status, 403);
    assert_eq!(stranger.owner.browser.post(&search, &fields).await.status, 404);
}

#[tokio::test]
async fn what_is_pasted_leads_to_what_was_done_with_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["members:read"]).await;
    // Refused, which is a row: the key does not hold the scope.
    assert_eq!(client.get("/audit-log").await.status, 403);
    let paste = async |text: &str, more: (&str, &str)| {
        let fields = [("form", &*console.form_key()), ("place", &*team.slug), ("q", text), more];
        team.auditor.browser.post(&format!("{}/search", log_of(&team)), &fields).await
    };
    let led = paste(&client.secret, ("outcome", "denied")).await;
    let expected = format!("{}?q=credential%3A{}&outcome=denied", log_of(&team), client.key);
    assert_eq!((led.status.as_u16(), led.location()), (303, &*expected));
    let list = team.auditor.browser.get(led.location()).await;
    assert_eq!(actions(&list), ["access.denied"], "{}", list.text());

    let row = team.auditor.browser.get(&format!("{}/{}", log_of(&team), rows(&list)[0])).await;
    for around in ["All of this request", "All by this actor", "All with this credential", "All about this target"] {
        let found = team.auditor.browser.get(&link(&row, around).expect(around)).await;
        assert!(rows(&found).contains(&rows(&list)[0]), "{around}");
    }
    let request = RequestId(chance::uuid(console.stoa.clock.now())).to_string();
    assert_eq!(paste(&request, ("from", "")).await.location(), format!("{}?q=request%3A{request}", log_of(&team)));

    // A part of a secret leads nowhere, and is in no answer.
    let cut = &client.secret[..client.secret.len() - 1];
    let led = paste(&format!("shop {cut}"), ("actor", cut)).await;
    assert!(!led.location().contains(&cut[40..60]), "{}", led.location());
    let page = team.auditor.browser.get(led.location()).await;
    assert!(page.status == 422 && page.text().contains("looks like a secret"), "{}", page.text());
    let told = console.database.count("select count(*) from audit_event where changes::text like '%_live_%'").await;
    assert_eq!(told, 0);
    // From wherever one is.
    let found = team.auditor.browser.get(&format!("/w/{}/search?q={}", team.slug, client.key)).await;
    assert_eq!(found.status, 200);
    let leads = found.links("main a[href*='/audit-log']");
    assert_eq!(leads, [format!("{}?q=credential%3A{}", log_of(&team), client.key)]);
}

#[tokio::test]
async fn a_search_says_how_far_it_got_and_goes_on() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    happen(&console, &team, (&team.owner.user, "Ada"), renamed("ws_x", "The needle")).await;
    let mut owner = console.database.connect("stoa_owner").await;
    model::many(&mut owner, &team, "2026-11-21T12:00:01Z", 50_010).await;
    let first = team.auditor.browser.get(&format!("{}?q=needle", log_of(&team))).await;
    assert!(rows(&first).is_empty() && first.text().contains("50,000 rows were looked at for this page, back to"), "{}", first.text());
    assert!(first.text().contains("No row so far"), "{}", first.text());
    assert_eq!(first.link("Download CSV"), format!("{}.csv?q=needle", log_of(&team)));
    let second = team.auditor.browser.get(&first.link("Look further back")).await;
    // The search itself says “needle” too.
    let (mut seen, mut expected) = (actions(&second), ["audit_log.searched", "workspace.renamed"]);
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected, "{}", second.text());
    assert!(link(&second, "Next page").is_none() && link(&second, "Look further back").is_none());

    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let page = client.get("/audit-log?q=needle&limit=1").await;
    let cursor = page.body["next_cursor"].as_str().expect("a way on").to_owned();
    let names = |reply: &crate::support::Reply| {
        let rows = reply.body["data"].as_array().expect("rows").iter();
        rows.map(|row| row["action"].as_str().expect("an action").to_owned()).collect::<Vec<_>>()
    };
    let mut seen = names(&page);
    let mut next = Some(cursor);
    while let Some(cursor) = next {
        let page = client.get(&format!("/audit-log?q=needle&limit=1&cursor={cursor}")).await;
        seen.extend(names(&page));
        next = page.body["next_cursor"].as_str().map(str::to_owned);
    }
    assert!(seen.iter().any(|action| action == "workspace.renamed"), "{seen:?}");
}
