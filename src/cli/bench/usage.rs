//! `stoa bench usage`: whether usage is taken in, shown and charged as fast however much of it there is, and how far beyond a
//! limit many callers at once come.

mod books;
mod charging;
mod filling;
mod ingest;
mod overrun;
mod paging;

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};

use super::{compare::Rounds, console, listen};
use crate::server::Stoa;
use filling::Filling;

const CONNECTIONS: u16 = 16;
/// In a team.
const WORKSPACES_TOGETHER: usize = 5;

/// How much was used, and how it is looked at.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Usage {
    #[command(flatten)]
    rounds: Rounds,

    /// That were used from the first day of last month on: a fifth of them in one workspace.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    events: u32,

    /// That they are of, five to a team.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..=5_000))]
    workspaces: u32,

    /// That are taken in by the server itself, and by `COPY`.
    #[arg(long, default_value_t = 300_000, value_parser = clap::value_parser!(u32).range(3_000..))]
    ingested: u32,

    /// Of last month, that are charged one by one, as the clock has it; the rest of it is charged with its end.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=600))]
    hours: u32,
}

/// Whether everything stays within its bound, and the books balance.
pub async fn run(usage: &Usage, stoa: Stoa) -> anyhow::Result<bool> {
    let rounds = usage.rounds.wide(CONNECTIONS);
    rounds.introduce("usage", &stoa).await?;
    let mut all_hold = overrun::measure(&stoa).await?;

    let mut filling = Filling::start(&stoa, usage.workspaces).await?;
    all_hold &= ingest::compare(&stoa, owner(&stoa).await?, &filling.places(), usage.ingested, rounds.count()).await?;
    filling.fill(usage.events).await?;
    println!("\n{}", filling.room().await?);

    let at = listen(console(&stoa)).await?;
    all_hold &= paging::compare(&rounds, &stoa, &filling, at).await?;
    all_hold &= charging::measure(&stoa, &mut filling, usage.hours).await?;
    paging::explain(&stoa, &filling).await?;
    Ok(all_hold)
}

/// Not of a pool, whose statements end when they take long.
async fn owner(stoa: &Stoa) -> anyhow::Result<PgConnection> {
    let url = stoa.config.database.owner_url.as_ref().context("database.owner_url: is needed to fill tables")?;
    Ok(PgConnection::connect(url).await?)
}

fn says(holds: bool, otherwise: &'static str) -> &'static str {
    if holds { "PASS" } else { otherwise }
}
