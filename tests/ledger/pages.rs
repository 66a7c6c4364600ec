//! The books as their people see them: the Billing page, the ledger, an entry, an invoice and its files.

use axum::http::StatusCode;
use chrono::TimeDelta;
use stoa::{
    features::billing::server::ledger::{self, Act},
    money::Micros,
};

use super::{MICRO_DOLLAR, by_hand, charge_now};
use crate::{
    billing::{DOLLAR, payer, rows, used},
    support::Console,
    workspaces::give_plan,
};

#[tokio::test]
async fn balance_and_what_is_accrued_are_shown_apart() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let address = format!("/t/{}/billing", team.tenant_slug);
    used(&console, &team, None, "rest.read", DOLLAR).await;
    let text = team.owner.browser.get(&address).await.text();
    assert!(text.contains("Included and left, as charged$5.00") && text.contains("Used since the last charge$1.00"), "{text}");
    charge_now(&console, &team).await;
    by_hand(&console, &team, Act::TopUp(Micros(7 * MICRO_DOLLAR)), "payment").await;
    let text = team.owner.browser.get(&address).await.text();
    for says in ["Included and left, as charged$4.00", "Prepaid and left$7.00", "Owed$0.00", "Used since the last charge$0.00"] {
        assert!(text.contains(says), "{says} is not in {text}");
    }
    let ledger = team.owner.browser.get(&format!("{address}/ledger")).await;
    let table = rows(&ledger);
    assert!(
        table.contains("Top-upfor a test") && table.contains("Usage charged1 November 2026, 00:00 to 21 November 2026, 13:00 UTC"),
        "{table}"
    );
    assert!(table.contains("$7.00 | $4.00 | $7.00 | $0.00") && table.contains("$1.00 | $4.00 | $0.00 | $0.00"), "{table}");
    let entry = team.owner.browser.get(&ledger.link("2")).await;
    assert_eq!(entry.status, StatusCode::OK);
    let table = rows(&entry);
    assert!(table.contains("Included usage that is left | included | $1.00") && table.contains("usage |  | $1.00"), "{table}");
    assert!(table.contains("Acme Shop | API reads | November 2026 | 1 | 3 | $1.00 | $1.00"), "{table}");
    // And on to the events that it is the sum of.
    let events = team.owner.browser.get(&entry.link("1")).await;
    assert!(rows(&events).contains("tasks.list"), "{}", events.text());
}

#[tokio::test]
async fn an_invoice_is_a_page_and_two_files_for_those_who_pay() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.team("Zenith").await;
    give_plan(&console, &team, "builder").await;
    used(&console, &team, None, "rest.read", 120 * DOLLAR).await;
    console.hands.advance(TimeDelta::days(10));
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    let payer = payer(&console, &team).await;
    let billing = format!("/t/{}/billing", team.tenant_slug);
    let number = format!("{}-0001", team.tenant_slug);
    let page = payer.browser.get(&billing).await;
    assert!(rows(&page).contains(&format!("{number} | November 2026 |")), "{}", rows(&page));
    let invoice = payer.browser.get(&page.link(&number)).await;
    let table = rows(&invoice);
    for says in ["Plan | $99.00", "Usage | $120.00", "Included in the plan | -$99.00", "Due | $120.00", "In all | $120.00"] {
        assert!(table.contains(says), "{says} is not in {table}");
    }
    let address = format!("{billing}/invoices/1");
    let csv = payer.browser.get(&format!("{address}/invoice.csv")).await;
    assert!(csv.body.contains(&format!("{number},2026-11,due,,,,,,,,,120000000,USD")), "{}", csv.body);
    assert!(csv.body.contains(",rest.read,2026-11-01,1,3,120000000000,120000000,USD"), "{}", csv.body);
    let json = payer.browser.get(&format!("{address}/invoice.json")).await;
    let file: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!((&file["due"]["amount_micros"], &file["lines"][0]["events"]), (&serde_json::json!(120_000_000), &serde_json::json!(1)));
    let taken = "select count(*)::text from audit_event where action = 'invoice.exported' and log_id = $1";
    assert_eq!(console.database.text(taken, team.tenant.0).await, "2");
    for path in ["", "/invoice.csv", "/invoice.json"] {
        let path = format!("{address}{path}");
        assert_eq!(console.signed_in_as("Acme Member").await.browser.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(console.signed_in_as("Zenith Owner").await.browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for nowhere in ["invoices/2", "invoices/x", "ledger/99", "ledger/9223372036854775807"] {
        assert_eq!(payer.browser.get(&format!("{billing}/{nowhere}")).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn the_ledger_goes_on_from_page_to_page() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for key in 0..60 {
        by_hand(&console, &team, Act::TopUp(Micros(MICRO_DOLLAR)), &key.to_string()).await;
    }
    let address = format!("/t/{}/billing/ledger", team.tenant_slug);
    let first = team.owner.browser.get(&address).await;
    assert_eq!(first.count("main tbody tr"), 50);
    let next = team.owner.browser.get(&first.link("Next page")).await;
    assert_eq!(next.count("main tbody tr"), 11, "sixty, and what the plan includes");
    assert_eq!(team.owner.browser.get(&next.link("First page")).await.count("main tbody tr"), 50);
}

#[tokio::test]
async fn a_workspace_reads_its_part_of_the_invoices_over_the_api() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "builder").await;
    used(&console, &team, None, "rest.read", 120 * DOLLAR).await;
    let zenith = console.team("Zenith").await;
    let owner = console.client(&team.owner, &team.slug, &["billing:read"]).await;
    let stranger = console.client(&team.owner, &team.slug, &["usage:read"]).await;
    let elsewhere = console.client(&zenith.owner, &zenith.slug, &["billing:read"]).await;
    let theirs = console.client(&team.admin, &team.slug, &["billing:read"]).await;
    console.hands.advance(TimeDelta::days(10));
    ledger::settle_due(console.stoa.clone()).await.expect("settled");
    let lines = owner.get("/billing/invoice-lines").await;
    let line = &lines.body["data"][0];
    assert_eq!(
        (&line["invoice"], &line["month"], &line["dimension"]),
        (&1.into(), &"2026-11".into(), &"rest.read".into()),
        "{}",
        lines.body
    );
    assert_eq!((&line["used_nanos"], &line["amount_micros"]), (&(120 * DOLLAR).into(), &120_000_000.into()), "{line}");
    assert_eq!(owner.get("/billing/invoice-lines?cursor=x").await.code(), "validation_failed");
    assert_eq!(stranger.get("/billing/invoice-lines").await.body["error"]["required_scope"], "billing:read");
    assert_eq!(elsewhere.get("/billing/invoice-lines").await.body["data"], serde_json::json!([]), "each its own alone");
    // Members read the spend of their own keys alone: what all of it cost is not theirs to know.
    console.make_member(&team, &team.admin).await;
    let line = theirs.get("/billing/invoice-lines").await.body["data"][0].clone();
    assert_eq!((&line["events"], line.get("used_nanos"), line.get("amount_micros")), (&1.into(), None, None), "{line}");
}
