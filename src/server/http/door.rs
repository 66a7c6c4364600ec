//! Typed doors: an address, the permission it asks for, and what happens behind it. The permission is part of the
//! handler's type, so what the golden list of doors says cannot differ from what is checked.

mod answering;
mod live;

use std::{borrow::Cow, collections::HashMap, future::Future, pin::Pin, sync::Arc};

use axum::{
    extract::{Extension, Query, RawPathParams, Request, State},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};
use http::{Method, StatusCode};

pub use live::Since;

use answering::{explained, parameters, read_fields, submit, take, twin, visit};

use super::{
    download::Download,
    form::Fields,
    page::{self, Page},
    problem::Problem,
    request::RequestContext,
};
use crate::{
    error::{AppError, FieldError},
    ids::FormId,
    server::{
        Stoa,
        credentials::withholding,
        scope::{Asks, Intent, Reach, Scope},
    },
};

/// What an address or its query names, by name.
pub type Parameters = HashMap<String, String>;
type Showing<R> = Arc<dyn Fn(Visit<R>) -> Pin<Box<dyn Future<Output = Result<Page, AppError>> + Send>> + Send + Sync>;
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What happens at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorKind {
    Page,
    Form,
    Download,
    /// Told as it comes, for as long as somebody looks.
    Live,
    Open,
    /// Outside the console: no cookie is read, and the bytes go past its layers.
    File,
}

/// One address of the console.
pub struct Door {
    pub kind: DoorKind,
    pub method: Method,
    pub path: &'static str,
    pub asks: Asks,
    pub handler: MethodRouter<Stoa>,
}

/// What a page is given: an open scope, and what a form that failed left behind.
pub struct Visit<R> {
    pub scope: Scope<R>,
    pub request: RequestContext,
    /// The parts of the address that are not fixed, by their names in the table of addresses.
    pub parameters: Parameters,
    pub query: Parameters,
    /// Set when the page is shown again because its form was refused.
    pub refused: Option<RefusedForm>,
}

/// A form that was refused: what was entered, but for secrets, and why.
#[derive(Clone, Debug)]
pub struct RefusedForm {
    pub fields: Fields,
    pub error: AppError,
}

impl RefusedForm {
    pub fn field_errors(&self) -> Vec<FieldError> {
        match &self.error {
            AppError::Invalid(errors) => {
                let said = |error: &FieldError| FieldError { field: error.field, message: withholding(&error.message).into_owned() };
                errors.iter().map(said).collect()
            }
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

    /// The parameter of the query, trimmed; empty where there is none.
    pub fn asked(&self, name: &str) -> &str {
        self.query.get(name).map_or("", |value| value.trim())
    }

    /// The identifier that the address names.
    ///
    /// # Errors
    /// `NotFound` where it is not one of this kind.
    pub fn named<T: std::str::FromStr>(&self, name: &str) -> Result<T, AppError> {
        named(&self.parameters, name)
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
    pub parameters: Parameters,
    pub fields: Fields,
    pub form: FormId,
}

impl<R> Submission<R> {
    /// The identifier that the address names.
    ///
    /// # Errors
    /// `NotFound` where it is not one of this kind.
    pub fn named<T: std::str::FromStr>(&self, name: &str) -> Result<T, AppError> {
        named(&self.parameters, name)
    }

    /// The version of a thing that the form was rendered from.
    ///
    /// # Errors
    /// `Malformed` where the form's hidden field is damaged.
    pub fn version(&self) -> Result<i64, AppError> {
        self.fields.get("version").parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))
    }
}

impl<R: Reach> Submission<R> {
    /// Makes what was done permanent, and opens the place again for a page that is rendered in this very answer.
    pub async fn commit_to_show(self) -> Result<Visit<R>, AppError> {
        let stoa = self.scope.stoa().clone();
        self.scope.commit().await?;
        let scope = Scope::<R>::open(&stoa, &self.request, answering::slug(&self.parameters), Intent::Read, true).await?;
        Ok(Visit { scope, request: self.request, parameters: self.parameters, query: Parameters::new(), refused: None })
    }
}

fn named<T: std::str::FromStr>(parameters: &Parameters, name: &str) -> Result<T, AppError> {
    parameters.get(name).and_then(|text| text.parse().ok()).ok_or(AppError::NotFound)
}

/// Where a form that was carried out leads, and what is said there once.
pub struct FormAnswer {
    pub location: String,
    pub flash: Option<Cow<'static, str>>,
    /// Shown in place of going there: what holds a secret is rendered once, in this answer.
    pub page: Option<Page>,
    /// Name, value and age at most in seconds.
    pub cookies: Vec<(&'static str, String, i64)>,
}

impl FormAnswer {
    pub fn to(location: String) -> Self {
        Self { location, flash: None, page: None, cookies: Vec::new() }
    }

