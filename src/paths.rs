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
/// Where an invitation is looked at and accepted, once its link was opened.
pub const INVITATION: &str = "/invitation";
/// Puts the invitation that this browser holds out of it.
pub const FORGET_INVITATION: &str = "/invitation/forget";
pub const GALLERY: &str = "/dev/gallery";

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

pub fn account_audit(tenant: impl Display) -> String {
    format!("/t/{tenant}/audit-log")
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

/// Where a personal account becomes a team.
pub fn make_team(tenant: impl Display) -> String {
    format!("/t/{tenant}/settings/team")
}

/// What was mailed to this workspace's people, and how that went.
pub fn mail_list(workspace: impl Display) -> String {
    format!("/w/{workspace}/members/mail")
}

pub fn audit_log(workspace: impl Display) -> String {
    format!("/w/{workspace}/audit-log")
}

/// What is left to see of an archived workspace.
pub fn archived(workspace: impl Display) -> String {
    format!("/w/{workspace}/archived")
}

pub fn archive(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/archive")
}

pub fn security(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/security")
}

/// The link that an invited person opens.
pub fn invitation_link(token: impl Display) -> String {
    format!("/invitations/{token}")
}

/// Signing in again although signed in, and then on to `back`.
pub fn sign_in_anew(back: &str) -> String {
    format!("{SIGN_IN_START}?anew=1&back={}", url_component(back))
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

/// A list, narrowed down: the parameters that say something, in their order.
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let said = parameters.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = said.map(|(name, value)| format!("{name}={}", url_component(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
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
    fn a_query_holds_what_says_something() {
        assert_eq!(with_query("/list", &[("q", "a&b =c"), ("role", ""), ("after", "x")]), "/list?q=a%26b%20%3Dc&after=x");
        assert_eq!(with_query("/list", &[("q", "")]), "/list");
    }

    #[test]
    fn the_way_back_survives_its_own_query() {
        assert_eq!(sign_in_and_back("/w/a?x=1&y=ü"), "/sign-in?back=/w/a%3Fx%3D1%26y%3D%C3%BC");
    }
}
