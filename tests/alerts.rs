//! So much of a limit is used: told once, to the right people, and never twice, whatever happens at once.

mod forecast;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use stoa::{features::billing, server::chance};

use crate::{
    billing::{DOLLAR, cap_account, cap_workspace, events, payer, rows, submit, used},
    support::{Console, Person, Team},
    usage::Dice,
    workspaces::give_plan,
};

#[tokio::test]
async fn each_threshold_of_what_is_included_is_told_once_and_of_several_the_highest() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let payer = payer(&console, &team).await;
    // 40 %, 60 %, 60 %, then 96 % past 80, and then all of it.
    for (dollars, told) in [(2, 0), (1, 1), (0, 1), (1, 2)] {
        console.hands.advance(TimeDelta::seconds(1));
        used(&console, &team, None, "rest.read", dollars * DOLLAR + i64::from(dollars == 0)).await;
        assert_eq!(console.told(payer.user).await.len(), told, "after {dollars} more");
    }
    console.hands.advance(TimeDelta::seconds(1));
    used(&console, &team, None, "rest.read", 4 * DOLLAR / 5).await;
    let alerts = vec!["spend_alert.raised"; 3];
    assert_eq!(console.told(payer.user).await, alerts);
    console.hands.advance(TimeDelta::seconds(1));
    used(&console, &team, None, "rest.read", DOLLAR).await;
    for person in [&team.owner, &payer] {
        assert_eq!(console.told(person.user).await, [alerts.clone(), vec!["billing.paused"]].concat(), "a pause tells the last");
    }
    assert_eq!(console.told(team.admin.user).await, Vec::<String>::new(), "the account's money is not theirs");
    assert_eq!(events(&console, "spend_alert.raised").await, 3);
    let titles = console
        .database
        .text("select string_agg(title, ', ' order by created_at, id) from inbox_item where user_id = $1", payer.user.0)
        .await;
    let (first, second, third) = ("50 % of what Acme can use", "80 % of what Acme can use", "95 % of what Acme can use");
    assert!(titles.starts_with(first) && titles.contains(second) && titles.contains(third), "{titles}");
    console.work_off().await;
    let mails = postbox.mails().iter().filter(|mail| mail.header("Subject").contains("% of what Acme can use")).count();
    assert_eq!(mails, 6, "three for each of two");

    let page = team.owner.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await;
    let shown = rows(&page);
    for line in [
        "What is included and prepaid | $5.00 | 100 % | $5.80 |",
        "What is included and prepaid | $5.00 | 95 % | $4.80 |",
        "What is included and prepaid | $5.00 | 80 % | $4.00 |",
        "What is included and prepaid | $5.00 | 50 % | $3.00 |",
    ] {
        assert_eq!(shown.matches(line).count(), 1, "{line} is not in {shown}");
    }
    console.hands.advance(TimeDelta::days(12));
    used(&console, &team, None, "rest.read", 4 * DOLLAR).await;
    assert_eq!(console.told(payer.user).await.iter().filter(|kind| *kind == "spend_alert.raised").count(), 4, "another month");
    let skipped = console.database.count("select count(*) from spend_alert where not told").await;
    assert_eq!(skipped, 1, "50 % was passed on the way to 80 %");
}

#[tokio::test]
async fn a_limit_that_moves_is_another_and_one_that_comes_back_is_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "business").await;
    let client = console.client(&team.owner, &team.slug, &["billing:read", "settings:write"]).await;
    let (workspace, key) = (team.workspace.to_string(), client.key.to_string());
    used(&console, &team, Some(client.key), "rest.read", 6 * DOLLAR).await;
    let told = async || console.told(team.admin.user).await;
    cap_workspace(&console, &team, &team.admin, &workspace, "10", "hard").await;
    assert_eq!(told().await, ["spend_alert.raised"], "60 %");
    cap_workspace(&console, &team, &team.admin, &workspace, "10", "soft").await;
    assert_eq!(told().await.len(), 1, "the same limit");
    cap_workspace(&console, &team, &team.admin, &workspace, "7", "soft").await;
    assert_eq!(told().await.len(), 2, "85 % of another");
    cap_workspace(&console, &team, &team.admin, &workspace, "10", "soft").await;
    assert_eq!(told().await.len(), 2, "it was told this month");
    console.hands.advance(TimeDelta::seconds(1));
    cap_workspace(&console, &team, &team.admin, &key, "6", "soft").await;
    assert_eq!(told().await, ["spend_alert.raised", "spend_alert.raised", "spend_cap.reached"], "all of a key's own");
    assert_eq!(console.told(team.owner.user).await.len(), 3, "owners too");
    assert_eq!(console.told(team.member.user).await.len(), 0, "and nobody else");
    // In the log of the workspace, on its page, and over the API.
    assert_eq!(console.actors_of(team.workspace, "spend_alert.raised").await.len(), 2);
    let page = rows(&team.auditor.browser.get(&format!("/w/{}/settings/spend", team.slug)).await);
    assert!(
        page.contains("Cap of Acme Shop | $7.00 | 80 % | $6.00") && page.contains("Cap of Test (key in Acme Shop) | $6.00 | 100 %"),
        "{page}"
    );
    let reply = client.send(Method::GET, "/billing", &[], None).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let alerts = reply.body["data"]["alerts"].as_array().expect("alerts").clone();
    assert_eq!(alerts.len(), 1 + 2 + 4, "{alerts:?}");
    assert!(alerts.iter().any(|alert| {
        (&alert["of"], &alert["percent"], &alert["limit_micros"], &alert["told"])
            == (&json!(key), &json!(100), &json!(6_000_000), &json!(true))
    }));
    // A member sees those of the keys that they answer for: none.
    let mine = team.member.browser.get(&format!("/w/{}/settings/spend", team.slug)).await;
    assert!(!rows(&mine).contains("Cap of"), "{}", rows(&mine));
}

