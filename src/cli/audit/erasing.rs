//! `stoa audit erase`: what the logs say of a person, counted first and then erased.

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::{
    features::retention::{
        REASON_MAX,
        server::{Erased, Place, are_on, erase, find_person, of_log, values_in},
    },
    server::{Stoa, events::Actor, http::request::RequestContext, proof, scope::ServiceScope},
};

/// Whom, and how far.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The person: `usr_…`, or their e-mail address here.
    person: String,
    /// A value of theirs beside their name and address here: a former name, another address. Can be given several times.
    #[arg(long)]
    also: Vec<String>,
    /// Why, for the logs. Name nobody in it: it stays.
    #[arg(long)]
    reason: Option<String>,
    /// Erase. Without it, what would be erased is counted.
    #[arg(long, requires = "reason")]
    confirm: bool,
}

pub async fn run(stoa: &Stoa, arguments: &Arguments, only: Option<Place>) -> anyhow::Result<ExitCode> {
    let reason = arguments.reason.as_deref().unwrap_or_default().trim();
    if arguments.confirm && (reason.is_empty() || reason.chars().count() > REASON_MAX) {
        bail!("--reason: say in 1 to {REASON_MAX} characters why; whoever reads a log sees it");
    }
    if let Some(short) = arguments.also.iter().find(|value| value.trim().chars().count() < 3) {
        bail!("--also: “{short}” has fewer than 3 characters, and would stand in too much that is not of this person");
    }
    let people = find_person(stoa, arguments.person.trim()).await?;
    let [person] = people.as_slice() else {
        if people.is_empty() {
            bail!("nobody here is {}; give their id (usr_…) as the rows have it, or their address", arguments.person);
        }
        let ids: Vec<String> = people.iter().map(|person| person.id.to_string()).collect();
        bail!("several people have that address; give one of their ids: {}", ids.join(", "));
    };
    let places = match only {
        Some(place) => vec![place],
        None => everywhere(stoa).await?,
    };
    let (mut whole, mut held) = (Erased::default(), 0);
    for place in places {
        let values = values_in(stoa, &place, person, &arguments.also).await?;
        let is_held = is_held(stoa, &place).await?;
        let found = erase(stoa, &place, person, &values, reason, !arguments.confirm || is_held).await?;
        if found.rows == 0 {
            continue;
        }
        let does = match (arguments.confirm, is_held) {
            (_, true) => "are held, and stay",
            (true, false) => "erased",
            (false, false) => "would be erased",
        };
        println!("{}: {} values in {} rows {does}", place.id, found.values, found.rows);
        if is_held {
            held += 1;
        } else {
            whole.rows += found.rows;
            whole.values += found.values;
        }
    }
    let does = if arguments.confirm { "erased" } else { "would be erased; nothing was changed, --confirm does it" };
    println!("{}: {} values in {} rows {does}", person.id, whole.values, whole.rows);
    if held > 0 {
        println!("{held} log(s) are under a legal hold; run this again once it is lifted (`stoa audit holds`)");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Every log of which something is sealed.
async fn everywhere(stoa: &Stoa) -> anyhow::Result<Vec<Place>> {
    let mut places = Vec::new();
    for log in proof::logs(&stoa.db).await? {
        places.push(of_log(stoa, log.log_id).await?.with_context(|| format!("the log {} is nobody's any more", log.origin))?);
    }
    Ok(places)
}

async fn is_held(stoa: &Stoa, place: &Place) -> anyhow::Result<bool> {
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa audit erase");
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::operator(), place.tenant, "audit.erase").await?;
    let is_held = are_on(&mut scope, place).await?;
    scope.close().await?;
    Ok(is_held)
}
