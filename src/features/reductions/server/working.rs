//! The job that reduces: a batch in a transaction, with how far it has come. Killed in the middle it goes on where it was, and
//! before each batch it is asked again whether whoever began it may: a person by their role, a rule by standing as it stood.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{Act, Reduction, starting::HELD, store};
use crate::{
    access::{
        AskWorkspace, Extent, WorkspacePermission,
        workspace::{ManageSettings, WriteRecords},
    },
    error::{AppError, Refused},
    features::{
        assets::server::{self as assets, Place},
        record_retention::server as record_retention,
        records,
    },
    ids::{RecordId, ReductionId, TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log, Outcome},
        http::request::RequestContext,
        modules::{self, Resource},
        queue::{self, Done, Failure, Job},
        scope::{ServiceScope, WorkspaceScope},
    },
};

pub const REDUCE: &str = "data.reduce";
/// Records in one transaction.
const BATCH: i32 = 200;
/// A job does its part and makes room for others, well within its minute.
const TURN: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(50);
/// One that has not come on for so long has lost its job.
const STALLED: chrono::TimeDelta = chrono::TimeDelta::minutes(15);
const AT_ONCE: i32 = 100;

type Whereabouts = (TenantId, WorkspaceId, ReductionId);

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    More,
    Over,
}

/// Does a part of a reduction, and puts down the job for the rest.
///
/// # Errors
/// What may pass by itself is tried again; after the last time the reduction has failed and says so.
pub async fn reduce_later(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    let place: Whereabouts = (job.tenant, job.value("workspace")?, job.value("reduction")?);
    // Before the queue itself cuts it off: the last attempt has to say that it was the last.
    let turn = tokio::time::timeout(PATIENCE, take_turn(&stoa, place)).await.unwrap_or(Err(AppError::Unavailable));
    match turn {
        Ok(Step::Over) => Ok(Done),
        Ok(Step::More) => put_down(&stoa, place).await.map(|()| Done).map_err(Failure::from),
        // Not theirs any more, or not there: it would be so every time.
        Err(error @ (AppError::NotFound | AppError::NotAllowed(_))) => {
            tracing::warn!(reduction = %place.2, %error, "a reduction ends: whoever began it may not any more");
            let (status, says) = why_not(&stoa, place).await?;
            give_up(&stoa, place, status, says).await.map(|()| Done).map_err(Failure::from)
        }
        Err(error) => {
            if job.is_last_attempt() {
                give_up(&stoa, place, "failed", "It failed again and again. Ask the operator why, and begin it again.").await?;
            }
            Err(Failure::Again(error.to_string()))
        }
    }
}

/// Puts down a job for each reduction that runs and has none: its node died at the wrong moment, or its workspace moved to
/// another account. Twice is harmless.
///
/// # Errors
/// The database's.
pub async fn resume_stalled(stoa: Stoa) -> Result<(), AppError> {
    for place in store::stalled(&stoa.db, stoa.clock.now() - STALLED, AT_ONCE).await? {
        match put_down(&stoa, place).await {
            Ok(()) => tracing::warn!(reduction = %place.2, "a reduction had not come on; it is taken up again"),
            Err(error) => tracing::error!(reduction = %place.2, %error, "a reduction that has not come on was not taken up"),
        }
    }
    Ok(())
}

async fn put_down(stoa: &Stoa, (tenant, workspace, reduction): Whereabouts) -> Result<(), AppError> {
    let mut scope = service(stoa, tenant).await?;
    let (now, payload) = (scope.now(), json!({ "workspace": workspace, "reduction": reduction }));
    store::touch(&mut scope, tenant, workspace, reduction).await?;
    queue::enqueue(&mut scope, tenant, REDUCE, &payload, now).await?;
    scope.commit().await
}

async fn take_turn(stoa: &Stoa, place: Whereabouts) -> Result<Step, AppError> {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < TURN {
        if step(stoa, place).await? == Step::Over {
            return Ok(Step::Over);
        }
    }
    Ok(Step::More)
}

async fn step(stoa: &Stoa, place: Whereabouts) -> Result<Step, AppError> {
    let (tenant, workspace, id) = place;
    let mut scope = service(stoa, tenant).await?;
    let found = store::find(&mut scope, tenant, workspace, id).await?;
    scope.close().await?;
    let Some(reduction) = found.filter(Reduction::is_running) else { return Ok(Step::Over) };
    let Some(resource) = modules::resources().find(|known| known.name == reduction.resource && known.module == reduction.module) else {
        give_up(stoa, place, "failed", "No manifest declares this resource any more.").await?;
        return Ok(Step::Over);
    };
    match Act::named(&reduction.act) {
        Some(Act::Purge) => purge(stoa, place, &reduction, resource).await,
        Some(Act::Archive) => archive(stoa, place, &reduction, resource).await,
        None => Err(AppError::Internal),
    }
}

