//! From an open scope to the frame around its page: who, where, and where to go from here.

use super::{Visit, request::RequestContext};
use crate::{
    access::{AskTenant, AskWorkspace, TenantRole, WorkspaceRole},
    destinations::{Account, Heading, Offer, Standing},
    ids::FormId,
    paths,
    server::{
        Reader, Stoa, chance,
        scope::{AsUser, HasPerson, InArchive, InTenant, InWorkspace, KnownPlace, Person, Reach, Tenant},
    },
    ui::{
        Shortcut, Theme,
        layout::{Finding, Place, RailEntry, RailGroup, Surroundings, SwitcherEntry},
    },
};

/// The kind of an account of one person, as it is stored.
const PERSONAL: &str = "personal";

/// A new key for a form that is about to be rendered.
pub fn new_form(stoa: &Stoa) -> FormId {
    FormId(chance::uuid(stoa.clock.now()))
}

impl<R: Reach + HasPerson + Surrounded> Visit<R> {
    /// The frame of this page.
    pub fn surroundings(&self) -> Surroundings {
        let reach = self.scope.reach();
        let person = reach.person();
        let workspace = reach.workspace_place();
        let here = workspace.as_ref().map(|place| place.slug.clone());
        let standing = self.standing();
        Surroundings {
            person_name: person.name.clone(),
            person_email: person.email.clone(),
            theme: theme_of(person, &self.request),
            tenant: reach.tenant_place(),
            rail: rail(&standing),
            workspace,
            current: self.request.address().to_owned(),
            switcher: switcher(self.scope.places(), here.as_deref(), &self.request),
            unread: self.scope.unread(),
            banner: reach.banner(&self.reader()),
            finding: finding(reach.search(), &standing, &self.request),
            form_key: new_form(self.scope.stoa()).to_string(),
        }
    }

    /// Where the person is, and what they are there. Outside a team it is the first one of theirs that counts as their
    /// account; what they are to that one is not known there, so they are offered what every role may.
    pub fn standing(&self) -> Standing {
        let reach = self.scope.reach();
        let here = reach.team().map(|(tenant, role)| Account { slug: tenant.slug.clone(), role, is_personal: tenant.kind == PERSONAL });
        let home = || self.scope.places().iter().find(|place| place.in_team).map(home_of);
        Standing {
            workspace: reach.workspace_role(),
            account: here.or_else(home),
            is_operator: reach.person().operator,
            is_support: reach.is_support(),
        }
    }

    pub fn reader(&self) -> Reader {
        Reader { now: self.scope.now(), zone: self.scope.reach().person().time_zone.clone() }
    }

    /// A new key for this page's own form.
    pub fn form_key(&self) -> String {
        new_form(self.scope.stoa()).to_string()
    }
}

fn home_of(place: &KnownPlace) -> Account {
    Account { slug: place.tenant_slug.clone(), role: TenantRole::Member, is_personal: place.tenant_kind == PERSONAL }
}

/// The cookie decides, since it is set in the same answer as the profile; a new browser asks the profile.
fn theme_of(person: &Person, request: &RequestContext) -> Theme {
    request.theme.or_else(|| Theme::parse(&person.theme)).unwrap_or_default()
}

/// Every workspace that the person can go to from here, each as the same page of it.
fn switcher(places: &[KnownPlace], here: Option<&str>, request: &RequestContext) -> Vec<SwitcherEntry> {
    let entry = |place: &KnownPlace| {
        let same_tenant = |other: &KnownPlace| other.tenant_slug == place.tenant_slug;
        let shares_tenant = places.iter().any(|other| other.tenant == place.tenant && !same_tenant(other));
        let namesakes = places.iter().filter(|other| other.workspace == place.workspace && same_tenant(other)).count();
        let current = here == Some(place.workspace_slug.as_str());
        SwitcherEntry {
            tenant: place.tenant.clone(),
            tenant_slug: shares_tenant.then(|| place.tenant_slug.clone()),
            workspace: place.workspace.clone(),
            workspace_slug: (namesakes > 1).then(|| place.workspace_slug.clone()),
            role: place.role.clone(),
            href: if current { paths::overview(&place.workspace_slug) } else { same_page(place, request) },
            current,
        }
    };
    places.iter().map(entry).collect()
}

