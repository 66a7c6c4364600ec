//! The books: every event is charged once, entries come to nothing, months are closed once, and what is prepaid is used before
//! anything pauses.

mod agreeing;
mod books;
mod kills;
mod pages;
mod property;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa::{
    features::{
        billing::{self, server::ledger},
        usage,
    },
    money::Micros,
    server::{chance, events::Actor},
};

use crate::{
    billing::{DOLLAR, used},
    support::{Console, Team, node},
    workspaces::give_plan,
};
pub use books::hold_true as books_hold_true;
use books::{balances, hold_true, snapshot};
use ledger::{Act, Posted};

pub const MICRO_DOLLAR: i64 = 1_000_000;

/// An event as `append_usage` takes it, of so many nano-dollars.
pub fn event(team: &Team, at: DateTime<Utc>, dimension: &str, nanos: i64) -> Value {
    json!({
        "tenant_id": team.tenant.0, "occurred_at": at, "id": chance::uuid(at), "workspace_id": team.workspace.0,
        "dimension": dimension, "module": "tasks", "operation": "tasks.list", "quantity": 1, "nanos": nanos,
        "rate_version": "2026-11-01", "credential_id": null, "channel": "api", "request_id": chance::uuid(at),
    })
}

pub async fn append(console: &Console, events: &[Value]) -> i32 {
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query_scalar("select append_usage($1)").bind(json!(events)).fetch_one(&mut app).await.expect("taken in")
}

pub async fn charge_now(console: &Console, team: &Team) {
    ledger::charge_now(&console.stoa, team.tenant, &Actor::operator()).await.expect("charged");
}

pub async fn by_hand(console: &Console, team: &Team, act: Act, key: &str) -> Posted {
    ledger::by_hand(&console.stoa, team.tenant, act, key, "for a test").await.expect("entered")
}

#[tokio::test]
async fn what_is_used_is_charged_once_and_the_remainder_is_carried() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    used(&console, &team, None, "rest.read", 1_700).await;
    used(&console, &team, None, "rest.write", 600).await;
    charge_now(&console, &team).await;
    assert_eq!(balances(&console, &team).await, (5 * MICRO_DOLLAR - 2, 0, 0));
    let lines = "select string_agg(dimension || ' ' || nanos || ' ' || micros, ', ' order by line)
                 from usage_charge_line where tenant_id = $1";
    assert_eq!(console.database.text(lines, team.tenant.0).await, "rest.read 1700 1, rest.write 600 1");
    // Again in the same hour: into the next charge, with the 300 that are left, by whoever charges then.
    used(&console, &team, None, "rest.read", 700).await;
    charge_now(&console, &team).await;
    assert_eq!(balances(&console, &team).await, (5 * MICRO_DOLLAR - 3, 0, 0));
    assert_eq!(console.database.text("select carried_nanos::text from ledger_head where tenant_id = $1", team.tenant.0).await, "0");
    assert_eq!(console.database.count("select count(*) from usage_late").await, 1, "it names its charge");
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    hold_true(&console).await;
    let before = snapshot(&console).await;
    charge_now(&console, &team).await;
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    assert_eq!(snapshot(&console).await, before, "again changes nothing");
}

#[tokio::test]
async fn what_came_late_goes_into_the_next_charge_and_what_costs_nothing_into_no_entry() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let now = console.stoa.clock.now();
    append(&console, &[event(&team, now - TimeDelta::hours(2), "credential.operation", 0)]).await;
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
    charge_now(&console, &team).await;
    assert_eq!(console.database.count("select count(*) from usage_charge").await, 1);
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'charge'").await, 0);
    append(&console, &[event(&team, now - TimeDelta::days(3), "rest.read", 5_000)]).await;
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
    console.hands.advance(TimeDelta::hours(2));
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    assert_eq!(balances(&console, &team).await.0, 5 * MICRO_DOLLAR - 5);
    hold_true(&console).await;
}

