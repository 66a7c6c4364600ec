//! A readonly person reads everything that the policy lets them, and is shown nothing that changes anything.

use axum::http::{Method, StatusCode};
use stoa::{
    access::{TenantRole, WorkspaceRole},
    app,
    server::scope::Asks,
};

use super::World;

/// What anyone may do about themselves, and what a team lets its members do whatever they are in a workspace.
const THEIR_OWN: &[&str] = &[
    "/w/{workspace}/members/leave",
    "/t/{tenant}/people/leave",
    "/t/{tenant}/teams/new",
    "/t/{tenant}/workspaces/new",
    // What they look for themselves: docs/decisions/0018-own-views-are-ones-own.md.
    "/w/{workspace}/audit-log/views/new",
    "/w/{workspace}/audit-log/views/{view}",
    "/w/{workspace}/audit-log/views/{view}/delete",
];

#[tokio::test]
async fn a_readonly_person_is_shown_no_control_that_changes_anything() {
    let world = World::start().await;
    let mut shown = 0;
    for door in app::doors().into_iter().filter(|door| door.method == Method::GET) {
        let may = match door.asks {
            Asks::Workspace(permission) | Asks::Archive(permission) => WorkspaceRole::Readonly.may(permission),
            Asks::Tenant(permission) => TenantRole::Member.may(permission),
            _ => continue,
        };
        if THEIR_OWN.contains(&door.path) {
            continue;
        }
        let path = world.address(&door);
        let answer = world.team.auditor.browser.get(&path).await;
        let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{path}");
        if !may || !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        // A search posts what may be a secret, and changes nothing.
        assert_eq!(answer.count("main form:not([method=get], [role=search])"), 0, "{path} has a form for a readonly person");
        assert_eq!(answer.count("main form:not([method=get], [role=search]) button"), 0, "{path} has a submit button");
        assert_eq!(answer.count("main [formaction], main [form]"), 0, "{path} has a control of a form elsewhere");
        assert_eq!(world.refused_links(&answer).await, Vec::<String>::new(), "{path} leads where a readonly person is refused");
        shown += 1;
    }
    assert!(shown >= 19, "only {shown} pages were looked at");
}

impl World {
    /// The links of a page that end in a refusal.
    async fn refused_links(&self, page: &crate::support::Answer) -> Vec<String> {
        let mut refused = Vec::new();
        let mut links = page.links("main a[href^='/']");
        links.sort();
        links.dedup();
        for link in links.into_iter().filter(|link| ![".csv", ".jsonl"].iter().any(|ending| link.contains(ending))) {
            let status = self.team.auditor.browser.get(&link).await.status;
            if status == StatusCode::FORBIDDEN || status == StatusCode::NOT_FOUND {
                refused.push(link);
            }
        }
        refused
    }
}
