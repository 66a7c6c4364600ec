//! The Usage page of the largest workspace, against that of an empty one and of one with as many rows to show and few events.

use std::net::SocketAddr;

use chrono::{SecondsFormat, TimeDelta};

use super::{filling::Filling, says};
use crate::{
    access::workspace::ReadWorkspace,
    cli::bench::{
        compare::Rounds,
        load::{self, Asked},
        sample::Team,
    },
    features::usage::server as usage,
    server::{
        Stoa,
        http::door::Parameters,
        scope::{InWorkspace, Intent, WorkspaceScope},
    },
};

/// Of a page, how many times its 99th percentile in an empty workspace, and where as much is shown of few events, may be.
const TIMES_AT_MOST: f64 = 2.0;

/// A page, by what its address says behind the workspace's own.
const PAGES: [(&str, &str); 8] = [
    ("last 30 days", ""),
    ("this month", "?range=month"),
    ("compared", "?range=30d&compare=previous"),
    ("by member", "?by=member"),
    ("by operation", "?by=operation"),
    ("hours of a day", "?range=24h"),
    (EVENTS, ""),
    ("CSV of a month", CSV),
];

const EVENTS: &str = "events of an hour";
const CSV: &str = ".csv?range=month";

/// Whether every page stays within its bound.
pub async fn compare(rounds: &Rounds, stoa: &Stoa, filling: &Filling, at: SocketAddr) -> anyhow::Result<bool> {
    let mut all_hold = true;
    let hour = hour(stoa);
    for (name, asks) in PAGES {
        let asked = |team: &Team| page(team, if name == EVENTS { &hour } else { asks });
        let (few, small, many) = (asked(&filling.empty), asked(&filling.small), asked(&filling.largest));
        for (what, asked) in [("empty", &few), ("few events", &small), ("largest", &many)] {
            println!("{name}, {what}: {} bytes", load::fetch(at, asked).await?.len());
        }
        let measured = rounds.slowest_in_turns(at, &[("empty", few), ("few events", small), ("largest", many)]).await?;
        let (few, small, many) = (measured[0], measured[1], measured[2]);
        let holds = many <= small * TIMES_AT_MOST && many <= few * TIMES_AT_MOST;
        println!(
            "{name}: p99 {many:.2} ms, {:.2} times {few:.2} ms of an empty workspace, {:.2} times {small:.2} ms of one with as much to show; at most {TIMES_AT_MOST:.2}: {}",
            many / few,
            many / small,
            says(holds, "past the bound"),
        );
        all_hold &= holds;
    }
    Ok(all_hold)
}

fn page(team: &Team, asks: &str) -> Asked {
    let path = format!("/w/{}/usage{asks}", team.owner.place.workspace_slug);
    Asked::get(path, vec![("cookie", team.owner.cookie.clone()), ("accept", "text/html".to_owned())], 200)
}

/// Where a bar of three days ago leads.
fn hour(stoa: &Stoa) -> String {
    let from = stoa.clock.now() - TimeDelta::days(3);
    let from = from - TimeDelta::seconds(from.timestamp() % 3600);
    let spelt = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("/events?from={}&to={}", spelt(from), spelt(from + TimeDelta::hours(1)))
}

/// Prints how Postgres finds what the page shows, as the application's role.
pub async fn explain(stoa: &Stoa, filling: &Filling) -> anyhow::Result<()> {
    let owner = &filling.largest.owner;
    let slug = Some(owner.place.workspace_slug.as_str());
    for (name, by, zone) in
        [("last 30 days", "", "UTC"), ("by member", "member", "UTC"), ("by member, in another zone", "member", "Asia/Kolkata")]
    {
        let mut scope = WorkspaceScope::<ReadWorkspace>::open(stoa, &owner.request, slug, Intent::Read, false).await?;
        let source = <InWorkspace<ReadWorkspace> as usage::Metered>::source(&scope);
        let asked = usage::Asked::read(&Parameters::from([("by".to_owned(), by.to_owned())]), zone, stoa.clock.now());
        println!("\nEXPLAIN of {name}, as stoa_app:");
        for line in usage::explain(&mut scope, &source, &asked).await? {
            println!("  {line}");
        }
        scope.close().await?;
    }
    Ok(())
}
