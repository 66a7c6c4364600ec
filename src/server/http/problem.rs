//! Error pages: what a person sees when something is refused or broken, and what they can do about it.

use axum::{
    extract::{Extension, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{Method, StatusCode, header};
use leptos::prelude::*;

use super::{
    page::{self, Page},
    request::RequestContext,
};
use crate::{
    error::{AppError, Block},
    paths,
    server::Stoa,
};

/// An answer that still has to become a page: rides on a bare response to the middleware below.
#[derive(Clone, Debug)]
pub struct Problem(AppError);

impl Problem {
    pub fn answer(error: AppError) -> Response {
        let mut response = error.status().into_response();
        response.extensions_mut().insert(Self(error));
        response
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> Response {
        Self::answer(self.0)
    }
}

/// Middleware: gives every bare error its page. Outside of it nothing renders.
pub async fn pages(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let Some(error) = error_of(&response) else { return response };
    if error == AppError::SignedOut && method == Method::GET {
        return Redirect::to(&paths::sign_in_and_back(&context.path)).into_response();
    }
    // What a form was sent to cannot be come back to.
    let back = if method == Method::GET { context.path.as_str() } else { paths::HOME };
    let page = error_page(&error, &context, back).with_status(response.status());
    let mut shown = page::render(&stoa, &context, page).await;
    // `Allow`, `Retry-After` and their like stay.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            shown.headers_mut().append(name.clone(), value.clone());
        }
    }
    shown
}

fn error_of(response: &Response) -> Option<AppError> {
    if let Some(Problem(error)) = response.extensions().get() {
        return Some(error.clone());
    }
    // What axum and tower answer by themselves is plain text or nothing.
    let is_bare = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_bare {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(AppError::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(AppError::Malformed("this address does not take that method")),
        StatusCode::PAYLOAD_TOO_LARGE => Some(AppError::TooLarge),
        StatusCode::FORBIDDEN => Some(AppError::Malformed("it was sent from another site, and only this console may send it")),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Some(AppError::Unavailable),
        status if status.is_server_error() => Some(AppError::Internal),
        status if status.is_client_error() => Some(AppError::Malformed("its parts do not fit together")),
        _ => None,
    }
}

fn title(error: &AppError) -> &'static str {
    match error {
        AppError::SignedOut => "You are signed out",
        AppError::NotAllowed(_) => "You may not do this",
        AppError::NotFound => "Nothing here",
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
pub fn error_page(error: &AppError, context: &RequestContext, back: &str) -> Page {
    let title = title(error);
    let says = error.to_string();
    let permission = match error {
        AppError::NotAllowed(refused) => Some(refused.permission()),
        _ => None,
    };
    let code = match error {
        AppError::SignInRefused { code, .. } => Some(*code),
        _ => None,
    };
    let next = match error {
        AppError::SignedOut | AppError::SignInRefused { .. } => (paths::SIGN_IN.to_owned(), "Sign in"),
        AppError::SignInNotRecent(back) => (paths::sign_in_anew(back), "Sign in again"),
        AppError::Blocked(Block::Session) => (paths::sign_in_anew(back), "Sign in again"),
        AppError::Blocked(Block::MultiFactor) => (paths::sign_in_with_second_factor(back), "Sign in with a second factor"),
        _ => (paths::HOME.to_owned(), "Back to the console"),
    };
    let id = context.id.to_string();
    Page::bare(title, move || {
        view! {
            <h1>{title}</h1>
            <p>{says}</p>
            {permission.map(|permission| view! { <p>"The permission is called " <code>{permission}</code> "."</p> })}
            {code.map(|code| view! { <p>"The check that failed is called " <code>{code}</code> "."</p> })}
            <p><a class="button button-primary" href=next.0>{next.1}</a></p>
            <p class="muted">"Request " <code>{id}</code></p>
        }
    })
    .with_status(error.status())
}