#[tokio::test]
async fn a_plan_with_hard_caps_pauses_when_both_are_used_up_and_a_top_up_resumes_at_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let paused = async || console.database.count("select count(*) from billing_pause where ended_at is null").await;
    by_hand(&console, &team, Act::TopUp(Micros(2 * MICRO_DOLLAR)), "payment 1").await;
    used(&console, &team, None, "rest.read", 6 * DOLLAR).await;
    assert_eq!(paused().await, 0, "one of two is left");
    charge_now(&console, &team).await;
    assert_eq!(balances(&console, &team).await, (0, MICRO_DOLLAR, 0));
    billing::server::assess(&console.stoa, team.tenant).await.expect("assessed");
    assert_eq!(paused().await, 0, "charging changes nothing of what is left");
    console.hands.advance(TimeDelta::hours(1));
    used(&console, &team, None, "rest.read", DOLLAR + DOLLAR / 2).await;
    assert_eq!(paused().await, 1);
    assert_eq!(by_hand(&console, &team, Act::TopUp(Micros(3 * MICRO_DOLLAR)), "payment 2").await, Posted::Entry(4));
    assert_eq!(paused().await, 0, "in the same transaction");
    charge_now(&console, &team).await;
    // It was topped up before what was beyond was charged.
    assert_eq!(balances(&console, &team).await, (0, 2 * MICRO_DOLLAR + MICRO_DOLLAR / 2, 0));
    hold_true(&console).await;
}

#[tokio::test]
async fn beyond_what_is_included_a_plan_charges_or_gives_away() {
    let console = Console::start().await;
    let (pays, free) = (console.team("Acme").await, console.team("Zenith").await);
    give_plan(&console, &pays, "builder").await;
    used(&console, &pays, None, "rest.read", 100 * DOLLAR).await;
    used(&console, &free, None, "rest.read", 6 * DOLLAR).await;
    charge_now(&console, &pays).await;
    charge_now(&console, &free).await;
    assert_eq!(balances(&console, &pays).await, (0, 0, MICRO_DOLLAR));
    assert_eq!(balances(&console, &free).await, (0, 0, 0), "what was on its way is not owed");
    hold_true(&console).await;
}

#[tokio::test]
async fn another_plan_counts_from_when_it_is_given() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    used(&console, &team, None, "rest.read", 4 * DOLLAR).await;
    charge_now(&console, &team).await;
    console.hands.advance(TimeDelta::hours(1));
    used(&console, &team, None, "rest.read", 3 * DOLLAR).await;
    give_plan(&console, &team, "builder").await;
    // Five were included, and two of the seven were beyond: given away then, and not charged now.
    assert_eq!(balances(&console, &team).await, (94 * MICRO_DOLLAR, 0, 0));
    console.hands.advance(TimeDelta::hours(1));
    used(&console, &team, None, "rest.read", 10 * DOLLAR).await;
    give_plan(&console, &team, "developer").await;
    assert_eq!(balances(&console, &team).await, (0, 0, 0));
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'expiry'").await, 1);
    hold_true(&console).await;
}

