//! The books: accounts, and entries in balance.

use axum::http::{Method, StatusCode};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::{
    crm::{CRM, added, crm, events},
    data, refused,
};
use crate::support::Client;

async fn account(client: &Client, code: &str) -> String {
    added(client, "/accounts", &json!({ "code": code, "name": format!("Account {code}"), "kind": "asset" })).await
}

fn entry(lines: &Value) -> Value {
    json!({ "memo": "Sale", "posted_on": "2026-11-21", "currency": "EUR", "lines": lines })
}

#[tokio::test]
async fn an_entry_is_in_balance_and_stays_as_it_is() {
    let (console, _team, client) = crm().await;
    let (bank, sales) = (account(&client, "1000").await, account(&client, "4000").await);
    let lines = json!([
        { "account": bank, "debit_micros": 119_000_000, "memo": "Transfer 7" },
        { "account": sales, "credit_micros": 100_000_000 },
        { "account": sales, "credit_micros": 19_000_000, "debit_micros": null },
    ]);
    let made = client.post("/journal-entries", &entry(&lines)).await;
    assert_eq!((&data(&made)["total_micros"], &data(&made)["lines"]), (&json!(119_000_000), &lines));
    let id = data(&made)["id"].as_str().expect("an id").to_owned();
    let path = format!("/journal-entries/{id}");
    for (method, path) in [(Method::PATCH, path.clone()), (Method::POST, format!("{path}/archive"))] {
        assert!(matches!(client.send(method, &path, &[], Some(&json!({}))).await.status.as_u16(), 404 | 405));
    }
    assert!(events(&console).await.contains(&("record.journal_entry.created".to_owned(), id)));
    let planned = client.post("/journal-entries?dry_run=true", &entry(&lines)).await;
    assert_eq!(data(&planned)["would"][0]["event"], "record.journal_entry.created");
    assert_eq!(data(&client.get("/journal-entries?currency=EUR&total_micros=119000000").await).as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_entry_that_cannot_stand_is_named_by_its_line() {
    let (console, _team, client) = crm().await;
    let zenith = console.team("Zenith").await;
    let theirs = account(&console.client(&zenith.admin, &zenith.slug, &CRM).await, "1000").await;
    let (bank, gone) = (account(&client, "1000").await, account(&client, "1100").await);
    let company = added(&client, "/companies", &json!({ "name": "Engines" })).await;
    data(&client.post(&format!("/accounts/{gone}/archive"), &json!({})).await);
    let debit = |account: &str, micros: i64| json!({ "account": account, "debit_micros": micros });
    let credit = |account: &str, micros: i64| json!({ "account": account, "credit_micros": micros });
    for (lines, says) in [
        (json!([debit(&bank, 1)]), "1 lines"),
        (json!([debit(&bank, 2), credit(&bank, 1)]), "debits come to 2, and credits to 1"),
        (json!([debit(&bank, 1), debit(&bank, 1)]), "not in balance"),
        (json!([debit(&bank, 0), credit(&bank, 0)]), "at [0]"),
        (json!([debit(&bank, 1), credit(&bank, -1)]), "at [1]"),
        (json!([debit(&bank, 1), { "account": bank, "debit_micros": 1, "credit_micros": 1 }]), "at [1]"),
        (json!([debit(&bank, 1), { "account": bank }]), "at [1]"),
        (json!([debit(&bank, 1), { "account": bank, "credit_micros": 1.0 }]), "[1].credit_micros"),
        (json!([debit(&bank, 1), { "account": bank, "credit_micros": u64::MAX }]), "[1].credit_micros"),
        (json!([debit(&bank, 1), { "account": bank, "credit_micros": 1, "cost": 1 }]), "cost"),
        (json!([debit(&bank, 1), { "account": "1000", "credit_micros": 1 }]), "[1].account"),
        (json!([debit(&bank, i64::MAX), debit(&bank, i64::MAX), credit(&bank, i64::MAX), credit(&bank, i64::MAX)]), "come to more than"),
        (json!([debit(&bank, 1), credit(&theirs, 1)]), "[1].account is no record of this workspace"),
        (json!([debit(&gone, 1), credit(&bank, 1)]), "[0].account is a record that was put away"),
        (json!([debit(&company, 1), credit(&bank, 1)]), "company, and not account"),
    ] {
        let reply = client.post("/journal-entries", &entry(&lines)).await;
        assert_eq!(refused(&reply), ["lines"], "{lines}");
        assert!(reply.body.to_string().contains(says), "{says}: {}", reply.body);
    }
    assert_eq!(console.database.count("select count(*) from record where resource = 'journal_entry'").await, 0);
}

#[tokio::test]
async fn a_code_is_one_accounts_at_a_time() {
    let (console, _team, client) = crm().await;
    let body = json!({ "code": "1000", "name": "Bank", "kind": "asset" });
    let replies = futures_util::future::join_all((0..4).map(|_| client.post("/accounts", &body))).await;
    let mut ids = replies.iter().filter(|reply| reply.status == StatusCode::CREATED).map(|reply| data(reply)["id"].clone());
    let (first, second) = (ids.next().expect("one"), ids.next());
    assert_eq!(second, None);
    for reply in replies.iter().filter(|reply| reply.status != StatusCode::CREATED) {
        assert_eq!(refused(reply), ["code"]);
    }
    data(&client.post(&format!("/accounts/{}/archive", first.as_str().expect("an id")), &json!({})).await);
    data(&client.post("/accounts", &body).await);
    assert_eq!(refused(&client.post("/accounts", &body).await), ["code"]);
    let zenith = console.team("Zenith").await;
    data(&console.client(&zenith.admin, &zenith.slug, &CRM).await.post("/accounts", &body).await);
}

/// Whatever lines are sent: what is kept is in balance, and the rest is refused by name.
#[tokio::test]
async fn nothing_out_of_balance_is_ever_kept() {
    let (console, team, client) = crm().await;
    console.change("update tenant set plan = 'business' where tenant_id = $1", team.tenant.0).await;
    let (bank, sales) = (account(&client, "1000").await, account(&client, "4000").await);
    let amount =
        || prop_oneof![Just(json!(1)), Just(json!(2)), Just(json!(i64::MAX)), any::<i64>().prop_map(Value::from), Just(Value::Null)];
    let accounts = prop::sample::select(vec![bank, sales]);
    let line = (accounts, amount(), amount())
        .prop_map(|(account, debit, credit)| json!({ "account": account, "debit_micros": debit, "credit_micros": credit }));
    let lines = prop_oneof![
        prop::collection::vec(line, 0..5).prop_map(Value::from),
        (prop::collection::vec(1..=3_i64, 1..4), any::<bool>()).prop_map({
            let bank = account(&client, "9000").await;
            move |(amounts, is_off)| {
                let sum = amounts.iter().sum::<i64>() + i64::from(is_off);
                let mut lines: Vec<Value> = amounts.iter().map(|amount| json!({ "account": bank, "debit_micros": amount })).collect();
                lines.push(json!({ "account": bank, "credit_micros": sum }));
                Value::from(lines)
            }
        }),
    ];
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (mut taken, mut turned_down) = (0, 0);
    for _ in 0..120 {
        console.hands.advance(chrono::TimeDelta::seconds(5));
        let lines = lines.new_tree(&mut runner).expect("lines").current();
        let reply = client.post("/journal-entries", &entry(&lines)).await;
        let sum =
            |side: &str| lines.as_array().expect("a list").iter().filter_map(|line| line[side].as_i64()).map(i128::from).sum::<i128>();
        if reply.status == StatusCode::CREATED {
            taken += 1;
            assert_eq!(sum("debit_micros"), sum("credit_micros"), "{lines}");
            assert_eq!(data(&reply)["total_micros"].as_i64().map(i128::from), Some(sum("debit_micros")));
        } else {
            turned_down += 1;
            assert_eq!(refused(&reply), ["lines"], "{lines}");
        }
    }
    assert!(taken >= 10 && turned_down >= 10, "{taken} were taken and {turned_down} not: that proves little");
}
