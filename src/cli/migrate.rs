//! `stoa migrate`.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::server::{
    clock::Clock,
    config::{Config, ConfigError},
    database::{self, Installation, ROLES_SQL},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print the SQL that makes the three roles, for an administrator to run once in the cluster.
    #[arg(long)]
    roles: bool,
}

pub async fn run(arguments: &Arguments, config: impl FnOnce() -> Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    if arguments.roles {
        print!("{ROLES_SQL}");
        return Ok(ExitCode::SUCCESS);
    }
    let config = config()?;
    let owner_url = config
        .database
        .owner_url
        .context("configuration: database.owner_url: is missing; migrations run as stoa_owner, which `stoa migrate --roles` makes")?;
    let applied = database::migrate(&owner_url, Installation::new(false, Clock::system().now())).await?;
    println!("{applied} migration(s) applied; the database is up to date");
    Ok(ExitCode::SUCCESS)
}
