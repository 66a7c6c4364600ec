//! Held against as long a time before: the same figures, from chart, table, file and API.

use axum::http::StatusCode;
use serde_json::Value;
use stoa::{money::Nanos, numbers::grouped};

use super::{Dice, Question, READS, append, events_of, figures_of, texts};
use crate::support::{Client, Console, Team, browser::encode};

fn rows(body: &Value) -> &Vec<Value> {
    body["data"]["rows"].as_array().unwrap_or_else(|| panic!("no rows in {body}"))
}

/// What tells the parts of a split apart.
fn part(row: &Value) -> String {
    ["dimension", "module", "credential_id", "user_id", "operation", "channel"].map(|name| row[name].to_string()).join(" ")
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn sum(rows: &[Value], figure: impl Fn(&Value) -> i64) -> i64 {
    rows.iter().map(figure).sum()
}

/// What stands beside each figure is what the same question says of the time before.
pub async fn assert_compares(team: &Team, client: &Client, question: &Question, when: &str) {
    let says = format!("{when}: {question:?}");
    let asked = question.query().replace("range=custom&", "");
    let zone = encode(question.zone);
    let plain = client.get(&format!("/usage?{asked}&time_zone={zone}")).await.body;
    let reply = client.get(&format!("/usage?{asked}&time_zone={zone}&compare=previous")).await;
    assert_eq!(reply.status, StatusCode::OK, "{says}: {}", reply.body);
    let compared = reply.body;
    assert_eq!(plain["data"]["before"], Value::Null, "{says}");
    let strip =
        |row: &Value| Value::Object(row.as_object().expect("a row").clone().into_iter().filter(|(name, _)| name != "before").collect());
    let now: Vec<Value> = rows(&compared).iter().filter(|row| number(&row["events"]) > 0).map(strip).collect();
    assert_eq!(now, rows(&plain).iter().map(strip).collect::<Vec<_>>(), "what is compared is what it was, {says}");

    let before = &compared["data"]["before"];
    let (from, to) = (before["from"].as_str().expect("a time"), before["to"].as_str().expect("a time"));
    assert_eq!(to, compared["data"]["from"].as_str().expect("a time"), "right before, {says}");
    let narrowed = question.only.0;
    let grain = if question.grain == "month" { "day" } else { question.grain };
    let then = client.get(&format!("/usage?from={from}&to={to}&grain={grain}&by={}&{narrowed}&time_zone={zone}", question.by)).await.body;
    assert_eq!(before["events"], then["data"]["total"]["events"], "{says}");
    assert_eq!(before["amount"], then["data"]["total"]["amount"], "{says}");
    let beside = |figure: fn(&Value) -> i64| sum(rows(&compared), |row| figure(&row["before"]));
    assert_eq!(beside(|row| number(&row["events"])), sum(rows(&then), |row| number(&row["events"])), "{says}");
    let nanos = |row: &Value| number(&row["amount"]["amount_nanos"]);
    assert_eq!(beside(nanos), sum(rows(&then), nanos), "{says}");
    // Part by part, and in the order of time.
    if question.grain != "month" {
        let mut ours: Vec<(String, String, i64)> = Vec::new();
        for row in rows(&compared).iter().filter(|row| number(&row["before"]["events"]) > 0) {
            ours.push((part(row), row["starts_at"].to_string(), number(&row["before"]["events"])));
        }
        let mut theirs: Vec<(String, String, i64)> =
            rows(&then).iter().map(|row| (part(row), row["starts_at"].to_string(), number(&row["events"]))).collect();
        ours.sort();
        theirs.sort();
        let places = |figures: Vec<(String, String, i64)>| figures.into_iter().map(|(part, _, events)| (part, events)).collect::<Vec<_>>();
        assert_eq!(places(ours), places(theirs), "{says}");
    }

    let browser = &team.owner.browser;
    let file = browser.get(&format!("/w/{}/usage.csv?{}&compare=previous", team.slug, question.query())).await;
    let mut reader = csv::Reader::from_reader(file.body.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let place = |name: &str| head.iter().position(|column| column == name).expect(name);
    let in_file: Vec<(i64, i64, i64)> = reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            let cell = |name| row[place(name)].parse().expect("a number");
            (cell("events"), cell("events_before"), cell("amount_nanos_before"))
        })
        .collect();
    let by_api: Vec<(i64, i64, i64)> =
        rows(&compared).iter().map(|row| (number(&row["events"]), number(&row["before"]["events"]), nanos(&row["before"]))).collect();
    assert_eq!(in_file, by_api, "the file, {says}");
    let page = browser.get(&format!("/w/{}/usage?{}&compare=previous", team.slug, question.query())).await;
    let (cells, columns) = figures_of(browser, &page).await;
    let shown: Vec<(String, String, String)> =
        cells.chunks(columns).map(|row| (row[0].clone(), row[columns / 2].clone(), row[columns - 1].clone())).collect();
    let expected: Vec<(String, String, String)> =
        by_api.iter().map(|(now, before, nanos)| (grouped(*now), grouped(*before), Nanos(*nanos).exact())).collect();
    assert_eq!(shown, expected, "the table, {says}");
    // Each bar is held against the sum of its rows.
    let drawn: i64 = texts(&page, "path.chart-before title")
        .iter()
        .map(|title| title.rsplit(": ").next().expect("a figure").replace(',', "").parse::<i64>().expect("a number"))
        .sum();
    assert_eq!(drawn, beside(|row| number(&row["events"])), "the chart, {says}");
}

#[tokio::test]
async fn what_is_said_of_it_names_the_time_and_the_change() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut dice = Dice(3);
    append(&console, &events_of(&team, team.workspace, &[None], &mut dice, 90)).await;
    let address = format!("/w/{}/usage?range=custom&from=2026-11-01&to=2026-11-07", team.slug);
    let plain = team.owner.browser.get(&address).await;
    assert_eq!(plain.count("path.chart-before"), 0, "only where it is asked for");
    let compared = team.owner.browser.get(&format!("{address}&compare=previous")).await;
    assert_eq!(compared.count("svg.chart-drawing path.chart-before"), 7, "one for each day, and one in the legend");
    let text = compared.text();
    assert!(text.contains("25 Oct 2026") && text.contains("was used than before."), "{text}");
    let client = console.client(&team.owner, &team.slug, &READS).await;
    let wrong = client.get("/usage?compare=yesterday").await;
    assert_eq!(wrong.body["error"]["field_errors"][0]["field"], "compare", "{}", wrong.body);
}
