//! Every address in the console, so that no link is spelled by hand.

mod agents;
mod asking;
mod audit;
mod billing;

pub use agents::{mcp, mcp_clients, new_mcp_client, pause_agents};
pub use asking::{asking, local, sign_in_and_back, sign_in_anew, sign_in_start, sign_in_with_second_factor};
pub use audit::{
    audit_bundle, audit_file, audit_live, audit_proof, audit_row, audit_search, audit_stream, audit_stream_act, audit_streams, audit_view,
    audit_views, delete_audit_view, new_audit_stream, new_audit_view, shared_audit_views,
};
pub use billing::{
    STRIPE_EVENTS, billing, billing_alerts, billing_cap, billing_csv, billing_plan, billing_plan_to, billing_portal, invoice, invoice_csv,
    invoice_json, ledger, ledger_entry, remove_billing_cap, remove_spend_cap, spend, spend_alerts, spend_cap, top_up, top_ups,
};

use std::fmt::Display;

pub const HOME: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_IN_START: &str = "/sign-in/start";
pub const SIGN_IN_CALLBACK: &str = "/sign-in/callback";
pub const SIGN_OUT: &str = "/sign-out";
pub const SIGNED_OUT: &str = "/signed-out";
pub const PROFILE: &str = "/profile";
pub const THEME: &str = "/theme";
pub const INBOX: &str = "/inbox";
pub const INBOX_UNREAD: &str = "/inbox?show=unread";
pub const INBOX_READ_ALL: &str = "/inbox/read";
pub const SESSIONS: &str = "/sessions";
/// Where operators find what owners consented to.
pub const SUPPORT: &str = "/support";
/// Where an invitation is looked at and accepted, once its link was opened.
pub const INVITATION: &str = "/invitation";
/// Puts the invitation that this browser holds out of it.
pub const FORGET_INVITATION: &str = "/invitation/forget";
pub const GALLERY: &str = "/dev/gallery";
/// Looking for something from a page of one's own.
pub const SEARCH: &str = "/search";

/// Where files come and go, by signed addresses alone.
pub const FILE: &str = "/files/{tenant_id}/{workspace_id}/{asset_id}";

/// The file of an asset, by ids; nobody comes in without the signature that goes with it.
pub fn file(tenant: impl Display, workspace: impl Display, asset: impl Display) -> String {
    format!("/files/{tenant}/{workspace}/{asset}")
}

/// Where one item of the inbox is marked as read.
pub fn inbox_read(item: impl Display) -> String {
    format!("{INBOX}/{item}/read")
}

/// The teams of the person who asks, seen from one of them.
pub fn teams(tenant: impl Display) -> String {
    format!("/t/{tenant}/teams")
}

/// Where a tenant's workspaces are listed.
pub fn workspaces(tenant: impl Display) -> String {
    format!("/t/{tenant}/workspaces")
}

/// A team's people and their tenant roles.
pub fn people(tenant: impl Display) -> String {
    format!("/t/{tenant}/people")
}

/// A team's own settings, and its danger zone.
pub fn team_settings(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings")
}

pub fn team_name(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/name")
}

/// Who may join a team, as what, and whether members create workspaces.
pub fn team_joining(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/joining")
}

/// Where a personal account becomes a team.
pub fn make_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/team")
}

/// Where a team is handed over to one of its people.
pub fn transfer_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/transfer")
}

pub fn delete_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/delete")
}

/// One of a team's people: tenant role, removal.
pub fn person(tenant: impl Display, member: impl Display) -> String {
    format!("/t/{tenant}/people/{member}")
}

pub fn person_role(tenant: impl Display, member: impl Display) -> String {
    format!("/t/{tenant}/people/{member}/role")
}

pub fn remove_person(tenant: impl Display, member: impl Display) -> String {
    format!("/t/{tenant}/people/{member}/remove")
}

pub fn leave_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/people/leave")
}

pub fn account_audit(tenant: impl Display) -> String {
    format!("/t/{tenant}/audit-log")
}

/// Looking for something from an account's pages.
pub fn team_search(tenant: impl Display) -> String {
    format!("/t/{tenant}/search")
}

pub fn new_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/teams/new")
}

pub fn new_workspace(tenant: impl Display) -> String {
    format!("/t/{tenant}/workspaces/new")
}

pub fn overview(workspace: impl Display) -> String {
    format!("/w/{workspace}")
}

/// Looking for something from a workspace's pages.
pub fn search(workspace: impl Display) -> String {
    format!("/w/{workspace}/search")
}

/// What the search at this address finds, without a page around it: for the palette.
pub fn search_results(search: &str) -> String {
    format!("{search}/results")
}

/// The keyboard shortcuts, which stand on the page of the search at this address.
pub fn shortcuts(search: &str) -> String {
    format!("{search}#shortcuts")
}

pub fn settings(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings")
}

pub fn members(workspace: impl Display) -> String {
    format!("/w/{workspace}/members")
}

pub fn invite(workspace: impl Display) -> String {
    format!("/w/{workspace}/members/invite")
}

/// One member's own page: role, end date, removal.
pub fn member(workspace: impl Display, member: impl Display) -> String {
    format!("/w/{workspace}/members/{member}")
}

/// What a member's removal would do, before it is done.
pub fn removal(workspace: impl Display, member: impl Display) -> String {
    format!("/w/{workspace}/members/{member}/remove")
}

/// Where a member takes their leave.
pub fn leave(workspace: impl Display) -> String {
    format!("/w/{workspace}/members/leave")
}

