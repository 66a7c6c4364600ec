//! Where an address lies among the console's pages: which page holds what is no page itself, and where the same page is
//! in another workspace.

use http::Method;

use super::door::{Door, DoorKind};
use crate::{access::WorkspaceRole, paths, server::scope::Asks};

/// The pages of the table of addresses, by the templates of their paths.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts {
    pages: Vec<(&'static str, Asks)>,
}

impl Whereabouts {
    pub fn of(doors: &[Door]) -> Self {
        let is_page = |door: &&Door| door.method == Method::GET && door.kind != DoorKind::Download;
        Self { pages: doors.iter().filter(is_page).map(|door| (door.path, door.asks)).collect() }
    }

    /// The page at an address, or the nearest one above it: of a form's address, the page that the form stands on.
    /// `route` is the template that `address` matched.
    pub fn page_of(&self, route: &str, address: &str) -> String {
        let (route, address) = (segments(route), segments(address));
        for many in (1..=route.len().min(address.len())).rev() {
            let template = joined(&route[..many]);
            if self.pages.iter().any(|(page, _)| *page == template) {
                return joined(&address[..many]);
            }
        }
        paths::HOME.to_owned()
    }

    /// The page of the workspace `slug` that is what `address` is of another, as far as somebody of that role may see it
    /// there: what is about one thing goes to the list of all, and what has no counterpart to the overview.
    pub fn same_page(&self, address: &str, slug: &str, role: WorkspaceRole) -> String {
        let below: Vec<&str> = match segments(address).as_slice() {
            ["w", _, below @ ..] => below.to_vec(),
            _ => Vec::new(),
        };
        let may_see = |rest: &str| self.pages.iter().any(|(page, asks)| is_open_to(page, *asks, rest, role));
        (1..=below.len())
            .rev()
            .map(|many| joined(&below[..many]))
            .find(|rest| may_see(rest))
            .map_or_else(|| paths::overview(slug), |rest| paths::overview(slug) + &rest)
    }
}

/// Whether the page is the one at `rest` below a workspace, names nothing else, and lets that role in.
fn is_open_to(page: &str, asks: Asks, rest: &str, role: WorkspaceRole) -> bool {
    let is_it = page.strip_prefix("/w/{workspace}").is_some_and(|below| below == rest && !below.contains('{'));
    is_it && matches!(asks, Asks::Workspace(permission) if role.may(permission))
}

/// The parts of a path, without what is asked of it.
fn segments(path: &str) -> Vec<&str> {
    path.split('?').next().unwrap_or_default().split('/').filter(|part| !part.is_empty()).collect()
}

fn joined(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |path, part| path + "/" + part)
}
