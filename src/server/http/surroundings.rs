//! From an open scope to the frame around its page: who, where, and where to go from here.

use super::{Visit, request::RequestContext};
use crate::{
    access::{AskTenant, AskWorkspace, TenantPermission, TenantRole, WorkspacePermission, WorkspaceRole},
    ids::FormId,
    paths,
    server::{
        Reader, Stoa, chance,
        scope::{AsUser, HasPerson, InArchive, InTenant, InWorkspace, KnownPlace, Person, Reach, Tenant},
    },
    ui::{
        Icon, Theme,
        layout::{Place, RailEntry, RailGroup, Surroundings, SwitcherEntry},
    },
};

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
        Surroundings {
            person_name: person.name.clone(),
            person_email: person.email.clone(),
            theme: theme_of(person, &self.request),
            tenant: reach.tenant_place(),
            rail: rail(reach, self.scope.places()).into_iter().chain(person.operator.then(operator_group)).collect(),
            workspace,
            current: self.request.address().to_owned(),
            switcher: switcher(self.scope.places(), here.as_deref(), &self.request),
            unread: self.scope.unread(),
            banner: reach.banner(&self.reader()),
            form_key: new_form(self.scope.stoa()).to_string(),
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
    fn may(&self, _: WorkspacePermission) -> bool {
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

    fn may(&self, permission: WorkspacePermission) -> bool {
        self.role.may(permission)
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

/// Where to go from here. Outside a team it is the first one of the person's; what they are to that one is not known
/// there, so only what every role may is offered.
fn rail<R: Surrounded>(reach: &R, places: &[KnownPlace]) -> Vec<RailGroup> {
    let here = reach.team().map(|(tenant, role)| (tenant.slug.as_str(), role));
    let home = || places.iter().find(|place| place.in_team).map(|place| (place.tenant_slug.as_str(), TenantRole::Member));
    let account = here.or_else(home).map(|(tenant, role)| account_group(tenant, role));
    let workspace = reach.workspace_place().map(|place| workspace_groups(&place.slug, |permission| reach.may(permission)));
    account.into_iter().chain(workspace.into_iter().flatten()).collect()
}

fn account_group(tenant: &str, role: TenantRole) -> RailGroup {
    use TenantPermission::{ManageTeam, ReadTenantAudit, SeeTeam};
    let entries = [
        Some(entry("Teams", Icon::Teams, paths::teams(tenant))),
        Some(entry("Workspaces", Icon::Workspaces, paths::workspaces(tenant))),
        role.may(SeeTeam).then(|| entry("People", Icon::Members, paths::people(tenant))),
        role.may(ReadTenantAudit).then(|| entry("Audit", Icon::Audit, paths::account_audit(tenant))),
        role.may(ManageTeam).then(|| entry("Team settings", Icon::Settings, paths::team_settings(tenant))),
    ];
    RailGroup { heading: Some("Account"), entries: entries.into_iter().flatten().collect() }
}

/// A group whose entries are all left out is not drawn.
fn workspace_groups(workspace: &str, may: impl Fn(WorkspacePermission) -> bool) -> [RailGroup; 3] {
    use WorkspacePermission::{ReadAudit, ReadCredentials, ReadSettings, ReadWorkspace};
    let group =
        |heading, entries: Vec<Option<RailEntry>>| RailGroup { heading: Some(heading), entries: entries.into_iter().flatten().collect() };
    [
        group(
            "Observe",
            vec![
                Some(entry("Overview", Icon::Overview, paths::overview(workspace))),
                may(ReadAudit).then(|| entry("Audit Log", Icon::Audit, paths::audit_log(workspace))),
            ],
        ),
        group(
            "Access",
            vec![
                may(ReadWorkspace).then(|| entry("Members", Icon::Members, paths::members(workspace))),
                may(ReadCredentials).then(|| entry("API Keys", Icon::Key, paths::api_keys(workspace))),
            ],
        ),
        group("Configure", vec![may(ReadSettings).then(|| entry("Settings", Icon::Settings, paths::settings(workspace)))]),
    ]
}

/// What the operator's own people have beside everyone's.
fn operator_group() -> RailGroup {
    RailGroup { heading: Some("Operator"), entries: vec![entry("Support", Icon::Security, paths::SUPPORT.to_owned())] }
}

fn entry(label: &'static str, icon: Icon, href: String) -> RailEntry {
    RailEntry { label, icon, href }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(groups: &[RailGroup]) -> Vec<&'static str> {
        groups.iter().flat_map(|group| &group.entries).map(|entry| entry.label).collect()
    }

    #[test]
    fn the_account_part_offers_what_the_role_may() {
        let of = |role| labels(&[account_group("acme", role)]);
        assert_eq!(of(TenantRole::Member), ["Teams", "Workspaces", "People"]);
        assert_eq!(of(TenantRole::Billing), ["Teams", "Workspaces", "People", "Audit"]);
        assert_eq!(of(TenantRole::Owner), ["Teams", "Workspaces", "People", "Audit", "Team settings"]);
    }

    #[test]
    fn the_workspace_part_offers_what_the_role_may() {
        let of = |role: WorkspaceRole| labels(&workspace_groups("shop", |permission| role.may(permission)));
        assert_eq!(of(WorkspaceRole::Member), ["Overview", "Members", "API Keys", "Settings"]);
        for role in [WorkspaceRole::Readonly, WorkspaceRole::Admin, WorkspaceRole::Owner] {
            assert_eq!(of(role), ["Overview", "Audit Log", "Members", "API Keys", "Settings"], "{role}");
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