#[tokio::test]
async fn only_what_is_chosen_is_told() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "business").await;
    let payer = payer(&console, &team).await;
    let choose = async |person: &Person, place: &str, path: &str, percents: &[&str]| {
        let fields: Vec<(&str, &str)> = percents.iter().map(|percent| ("percents", *percent)).collect();
        submit(&console, person, place, path, &fields).await
    };
    let (account, workspace) = (format!("/t/{}/billing", team.tenant_slug), format!("/w/{}/settings/spend", team.slug));
    let (of_account, of_workspace) = (format!("{account}/alerts"), format!("{workspace}/alerts"));
    for (person, allowed) in [(&payer, true), (&team.admin, false), (&team.member, false)] {
        let answer = choose(person, &team.tenant_slug, &of_account, &["95"]).await;
        assert_eq!(answer.status, if allowed { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }, "{} of the account", person.name);
    }
    for (person, allowed) in [(&team.admin, true), (&team.auditor, false), (&team.member, false)] {
        let answer = choose(person, &team.slug, &of_workspace, &["50", "95"]).await;
        assert_eq!(answer.status, if allowed { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }, "{} of the workspace", person.name);
    }
    let refused = choose(&team.admin, &team.slug, &of_workspace, &["50", "70"]).await;
    assert!(refused.text().contains("70 is none of 50, 80, 95 and 100."), "{}", refused.text());
    for (page, person) in [(&account, &payer), (&workspace, &team.admin)] {
        let shown = person.browser.get(page).await;
        let says = if page == &account { "people are told at 95 and 100 %, once" } else { "told of these caps at 50, 95 and 100 %, once" };
        assert!(shown.text().contains(says), "{}", shown.text());
        assert_eq!(shown.count("input[name=percents][value='95'][checked]"), 1);
        assert_eq!(shown.count("input[name=percents][value='80'][checked]"), 0);
    }
    let told = async |person: &Person| console.told(person.user).await.iter().filter(|kind| *kind == "spend_alert.raised").count();
    cap_account(&console, &team, &payer, "account", "10", "soft").await;
    cap_workspace(&console, &team, &team.admin, &team.workspace.to_string(), "10", "soft").await;
    used(&console, &team, None, "rest.read", 6 * DOLLAR).await;
    assert_eq!((told(&payer).await, told(&team.admin).await), (0, 1), "60 %");
    used(&console, &team, None, "rest.read", 3 * DOLLAR).await;
    assert_eq!((told(&payer).await, told(&team.admin).await), (0, 1), "90 %");
    // What was passed is not told afterwards, by whatever door it is chosen.
    choose(&payer, &team.tenant_slug, &of_account, &["50", "80", "95"]).await;
    let client = console.client(&team.owner, &team.slug, &["billing:read", "settings:write"]).await;
    let reply = client.send(Method::PUT, "/billing/alerts", &[], Some(&json!({ "percents": [80, 100] }))).await;
    assert_eq!((reply.status, &reply.body["data"]["percents"]), (StatusCode::OK, &json!([80, 100])), "{}", reply.body);
    assert_eq!(client.get("/billing").await.body["data"]["alert_percents"], json!([80, 100]));
    let reply = client.send(Method::PUT, "/billing/alerts", &[], Some(&json!({ "percents": [81] }))).await;
    assert_eq!(reply.body["error"]["field_errors"][0]["field"], "percents", "{}", reply.body);
    billing::server::assess(&console.stoa, team.tenant).await.expect("assessed");
    used(&console, &team, None, "rest.read", 3 * DOLLAR / 5).await;
    let titles = "select string_agg(title, ', ' order by created_at, id) from inbox_item where user_id = $1";
    let titles = console.database.text(titles, payer.user.0).await;
    assert_eq!((told(&payer).await, told(&team.admin).await), (1, 1), "96 %: {titles}");
    assert_eq!(console.database.count("select count(*) from spend_alert").await, 6, "all are written down");
    assert_eq!(console.database.count("select count(*) from spend_alert where told").await, 2);
    let mut by = console.actors_of(team.workspace, "spend_alerts.chosen").await;
    by.sort();
    assert_eq!(by, ["Acme Admin", "Test"], "one in the console, one with a key");
    assert_eq!(events(&console, "spend_alerts.chosen").await, 4);
}

