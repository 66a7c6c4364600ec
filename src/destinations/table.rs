//! The destinations themselves, a line or two each, by the place that they belong to. Letters: docs/search-and-shortcuts.md.

use super::{Accounts, Destination, Heading, Needs};
use crate::{
    access::{TenantPermission as T, WorkspacePermission as W},
    paths,
    ui::Icon,
};

/// Of the workspace that the page is in.
pub const WORKSPACE: &[Destination] = &[
    to("Overview", "home start first steps dashboard", Icon::Overview, Needs::Workspace(W::ReadWorkspace), |w| paths::overview(w))
        .by('o')
        .under(Heading::Observe),
    to("Data & Insights", "storage stored size growth reduce purge export", Icon::Data, Needs::Workspace(W::ReadWorkspace), |w| {
        paths::data(w)
    })
    .by('d')
    .under(Heading::Observe),
    to("Usage", "calls consumption figures chart cost", Icon::Usage, Needs::Workspace(W::ReadWorkspace), |w| paths::usage(w))
        .by('u')
        .under(Heading::Observe),
    to("Audit Log", "events history who did what", Icon::Audit, Needs::Workspace(W::ReadAudit), |w| paths::audit_log(w))
        .by('a')
        .under(Heading::Observe),
    to("Members", "people roles users access", Icon::Members, Needs::Workspace(W::ReadWorkspace), |w| paths::members(w))
        .by('p')
        .under(Heading::Access),
    to("API Keys", "credentials secrets tokens", Icon::Key, Needs::Workspace(W::ReadCredentials), |w| paths::api_keys(w))
        .by('k')
        .under(Heading::Access),
    to("MCP Clients", "agents tokens model context protocol", Icon::Agent, Needs::Workspace(W::ReadCredentials), |w| paths::mcp_clients(w))
        .by('c')
        .under(Heading::Access),
    to("Modules", "features switches enable disable", Icon::Modules, Needs::Workspace(W::ReadWorkspace), |w| paths::modules(w))
        .by('m')
        .under(Heading::Configure),
    to("Settings", "rename name slug id configure", Icon::Settings, Needs::Workspace(W::ReadSettings), |w| paths::settings(w))
        .by('s')
        .under(Heading::Configure),
    to("Invitations", "invited pending people links", Icon::Mail, Needs::Workspace(W::ReadWorkspace), |w| paths::invitations(w)),
    to("Mail", "sent deliveries bounced", Icon::Mail, Needs::Workspace(W::ReadAudit), |w| paths::mail_list(w)),
    to("Audit streams", "siem forward export endpoint webhook", Icon::Audit, Needs::Workspace(W::ReadAudit), |w| {
        paths::audit_streams(&paths::audit_log(w))
    }),
    to("Security", "posture sessions second factor networks", Icon::Security, Needs::Workspace(W::ReadSecurity), |w| paths::security(w)),
    to("Retention", "days rows kept legal hold", Icon::Audit, Needs::Workspace(W::ReadAudit), |w| paths::retention(w)),
    to("Record retention", "rules data days archive purge records automatic", Icon::Data, Needs::Workspace(W::ReadWorkspace), |w| {
        paths::record_retention(w)
    }),
    to("Support access", "operator consent", Icon::Security, Needs::Workspace(W::ReadSecurity), |w| paths::support_access(w)),
    to("Invite people", "add member new colleague", Icon::Plus, Needs::Workspace(W::ManageMembers), |w| paths::invite(w)),
    to("Create API key", "new credential add", Icon::Plus, Needs::Workspace(W::ManageCredentials), |w| paths::new_api_key(w)),
    to("Create MCP token", "new agent client credential add", Icon::Plus, Needs::Workspace(W::ManageCredentials), |w| {
        paths::new_mcp_client(w)
    }),
    to("Spend", "caps limits cost budget", Icon::Billing, Needs::Workspace(W::ReadSpend), |w| paths::spend(w)),
    to("Archive workspace", "delete remove end", Icon::Archive, Needs::Workspace(W::ArchiveWorkspace), |w| paths::archive(w)),
    to("Move workspace", "transfer account team", Icon::Switch, Needs::Workspace(W::TransferWorkspace), |w| paths::transfer(w)),
    to("Leave this workspace", "quit exit", Icon::SignOut, Needs::Membership, |w| paths::leave(w)),
];

