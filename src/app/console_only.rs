//! Every door that changes or hands out something, beside the operation of the API that does the same, or the reason why
//! only a person in the console can. `tests/golden/console_only.txt` is made from this.

/// How far an act reaches beyond the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverApi {
    /// This operation does it.
    As(&'static str),
    /// Only the console, and why.
    Never(&'static str),
}

use OverApi::{As, Never};

const PERSONAL: &str = "It is a person's own. A key belongs to a workspace and is nobody's session.";
const ACCEPTING: &str = "An invitation is taken by the person who signs in with it.";
const TENANT: &str = "It belongs to the tenant. A key reaches one workspace and nothing beside it.";
const TENANT_RECENT: &str = "It belongs to the tenant and asks for a recent sign-in. A key reaches one workspace, and never signs in.";
const ARCHIVED: &str = "The workspace is archived, and so are its keys.";
const RECENT: &str = "It asks for a recent sign-in, which is a person's proof of being there. A key never signs in.";
const POSTURE: &str =
    "It asks for a recent sign-in, and the posture holds for keys too: none of them may lift what holds it, or shut people out.";
const CONSENT: &str = "It is an owner's consent. Consent is given, and taken back, by a person.";
const LIFTING: &str = "What stopped the key may have been a person, or a report of a leak. No key undoes that.";
const FINDING: &str = "It changes nothing: it leads from what was written to an address that holds no secret.";
const PROVIDER: &str = "The payment provider tells it, and signs what it tells. Nobody else may.";
const LEAVING: &str = "Nobody leaves for somebody else.";

/// Method and path of the door, as the table of addresses has them.
pub const OVER_API: &[(&str, &str, OverApi)] = &[
    // Strangers, and one's own.
    ("POST", "/sign-out", Never(PERSONAL)),
    ("POST", "/theme", Never(PERSONAL)),
    ("POST", "/profile", Never(PERSONAL)),
    ("POST", "/sessions/end", Never(PERSONAL)),
    ("POST", "/sessions/end-others", Never(PERSONAL)),
    ("POST", "/sessions/end-all", Never(PERSONAL)),
    ("POST", "/inbox/read", Never(PERSONAL)),
    ("POST", "/inbox/{item}/read", Never(PERSONAL)),
    ("POST", "/search", Never(FINDING)),
    ("POST", "/payments/stripe/events", Never(PROVIDER)),
    ("POST", "/invitation", Never(ACCEPTING)),
    ("POST", "/invitation/forget", Never(ACCEPTING)),
    ("POST", "/support/{consent}/enter", Never("The operator's people enter in person, and each time is written down.")),
    // Tenants.
    ("POST", "/t/{tenant}/search", Never(FINDING)),
    ("POST", "/t/{tenant}/audit-log/search", Never(FINDING)),
    ("POST", "/t/{tenant}/teams/new", Never(TENANT)),
    ("POST", "/t/{tenant}/workspaces/new", Never(TENANT)),
    ("POST", "/t/{tenant}/people/leave", Never(LEAVING)),
    ("POST", "/t/{tenant}/people/{member}/role", Never(TENANT_RECENT)),
    ("POST", "/t/{tenant}/people/{member}/remove", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/name", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/joining", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/security/preview", Never(TENANT_RECENT)),
    ("POST", "/t/{tenant}/settings/security", Never(TENANT_RECENT)),
    ("POST", "/t/{tenant}/settings/retention", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/retention/holds", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/retention/holds/lift", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/team", Never(TENANT)),
    ("POST", "/t/{tenant}/settings/transfer", Never(TENANT_RECENT)),
    ("POST", "/t/{tenant}/settings/delete", Never(TENANT_RECENT)),
    ("POST", "/t/{tenant}/billing/plan", Never(TENANT)),
    ("POST", "/t/{tenant}/billing/top-ups", Never(TENANT)),
    ("POST", "/t/{tenant}/billing/portal", Never(TENANT)),
    ("POST", "/t/{tenant}/billing/cap", Never(TENANT)),
    ("POST", "/t/{tenant}/billing/cap/remove", Never(TENANT)),
    ("POST", "/t/{tenant}/billing/alerts", Never(TENANT)),
    ("GET", "/t/{tenant}/billing/usage.csv", Never(TENANT)),
    ("GET", "/t/{tenant}/billing/invoices/{number}/invoice.csv", Never(TENANT)),
    ("GET", "/t/{tenant}/billing/invoices/{number}/invoice.json", Never(TENANT)),
    ("GET", "/t/{tenant}/audit-log.csv", Never(TENANT)),
    ("GET", "/t/{tenant}/audit-log.jsonl", Never(TENANT)),
    ("GET", "/t/{tenant}/audit-log.ocsf.jsonl", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/views/new", Never(PERSONAL)),
    ("POST", "/t/{tenant}/audit-log/views/{view}", Never(PERSONAL)),
    ("POST", "/t/{tenant}/audit-log/views/{view}/delete", Never(PERSONAL)),
    ("POST", "/t/{tenant}/audit-log/shared-views/new", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/shared-views/{view}", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/shared-views/{view}/delete", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/new", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}/test", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}/rotate", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}/pause", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}/resume", Never(TENANT)),
    ("POST", "/t/{tenant}/audit-log/streams/{stream}/archive", Never(TENANT)),
    ("GET", "/t/{tenant}/audit-log/bundle.jsonl", Never(TENANT)),
    ("GET", "/t/{tenant}/audit-log/{row}/proof.json", Never(TENANT)),
    // Workspaces.
    ("POST", "/w/{workspace}/search", Never(FINDING)),
    ("POST", "/w/{workspace}/audit-log/search", Never(FINDING)),
    ("POST", "/w/{workspace}/archived/audit-log/search", Never(FINDING)),
    ("POST", "/w/{workspace}/settings/name", As("workspace.rename")),
    ("POST", "/w/{workspace}/settings/security/preview", As("security.review")),
    ("POST", "/w/{workspace}/settings/retention", As("audit_retention.set")),
    ("POST", "/w/{workspace}/settings/security", Never(POSTURE)),
    ("POST", "/w/{workspace}/settings/support-access", Never(CONSENT)),
    ("POST", "/w/{workspace}/settings/support-access/{consent}/end", Never(CONSENT)),
    ("POST", "/w/{workspace}/settings/spend/cap", As("spend_caps.set")),
    ("POST", "/w/{workspace}/settings/spend/cap/remove", As("spend_caps.remove")),
    ("POST", "/w/{workspace}/settings/spend/alerts", As("spend_alerts.choose")),
    ("POST", "/w/{workspace}/settings/archive", Never(RECENT)),
    ("POST", "/w/{workspace}/settings/transfer", Never(RECENT)),
    ("POST", "/w/{workspace}/archived/restore", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/archived/audit-log.csv", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/archived/audit-log.jsonl", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/archived/audit-log.ocsf.jsonl", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/audit-log.csv", As("audit_log.export")),
    ("GET", "/w/{workspace}/audit-log.jsonl", As("audit_log.export")),
    ("GET", "/w/{workspace}/audit-log.ocsf.jsonl", As("audit_log.export")),
    ("GET", "/w/{workspace}/archived/audit-log/bundle.jsonl", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/archived/audit-log/{row}/proof.json", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/audit-log/bundle.jsonl", As("audit_log.bundle")),
    ("GET", "/w/{workspace}/audit-log/{row}/proof.json", As("audit_log.proof")),
    ("GET", "/w/{workspace}/usage.csv", As("usage.list")),
    ("GET", "/w/{workspace}/usage/events.csv", As("usage.events")),
    ("GET", "/w/{workspace}/archived/usage.csv", Never(ARCHIVED)),
    ("GET", "/w/{workspace}/archived/usage/events.csv", Never(ARCHIVED)),
    ("POST", "/w/{workspace}/audit-log/views/new", Never(PERSONAL)),
    ("POST", "/w/{workspace}/audit-log/views/{view}", Never(PERSONAL)),
    ("POST", "/w/{workspace}/audit-log/views/{view}/delete", Never(PERSONAL)),
    ("POST", "/w/{workspace}/audit-log/shared-views/new", As("audit_views.create")),
    ("POST", "/w/{workspace}/audit-log/shared-views/{view}", As("audit_views.update")),
    ("POST", "/w/{workspace}/audit-log/shared-views/{view}/delete", As("audit_views.delete")),
    ("POST", "/w/{workspace}/audit-log/streams/new", As("audit_streams.create")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}", As("audit_streams.update")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}/test", As("audit_streams.test")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}/rotate", As("audit_streams.rotate")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}/pause", As("audit_streams.pause")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}/resume", As("audit_streams.resume")),
    ("POST", "/w/{workspace}/audit-log/streams/{stream}/archive", As("audit_streams.archive")),
    // What it stores.
    ("GET", "/w/{workspace}/data.csv", As("storage.get")),
    ("POST", "/w/{workspace}/data/reduce", As("reductions.start")),
    ("GET", "/w/{workspace}/data/records.jsonl", As("reductions.export")),
    ("POST", "/w/{workspace}/data/reductions/{reduction}/stop", As("reductions.stop")),
    ("POST", "/w/{workspace}/data/retention/rule", As("record_retention.set")),
    ("POST", "/w/{workspace}/data/retention/{rule}/remove", As("record_retention.remove")),
    // Its people.
    ("GET", "/w/{workspace}/members.csv", As("members.list")),
    ("POST", "/w/{workspace}/members/leave", Never(LEAVING)),
    ("POST", "/w/{workspace}/members/invite", As("invitations.create")),
    ("POST", "/w/{workspace}/members/invitations/{invitation}/link", As("invitations.make_link")),
    ("POST", "/w/{workspace}/members/invitations/{invitation}/mail", As("invitations.resend")),
    ("POST", "/w/{workspace}/members/invitations/{invitation}/revoke", As("invitations.revoke")),
    ("POST", "/w/{workspace}/members/{member}/role", As("members.change_role")),
    ("POST", "/w/{workspace}/members/{member}/remove", Never(RECENT)),
    // Its modules.
    ("POST", "/w/{workspace}/modules/{module}/enable", As("modules.enable")),
    ("POST", "/w/{workspace}/modules/{module}/disable", As("modules.disable")),
    // Its keys.
    ("GET", "/w/{workspace}/api-keys.csv", As("api_keys.list")),
    ("POST", "/w/{workspace}/api-keys/new", As("api_keys.create")),
    ("POST", "/w/{workspace}/api-keys/{key}/narrow", As("api_keys.narrow")),
    ("POST", "/w/{workspace}/api-keys/{key}/rotate", As("api_keys.rotate")),
    ("POST", "/w/{workspace}/api-keys/{key}/limits", As("api_keys.limit")),
    ("POST", "/w/{workspace}/api-keys/{key}/steward", As("api_keys.hand_over")),
    ("POST", "/w/{workspace}/api-keys/{key}/quarantine", As("api_keys.quarantine")),
    ("POST", "/w/{workspace}/api-keys/{key}/lift", Never(LIFTING)),
    ("POST", "/w/{workspace}/api-keys/{key}/revoke", As("api_keys.revoke")),
    ("GET", "/w/{workspace}/mcp-clients.csv", As("mcp_clients.list")),
    ("POST", "/w/{workspace}/mcp-clients/new", As("mcp_clients.create")),
    ("POST", "/w/{workspace}/mcp-clients/pause", As("agent_policy.pause")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/narrow", As("mcp_clients.narrow")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/rotate", As("mcp_clients.rotate")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/limits", As("mcp_clients.limit")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/steward", As("mcp_clients.hand_over")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/quarantine", As("mcp_clients.quarantine")),
    ("POST", "/w/{workspace}/mcp-clients/{client}/lift", Never(LIFTING)),
    ("POST", "/w/{workspace}/mcp-clients/{client}/revoke", As("mcp_clients.revoke")),
];
