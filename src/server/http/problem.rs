//! Error pages: what a person sees when something is refused or broken, and what they can do about it.

use axum::{
    extract::{Extension, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{Method, StatusCode, header};
use leptos::prelude::*;

use super::{
    form::Fields,
    page::{self, Page},
    request::RequestContext,
};
use crate::{
    error::{AppError, Block},
    paths,
    server::Stoa,
    ui::Kept,
};

/// An answer that still has to become a page: rides on a bare response to the middleware below.
#[derive(Clone, Debug)]
pub struct Problem {
    error: AppError,
    /// What was entered into the form that was sent, by the fields' names.
    entered: Vec<(String, String)>,
}

impl Problem {
    pub fn answer(error: AppError) -> Response {
        Self { error, entered: Vec::new() }.into_response()
    }

    /// The same for a form. What was entered is shown again where it can be sent later, since a page takes its place.
    pub fn keeping(error: AppError, fields: &Fields) -> Response {
        let entered = if is_for_later(&error) { fields.entered() } else { Vec::new() };
        Self { error, entered }.into_response()
    }
}

/// Whether the same form may be taken another time.
fn is_for_later(error: &AppError) -> bool {
    use AppError::{Blocked, Internal, SignInNotRecent, SignedOut, Unavailable};
    matches!(error, SignedOut | SignInNotRecent(_) | Blocked(_) | Unavailable | Internal)
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self { error, entered: Vec::new() }
    }
}

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.error.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: gives every bare error its page. Outside of it nothing renders.
pub async fn pages(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    // What forms are sent to can be asked for by reloading, or by pasting: the form's page is what is meant.
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && method == Method::GET {
        return Redirect::to(&context.page()).into_response();
    }
    let Some(problem) = problem_of(&response) else { return response };
    if problem.error == AppError::SignedOut && method == Method::GET {
        return Redirect::to(&paths::sign_in_and_back(&context.path)).into_response();
    }
    // What a form was sent to cannot be come back to; its page can.
    let back = if method == Method::GET { context.path.clone() } else { context.page() };
    let page = error_page(problem, &context, &back).with_status(response.status());
    let mut shown = page::render(&stoa, &context, page).await;
    // `Allow`, `Retry-After` and their like stay.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            shown.headers_mut().append(name.clone(), value.clone());
        }
    }
    shown
}

fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    // What axum and tower answer by themselves is plain text or nothing.
    let is_bare = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_bare {
        return None;
    }
    let error = match response.status() {
        StatusCode::NOT_FOUND => AppError::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => AppError::Malformed("this address does not take that method"),
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        StatusCode::FORBIDDEN => AppError::Malformed("it was sent from another site, and only this console may send it"),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => AppError::Unavailable,
        status if status.is_server_error() => AppError::Internal,
        status if status.is_client_error() => AppError::Malformed("its parts do not fit together"),
        _ => return None,
    };
    Some(error.into())
}

fn title(error: &AppError) -> &'static str {
    match error {
        AppError::SignedOut => "You are signed out",
        AppError::NotAllowed(_) => "You may not do this",
        AppError::NotFound => "Nothing here",
        AppError::Gone(_) => "This is not here any more",
        AppError::Invalid(_) => "Something needs another look",
        AppError::Stale(_) => "This has changed meanwhile",
        AppError::FormExpired => "This form is too old",
        AppError::WrongPlace => "This form belongs elsewhere",
        AppError::Conflict(_) => "Not possible just now",
        AppError::SignInNotRecent(_) => "Sign in again to do this",
        AppError::Blocked(_) => "This place asks for more",
        AppError::Call(_) | AppError::IdempotencyConflict => "This call was refused",
        AppError::ModuleNotEntitled { .. } => "Not in this plan",
        AppError::ModuleNotEnabled(_) => "This module is off",
        AppError::ReadOnly { .. } => "This workspace is read only",
        AppError::Paused(_) => "Billable calls are paused",
        AppError::RateLimited { .. } => "Too many calls",
        AppError::TooLarge => "Too large",
        AppError::Malformed(_) => "This request could not be read",
        AppError::SignInRefused { .. } => "You could not be signed in",
        AppError::Unavailable => "Not available just now",
        AppError::Internal => "Something went wrong",
    }
}

/// The page of an error. What it says never comes from inside. `back`: where a new sign-in leads.
fn error_page(problem: Problem, context: &RequestContext, back: &str) -> Page {
    let Problem { error, entered } = problem;
    let title = title(&error);
    let permission = match &error {
        AppError::NotAllowed(refused) => Some(refused.permission()),
        _ => None,
    };
    let code = match &error {
        AppError::SignInRefused { code, .. } => Some(*code),
        _ => None,
    };
    let (href, label) = way_on(&error, back, !entered.is_empty());
    let (says, id) = (error.to_string(), context.id.to_string());
    let kept = (!entered.is_empty()).then(|| (context.address().to_owned(), entered));
    Page::bare(title, move || {
        view! {
            <h1>{title}</h1>
            <p>{says}</p>
            {permission.map(|permission| view! { <p>"The permission is called " <code>{permission}</code> "."</p> })}
            {code.map(|code| view! { <p>"The check that failed is called " <code>{code}</code> "."</p> })}
            <p><a class="button button-primary" href=href data-no-prefetch="">{label}</a></p>
            {kept.map(|(form, entered)| view! { <Kept form=form entered=entered/> })}
            <p class="muted">"Request " <code>{id}</code></p>
        }
    })
    .with_status(error.status())
}

/// Where to go from an error, and what the link there is called.
fn way_on(error: &AppError, back: &str, is_kept: bool) -> (String, &'static str) {
    match error {
        // Straight to the provider: who entered something was in already.
        AppError::SignedOut if is_kept => (paths::sign_in_start(back), "Sign in again"),
        AppError::SignedOut => (paths::sign_in_and_back(back), "Sign in"),
        AppError::SignInRefused { .. } => (paths::SIGN_IN.to_owned(), "Sign in"),
        AppError::SignInNotRecent(back) => (paths::sign_in_anew(back), "Sign in again"),
        AppError::Blocked(Block::Session) => (paths::sign_in_anew(back), "Sign in again"),
        AppError::Blocked(Block::MultiFactor) => (paths::sign_in_with_second_factor(back), "Sign in with a second factor"),
        AppError::Gone(gone) => (gone.href.clone(), gone.label),
        _ if is_kept => (back.to_owned(), "Back to the form"),
        _ => (paths::HOME.to_owned(), "Back to the console"),
    }
}
