//! Signing in and out, as addresses: the page, the way to the provider and back, and the end.

use std::collections::HashMap;

use axum::{
    extract::{Extension, Query, Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use tower_sessions::Session;

use super::server;
use crate::{
    error::AppError,
    features::{self, teams},
    paths,
    server::{
        Stoa,
        http::{
            Page, Problem, page,
            request::{RequestContext, cookie},
        },
        identity::{Proof, Refusal},
        scope::{AsUser, Intent, Scope},
        sessions::{self, Start},
    },
};

type Parameters = Query<HashMap<String, String>>;

/// Whoever is signed in already goes on; everyone else is shown where they will sign in.
pub async fn show(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, Query(query): Parameters) -> Response {
    let back = paths::local(query.get("back").map_or("", String::as_str));
    if let Ok(scope) = Scope::<AsUser>::open(&stoa, &context, None, Intent::Read, false).await {
        drop(scope);
        return Redirect::to(&back).into_response();
    }
    let start = paths::sign_in_start(&back);
    let provider = stoa.identity.issuer_host().to_owned();
    let page = Page::bare("Sign in", move || {
        view! {
            <h1>"Sign in"</h1>
            <p>"Workspaces, access, usage and the audit log of your team, in one place."</p>
            <p>
                <a class="button button-primary" href=start data-no-prefetch="">"Continue to sign in"</a>
            </p>
            <p class="muted">"Your identity provider at " <strong>{provider}</strong> " asks who you are. Stoa never sees your password."</p>
        }
    });
    page::render(&stoa, &context, page).await
}

/// To the provider. A browser that only fetches ahead is sent nowhere: this writes down an attempt.
pub async fn start(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, Query(query): Parameters) -> Response {
    if context.prefetch {
        return StatusCode::NO_CONTENT.into_response();
    }
    let proof = Proof::asked(query.get("anew").map(String::as_str));
    let started = match server::start(&stoa, query.get("back").map_or("", String::as_str), proof).await {
        Ok(started) => started,
        Err(error) => return Problem::answer(error),
    };
    let mut response = Redirect::to(started.provider.as_str()).into_response();
    page::set_cookie(&stoa, &mut response, &started.cookie, &started.secret, server::LIFE_SECONDS, true);
    no_store(&mut response);
    response
}

/// Back from the provider.
pub async fn callback(
    State(stoa): State<Stoa>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    Query(query): Parameters,
    request: Request,
) -> Response {
    let state = query.get("state").map_or("", String::as_str);
    let cookie_name = server::cookie_name(&stoa, state);
    let secret = cookie(request.headers(), &cookie_name);
    let mut response = match come_in(&stoa, &context, &session, &query, state, secret.as_deref()).await {
        Ok(back) => Redirect::to(&back).into_response(),
        Err(error) => Problem::answer(error),
    };
    page::set_cookie(&stoa, &mut response, &cookie_name, "", 0, true);
    no_store(&mut response);
    response
}

async fn come_in(
    stoa: &Stoa,
    context: &RequestContext,
    session: &Session,
    query: &HashMap<String, String>,
    state: &str,
    secret: Option<&str>,
) -> Result<String, AppError> {
    if let Some(error) = query.get("error") {
        let error: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
        tracing::warn!(provider = error, "the provider answered with an error");
        return Err(Refusal::DENIED.into());
    }
    let code = query.get("code").map_or("", String::as_str);
    let (identity, back) = server::finish(stoa, state, secret, code, query.get("iss").map(String::as_str)).await?;
    let arrival = server::arrive(stoa, context, &identity).await?;
    let back = if arrival.invited { paths::INVITATION.to_owned() } else { back };
    // A new id for a new standing: what the browser held before opens nothing any more.
    let failed = |error: tower_sessions::session::Error| {
        tracing::error!(error = crate::server::telemetry::chain(&error), "the session could not be stored");
        AppError::Internal
    };
    if let Some(before) = session.id() {
        sessions::end(stoa, context, before, "replaced by a new sign-in").await?;
        session.flush().await.map_err(failed)?;
    }
    let start = Start {
        user: arrival.user,
        name: arrival.name,
        issuer: identity.issuer,
        provider_session: identity.session,
        // A provider that remembered the person did not prove them anew.
        authenticated_at: identity.authenticated_at.unwrap_or(stoa.clock.now()).min(stoa.clock.now()),
        multi_factor: identity.multi_factor,
        ip: context.ip.map(|ip| ip.to_string()),
        user_agent: context.user_agent.clone(),
        request: Some(context.id),
    };
    session.insert(Start::KEY, start).await.map_err(failed)?;
    session.save().await.map_err(failed)?;
    Ok(back)
}

/// Ends the session here, and goes on to end the provider's.
///
/// Not by a redirect: a browser holds the whole chain that a form starts to `form-action`.
pub async fn sign_out(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, session: Session) -> Response {
    if let Some(id) = session.id() {
        if let Err(error) = sessions::end(&stoa, &context, id, "signed out").await {
            return Problem::answer(error);
        }
        if let Err(error) = session.flush().await {
            tracing::error!(error = crate::server::telemetry::chain(&error), "the session could not be ended");
            return Problem::answer(AppError::Internal);
        }
    }
    let provider = stoa.identity.end_session_url().await;
    let Some(provider) = provider else {
        let mut response = Redirect::to(paths::SIGNED_OUT).into_response();
        forget_session(&stoa, &mut response);
        return response;
    };
    let next = provider.clone();
    let page = Page::bare("Signing out", move || {
        view! {
            <h1>"Signed out of Stoa"</h1>
            <p>"Your identity provider may still know you. Going there to sign out as well."</p>
            <p><a class="button button-primary" href=provider.to_string() data-no-prefetch="">"Sign out there too"</a></p>
            <p><a class="link" href=paths::SIGN_IN>"Sign in again"</a></p>
        }
    });
    let mut response = page::render(&stoa, &context, page.going_on_to(&next)).await;
    forget_session(&stoa, &mut response);
    response
}

pub async fn signed_out(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>) -> Response {
    let page = Page::bare("Signed out", || {
        view! {
            <h1>"You are signed out"</h1>
            <p>"Nothing of this console can be opened from this browser until someone signs in again."</p>
            <p><a class="button button-primary" href=paths::SIGN_IN>"Sign in"</a></p>
        }
    });
    page::render(&stoa, &context, page).await
}

/// The way in for whoever is signed in: the workspace they were in last, or their first.
pub async fn home(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>) -> Response {
    match way_in(&stoa, &context).await {
        Ok(WayIn::Workspace(slug)) => Redirect::to(&paths::overview(slug)).into_response(),
        Ok(WayIn::Team(slug)) => Redirect::to(&paths::workspaces(slug)).into_response(),
        Ok(WayIn::Profile) => Redirect::to(paths::PROFILE).into_response(),
        Ok(WayIn::Nowhere) => page::render(&stoa, &context, nowhere_yet(context.invitation.is_some())).await,
        Err(error) => Problem::answer(error),
    }
}

enum WayIn {
    Workspace(String),
    /// In a team, and in none of its workspaces.
    Team(String),
    /// A guest whose place is closed just now.
    Profile,
    /// Came by an invitation that was not accepted.
    Nowhere,
}

async fn way_in(stoa: &Stoa, context: &RequestContext) -> Result<WayIn, AppError> {
    let mut scope = Scope::<AsUser>::open(stoa, context, None, Intent::Read, true).await?;
    let last = features::sessions::server::last_workspace(&mut scope).await?;
    let places = scope.places();
    if let Some(place) = places.iter().find(|place| Some(&place.workspace_slug) == last.as_ref()).or(places.first()) {
        return Ok(WayIn::Workspace(place.workspace_slug.clone()));
    }
    if let Some(team) = teams::server::list(&mut scope).await?.first() {
        return Ok(WayIn::Team(team.slug.clone()));
    }
    let belongs = server::belongs_anywhere(&mut scope).await?;
    scope.close().await?;
    Ok(if belongs { WayIn::Profile } else { WayIn::Nowhere })
}

/// For who came by an invitation and has not accepted it: the next sign-in without one gives them an account.
fn nowhere_yet(holds_invitation: bool) -> Page {
    let way_on = if holds_invitation {
        view! {
            <p>"You came here by an invitation and have not accepted it."</p>
            <p><a class="button button-primary" href=paths::INVITATION>"Look at your invitation"</a></p>
        }
        .into_any()
    } else {
        view! {
            <p>"If somebody invited you, open the link they sent. Or start with an account and a workspace of your own: they are made when you sign in once more."</p>
            <p><a class="button button-primary" href=paths::sign_in_start(paths::HOME) data-no-prefetch="">"Start on your own"</a></p>
        }
        .into_any()
    };
    Page::bare("Welcome", move || {
        view! {
            <h1>"You are not in a workspace yet"</h1>
            {way_on}
        }
    })
}

/// The session layer's own removal says nothing of Secure, without which browsers ignore it for a `__Host-` cookie.
fn forget_session(stoa: &Stoa, response: &mut Response) {
    page::set_cookie(stoa, response, sessions::cookie_name(stoa.config.public_urls.is_https()), "", 0, true);
}

fn no_store(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
