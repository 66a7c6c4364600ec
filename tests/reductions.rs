//! Reductions: what was looked at is what is done, by those who may, whatever is paused, and to the same end however often it
//! is interrupted.

mod done;
pub mod interrupted;
pub mod looked;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    records::{data, task},
    support::{Client, Console, Person, Reply, Team},
};

pub const SCOPES: [&str; 8] =
    ["settings:read", "settings:write", "tasks:read", "tasks:write", "activity:read", "activity:write", "support:read", "support:write"];

pub struct Office {
    pub console: Console,
    pub team: Team,
    pub client: Client,
}

impl Office {
    pub async fn open() -> Self {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        let client = console.client(&team.admin, &team.slug, &SCOPES).await;
        Self { console, team, client }
    }

    /// So many tasks, the ids in their order.
    pub async fn tasks(&self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 0..count {
            ids.push(task(&self.client, &json!({ "title": format!("Task {number}") })).await);
        }
        ids
    }

    pub async fn archive(&self, plural: &str, ids: &[String]) {
        for id in ids {
            data(&self.client.post(&format!("/{plural}/{id}/archive"), &json!({})).await);
        }
    }

    pub fn wait(&self, days: i64) {
        self.console.hands.advance(TimeDelta::days(days));
    }

    pub async fn preview(&self, act: &str, resource: &str, days: u32) -> Value {
        data(&self.client.get(&format!("/reductions/preview?act={act}&resource={resource}&days={days}")).await).clone()
    }

    pub async fn start(&self, preview: &Value) -> Reply {
        self.client.post("/reductions", &asked(preview)).await
    }

    /// Looked at, begun, and done to its end.
    pub async fn reduce(&self, act: &str, resource: &str, days: u32) -> Value {
        let preview = self.preview(act, resource, days).await;
        let id = data(&self.start(&preview).await)["id"].as_str().expect("an id").to_owned();
        self.console.work_off().await;
        self.state(&id).await
    }

    pub async fn state(&self, id: &str) -> Value {
        data(&self.client.get(&format!("/reductions/{id}")).await).clone()
    }

    pub async fn records(&self, resource: &'static str) -> i64 {
        let mut owner = self.console.database.connect("stoa_owner").await;
        let sql = "select count(*) from record where workspace_id = $1 and resource = $2";
        sqlx::query_scalar(sql).bind(self.team.workspace.0).bind(resource).fetch_one(&mut owner).await.expect("a count")
    }

    /// Of the workspace's log, by the name of the event.
    pub async fn events(&self, action: &str) -> Vec<Value> {
        let mut owner = self.console.database.connect("stoa_owner").await;
        let sql = "select coalesce(changes, '[]')::jsonb from audit_event where workspace_id = $1 and action = $2 order by occurred_at, id";
        sqlx::query_scalar(sql).bind(self.team.workspace.0).bind(action).fetch_all(&mut owner).await.expect("events")
    }

    /// What is counted is what is there.
    pub async fn ask_counts(&self) {
        let wrong = "select count(*) from record_count as known
                     cross join lateral (
                         select count(*) as records, count(held.archived_at) as archived, coalesce(sum(held.bytes), 0) as bytes
                         from record as held
                         where held.tenant_id = known.tenant_id and held.workspace_id = known.workspace_id
                           and held.module = known.module and held.resource = known.resource) as there
                     where (known.records, known.archived, known.bytes) is distinct from (there.records, there.archived, there.bytes)";
        assert_eq!(self.console.database.count(wrong).await, 0, "record_count is not what is there");
        let left = "select count(*) from record_value as held where not exists (select from record where record.id = held.record_id)";
        assert_eq!(self.console.database.count(left).await, 0, "what lists find by is left of a record that went");
    }

    pub async fn page(&self, person: &Person, query: &str) -> crate::support::Answer {
        person.browser.get(&format!("/w/{}/data/reduce?{query}", self.team.slug)).await
    }
}

pub fn asked(preview: &Value) -> Value {
    json!({ "act": preview["act"], "resource": preview["resource"], "before": preview["before"], "inventory": preview["inventory"] })
}

pub fn conflict(reply: &Reply) -> String {
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "conflict"), "{}", reply.body);
    reply.body["error"]["message"].as_str().expect("text").to_owned()
}
