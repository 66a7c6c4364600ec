//! Who may do what: the whole policy, in two tables. Pages, server, tests and docs are made from them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a person is to a tenant. Stored, and written in the API, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "lowercase"))]
#[serde(rename_all = "lowercase")]
pub enum TenantRole {
    Owner,
    Billing,
    Member,
}

/// What a person is to a workspace. Stored, and written in the API, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "lowercase"))]
#[serde(rename_all = "lowercase")]
pub enum WorkspaceRole {
    Owner,
    Admin,
    Member,
    Readonly,
}

macro_rules! permissions {
    ($(#[$doc:meta])* $set:ident, $ask:ident in $module:ident {
        $($(#[$about:meta])* $name:ident = $says:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $set { $($(#[$about])* $name,)+ }

        impl $set {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What it lets a person do, to follow "you may not".
            pub fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)+ }
            }
        }

        /// The same permissions as types, for scopes to name in their signature what they were opened for.
        pub trait $ask: Send + Sync + 'static {
            const PERMISSION: $set;
        }

        pub mod $module {
            $(
                #[derive(Clone, Copy, Debug)]
                pub struct $name;

                impl super::$ask for $name {
                    const PERMISSION: super::$set = super::$set::$name;
                }
            )+
        }

        impl fmt::Display for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$name => stringify!($name),)+ })
            }
        }
    };
}

permissions! {
    /// One thing that a person can be allowed to do in a tenant, named for the button that does it.
    TenantPermission, AskTenant in tenant {
        SeeTeam = "see this team and its people";
        CreateWorkspace = "create workspaces here";
        ReadBilling = "read this team's billing";
        ReadTenantAudit = "read this team's audit log";
        ManageBilling = "change plan, payment and caps";
        ManageTeam = "manage this team's people, roles and settings";
    }
}

permissions! {
    /// One thing that a person can be allowed to do in a workspace, named for the button that does it.
    WorkspacePermission, AskWorkspace in workspace {
        ReadWorkspace = "read this workspace";
        ReadCredentials = "read credentials";
        ReadWebhooks = "read webhooks";
        ReadSettings = "read settings";
        ReadSecurity = "read security settings and support access";
        ReadSpend = "read this workspace's spend";
        ReadAudit = "read and export the audit log";
        UsePlayground = "use the playground";
        WriteRecords = "add and change records";
        ManageCredentials = "manage credentials";
        ManageModules = "switch modules";
        ManageWebhooks = "manage webhooks";
        RenameWorkspace = "rename this workspace";
        ManageSettings = "change settings";
        ManageMembers = "invite and manage members";
        ArchiveWorkspace = "archive this workspace";
        RestoreWorkspace = "restore this workspace";
        ManageOwners = "make or unmake an owner";
        LimitEntry = "change the allowed networks or the demand for a second factor";
        TransferWorkspace = "move this workspace to another tenant";
        GrantSupportAccess = "let the operator's support look into this workspace";
    }
}

/// How far a permission goes for a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Nothing,
    /// Only what the person made or holds.
    Own,
    /// Only what changes nothing.
    Reading,
    Everything,
}

impl Extent {
    /// As far as both go.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everything, within) | (within, Self::Everything) => within,
            (one, same) if one == same => one,
            _ => Self::Nothing,
        }
    }
}

impl TenantRole {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Billing, Self::Member];

    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Billing => "billing",
            Self::Member => "member",
        }
    }

    /// The tenant's table. Creating workspaces also asks the team's own setting for members.
    pub fn may(self, permission: TenantPermission) -> bool {
        match permission {
            TenantPermission::SeeTeam | TenantPermission::CreateWorkspace => true,
            TenantPermission::ReadBilling | TenantPermission::ReadTenantAudit | TenantPermission::ManageBilling => {
                matches!(self, Self::Owner | Self::Billing)
            }
            TenantPermission::ManageTeam => matches!(self, Self::Owner),
        }
    }
}

