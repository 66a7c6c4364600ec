//! What is done to audit streams, wherever it comes from: a page or the API.

use chrono::TimeDelta;
use serde_json::json;

use super::{Holding, Live, Place, Secret, Start, Stream, Wanted, host_of, secret::Seed, store, telling::target};
use crate::{
    error::AppError,
    features::audit_streams::{OVERLAP_HOURS, STREAMS_MAX, TEST},
    ids::AuditStreamId,
    server::{
        events::{Event, EventKind},
        proof, queue,
        scope::Scope,
    },
};

const STALE: AppError = AppError::Stale("This stream");

/// A stream, and how long its log is.
#[derive(Clone, Debug)]
pub struct Shown {
    pub stream: Stream,
    /// Rows that are sealed.
    pub size: i64,
}

impl Shown {
    /// Sealed rows that the receiver has not acknowledged.
    pub fn behind(&self) -> i64 {
        (self.size - self.stream.next_seq).max(0)
    }

    /// Whether anything is tried again.
    pub fn is_failing(&self) -> bool {
        self.stream.status == "active" && self.stream.failures > 0
    }
}

/// # Errors
/// The database's.
pub async fn list<R: Holding>(scope: &mut Scope<R>) -> Result<Vec<Shown>, AppError> {
    let place = R::place(scope);
    let size = size(scope, &place).await?;
    Ok(store::list(scope, &place).await?.into_iter().map(|stream| Shown { stream, size }).collect())
}

/// # Errors
/// `NotFound` also for a stream of another log.
pub async fn find<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId) -> Result<Shown, AppError> {
    let place = R::place(scope);
    let stream = store::find(scope, &place, id).await?.ok_or(AppError::NotFound)?;
    Ok(Shown { stream, size: size(scope, &place).await? })
}

/// # Errors
/// `Conflict` where there are enough.
pub async fn create<R: Holding>(scope: &mut Scope<R>, wanted: &Wanted, start: Start) -> Result<(AuditStreamId, Secret), AppError> {
    let place = R::place(scope);
    store::one_at_a_time(scope, &place).await?;
    if store::count_live(scope, &place).await? >= STREAMS_MAX {
        return Err(AppError::Conflict(format!("This log has {STREAMS_MAX} streams already. Archive one that is not needed any more.")));
    }
    let (id, seed) = (AuditStreamId(scope.new_id()), Seed::draw(&scope.stoa().config.secrets));
    let secret = seed.secret(&scope.stoa().config.secrets, id).ok_or(AppError::Internal)?;
    let next = match start {
        Start::Beginning => 0,
        Start::Now => size(scope, &place).await?,
    };
    store::insert(scope, &place, id, wanted, next, &seed).await?;
    scope.record(
        Event::new(EventKind::AuditStreamCreated, target(id, &wanted.name))
            .changing("name", None, Some(&wanted.name))
            .changing("url", None, Some(&host_of(&wanted.url)))
            .changing("start", None, Some(start.name())),
    );
    Ok((id, secret))
}

/// Whether anything differs from what was there.
///
/// # Errors
/// `Stale` where the version has moved on, `Conflict` where it is ended.
pub async fn change<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, wanted: &Wanted, version: i64) -> Result<bool, AppError> {
    let (place, stream) = aimed(scope, id, version).await?;
    if (&stream.name, &stream.url) == (&wanted.name, &wanted.url) {
        return Ok(false);
    }
    if !store::update(scope, &place, id, wanted, version).await? {
        return Err(STALE);
    }
    let mut event = Event::new(EventKind::AuditStreamUpdated, target(id, &wanted.name));
    if stream.name != wanted.name {
        event = event.changing("name", Some(&stream.name), Some(&wanted.name));
    }
    if stream.url != wanted.url {
        // Without path and query, which may hold a secret of the receiver's.
        event = event.changing("url", Some(&host_of(&stream.url)), Some(&host_of(&wanted.url)));
    }
    scope.record(event);
    Ok(true)
}

/// Sends nothing until it is resumed.
///
/// # Errors
/// `Stale` where the version has moved on, `Conflict` where it is not active.
pub async fn pause<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, version: i64) -> Result<(), AppError> {
    let (place, stream) = aimed(scope, id, version).await?;
    if stream.status != "active" {
        return Err(AppError::Conflict("This stream is paused already.".to_owned()));
    }
    set(scope, &place, &stream, ("paused", Some("person")), EventKind::AuditStreamPaused).await
}

