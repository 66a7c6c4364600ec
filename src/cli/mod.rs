//! The command line: what an operator does without a browser.

mod audit;
mod bench;
mod billing;
#[cfg(feature = "demo")]
pub mod demo;
mod doctor;
mod entitlement;
mod jobs;
mod key;
mod migrate;
mod modules;
mod operator;
mod plan;
mod serve;
mod team;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::server::{
    Parts, Stoa, clock::Clock, config::Config, database, http::assets::Files, identity::RelyingParty, modules as catalogue, plans,
    telemetry,
};

/// Stoa: teams, workspaces, access, usage, billing and audit on one Postgres.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// The configuration file (TOML); the environment goes over it.
    #[arg(long, short, global = true, env = "STOA_CONFIG")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests until asked to stop.
    Serve,
    /// Bring the database up to date, or print what its administrator has to run first.
    Migrate(migrate::Arguments),
    /// Check configuration, database, clock, identity provider and addresses, and say what to do.
    Doctor,
    /// List the jobs that wait or are dead; have one tried again, or drop it.
    Jobs(jobs::Arguments),
    /// Check the manifests of modules, say which are in force, or put others in force.
    Modules(modules::Arguments),
    /// Make a person an operator of this installation.
    Operator(operator::Arguments),
    /// Print the keys that checkpoints are signed with, check audit logs and what was taken from them, or take a bundle.
    Audit(audit::Arguments),
    /// Look at a credential without asking any server.
    #[command(subcommand)]
    Key(key::Arguments),
    /// List the plans, or give a team another one.
    Plan(plan::Arguments),
    /// Keep a team's books: its ledger, credit, payments, charges and invoices.
    Billing(billing::Arguments),
    /// Allow something beside a team's plan or take it away, list what is so, or end it.
    Entitlement(entitlement::Arguments),
    /// Bring a deleted team back before it is purged.
    Team(team::Arguments),
    /// Measure, as ratios against a bound taken in the same run.
    Bench(bench::Arguments),
    /// Bring up everything for a look: Postgres, an identity provider, sample people.
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
}

pub async fn run() -> anyhow::Result<ExitCode> {
    // One TLS implementation for the process, chosen before anything connects.
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = Arguments::parse();
    let config = || Config::load(arguments.config.as_deref());
    match arguments.command {
        Command::Serve => serve::run(config()?).await,
        Command::Migrate(arguments) => migrate::run(&arguments, config).await,
        Command::Doctor => doctor::run(config()).await,
        Command::Jobs(arguments) => jobs::run(&arguments, config()?).await,
        Command::Modules(arguments) => modules::run(&arguments, config).await,
        Command::Operator(arguments) => operator::run(&arguments, config()?).await,
        Command::Audit(arguments) => audit::run(&arguments, config).await,
        Command::Key(arguments) => key::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments, config).await,
        Command::Billing(arguments) => billing::run(&arguments, config()?).await,
        Command::Entitlement(arguments) => entitlement::run(&arguments, config()?).await,
        Command::Team(arguments) => team::run(&arguments, config()?).await,
        Command::Bench(arguments) => Box::pin(bench::run(&arguments, config()?)).await,
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(arguments).await,
    }
}

/// Everything that a request needs, from a checked configuration.
pub(crate) fn assemble(config: Config) -> anyhow::Result<Stoa> {
    plans::check()?;
    catalogue::load(config.modules.directory.as_deref())?;
    let clock = Clock::system();
    let site_root = config.site_root.clone().or_else(site_beside_binary);
    let files = Files::load(site_root.as_deref())?;
    if !files.is_complete() {
        tracing::warn!(site_root = ?site_root, "the console's stylesheet and scripts are missing; build them with cargo leptos, or set site_root");
    }
    Ok(Stoa::new(Parts {
        db: database::pool(&config.database.url, config.database.max_connections)?,
        identity: RelyingParty::new(&config, clock.clone())?,
        metrics: telemetry::start_metrics(),
        files,
        clock,
        config,
    }))
}

/// `site` beside the binary, as a release unpacks it; or what cargo-leptos just built.
pub(crate) fn site_beside_binary() -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    [folder.join("site"), folder.join("../site")].into_iter().find(|candidate| candidate.is_dir())
}
