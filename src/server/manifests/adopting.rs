//! Putting a set of manifests in force: weighed against the records that there are, and recorded.

use uuid::Uuid;

use super::{
    changes::{self, Question},
    past::{Manifest, Past},
    set::Set,
    store::{self, Kept},
};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Target},
        http::request::RequestContext,
        modules::Module,
        scope::ServiceScope,
    },
};

/// Who puts a set in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// On the command line.
    Operator,
    /// A node that found nobody else there.
    Node,
}

/// What is in force, and what a set would change of it.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// Of the set in force; 0 before the first.
    pub number: i64,
    /// Its manifests.
    pub current: Vec<Kept>,
    /// Whether the set that was weighed is in force already.
    pub is_current: bool,
    /// What it would leave as nobody declares it: with file and line, and with how many records.
    pub refusals: Vec<String>,
}

/// # Errors
/// The database's.
pub async fn weigh(stoa: &Stoa, modules: &[Module]) -> Result<Weighed, AppError> {
    let mut scope = open(stoa, By::Node).await?;
    let weighed = weigh_in(&mut scope, modules).await?;
    scope.close().await?;
    Ok(weighed)
}

/// What was declared once and these modules do not declare: with how many records stay.
///
/// # Errors
/// The database's.
pub async fn gone(stoa: &Stoa, modules: &[Module]) -> Result<Vec<String>, AppError> {
    let mut scope = open(stoa, By::Node).await?;
    let past = past(&store::history(&mut scope).await?);
    let gone = answers(&mut scope, changes::gone(&past, modules)).await?;
    scope.close().await?;
    Ok(gone)
}

/// Puts these modules in force. Returns what it was weighed to: nothing was done where something is refused, where they
/// are in force already, or (`is_current` is false then) where another set was put in force meanwhile.
///
/// # Errors
/// The database's.
pub async fn adopt(stoa: &Stoa, modules: &[Module], by: By) -> Result<Weighed, AppError> {
    let mut scope = open(stoa, by).await?;
    let mut weighed = weigh_in(&mut scope, modules).await?;
    if weighed.is_current || !weighed.refusals.is_empty() {
        scope.close().await?;
        return Ok(weighed);
    }
    let (set, now) = (Set::of(modules), scope.now());
    let Some(number) = store::adopt(&mut scope, weighed.number, &set.hash, &set.manifests, now).await? else { return Ok(weighed) };
    scope.record(event(&weighed, &set, number));
    scope.commit().await?;
    weighed.is_current = true;
    Ok(weighed)
}

async fn open(stoa: &Stoa, by: By) -> Result<ServiceScope, AppError> {
    let (actor, channel, route) = match by {
        By::Operator => (Actor::operator(), "cli", "stoa modules adopt"),
        By::Node => (Actor::system("manifests"), "system", "manifests"),
    };
    let request = RequestContext::internal(&stoa.clock, channel, route);
    let mut scope = ServiceScope::open_service(stoa, &request, actor, TenantId(Uuid::nil()), "manifests").await?;
    store::take_time(&mut scope).await?;
    Ok(scope)
}

fn past(history: &[Kept]) -> Past {
    history.iter().fold(Past::default(), |mut past, kept| {
        past.lay(Manifest::read(&kept.manifest));
        past
    })
}

async fn weigh_in(scope: &mut ServiceScope, modules: &[Module]) -> Result<Weighed, AppError> {
    let history = store::history(scope).await?;
    let number = history.last().map_or(0, |kept| kept.number);
    let past = past(&history);
    let current: Vec<Kept> = history.into_iter().filter(|kept| kept.number == number).collect();
    let set = Set::of(modules);
    let is_current = current.len() == set.manifests.len()
        && current.iter().zip(&set.manifests).all(|(kept, held)| kept.module == held.module && kept.hash == held.hash);
    let refusals = if is_current { Vec::new() } else { answers(scope, changes::refusals(&past, modules)).await? };
    Ok(Weighed { number, current, is_current, refusals })
}

async fn answers(scope: &mut ServiceScope, questions: Vec<Question>) -> Result<Vec<String>, AppError> {
    let mut answers = Vec::new();
    for question in questions {
        let count = store::count(scope, &question.counted).await?;
        if count > 0 {
            answers.push(question.answer(count));
        }
    }
    Ok(answers)
}

/// What differs, by the modules' keys and the beginnings of hashes.
fn event(before: &Weighed, after: &Set, number: i64) -> Event {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let target = Target { kind: "manifests", id: number.to_string(), name: Some(short(&after.hash)) };
    let mut event = Event::new(EventKind::ManifestsAdopted, target);
    for held in &after.manifests {
        let was = before.current.iter().find(|kept| kept.module == held.module).map(|kept| short(&kept.hash));
        if was.as_deref() != Some(&short(&held.hash)) {
            event = event.changing(held.module.clone(), was.as_deref(), Some(&short(&held.hash)));
        }
    }
    for kept in &before.current {
        if after.manifests.iter().all(|held| held.module != kept.module) {
            event = event.changing(kept.module.clone(), Some(&short(&kept.hash)), None);
        }
    }
    event
}
