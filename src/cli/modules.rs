//! `stoa modules`: the manifests of an operator's own, before anything starts with them.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};

use crate::server::{
    Stoa,
    config::{Config, ConfigError},
    manifests::{self, By, Weighed},
    modules::{self, Module},
};

const UNASKED: &str = "database.url: what is in force could not be asked (`stoa doctor` says more)";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Read manifests beside those that are shipped, and say what is wrong with them, by file and line.
    Check {
        /// A folder of manifests. Without it the configured one is read, and held against what is in force.
        directory: Option<PathBuf>,
    },
    /// Say which manifests are in force, and what the configured ones would change.
    List,
    /// Put the configured manifests in force. Nodes that hold others serve nobody until they are restarted with these.
    Adopt,
}

pub async fn run(arguments: &Arguments, config: impl FnOnce() -> Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Check { directory: Some(directory) } => {
            said(&modules::read_with(Some(directory))?, Some(directory));
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { directory: None } => check(config()?).await,
        Command::List => list(config()?).await,
        Command::Adopt => adopt(config()?).await,
    }
}

/// What was read: the shipped ones are counted, the operator's named.
fn said(modules: &[Module], directory: Option<&Path>) {
    for module in modules.iter().filter(|module| !module.source.is_shipped) {
        let operations: usize = module.resources.iter().map(|resource| resource.operations.len()).sum();
        println!("{}: {} ({}), {operations} operations", module.source.place, module.manifest.key, module.manifest.name);
    }
    let own = modules.iter().filter(|module| !module.source.is_shipped).count();
    let place = directory.map_or_else(|| "no folder is configured".to_owned(), |directory| directory.display().to_string());
    println!("{own} of your own ({place}) and {} shipped; every manifest can be used", modules.len() - own);
}

async fn check(config: Config) -> anyhow::Result<ExitCode> {
    let directory = config.modules.directory.clone();
    said(&modules::read_with(directory.as_deref())?, directory.as_deref());
    let stoa = super::assemble(config)?;
    let weighed = manifests::weigh(&stoa, modules::list()).await.context(UNASKED)?;
    compared(&stoa, &weighed).await?;
    Ok(if weighed.refusals.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn list(config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    let weighed = manifests::weigh(&stoa, modules::list()).await.context(UNASKED)?;
    if weighed.number == 0 {
        println!("none is in force yet: the first node that starts puts its own in force");
        return Ok(ExitCode::SUCCESS);
    }
    println!("set {} is in force", weighed.number);
    println!("{:<24} {:>7}  {:<12}  first seen", "module", "version", "hash");
    for kept in &weighed.current {
        let seen = kept.first_seen_at.format("%Y-%m-%dT%H:%M:%SZ");
        println!("{:<24} {:>7}  {:<12}  {seen}", kept.module, kept.version, &kept.hash[..12]);
    }
    compared(&stoa, &weighed).await?;
    Ok(ExitCode::SUCCESS)
}

async fn adopt(config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    let weighed = manifests::adopt(&stoa, modules::list(), By::Operator).await.context(UNASKED)?;
    if !weighed.refusals.is_empty() {
        bail!("nothing was changed:\n  {}", weighed.refusals.join("\n  "));
    }
    if !weighed.is_current {
        bail!("other manifests were put in force meanwhile, and nothing was changed; look at `stoa modules list`, and run this again");
    }
    tell_gone(&stoa).await?;
    println!("these manifests are in force; restart every node that holds others, since it serves nobody now");
    Ok(ExitCode::SUCCESS)
}

/// What the configured manifests are beside those in force.
async fn compared(stoa: &Stoa, weighed: &Weighed) -> anyhow::Result<()> {
    tell_gone(stoa).await?;
    for refusal in &weighed.refusals {
        println!("refused: {refusal}");
    }
    if weighed.is_current {
        println!("they are in force");
    } else if weighed.refusals.is_empty() {
        println!("others are in force: a node with these waits while nodes with those are there, or `stoa modules adopt` decides");
    } else {
        println!("they cannot be put in force as they are");
    }
    Ok(())
}

async fn tell_gone(stoa: &Stoa) -> anyhow::Result<()> {
    for gone in manifests::gone(stoa, modules::list()).await.context(UNASKED)? {
        println!("note: {gone}");
    }
    Ok(())
}
