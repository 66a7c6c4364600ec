//! Random lives of a log: whatever retention, erasure and holds do in whatever order, everything that is left is proven, and
//! what is missing is missing by law.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use stoa::{
    features::retention::server::{self, erase, find_person, trim, values_in},
    server::proof::{self, Known, Seal},
};

use super::{keep_for, place_of, service};
use crate::{
    audit_proof::{
        evidence::{assert_caught, assert_good, changed, taken},
        fill, keys, seal, verified,
    },
    support::{Console, Team},
};

const LIVES: u64 = 3;
const STEPS: usize = 14;

/// The same life for the same seed.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

struct Life {
    console: Console,
    team: Team,
    dice: Dice,
    held: Vec<stoa::ids::AuditHoldId>,
}

impl Life {
    async fn step(&mut self) -> &'static str {
        let place = place_of(&self.team);
        match self.dice.throw(9) {
            0 | 1 => {
                let rows = 1 + self.dice.throw(40);
                fill(&self.console, &self.team, usize::try_from(rows).expect("few")).await;
                "rows were written"
            }
            2 => {
                self.console.hands.advance(TimeDelta::days(1 + i64::try_from(self.dice.throw(20)).expect("few")));
                "days passed"
            }
            3 => {
                let days = 30 + self.dice.throw(30);
                keep_for(&self.console, &self.team, i32::try_from(days).expect("few")).await;
                "it was chosen how long"
            }
            4 | 5 => {
                let before = self.bodies().await;
                let done = trim(&self.console.stoa, &place).await;
                if !self.held.is_empty() {
                    assert_eq!((done.is_err(), self.bodies().await), (true, before), "it is held");
                }
                "what was due went"
            }
            6 => {
                let who = if self.dice.throw(2) == 0 { &self.team.owner } else { &self.team.member };
                let person = find_person(&self.console.stoa, &who.user.to_string()).await.expect("people").remove(0);
                let values = values_in(&self.console.stoa, &place, &person, &[]).await.expect("values");
                let done = erase(&self.console.stoa, &place, &person, &values, "Asked for.", false).await;
                assert_eq!(done.is_err(), !self.held.is_empty());
                "somebody was erased"
            }
            7 => {
                let mut scope = service(&self.console.stoa, &place).await;
                match self.held.pop() {
                    Some(id) => server::lift_as_operator(&mut scope, &place, id, "Settled.").await.expect("lifted"),
                    None => self.held.push(server::hold(&mut scope, &place, "A matter", "Asked for.").await.expect("held")),
                }
                scope.commit().await.expect("committed");
                "it was held, or not any more"
            }
            _ => {
                seal(&self.console).await;
                "it was sealed"
            }
        }
    }

    async fn bodies(&self) -> i64 {
        let count = "select count(*)::text from audit_event where log_id = $1";
        self.console.database.text(count, self.team.workspace.0).await.parse().expect("a count")
    }

    /// The database and what is taken from it, and every row by itself.
    async fn assert_proven(&self, after: &[&str]) {
        assert_eq!(verified(&self.console).await.problems, Vec::<String>::new(), "{after:?}");
        seal(&self.console).await;
        let log = self.team.workspace.0;
        let mut owner = self.console.database.connect("stoa_owner").await;
        let left: Vec<uuid::Uuid> = sqlx::query_scalar("select id from audit_event where log_id = $1 order by id")
            .bind(log)
            .fetch_all(&mut owner)
            .await
            .expect("rows");
        let mut scope = service(&self.console.stoa, &place_of(&self.team)).await;
        let (seals, _) = proof::seals(&mut scope, log, &left).await.expect("seals");
        assert!(seals.iter().all(|seal| matches!(seal, Seal::Signed { .. })), "{after:?}");
        let keys = keys(&self.console.stoa);
        for row in left {
            let proven = proof::row_proof(&mut scope, log, row).await.expect("a proof");
            let text = serde_json::to_string(&proven).expect("JSON");
            let report = proof::check(text.as_bytes(), &Known { keys: &keys, notes: &[] }).expect("a report");
            assert_eq!((report.problems, report.rows), (Vec::new(), 1), "{after:?}");
        }
        scope.close().await.expect("closed");
    }

    /// Every gap needs the word of a record.
    fn assert_gaps_are_lawful(&self) {
        let whole = taken(&self.console, &self.team, &[]);
        assert_good(&self.console, &whole);
        let gone: BTreeSet<u64> = whole
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
            .filter(|line| line["index"].is_u64() && line["fields"].is_null())
            .map(|line| line["index"].as_u64().expect("a number"))
            .collect();
        if let Some(first) = gone.first() {
            let silent = changed(&whole, |lines| lines.retain(|line| line.get("record").is_none()));
            assert_caught(&self.console, &silent, &format!("row {first}: its body is gone, and no record says"));
        }
        let kept = changed(&whole, |lines| {
            let at = lines.iter().position(|line| line["fields"].is_object()).expect("a row that is there");
            lines[at]["fields"] = serde_json::Value::Null;
        });
        assert_caught(&self.console, &kept, "its body is gone, and no record says that it went by law");
    }
}

#[tokio::test]
async fn whatever_goes_by_law_the_rest_is_proven() {
    for seed in 1..=LIVES {
        let console = Console::start().await;
        console.hands.advance(TimeDelta::days(-150));
        let team = console.team("Acme").await;
        fill(&console, &team, 30).await;
        seal(&console).await;
        let mut life = Life { console, team, dice: Dice(seed), held: Vec::new() };
        let mut after = Vec::new();
        for step in 0..STEPS {
            after.push(life.step().await);
            if step % 4 == 3 {
                life.assert_proven(&after).await;
            }
        }
        life.assert_proven(&after).await;
        life.assert_gaps_are_lawful();
    }
}
