//! `stoa bench pages`.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, extract::State, response::Html, routing::get};
use tokio::net::TcpListener;
use tower_sessions::{Session, session::Id};

use super::load::{self, Figures};
use crate::{
    access::tenant::SeeTeam,
    app,
    features::{sign_in::server::arrive, workspaces},
    paths,
    server::{
        Stoa,
        config::Config,
        http::{self, request::RequestContext},
        identity::Identity,
        scope::{InTenant, Intent, Scope},
        sessions::{self, PostgresStore, Start},
    },
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long, default_value_t = 16)]
    connections: usize,

    /// Of each of the rounds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,

    #[arg(long, default_value_t = 3)]
    rounds: usize,

    /// Fail where the ratio is below this.
    #[arg(long)]
    at_least: Option<f64>,
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let connections = config.database.max_connections;
    let stoa = crate::cli::assemble(config)?;
    let visitor = visitor(&stoa).await?;
    let page = listen(http::router(stoa.clone(), app::doors(), app::operations(), Router::new())).await?;
    let warm = Duration::from_secs(2);
    let size = load::run(page, &visitor.path, &visitor.cookie, arguments.connections, warm).await?.body;
    let bare = listen(bare(stoa.clone(), &visitor, size)).await?;
    load::run(bare, "/", "", arguments.connections, warm).await?;

    println!(
        "bench pages: {} connections, pool of {connections}, {} s a round, {size} bytes, {} build, PostgreSQL {}",
        arguments.connections,
        arguments.seconds,
        if cfg!(debug_assertions) { "DEBUG" } else { "release" },
        sqlx::query_scalar::<_, String>("show server_version").fetch_one(&stoa.db).await?,
    );
    let mut ratios = Vec::new();
    let duration = Duration::from_secs(arguments.seconds);
    for round in 1..=arguments.rounds {
        let bound = load::run(bare, "/", "", arguments.connections, duration).await?;
        let ours = load::run(page, &visitor.path, &visitor.cookie, arguments.connections, duration).await?;
        show(round, "bare handler", &bound);
        show(round, "Workspaces page", &ours);
        ratios.push(ours.requests_per_second / bound.requests_per_second);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("ratio (median of {} rounds): {median:.2}", ratios.len());
    Ok(if arguments.at_least.is_some_and(|least| median < least) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(round: usize, what: &str, figures: &Figures) {
    println!(
        "round {round}  {what:<16} {:>8.0} requests/s   median {:>6.2} ms   p99 {:>6.2} ms",
        figures.requests_per_second, figures.median_milliseconds, figures.p99_milliseconds
    );
}

struct Visitor {
    path: String,
    slug: String,
    cookie: String,
    request: RequestContext,
}

/// Someone signed in, with a workspace.
async fn visitor(stoa: &Stoa) -> anyhow::Result<Visitor> {
    let mut request = RequestContext::internal(&stoa.clock, "cli", "stoa bench");
    let identity = Identity {
        issuer: "bench".to_owned(),
        subject: "visitor".to_owned(),
        email: "visitor@example.com".to_owned(),
        email_verified: true,
        name: Some("Visitor".to_owned()),
        session: None,
        authenticated_at: None,
        multi_factor: false,
    };
    let arrival = arrive(stoa, &request, &identity).await?;
    let session = Session::new(None, Arc::new(PostgresStore::new(stoa.clone())), None);
    let start = Start {
        user: arrival.user,
        name: arrival.name,
        issuer: identity.issuer,
        provider_session: None,
        authenticated_at: stoa.clock.now(),
        multi_factor: false,
        ip: None,
        user_agent: None,
        request: None,
    };
    session.insert(Start::KEY, start).await?;
    session.save().await?;
    let id: Id = session.id().context("a stored session has an id")?;
    request.session = Some(sessions::hash(id));
    let slug: String = sqlx::query_scalar("select known.tenant_slug from open_console($1, 'user', '', now(), interval '1 hour', true), json_to_recordset(places::json) as known (tenant_slug text) limit 1")
        .bind(sessions::hash(id).as_slice())
        .fetch_one(&stoa.db)
        .await?;
    let name = sessions::cookie_name(stoa.config.public_urls.is_https());
    Ok(Visitor { path: paths::workspaces(&slug), slug, cookie: format!("{name}={id}"), request })
}

#[derive(Clone)]
struct Bare {
    stoa: Stoa,
    request: RequestContext,
    slug: String,
    body: Arc<str>,
}

/// The bound: the same pool, the same statements in the same round trips, and an answer of the same size that
/// nobody renders. What is above it is what the console itself costs.
fn bare(stoa: Stoa, visitor: &Visitor, size: usize) -> Router {
    let bare = Bare { stoa, request: visitor.request.clone(), slug: visitor.slug.clone(), body: "x".repeat(size).into() };
    Router::new().route("/", get(answer)).with_state(bare)
}

async fn answer(State(bare): State<Bare>) -> Result<Html<String>, http::Problem> {
    let ask = async {
        let mut scope = Scope::<InTenant<SeeTeam>>::open(&bare.stoa, &bare.request, Some(&bare.slug), Intent::Read, true).await?;
        workspaces::server::list(&mut scope).await?;
        scope.close().await
    };
    ask.await?;
    Ok(Html(bare.body.to_string()))
}

async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(http::serve(listener, router, std::future::pending()));
    Ok(at)
}
