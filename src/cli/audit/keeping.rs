//! `stoa audit retention`, `hold`, `release` and `holds`: how long a log is kept, and what holds it, as the operator says.

use anyhow::{Context as _, bail};

use crate::{
    error::AppError,
    features::retention::{
        NAME_MAX, REASON_MAX,
        server::{self, Place},
    },
    ids::{AuditHoldId, TenantId},
    server::{Stoa, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

/// What is to be so from now on.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct Wanted {
    /// Keep rows for so many days: 30 or more.
    #[arg(long)]
    days: Option<i32>,
    /// Keep rows for as long as the plan allows; those of the installation for ever.
    #[arg(long)]
    forever: bool,
}

async fn open(stoa: &Stoa, tenant: TenantId, command: &'static str) -> anyhow::Result<ServiceScope> {
    let request = RequestContext::internal(&stoa.clock, "cli", command);
    Ok(ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "audit.retention").await?)
}

/// What an error says of a field, as the command line has it.
fn told(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(fields) => {
            let fields: Vec<String> = fields.into_iter().map(|field| format!("--{}: {}", field.field, field.message)).collect();
            anyhow::anyhow!(fields.join("; "))
        }
        other => other.into(),
    }
}

pub async fn retention(stoa: &Stoa, place: &Place, wanted: &Wanted) -> anyhow::Result<()> {
    let mut scope = open(stoa, place.tenant, "stoa audit retention").await?;
    if wanted.forever || wanted.days.is_some() {
        let is_new = server::choose(&mut scope, place, wanted.days, None).await.map_err(told)?;
        scope.commit().await?;
        println!("{}", if is_new { "saved" } else { "it is so already; nothing was changed" });
        scope = open(stoa, place.tenant, "stoa audit retention").await?;
    }
    let standing = server::standing(&mut scope, place).await?;
    let now = scope.now();
    scope.close().await?;
    let said = |days: Option<i32>| days.map_or_else(|| "for ever".to_owned(), |days| format!("for {days} days"));
    println!("{}: rows are kept {}", place.id, said(standing.days(now)));
    if let Some((days, from)) = standing.coming(now) {
        println!("from {} on: {}", from.format("%Y-%m-%dT%H:%M:%SZ"), said(days));
    }
    for hold in &standing.holds {
        println!("held: {}  {}", hold.id, hold.name);
    }
    Ok(())
}

pub async fn hold(stoa: &Stoa, place: &Place, name: &str, reason: &str) -> anyhow::Result<()> {
    let (name, reason) = (name.trim(), reason.trim());
    if name.is_empty() || name.chars().count() > NAME_MAX {
        bail!("--name: say in 1 to {NAME_MAX} characters which matter it is for");
    }
    checked(reason)?;
    let mut scope = open(stoa, place.tenant, "stoa audit hold").await?;
    let id = server::hold(&mut scope, place, name, reason).await?;
    scope.commit().await?;
    println!("{id} is on {}: nothing of it goes", place.id);
    Ok(())
}

fn checked(reason: &str) -> anyhow::Result<()> {
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        bail!("--reason: say in 1 to {REASON_MAX} characters why; whoever reads the log sees it");
    }
    Ok(())
}

pub async fn release(stoa: &Stoa, id: &str, reason: &str) -> anyhow::Result<()> {
    let reason = reason.trim();
    checked(reason)?;
    let id: AuditHoldId = id.parse().ok().with_context(|| format!("{id} is no hold's id (ahd_…); `stoa audit holds` shows them"))?;
    let hold = all(stoa).await?.into_iter().find(|hold| hold.id == id);
    let hold = hold.with_context(|| format!("there is no hold {id}; `stoa audit holds` shows those there are"))?;
    let place = server::of_log(stoa, hold.log.0).await?.with_context(|| format!("the log {} is nobody's any more", hold.log))?;
    let mut scope = open(stoa, place.tenant, "stoa audit release").await?;
    match server::lift_as_operator(&mut scope, &place, id, reason).await {
        Ok(()) => {}
        Err(AppError::Conflict(_)) => {
            println!("{id} is lifted already; nothing was changed");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    scope.commit().await?;
    println!("{id} is lifted");
    Ok(())
}

async fn all(stoa: &Stoa) -> anyhow::Result<Vec<server::Hold>> {
    let mut scope = open(stoa, TenantId(uuid::Uuid::nil()), "stoa audit holds").await?;
    let holds = server::all(&mut scope).await?;
    scope.close().await?;
    Ok(holds)
}

pub async fn holds(stoa: &Stoa) -> anyhow::Result<()> {
    let holds = all(stoa).await?;
    if holds.is_empty() {
        println!("there is no hold on any log");
        return Ok(());
    }
    println!("{:<30} {:<30} {:<8} {:<20} {:<30} {:<30} reason", "id", "log", "state", "since", "by", "matter");
    for hold in holds {
        let state = if hold.lifted_at.is_some() { "lifted" } else { "on" };
        let (id, log, since) = (hold.id.to_string(), hold.log.to_string(), hold.placed_at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        println!("{id:<30} {log:<30} {state:<8} {since:<20} {:<30} {:<30} {}", hold.placed_by, hold.name, hold.reason);
    }
    Ok(())
}