#[tokio::test]
async fn what_is_entered_by_hand_is_entered_once_and_takes_no_more_than_there_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let ten = Micros(10 * MICRO_DOLLAR);
    assert!(matches!(by_hand(&console, &team, Act::TopUp(ten), "a").await, Posted::Entry(_)));
    assert_eq!(by_hand(&console, &team, Act::TopUp(ten), "a").await, Posted::Already);
    let other = ledger::by_hand(&console.stoa, team.tenant, Act::TopUp(Micros(1)), "a", "for a test").await;
    assert!(matches!(other, Err(stoa::error::AppError::Conflict(_))), "{other:?}");
    let nothing = ledger::by_hand(&console.stoa, team.tenant, Act::TopUp(Micros(0)), "b", "for a test").await;
    assert!(matches!(nothing, Err(stoa::error::AppError::Invalid(_))), "{nothing:?}");
    // Six are used of which five are included: nine can be paid back.
    used(&console, &team, None, "rest.read", 6 * DOLLAR).await;
    let refund = |dollars: i64| Act::Refund(Micros(dollars * MICRO_DOLLAR));
    let too_much = ledger::by_hand(&console.stoa, team.tenant, refund(10), "c", "for a test").await;
    assert!(matches!(&too_much, Err(stoa::error::AppError::Invalid(errors)) if errors[0].message.contains("$9.00")), "{too_much:?}");
    by_hand(&console, &team, refund(9), "c").await;
    by_hand(&console, &team, Act::Grant(Micros(MICRO_DOLLAR)), "d").await;
    by_hand(&console, &team, Act::AdjustOwed(-MICRO_DOLLAR), "e").await;
    by_hand(&console, &team, Act::Payment(Micros(MICRO_DOLLAR)), "f").await;
    by_hand(&console, &team, Act::AdjustPrepaid(7), "g").await;
    assert_eq!(balances(&console, &team).await, (MICRO_DOLLAR, 7, 0));
    hold_true(&console).await;
    for action in ["credit.topped_up", "credit.refunded", "credit.granted", "ledger.adjusted", "payment.received"] {
        let mut owner = console.database.connect("stoa_owner").await;
        let reasons: Vec<Option<String>> = sqlx::query_scalar(
            "select reason from audit_event where log_id = $1 and action = $2 and actor_type = 'operator' and reason is not null",
        )
        .bind(team.tenant.0)
        .bind(action)
        .fetch_all(&mut owner)
        .await
        .expect("events");
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.as_deref() == Some("for a test")), "{action}: {reasons:?}");
    }
}

#[tokio::test]
async fn a_month_that_is_over_is_closed_once_with_its_invoice() {
    let console = Console::start().await;
    let (team, idle) = (console.team("Acme").await, console.team("Zenith").await);
    give_plan(&console, &team, "builder").await;
    used(&console, &team, None, "rest.read", 120 * DOLLAR + 1_234).await;
    by_hand(&console, &team, Act::TopUp(Micros(15 * MICRO_DOLLAR)), "payment").await;
    // Used in November, and there only after it was closed.
    let late = event(&team, console.stoa.clock.now(), "rest.write", DOLLAR);
    console.hands.advance(TimeDelta::days(10));
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    let closed = futures_util::future::join_all(nodes.map(ledger::settle_due)).await;
    assert!(closed.iter().all(Result::is_ok), "{closed:?}");
    let invoices =
        "select number || ' ' || period || ' price ' || price_micros || ' used ' || usage_micros || ' included ' || included_micros
                    || ' prepaid ' || prepaid_micros || ' due ' || due_micros from invoice where tenant_id = $1";
    assert_eq!(
        console.database.text(invoices, team.tenant.0).await,
        "1 2026-11-01 price 99000000 used 120000001 included 99000000 prepaid 15000000 due 105000001"
    );
    assert_eq!(console.database.count("select count(*) from invoice").await, 1, "whoever used nothing and pays nothing has none");
    assert_eq!(balances(&console, &idle).await.0, 5 * MICRO_DOLLAR, "of December");
    append(&console, &[late]).await;
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
    console.hands.advance(TimeDelta::days(31));
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    let line = "select string_agg(invoice_number || ' ' || month || ' ' || micros, ', ' order by invoice_number)
                from invoice_line where dimension = 'rest.write' and tenant_id = $1";
    assert_eq!(console.database.text(line, team.tenant.0).await, "2 2026-11-01 1000000");
    hold_true(&console).await;
    let before = snapshot(&console).await;
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    assert_eq!(snapshot(&console).await, before);
}

