//! A door behind which somebody is told what comes for as long as they look. Each look opens a scope: a session that ended, a
//! role that was taken and a posture that shuts them out hold at the next one.

use std::marker::PhantomData;

use axum::{
    extract::{Extension, Query, RawPathParams, State},
    routing::get,
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};

use super::{Door, DoorKind, Parameters, Visit, explained, parameters};
use crate::{
    error::AppError,
    server::{
        Stoa,
        http::{
            live::{self, Came, Look},
            problem::Problem,
            request::RequestContext,
        },
        scope::{Intent, Reach, Scope, Watch},
    },
};

/// One look through a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Asked for is what came from then on, and what was told already does no harm.
    pub at: DateTime<Utc>,
    pub is_first: bool,
    /// What was told last; none where nothing was.
    pub last: Option<String>,
}

impl Since {
    /// When something was told last, or when the page was made.
    pub fn told_at(&self) -> DateTime<Utc> {
        self.at + live::LATE
    }
}

/// What a door was opened with, for every look through it. The reach is the door's, and says what each look asks for.
struct Doorway<R, F> {
    stoa: Stoa,
    request: RequestContext,
    parameters: Parameters,
    query: Parameters,
    look: F,
    reach: PhantomData<fn() -> R>,
}

impl<R, F, Fut> Doorway<R, F>
where
    R: Reach,
    F: Fn(Visit<R>, Since) -> Fut,
    Fut: Future<Output = Result<Came, AppError>>,
{
    async fn through(&self, since: Since) -> Result<Came, AppError> {
        let scope = Scope::<R>::open(&self.stoa, &self.request, super::answering::slug(&self.parameters), Intent::Read, false).await?;
        let watch = Watch::over(&scope);
        let (request, parameters, query) = (self.request.clone(), self.parameters.clone(), self.query.clone());
        watch.noting((self.look)(Visit { scope, request, parameters, query, refused: None }, since).await).await
    }
}

impl<R, F, Fut> Look for Doorway<R, F>
where
    R: Reach,
    F: Fn(Visit<R>, Since) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Came, AppError>> + Send + 'static,
{
    async fn look(&mut self, at: DateTime<Utc>, last: Option<String>) -> Result<Came, AppError> {
        self.through(Since { at, is_first: false, last }).await
    }
}

impl Door {
    /// What comes, as it comes. A look is no sign of life: it keeps no session from ending.
    pub fn live<R, F, Fut>(path: &'static str, look: F) -> Self
    where
        R: Reach,
        F: Fn(Visit<R>, Since) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Came, AppError>> + Send + 'static,
    {
        let handler = get(
            move |State(stoa): State<Stoa>,
                  Extension(context): Extension<RequestContext>,
                  params: RawPathParams,
                  headers: HeaderMap,
                  Query(query): Query<Parameters>| {
                let look = look.clone();
                async move {
                    let since = live::since(&headers, query.get("since"), stoa.clock.now());
                    let request = RequestContext { prefetch: true, ..context.clone() };
                    let parameters = parameters(&params);
                    let doorway = Doorway { stoa: stoa.clone(), request, parameters, query, look, reach: PhantomData };
                    let came = match doorway.through(Since { at: since - live::LATE, is_first: true, last: None }).await {
                        Ok(came) => came,
                        Err(error) => return Problem::answer(explained::<R>(&stoa, &context, &params, error).await),
                    };
                    let Some(seat) = context.session.and_then(|session| stoa.listeners().take(session)) else {
                        return Problem::answer(AppError::Conflict(live::NO_SEAT.to_owned()));
                    };
                    live::tell(stoa.stopping(), doorway, since, seat, came, !live::is_listening(&headers))
                }
            },
        );
        Self { kind: DoorKind::Live, method: Method::GET, path, asks: R::ASKS, handler }
    }
}
