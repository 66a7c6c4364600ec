//! Every address in the console, so that no link is spelled by hand.

use std::fmt::{Display, Write as _};

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

/// What an account has used, and how that is bounded.
pub fn billing(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing")
}

/// Where a cap of the account, or of what is in it, is set.
pub fn billing_cap(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/cap")
}

pub fn remove_billing_cap(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/cap/remove")
}

/// The month's usage as a table to save.
pub fn billing_csv(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/usage.csv")
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

/// One row of the log at `log`.
pub fn audit_row(log: &str, row: impl Display) -> String {
    format!("{log}/{row}")
}

/// The log at `log` as a table to save.
pub fn audit_csv(log: &str) -> String {
    format!("{log}.csv")
}

/// What a workspace used, in figures.
pub fn usage(workspace: impl Display) -> String {
    format!("/w/{workspace}/usage")
}

/// The same of an archived workspace.
pub fn archived_usage(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived/usage")
}

/// The events behind the figures at `usage`.
pub fn usage_events(usage: &str) -> String {
    format!("{usage}/events")
}

/// The figures or events at `list` as a table to save.
pub fn usage_csv(list: &str) -> String {
    format!("{list}.csv")
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

/// What a workspace spends, and how that is bounded.
pub fn spend(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend")
}

/// Where a cap of the workspace or of a key is set.
pub fn spend_cap(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend/cap")
}

pub fn remove_spend_cap(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend/cap/remove")
}

/// An owner's consent to support access.
pub fn support_access(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/support-access")
}

/// The link that an invited person opens.
pub fn invitation_link(token: impl Display) -> String {
    format!("/invitations/{token}")
}

/// What an error code of the API means.
pub fn error_docs(code: &str) -> String {
    format!("/docs/errors/{code}")
}

pub fn api_keys(workspace: impl Display) -> String {
    format!("/w/{workspace}/api-keys")
}

/// The API keys as a table to save.
pub fn api_keys_csv(workspace: impl Display) -> String {
    format!("/w/{workspace}/api-keys.csv")
}

pub fn new_api_key(workspace: impl Display) -> String {
    format!("/w/{workspace}/api-keys/new")
}

pub fn api_key(workspace: impl Display, key: impl Display) -> String {
    format!("/w/{workspace}/api-keys/{key}")
}

/// What a key's end would stop, before it is ended.
pub fn api_key_end(workspace: impl Display, key: impl Display) -> String {
    format!("/w/{workspace}/api-keys/{key}/revoke")
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

/// Signing in again although signed in, and then on to `back`.
pub fn sign_in_anew(back: &str) -> String {
    format!("{SIGN_IN_START}?anew=1&back={}", url_component(back))
}

/// The same, with a second factor.
pub fn sign_in_with_second_factor(back: &str) -> String {
    format!("{SIGN_IN_START}?anew=factor&back={}", url_component(back))
}

/// Signing in, and then on to `back`, an address of this console.
pub fn sign_in_and_back(back: &str) -> String {
    format!("{SIGN_IN}?back={}", url_component(back))
}

/// Leaving for the identity provider, to come back to `back`.
pub fn sign_in_start(back: &str) -> String {
    format!("{SIGN_IN_START}?back={}", url_component(back))
}

/// An address of this console, or home: nothing that leads elsewhere gets through.
pub fn local(address: &str) -> String {
    let is_local = address.starts_with('/')
        && !address.starts_with("//")
        && address.len() <= 2000
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { address.to_owned() } else { HOME.to_owned() }
}

/// An address with what is asked of it. What is empty is left out.
pub fn asking(path: &str, query: &[(&str, &str)]) -> String {
    let asked: Vec<String> = query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{}={}", url_component(name), url_component(value)))
        .collect();
    if asked.is_empty() { path.to_owned() } else { format!("{path}?{}", asked.join("&")) }
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3) and the slash.
fn url_component(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leaves_the_console() {
        assert_eq!(local("/w/ada-7f3k2q/settings?x=1"), "/w/ada-7f3k2q/settings?x=1");
        for hostile in ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nb", "w/a"] {
            assert_eq!(local(hostile), HOME, "{hostile}");
        }
    }

    #[test]
    fn what_is_asked_of_a_page_survives_its_address() {
        assert_eq!(asking("/t/a/people", &[("q", ""), ("role", "")]), "/t/a/people");
        assert_eq!(asking("/t/a/people", &[("q", "ü & 1"), ("role", "owner")]), "/t/a/people?q=%C3%BC%20%26%201&role=owner");
    }

    #[test]
    fn the_way_back_survives_its_own_query() {
        assert_eq!(sign_in_and_back("/w/a?x=1&y=ü"), "/sign-in?back=/w/a%3Fx%3D1%26y%3D%C3%BC");
    }
}
