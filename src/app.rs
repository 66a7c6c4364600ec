//! Every address of the console, on one screen: what it is, what it asks for, and what answers.

use axum::routing::{get, post};
use http::Method;

use crate::{
    access::{tenant::ReadTenantAudit, workspace::ReadAudit},
    features::{api_keys, audit_log, overview, profile, security, sessions, settings, sign_in, support_access, teams, workspaces},
    paths,
    server::{
        http::Door,
        rest::{self, Operation},
        scope::{InArchive, InTenant, InWorkspace},
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
        Door::page(paths::SESSIONS, sessions::page::show),
        Door::form("/sessions/end", sessions::page::end_one, sessions::page::show),
        Door::form("/sessions/end-others", sessions::page::end_others, sessions::page::show),
        Door::form("/sessions/end-all", sessions::page::end_all, sessions::page::show),
        Door::page(paths::SUPPORT, support_access::page::show_desk),
        Door::form("/support/{consent}/enter", support_access::page::enter, support_access::page::show_desk),
        Door::open(Method::GET, "/docs/errors/{code}", get(rest::error_page)),
        Door::page("/t/{tenant}/teams", teams::page::show),
        Door::page("/t/{tenant}/workspaces", workspaces::page::show),
        Door::page("/t/{tenant}/audit-log", audit_log::page::show::<InTenant<ReadTenantAudit>>),
        Door::page("/t/{tenant}/audit-log/{row}", audit_log::page::show_row::<InTenant<ReadTenantAudit>>),
        Door::download("/t/{tenant}/audit-log.csv", audit_log::page::save::<InTenant<ReadTenantAudit>>),
        Door::page("/t/{tenant}/settings/security", security::page::show_team),
        Door::form("/t/{tenant}/settings/security/preview", security::page::preview_team, security::page::show_team),
        Door::form("/t/{tenant}/settings/security", security::page::change_team, security::page::show_team),
        Door::page("/w/{workspace}", overview::page::show),
        Door::page("/w/{workspace}/settings", settings::page::show),
        Door::form("/w/{workspace}/settings/name", settings::page::rename, settings::page::show_refused),
        Door::page("/w/{workspace}/settings/security", security::page::show),
        Door::form("/w/{workspace}/settings/security/preview", security::page::preview, security::page::show_refused),
        Door::form("/w/{workspace}/settings/security", security::page::change, security::page::show_refused),
        Door::page("/w/{workspace}/settings/support-access", support_access::page::show),
        Door::form("/w/{workspace}/settings/support-access", support_access::page::grant, support_access::page::show_refused),
        Door::form("/w/{workspace}/settings/support-access/{consent}/end", support_access::page::end, support_access::page::show_refused),
        Door::page("/w/{workspace}/audit-log", audit_log::page::show::<InWorkspace<ReadAudit>>),
        Door::page("/w/{workspace}/audit-log/{row}", audit_log::page::show_row::<InWorkspace<ReadAudit>>),
        Door::download("/w/{workspace}/audit-log.csv", audit_log::page::save::<InWorkspace<ReadAudit>>),
        Door::page("/w/{workspace}/archived/audit-log", audit_log::page::show::<InArchive<ReadAudit>>),
        Door::page("/w/{workspace}/archived/audit-log/{row}", audit_log::page::show_row::<InArchive<ReadAudit>>),
        Door::download("/w/{workspace}/archived/audit-log.csv", audit_log::page::save::<InArchive<ReadAudit>>),
    ];
    doors.extend(gallery());
    doors
}

/// Every operation of the API, in the order of its reference.
pub fn operations() -> Vec<Operation> {
    [api_keys::server::rest::operations(), workspaces::server::rest::operations()].into_iter().flatten().collect()
}

/// Every element in every state: in demonstration builds only.
fn gallery() -> Option<Door> {
    cfg!(feature = "demo").then(|| Door::open(Method::GET, paths::GALLERY, get(crate::server::http::page::gallery)))
}