/// Goes on with the first row that the receiver has not acknowledged.
///
/// # Errors
/// `Stale` where the version has moved on, `Conflict` where it is not paused.
pub async fn resume<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, version: i64) -> Result<(), AppError> {
    let (place, stream) = aimed(scope, id, version).await?;
    if stream.status != "paused" {
        return Err(AppError::Conflict("This stream is not paused.".to_owned()));
    }
    set(scope, &place, &stream, ("active", None), EventKind::AuditStreamResumed).await
}

/// Ends it for good; how far it came stays to be seen.
///
/// # Errors
/// `Stale` where the version has moved on, `Conflict` where it is ended already.
pub async fn archive<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, version: i64) -> Result<(), AppError> {
    let (place, stream) = aimed(scope, id, version).await?;
    set(scope, &place, &stream, ("archived", None), EventKind::AuditStreamArchived).await
}

/// A new signing secret; the one before signs beside it for a day.
///
/// # Errors
/// `Stale` where the version has moved on, `Conflict` where it is ended.
pub async fn rotate<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, version: i64) -> Result<Secret, AppError> {
    let (place, stream) = aimed(scope, id, version).await?;
    let seed = Seed::draw(&scope.stoa().config.secrets);
    let secret = seed.secret(&scope.stoa().config.secrets, id).ok_or(AppError::Internal)?;
    let until = scope.now() + TimeDelta::hours(OVERLAP_HOURS);
    if !store::rotate(scope, &place, id, &seed, until, version).await? {
        return Err(STALE);
    }
    scope.record(Event::new(EventKind::AuditStreamSecretRotated, target(id, &stream.name)));
    Ok(secret)
}

/// Has a test sent, soon and by itself: what came of it stands with the stream.
///
/// # Errors
/// `Conflict` where it is ended, or where one was asked for just now.
pub async fn test<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId) -> Result<(), AppError> {
    let place = R::place(scope);
    let stream = store::find(scope, &place, id).await?.ok_or(AppError::NotFound)?;
    ask_live(&stream)?;
    let now = scope.now();
    if stream.test_asked_at.is_some_and(|asked| now - asked < TimeDelta::seconds(TEST_EVERY)) {
        return Err(AppError::Conflict(format!("A test was sent just now. Wait {TEST_EVERY} seconds before the next one.")));
    }
    store::ask_test(scope, &place, id).await?;
    queue::enqueue(scope, place.tenant, TEST, &json!({ "stream": id.0 }), now).await?;
    scope.record(Event::new(EventKind::AuditStreamTested, target(id, &stream.name)));
    Ok(())
}

/// What the log says of a stream that its workspace took along when it was moved: the database pauses it.
pub fn paused_by_move(stream: &Live) -> Event {
    Event::new(EventKind::AuditStreamPaused, target(stream.id, &stream.name))
        .changing("status", Some("active"), Some("paused"))
        .because("the workspace was moved")
}

/// Seconds between two tests: nobody makes this server knock at a door again and again.
const TEST_EVERY: i64 = 10;

async fn size<R: Holding>(scope: &mut Scope<R>, place: &Place) -> Result<i64, AppError> {
    Ok(proof::standing(scope, place.log.0).await?.map_or(0, |standing| standing.size))
}

/// The stream that is meant, where it is still as it was shown.
async fn aimed<R: Holding>(scope: &mut Scope<R>, id: AuditStreamId, version: i64) -> Result<(Place, Stream), AppError> {
    let place = R::place(scope);
    let stream = store::find(scope, &place, id).await?.ok_or(AppError::NotFound)?;
    ask_live(&stream)?;
    if stream.version == version { Ok((place, stream)) } else { Err(STALE) }
}

fn ask_live(stream: &Stream) -> Result<(), AppError> {
    if stream.status == "archived" {
        return Err(AppError::Conflict("This stream was archived, and sends nothing any more. Make a new one.".to_owned()));
    }
    Ok(())
}

async fn set<R: Holding>(
    scope: &mut Scope<R>,
    place: &Place,
    stream: &Stream,
    (status, because): (&str, Option<&str>),
    kind: EventKind,
) -> Result<(), AppError> {
    if !store::set_status(scope, place, stream.id, status, because, stream.version).await? {
        return Err(STALE);
    }
    scope.record(Event::new(kind, target(stream.id, &stream.name)).changing("status", Some(&stream.status), Some(status)));
    Ok(())
}