#[tokio::test]
async fn the_database_keeps_the_books_whoever_writes() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    used(&console, &team, None, "rest.read", DOLLAR).await;
    charge_now(&console, &team).await;
    let mut owner = console.database.connect("stoa_owner").await;
    for table in ["ledger_entry", "ledger_posting", "usage_charge", "usage_charge_line", "usage_late", "invoice", "invoice_line"] {
        for change in
            [format!("delete from {table}"), format!("truncate {table} cascade"), format!("update {table} set tenant_id = tenant_id")]
        {
            let refused = sqlx::query(sqlx::AssertSqlSafe(change.clone())).execute(&mut owner).await;
            let is_empty = matches!(&refused, Ok(done) if done.rows_affected() == 0 && !change.starts_with("truncate"));
            assert!(is_empty || refused.is_err_and(|error| error.to_string().contains("append-only")), "{change}");
        }
    }
    for lopsided in [
        "insert into ledger_posting (tenant_id, entry_number, account, micros) select tenant_id, number, 'waived', 1 from ledger_entry limit 1",
        "insert into ledger_entry (tenant_id, number, key, kind, period, posted_at, made_by, included_micros, prepaid_micros, owed_micros)
         select tenant_id, 99, 'bare', 'grant', period, posted_at, 'system', 0, 0, 0 from ledger_entry limit 1",
    ] {
        let refused = sqlx::query(lopsided).execute(&mut owner).await.expect_err("lopsided");
        assert!(refused.to_string().contains("come to"), "{refused}");
    }
    let mut app = console.database.connect("stoa_app").await;
    let alone = "select post_ledger_entry($1, 'x', 'top_up', 'operator', 'because', null, now(), '{cash,prepaid}', '{1,-1}')";
    assert!(sqlx::query(alone).bind(team.tenant.0).execute(&mut app).await.is_err(), "only in a scope of the server's own");
    hold_true(&console).await;
}

#[tokio::test]
async fn the_operator_keeps_the_books_by_the_command_line() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let stoa = |arguments: &[&str]| node::run(&console, None, &[&["billing"], arguments].concat());
    let slug = team.tenant_slug.as_str();
    let (done, said) = stoa(&["top-up", slug, "25.50", "--reason", "Paid by transfer", "--key", "TR-1"]);
    assert!(done && said.contains("$25.50 prepaid"), "{said}");
    let (done, said) = stoa(&["top-up", slug, "25.50", "--reason", "Paid by transfer", "--key", "TR-1"]);
    assert!(done && said.contains("nothing was changed"), "{said}");
    for (arguments, says) in [
        (&["top-up", slug, "1,50", "--reason", "x", "--key", "k"][..], "is not an amount"),
        (&["top-up", slug, "1.50", "--reason", " ", "--key", "k"], "--reason"),
        (&["top-up", "nobody-000000", "1.50", "--reason", "x", "--key", "k"], "no team has the slug"),
        (&["refund", slug, "26", "--reason", "x", "--key", "k"], "Only $25.50 is prepaid"),
        (&["refund", slug, "1", "--reason", "x", "--key", "TR-1"], "stands for another entry"),
        (&["adjust", slug, "1", "--reason", "x", "--key", "k", "--of", "luck"], "neither"),
    ] {
        let (done, said) = stoa(arguments);
        assert!(!done && said.contains(says), "{arguments:?}: {said}");
    }
    assert!(stoa(&["adjust", slug, "-0.50", "--reason", "Counted twice", "--key", "A-1"]).1.contains("$25.00 prepaid"));
    assert!(stoa(&["grant", slug, "3", "--reason", "For the trouble", "--key", "G-1"]).0);
    used(&console, &team, None, "rest.read", DOLLAR).await;
    let (done, said) = stoa(&["charge", slug]);
    assert!(done && said.contains("left: "), "{said}");
    let (done, said) = stoa(&["close", slug]);
    assert!(done, "{said}");
    let (done, said) = stoa(&["ledger", slug]);
    assert!(done && said.contains("Paid by transfer") && said.contains("top_up") && said.contains("charge"), "{said}");
    assert!(stoa(&["invoices", slug]).0);
    hold_true(&console).await;
}
