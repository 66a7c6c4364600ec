//! Usage adds up: chart, table, file and API give the sum of the events, in every zone, before and after they are rolled up.

mod compared;
mod door;
mod live;
mod members;
mod metering;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use sqlx::Row as _;
use stoa::{
    ids::{ApiKeyId, UserId, WorkspaceId},
    money::Nanos,
    numbers::grouped,
    server::usage::roll_up,
};
use uuid::Uuid;

use crate::support::{Answer, Browser, Client, Console, Person, Team, browser::encode};

const READS: [&str; 2] = ["usage:read", "billing:read"];

/// Numbers that are the same on every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// An event as `append_usage` takes it.
pub fn event(team: &Team, workspace: WorkspaceId, at: DateTime<Utc>, credential: Option<ApiKeyId>, dice: &mut Dice) -> Value {
    let (dimension, module, operation, nanos) = [
        ("rest.read", Some("tasks"), "tasks.list", 20_000),
        ("rest.write", Some("crm"), "crm.contacts.create", 100_001),
        ("mcp.call", Some("tasks"), "tasks.create", 50_000),
        ("workspace.operation", None, "settings.update", 0),
    ][usize::try_from(dice.below(4)).expect("small")];
    let channel = if credential.is_none() {
        "console"
    } else if dimension == "mcp.call" {
        "mcp"
    } else {
        "api"
    };
    let user = [None, Some(team.owner.user), Some(team.member.user)][usize::try_from(dice.below(3)).expect("small")];
    let quantity = i64::try_from(dice.below(3)).expect("small") + 1;
    json!({
        "tenant_id": team.tenant.0, "occurred_at": at, "id": Uuid::from_bytes(stoa::server::chance::bytes()),
        "workspace_id": workspace.0, "dimension": dimension, "module": module, "operation": operation, "quantity": quantity,
        "nanos": nanos * quantity, "rate_version": "2026-11-01", "credential_id": credential.map(|id| id.0), "user_id": user.map(|id| id.0), "channel": channel,
        "request_id": Uuid::from_bytes(stoa::server::chance::bytes()),
    })
}

/// Through the one door there is, as the application. Returns how many were new.
pub async fn append(console: &Console, events: &[Value]) -> i32 {
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query_scalar("select append_usage($1)").bind(json!(events)).fetch_one(&mut app).await.expect("taken in")
}

/// Adds up so many of those that wait.
pub async fn roll(console: &Console, most: i32) {
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query("select roll_up_usage($1)").bind(most).execute(&mut app).await.expect("rolled up");
}

/// One figure, however it was read: where it begins, its part, events, quantity and nano-dollars.
type Figure = (String, Option<String>, i64, Option<i64>, i64);

/// Straight from the events, cut by the database's own calendar.
async fn raw(console: &Console, team: &Team, question: &Question) -> Vec<Figure> {
    let part = match question.by {
        "dimension" => "dimension",
        "module" => "coalesce(module, 'none')",
        "credential" => "coalesce(credential_id::text, 'none')",
        "member" => "coalesce(user_id::text, 'none')",
        "operation" => "operation",
        "channel" => "channel",
        _ => "''",
    };
    let sql = format!(
        "select date_trunc('{}', occurred_at, '{}') as starts_at, {part} as part, count(*) as events, sum(quantity)::bigint as quantity,
                sum(nanos)::bigint as nanos
         from usage_event
         where workspace_id = $1 and tenant_id = $2 and occurred_at >= ($3::timestamp at time zone '{}')
           and occurred_at < (($4::timestamp + interval '1 day') at time zone '{}') and {}
         group by 1, 2 order by 1, 2",
        question.grain, question.zone, question.zone, question.zone, question.only.1
    );
    let mut owner = console.database.connect("stoa_owner").await;
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(team.workspace.0)
        .bind(team.tenant.0)
        .bind(question.from.parse::<chrono::NaiveDate>().expect("a day").and_time(chrono::NaiveTime::MIN))
        .bind(question.to.parse::<chrono::NaiveDate>().expect("a day").and_time(chrono::NaiveTime::MIN))
        .fetch_all(&mut owner)
        .await
        .expect("rows");
    let has_unit = question.by == "dimension" || question.only.0.starts_with("dimension");
    rows.iter()
        .map(|row| {
            let part: String = row.get("part");
            let part = match question.by {
                "credential" => part.parse().map_or(part, |id| ApiKeyId(id).to_string()),
                "member" => part.parse().map_or(part, |id| UserId(id).to_string()),
                _ => part,
            };
            let starts_at: DateTime<Utc> = row.get("starts_at");
            let quantity: i64 = row.get("quantity");
            (
                starts_at.to_rfc3339(),
                (!question.by.is_empty()).then_some(part),
                row.get("events"),
                has_unit.then_some(quantity),
                row.get("nanos"),
            )
        })
        .collect()
}