/// Of the account that the page is in, or that its workspace belongs to.
pub const ACCOUNT: &[Destination] = &[
    to("Teams", "accounts organisations", Icon::Teams, Needs::Account(T::SeeTeam), |t| paths::teams(t)).by('t').under(Heading::Account),
    to("Workspaces", "switch open archived restore", Icon::Workspaces, Needs::Account(T::SeeTeam), |t| paths::workspaces(t))
        .by('w')
        .under(Heading::Account),
    to("People", "members users roles", Icon::Members, Needs::Account(T::SeeTeam), |t| paths::people(t)).by('p').under(Heading::Account),
    to("Billing", "plan spend caps cost month money", Icon::Billing, Needs::Account(T::ReadBilling), |t| paths::billing(t))
        .by('b')
        .under(Heading::Account),
    to("Ledger", "books balance prepaid invoices charges entries", Icon::Billing, Needs::Account(T::ReadBilling), |t| paths::ledger(t)),
    to("Audit", "account log events history", Icon::Audit, Needs::Account(T::ReadTenantAudit), |t| paths::account_audit(t))
        .by('a')
        .under(Heading::Account),
    to("Team settings", "rename domains joining plan", Icon::Settings, Needs::Account(T::ManageTeam), |t| paths::team_settings(t))
        .by('s')
        .under(Heading::Account),
    to("Team security", "posture sessions second factor networks", Icon::Security, Needs::Account(T::ManageTeam), |t| {
        paths::team_security(t)
    }),
    to("Plan", "plans upgrade downgrade price change", Icon::Billing, Needs::Account(T::ReadBilling), |t| paths::billing_plan(t)),
    to("Account retention", "days rows kept legal hold", Icon::Audit, Needs::Account(T::ReadTenantAudit), |t| paths::team_retention(t)),
    to("Create a team", "new account organisation add", Icon::Plus, Needs::Account(T::SeeTeam), |t| paths::new_team(t)),
    to("Create workspace", "new add", Icon::Plus, Needs::Account(T::CreateWorkspace), |t| paths::new_workspace(t)),
    to("Make this a team", "personal account share", Icon::Teams, Needs::Account(T::ManageTeam), |t| paths::make_team(t))
        .only_for(Accounts::Personal),
    to("Hand the team over", "transfer owner", Icon::Switch, Needs::Account(T::ManageTeam), |t| paths::transfer_team(t))
        .only_for(Accounts::Teams),
    to("Delete this team", "remove end account", Icon::Stop, Needs::Account(T::ManageTeam), |t| paths::delete_team(t))
        .only_for(Accounts::Teams),
    to("Leave this team", "quit exit", Icon::SignOut, Needs::Account(T::SeeTeam), |t| paths::leave_team(t)).only_for(Accounts::Teams),
];

/// One's own, wherever the page is.
pub const OWN: &[Destination] = &[
    to("Inbox", "notifications messages unread", Icon::Inbox, Needs::SignedIn, |_| paths::INBOX.to_owned()).by('i'),
    to("Profile", "name time zone theme dark light me", Icon::Members, Needs::SignedIn, |_| paths::PROFILE.to_owned()).by('f'),
    to("Sessions", "devices signed in sign out everywhere", Icon::Sessions, Needs::SignedIn, |_| paths::SESSIONS.to_owned()).by('n'),
    to("Keyboard shortcuts", "keys chords help", Icon::Info, Needs::SignedIn, |_| paths::shortcuts(paths::SEARCH)),
    to("Support", "operator consents", Icon::Security, Needs::Operator, |_| paths::SUPPORT.to_owned()).under(Heading::Operator),
];

const fn to(label: &'static str, words: &'static str, icon: Icon, needs: Needs, address: fn(&str) -> String) -> Destination {
    Destination { label, words, icon, needs, letter: None, heading: None, accounts: Accounts::All, address }
}

impl Destination {
    const fn by(self, letter: char) -> Self {
        Self { letter: Some(letter), ..self }
    }

    const fn under(self, heading: Heading) -> Self {
        Self { heading: Some(heading), ..self }
    }

    const fn only_for(self, accounts: Accounts) -> Self {
        Self { accounts, ..self }
    }
}
