//! `stoa entitlement`: what a team or a workspace is allowed beside its plan.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::{
    error::AppError,
    features::billing::{
        REASON_MAX,
        server::{
            entitlements::{self, Entitlement, Key, NewEntitlement},
            find_tenant, find_workspace,
        },
    },
    ids::{EntitlementId, TenantId, WorkspaceId},
    server::{Stoa, config::Config, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Allow something from now on, in the place of what was said of it before.
    Set {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
        /// `module:KEY`, `workspaces`, `calls_per_minute` or `audit_days`.
        key: String,
        /// `on` or `off` of a module; a whole number or `unlimited` of the others.
        value: String,
        /// The slug of one of its workspaces, for that one alone: /w/SLUG/…
        #[arg(long)]
        workspace: Option<String>,
        /// Why, for the audit log.
        #[arg(long)]
        reason: String,
        /// When it ends: a date (its beginning in UTC) or an RFC 3339 time. Without it, when it is ended.
        #[arg(long)]
        until: Option<String>,
    },
    /// What holds, and what has ended.
    List {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
    },
    /// End one now.
    End {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
        /// As `list` shows it: `ent_…`.
        id: String,
        /// Why, for the audit log.
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    match &arguments.command {
        Command::Set { tenant, key, value, workspace, reason, until } => {
            let key = Key::parse(key).map_err(anyhow::Error::msg)?;
            let allowed = key.value(value).map_err(anyhow::Error::msg)?;
            let until = until.as_deref().map(moment).transpose()?;
            let reason = checked(reason)?;
            let (tenant_id, workspace) = place(&stoa, tenant, workspace.as_deref()).await?;
            if workspace.is_some() && matches!(key, Key::Workspaces | Key::AuditDays) {
                bail!("{} is of the whole team: leave out --workspace", key.name());
            }
            set(&stoa, tenant_id, &NewEntitlement { workspace, key, allowed, reason, until }).await?;
        }
        Command::List { tenant } => list(&stoa, tenant).await?,
        Command::End { tenant, id, reason } => end(&stoa, tenant, id, &checked(reason)?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn checked(reason: &str) -> anyhow::Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        bail!("--reason: say in 1 to {REASON_MAX} characters why; the team reads it in its audit log");
    }
    Ok(reason.to_owned())
}

fn moment(text: &str) -> anyhow::Result<DateTime<Utc>> {
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    day.or_else(|_| text.parse::<DateTime<Utc>>())
        .with_context(|| format!("--until: {text} is neither a date such as 2027-01-31 nor a time such as 2027-01-31T12:00:00Z"))
}

async fn tenant_of(stoa: &Stoa, slug: &str) -> anyhow::Result<TenantId> {
    find_tenant(stoa, slug).await?.with_context(|| format!("no team has the slug {slug}; it is the part after /t/ in the team's address"))
}

async fn place(stoa: &Stoa, tenant: &str, workspace: Option<&str>) -> anyhow::Result<(TenantId, Option<WorkspaceId>)> {
    let id = tenant_of(stoa, tenant).await?;
    let Some(slug) = workspace else { return Ok((id, None)) };
    let found = find_workspace(stoa, slug).await?.filter(|(owner, _)| *owner == id);
    let (_, workspace) = found
        .with_context(|| format!("--workspace: {tenant} has no workspace with the slug {slug}; it is the part after /w/ in its address"))?;
    Ok((id, Some(workspace)))
}

async fn open(stoa: &Stoa, tenant: TenantId, command: &'static str) -> anyhow::Result<ServiceScope> {
    let request = RequestContext::internal(&stoa.clock, "cli", command);
    Ok(ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "entitlement").await?)
}

async fn set(stoa: &Stoa, tenant: TenantId, new: &NewEntitlement) -> anyhow::Result<()> {
    let mut scope = open(stoa, tenant, "stoa entitlement set").await?;
    let id = match entitlements::set(&mut scope, new).await {
        Ok(id) => id,
        Err(AppError::Invalid(_)) => bail!("--until: the end is not ahead of now"),
        Err(AppError::NotFound) => bail!("the team, or the workspace, is not live: nothing can be allowed there"),
        Err(error) => return Err(error.into()),
    };
    scope.commit().await?;
    println!("{id}: {} is {} now", new.key.name(), entitlements::says(&new.key.name(), new.allowed));
    Ok(())
}

async fn list(stoa: &Stoa, slug: &str) -> anyhow::Result<()> {
    let tenant = tenant_of(stoa, slug).await?;
    let mut scope = open(stoa, tenant, "stoa entitlement list").await?;
    let known = entitlements::list(&mut scope, tenant).await?;
    let now = scope.now();
    scope.close().await?;
    if known.is_empty() {
        println!("{slug} has nothing beside its plan");
        return Ok(());
    }
    println!("{:<30} {:<24} {:<10} {:<8} {:<20} {:<20} reason", "id", "key", "value", "state", "ends", "workspace");
    for one in &known {
        println!("{}", line(one, now));
    }
    Ok(())
}

fn line(one: &Entitlement, now: DateTime<Utc>) -> String {
    let state = if one.holds(now) { "in force" } else { "ended" };
    let ends = one.ends_at.map_or_else(|| "never".to_owned(), |end| end.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let of = one.workspace.map_or_else(|| "all".to_owned(), |id| id.to_string());
    let value = entitlements::says(&one.key, one.allowed);
    format!("{:<30} {:<24} {value:<10} {state:<8} {ends:<20} {of:<20} {}", one.id.to_string(), one.key, one.reason)
}

async fn end(stoa: &Stoa, slug: &str, id: &str, reason: &str) -> anyhow::Result<()> {
    let id: EntitlementId = id.parse().ok().with_context(|| format!("{id} is not an entitlement's id (ent_…); `list` shows them"))?;
    let tenant = tenant_of(stoa, slug).await?;
    let mut scope = open(stoa, tenant, "stoa entitlement end").await?;
    match entitlements::end(&mut scope, id, reason).await {
        Ok(()) => {}
        Err(AppError::NotFound) => bail!("{slug} has no entitlement {id}; `stoa entitlement list {slug}` shows those there are"),
        Err(AppError::Conflict(_)) => {
            println!("{id} has ended already; nothing was changed");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    scope.commit().await?;
    println!("{id} has ended");
    Ok(())
}
