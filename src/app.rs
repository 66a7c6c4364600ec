//! Every address of the console, on one screen: what it is, what it asks for, and what answers. And what is done without
//! anyone at an address: jobs, and what is due by the clock.

use axum::routing::{get, post};
use http::Method;

use crate::{
    features::{deliveries, inbox, invitations, members, overview, profile, settings, sign_in, teams, workspaces},
    paths,
    server::{
        housekeeping,
        http::Door,
        queue::{Handlers, Periodic},
    },
};

/// The table of addresses. What each asks for is in the type of what answers; the golden list is made from this.
pub fn doors() -> Vec<Door> {
    let mut doors = vec![
        Door::open(Method::GET, paths::HOME, get(sign_in::page::home)),
        Door::open(Method::GET, paths::SIGN_IN, get(sign_in::page::show)),
        Door::open(Method::GET, paths::SIGN_IN_START, get(sign_in::page::start)),
        Door::open(Method::GET, paths::SIGN_IN_CALLBACK, get(sign_in::page::callback)),
        Door::open(Method::POST, paths::SIGN_OUT, post(sign_in::page::sign_out)),
        Door::open(Method::GET, paths::SIGNED_OUT, get(sign_in::page::signed_out)),
        Door::open(Method::POST, paths::THEME, post(profile::page::set_theme)),
        Door::page(paths::PROFILE, profile::page::show),
        Door::form(paths::PROFILE, profile::page::update, profile::page::show),
        Door::page(paths::INBOX, inbox::page::show),
        Door::form(paths::INBOX_READ_ALL, inbox::page::mark_all_read, inbox::page::show),
        Door::form("/inbox/{item}/read", inbox::page::mark_read, inbox::page::show),
        Door::page("/t/{tenant}/teams", teams::page::show),
        Door::page("/t/{tenant}/workspaces", workspaces::page::show),
        Door::page("/w/{workspace}", overview::page::show),
        Door::page("/w/{workspace}/members/mail", deliveries::page::show),
        Door::page("/w/{workspace}/settings", settings::page::show),
        Door::form("/w/{workspace}/settings/name", settings::page::rename, settings::page::show_refused),
        Door::open(Method::GET, "/invitations/{token}", get(invitations::page::open)),
        Door::open(Method::GET, paths::INVITATION, get(invitations::page::look)),
        Door::form(paths::INVITATION, invitations::page::accept, invitations::page::show_accepting),
        Door::open(Method::POST, paths::FORGET_INVITATION, post(invitations::page::forget)),
    ];
    doors.extend(people());
    doors.extend(gallery());
    doors
}

/// Who is in a workspace, and who was invited.
fn people() -> Vec<Door> {
    vec![
        Door::page("/w/{workspace}/members", members::page::show),
        Door::download("/w/{workspace}/members.csv", members::page::export),
        Door::page("/w/{workspace}/members/leave", members::page::show_leaving),
        Door::form("/w/{workspace}/members/leave", members::page::leave, members::page::show_leaving),
        Door::page("/w/{workspace}/members/invite", invitations::page::show_invite),
        Door::form("/w/{workspace}/members/invite", invitations::page::invite, invitations::page::show_invite),
        Door::page("/w/{workspace}/members/invitations", invitations::page::show),
        Door::page("/w/{workspace}/members/invitations/{invitation}", invitations::page::show_invitation),
        Door::form("/w/{workspace}/members/invitations/{invitation}/link", invitations::page::copy_link, invitations::page::show_managing),
        Door::form("/w/{workspace}/members/invitations/{invitation}/mail", invitations::page::resend, invitations::page::show_managing),
        Door::form("/w/{workspace}/members/invitations/{invitation}/revoke", invitations::page::revoke, invitations::page::show_managing),
        Door::page("/w/{workspace}/members/{member}", members::page::show_member),
        Door::form("/w/{workspace}/members/{member}/role", members::page::change, members::page::show_changing),
        Door::page("/w/{workspace}/members/{member}/remove", members::page::show_removal),
        Door::form("/w/{workspace}/members/{member}/remove", members::page::remove, members::page::show_removal),
    ]
}

/// Every kind of job, and who does it.
pub fn jobs() -> Handlers {
    Handlers::default().on(inbox::MAIL, inbox::server::mail_item).on(invitations::server::MAIL, invitations::server::mail_invitation)
}

/// Everything that is due by the clock, and is done by one node a period.
pub fn periodic() -> Vec<Periodic> {
    let mut tasks = housekeeping::tasks();
    tasks.push(members::server::expiring());
    tasks
}

/// Every element in every state: in demonstration builds only.
fn gallery() -> Option<Door> {
    cfg!(feature = "demo").then(|| Door::open(Method::GET, paths::GALLERY, get(crate::server::http::page::gallery)))
}
