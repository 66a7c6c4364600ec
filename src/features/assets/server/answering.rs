//! The two doors of files: an address is proven before anything else is asked of anybody.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Extension, Path, Query, Request, State},
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Grant, JOB, MODULE, Place, Signed,
    address::prove,
    serving,
    store::{self, Opened},
    taking,
};
use crate::{
    error::AppError,
    ids::WorkspaceId,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        modules,
        rest::{failed, json_response},
        scope::ServiceScope,
        standing::Standing,
    },
};

/// Files that come to one process at a time: each holds a part in memory, 5 MiB at most.
static COMING: Semaphore = Semaphore::const_new(32);
/// Files that go out at a time.
static GOING: Semaphore = Semaphore::const_new(256);
/// Of these, one workspace's at most: the others find a place whatever it does.
const COMING_EACH: usize = 16;
const GOING_EACH: usize = 64;
static COMING_OF: Shares = Mutex::new(BTreeMap::new());
static GOING_OF: Shares = Mutex::new(BTreeMap::new());
/// For a whole file to come in.
const LONGEST: Duration = Duration::from_mins(30);

type Named<T> = Result<Path<T>, axum::extract::rejection::PathRejection>;
type Asked<T> = Result<Query<T>, axum::extract::rejection::QueryRejection>;

/// `PUT`: takes exactly what the address was signed for.
pub async fn take(
    State(stoa): State<Stoa>,
    Extension(context): Extension<RequestContext>,
    place: Named<Place>,
    signed: Asked<Signed>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let taken = async {
        let (place, grant) = proven(&stoa, &parts.method, place, signed)?;
        let Grant::Put { length, content_type } = grant else { return Err(AppError::NotFound) };
        taking::ask_headers(&parts.headers, length, &content_type)?;
        let permit = Permit::take(&COMING, &COMING_OF, COMING_EACH, place.workspace)?;
        // On its own, so that a sender who goes away ends it as any other failure does, with everything taken back.
        let (stoa, context) = (stoa.clone(), context.clone());
        let coming = tokio::spawn(async move {
            let _permit = permit;
            taking::take(&stoa, &context, place, length, LONGEST, body).await
        });
        coming.await.map_err(|_| AppError::Internal)?
    };
    match taken.await {
        Ok(sha256) => json_response(StatusCode::OK, &json!({ "data": { "sha256": sha256 }, "request_id": context.id })),
        Err(error) => failed(&stoa, context.id, &error),
    }
}

/// `GET` and `HEAD`: gives what the asset was completed with.
pub async fn give(
    State(stoa): State<Stoa>,
    Extension(context): Extension<RequestContext>,
    method: Method,
    place: Named<Place>,
    signed: Asked<Signed>,
) -> Response {
    let given = async {
        let (place, _) = proven(&stoa, &method, place, signed)?;
        let permit = Permit::take(&GOING, &GOING_OF, GOING_EACH, place.workspace)?;
        serving::give(&stoa, &context, place, (method != Method::HEAD).then_some(permit)).await
    };
    match given.await {
        Ok((headers, body)) => (headers, body.unwrap_or_else(Body::empty)).into_response(),
        Err(error) => failed(&stoa, context.id, &error),
    }
}

/// What is no address of ours is answered like one that was tampered with.
fn proven(stoa: &Stoa, method: &Method, place: Named<Place>, signed: Asked<Signed>) -> Result<(Place, Grant), AppError> {
    let (Ok(Path(place)), Ok(Query(signed))) = (place, signed) else { return Err(crate::error::CallRefused::AddressUnknown.into()) };
    let grant = prove(&stoa.config, method, place, signed, stoa.clock.now())?;
    Ok((place, grant))
}

/// A place among the files that come or go, of which no workspace has more than its share: given back when it is dropped.
pub struct Permit {
    _among_all: SemaphorePermit<'static>,
    shares: &'static Shares,
    workspace: WorkspaceId,
}

type Shares = Mutex<BTreeMap<WorkspaceId, usize>>;

impl Permit {
    fn take(all: &'static Semaphore, shares: &'static Shares, most: usize, workspace: WorkspaceId) -> Result<Self, AppError> {
        let among_all = all.try_acquire().map_err(|_| AppError::Unavailable)?;
        let mut held = shares.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = held.entry(workspace).or_default();
        if *theirs >= most {
            return Err(AppError::Unavailable);
        }
        *theirs += 1;
        Ok(Self { _among_all: among_all, shares, workspace })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut held = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut theirs) = held.entry(self.workspace) {
            *theirs.get_mut() -= 1;
            if *theirs.get() == 0 {
                theirs.remove();
            }
        }
    }
}

/// A scope at the place of a proven address, and what is there now: what was signed may have ended since.
///
/// # Errors
/// `NotFound` where the workspace is archived or the asset put away, and what stops the module.
pub async fn open(stoa: &Stoa, context: &RequestContext, place: Place) -> Result<(ServiceScope, Opened), AppError> {
    let mut scope = ServiceScope::open_service(stoa, context, Actor::system(JOB), place.tenant, JOB).await?;
    let opened = store::open(&mut scope, place).await?.filter(|opened| opened.is_live && !opened.is_archived).ok_or(AppError::NotFound)?;
    let standing = Standing::read(&opened.plan, opened.standing.clone(), scope.now())?;
    let module = modules::find(MODULE).ok_or(AppError::Internal)?;
    standing.ask_entitled(module)?;
    standing.ask_enabled(module)?;
    Ok((scope, opened))
}
