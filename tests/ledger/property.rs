//! Random lives of accounts: events, some twice and some late, top-ups, refunds, other plans by the operator and by those who
//! pay, charges and ends of months, by three nodes. The books are right after every step, doing it again changes nothing, and in
//! the end every way to a figure leads to the same.
//!
//! `STOA_LEDGER_CASES` and `STOA_LEDGER_SEED` choose how many lives, and which.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::Value;
use stoa::{
    error::AppError,
    features::{
        billing::server::{
            changing::apply_due,
            ledger::{self, Act},
        },
        usage,
    },
    money::Micros,
    server::{Stoa, events::Actor},
};

use super::{MICRO_DOLLAR, agreeing::one_sum_everywhere, append, event, hold_true, snapshot};
use crate::{
    billing::submit,
    support::{Console, Team},
    usage::Dice,
    workspaces::give_plan,
};

const STEPS: u64 = 40;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

struct Life {
    console: Console,
    nodes: [Stoa; 3],
    teams: [Team; 2],
    sent: Vec<Value>,
    dice: Dice,
    keys: u64,
}

impl Life {
    fn below(&mut self, most: u64) -> usize {
        usize::try_from(self.dice.below(most)).expect("small")
    }

    fn amount(&mut self, most: u64) -> i64 {
        i64::try_from(self.dice.below(most)).expect("small")
    }

    async fn step(&mut self) -> &'static str {
        match self.below(11) {
            0..=2 => self.use_some().await,
            3 => {
                let most = self.amount(60) + 1;
                let mut app = self.console.database.connect("stoa_app").await;
                sqlx::query("select roll_up_usage($1)")
                    .bind(i32::try_from(most).expect("small"))
                    .execute(&mut app)
                    .await
                    .expect("added up");
                "adds some up"
            }
            4 => {
                let minutes = self.amount(9_000);
                self.console.hands.advance(TimeDelta::minutes(minutes));
                "time passes"
            }
            5 | 6 => Box::pin(self.all_at_once()).await,
            7 => self.by_hand().await,
            8 => {
                let plan = ["developer", "builder", "team", "enterprise"][self.below(4)];
                let which = self.below(2);
                give_plan(&self.console, &self.teams[which], plan).await;
                "another plan"
            }
            9 => Box::pin(self.chooses()).await,
            _ => {
                usage::server::roll_up(self.nodes[0].clone()).await.expect("added up");
                "adds all up"
            }
        }
    }

    /// Some of them late, one in five for the second time.
    async fn use_some(&mut self) -> &'static str {
        let mut events = Vec::new();
        for _ in 0..=self.below(30) {
            if !self.sent.is_empty() && self.below(5) == 0 {
                let again = self.below(self.sent.len() as u64);
                events.push(self.sent[again].clone());
                continue;
            }
            let reach = if self.below(4) == 0 { 60 * 24 * 40 } else { 50 };
            let ago = TimeDelta::seconds(self.amount(60 * reach));
            let dimension = ["rest.read", "rest.write", "mcp.call", "credential.operation"][self.below(4)];
            let nanos = if dimension == "credential.operation" { 0 } else { self.amount(3_000_000_000) };
            let which = self.below(2);
            let one = event(&self.teams[which], self.console.stoa.clock.now() - ago, dimension, nanos);
            self.sent.push(one.clone());
            events.push(one);
        }
        // The same twice in one batch too.
        events.dedup_by_key(|event| event["id"].clone());
        append(&self.console, &events).await;
        "uses some"
    }

    /// Three nodes settle and charge while a fourth adds up.
    async fn all_at_once(&mut self) -> &'static str {
        let [one, two, three] = self.nodes.clone();
        let which = self.below(2);
        let tenant = self.teams[which].tenant;
        let operator = Actor::operator();
        let (settled, again, charged, added, applied) = tokio::join!(
            ledger::settle_due(one.clone()),
            ledger::settle_due(two),
            ledger::charge_now(&three, tenant, &operator),
            usage::server::roll_up(one.clone()),
            apply_due(one),
        );
        for outcome in [settled, again, charged, added, applied] {
            outcome.expect("done");
        }
        "settles"
    }

    /// Whoever pays asks for a plan: a larger one is there at once, a smaller one when the month is over.
    async fn chooses(&mut self) -> &'static str {
        let (which, wanted) = (self.below(2), ["developer", "builder", "team", "business"][self.below(4)]);
        let (console, team) = (&self.console, &self.teams[which]);
        let session = console.new_session(team.owner.user, &team.owner.name).await;
        team.owner.browser.set_cookie("stoa_session", &session);
        let held = console.database.text("select plan from tenant where tenant_id = $1", team.tenant.0).await;
        let path = format!("/t/{}/billing/plan", team.tenant_slug);
        let answer = submit(console, &team.owner, &team.tenant_slug, &path, &[("plan", wanted), ("seen", &held)]).await;
        // By contract, or due already: it says so.
        let is_refused = answer.status == StatusCode::CONFLICT;
        assert!(answer.status == StatusCode::SEE_OTHER || is_refused, "{held} to {wanted}: {} {}", answer.status, answer.text());
        "asks for a plan"
    }

    async fn by_hand(&mut self) -> &'static str {
        let micros = self.amount(40_000_000) + 1;
        let act = match self.below(6) {
            0 => Act::Grant(Micros(micros)),
            1 => Act::Refund(Micros(micros)),
            2 => Act::Payment(Micros(micros)),
            3 => Act::AdjustPrepaid(micros - 20 * MICRO_DOLLAR),
            4 => Act::AdjustOwed(micros - 20 * MICRO_DOLLAR),
            _ => Act::TopUp(Micros(micros)),
        };
        self.keys += 1;
        let (key, which) = (format!("{}", self.keys), self.below(2));
        for node in [0, 1] {
            match ledger::by_hand(&self.nodes[node], self.teams[which].tenant, act, &key, "a life").await {
                // Twice is once; more than there is, or nothing, is refused.
                Ok(_) | Err(AppError::Invalid(_)) => {}
                Err(error) => panic!("{act:?}: {error}"),
            }
        }
        "enters something"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_books_are_right() {
    let (cases, chosen) = (setting("STOA_LEDGER_CASES", 3), setting("STOA_LEDGER_SEED", 1));
    for seed in chosen..chosen + cases {
        Box::pin(live(seed)).await;
    }
}