async fn purge(stoa: &Stoa, place: Whereabouts, reduction: &Reduction, resource: &'static Resource) -> Result<Step, AppError> {
    let (tenant, workspace, id) = place;
    let mut scope: WorkspaceScope<ManageSettings> = open(stoa, (tenant, workspace), reduction).await?;
    let gone = store::purge(&mut scope, tenant, workspace, id, BATCH).await?;
    match gone.state.as_str() {
        "running" => {}
        "held" => return end(scope, id, "failed", Some(HELD)).await,
        "done" => return end(scope, id, "done", None).await,
        _ => {
            scope.close().await?;
            return Ok(Step::Over);
        }
    }
    let named = |ids: &[Uuid]| ids.iter().map(|id| RecordId(*id).to_string()).collect::<Vec<_>>().join(" ");
    let event = Event::new(EventKind::RecordsPurged, reduction.target())
        .changing("resource", Some(resource.name), None)
        .changing("records", Some(&named(&gone.ids)), None)
        .changing("parts", (!gone.parts.is_empty()).then(|| named(&gone.parts)).as_deref(), None)
        .changing("files", Some(&gone.files.len().to_string()), Some("0"))
        .changing("bytes", Some(&gone.bytes.to_string()), Some("0"));
    scope.record(event);
    let counted = |ids: &[Uuid]| i64::try_from(ids.len()).unwrap_or(i64::MAX);
    store::advance(&mut scope, tenant, workspace, id, (counted(&gone.ids), counted(&gone.parts), gone.bytes)).await?;
    scope.commit().await?;
    for (asset, object) in gone.files {
        // Its row says that it is to go: whatever does not go now has its turn with what nobody keeps.
        if let Err(error) = assets::remove(stoa, Place { tenant, workspace, asset: RecordId(asset) }, object).await {
            tracing::warn!(asset = %RecordId(asset), %error, "the file of a purged asset did not go yet");
        }
    }
    Ok(Step::More)
}

/// All of a batch at once; where one of it is refused, one by one, and what is refused stays as it is.
async fn archive(stoa: &Stoa, place: Whereabouts, reduction: &Reduction, resource: &'static Resource) -> Result<Step, AppError> {
    match archive_some(stoa, place, reduction, resource, (BATCH, &mut None)).await {
        Err(AppError::Conflict(_) | AppError::Invalid(_)) => {}
        other => return other,
    }
    for _ in 0..BATCH {
        let mut tried = None;
        match archive_some(stoa, place, reduction, resource, (1, &mut tried)).await {
            Err(AppError::Conflict(_) | AppError::Invalid(_)) => pass_over(stoa, place, reduction, tried).await?,
            Ok(Step::More) => {}
            other => return other,
        }
    }
    Ok(Step::More)
}

/// So many at most; `tried` becomes the last of them, whatever comes of it.
async fn archive_some(
    stoa: &Stoa,
    (tenant, workspace, id): Whereabouts,
    reduction: &Reduction,
    resource: &'static Resource,
    (most, tried): (i32, &mut Option<Uuid>),
) -> Result<Step, AppError> {
    let mut scope = writing(stoa, (tenant, workspace), reduction).await?;
    let Some(running) = store::hold_running(&mut scope, tenant, workspace, id).await? else {
        scope.close().await?;
        return Ok(Step::Over);
    };
    let chosen = store::next_to_archive(&mut scope, tenant, workspace, &running, most).await?;
    *tried = chosen.last().copied();
    let Some(last) = *tried else { return end(scope, id, "done", None).await };
    for record in &chosen {
        records::server::archive(&mut scope, resource, RecordId(*record), None).await?;
    }
    let done = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    store::advance(&mut scope, tenant, workspace, id, (done, 0, 0)).await?;
    store::come_to(&mut scope, tenant, workspace, id, last, 0).await?;
    scope.commit().await?;
    Ok(Step::More)
}

/// The record that was tried stays as it is, since its module's own rules say so.
async fn pass_over(stoa: &Stoa, (tenant, workspace, id): Whereabouts, reduction: &Reduction, tried: Option<Uuid>) -> Result<(), AppError> {
    let mut scope = writing(stoa, (tenant, workspace), reduction).await?;
    if let Some(running) = store::hold_running(&mut scope, tenant, workspace, id).await?
        && let Some(tried) = tried.filter(|tried| running.cursor.is_none_or(|cursor| cursor < *tried))
    {
        store::come_to(&mut scope, tenant, workspace, id, tried, 1).await?;
    }
    scope.commit().await
}