/// The members as a table to save.
pub fn members_csv(workspace: impl Display) -> String {
    format!("/w/{workspace}/members.csv")
}

/// Who was invited and has not come yet.
pub fn invitations(workspace: impl Display) -> String {
    format!("/w/{workspace}/members/invitations")
}

pub fn invitation(workspace: impl Display, invitation: impl Display) -> String {
    format!("/w/{workspace}/members/invitations/{invitation}")
}

/// What was mailed to this workspace's people, and how that went.
pub fn mail_list(workspace: impl Display) -> String {
    format!("/w/{workspace}/members/mail")
}

pub fn audit_log(workspace: impl Display) -> String {
    format!("/w/{workspace}/audit-log")
}

/// The audit log of an archived workspace.
pub fn archived_audit_log(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived/audit-log")
}

/// What a workspace used, in figures.
pub fn usage(workspace: impl Display) -> String {
    format!("/w/{workspace}/usage")
}

/// The same of an archived workspace.
pub fn archived_usage(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived/usage")
}

/// Tells of the figures at `usage` when they change.
pub fn usage_live(usage: &str) -> String {
    format!("{usage}/live")
}

/// The events behind the figures at `usage`.
pub fn usage_events(usage: &str) -> String {
    format!("{usage}/events")
}

/// The figures or events at `list` as a table to save.
pub fn usage_csv(list: &str) -> String {
    format!("{list}.csv")
}

/// What a workspace stores, and how that grows.
pub fn data(workspace: impl Display) -> String {
    format!("/w/{workspace}/data")
}

/// The days behind it as a table to save.
pub fn data_csv(workspace: impl Display) -> String {
    format!("/w/{workspace}/data.csv")
}

/// What reducing would do, before it is done.
pub fn reduce(workspace: impl Display) -> String {
    format!("/w/{workspace}/data/reduce")
}

/// The records that would be reduced, as a file to save.
pub fn reducible_records(workspace: impl Display) -> String {
    format!("/w/{workspace}/data/records.jsonl")
}

pub fn reduction(workspace: impl Display, reduction: impl Display) -> String {
    format!("/w/{workspace}/data/reductions/{reduction}")
}

pub fn stop_reduction(workspace: impl Display, reduction: impl Display) -> String {
    format!("/w/{workspace}/data/reductions/{reduction}/stop")
}

/// The rules by which records are put away or go by themselves.
pub fn record_retention(workspace: impl Display) -> String {
    format!("/w/{workspace}/data/retention")
}

/// What a rule would do, before it is set.
pub fn retention_rule(workspace: impl Display) -> String {
    format!("/w/{workspace}/data/retention/rule")
}

pub fn remove_retention_rule(workspace: impl Display, rule: impl Display) -> String {
    format!("/w/{workspace}/data/retention/{rule}/remove")
}

/// What is left to see of an archived workspace.
pub fn archived(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived")
}

/// Where an archived workspace comes back.
pub fn restore(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived/restore")
}

pub fn archive(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/archive")
}

/// Where a workspace is moved to another tenant.
pub fn transfer(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/transfer")
}

pub fn security(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/security")
}

/// What a team asks of everyone's sign-ins.
pub fn team_security(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/security")
}

/// How long a workspace's audit log is kept.
pub fn retention(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/retention")
}

/// How long an account's audit log is kept, and the holds on its logs.
pub fn team_retention(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/retention")
}

/// Where a hold is put on one of an account's logs.
pub fn team_holds(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/retention/holds")
}

pub fn lift_team_hold(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/retention/holds/lift")
}

/// An owner's consent to support access.
pub fn support_access(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/support-access")
}

/// The link that an invited person opens.
pub fn invitation_link(token: impl Display) -> String {
    format!("/invitations/{token}")
}

/// The public keys that checkpoints of audit logs are checked with.
pub const AUDIT_KEYS: &str = "/.well-known/stoa-audit-keys";
/// A program that checks what was taken from an audit log, without this server.
pub const AUDIT_VERIFIER: &str = "/verify-audit.mjs";

/// The reference of the API.
pub const API_DOCS: &str = "/docs/api";

/// The part of the reference where operations are that begin with a noun.
pub fn noun_docs(noun: &str) -> String {
    format!("{API_DOCS}/{noun}")
}

/// An operation in the reference, by its name.
pub fn operation_docs(id: &str) -> String {
    format!("{}#{id}", noun_docs(id.split('.').next().unwrap_or_default()))
}

/// What an error code of the API means.
pub fn error_docs(code: &str) -> String {
    format!("/docs/errors/{code}")
}

pub fn api_keys(workspace: impl Display) -> String {
    format!("/w/{workspace}/api-keys")
}

pub fn new_api_key(workspace: impl Display) -> String {
    format!("/w/{workspace}/api-keys/new")
}

/// Every module, and how it stands in this workspace.
pub fn modules(workspace: impl Display) -> String {
    format!("/w/{workspace}/modules")
}

pub fn module(workspace: impl Display, module: impl Display) -> String {
    format!("/w/{workspace}/modules/{module}")
}

/// Where a module is switched on.
pub fn enable_module(workspace: impl Display, module: impl Display) -> String {
    format!("/w/{workspace}/modules/{module}/enable")
}

/// What switching a module off would stop, before it is done.
pub fn disable_module(workspace: impl Display, module: impl Display) -> String {
    format!("/w/{workspace}/modules/{module}/disable")
}