fn same_page(place: &KnownPlace, request: &RequestContext) -> String {
    match WorkspaceRole::ALL.into_iter().find(|role| role.name() == place.role) {
        Some(role) => request.pages.same_page(&request.path, &place.workspace_slug, role),
        None => paths::overview(&place.workspace_slug),
    }
}

/// What a frame needs to know of a reach.
pub trait Surrounded {
    /// The team whose pages the person may open from here, and what they are to it.
    fn team(&self) -> Option<(&Tenant, TenantRole)>;
    fn tenant_place(&self) -> Option<Place>;
    fn workspace_place(&self) -> Option<Place> {
        None
    }
    /// The workspace whose pages the person may open from here, by its slug, and what they are to it.
    fn workspace_role(&self) -> Option<(String, WorkspaceRole)> {
        None
    }
    /// Where one looks for something from here: the search's address, and the slug that its form is rendered for.
    fn search(&self) -> (String, Option<String>) {
        match (self.workspace_role(), self.team()) {
            (Some((slug, _)), _) => (paths::search(&slug), Some(slug)),
            (None, Some((tenant, _))) => (paths::team_search(&tenant.slug), Some(tenant.slug.clone())),
            (None, None) => (paths::SEARCH.to_owned(), None),
        }
    }
    /// Whether the person is here by an owner's consent alone.
    fn is_support(&self) -> bool {
        false
    }
    /// What every page of this reach says above itself.
    fn banner(&self, _: &Reader) -> Option<String> {
        None
    }
}

impl<P: AskWorkspace> Surrounded for InWorkspace<P> {
    fn team(&self) -> Option<(&Tenant, TenantRole)> {
        // Who is in a workspace without being in its team sees the team's name and not its pages.
        Some((&self.tenant, self.tenant_role?))
    }

    fn tenant_place(&self) -> Option<Place> {
        let role = self.tenant_role.map_or_else(|| "guest".to_owned(), |role| role.to_string());
        Some(tenant_place(&self.tenant, role))
    }

    fn workspace_place(&self) -> Option<Place> {
        Some(Place {
            name: self.workspace.name.clone(),
            slug: self.workspace.slug.clone(),
            role: self.role.to_string(),
            href: paths::overview(&self.workspace.slug),
        })
    }

    fn workspace_role(&self) -> Option<(String, WorkspaceRole)> {
        Some((self.workspace.slug.clone(), self.role))
    }

    fn is_support(&self) -> bool {
        self.support_until.is_some()
    }

    fn banner(&self, reader: &Reader) -> Option<String> {
        let until = reader.shown(self.support_until?).absolute;
        Some(format!("Support access: you see this workspace as an auditor would, by its owner's consent, until {until}."))
    }
}

/// Around an archived workspace there is only its account: its own pages are closed.
impl<P: AskWorkspace> Surrounded for InArchive<P> {
    fn team(&self) -> Option<(&Tenant, TenantRole)> {
        (**self).team()
    }

    fn tenant_place(&self) -> Option<Place> {
        (**self).tenant_place()
    }

    fn banner(&self, reader: &Reader) -> Option<String> {
        (**self).banner(reader)
    }
}

impl<P: AskTenant> Surrounded for InTenant<P> {
    fn team(&self) -> Option<(&Tenant, TenantRole)> {
        Some((&self.tenant, self.role))
    }

    fn tenant_place(&self) -> Option<Place> {
        Some(tenant_place(&self.tenant, self.role.to_string()))
    }
}

impl Surrounded for AsUser {
    fn team(&self) -> Option<(&Tenant, TenantRole)> {
        None
    }

    fn tenant_place(&self) -> Option<Place> {
        None
    }
}

fn tenant_place(tenant: &Tenant, role: String) -> Place {
    Place { name: tenant.name.clone(), slug: tenant.slug.clone(), role, href: paths::workspaces(&tenant.slug) }
}

