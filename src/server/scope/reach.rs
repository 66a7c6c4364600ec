//! The four reaches, and what each asks before it opens.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, Utc};

use super::{Person, Scope, Tenant, Workspace};
use crate::{
    access::{AskTenant, AskWorkspace, Extent, TenantPermission, TenantRole, WorkspacePermission, WorkspaceRole},
    error::{AppError, Refused},
    ids::TenantId,
    server::events::Log,
};

/// What a door asks of who comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Open to strangers; every such door is in the golden list.
    Nothing,
    /// An address that was signed here, and whatever it was signed for.
    Signature,
    SignedIn,
    Tenant(TenantPermission),
    Workspace(WorkspacePermission),
    /// Of an archived workspace.
    Archive(WorkspacePermission),
    /// No door: the server's own work.
    Service,
}

impl fmt::Display for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Signature => f.write_str("a signed address"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Tenant(permission) => write!(f, "tenant: {permission}"),
            Self::Workspace(permission) => write!(f, "workspace: {permission}"),
            Self::Archive(permission) => write!(f, "archived workspace: {permission}"),
            Self::Service => f.write_str("service"),
        }
    }
}

pub trait Reach: Sized + Send + Sync + 'static {
    const ASKS: Asks;

    /// The place word of `open_console`.
    const PLACE: &'static str;

    /// From what the database proved to what this reach stands for, or why not.
    fn admit(opened: Opened) -> Result<Self, AppError>;

    /// Where its events go when they say nothing else.
    fn log(&self) -> Log;
}

/// What `open_console` proved.
pub struct Opened {
    pub person: Person,
    pub tenant: Option<(Tenant, Option<TenantRole>)>,
    pub workspace: Option<(Workspace, WorkspaceRole)>,
    pub support_until: Option<DateTime<Utc>>,
    /// A second role, of the credential that acts: what is asked has to be held by it too.
    pub max_role: Option<WorkspaceRole>,
}

impl Opened {
    /// The log of the place, where one was found.
    pub fn log(&self) -> Log {
        match (&self.tenant, &self.workspace) {
            (Some((tenant, _)), Some((workspace, _))) => Log::Workspace(tenant.id, workspace.id),
            (Some((tenant, _)), None) => Log::Tenant(tenant.id),
            (None, _) => Log::Installation,
        }
    }
}

#[derive(Clone, Debug)]
pub struct InWorkspace<P> {
    pub person: Person,
    pub tenant: Tenant,
    /// None where the person is in the workspace but not in the team.
    pub tenant_role: Option<TenantRole>,
    pub workspace: Workspace,
    /// The person's, or that of the credential that acts for them where it is less.
    pub role: WorkspaceRole,
    max_role: Option<WorkspaceRole>,
    /// Set where an operator is here by an owner's consent, and until when.
    pub support_until: Option<DateTime<Utc>>,
    permission: PhantomData<P>,
}

impl<P: AskWorkspace> Reach for InWorkspace<P> {
    const ASKS: Asks = Asks::Workspace(P::PERMISSION);
    const PLACE: &'static str = "workspace";

    fn admit(opened: Opened) -> Result<Self, AppError> {
        let (Some((tenant, tenant_role)), Some((workspace, role))) = (opened.tenant, opened.workspace) else {
            return Err(AppError::NotFound);
        };
        let (support_until, max_role) = (opened.support_until, opened.max_role);
        let role = max_role.map_or(role, |most| role.at_most(most));
        let reach = Self { person: opened.person, tenant, tenant_role, workspace, role, max_role, support_until, permission: PhantomData };
        if reach.extent() == Extent::Nothing {
            return Err(AppError::NotAllowed(Refused::Workspace(P::PERMISSION)));
        }
        Ok(reach)
    }

    fn log(&self) -> Log {
        Log::Workspace(self.tenant.id, self.workspace.id)
    }
}

impl<P: AskWorkspace> InWorkspace<P> {
    /// How far the permission that opened this scope goes for this person, and for the credential that acts.
    pub fn extent(&self) -> Extent {
        self.extent_of(P::PERMISSION)
    }

    /// The same of another permission, for what is left out where it does not go far enough.
    pub fn extent_of(&self, permission: WorkspacePermission) -> Extent {
        let most = self.max_role.map_or(Extent::Everything, |most| most.extent(permission));
        self.role.extent(permission).and(most)
    }
}

/// A workspace that is archived, for a former owner or auditor of it. They reach its rows as in a live one; what can
/// be done to them is only what asks for this reach.
#[derive(Clone, Debug)]
pub struct InArchive<P>(InWorkspace<P>);

impl<P: AskWorkspace> Reach for InArchive<P> {
    const ASKS: Asks = Asks::Archive(P::PERMISSION);
    const PLACE: &'static str = "archive";

