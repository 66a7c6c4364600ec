//! `stoa bench pages`: what a page of the console costs above what it asks the database.

use std::{net::SocketAddr, sync::Arc};

use anyhow::ensure;
use axum::{Router, body::Bytes, extract::State, response::Html};
use futures_util::future::{BoxFuture, FutureExt as _};

use super::{
    compare::{Pair, Rounds},
    console, listen,
    load::{self, Asked},
    sample::{self, ROWS, Visitor},
};
use crate::{
    access::{
        tenant::SeeTeam,
        workspace::{ReadAudit, ReadCredentials, ReadWorkspace},
    },
    error::AppError,
    features::{
        api_keys,
        audit_log::{self, server::Logged},
        members, workspaces,
    },
    paths,
    server::{
        Stoa,
        credentials::Kind,
        http::{Problem, request::RequestContext},
        scope::{InTenant, InWorkspace, Intent, Reach, Scope},
    },
};

/// Of the bare handler's requests a second, the share that a page has to reach.
const AT_LEAST: f64 = 0.5;
/// Begins each row of a table, and nothing else.
const ROW: &str = "<th scope=\"row\"";

/// What a page asks the database between opening its scope and closing it.
type Ask = for<'a> fn(&'a Stoa, &'a RequestContext, &'a str) -> BoxFuture<'a, Result<(), AppError>>;

/// A page, who looks at it, and what its bound does in its place.
struct Subject {
    name: &'static str,
    path: String,
    /// Of the tenant or workspace in the address.
    slug: String,
    visitor: Arc<Visitor>,
    ask: Ask,
}

/// Whether every page reaches its bound.
pub async fn run(rounds: &Rounds, stoa: Stoa) -> anyhow::Result<bool> {
    let console = listen(console(&stoa)).await?;
    rounds.introduce("pages", &stoa).await?;
    let mut all_held = true;
    for subject in subjects(&stoa).await? {
        all_held &= measure(rounds, &stoa, console, &subject).await?;
    }
    Ok(all_held)
}

async fn measure(rounds: &Rounds, stoa: &Stoa, console: SocketAddr, subject: &Subject) -> anyhow::Result<bool> {
    let Subject { name, path, .. } = subject;
    let headers = vec![("cookie", subject.visitor.cookie.clone()), ("accept", "text/html".to_owned())];
    let asked = Asked::get(path.clone(), headers, 200);
    let page = load::fetch(console, &asked).await?;
    let rows = page.matches(ROW).count();
    ensure!(rows == ROWS, "{name} shows {rows} rows in place of {ROWS}");
    println!("{name}: {rows} rows, {} bytes", page.len());
    let bound = listen(bare(stoa, subject, page.len())).await?;
    rounds.compare(&Pair { name, ours: console, bound, asked: &asked, at_least: AT_LEAST }).await
}

/// Whoever visits Workspaces is in 50 of them, and has all of these in the switcher; whoever visits the others is in one,
/// whose log is filled by its members and keys.
async fn subjects(stoa: &Stoa) -> anyhow::Result<Vec<Subject>> {
    let many = Arc::new(sample::owner_of_workspaces(stoa).await?);
    let one = Arc::new(sample::owner_of_members(stoa, ROWS).await?);
    let mut keyring = sample::keyring(stoa, &one).await?;
    sample::add_keys(&mut keyring, ROWS, &sample::SCOPES).await?;
    keyring.commit().await?;
    let (tenant, workspace) = (many.place.tenant_slug.clone(), one.place.workspace_slug.clone());
    let here = |name, path, ask| Subject { name, path, slug: workspace.clone(), visitor: one.clone(), ask };
    Ok(vec![
        Subject { name: "Workspaces", path: paths::workspaces(&tenant), slug: tenant, visitor: many, ask: ask_workspaces },
        here("Members", paths::members(&workspace), ask_members),
        here("API Keys", paths::api_keys(&workspace), ask_api_keys),
        here("Audit Log", paths::audit_log(&workspace), ask_audit_log),
    ])
}

/// The bound: the same pool, the same statements in the same round trips, and an answer of the same size that
/// nobody renders. What is above it is what the console itself costs.
fn bare(stoa: &Stoa, subject: &Subject, size: usize) -> Router {
    let bare = Bare {
        stoa: stoa.clone(),
        request: subject.visitor.request.clone(),
        slug: subject.slug.clone(),
        ask: subject.ask,
        body: "x".repeat(size).into(),
    };
    Router::new().fallback(answer).with_state(Arc::new(bare))
}

struct Bare {
    stoa: Stoa,
    request: RequestContext,
    slug: String,
    ask: Ask,
    body: Bytes,
}

async fn answer(State(bare): State<Arc<Bare>>) -> Result<Html<Bytes>, Problem> {
    (bare.ask)(&bare.stoa, &bare.request, &bare.slug).await?;
    Ok(Html(bare.body.clone()))
}

fn ask_workspaces<'a>(stoa: &'a Stoa, request: &'a RequestContext, slug: &'a str) -> BoxFuture<'a, Result<(), AppError>> {
    async move {
        let mut scope = open::<InTenant<SeeTeam>>(stoa, request, slug).await?;
        let (tenant, plan) = (scope.tenant().id, scope.tenant().plan.clone());
        workspaces::server::list(&mut scope).await?;
        workspaces::server::list_archived(&mut scope).await?;
        workspaces::server::allowance(&mut scope, tenant, &plan).await?;
        scope.close().await
    }
    .boxed()
}

fn ask_members<'a>(stoa: &'a Stoa, request: &'a RequestContext, slug: &'a str) -> BoxFuture<'a, Result<(), AppError>> {
    async move {
        let mut scope = open::<InWorkspace<ReadWorkspace>>(stoa, request, slug).await?;
        members::server::list(&mut scope, &members::server::Filter::default(), None).await?;
        scope.close().await
    }
    .boxed()
}

fn ask_api_keys<'a>(stoa: &'a Stoa, request: &'a RequestContext, slug: &'a str) -> BoxFuture<'a, Result<(), AppError>> {
    async move {
        let mut scope = open::<InWorkspace<ReadCredentials>>(stoa, request, slug).await?;
        let limit = i64::try_from(ROWS).unwrap_or_default() + 1;
        api_keys::server::list(&mut scope, &api_keys::server::Filter { kind: Some(Kind::Key), limit, ..Default::default() }).await?;
        api_keys::server::listed_stewards(&mut scope, Kind::Key).await?;
        scope.close().await
    }
    .boxed()
}

fn ask_audit_log<'a>(stoa: &'a Stoa, request: &'a RequestContext, slug: &'a str) -> BoxFuture<'a, Result<(), AppError>> {
    async move {
        let mut scope = open::<InWorkspace<ReadAudit>>(stoa, request, slug).await?;
        let source = Logged::source(&mut scope).await?;
        let listed = audit_log::server::list(&mut scope, &source, &audit_log::server::Filter::default(), None).await?;
        audit_log::server::sealing(&mut scope, &source, &listed.entries).await?;
        audit_log::server::kept(&mut scope).await?;
        scope.close().await
    }
    .boxed()
}

/// As a door opens a page's.
async fn open<R: Reach>(stoa: &Stoa, request: &RequestContext, slug: &str) -> Result<Scope<R>, AppError> {
    Scope::open(stoa, request, Some(slug), Intent::Read, true).await
}