/// A group without entries is not drawn.
fn rail(standing: &Standing) -> Vec<RailGroup> {
    let offers = standing.offers();
    let entries = |heading| offers.iter().filter(move |offer| offer.destination.heading == Some(heading)).map(entry).collect();
    Heading::ALL.into_iter().map(|heading| RailGroup { heading: Some(heading.name()), entries: entries(heading) }).collect()
}

fn entry(offer: &Offer) -> RailEntry {
    RailEntry { label: offer.destination.label, icon: offer.destination.icon, href: offer.href.clone() }
}

fn finding((address, place): (String, Option<String>), standing: &Standing, request: &RequestContext) -> Finding {
    let shortcuts = standing
        .chords()
        .into_iter()
        .map(|(letter, offer)| Shortcut { letter, label: offer.destination.label, href: offer.href })
        .collect();
    let agent = request.user_agent.as_deref().unwrap_or_default();
    Finding { address, place, is_apple: ["Macintosh", "iPhone", "iPad"].iter().any(|device| agent.contains(device)), shortcuts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(workspace: Option<WorkspaceRole>, account: Option<TenantRole>) -> Vec<&'static str> {
        let standing = Standing {
            workspace: workspace.map(|role| ("shop".to_owned(), role)),
            account: account.map(|role| Account { slug: "acme".to_owned(), role, is_personal: false }),
            ..Standing::default()
        };
        rail(&standing).iter().flat_map(|group| &group.entries).map(|entry| entry.label).collect()
    }

    #[test]
    fn the_account_part_offers_what_the_role_may() {
        let of = |role| labels(None, Some(role));
        assert_eq!(of(TenantRole::Member), ["Teams", "Workspaces", "People"]);
        assert_eq!(of(TenantRole::Billing), ["Teams", "Workspaces", "People", "Billing", "Audit"]);
        assert_eq!(of(TenantRole::Owner), ["Teams", "Workspaces", "People", "Billing", "Audit", "Team settings"]);
    }

    #[test]
    fn the_workspace_part_offers_what_the_role_may() {
        let of = |role: WorkspaceRole| labels(Some(role), None);
        assert_eq!(
            of(WorkspaceRole::Member),
            ["Overview", "Data & Insights", "Usage", "Members", "API Keys", "MCP Clients", "Modules", "Settings"]
        );
        for role in [WorkspaceRole::Readonly, WorkspaceRole::Admin, WorkspaceRole::Owner] {
            assert_eq!(
                of(role),
                ["Overview", "Data & Insights", "Usage", "Audit Log", "Members", "API Keys", "MCP Clients", "Modules", "Settings"],
                "{role}"
            );
        }
    }

    #[test]
    fn namesakes_in_the_switcher_have_their_slugs() {
        let place = |tenant: &str, tenant_slug: &str, workspace: &str, workspace_slug: &str| KnownPlace {
            tenant: tenant.to_owned(),
            tenant_slug: tenant_slug.to_owned(),
            tenant_kind: "team".to_owned(),
            workspace: workspace.to_owned(),
            workspace_slug: workspace_slug.to_owned(),
            role: "owner".to_owned(),
            in_team: true,
        };
        let places = [
            place("Acme", "acme-1", "Main", "main-1"),
            place("Acme", "acme-2", "Main", "main-2"),
            place("Acme", "acme-2", "Main", "main-3"),
            place("Zenith", "zenith-1", "Main", "main-4"),
        ];
        let clock = crate::server::clock::Clock::system();
        let request = RequestContext::internal(&clock, "console", "test");
        let entries = switcher(&places, Some("main-1"), &request);
        let slugs: Vec<_> = entries.iter().map(|entry| (entry.tenant_slug.as_deref(), entry.workspace_slug.as_deref())).collect();
        let expected = [(Some("acme-1"), None), (Some("acme-2"), Some("main-2")), (Some("acme-2"), Some("main-3")), (None, None)];
        assert_eq!(slugs, expected);
        assert_eq!(entries.iter().filter(|entry| entry.current).count(), 1);
    }
}
