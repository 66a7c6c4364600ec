//! `stoa audit`: the keys that checkpoints are signed with, whether what is in the audit logs, or was taken from them, is what
//! was signed, and what of them goes or is held.

mod erasing;
mod keeping;

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    features::{
        billing::server::{find_tenant, find_workspace},
        retention,
    },
    ids::LogId,
    server::{
        Stoa,
        config::{AuditPublicKey, Config, ConfigError},
        events::Actor,
        http::request::RequestContext,
        proof::{self, Bundling, Known, Report},
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
    /// Print the public keys that checkpoints are checked with; they are no secret.
    Keys {
        /// As programs that read signed notes take them, for the log of that origin.
        #[arg(long)]
        origin: Option<String>,
    },
    /// Seal and sign now whatever waits.
    Seal,
    /// Check the logs of the database, or a file that was taken from one: a row's proof or a bundle.
    Verify {
        /// The row's proof or bundle; without it the database is checked.
        file: Option<PathBuf>,
        /// A public key in base64, instead of those of the configuration. Can be given several times.
        #[arg(long)]
        key: Vec<String>,
        /// Checkpoints that were kept elsewhere: the witness' file, or a single one. Can be given several times.
        #[arg(long)]
        witness: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Write a log's rows with the proof of them into a file that can be checked anywhere.
    Bundle {
        /// The file; it must not be there yet.
        out: PathBuf,
        /// The number of the first row.
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// How many rows; without it, all.
        #[arg(long)]
        rows: Option<u64>,
        #[command(flatten)]
        place: Place,
    },
    /// Say how long a log's rows are kept, or change it.
    Retention {
        #[command(flatten)]
        wanted: keeping::Wanted,
        #[command(flatten)]
        place: Place,
    },
    /// Put a legal hold on a log: nothing of it goes until it is lifted.
    Hold {
        /// The matter that it is for.
        #[arg(long)]
        name: String,
        /// Why, for the log.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// Lift a legal hold.
    Release {
        /// As `holds` shows it: `ahd_…`.
        hold: String,
        /// Why, for the log.
        #[arg(long)]
        reason: String,
    },
    /// List the legal holds of all logs, on and lifted.
    Holds,
    /// Erase what the logs say of a person: names, addresses, where they were and with what. The rows stay, and are proven.
    Erase {
        #[command(flatten)]
        arguments: erasing::Arguments,
        #[command(flatten)]
        place: Place,
    },
}

/// Which log.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Place {
    /// That of the workspace with this slug: /w/SLUG/…
    #[arg(long)]
    workspace: Option<String>,
    /// That of the team with this slug: /t/SLUG/…
    #[arg(long)]
    tenant: Option<String>,
    /// That of the installation.
    #[arg(long)]
    installation: bool,
    /// That with this id: `log_…`.
    #[arg(long)]
    log: Option<LogId>,
}

pub async fn run(arguments: &Arguments, config: impl FnOnce() -> Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Keys { origin } => keys(&config()?, origin.as_deref()),
        Command::Seal => {
            let done = proof::seal_now(&super::assemble(config()?)?).await?;
            println!("{} rows sealed, {} checkpoints signed", done.rows, done.checkpoints);
            if done.broken > 0 {
                println!("WRONG {} of the rows were edited before; `stoa audit verify` names them", done.broken);
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Verify { file: Some(file), key, witness, .. } => {
            let keys = if key.is_empty() { config()?.secrets.audit_keys().copied().collect() } else { given(key)? };
            let text = BufReader::new(File::open(file).with_context(|| file.display().to_string())?);
            return Ok(told(&proof::check(text, &Known { keys: &keys, notes: &kept(witness)? })?));
        }
        Command::Verify { file: None, key, witness, place } => {
            let stoa = super::assemble(config()?)?;
            let keys = if key.is_empty() { stoa.config.secrets.audit_keys().copied().collect() } else { given(key)? };
            let only = place.find(&stoa).await?;
            return Ok(told(&proof::database(&stoa, &Known { keys: &keys, notes: &kept(witness)? }, only).await?));
        }
        Command::Bundle { out, first, rows, place } => {
            let stoa = super::assemble(config()?)?;
            let Some(log) = place.find(&stoa).await? else { bail!(WHICH) };
            let rows = bundle(&stoa, log, *first, rows.unwrap_or(u64::MAX), out).await?;
            println!("{rows} rows in {}", out.display());
        }
        Command::Retention { wanted, place } => {
            let stoa = super::assemble(config()?)?;
            keeping::retention(&stoa, &place.found(&stoa).await?, wanted).await?;
        }
        Command::Hold { name, reason, place } => {
            let stoa = super::assemble(config()?)?;
            keeping::hold(&stoa, &place.found(&stoa).await?, name, reason).await?;
        }
        Command::Release { hold, reason } => keeping::release(&super::assemble(config()?)?, hold, reason).await?,
        Command::Holds => keeping::holds(&super::assemble(config()?)?).await?,
        Command::Erase { arguments, place } => {
            let stoa = super::assemble(config()?)?;
            let only = if place.is_said() { Some(place.found(&stoa).await?) } else { None };
            return erasing::run(&stoa, arguments, only).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn keys(config: &Config, origin: Option<&str>) {
    for (place, key) in config.secrets.audit_keys().enumerate() {
        let state = if place == 0 { "signs" } else { "signed before" };
        match origin {
            Some(origin) => println!("{}", key.verifier(origin)),
            None => println!("{}  {key}  {state}", key.id()),
        }
    }
}

fn given(keys: &[String]) -> anyhow::Result<Vec<AuditPublicKey>> {
    keys.iter().map(|key| AuditPublicKey::try_from(key.clone()).map_err(|problem| anyhow::anyhow!("--key: {key} {problem}"))).collect()
}

fn kept(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        notes.extend(proof::notes(&text));
    }
    Ok(notes)
}

/// What was found, and a failure where anything is wrong.
fn told(report: &Report) -> ExitCode {
    for line in &report.says {
        println!("ok    {line}");
    }
    for problem in &report.problems {
        println!("WRONG {problem}");
    }
    println!("{} rows and {} checkpoints looked at", report.rows, report.checkpoints);
    if report.is_good() {
        println!("nothing sealed was changed");
        return ExitCode::SUCCESS;
    }
    println!("{} thing(s) are not as they were signed", report.problems.len());
    ExitCode::FAILURE
}

const WHICH: &str = "say which log: --workspace, --tenant, --installation or --log";

impl Place {
    fn is_said(&self) -> bool {
        self.workspace.is_some() || self.tenant.is_some() || self.installation || self.log.is_some()
    }

    /// The log, and whose it is.
    async fn found(&self, stoa: &Stoa) -> anyhow::Result<retention::server::Place> {
        let Some(log) = self.find(stoa).await? else { bail!(WHICH) };
        let place = retention::server::of_log(stoa, log).await?;
        place.context("nothing of this log is sealed yet; `stoa serve` seals within seconds, `stoa audit seal` does it now")
    }

    async fn find(&self, stoa: &Stoa) -> anyhow::Result<Option<Uuid>> {
        if let Some(slug) = &self.workspace {
            let found = find_workspace(stoa, slug).await?;
            let (_, workspace) =
                found.with_context(|| format!("--workspace: no workspace has the slug {slug}; it is the part after /w/ in its address"))?;
            return Ok(Some(workspace.0));
        }
        if let Some(slug) = &self.tenant {
            let found = find_tenant(stoa, slug).await?;
            let tenant =
                found.with_context(|| format!("--tenant: no team has the slug {slug}; it is the part after /t/ in its address"))?;
            return Ok(Some(tenant.0));
        }
        if self.installation {
            return Ok(Some(sqlx::query_scalar!("select id from installation").fetch_one(&stoa.db).await?));
        }
        Ok(self.log.map(|log| log.0))
    }
}

async fn bundle(stoa: &Stoa, log: Uuid, first: u64, most: u64, out: &Path) -> anyhow::Result<u64> {
    let known = proof::logs(&stoa.db).await?;
    let tenant = known.iter().find(|known| known.log_id == log).and_then(|known| known.tenants.last().copied());
    let tenant = tenant.context("nothing of this log is sealed yet; `stoa serve` seals within seconds, `stoa audit seal` does it now")?;
    let open = async || {
        let request = RequestContext::internal(&stoa.clock, "cli", "stoa audit bundle");
        ServiceScope::open_service(stoa, &request, Actor::operator(), crate::ids::TenantId(tenant), "audit.bundle").await
    };
    let mut scope = open().await?;
    let (head, mut bundling) = Bundling::begin(&mut scope, log, first, most).await?;
    scope.close().await?;
    let file = File::create_new(out).with_context(|| out.display().to_string())?;
    let mut file = BufWriter::new(file);
    line(&mut file, &head)?;
    loop {
        let mut scope = open().await?;
        let leaves = bundling.leaves(&mut scope).await?;
        scope.close().await?;
        if leaves.is_empty() {
            break;
        }
        let rows = proof::rows_of(stoa, log, &leaves).await?;
        for one in bundling.lines(&leaves, &rows) {
            line(&mut file, &one)?;
        }
    }
    file.into_inner()?.sync_all()?;
    Ok(head.last - head.first)
}

fn line(file: &mut impl std::io::Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")?;
    Ok(())
}