/// Records are written with the permission for that, by whoever may reduce too.
async fn writing(stoa: &Stoa, place: (TenantId, WorkspaceId), reduction: &Reduction) -> Result<WorkspaceScope<WriteRecords>, AppError> {
    let scope: WorkspaceScope<WriteRecords> = open(stoa, place, reduction).await?;
    if scope.reach().extent_of(WorkspacePermission::ManageSettings) == Extent::Everything {
        return Ok(scope);
    }
    scope.close().await?;
    Err(AppError::NotAllowed(Refused::Workspace(WorkspacePermission::ManageSettings)))
}

/// The workspace, for whoever or whatever began it, where they may reduce there still.
async fn open<P: AskWorkspace>(stoa: &Stoa, place: (TenantId, WorkspaceId), reduction: &Reduction) -> Result<WorkspaceScope<P>, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", REDUCE);
    match reduction.rule {
        Some(rule) => WorkspaceScope::open_by_rule(stoa, &request, place, (rule, reduction.rule_version)).await,
        None => WorkspaceScope::open_errand(stoa, &request, place, (reduction.user, reduction.key), acting(reduction)).await,
    }
}

/// What is said of one that may not go on, and how it ends by that.
async fn why_not(stoa: &Stoa, (tenant, workspace, id): Whereabouts) -> Result<(&'static str, &'static str), AppError> {
    let mut scope = service(stoa, tenant).await?;
    let found = store::find(&mut scope, tenant, workspace, id).await?;
    let rule = found.and_then(|reduction| reduction.rule.zip(reduction.rule_version));
    let stands = match rule {
        Some(rule) => record_retention::stands(&mut scope, tenant, workspace, rule).await?,
        None => false,
    };
    scope.close().await?;
    Ok(match rule {
        None => ("failed", "Whoever asked for it may not reduce what is stored here any more."),
        Some(_) if stands => ("stopped", "The workspace is not live any more. Its rules rest until it is."),
        Some(_) => ("stopped", "The retention rule that began it was removed or changed. What it has done stays done."),
    })
}

fn acting(reduction: &Reduction) -> impl FnOnce(&crate::server::scope::Person) -> Actor {
    let (key, name) = (reduction.key, reduction.asked_by.clone());
    move |person| match key {
        Some(key) => Actor::api_key(key, &name, person),
        None => Actor::user(person),
    }
}

async fn end<P: AskWorkspace>(
    mut scope: WorkspaceScope<P>,
    id: ReductionId,
    status: &'static str,
    reason: Option<&'static str>,
) -> Result<Step, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    match store::end(&mut scope, tenant, workspace, id, status, reason).await? {
        Some(ended) => {
            scope.record(finished(&ended));
            scope.commit().await?;
        }
        None => scope.close().await?,
    }
    Ok(Step::Over)
}

/// Ends one where nobody's role is left to do it with, nor a rule.
async fn give_up(stoa: &Stoa, (tenant, workspace, id): Whereabouts, status: &'static str, reason: &'static str) -> Result<(), AppError> {
    let mut scope = service(stoa, tenant).await?;
    match store::end(&mut scope, tenant, workspace, id, status, Some(reason)).await? {
        Some(ended) => {
            scope.record_in(Log::Workspace(tenant, workspace), finished(&ended));
            scope.commit().await
        }
        None => scope.close().await,
    }
}

fn finished(ended: &Reduction) -> Event {
    let counts =
        [("done", ended.done), ("of", ended.expected), ("kept", ended.kept), ("parts", ended.parts), ("freed_bytes", ended.freed_bytes)];
    let event = Event::new(EventKind::ReductionFinished, ended.target());
    let event = counts.into_iter().fold(event, |event, (field, count)| event.changing(field, None, Some(&count.to_string())));
    match &ended.reason {
        Some(reason) if ended.status == "failed" => event.ending(Outcome::Failed).because(reason.clone()),
        Some(reason) => event.because(reason.clone()),
        None => event,
    }
}

async fn service(stoa: &Stoa, tenant: TenantId) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", REDUCE);
    ServiceScope::open_service(stoa, &request, Actor::system(REDUCE), tenant, REDUCE).await
}

/// What one batch took.
#[derive(Clone, Debug)]
pub struct Gone {
    pub state: String,
    pub ids: Vec<Uuid>,
    pub parts: Vec<Uuid>,
    pub bytes: i64,
    /// Asset and object of each.
    pub files: Vec<(Uuid, Uuid)>,
}
