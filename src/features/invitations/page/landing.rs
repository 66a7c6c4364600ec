//! Where an invitation's link leads: into a cookie, out of the address, and to a page that says what is on offer.

use axum::{
    extract::{Extension, Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;

use super::server::{self, Found, State as Standing};
use crate::{
    error::AppError,
    features::invitations::model::masked,
    ids::FormId,
    paths,
    server::{
        Reader, Stoa, chance,
        credentials::{Credential, Kind},
        http::{
            FormAnswer, Page, Problem, Submission, Visit, page,
            request::{RequestContext, invitation_cookie},
        },
        last_day,
        scope::{AsUser, Intent, Person, Scope},
    },
    ui::{Button, ButtonKind, Description, DescriptionList, Form, Notice, RoleBadge, Tone},
};

/// How long a browser keeps an invitation while its person signs in.
const COOKIE_SECONDS: i64 = 60 * 60;

/// Takes the secret out of the address, before anything else can see it. Accepts nothing; a browser that only fetches
/// ahead is told nothing.
pub async fn open(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, Path(token): Path<String>) -> Response {
    if context.prefetch {
        return StatusCode::NO_CONTENT.into_response();
    }
    let mut response = Redirect::to(paths::INVITATION).into_response();
    let (value, age) = match Credential::parse(&token).filter(|credential| credential.kind == Kind::Invitation) {
        Some(credential) => (credential.reveal(), COOKIE_SECONDS),
        None => (String::new(), 0),
    };
    page::set_cookie(&stoa, &mut response, invitation_cookie(&stoa), &value, age, true);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Puts the invitation out of this browser, unaccepted.
pub async fn forget(State(stoa): State<Stoa>) -> Response {
    let mut response = Redirect::to(paths::HOME).into_response();
    page::set_cookie(&stoa, &mut response, invitation_cookie(&stoa), "", 0, true);
    response
}

/// What is on offer, and what the one who looks can do about it.
pub async fn look(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>) -> Response {
    let viewer = match Scope::<AsUser>::open(&stoa, &context, None, Intent::Read, true).await {
        Ok(scope) => Some(Viewer::of(&scope)),
        Err(AppError::SignedOut) => None,
        Err(error) => return Problem::answer(error),
    };
    match card(&stoa, &context, viewer, None).await {
        Ok(page) => page::render(&stoa, &context, page).await,
        Err(error) => Problem::answer(error),
    }
}

pub async fn accept(submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    let (stoa, person) = (submission.scope.stoa().clone(), submission.scope.person().clone());
    // Rendered for one person, sent by another: someone else signed in in between.
    if submission.fields.get(crate::server::http::form::PLACE) != person.id.to_string() {
        return Err(AppError::WrongPlace);
    }
    submission.scope.close().await?;
    let accepted = server::accept(&stoa, &submission.request, &person).await?;
    let says = format!("You are now in {} as {}.", accepted.workspace_name, accepted.role);
    Ok(FormAnswer::to(paths::overview(&accepted.workspace_slug)).saying(says).with_cookie(invitation_cookie(&stoa), "", 0))
}

/// The same page, from the acceptance that was refused.
pub async fn show_accepting(visit: Visit<AsUser>) -> Result<Page, AppError> {
    let (stoa, viewer) = (visit.scope.stoa().clone(), Viewer::of(&visit.scope));
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    visit.scope.close().await?;
    card(&stoa, &visit.request, Some(viewer), says).await
}

/// Who looks, where somebody is signed in.
#[derive(Clone, Debug)]
struct Viewer {
    person: Person,
    workspaces: Vec<String>,
}

impl Viewer {
    fn of(scope: &Scope<AsUser>) -> Self {
        let workspaces = scope.places().iter().map(|place| place.workspace_slug.clone()).collect();
        Self { person: scope.person().clone(), workspaces }
    }
}

async fn card(stoa: &Stoa, context: &RequestContext, viewer: Option<Viewer>, says: Option<String>) -> Result<Page, AppError> {
    let Some(found) = server::look(stoa, context.invitation.as_ref()).await? else {
        return Ok(dead_end(
            "This link opens nothing",
            "It is not whole, it was replaced by a newer one, or it was opened more than an hour ago. Open the link again from the newest message, or ask for another.",
            StatusCode::NOT_FOUND,
        ));
    };
    let is_in = viewer.as_ref().is_some_and(|viewer| viewer.workspaces.contains(&found.workspace_slug));
    if is_in {
        return Ok(already_in(&found));
    }
    let key = FormId(chance::uuid(stoa.clock.now())).to_string();
    Ok(match found.state(stoa.clock.now()) {
        Standing::Pending => offer(found, viewer, key, says, stoa.clock.now()),
        Standing::Expired => {
            let asks = format!("It was good for seven days. Ask {} for a new one: they can resend it.", found.inviter_name);
            dead_end("This invitation has expired", &asks, StatusCode::GONE)
        }
        Standing::Revoked => dead_end(
            "This invitation was revoked",
            "It opens nothing any more. Ask whoever sent it, if you think that is a mistake.",
            StatusCode::GONE,
        ),
        Standing::Accepted => dead_end(
            "This invitation was used",
            "An invitation is accepted once. If it was you, sign in with the same address.",
            StatusCode::GONE,
        ),
        Standing::Closed => dead_end(
            "This invitation is no longer good",
            "The workspace takes nobody any more, or whoever invited you may not invite like this now. Ask for a new invitation.",
            StatusCode::GONE,
        ),
    })
}

fn dead_end(title: &'static str, explanation: &str, status: StatusCode) -> Page {
    let explanation = explanation.to_owned();
    Page::bare(title, move || {
        view! {
            <h1>{title}</h1>
            <p>{explanation}</p>
            <p><a class="button" href=paths::HOME>"Go to the console"</a></p>
        }
    })
    .with_status(status)
}

fn already_in(found: &Found) -> Page {
    let (name, href) = (found.workspace_name.clone(), paths::overview(&found.workspace_slug));
    Page::bare("You are in", move || {
        view! {
            <h1>"You are in " {name.clone()}</h1>
            <p>"There is nothing left to accept."</p>
            <p><a class="button button-primary" href=href>"Open " {name}</a></p>
        }
    })
}

fn offer(found: Found, viewer: Option<Viewer>, key: String, says: Option<String>, now: chrono::DateTime<chrono::Utc>) -> Page {
    let title = format!("Join {}", found.workspace_name);
    let is_theirs = viewer.as_ref().is_some_and(|viewer| found.is_for(&viewer.person.email, viewer.person.email_verified));
    let address = if is_theirs { found.email.clone() } else { masked(&found.email) };
    Page::bare(title.clone(), move || {
        let next_address = address.clone();
        let expires = Reader { now, zone: "UTC".to_owned() }.shown(found.expires_at).relative;
        let ends = found.ends_at.map(|end| {
            let day = last_day::before(end, "UTC").format("%-d %b %Y").to_string();
            view! { <Description term="Membership ends after">{day}</Description> }
        });
        view! {
            <h1>{title}</h1>
            <p><strong>{found.inviter_name}</strong>" invites you."</p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <DescriptionList>
                <Description term="Team">{found.tenant_name}</Description>
                <Description term="Workspace">{found.workspace_name}</Description>
                <Description term="Your role"><RoleBadge role=found.role.name()/></Description>
                {ends}
                <Description term="For">{address}</Description>
                <Description term="Expires">{expires}</Description>
            </DescriptionList>
            <Next viewer=viewer is_theirs=is_theirs address=next_address key=key/>
        }
    })
}

/// What there is to do: sign in, change who is signed in, or accept.
#[component]
fn Next(viewer: Option<Viewer>, is_theirs: bool, address: String, key: String) -> impl IntoView {
    let Some(Viewer { person, .. }) = viewer else {
        return view! {
            <p>"Sign in with this address to accept. Nothing is accepted by looking."</p>
            <p><a class="button button-primary" href=paths::sign_in_and_back(paths::INVITATION) data-no-prefetch="">"Sign in to accept"</a></p>
        }
        .into_any();
    };
    if is_theirs {
        return view! {
            <Form action=paths::INVITATION key=key.clone() place=person.id.to_string()>
                <Button kind=ButtonKind::Primary>"Accept invitation"</Button>
            </Form>
            <Form action=paths::FORGET_INVITATION key=key>
                <Button kind=ButtonKind::Quiet>"Not now"</Button>
            </Form>
        }
        .into_any();
    }
    let why = if person.email_verified {
        format!("You are signed in as {}. The invitation is for {address}.", person.email)
    } else {
        format!(
            "You are signed in as {}, and your identity provider does not say that this address is yours. Confirm it there, then sign in again.",
            person.email
        )
    };
    view! {
        <Notice tone=Tone::Warning>{why}</Notice>
        <p><a class="button button-primary" href=paths::sign_in_anew(paths::INVITATION) data-no-prefetch="">"Sign in as someone else"</a></p>
        <Form action=paths::SIGN_OUT key=key>
            <Button kind=ButtonKind::Quiet>"Sign out"</Button>
        </Form>
    }
    .into_any()
}