    #[must_use]
    pub fn saying(mut self, flash: impl Into<Cow<'static, str>>) -> Self {
        self.flash = Some(flash.into());
        self
    }

    /// Renders this page at once, `no-store`. Sent again, the form leads to `location` and the page is not repeated.
    #[must_use]
    pub fn showing(mut self, page: Page) -> Self {
        self.page = Some(page);
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
                  Query(query): Query<Parameters>| {
                let show = show.clone();
                async move {
                    match visit::<R, _, _, _>(&stoa, context.clone(), parameters(&params), query, None, &show).await {
                        Ok(page) => page::render(&stoa, &context, page).await,
                        Err(error) => Problem::answer(explained::<R>(&stoa, &context, &params, error).await),
                    }
                }
            },
        );
        Self { kind: DoorKind::Page, method: Method::GET, path, asks: R::ASKS, handler }
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
            move |State(stoa): State<Stoa>,
                  Extension(context): Extension<RequestContext>,
                  params: RawPathParams,
                  Query(query): Query<Parameters>,
                  request: Request| {
                let (carry_out, show) = (carry_out.clone(), show.clone());
                Box::pin(async move {
                    let parameters = parameters(&params);
                    let fields = match read_fields(request.into_body()).await {
                        Ok(fields) => fields,
                        Err(error) => return Problem::answer(error),
                    };
                    let error = match submit::<R, _, _>(&stoa, context.clone(), parameters.clone(), fields.clone(), &carry_out).await {
                        Ok(answer) => return answering::answer(&stoa, &context, answer).await,
                        Err(error) => error,
                    };
                    // Whoever is refused is refused once: asking again would count it twice.
                    if matches!(error, AppError::NotAllowed(_) | AppError::Blocked(_)) {
                        return Problem::keeping(error, &fields);
                    }
                    if let Some(location) = twin(&stoa, &context, &fields).await {
                        return answering::answer(&stoa, &context, FormAnswer::to(location)).await;
                    }
                    if !matches!(error, AppError::Invalid(_) | AppError::Stale(_) | AppError::FormExpired | AppError::Conflict(_)) {
                        return Problem::keeping(explained::<R>(&stoa, &context, &params, error).await, &fields);
                    }
                    let status = error.status();
                    let refused = RefusedForm { fields: fields.without_secrets(), error };
                    let show = move |visit| show(visit);
                    match visit::<R, _, _, _>(&stoa, context.clone(), parameters, query, Some(refused), &show).await {
                        Ok(page) => page::render(&stoa, &context, page.with_status(status)).await,
                        Err(error) => Problem::answer(error),
                    }
                }) as Answering
            },
        );
        Self { kind: DoorKind::Form, method: Method::POST, path, asks: R::ASKS, handler }
    }

    /// Something to save as a file, that a scope is opened for. It may record that it was taken.
    pub fn download<R, F, Fut>(path: &'static str, make: F) -> Self
    where
        R: Reach,
        F: Fn(Visit<R>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Download, AppError>> + Send + 'static,
    {
        let handler = get(
            move |State(stoa): State<Stoa>,
                  Extension(context): Extension<RequestContext>,
                  params: RawPathParams,
                  Query(query): Query<Parameters>| {
                let make = make.clone();
                async move {
                    // A browser that only fetches ahead takes nothing.
                    if context.prefetch {
                        return StatusCode::NO_CONTENT.into_response();
                    }
                    match take::<R, _, _>(&stoa, context.clone(), parameters(&params), query, &make).await {
                        Ok(download) => download.into_response(),
                        Err(error) => Problem::answer(explained::<R>(&stoa, &context, &params, error).await),
                    }
                }
            },
        );
        Self { kind: DoorKind::Download, method: Method::GET, path, asks: R::ASKS, handler }
    }

    /// A door that needs no scope of the console: sign-in, static pages. `asks` says so in the golden list.
    pub fn open(method: Method, path: &'static str, handler: MethodRouter<Stoa>) -> Self {
        Self { kind: DoorKind::Open, method, path, asks: Asks::Nothing, handler }
    }

    /// Where a file comes or goes. `handler` proves the address itself.
    pub fn file(method: Method, path: &'static str, handler: MethodRouter<Stoa>) -> Self {
        Self { kind: DoorKind::File, method, path, asks: Asks::Signature, handler }
    }

    /// Whether somebody in the console changes something by it or is handed something out, and is not only shown it.
    pub fn is_act(&self) -> bool {
        self.kind != DoorKind::File && (self.method != Method::GET || self.kind == DoorKind::Download)
    }
}