#[derive(Clone, Copy, Debug)]
struct Question {
    zone: &'static str,
    from: &'static str,
    to: &'static str,
    grain: &'static str,
    by: &'static str,
    /// As the query says it, and as SQL does.
    only: (&'static str, &'static str),
}

impl Question {
    fn query(&self) -> String {
        format!("range=custom&from={}&to={}&grain={}&by={}&{}", self.from, self.to, self.grain, self.by, self.only.0)
    }
}

const ALL: (&str, &str) = ("", "true");

/// Months begin with their first day: the database's calendar knows no cut ones.
const QUESTIONS: &[Question] = &[
    Question { zone: "UTC", from: "2026-10-26", to: "2026-11-20", grain: "day", by: "dimension", only: ALL },
    Question { zone: "UTC", from: "2026-10-01", to: "2026-11-20", grain: "month", by: "", only: ("module=tasks", "module = 'tasks'") },
    Question { zone: "America/New_York", from: "2026-10-30", to: "2026-11-03", grain: "hour", by: "", only: ALL },
    Question { zone: "America/New_York", from: "2026-10-27", to: "2026-11-20", grain: "day", by: "credential", only: ALL },
    Question { zone: "Asia/Kathmandu", from: "2026-11-18", to: "2026-11-20", grain: "hour", by: "module", only: ALL },
    Question { zone: "America/New_York", from: "2026-10-27", to: "2026-11-20", grain: "day", by: "member", only: ALL },
    Question { zone: "UTC", from: "2026-11-01", to: "2026-11-20", grain: "day", by: "operation", only: ("member=none", "user_id is null") },
    Question { zone: "America/New_York", from: "2026-10-27", to: "2026-11-20", grain: "day", by: "channel", only: ALL },
    Question { zone: "UTC", from: "2026-11-01", to: "2026-11-20", grain: "day", by: "dimension", only: ("channel=mcp", "channel = 'mcp'") },
    Question {
        zone: "UTC",
        from: "2026-10-26",
        to: "2026-11-20",
        grain: "day",
        by: "member",
        only: ("operation=tasks.create", "operation = 'tasks.create'"),
    },
    Question {
        zone: "Asia/Kathmandu",
        from: "2026-11-01",
        to: "2026-11-20",
        grain: "day",
        by: "",
        only: ("dimension=rest.write&module=crm", "dimension = 'rest.write'"),
    },
];

fn sorted(mut figures: Vec<Figure>) -> Vec<Figure> {
    figures.sort();
    figures
}

fn of_api(body: &Value, by: &str) -> Vec<Figure> {
    let part = match by {
        "credential" => "credential_id",
        "member" => "user_id",
        _ => by,
    };
    let rows = body["data"]["rows"].as_array().unwrap_or_else(|| panic!("no rows in {body}"));
    rows.iter()
        .map(|row| {
            (
                row["starts_at"].as_str().map(at).expect("a time").to_rfc3339(),
                (!by.is_empty()).then(|| row[part].as_str().expect("a part").to_owned()),
                row["events"].as_i64().expect("a number"),
                row["quantity"].as_i64(),
                row["amount"]["amount_nanos"].as_i64().expect("an amount"),
            )
        })
        .collect()
}

