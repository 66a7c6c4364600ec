//! `stoa jobs`: what waits to be done, what is dead, and what becomes of it.

use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    ids::JobId,
    server::{
        config::Config,
        queue::{self, Listed},
    },
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Print the oldest jobs, at most 500.
    List {
        /// Only those that failed too often and are not tried again.
        #[arg(long)]
        dead: bool,
    },
    /// Make a job due now, with all its attempts before it.
    Retry { id: JobId },
    /// Take a job away that was not done. What it was to do does not happen.
    Drop { id: JobId },
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    match arguments.verb {
        Verb::List { dead } => {
            let now = stoa.clock.now();
            let jobs = queue::list(&stoa, dead).await?;
            for job in &jobs {
                println!("{}", line(job, now));
            }
            println!("{} job(s)", jobs.len());
        }
        Verb::Retry { id } => {
            if !queue::retry(&stoa, id).await? {
                bail!("there is no job {id}, or a node has it in hand just now; `stoa jobs list` shows them");
            }
            println!("{id} is due now");
        }
        Verb::Drop { id } => {
            if !queue::discard(&stoa, id).await? {
                bail!("there is no job {id}, or a node has it in hand just now; `stoa jobs list` shows them");
            }
            println!("{id} is dropped");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One job: id, kind, tenant, state and when, attempts, and what the last one met.
fn line(job: &Listed, now: DateTime<Utc>) -> String {
    let owner = if job.tenant.0.is_nil() { "installation".to_owned() } else { job.tenant.to_string() };
    let held = job.lease_until.filter(|until| *until > now);
    let state = match (job.status.as_str(), held) {
        ("dead", _) => format!("dead, was due {}", short(job.run_at)),
        (_, Some(until)) => format!("in hand until {}", short(until)),
        _ => format!("due {}", short(job.run_at)),
    };
    let error = job.last_error.as_deref().map(|error| format!("  {error}")).unwrap_or_default();
    format!("{}  {}  {owner}  {state}  {} attempt(s){error}", job.id, job.kind, job.attempts)
}

fn short(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TenantId;

    #[test]
    fn a_line_says_where_a_job_stands() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().expect("a time");
        let mut job = Listed {
            tenant: TenantId(uuid::Uuid::nil()),
            id: JobId(uuid::Uuid::nil()),
            kind: "inbox.mail".to_owned(),
            status: "ready".to_owned(),
            run_at: now,
            lease_until: None,
            attempts: 1,
            last_error: Some("it rained".to_owned()),
            created_at: now,
        };
        assert_eq!(
            line(&job, now),
            "job_00000000000000000000000000  inbox.mail  installation  due 2026-11-21T12:00:00Z  1 attempt(s)  it rained"
        );
        job.lease_until = Some(now + chrono::TimeDelta::seconds(60));
        assert!(line(&job, now).contains("in hand until 2026-11-21T12:01:00Z"));
        job.status = "dead".to_owned();
        job.lease_until = None;
        assert!(line(&job, now).contains("dead, was due"));
    }
}
