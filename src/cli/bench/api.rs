//! `stoa bench api`: what a call about a record costs above the statements that it has to run.

pub(super) mod creating;
mod reading;
mod statements;

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::body::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{
    compare::{Pair, Rounds},
    console, listen,
    load::{self, Asked},
    sample,
};
use crate::{
    features::api_keys::server::Created,
    ids::{TenantId, WorkspaceId},
    server::{Stoa, credentials::Kind, http::request::RequestContext, scope::Presented, usage::UsageEvent},
};

const TASKS: &str = "/api/v1/tasks";
const CONNECTIONS: u16 = 32;
/// Of the bare handler's requests a second, the share that a call has to reach.
const READING_AT_LEAST: f64 = 0.8;
const CREATING_AT_LEAST: f64 = 0.75;
/// What is written, and then read.
const BODY: &str = r#"{"title":"Call the supplier about the second delivery","description":"They asked for it on Monday."}"#;

/// Whether the calls reach their bounds.
pub async fn run(rounds: &Rounds, stoa: Stoa) -> anyhow::Result<bool> {
    let rounds = rounds.wide(CONNECTIONS);
    let console = listen(console(&stoa)).await?;
    let place = Place::make(&stoa).await?;
    rounds.introduce("api", &stoa).await?;
    let before = memory();
    let reading = compare_reading(&rounds, &place, console).await?;
    let creating = compare_creating(&rounds, &place, console).await?;
    println!("memory of this process, which asks and answers: {before} MB before, {} MB after", memory());
    Ok(reading && creating)
}

async fn compare_reading(rounds: &Rounds, place: &Place, console: SocketAddr) -> anyhow::Result<bool> {
    let id = place.add(console).await?["data"]["id"].as_str().context("a record has an id")?.to_owned();
    let asked = Asked::get(format!("{TASKS}/{id}"), place.headers.clone(), 200);
    println!("GET {TASKS}/{{record}}: {} bytes", load::fetch(console, &asked).await?.len());
    let bound = listen(reading::bound(place, id.parse()?)).await?;
    let held = rounds.compare(&Pair { name: "read a task", ours: console, bound, asked: &asked, at_least: READING_AT_LEAST }).await?;
    let alone = listen(reading::alone(place, id.parse()?)?).await?;
    rounds.report("bare select", alone, &asked).await?;
    Ok(held)
}

async fn compare_creating(rounds: &Rounds, place: &Place, console: SocketAddr) -> anyhow::Result<bool> {
    let asked = place.adding();
    println!("POST {TASKS}: {} bytes", BODY.len());
    let bound = listen(creating::bound(place, &place.add(console).await?, true).await?).await?;
    rounds.compare(&Pair { name: "create a task", ours: console, bound, asked: &asked, at_least: CREATING_AT_LEAST }).await
}

/// A workspace with a key for its tasks and its log.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) stoa: Stoa,
    pub(super) tenant: TenantId,
    pub(super) workspace: WorkspaceId,
    /// In addresses of the console.
    pub(super) slug: String,
    pub(super) presented: Presented,
    /// As the key's program asks.
    pub(super) request: RequestContext,
    /// As its owner asks, from a browser.
    pub(super) visit: RequestContext,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Place {
    pub(super) async fn make(stoa: &Stoa) -> anyhow::Result<Self> {
        let visitor = sample::owner_of_members(stoa, 1).await?;
        let mut scope = sample::keyring(stoa, &visitor).await?;
        let Created { secret, .. } =
            sample::add_keys(&mut scope, 1, &["tasks:read", "tasks:write", "audit:read"]).await?.pop().context("a key was made")?;
        let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
        scope.commit().await?;
        sample::free_of_limits(stoa, tenant).await?;
        let hashes = stoa.config.secrets.peppers().map(|pepper| (pepper.id().to_owned(), secret.hash(pepper))).collect();
        Ok(Self {
            stoa: stoa.clone(),
            tenant,
            workspace,
            slug: visitor.place.workspace_slug.clone(),
            visit: visitor.request.clone(),
            presented: Presented { kind: Kind::Key, id: secret.id, hashes },
            request: RequestContext { channel: "api", ..visitor.request },
            headers: vec![("authorization", format!("Bearer {}", secret.reveal())), ("accept", "application/json".to_owned())],
        })
    }

    /// As a careful program adds a record.
    pub(super) fn adding(&self) -> Asked {
        let headers = self.headers.clone();
        Asked { path: TASKS.to_owned(), headers, body: Some(BODY.to_owned()), fresh: Some("idempotency-key"), status: 201 }
    }

    pub(super) async fn add(&self, console: SocketAddr) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&load::fetch(console, &self.adding()).await?)?)
    }

    /// The event of such a call, at this moment.
    pub(super) fn used(&self, like: &UsageEvent) -> UsageEvent {
        like.again(&self.stoa.clock)
    }
}

/// What of a bare handler's answer is not the database's.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.into()).into_response()
}

/// Resident, in megabytes; zero where the system does not say.
pub(super) fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
