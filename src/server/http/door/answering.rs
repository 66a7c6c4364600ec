//! What happens behind a door: the scope is opened, the page or the form is handed to it, and it is answered.

use axum::{
    body::Bytes,
    extract::RawPathParams,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{FormAnswer, Parameters, RefusedForm, Submission, Visit};
use crate::{
    error::AppError,
    server::{
        Stoa,
        http::{
            Download,
            form::{self, Fields},
            page,
            request::RequestContext,
        },
        scope::{AsUser, Intent, Reach, Scope, Watch, became},
    },
};

pub(super) fn parameters(params: &RawPathParams) -> Parameters {
    params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// An error as it is told: where nothing is at the place any more, what became of it, to whoever may know.
pub(super) async fn explained<R: Reach>(stoa: &Stoa, request: &RequestContext, params: &RawPathParams, error: AppError) -> AppError {
    if error != AppError::NotFound {
        return error;
    }
    let parameters = parameters(params);
    match slug(&parameters) {
        Some(slug) => became::<R>(stoa, request, slug).await.unwrap_or(error),
        None => error,
    }
}

/// The slug of the place in the address, where it has one.
pub(super) fn slug(parameters: &Parameters) -> Option<&str> {
    parameters.get("tenant").or_else(|| parameters.get("workspace")).map(String::as_str)
}

pub(super) async fn visit<R, F, Fut, T>(
    stoa: &Stoa,
    request: RequestContext,
    parameters: Parameters,
    query: Parameters,
    refused: Option<RefusedForm>,
    show: &F,
) -> Result<T, AppError>
where
    R: Reach,
    F: Fn(Visit<R>) -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let scope = Scope::<R>::open(stoa, &request, slug(&parameters), Intent::Read, true).await?;
    let watch = Watch::over(&scope);
    watch.noting(show(Visit { scope, request, parameters, query, refused }).await).await
}

/// As a visit, in a scope that can write down that something was taken.
pub(super) async fn take<R, F, Fut>(
    stoa: &Stoa,
    request: RequestContext,
    parameters: Parameters,
    query: Parameters,
    make: &F,
) -> Result<Download, AppError>
where
    R: Reach,
    F: Fn(Visit<R>) -> Fut,
    Fut: Future<Output = Result<Download, AppError>>,
{
    let scope = Scope::<R>::open(stoa, &request, slug(&parameters), Intent::Write, false).await?;
    let watch = Watch::over(&scope);
    watch.noting(make(Visit { scope, request, parameters, query, refused: None }).await).await
}

pub(super) async fn submit<R, F, Fut>(
    stoa: &Stoa,
    mut request: RequestContext,
    parameters: Parameters,
    fields: Fields,
    carry_out: &F,
) -> Result<FormAnswer, AppError>
where
    R: Reach,
    F: Fn(Submission<R>) -> Fut,
    Fut: Future<Output = Result<FormAnswer, AppError>>,
{
    request.input_hash = Some(stoa.config.secrets.pepper.hash("audit input", fields.redacted().as_bytes()));
    // The scope first: a stranger learns nothing from how their form is judged.
    let slug = slug(&parameters);
    let mut scope = Scope::<R>::open(stoa, &request, slug, Intent::Write, false).await?;
    if let (Some(slug), place) = (slug, fields.get(form::PLACE))
        && place != slug
    {
        return Err(AppError::WrongPlace);
    }
    let form = fields.key(stoa.clock.now())?;
    if let Some(location) = scope.answered(form).await? {
        return Ok(FormAnswer::to(location));
    }
    let watch = Watch::over(&scope);
    watch.noting(carry_out(Submission { scope, request, parameters, fields, form }).await).await
}

/// Where the same form led that was sent a moment earlier and won. Asked as the person alone: what the form did may
/// have closed the place to them.
pub(super) async fn twin(stoa: &Stoa, request: &RequestContext, fields: &Fields) -> Option<String> {
    let form = fields.key(stoa.clock.now()).ok()?;
    let mut scope = Scope::<AsUser>::open(stoa, request, None, Intent::Read, false).await.ok()?;
    let location = scope.answered(form).await.ok()?;
    scope.close().await.ok()?;
    location
}

pub(super) async fn read_fields(body: axum::body::Body) -> Result<Fields, AppError> {
    let bytes: Bytes = axum::body::to_bytes(body, form::BODY_MAX).await.map_err(|_| AppError::TooLarge)?;
    Fields::parse(&bytes)
}

pub(super) async fn answer(stoa: &Stoa, context: &RequestContext, answer: FormAnswer) -> Response {
    let mut response = match answer.page {
        Some(page) => page::render(stoa, context, page).await,
        None => Redirect::to(&answer.location).into_response(),
    };
    if let Some(flash) = &answer.flash {
        page::set_flash(stoa, &mut response, flash);
    }
    for (name, value, max_age) in &answer.cookies {
        page::set_cookie(stoa, &mut response, name, value, *max_age, true);
    }
    response
}
