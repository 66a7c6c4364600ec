//! `stoa bench`: figures that mean something on a noisy machine, as ratios against a bound of the same run.

mod api;
mod audit;
mod compare;
mod keys;
mod lists;
mod load;
mod pages;
mod sample;
mod usage;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::net::TcpListener;

use compare::Rounds;

use crate::{
    app,
    server::{
        Stoa,
        clock::Clock,
        config::Config,
        database::{self, Installation},
        http, telemetry,
    },
};

/// As `serve` does it.
const UPKEEP: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Pages with 50 rows (Workspaces, Members, API Keys, Audit Log), each against a bare handler with the same round
    /// trips and an answer of the same size.
    Pages(Rounds),
    /// Calls of the API: with a good key and with one that cannot be a key, each against a bare handler; with a key that
    /// nobody has and one that is revoked.
    Keys(Rounds),
    /// Records over the API: one that is read, and one that is made with its audit, usage, outbox and idempotent answer,
    /// each against a bare handler that runs the same statements.
    Api(Rounds),
    /// Pages of 25 tasks in a workspace of millions, against the same pages when it had a hundred thousand; with how
    /// Postgres finds them. Fills the database, which takes its time and a few gigabytes.
    Lists(lists::Lists),
    /// The audit log: what it costs a write, how many rows a second are sealed, searches of a log of millions against the
    /// same ones when it had a hundred thousand and against plain SQL, and a file against `COPY`. Fills the database, which
    /// takes its time and twenty gigabytes.
    Audit(audit::Audit),
    /// Usage: what is spent beyond a limit by many callers at once, how fast events are taken in beside `COPY`, the Usage page
    /// of a workspace of millions of events against an empty one's, and what charging months of them takes; with books that
    /// balance to the nano-dollar. Fills the database, which takes its time and ten gigabytes.
    Usage(usage::Usage),
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start_logging(&crate::server::config::Log { level: "error".to_owned(), ..config.log.clone() });
    prepare(&config).await?;
    let stoa = super::assemble(config)?;
    let upkeep = tokio::spawn(keep_figures(stoa.clone()));
    let all_held = match &arguments.what {
        What::Pages(rounds) => pages::run(rounds, stoa).await?,
        What::Keys(rounds) => keys::run(rounds, stoa).await?,
        What::Api(rounds) => api::run(rounds, stoa).await?,
        What::Lists(lists) => lists::run(lists, stoa).await?,
        What::Audit(audit) => audit::run(audit, stoa).await?,
        What::Usage(usage) => usage::run(usage, stoa).await?,
    };
    upkeep.abort();
    Ok(if all_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Benches make people and load: on a database that is marked for such things, or on an empty one, which is marked.
async fn prepare(config: &Config) -> anyhow::Result<()> {
    let owner =
        config.database.owner_url.as_ref().context("configuration: database.owner_url: is needed to prepare the bench's database")?;
    database::migrate(owner, Installation::new(true, Clock::system().now())).await?;
    let db = database::pool(&config.database.url, 1)?;
    let marked: bool = sqlx::query_scalar("select demo from installation").fetch_one(&db).await?;
    if !marked {
        bail!("this database serves people (its installation is no demonstration's); benches leave it alone");
    }
    Ok(())
}

/// What counting requests costs is a part of what is measured.
async fn keep_figures(stoa: Stoa) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        if let Some(metrics) = &stoa.metrics {
            metrics.run_upkeep();
        }
    }
}

/// The whole console, as `serve` answers with it.
fn console(stoa: &Stoa) -> Router {
    http::router(stoa.clone(), app::doors(), app::operations(), Router::new())
}

async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(http::serve(listener, router, std::future::pending()));
    Ok(at)
}