fn of_csv(answer: &Answer, by: &str) -> Vec<Figure> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut reader = csv::Reader::from_reader(answer.body.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let cell = |row: &csv::StringRecord, name: &str| row[head.iter().position(|column| column == name).expect(name)].to_owned();
    rows.iter()
        .map(|row| {
            (
                at(&cell(row, "starts_at")).to_rfc3339(),
                (!by.is_empty()).then(|| cell(row, by)),
                cell(row, "events").parse().expect("a number"),
                cell(row, "quantity").parse().ok(),
                cell(row, "amount_nanos").parse().expect("a number"),
            )
        })
        .collect()
}

/// The texts that a selector finds, in order.
fn texts(page: &Answer, selector: &str) -> Vec<String> {
    let document = Html::parse_document(&page.body);
    let selector = Selector::parse(selector).expect("a selector");
    document.select(&selector).map(|found| found.text().collect::<String>()).collect()
}

/// The numbers of the whole table, page by page, and how many a row has.
async fn figures_of(browser: &Browser, first: &Answer) -> (Vec<String>, usize) {
    let mut cells = texts(first, "details tbody td.number");
    let columns = cells.len() / first.count("details tbody tr").max(1);
    let next = |page: &Answer| page.body.contains("Next rows").then(|| page.link("Next rows"));
    let mut to = next(first);
    while let Some(address) = to {
        let page = browser.get(&address).await;
        cells.extend(texts(&page, "details tbody td.number"));
        to = next(&page);
    }
    (cells, columns.max(1))
}

fn labels(page: &Answer, selector: &str) -> Vec<String> {
    let document = Html::parse_document(&page.body);
    let selector = Selector::parse(selector).expect("a selector");
    document.select(&selector).filter_map(|found| found.attr("aria-label")).map(str::to_owned).collect()
}

/// What the chart's bars say, bar by bar.
fn bars(figures: &[Figure], shown: impl Fn(&Figure) -> i64) -> Vec<i64> {
    let mut totals: Vec<(&str, i64)> = Vec::new();
    for figure in figures {
        match totals.last_mut() {
            Some((start, total)) if *start == figure.0 => *total += shown(figure),
            _ => totals.push((&figure.0, shown(figure))),
        }
    }
    totals.into_iter().map(|(_, total)| total).filter(|total| *total > 0).collect()
}

/// All five ways to the same figures.
async fn assert_adds_up(console: &Console, team: &Team, client: &Client, question: &Question, when: &str) -> usize {
    let says = format!("{when}: {question:?}");
    let raw = raw(console, team, question).await;
    let path = format!("/usage?{}&time_zone={}", question.query().replace("range=custom&", ""), encode(question.zone));
    let reply = client.get(&path).await;
    assert_eq!(reply.status, StatusCode::OK, "{says}: {}", reply.body);
    let by_api = of_api(&reply.body, question.by);
    assert_eq!(sorted(by_api.clone()), sorted(raw.clone()), "the API, {says}");
    let total: i64 = raw.iter().map(|figure| figure.2).sum();
    assert_eq!(reply.body["data"]["total"]["events"], total, "{says}");

    let browser = &team.owner.browser;
    assert_eq!(of_csv(&browser.get(&format!("/w/{}/usage.csv?{}", team.slug, question.query())).await, question.by), by_api, "{says}");
    let page = browser.get(&format!("/w/{}/usage?{}", team.slug, question.query())).await;
    assert_eq!(page.status, 200, "{says}: {}", page.text());
    let expected: Vec<String> = by_api.iter().map(|figure| format!("{} {}", grouped(figure.2), Nanos(figure.4).exact())).collect();
    let (cells, columns) = figures_of(browser, &page).await;
    let shown: Vec<String> = cells.chunks(columns).map(|row| format!("{} {}", row[0], row[columns - 1])).collect();
    assert_eq!(shown, expected, "the table, {says}");
    let heights = bars(&by_api, |figure| figure.2);
    let drawn: Vec<String> = labels(&page, "a.chart-bar");
    assert_eq!(drawn.len(), heights.len(), "{says}");
    for (bar, height) in drawn.iter().zip(heights) {
        assert!(bar.ends_with(&format!(": {}", grouped(height))), "{bar} is not {height}, {says}");
    }
    let amounts = browser.get(&format!("/w/{}/usage?{}&measure=amount", team.slug, question.query())).await;
    for (bar, height) in labels(&amounts, "a.chart-bar").iter().zip(bars(&by_api, |figure| figure.4)) {
        assert!(bar.ends_with(&format!(": {}", Nanos(height).exact())), "{bar} is not {height}, {says}");
    }
    raw.len()
}

