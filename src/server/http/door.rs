//! Typed doors: an address, the permission it asks for, and what happens behind it. The permission is part of the
//! handler's type, so what the golden list of doors says cannot differ from what is checked.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Extension, Query, RawPathParams, Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodRouter, get, post},
};
use http::Method;

use super::{
    form::{self, Fields},
    page::{self, Page},
    problem::Problem,
    request::RequestContext,
};
use crate::{
    error::{AppError, FieldError},
    ids::FormId,
    server::{
        Stoa,
        scope::{Asks, Intent, Reach, Scope},
    },
};

type Showing<R> = Arc<dyn Fn(Visit<R>) -> Pin<Box<dyn Future<Output = Result<Page, AppError>> + Send>> + Send + Sync>;
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One address of the console.
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    pub asks: Asks,
    pub handler: MethodRouter<Stoa>,
}

/// What a page is given: an open scope, and what a form that failed left behind.
pub struct Visit<R> {
    pub scope: Scope<R>,
    pub request: RequestContext,
    pub query: HashMap<String, String>,
    /// Set when the page is shown again because its form was refused.
    pub refused: Option<RefusedForm>,
}

/// A form that was refused: what was entered, and why.
#[derive(Clone, Debug)]
pub struct RefusedForm {
    pub fields: Fields,
    pub error: AppError,
}

impl RefusedForm {
    pub fn field_errors(&self) -> Vec<FieldError> {
        match &self.error {
            AppError::Invalid(errors) => errors.clone(),
            _ => Vec::new(),
        }
    }
}

impl<R> Visit<R> {
    /// What stands in a field: what was entered before the refusal, or what is stored.
    pub fn value(&self, field: &str, stored: &str) -> String {
        match &self.refused {
            Some(refused) => refused.fields.get(field).to_owned(),
            None => stored.to_owned(),
        }
    }

    pub fn problem(&self, field: &str) -> Option<String> {
        let errors = self.refused.as_ref()?.field_errors();
        errors.into_iter().find(|error| error.field == field).map(|error| error.message)
    }
}

/// What a form's operation is given: an open scope, and what was sent.
pub struct Submission<R> {
    pub scope: Scope<R>,
    pub request: RequestContext,
    pub fields: Fields,
    pub form: FormId,
}

/// Where a form that was carried out leads, and what is said there once.
pub struct FormAnswer {
    pub location: String,
    pub flash: Option<&'static str>,
    /// Name, value and age at most in seconds.
    pub cookies: Vec<(&'static str, String, i64)>,
}

impl FormAnswer {
    pub fn to(location: String) -> Self {
        Self { location, flash: None, cookies: Vec::new() }
    }

    #[must_use]
    pub fn saying(mut self, flash: &'static str) -> Self {
        self.flash = Some(flash);
        self
    }