async fn live(seed: u64) {
    let console = Console::start().await;
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    let teams = [console.team("Acme").await, console.team("Zenith").await];
    let mut life = Life { console, nodes, teams, sent: Vec::new(), dice: Dice(seed), keys: 0 };
    let mut lived = Vec::new();
    for step in 0..STEPS {
        lived.push(Box::pin(life.step()).await);
        println!("STOA_LEDGER_SEED={seed} step {step}: {}", lived[lived.len() - 1]);
        hold_true(&life.console).await;
    }
    usage::server::roll_up(life.nodes[0].clone()).await.expect("added up");
    life.console.hands.advance(TimeDelta::days(40));
    ledger::settle_due(life.nodes[1].clone()).await.expect("settled");
    hold_true(&life.console).await;
    let count = async |sql| life.console.database.count(sql).await;
    assert_eq!(
        count("select coalesce(sum(nanos), 0)::bigint from usage_charge").await,
        count("select coalesce(sum(nanos), 0)::bigint from usage_event").await,
        "everything is charged in the end"
    );
    assert_eq!(count("select coalesce(sum(micros), 0)::bigint from ledger_posting").await, 0);
    let before = snapshot(&life.console).await;
    ledger::settle_due(life.nodes[2].clone()).await.expect("settled");
    for team in &life.teams {
        ledger::charge_now(&life.nodes[0], team.tenant, &Actor::operator()).await.expect("charged");
    }
    assert_eq!(snapshot(&life.console).await, before, "again changes nothing");
    for team in &life.teams {
        Box::pin(one_sum_everywhere(&life.console, team)).await;
    }
}
