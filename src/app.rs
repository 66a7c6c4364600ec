//! Every address of the console, on one screen: what it is, what it asks for, and what answers. And what is done without
//! anyone at an address: jobs, and what is due by the clock.

mod audit;
mod console_only;
mod credentials;

pub use console_only::{OVER_API, OverApi};

use axum::routing::{get, post, put};
use chrono::TimeDelta;
use http::Method;

use crate::{
    access::{
        tenant::{ReadTenantAudit, SeeTeam},
        workspace::{ReadAudit, ReadWorkspace},
    },
    features::{
        agents, api_keys, assets,
        audit_log::{self, server::Format},
        audit_streams, billing, deliveries, inbox, invitations, members, modules, overview, profile, record_retention, records, reductions,
        retention, search, security, sessions, settings, sign_in, storage, support_access,
        teams::{
            self,
            page::{deletion, leaving, making, new_team, people, person, removal, settings as team_settings, transfer},
        },
        usage, workspaces,
    },
    paths,
    server::{
        housekeeping,
        http::Door,
        proof,
        queue::{Handlers, Periodic},
        rest::{self, Operation},
        scope::{AsUser, InArchive, InTenant, InWorkspace, write_denials},
    },
};

/// The table of addresses. What each asks for is in the type of what answers; the golden list is made from this.
pub fn doors() -> Vec<Door> {
    [
        open(),
        personal(),
        account(),
        workspace(),
        people(),
        credentials::doors(),
        audit::views(),
        audit::streams(),
        audit::keeping(),
        module_switches(),
        used(),
        stored(),
        finding(),
        files(),
        gallery().into_iter().collect(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Open to strangers.
fn open() -> Vec<Door> {
    vec![
        Door::open(Method::GET, paths::HOME, get(sign_in::page::home)),
        Door::open(Method::GET, paths::SIGN_IN, get(sign_in::page::show)),
        Door::open(Method::GET, paths::SIGN_IN_START, get(sign_in::page::start)),
        Door::open(Method::GET, paths::SIGN_IN_CALLBACK, get(sign_in::page::callback)),
        Door::open(Method::POST, paths::SIGN_OUT, post(sign_in::page::sign_out)),
        Door::open(Method::GET, paths::SIGNED_OUT, get(sign_in::page::signed_out)),
        Door::open(Method::POST, paths::THEME, post(profile::page::set_theme)),
        Door::open(Method::GET, paths::AUDIT_KEYS, get(audit_log::page::keys)),
        Door::open(Method::GET, "/docs/errors/{code}", get(rest::error_page)),
        Door::open(Method::GET, paths::API_DOCS, get(rest::show_index)),
        Door::open(Method::GET, "/docs/api/{noun}", get(rest::show_noun)),
        Door::open(Method::GET, "/invitations/{token}", get(invitations::page::open)),
        Door::open(Method::GET, paths::INVITATION, get(invitations::page::look)),
        Door::open(Method::POST, paths::STRIPE_EVENTS, post(billing::server::top_ups::hear)),
        Door::open(Method::POST, paths::FORGET_INVITATION, post(invitations::page::forget)),
    ]
}

/// One's own.
fn personal() -> Vec<Door> {
    vec![
        Door::page(paths::PROFILE, profile::page::show),
        Door::form(paths::PROFILE, profile::page::update, profile::page::show),
        Door::page(paths::SESSIONS, sessions::page::show),
        Door::form("/sessions/end", sessions::page::end_one, sessions::page::show),
        Door::form("/sessions/end-others", sessions::page::end_others, sessions::page::show),
        Door::form("/sessions/end-all", sessions::page::end_all, sessions::page::show),
        Door::page(paths::SUPPORT, support_access::page::show_desk),
        Door::form("/support/{consent}/enter", support_access::page::enter, support_access::page::show_desk),
        Door::page(paths::INBOX, inbox::page::show),
        Door::form(paths::INBOX_READ_ALL, inbox::page::mark_all_read, inbox::page::show),
        Door::form("/inbox/{item}/read", inbox::page::mark_read, inbox::page::show),
        Door::form(paths::INVITATION, invitations::page::accept, invitations::page::show_accepting),
    ]
}

/// A tenant's pages.
fn account() -> Vec<Door> {
    vec![
        Door::open(Method::GET, "/t/{tenant}", get(teams::page::first)),
        Door::page("/t/{tenant}/teams", teams::page::show),
        Door::page("/t/{tenant}/teams/new", new_team::show),
        Door::form("/t/{tenant}/teams/new", new_team::create, new_team::show),
        Door::page("/t/{tenant}/people", people::show),
        Door::page("/t/{tenant}/people/leave", leaving::show),
        Door::form("/t/{tenant}/people/leave", leaving::leave, leaving::show),
        Door::page("/t/{tenant}/people/{member}", person::show),
        Door::form("/t/{tenant}/people/{member}/role", person::change_role, person::show),
        Door::page("/t/{tenant}/people/{member}/remove", removal::show),
        Door::form("/t/{tenant}/people/{member}/remove", removal::remove, removal::show),
        Door::page("/t/{tenant}/settings", team_settings::show),
        Door::form("/t/{tenant}/settings/name", team_settings::rename, team_settings::show_refused_name),
        Door::form("/t/{tenant}/settings/joining", team_settings::set_joining, team_settings::show_refused_joining),
        Door::page("/t/{tenant}/settings/security", security::page::show_team),
        Door::form("/t/{tenant}/settings/security/preview", security::page::preview_team, security::page::show_team),
        Door::form("/t/{tenant}/settings/security", security::page::change_team, security::page::show_team),
        Door::page("/t/{tenant}/settings/team", making::show),
        Door::form("/t/{tenant}/settings/team", making::make, making::show),
        Door::page("/t/{tenant}/settings/transfer", transfer::show),
        Door::form("/t/{tenant}/settings/transfer", transfer::transfer, transfer::show),
        Door::page("/t/{tenant}/settings/delete", deletion::show),
        Door::form("/t/{tenant}/settings/delete", deletion::delete, deletion::show),
        Door::page("/t/{tenant}/workspaces", workspaces::page::show),
        Door::page("/t/{tenant}/billing", billing::page::account::show),
        Door::page("/t/{tenant}/billing/plan", billing::page::choosing::show),
        Door::form("/t/{tenant}/billing/plan", billing::page::choosing::change, billing::page::choosing::show_refused),
        Door::page("/t/{tenant}/billing/top-ups", billing::page::top_ups::show),
        Door::form("/t/{tenant}/billing/top-ups", billing::page::top_ups::start, billing::page::top_ups::show_refused),
        Door::page("/t/{tenant}/billing/top-ups/{top_up}", billing::page::top_ups::show_one),
        Door::form("/t/{tenant}/billing/portal", billing::page::top_ups::open_portal, billing::page::top_ups::show_refused),
        Door::form("/t/{tenant}/billing/cap", billing::page::account::set_cap, billing::page::account::show_refused),
        Door::form("/t/{tenant}/billing/cap/remove", billing::page::account::remove_cap, billing::page::account::show_refused),
        Door::form("/t/{tenant}/billing/alerts", billing::page::account::choose_alerts, billing::page::account::show_refused),
        Door::download("/t/{tenant}/billing/usage.csv", billing::page::account::export),
        Door::page("/t/{tenant}/billing/ledger", billing::page::ledger::show),
        Door::page("/t/{tenant}/billing/ledger/{number}", billing::page::ledger::show_entry),
        Door::page("/t/{tenant}/billing/invoices/{number}", billing::page::invoice::show),
        Door::download("/t/{tenant}/billing/invoices/{number}/invoice.csv", billing::page::invoice::save_csv),
        Door::download("/t/{tenant}/billing/invoices/{number}/invoice.json", billing::page::invoice::save_json),
        Door::page("/t/{tenant}/audit-log", audit_log::page::show::<InTenant<ReadTenantAudit>>),
        Door::live("/t/{tenant}/audit-log/live", audit_log::page::tail::<InTenant<ReadTenantAudit>>),
        Door::page("/t/{tenant}/audit-log/{row}", audit_log::page::show_row::<InTenant<ReadTenantAudit>>),
        Door::form(
            "/t/{tenant}/audit-log/search",
            audit_log::page::ask::<InTenant<ReadTenantAudit>>,
            audit_log::page::show::<InTenant<ReadTenantAudit>>,
        ),
        Door::download("/t/{tenant}/audit-log.csv", |visit| audit_log::page::save::<InTenant<ReadTenantAudit>>(visit, Format::Csv)),
        Door::download("/t/{tenant}/audit-log.jsonl", |visit| audit_log::page::save::<InTenant<ReadTenantAudit>>(visit, Format::JsonLines)),
        Door::download("/t/{tenant}/audit-log.ocsf.jsonl", |visit| audit_log::page::save::<InTenant<ReadTenantAudit>>(visit, Format::Ocsf)),
        Door::download("/t/{tenant}/audit-log/bundle.jsonl", audit_log::page::save_bundle::<InTenant<ReadTenantAudit>>),
        Door::download("/t/{tenant}/audit-log/{row}/proof.json", audit_log::page::save_proof::<InTenant<ReadTenantAudit>>),
        Door::page("/t/{tenant}/workspaces/new", workspaces::page::create::show),
        Door::form("/t/{tenant}/workspaces/new", workspaces::page::create::create, workspaces::page::create::show),
    ]
}

/// A workspace's pages.
fn workspace() -> Vec<Door> {
    vec![
        Door::page("/w/{workspace}", overview::page::show),
        Door::page("/w/{workspace}/archived/audit-log", audit_log::page::show::<InArchive<ReadAudit>>),
        Door::live("/w/{workspace}/archived/audit-log/live", audit_log::page::tail::<InArchive<ReadAudit>>),
        Door::page("/w/{workspace}/archived/audit-log/{row}", audit_log::page::show_row::<InArchive<ReadAudit>>),
        Door::form(
            "/w/{workspace}/archived/audit-log/search",
            audit_log::page::ask::<InArchive<ReadAudit>>,
            audit_log::page::show::<InArchive<ReadAudit>>,
        ),
        Door::download("/w/{workspace}/archived/audit-log.csv", |visit| audit_log::page::save::<InArchive<ReadAudit>>(visit, Format::Csv)),
        Door::download("/w/{workspace}/archived/audit-log.jsonl", |visit| {
            audit_log::page::save::<InArchive<ReadAudit>>(visit, Format::JsonLines)
        }),
        Door::download("/w/{workspace}/archived/audit-log.ocsf.jsonl", |visit| {
            audit_log::page::save::<InArchive<ReadAudit>>(visit, Format::Ocsf)
        }),
        Door::download("/w/{workspace}/archived/audit-log/bundle.jsonl", audit_log::page::save_bundle::<InArchive<ReadAudit>>),
        Door::download("/w/{workspace}/archived/audit-log/{row}/proof.json", audit_log::page::save_proof::<InArchive<ReadAudit>>),
        Door::page("/w/{workspace}/archived", workspaces::page::archived::show),
        Door::form("/w/{workspace}/archived/restore", workspaces::page::archived::restore, workspaces::page::archived::show_refused),
        Door::page("/w/{workspace}/audit-log", audit_log::page::show::<InWorkspace<ReadAudit>>),
        Door::live("/w/{workspace}/audit-log/live", audit_log::page::tail::<InWorkspace<ReadAudit>>),
        Door::page("/w/{workspace}/audit-log/{row}", audit_log::page::show_row::<InWorkspace<ReadAudit>>),
        Door::form(
            "/w/{workspace}/audit-log/search",
            audit_log::page::ask::<InWorkspace<ReadAudit>>,
            audit_log::page::show::<InWorkspace<ReadAudit>>,
        ),
        Door::download("/w/{workspace}/audit-log.csv", |visit| audit_log::page::save::<InWorkspace<ReadAudit>>(visit, Format::Csv)),
        Door::download("/w/{workspace}/audit-log.jsonl", |visit| audit_log::page::save::<InWorkspace<ReadAudit>>(visit, Format::JsonLines)),
        Door::download("/w/{workspace}/audit-log.ocsf.jsonl", |visit| audit_log::page::save::<InWorkspace<ReadAudit>>(visit, Format::Ocsf)),
        Door::download("/w/{workspace}/audit-log/bundle.jsonl", audit_log::page::save_bundle::<InWorkspace<ReadAudit>>),
        Door::download("/w/{workspace}/audit-log/{row}/proof.json", audit_log::page::save_proof::<InWorkspace<ReadAudit>>),
        Door::page("/w/{workspace}/settings", settings::page::show),
        Door::form("/w/{workspace}/settings/name", settings::page::rename, settings::page::show_refused),
        Door::page("/w/{workspace}/settings/security", security::page::show),
        Door::form("/w/{workspace}/settings/security/preview", security::page::preview, security::page::show_refused),
        Door::form("/w/{workspace}/settings/security", security::page::change, security::page::show_refused),
        Door::page("/w/{workspace}/settings/spend", billing::page::spend::show),
        Door::form("/w/{workspace}/settings/spend/cap", billing::page::spend::set_cap, billing::page::spend::show_refused),
        Door::form("/w/{workspace}/settings/spend/cap/remove", billing::page::spend::remove_cap, billing::page::spend::show_refused),
        Door::form("/w/{workspace}/settings/spend/alerts", billing::page::spend::choose_alerts, billing::page::spend::show_refused),
        Door::page("/w/{workspace}/settings/support-access", support_access::page::show),
        Door::form("/w/{workspace}/settings/support-access", support_access::page::grant, support_access::page::show_refused),
        Door::form("/w/{workspace}/settings/support-access/{consent}/end", support_access::page::end, support_access::page::show_refused),
        Door::page("/w/{workspace}/settings/archive", workspaces::page::archive::show),
        Door::form("/w/{workspace}/settings/archive", workspaces::page::archive::archive, workspaces::page::archive::show),
        Door::page("/w/{workspace}/settings/transfer", workspaces::page::transfer::show),
        Door::form("/w/{workspace}/settings/transfer", workspaces::page::transfer::transfer, workspaces::page::transfer::show),
    ]
}

/// Who is in a workspace, and who was invited.
fn people() -> Vec<Door> {
    vec![
        Door::page("/w/{workspace}/members/mail", deliveries::page::show),
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

/// What the workspace can do, and the switches.
fn module_switches() -> Vec<Door> {
    use modules::page;
    vec![
        Door::page("/w/{workspace}/modules", page::show),
        Door::page("/w/{workspace}/modules/{module}", page::show_module),
        Door::form("/w/{workspace}/modules/{module}/enable", page::enable, page::show_refused),
        Door::page("/w/{workspace}/modules/{module}/disable", page::show_disabling),
        Door::form("/w/{workspace}/modules/{module}/disable", page::disable, page::show_disabling),
    ]
}

/// What a workspace stores, and the ways to less of it.
fn stored() -> Vec<Door> {
    use reductions::page;
    vec![
        Door::page("/w/{workspace}/data", storage::page::show),
        Door::download("/w/{workspace}/data.csv", storage::page::save),
        Door::page("/w/{workspace}/data/reduce", page::show),
        Door::form("/w/{workspace}/data/reduce", page::start, page::show),
        Door::download("/w/{workspace}/data/records.jsonl", page::save),
        Door::page("/w/{workspace}/data/reductions/{reduction}", page::show_one),
        Door::form("/w/{workspace}/data/reductions/{reduction}/stop", page::stop, page::show_refused),
        Door::page("/w/{workspace}/data/retention", record_retention::page::show),
        Door::page("/w/{workspace}/data/retention/rule", record_retention::page::show_rule),
        Door::form("/w/{workspace}/data/retention/rule", record_retention::page::set, record_retention::page::show_rule),
        Door::form("/w/{workspace}/data/retention/{rule}/remove", record_retention::page::remove, record_retention::page::show_refused),
    ]
}

/// What a workspace used.
fn used() -> Vec<Door> {
    use usage::page;
    vec![
        Door::page("/w/{workspace}/usage", page::show::<InWorkspace<ReadWorkspace>>),
        Door::live("/w/{workspace}/usage/live", page::tell::<InWorkspace<ReadWorkspace>>),
        Door::download("/w/{workspace}/usage.csv", page::save::<InWorkspace<ReadWorkspace>>),
        Door::page("/w/{workspace}/usage/events", page::show_events::<InWorkspace<ReadWorkspace>>),
        Door::download("/w/{workspace}/usage/events.csv", page::save_events::<InWorkspace<ReadWorkspace>>),
        Door::page("/w/{workspace}/archived/usage", page::show::<InArchive<ReadWorkspace>>),
        Door::download("/w/{workspace}/archived/usage.csv", page::save::<InArchive<ReadWorkspace>>),
        Door::page("/w/{workspace}/archived/usage/events", page::show_events::<InArchive<ReadWorkspace>>),
        Door::download("/w/{workspace}/archived/usage/events.csv", page::save_events::<InArchive<ReadWorkspace>>),
    ]
}

/// Looking for something, from every kind of place.
fn finding() -> Vec<Door> {
    use search::page::{ask, show, show_results};
    vec![
        Door::page("/w/{workspace}/search", show::<InWorkspace<ReadWorkspace>>),
        Door::form("/w/{workspace}/search", ask::<InWorkspace<ReadWorkspace>>, show::<InWorkspace<ReadWorkspace>>),
        Door::page("/w/{workspace}/search/results", show_results::<InWorkspace<ReadWorkspace>>),
        Door::page("/t/{tenant}/search", show::<InTenant<SeeTeam>>),
        Door::form("/t/{tenant}/search", ask::<InTenant<SeeTeam>>, show::<InTenant<SeeTeam>>),
        Door::page("/t/{tenant}/search/results", show_results::<InTenant<SeeTeam>>),
        Door::page(paths::SEARCH, show::<AsUser>),
        Door::form(paths::SEARCH, ask::<AsUser>, show::<AsUser>),
        Door::page("/search/results", show_results::<AsUser>),
    ]
}

/// Where files come and go.
fn files() -> Vec<Door> {
    vec![Door::file(Method::PUT, paths::FILE, put(assets::server::take)), Door::file(Method::GET, paths::FILE, get(assets::server::give))]
}

/// Every operation of the API, in the order of its reference.
pub fn operations() -> Vec<Operation> {
    [
        api_keys::server::rest::operations(),
        members::server::rest::operations(),
        invitations::server::rest::operations(),
        audit_log::server::rest::operations(),
        audit_log::server::views::rest::operations(),
        audit_log::server::proof_rest::operations(),
        audit_streams::server::rest::operations(),
        retention::server::rest::operations(),
        storage::server::rest::operations(),
        reductions::server::rest::operations(),
        record_retention::server::rest::operations(),
        usage::server::rest::operations(),
        deliveries::server::rest::operations(),
        workspaces::server::rest::operations(),
        security::server::rest::operations(),
        agents::server::rest::operations(),
        modules::server::rest::operations(),
        billing::server::rest::operations(),
        records::server::rest::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every kind of job, and who does it.
pub fn jobs() -> Handlers {
    Handlers::default()
        .on(audit_streams::TEST, audit_streams::server::test_now)
        .on(billing::server::ASSESS, billing::server::assess_later)
        .on(inbox::MAIL, inbox::server::mail_item)
        .on(invitations::server::MAIL, invitations::server::mail_invitation)
        .on(reductions::server::REDUCE, reductions::server::reduce_later)
        .on(security::server::MAIL, security::server::mail_change)
        .on(support_access::server::MAIL, support_access::server::mail_consent)
}

/// Everything that is due by the clock, and is done by one node a period.
pub fn periodic() -> Vec<Periodic> {
    let mut tasks = housekeeping::tasks();
    tasks.extend([
        // What a node left behind when it stopped; otherwise it is done as it comes.
        Periodic::new("usage.roll_up", TimeDelta::minutes(1), usage::server::roll_up),
        Periodic::new("billing.reassess", TimeDelta::minutes(1), billing::server::reassess),
        Periodic::new("billing.plans", TimeDelta::minutes(5), billing::server::changing::apply_due),
        Periodic::new("billing.settle", TimeDelta::minutes(5), billing::server::ledger::settle_due),
        Periodic::new("entitlements.end", TimeDelta::hours(1), billing::server::entitlements::end_due),
        Periodic::new("denials.write", TimeDelta::seconds(20), async |stoa| write_denials(&stoa).await.map(drop)),
        // To an https endpoint; a file is written with the seal.
        Periodic::new("audit.witness", TimeDelta::seconds(20), async |stoa| proof::hand_over(&stoa).await),
        Periodic::new("api_keys.warn", TimeDelta::hours(1), api_keys::server::warn_expiring),
        Periodic::new("audit.retention", TimeDelta::hours(1), retention::server::apply),
        Periodic::new("storage.measure", TimeDelta::hours(1), storage::server::measure),
        Periodic::new("reductions.resume", TimeDelta::minutes(5), reductions::server::resume_stalled),
        Periodic::new("record_retention.apply", TimeDelta::hours(1), record_retention::server::apply),
        Periodic::new("assets.sweep", TimeDelta::hours(1), assets::server::sweep),
        members::server::expiring(),
        // In this order: a team goes after its workspaces.
        Periodic::new("workspaces.purge", TimeDelta::hours(1), workspaces::server::purge_due),
        Periodic::new("tenants.purge", TimeDelta::hours(1), teams::server::purge_due),
    ]);
    tasks
}

/// Every element in every state: in demonstration builds only.
fn gallery() -> Option<Door> {
    cfg!(feature = "demo").then(|| Door::open(Method::GET, paths::GALLERY, get(crate::server::http::page::gallery)))
}