    #[must_use]
    pub fn with_cookie(mut self, name: &'static str, value: &str, max_age_seconds: i64) -> Self {
        self.cookies.push((name, value.to_owned(), max_age_seconds));
        self
    }
}

impl Door {
    /// A page that a scope is opened for.
    pub fn page<R, F, Fut>(path: &'static str, show: F) -> Self
    where
        R: Reach,
        F: Fn(Visit<R>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Page, AppError>> + Send + 'static,
    {
        let handler = get(
            move |State(stoa): State<Stoa>,
                  Extension(context): Extension<RequestContext>,
                  params: RawPathParams,
                  Query(query): Query<HashMap<String, String>>,
                  request: Request| {
                let show = show.clone();
                async move {
                    let slug = slug(&params);
                    match visit::<R, _, _>(&stoa, context.clone(), slug.as_deref(), query, None, &show).await {
                        Ok(page) => page::render(&stoa, &context, page, request).await,
                        Err(error) => Problem::answer(error),
                    }
                }
            },
        );
        Self { method: Method::GET, path, asks: R::ASKS, handler }
    }

    /// A form of a page: `carry_out` decides; where it refuses, `show` is shown again with what was entered.
    pub fn form<R, F, Fut, S, Shown>(path: &'static str, carry_out: F, show: S) -> Self
    where
        R: Reach,
        F: Fn(Submission<R>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<FormAnswer, AppError>> + Send + 'static,
        S: Fn(Visit<R>) -> Shown + Clone + Send + Sync + 'static,
        Shown: Future<Output = Result<Page, AppError>> + Send + 'static,
    {
        let show: Showing<R> = Arc::new(move |visit| Box::pin(show(visit)));
        let handler = post(
            move |State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, params: RawPathParams, request: Request| {
                let (carry_out, show) = (carry_out.clone(), show.clone());
                Box::pin(async move {
                    let slug = slug(&params);
                    let (parts, body) = request.into_parts();
                    let fields = match read_fields(body).await {
                        Ok(fields) => fields,
                        Err(error) => return Problem::answer(error),
                    };
                    let error = match submit::<R, _, _>(&stoa, context.clone(), slug.as_deref(), fields.clone(), &carry_out).await {
                        Ok(answer) => return redirect(&stoa, &answer),
                        Err(error) => error,
                    };
                    if let Some(location) = twin::<R>(&stoa, &context, slug.as_deref(), &fields).await {
                        return redirect(&stoa, &FormAnswer::to(location));
                    }
                    if !matches!(error, AppError::Invalid(_) | AppError::Stale(_) | AppError::FormExpired) {
                        return Problem::answer(error);
                    }
                    let status = error.status();
                    let refused = RefusedForm { fields, error };
                    let show = move |visit| show(visit);
                    match visit::<R, _, _>(&stoa, context.clone(), slug.as_deref(), HashMap::new(), Some(refused), &show).await {
                        Ok(page) => {
                            let page = page.with_status(status);
                            page::render(&stoa, &context, page, Request::from_parts(parts, axum::body::Body::empty())).await
                        }
                        Err(error) => Problem::answer(error),
                    }
                }) as Answering
            },
        );
        Self { method: Method::POST, path, asks: R::ASKS, handler }
    }

    /// A door that needs no scope of the console: sign-in, static pages. `asks` says so in the golden list.
    pub fn open(method: Method, path: &'static str, handler: MethodRouter<Stoa>) -> Self {
        Self { method, path, asks: Asks::Nothing, handler }
    }
}

/// The slug in the address, where it has one: always its first parameter.
fn slug(params: &RawPathParams) -> Option<String> {
    params.iter().next().map(|(_, value)| value.to_owned())
}

async fn visit<R, F, Fut>(
    stoa: &Stoa,
    request: RequestContext,
    slug: Option<&str>,
    query: HashMap<String, String>,
    refused: Option<RefusedForm>,
    show: &F,
) -> Result<Page, AppError>
where
    R: Reach,
    F: Fn(Visit<R>) -> Fut,
    Fut: Future<Output = Result<Page, AppError>>,
{
    let scope = Scope::<R>::open(stoa, &request, slug, Intent::Read, true).await?;
    show(Visit { scope, request, query, refused }).await
}

async fn submit<R, F, Fut>(
    stoa: &Stoa,
    mut request: RequestContext,
    slug: Option<&str>,
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
    carry_out(Submission { scope, request, fields, form }).await
}

/// Where the same form led that was sent a moment earlier and won.
async fn twin<R: Reach>(stoa: &Stoa, request: &RequestContext, slug: Option<&str>, fields: &Fields) -> Option<String> {
    let form = fields.key(stoa.clock.now()).ok()?;
    let mut scope = Scope::<R>::open(stoa, request, slug, Intent::Read, false).await.ok()?;
    let location = scope.answered(form).await.ok()?;
    scope.close().await.ok()?;
    location
}

async fn read_fields(body: axum::body::Body) -> Result<Fields, AppError> {
    let bytes: Bytes = axum::body::to_bytes(body, form::BODY_MAX).await.map_err(|_| AppError::TooLarge)?;
    Fields::parse(&bytes)
}

fn redirect(stoa: &Stoa, answer: &FormAnswer) -> Response {
    let mut response = Redirect::to(&answer.location).into_response();
    if let Some(flash) = answer.flash {
        page::set_flash(stoa, &mut response, flash);
    }
    for (name, value, max_age) in &answer.cookies {
        page::set_cookie(stoa, &mut response, name, value, *max_age, true);
    }
    response
}
