//! From an open scope to the frame around its page: who, where, and where to go from here.

use super::{Visit, request::RequestContext};
use crate::{
    access::{AskTenant, AskWorkspace, WorkspacePermission},
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
            rail: rail(reach, self.scope.places()),
            workspace,
            current: self.request.path.split('?').next().unwrap_or_default().to_owned(),
            switcher: self.scope.places().iter().map(|place| entry(place, here.as_deref())).collect(),
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

fn entry(place: &KnownPlace, here: Option<&str>) -> SwitcherEntry {
    SwitcherEntry {
        tenant: place.tenant.clone(),
        workspace: place.workspace.clone(),
        role: place.role.clone(),
        href: paths::overview(&place.workspace_slug),
        current: here == Some(place.workspace_slug.as_str()),
    }
}

/// What a frame needs to know of a reach.
pub trait Surrounded {
    fn tenant(&self) -> Option<&Tenant>;
    fn tenant_place(&self) -> Option<Place>;
    fn workspace_place(&self) -> Option<Place> {
        None
    }
    fn may(&self, _: WorkspacePermission) -> bool {
        false
    }
}

impl<P: AskWorkspace> Surrounded for InWorkspace<P> {
    fn tenant(&self) -> Option<&Tenant> {
        // Who is in a workspace without being in its team sees the team's name and not its pages.
        self.tenant_role.is_some().then_some(&self.tenant)
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
}

/// Around an archived workspace there is only its account: its own pages are closed.
impl<P: AskWorkspace> Surrounded for InArchive<P> {
    fn tenant(&self) -> Option<&Tenant> {
        self.tenant_role.is_some().then_some(&self.tenant)
    }

    fn tenant_place(&self) -> Option<Place> {
        (**self).tenant_place()
    }
}

impl<P: AskTenant> Surrounded for InTenant<P> {
    fn tenant(&self) -> Option<&Tenant> {
        Some(&self.tenant)
    }

    fn tenant_place(&self) -> Option<Place> {
        Some(tenant_place(&self.tenant, self.role.to_string()))
    }
}

impl Surrounded for AsUser {
    fn tenant(&self) -> Option<&Tenant> {
        None
    }

    fn tenant_place(&self) -> Option<Place> {
        None
    }
}

fn tenant_place(tenant: &Tenant, role: String) -> Place {
    Place { name: tenant.name.clone(), slug: tenant.slug.clone(), role, href: paths::workspaces(&tenant.slug) }
}

fn rail<R: Surrounded>(reach: &R, places: &[KnownPlace]) -> Vec<RailGroup> {
    let home =
        reach.tenant().map(|tenant| tenant.slug.clone()).or_else(|| Some(places.iter().find(|place| place.in_team)?.tenant_slug.clone()));
    let account = home.map(|tenant| RailGroup {
        heading: Some("Account"),
        entries: vec![
            RailEntry { label: "Teams", icon: Icon::Teams, href: paths::teams(&tenant) },
            RailEntry { label: "Workspaces", icon: Icon::Workspaces, href: paths::workspaces(&tenant) },
        ],
    });
    let workspace = reach.workspace_place().map(|place| {
        let observe = RailGroup {
            heading: Some("Observe"),
            entries: vec![RailEntry { label: "Overview", icon: Icon::Overview, href: paths::overview(&place.slug) }],
        };
        let configure = reach.may(WorkspacePermission::ReadSettings).then(|| RailGroup {
            heading: Some("Configure"),
            entries: vec![RailEntry { label: "Settings", icon: Icon::Settings, href: paths::settings(&place.slug) }],
        });
        [Some(observe), configure]
    });
    account.into_iter().chain(workspace.into_iter().flatten().flatten()).collect()
}
