//! One sum, wherever it is read: chart, table, file and API for hours that are charged, the ledger, and the invoices.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Client, Console, Team, browser::encode};

/// Nano-dollars by the month in which it was used, and the dimension.
type ByMonth = BTreeMap<(String, String), i64>;

/// Before anything was used, and after.
const ALL_TIME: &str = "from=2026-09-01&to=2027-08-31";

/// What costs nothing is on no invoice.
fn add(sums: &mut ByMonth, month: &str, dimension: &str, nanos: i64) {
    if nanos != 0 {
        *sums.entry((month[..7].to_owned(), dimension.to_owned())).or_default() += nanos;
    }
}

async fn of_charges(console: &Console, team: &Team) -> ByMonth {
    let mut owner = console.database.connect("stoa_owner").await;
    let lines: Vec<(String, String, i64)> =
        sqlx::query_as("select month::text, dimension, sum(nanos)::bigint from usage_charge_line where tenant_id = $1 group by 1, 2")
            .bind(team.tenant.0)
            .fetch_all(&mut owner)
            .await
            .expect("lines");
    let mut sums = ByMonth::new();
    for (month, dimension, nanos) in lines {
        add(&mut sums, &month, &dimension, nanos);
    }
    sums
}

async fn of_api(client: &Client, query: &str) -> Value {
    let reply = client.get(&format!("/usage?{query}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{query}: {}", reply.body);
    reply.body["data"].clone()
}

fn nanos(row: &Value) -> i64 {
    row["amount"]["amount_nanos"].as_i64().unwrap_or_else(|| panic!("no amount in {row}"))
}

async fn of_file(team: &Team) -> ByMonth {
    let address = format!("/w/{}/usage.csv?range=custom&{ALL_TIME}&grain=month&by=dimension", team.slug);
    let file = team.owner.browser.get(&address).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    let mut reader = csv::Reader::from_reader(file.body.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let place = |name: &str| head.iter().position(|column| column == name).expect("a column");
    let mut sums = ByMonth::new();
    for row in reader.records() {
        let row = row.expect("a row");
        let amount = row[place("amount_nanos")].parse().expect("a number");
        add(&mut sums, &row[place("starts_at")], &row[place("dimension")], amount);
    }
    sums
}

/// What all invoices of the account say, by the month of use; each adds up to what it says of itself.
async fn of_invoices(console: &Console, team: &Team) -> ByMonth {
    let count = console.database.text("select last_invoice::text from ledger_head where tenant_id = $1", team.tenant.0).await;
    let mut sums = ByMonth::new();
    for number in 1..=count.parse().expect("a number") {
        let number: i64 = number;
        let file = team.owner.browser.get(&format!("/t/{}/billing/invoices/{number}/invoice.json", team.tenant_slug)).await;
        let invoice: Value = serde_json::from_str(&file.body).expect("JSON");
        let lines = invoice["lines"].as_array().expect("lines");
        let micros = |value: &Value| value["amount_micros"].as_i64().unwrap_or_else(|| panic!("no amount in {value}"));
        let used: i64 = lines.iter().map(|line| micros(&line["amount"])).sum();
        assert_eq!(used, micros(&invoice["usage"]), "{invoice}");
        let less: i64 = ["included", "prepaid", "waived", "corrections"].iter().map(|part| micros(&invoice[*part])).sum();
        assert_eq!(micros(&invoice["price"]) + used - less, micros(&invoice["due"]), "{invoice}");
        for line in lines {
            let amount = line["amount_nanos"].as_i64().expect("an amount");
            add(&mut sums, line["used_in"].as_str().expect("a month"), line["dimension"].as_str().expect("a dimension"), amount);
        }
    }
    sums
}

/// The same as the API tells it, page by page.
async fn of_invoice_lines(client: &Client) -> ByMonth {
    let (mut sums, mut cursor) = (ByMonth::new(), String::new());
    loop {
        let page = client.get(&format!("/billing/invoice-lines?limit=3{cursor}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for line in page.body["data"].as_array().expect("lines") {
            let amount = line["used_nanos"].as_i64().expect("an amount");
            add(&mut sums, line["month"].as_str().expect("a month"), line["dimension"].as_str().expect("a dimension"), amount);
        }
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return sums,
        }
    }
}

/// To be asked when everything is added up and charged, and every month with something in it is closed.
pub async fn one_sum_everywhere(console: &Console, team: &Team) {
    let session = console.new_session(team.owner.user, &team.owner.name).await;
    team.owner.browser.set_cookie("stoa_session", &session);
    let client = console.client(&team.owner, &team.slug, &["usage:read", "billing:read"]).await;
    let charged = of_charges(console, team).await;
    let total: i64 = charged.values().sum();

    let months = of_api(&client, &format!("{ALL_TIME}&grain=month&by=dimension")).await;
    let mut by_api = ByMonth::new();
    for row in months["rows"].as_array().expect("rows") {
        add(&mut by_api, row["starts_at"].as_str().expect("a time"), row["dimension"].as_str().expect("a dimension"), nanos(row));
    }
    assert_eq!(by_api, charged, "the API and the ledger");
    assert_eq!(of_file(team).await, charged, "the file and the ledger");
    assert_eq!(of_invoices(console, team).await, charged, "the invoices and the ledger");
    assert_eq!(of_invoice_lines(&client).await, charged, "the invoices over the API and the ledger");
    for zone in ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"] {
        for by in ["member", "channel", "operation"] {
            let days = of_api(&client, &format!("{ALL_TIME}&grain=day&by={by}&time_zone={}", encode(zone))).await;
            let summed: i64 = days["rows"].as_array().expect("rows").iter().map(nanos).sum();
            assert_eq!((summed, nanos(&days["total"])), (total, total), "{by} in {zone}");
        }
    }
    charged_hours_are_those_of_the_page(console, team, &client).await;
}

/// Of every charge that nothing came late into, and nothing of whose hours was charged later.
async fn charged_hours_are_those_of_the_page(console: &Console, team: &Team, client: &Client) {
    let mut owner = console.database.connect("stoa_owner").await;
    let charges: Vec<(Uuid, DateTime<Utc>, DateTime<Utc>, i64)> = sqlx::query_as(
        "select charge.id, charge.from_hour, charge.until_hour, charge.nanos from usage_charge as charge
         where charge.tenant_id = $1 and not exists (
             select from usage_late as late join usage_event as event on event.tenant_id = late.tenant_id and event.id = late.event_id
             where late.tenant_id = $1
               and (late.charge_hour >= charge.from_hour and late.charge_hour < charge.until_hour
                    or event.occurred_at >= charge.from_hour and event.occurred_at < charge.until_hour))
         order by charge.from_hour",
    )
    .bind(team.tenant.0)
    .fetch_all(&mut owner)
    .await
    .expect("charges");
    for (id, from, until, charged) in charges.into_iter().filter(|(_, from, until, _)| *until - *from <= TimeDelta::days(30)) {
        let spelt = |at: DateTime<Utc>| encode(&at.to_rfc3339());
        let hours = of_api(client, &format!("from={}&to={}&grain=hour", spelt(from), spelt(until))).await;
        assert_eq!(nanos(&hours["total"]), charged, "charge {id}, {from} to {until}");
    }
}
