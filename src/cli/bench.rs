//! `stoa bench`: figures that mean something on a noisy machine, as ratios against a bound of the same run.

mod load;
mod pages;

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::server::{
    clock::Clock,
    config::Config,
    database::{self, Installation},
    telemetry,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The authenticated Workspaces page, against a bare handler with the same round trips and an answer of the
    /// same size.
    Pages(pages::Arguments),
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start_logging(&crate::server::config::Log { level: "error".to_owned(), ..config.log.clone() });
    prepare(&config).await?;
    match &arguments.what {
        What::Pages(arguments) => pages::run(arguments, config).await,
    }
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