    fn admit(opened: Opened) -> Result<Self, AppError> {
        InWorkspace::admit(opened).map(Self)
    }

    fn log(&self) -> Log {
        self.0.log()
    }
}

impl<P> std::ops::Deref for InArchive<P> {
    type Target = InWorkspace<P>;

    fn deref(&self) -> &InWorkspace<P> {
        &self.0
    }
}

#[derive(Clone, Debug)]
pub struct InTenant<P> {
    pub person: Person,
    pub tenant: Tenant,
    pub role: TenantRole,
    permission: PhantomData<P>,
}

impl<P: AskTenant> Reach for InTenant<P> {
    const ASKS: Asks = Asks::Tenant(P::PERMISSION);
    const PLACE: &'static str = "tenant";

    fn admit(opened: Opened) -> Result<Self, AppError> {
        let Some((tenant, Some(role))) = opened.tenant else {
            return Err(AppError::NotFound);
        };
        if !role.may(P::PERMISSION) {
            return Err(AppError::NotAllowed(Refused::Tenant(P::PERMISSION)));
        }
        Ok(Self { person: opened.person, tenant, role, permission: PhantomData })
    }

    fn log(&self) -> Log {
        Log::Tenant(self.tenant.id)
    }
}

#[derive(Clone, Debug)]
pub struct AsUser {
    pub person: Person,
}

impl Reach for AsUser {
    const ASKS: Asks = Asks::SignedIn;
    const PLACE: &'static str = "user";

    fn admit(opened: Opened) -> Result<Self, AppError> {
        Ok(Self { person: opened.person })
    }

    fn log(&self) -> Log {
        Log::Installation
    }
}

/// A job of the server's own for one tenant; the nil tenant is the installation.
#[derive(Clone, Debug)]
pub struct AsService {
    pub tenant: TenantId,
    pub job: &'static str,
}

impl Reach for AsService {
    const ASKS: Asks = Asks::Service;
    const PLACE: &'static str = "service";

    fn admit(_: Opened) -> Result<Self, AppError> {
        Err(AppError::NotFound)
    }

    fn log(&self) -> Log {
        if self.tenant.0.is_nil() { Log::Installation } else { Log::Tenant(self.tenant) }
    }
}

/// Whoever a scope acts for, where it acts for a person.
pub trait HasPerson {
    fn person(&self) -> &Person;
}

impl<P> HasPerson for InWorkspace<P> {
    fn person(&self) -> &Person {
        &self.person
    }
}

impl<P> HasPerson for InArchive<P> {
    fn person(&self) -> &Person {
        &self.0.person
    }
}

impl<P> HasPerson for InTenant<P> {
    fn person(&self) -> &Person {
        &self.person
    }
}

impl HasPerson for AsUser {
    fn person(&self) -> &Person {
        &self.person
    }
}

impl<R: Reach + HasPerson> Scope<R> {
    /// The third clock: whether the person proved who they are just now, as destructive acts ask.
    pub fn is_sign_in_recent(&self) -> bool {
        let recent = chrono::TimeDelta::minutes(self.stoa().config.sessions.recent_minutes.into());
        self.now() - self.person().authenticated_at <= recent
    }

    /// Asked by destructive acts before they change anything.
    ///
    /// # Errors
    /// `SignInNotRecent`, whose page leads through the provider and back to `back`.
    pub fn ask_recent_sign_in(&self, back: &str) -> Result<(), AppError> {
        if self.is_sign_in_recent() { Ok(()) } else { Err(AppError::SignInNotRecent(back.to_owned())) }
    }
}

impl<R: HasPerson> Scope<R> {
    pub fn person(&self) -> &Person {
        self.reach.person()
    }
}

impl<P> Scope<InWorkspace<P>> {
    pub fn tenant(&self) -> &Tenant {
        &self.reach.tenant
    }

    pub fn workspace(&self) -> &Workspace {
        &self.reach.workspace
    }

    pub fn role(&self) -> WorkspaceRole {
        self.reach.role
    }

    /// What a role of the person, read again, comes to for the credential that acts for them.
    pub fn held_to(&self, role: WorkspaceRole) -> WorkspaceRole {
        self.reach.max_role.map_or(role, |most| role.at_most(most))
    }
}

impl<P> Scope<InArchive<P>> {
    pub fn tenant(&self) -> &Tenant {
        &self.reach.tenant
    }

    pub fn workspace(&self) -> &Workspace {
        &self.reach.workspace
    }

    pub fn role(&self) -> WorkspaceRole {
        self.reach.role
    }
}

impl<P> Scope<InTenant<P>> {
    pub fn tenant(&self) -> &Tenant {
        &self.reach.tenant
    }

    pub fn role(&self) -> TenantRole {
        self.reach.role
    }
}