impl WorkspaceRole {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Readonly];

    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Readonly => "readonly",
        }
    }

    /// The workspace's table.
    pub fn extent(self, permission: WorkspacePermission) -> Extent {
        use WorkspacePermission as P;
        match permission {
            P::ReadWorkspace => Extent::Everything,
            P::ReadCredentials | P::ReadWebhooks | P::ReadSettings | P::ReadSpend => match self {
                Self::Owner | Self::Admin | Self::Readonly => Extent::Everything,
                Self::Member => Extent::Own,
            },
            P::ReadSecurity | P::ReadAudit => match self {
                Self::Owner | Self::Admin | Self::Readonly => Extent::Everything,
                Self::Member => Extent::Nothing,
            },
            P::UsePlayground => match self {
                Self::Owner | Self::Admin | Self::Member => Extent::Everything,
                Self::Readonly => Extent::Reading,
            },
            P::WriteRecords => match self {
                Self::Owner | Self::Admin | Self::Member => Extent::Everything,
                Self::Readonly => Extent::Nothing,
            },
            P::ManageCredentials
            | P::ManageModules
            | P::ManageWebhooks
            | P::RenameWorkspace
            | P::ManageSettings
            | P::ManageMembers
            | P::ArchiveWorkspace => match self {
                Self::Owner | Self::Admin => Extent::Everything,
                Self::Member | Self::Readonly => Extent::Nothing,
            },
            P::RestoreWorkspace | P::ManageOwners | P::LimitEntry | P::TransferWorkspace | P::GrantSupportAccess => match self {
                Self::Owner => Extent::Everything,
                Self::Admin | Self::Member | Self::Readonly => Extent::Nothing,
            },
        }
    }

    /// Whether this role goes nowhere that `other` does not. Of member and readonly neither is within the other: each
    /// reaches what the other does not.
    pub fn is_within(self, other: Self) -> bool {
        match other {
            Self::Owner => true,
            Self::Admin => self != Self::Owner,
            Self::Member | Self::Readonly => self == other,
        }
    }

    /// The lesser of the two. Where neither is within the other it is this one, and what is asked has to be asked of both.
    #[must_use]
    pub fn at_most(self, most: Self) -> Self {
        if most.is_within(self) { most } else { self }
    }

    /// Whether the permission goes any way at all for this role.
    pub fn may(self, permission: WorkspacePermission) -> bool {
        self.extent(permission) != Extent::Nothing
    }
}

impl fmt::Display for TenantRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for WorkspaceRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The roles that hold a permission, for "ask an owner or admin".
pub fn workspace_roles_with(permission: WorkspacePermission) -> Vec<WorkspaceRole> {
    WorkspaceRole::ALL.into_iter().filter(|role| role.extent(permission) == Extent::Everything).collect()
}

pub fn tenant_roles_with(permission: TenantPermission) -> Vec<TenantRole> {
    TenantRole::ALL.into_iter().filter(|role| role.may(permission)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> impl Iterator<Item = (WorkspaceRole, WorkspaceRole)> {
        WorkspaceRole::ALL.into_iter().flat_map(|one| WorkspaceRole::ALL.map(|other| (one, other)))
    }

    /// The order of the roles is the table's own.
    #[test]
    fn a_role_is_within_another_where_every_permission_is() {
        for (one, other) in pairs() {
            let is_within = WorkspacePermission::ALL.iter().all(|asked| {
                let (less, more) = (one.extent(*asked), other.extent(*asked));
                less.and(more) == less
            });
            assert_eq!(one.is_within(other), is_within, "{one} in {other}");
        }
    }

    #[test]
    fn the_lesser_of_two_roles_is_one_of_them_and_never_the_wider() {
        for (one, other) in pairs() {
            let lesser = one.at_most(other);
            assert!(lesser == one || lesser == other);
            assert!(lesser.is_within(one), "{one} at most {other} is {lesser}");
            assert!(lesser.is_within(other) || !other.is_within(one), "{one} at most {other} is {lesser}");
        }
    }
}
