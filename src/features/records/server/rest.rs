//! Records over the API: every operation of every live module, made from the manifests.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    Listing, archive, change, create, find,
    hooks::{self, Asked},
    list, pass, schemas,
};
use crate::{
    access::{AskWorkspace, workspace},
    error::AppError,
    ids::RecordId,
    server::{
        modules::{self, Does, Exposed, Hook, Module, Resource, Transition},
        plans::Dimension,
        rest::{Answer, Call, Named, Operation},
    },
};

type Reading = Call<workspace::ReadWorkspace>;
type Writing = Call<workspace::WriteRecords>;
type Query = Vec<(String, String)>;
type Body = Map<String, Value>;

pub fn operations() -> Vec<Operation> {
    let live = modules::list().iter().filter(|module| module.is_live());
    live.flat_map(|module| module.resources.iter().flat_map(move |resource| of_resource(module, resource))).collect()
}

fn of_resource(module: &'static Module, resource: &'static Resource) -> impl Iterator<Item = Operation> {
    resource.operations.iter().map(move |exposed| {
        let operation = operation(named(module, exposed), resource, exposed.does);
        operation.described(schemas::described(resource, exposed.does)).called_by_agents(exposed.tool)
    })
}

fn named(module: &'static Module, exposed: &'static Exposed) -> Named {
    let mut named = Named::of_module(exposed.id, exposed.path, module, exposed.does.writes(), exposed.says);
    named.gate.meter = exposed.meter.or(named.gate.meter);
    named.gate.while_paused = exposed.while_paused;
    named
}

fn operation(named: Named, resource: &'static Resource, does: Does) -> Operation {
    match does {
        Does::List => Operation::read(named, move |call: Reading, query: Query| page(call, resource, query)),
        Does::Get => Operation::read(named, move |call: Reading, query: Query| one(call, resource, query)),
        Does::Create => {
            Operation::write(does.method(), named, StatusCode::CREATED, move |call: Writing, body: Body| add(call, resource, body))
        }
        Does::Update => Operation::write(does.method(), named, StatusCode::OK, move |call: Writing, body: Body| edit(call, resource, body)),
        Does::Archive => {
            Operation::write(does.method(), named, StatusCode::OK, move |call: Writing, body: Body| put_away(call, resource, body))
        }
        Does::Hook { hook, .. } if !does.writes() => {
            Operation::read(named, move |call: Reading, query: Query| seen_by_hook(call, resource, hook, query))
        }
        Does::Hook { hook, .. } => {
            Operation::write(does.method(), named, StatusCode::OK, move |call: Writing, body: Body| by_hook(call, resource, hook, body))
        }
        Does::Transition(name) => {
            Operation::write(does.method(), named, StatusCode::OK, move |call: Writing, body: Body| take_over(call, resource, name, body))
        }
    }
}

async fn page(
    mut call: Reading,
    resource: &'static Resource,
    query: Query,
) -> Result<Answer<workspace::ReadWorkspace, Vec<Value>>, AppError> {
    let (listing, page) = Listing::read(resource, query)?;
    let records = list(&mut call.scope, resource, &listing).await?;
    let (records, next) = page.cut(records, |record| listing.place_of(record).to_string())?;
    Ok(call.answers(records.iter().map(|record| record.shown(resource)).collect()).continued(next))
}

async fn one(mut call: Reading, resource: &'static Resource, query: Query) -> Result<Answer<workspace::ReadWorkspace, Value>, AppError> {
    ask_nothing("query", query.into_iter().map(|(name, _)| name))?;
    let id = named_by(&call)?;
    let record = find(&mut call.scope, resource, id).await?;
    Ok(answer(call, resource, &record))
}

async fn add(mut call: Writing, resource: &'static Resource, body: Body) -> Result<Answer<workspace::WriteRecords, Value>, AppError> {
    let record = create(&mut call.scope, resource, body).await?;
    let once = hooks::of_resource(resource).map(|hook| hook.once(&call.scope, &record)).transpose()?.flatten();
    let mut shown = record.shown(resource);
    Ok(match once {
        Some(once) => {
            shown[once.field] = once.value;
            call.answers(shown).at_version(record.version).once(once.field, once.remedy)
        }
        None => call.answers(shown).at_version(record.version),
    })
}

async fn edit(mut call: Writing, resource: &'static Resource, body: Body) -> Result<Answer<workspace::WriteRecords, Value>, AppError> {
    let (id, expected) = (named_by(&call)?, call.version());
    let record = change(&mut call.scope, resource, id, expected, body).await?;
    Ok(answer(call, resource, &record))
}

async fn put_away(mut call: Writing, resource: &'static Resource, body: Body) -> Result<Answer<workspace::WriteRecords, Value>, AppError> {
    ask_nothing("body", body.into_iter().map(|(name, _)| name))?;
    let (id, expected) = (named_by(&call)?, call.version());
    let record = archive(&mut call.scope, resource, id, expected).await?;
    Ok(answer(call, resource, &record))
}

async fn take_over(
    mut call: Writing,
    resource: &'static Resource,
    name: &'static str,
    body: Body,
) -> Result<Answer<workspace::WriteRecords, Value>, AppError> {
    ask_nothing("body", body.into_iter().map(|(name, _)| name))?;
    let transition: &'static Transition = resource.transition(name).ok_or(AppError::Internal)?;
    let (id, expected) = (named_by(&call)?, call.version());
    let record = pass(&mut call.scope, resource, transition, id, expected).await?;
    Ok(answer(call, resource, &record))
}

async fn by_hook(
    mut call: Writing,
    resource: &'static Resource,
    hook: &'static Hook,
    body: Body,
) -> Result<Answer<workspace::WriteRecords, Value>, AppError> {
    let asked = Asked { resource, id: named_by(&call)?, body, expected: call.version() };
    let done = hooks::of_operation(hook)?.run(&mut call.scope, asked).await?;
    if call.scope.pending().is_empty() {
        // What it is metered for did not happen (again).
        call.counts_as(Dimension::RestWrite);
    }
    let answer = call.answers(done.data).at_version(done.version);
    Ok(match done.once {
        Some((field, remedy)) => answer.once(field, remedy),
        None => answer,
    })
}

async fn seen_by_hook(
    mut call: Reading,
    resource: &'static Resource,
    hook: &'static Hook,
    query: Query,
) -> Result<Answer<workspace::ReadWorkspace, Value>, AppError> {
    ask_nothing("query", query.into_iter().map(|(name, _)| name))?;
    let id = named_by(&call)?;
    let record = find(&mut call.scope, resource, id).await?;
    let data = hooks::of_reading(hook)?.read(&mut call.scope, &record).await?;
    Ok(call.answers(data))
}

fn named_by<P: AskWorkspace>(call: &Call<P>) -> Result<RecordId, AppError> {
    call.named("record")
}

fn answer<P: AskWorkspace>(call: Call<P>, resource: &Resource, record: &super::Record) -> Answer<P, Value> {
    let (shown, version) = (record.shown(resource), record.version);
    call.answers(shown).at_version(version)
}

/// Where nothing is taken, what is sent all the same is named.
fn ask_nothing(place: &'static str, mut names: impl Iterator<Item = String>) -> Result<(), AppError> {
    match names.next() {
        Some(name) => {
            let shown: String = name.chars().take(80).collect();
            Err(AppError::invalid(place, format!("There is no field {shown:?}: this operation takes none.")))
        }
        None => Ok(()),
    }
}
