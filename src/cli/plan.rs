//! `stoa plan`: which plans there are, and which one a team has.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};

use crate::{
    features::billing::server::{find_tenant, set_plan},
    server::{
        clock::Clock,
        config::{Config, ConfigError},
        events::Actor,
        http::request::RequestContext,
        plans::{self, Plan},
        scope::ServiceScope,
    },
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The plans in force today.
    List,
    /// Give a team another plan, at once. Of workspaces that it has no room for the oldest go on, and the others are read only over the API.
    Set {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
        /// A key of `stoa plan list`.
        plan: String,
        /// Why, for the team's audit log.
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(arguments: &Arguments, config: impl FnOnce() -> Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::List => list(Clock::system().now())?,
        Command::Set { tenant, plan, reason } => set(config()?, tenant, plan, reason).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(now: DateTime<Utc>) -> anyhow::Result<()> {
    plans::check()?;
    println!("{:<12} {:<12} {:>10} {:>10} {:>11}  past what is included", "key", "name", "a month", "included", "workspaces");
    for plan in plans::list(now) {
        let workspaces = plan.workspaces.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
        let beyond = if plan.hard_caps { "refused" } else { "charged" };
        println!(
            "{:<12} {:<12} {:>10} {:>10} {workspaces:>11}  {beyond}",
            plan.key,
            plan.name,
            dollars(plan.price),
            dollars(plan.included)
        );
    }
    Ok(())
}

/// Whole dollars, which is what plans cost.
fn dollars(micros: Option<i64>) -> String {
    micros.map_or_else(|| "by contract".to_owned(), |micros| format!("${}", micros / 1_000_000))
}

async fn set(config: Config, slug: &str, key: &str, reason: &str) -> anyhow::Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 400 {
        bail!("--reason: say in 1 to 400 characters why; the team reads it in its audit log");
    }
    let stoa = super::assemble(config)?;
    let plan: &Plan =
        plans::find(key, stoa.clock.now()).with_context(|| format!("there is no plan {key}; `stoa plan list` shows those there are"))?;
    let tenant = find_tenant(&stoa, slug)
        .await?
        .with_context(|| format!("no team has the slug {slug}; it is the part after /t/ in the team's address"))?;
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa plan set");
    let mut scope = ServiceScope::open_service(&stoa, &request, Actor::operator(), tenant, "plan").await?;
    let before = set_plan(&mut scope, plan, reason).await?;
    scope.commit().await?;
    if before == plan.key {
        println!("{slug} has the plan {key} already; nothing was changed");
    } else {
        println!("{slug} has the plan {key} now, and had {before} before");
    }
    Ok(())
}
