//! Every event there is: its name, and what it says. The docs and a golden file are made from this list.

macro_rules! registry {
    ($($kind:ident = $name:literal, $says:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind { $($kind,)+ }

        impl EventKind {
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// `noun.verb`, in the past; never changed once published.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            pub fn says(self) -> &'static str {
                match self { $(Self::$kind => $says,)+ }
            }
        }
    };
}

registry! {
    UserCreated = "user.created", "A person signed in for the first time.";
    UserUpdated = "user.updated", "A person changed their profile.";
    OperatorNamed = "operator.named", "A person was made an operator of this installation.";
    SessionStarted = "session.started", "A person signed in.";
    SessionEnded = "session.ended", "A person signed out.";
    TenantCreated = "tenant.created", "A team or a personal account was created.";
    TenantMemberAdded = "tenant.member_added", "A person joined a team.";
    WorkspaceCreated = "workspace.created", "A workspace was created.";
    WorkspaceRenamed = "workspace.renamed", "A workspace's display name was changed.";
    MemberAdded = "member.added", "A person became a member of a workspace.";
}
