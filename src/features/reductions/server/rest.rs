//! Reductions over the API: what one would do, its file, beginning it, how far it is, and stopping it. No pause of billable
//! calls blocks any of it, and it costs nothing.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, CONTENT_TYPE, Preview, Reduction, export, find, preview, recent, start, stop};
use crate::{
    access::{
        AskWorkspace,
        workspace::{ManageSettings, ReadSettings},
    },
    error::{AppError, CallRefused},
    server::{
        modules::{self, Resource},
        plans::Dimension,
        rest::{Answer, Call, Named, Nothing, Operation, Streamed, instant},
    },
};

const READ: Option<&str> = Some("settings:read");
const WRITE: Option<&str> = Some("settings:write");

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            Named::new(
                "reductions.list",
                "/reductions",
                READ,
                "The newest reductions of the workspace: running ones, and those that are over.",
            ),
            list,
        ),
        Operation::read(
            Named::new(
                "reductions.preview",
                "/reductions/preview",
                READ,
                "What a reduction would do: how many records and bytes, what goes with them, and what refers to them.",
            ),
            look,
        ),
        Operation::stream(
            bulk(Named::new(
                "reductions.export",
                "/reductions/export",
                WRITE,
                "The records that a reduction would take, as JSON Lines, each followed by what is part of it. Asks for the module's own read scope too.",
            )),
            &[CONTENT_TYPE],
            save,
        ),
        Operation::read(
            Named::new("reductions.get", "/reductions/{reduction}", READ, "How far a reduction has come, or how it ended."),
            get,
        ),
        Operation::write(
            Method::POST,
            bulk(Named::new(
                "reductions.start",
                "/reductions",
                WRITE,
                "Begins what a preview showed: records are put away, or go for good. Refused where it would do something else by now. Asks for the module's own write scope too.",
            )),
            StatusCode::CREATED,
            begin,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "reductions.stop",
                "/reductions/{reduction}/stop",
                WRITE,
                "Stops a reduction that runs. What it has done stays done.",
            ),
            StatusCode::OK,
            end,
        ),
    ]
}

