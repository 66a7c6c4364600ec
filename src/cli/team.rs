//! `stoa team`: bringing a deleted team back before it is purged.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};

use crate::{
    error::AppError,
    features::{billing::server::find_tenant, teams::server::restore},
    server::{config::Config, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Bring a deleted team back, with its people and settings. Its workspaces stay archived.
    Restore {
        /// The slug in the team's address: /t/SLUG/…
        team: String,
        /// Why, for the team's audit log.
        #[arg(long)]
        reason: Option<String>,
    },
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let Command::Restore { team, reason } = &arguments.command;
    let reason = reason.as_deref().map(str::trim);
    if reason.is_some_and(|reason| reason.is_empty() || reason.chars().count() > 400) {
        bail!("--reason: say in 1 to 400 characters why; the team reads it in its audit log");
    }
    bring_back(config, team, reason).await?;
    Ok(ExitCode::SUCCESS)
}

async fn bring_back(config: Config, slug: &str, reason: Option<&str>) -> anyhow::Result<()> {
    let stoa = super::assemble(config)?;
    let tenant = find_tenant(&stoa, slug)
        .await?
        .with_context(|| format!("no team has the slug {slug}; it is the part after /t/ in the team's address"))?;
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa team restore");
    let mut scope = ServiceScope::open_service(&stoa, &request, Actor::operator(), tenant, "team").await?;
    let restored = match restore(&mut scope, reason).await {
        Ok(restored) => restored,
        // The sentence stands for a page: it begins with a name and ends with a full stop.
        Err(AppError::Conflict(why)) => return Err(anyhow!("{slug}: {}", why.trim_end_matches('.'))),
        Err(error) => return Err(error.into()),
    };
    scope.commit().await?;
    println!("{slug} is back: {}, with {} of its people, who were told", restored.name, restored.people);
    println!("{} archived workspaces of it can be restored by their former owners, until each one's own date", restored.archived);
    Ok(())
}