/// What was used, in its own transaction, not yet assessed.
async fn quietly_used(console: &Console, team: &Team, nanos: i64) {
    let now = console.stoa.clock.now();
    let event = json!([{
        "tenant_id": team.tenant.0, "occurred_at": now, "id": chance::uuid(now), "workspace_id": team.workspace.0,
        "dimension": "rest.read", "operation": "tasks.list", "quantity": 1, "nanos": nanos, "rate_version": "2026-11-01",
        "channel": "api", "request_id": chance::uuid(now),
    }]);
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query("select append_usage($1::jsonb)").bind(event.to_string()).execute(&mut app).await.expect("appended");
    sqlx::query("select roll_up_usage(100)").execute(&mut app).await.expect("rolled up");
}

/// Random spending, random caps, two nodes that look at the same time, again and again: what is written down is what a plain model says,
/// and people were told the highest of each turn.
#[tokio::test]
async fn no_threshold_is_told_twice_by_however_many() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "business").await;
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    let mut dice = Dice(41);
    let (mut spent, mut cap, mut months) = (0_i64, None::<i64>, 1);
    let mut found: BTreeMap<(i32, i64), BTreeSet<i64>> = BTreeMap::new();
    let mut told = 0;
    for turn in 0..60 {
        match dice.below(8) {
            0 | 1 => {
                let dollars = i64::try_from(dice.below(4)).expect("small") * 10 + 10;
                let answer = cap_account(&console, &team, &team.owner, "account", &dollars.to_string(), "soft").await;
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
                cap = Some(dollars);
            }
            2 if turn > 0 && months < 4 => {
                console.hands.advance(TimeDelta::days(31));
                (spent, months) = (0, months + 1);
                team.owner.browser.set_cookie("stoa_session", &console.new_session(team.owner.user, "Acme Owner").await);
            }
            _ => {
                let nanos = i64::try_from(dice.below(5)).expect("small") * DOLLAR + 1;
                quietly_used(&console, &team, nanos).await;
                spent += nanos;
            }
        }
        let assessed = join_all(nodes.iter().map(|node| billing::server::assess(node, team.tenant))).await;
        assert!(assessed.iter().all(Result::is_ok), "{assessed:?}");
        if let Some(dollars) = cap {
            let known = found.entry((months, dollars)).or_default();
            let reached: BTreeSet<i64> =
                [50, 80, 95, 100].into_iter().filter(|percent| i128::from(spent) * 100 >= i128::from(dollars * DOLLAR * percent)).collect();
            told += usize::from(reached.last().is_some_and(|highest| !known.contains(highest)));
            known.extend(reached);
        }
    }
    let stored: Vec<(chrono::NaiveDate, i64, i16)> =
        sqlx::query_as("select month, limit_micros, threshold from spend_alert where tenant_id = $1 and kind = 'cap'")
            .bind(team.tenant.0)
            .fetch_all(&mut console.database.connect("stoa_owner").await)
            .await
            .expect("alerts");
    let expected: usize = found.values().map(BTreeSet::len).sum();
    assert_eq!(stored.len(), expected, "{stored:?} against {found:?}");
    assert!(expected > 12 && months == 4, "the dice were lame: {found:?}");
    let kinds = console.told(team.owner.user).await;
    assert_eq!(kinds.len(), told, "{kinds:?} against {found:?}");
    // Also by whoever would write behind the code's back.
    let again = "insert into spend_alert select tenant_id, gen_random_uuid(), month, kind, workspace_id, credential_id, limit_micros, threshold, spent_nanos, reached_at, told from spend_alert where tenant_id = $1";
    let refused = sqlx::query(again).bind(team.tenant.0).execute(&mut console.database.connect("stoa_owner").await).await;
    assert!(refused.expect_err("it is refused").to_string().contains("spend_alert_once"));
}