/// What takes much at once: at rate 0, and told apart from everything else.
fn bulk(mut named: Named) -> Named {
    named.gate.meter = Some(Dimension::BulkOperation);
    named
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// `archive` or `purge`: to be said, as is `resource`.
    act: Option<String>,
    /// What its records are: `task`.
    resource: Option<String>,
    /// Older than so many days, from 1 on: since they were archived, last changed (to be archived), or added, where they are only ever added.
    days: Option<u32>,
    /// In place of `days`: older than this moment (RFC 3339), as a preview gave it.
    before: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StartReduction {
    /// `archive` or `purge`.
    act: String,
    resource: String,
    /// As the preview gave it.
    before: String,
    /// As the preview gave it: what it would do must be the same still.
    inventory: String,
}

#[derive(Serialize, JsonSchema)]
struct ReductionPreview {
    act: &'static str,
    module: &'static str,
    resource: &'static str,
    /// `archived`, `changed` or `added`: since when the age is counted.
    basis: &'static str,
    /// RFC 3339, UTC: what is older.
    before: String,
    records: i64,
    bytes: i64,
    oldest: Option<String>,
    newest: Option<String>,
    /// Records that go with them, such as the messages of a ticket.
    parts: i64,
    part_bytes: i64,
    files: i64,
    file_bytes: i64,
    /// Other records that refer to one of them by a field that can be filtered by, and stay.
    referring: i64,
    /// What would not be stored any more.
    freed_bytes: i64,
    /// A legal hold: nothing is purged while it is on.
    held: bool,
    /// To be sent with `reductions.start`, or with `record_retention.set`.
    inventory: String,
}

impl From<Preview> for ReductionPreview {
    fn from(looked: Preview) -> Self {
        let (inventory, freed_bytes) = (looked.digest(), looked.freed_bytes());
        let Preview { asked, counted, is_held } = looked;
        Self {
            act: asked.act.name(),
            module: asked.resource.module,
            resource: asked.resource.name,
            basis: asked.basis.name(),
            before: instant(asked.before),
            records: counted.records,
            bytes: counted.bytes,
            oldest: counted.oldest.map(instant),
            newest: counted.newest.map(instant),
            parts: counted.parts,
            part_bytes: counted.part_bytes,
            files: counted.files,
            file_bytes: counted.file_bytes,
            referring: counted.referring,
            freed_bytes,
            held: is_held,
            inventory,
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct ReductionState {
    /// `rdc_…`
    id: String,
    act: String,
    module: String,
    resource: String,
    basis: String,
    before: String,
    /// The retention rule that began it (`rrl_…`); null where somebody did.
    rule: Option<String>,
    /// `running`, `done`, `stopped` or `failed`.
    status: String,
    /// Why it failed, or why its rule stopped it.
    reason: Option<String>,
    /// Records as counted when it began.
    expected: i64,
    done: i64,
    /// What the module's own rules refused to put away.
    kept: i64,
    parts: i64,
    freed_bytes: i64,
    started_at: String,
    ended_at: Option<String>,
}

impl From<Reduction> for ReductionState {
    fn from(reduction: Reduction) -> Self {
        Self {
            id: reduction.id.to_string(),
            act: reduction.act,
            module: reduction.module,
            resource: reduction.resource,
            basis: reduction.basis,
            before: instant(reduction.before),
            rule: reduction.rule.map(|rule| rule.to_string()),
            status: reduction.status,
            reason: reduction.reason,
            expected: reduction.expected,
            done: reduction.done,
            kept: reduction.kept,
            parts: reduction.parts,
            freed_bytes: reduction.freed_bytes,
            started_at: instant(reduction.started_at),
            ended_at: reduction.ended_at.map(instant),
        }
    }
}

impl Wanted {
    fn asked(&self, now: chrono::DateTime<chrono::Utc>) -> Result<Asked, AppError> {
        let before = match (&self.before, self.days) {
            (Some(before), None) => moment(before)?,
            (None, Some(days)) => Asked::days_ago(&days.to_string(), now)?,
            _ => return Err(AppError::invalid("days", "Say either days or before.")),
        };
        // What is missing is named with what there is, once it is known who asks.
        Asked::new(self.act.as_deref().unwrap_or_default(), self.resource.as_deref().unwrap_or_default(), before, now)
    }
}

/// # Errors
/// `Invalid`, naming the field.
pub fn moment(text: &str) -> Result<chrono::DateTime<chrono::Utc>, AppError> {
    text.parse().map_err(|_| AppError::invalid("before", "before is no moment. Write it as 2026-11-21T12:00:00Z."))
}

/// What is in a module is read and changed by whoever holds its scopes, also this way.
///
/// # Errors
/// `MissingScope`, naming the scope.
pub fn ask_module<P: AskWorkspace>(call: &Call<P>, resource: &Resource, writes: bool) -> Result<(), AppError> {
    let module = modules::find(resource.module).ok_or(AppError::Internal)?;
    let scope = module.scopes[usize::from(writes)].name;
    if call.caller.holds(scope) { Ok(()) } else { Err(CallRefused::MissingScope(scope).into()) }
}

async fn list(mut call: Call<ReadSettings>, _: Nothing) -> Result<Answer<ReadSettings, Vec<ReductionState>>, AppError> {
    let reductions = recent(&mut call.scope).await?;
    Ok(call.answers(reductions.into_iter().map(ReductionState::from).collect()))
}

async fn get(mut call: Call<ReadSettings>, _: Nothing) -> Result<Answer<ReadSettings, ReductionState>, AppError> {
    let id = call.named("reduction")?;
    let reduction = find(&mut call.scope, id).await?;
    Ok(call.answers(reduction.into()))
}

async fn look(mut call: Call<ReadSettings>, wanted: Wanted) -> Result<Answer<ReadSettings, ReductionPreview>, AppError> {
    let asked = wanted.asked(call.scope.now())?;
    let looked = preview(&mut call.scope, asked).await?;
    Ok(call.answers(looked.into()))
}

async fn save(mut call: Call<ManageSettings>, wanted: Wanted) -> Result<Streamed<ManageSettings>, AppError> {
    let asked = wanted.asked(call.scope.now())?;
    ask_module(&call, asked.resource, false)?;
    let looked = preview(&mut call.scope, asked).await?;
    let body = export(&mut call.scope, &looked)?;
    let again = call.again();
    Ok(call.streams(CONTENT_TYPE, move || body(again)))
}

async fn begin(mut call: Call<ManageSettings>, input: StartReduction) -> Result<Answer<ManageSettings, ReductionState>, AppError> {
    let asked = Asked::new(&input.act, &input.resource, moment(&input.before)?, call.scope.now())?;
    ask_module(&call, asked.resource, true)?;
    let key = call.caller.key;
    let reduction = start(&mut call.scope, asked, &input.inventory, Some(key)).await?;
    Ok(call.answers(reduction.into()))
}

async fn end(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, ReductionState>, AppError> {
    let id = call.named("reduction")?;
    let stopped = stop(&mut call.scope, id).await?;
    Ok(call.answers(stopped.into()))
}

#[cfg(test)]
mod tests {
    use super::{super::Act, *};

    #[test]
    fn no_pause_blocks_any_of_it_and_what_takes_much_is_bulk() {
        for operation in operations() {
            assert!(operation.gate.while_paused && operation.gate.module.is_none(), "{}", operation.id);
            let is_bulk = operation.gate.meter == Some(Dimension::BulkOperation);
            assert_eq!(is_bulk, ["reductions.export", "reductions.start"].contains(&operation.id), "{}", operation.id);
        }
        assert_eq!(Act::ALL.map(Act::name), ["archive", "purge"]);
    }
}