async fn moves_to(console: &Console, person: &Person, zone: &str) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update app_user set time_zone = $2 where id = $1")
        .bind(person.user.0)
        .bind(zone)
        .execute(&mut owner)
        .await
        .expect("moved");
}

/// Some hundred events of four weeks, many of them in the hours around a change of the clocks.
fn events_of(team: &Team, workspace: WorkspaceId, credentials: &[Option<ApiKeyId>], dice: &mut Dice, count: u64) -> Vec<Value> {
    (0..count)
        .map(|place| {
            let (from, seconds) = if place % 3 == 0 { ("2026-11-01T03:00:00Z", 5 * 3600) } else { ("2026-10-25T00:00:00Z", 27 * 86_400) };
            let moment = at(from) + TimeDelta::seconds(i64::try_from(dice.below(seconds)).expect("small"));
            let credential = credentials[usize::try_from(dice.below(credentials.len() as u64)).expect("small")];
            event(team, workspace, moment, credential, dice)
        })
        .collect()
}

#[tokio::test]
async fn chart_table_file_and_api_are_the_sum_of_the_events_at_every_moment() {
    let console = Console::start().await;
    let (mut acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    crate::workspaces::give_plan(&console, &acme, "enterprise").await;
    let (other, _) = console.next_workspace(&mut acme).await;
    let client = console.client(&acme.owner, &acme.slug, &READS).await;
    let ended = console.client(&acme.owner, &acme.slug, &READS).await;
    console.change("update api_key set status = 'revoked', revoked_at = created_at where id = $1", ended.key.0).await;
    let keys = [Some(client.key), Some(ended.key), None];
    let mut dice = Dice(7);
    let ours = events_of(&acme, acme.workspace, &keys, &mut dice, 400);
    let theirs = [events_of(&acme, other, &keys, &mut dice, 60), events_of(&zenith, zenith.workspace, &keys, &mut dice, 60)].concat();
    assert_eq!(append(&console, &ours).await, 400);
    assert_eq!(append(&console, &theirs).await, 120);
    assert_eq!(append(&console, &ours[100..300]).await, 0, "sent twice is counted once");

    let mut compared = 0;
    for stage in ["nothing is rolled up", "some are", "all are", "late ones came", "and those are rolled up too"] {
        match stage {
            "some are" => roll(&console, 170).await,
            "all are" | "and those are rolled up too" => {
                roll_up(&console.stoa).await.expect("rolled up");
                assert_eq!(console.database.count("select count(*) from usage_pending").await, 0);
            }
            "late ones came" => {
                let late = events_of(&acme, acme.workspace, &keys, &mut dice, 50);
                assert_eq!(append(&console, &[late, ours[..20].to_vec()].concat()).await, 50);
            }
            _ => {}
        }
        for question in QUESTIONS {
            moves_to(&console, &acme.owner, question.zone).await;
            compared += assert_adds_up(&console, &acme, &client, question, stage).await;
            compared::assert_compares(&acme, &client, question, stage).await;
        }
    }
    assert!(compared > 500, "only {compared} figures were compared");
}
