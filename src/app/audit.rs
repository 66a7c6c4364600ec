//! The addresses of what belongs to an audit log beside its rows: saved views, streams, and how long it is kept.

use crate::{
    access::{
        tenant::{ManageTeam, ReadTenantAudit},
        workspace::{ManageSettings, ReadAudit},
    },
    features::{audit_log, audit_streams, retention},
    server::{
        http::Door,
        scope::{InTenant, InWorkspace},
    },
};

/// What is looked for in audit logs again and again: one's own views, and everybody's.
pub fn views() -> Vec<Door> {
    use audit_log::page::views::{change, create, delete, show, show_all, show_delete, show_new};
    type Own = InWorkspace<ReadAudit>;
    type Shared = InWorkspace<ManageSettings>;
    type TenantOwn = InTenant<ReadTenantAudit>;
    type TenantShared = InTenant<ManageTeam>;
    vec![
        Door::page("/w/{workspace}/audit-log/views", show_all::<Own>),
        Door::page("/w/{workspace}/audit-log/views/new", show_new::<Own>),
        Door::form("/w/{workspace}/audit-log/views/new", create::<Own>, show_new::<Own>),
        Door::page("/w/{workspace}/audit-log/views/{view}", show::<Own>),
        Door::form("/w/{workspace}/audit-log/views/{view}", change::<Own>, show::<Own>),
        Door::page("/w/{workspace}/audit-log/views/{view}/delete", show_delete::<Own>),
        Door::form("/w/{workspace}/audit-log/views/{view}/delete", delete::<Own>, show_delete::<Own>),
        Door::page("/w/{workspace}/audit-log/shared-views/new", show_new::<Shared>),
        Door::form("/w/{workspace}/audit-log/shared-views/new", create::<Shared>, show_new::<Shared>),
        Door::page("/w/{workspace}/audit-log/shared-views/{view}", show::<Shared>),
        Door::form("/w/{workspace}/audit-log/shared-views/{view}", change::<Shared>, show::<Shared>),
        Door::page("/w/{workspace}/audit-log/shared-views/{view}/delete", show_delete::<Shared>),
        Door::form("/w/{workspace}/audit-log/shared-views/{view}/delete", delete::<Shared>, show_delete::<Shared>),
        Door::page("/t/{tenant}/audit-log/views", show_all::<TenantOwn>),
        Door::page("/t/{tenant}/audit-log/views/new", show_new::<TenantOwn>),
        Door::form("/t/{tenant}/audit-log/views/new", create::<TenantOwn>, show_new::<TenantOwn>),
        Door::page("/t/{tenant}/audit-log/views/{view}", show::<TenantOwn>),
        Door::form("/t/{tenant}/audit-log/views/{view}", change::<TenantOwn>, show::<TenantOwn>),
        Door::page("/t/{tenant}/audit-log/views/{view}/delete", show_delete::<TenantOwn>),
        Door::form("/t/{tenant}/audit-log/views/{view}/delete", delete::<TenantOwn>, show_delete::<TenantOwn>),
        Door::page("/t/{tenant}/audit-log/shared-views/new", show_new::<TenantShared>),
        Door::form("/t/{tenant}/audit-log/shared-views/new", create::<TenantShared>, show_new::<TenantShared>),
        Door::page("/t/{tenant}/audit-log/shared-views/{view}", show::<TenantShared>),
        Door::form("/t/{tenant}/audit-log/shared-views/{view}", change::<TenantShared>, show::<TenantShared>),
        Door::page("/t/{tenant}/audit-log/shared-views/{view}/delete", show_delete::<TenantShared>),
        Door::form("/t/{tenant}/audit-log/shared-views/{view}/delete", delete::<TenantShared>, show_delete::<TenantShared>),
    ]
}

/// Where the rows of audit logs are sent.
pub fn streams() -> Vec<Door> {
    use audit_streams::page::{archive, change, create, pause, resume, rotate, show, show_all, show_ending, show_new, test};
    type Seen = InWorkspace<ReadAudit>;
    type Changed = InWorkspace<ManageSettings>;
    type TenantSeen = InTenant<ReadTenantAudit>;
    type TenantChanged = InTenant<ManageTeam>;
    vec![
        Door::page("/w/{workspace}/audit-log/streams", show_all::<Seen>),
        Door::page("/w/{workspace}/audit-log/streams/new", show_new::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/new", create::<Changed>, show_new::<Changed>),
        Door::page("/w/{workspace}/audit-log/streams/{stream}", show::<Seen>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}", change::<Changed>, show::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}/test", test::<Changed>, show::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}/rotate", rotate::<Changed>, show::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}/pause", pause::<Changed>, show::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}/resume", resume::<Changed>, show::<Changed>),
        Door::page("/w/{workspace}/audit-log/streams/{stream}/archive", show_ending::<Changed>),
        Door::form("/w/{workspace}/audit-log/streams/{stream}/archive", archive::<Changed>, show_ending::<Changed>),
        Door::page("/t/{tenant}/audit-log/streams", show_all::<TenantSeen>),
        Door::page("/t/{tenant}/audit-log/streams/new", show_new::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/new", create::<TenantChanged>, show_new::<TenantChanged>),
        Door::page("/t/{tenant}/audit-log/streams/{stream}", show::<TenantSeen>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}", change::<TenantChanged>, show::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}/test", test::<TenantChanged>, show::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}/rotate", rotate::<TenantChanged>, show::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}/pause", pause::<TenantChanged>, show::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}/resume", resume::<TenantChanged>, show::<TenantChanged>),
        Door::page("/t/{tenant}/audit-log/streams/{stream}/archive", show_ending::<TenantChanged>),
        Door::form("/t/{tenant}/audit-log/streams/{stream}/archive", archive::<TenantChanged>, show_ending::<TenantChanged>),
    ]
}

/// How long audit logs are kept, and what holds them back.
pub fn keeping() -> Vec<Door> {
    use retention::page;
    vec![
        Door::page("/w/{workspace}/settings/retention", page::show),
        Door::form("/w/{workspace}/settings/retention", page::choose, page::show_refused),
        Door::page("/t/{tenant}/settings/retention", page::show_account),
        Door::form("/t/{tenant}/settings/retention", page::choose_of_account, page::show_account_refused),
        Door::form("/t/{tenant}/settings/retention/holds", page::hold, page::show_account_refused),
        Door::form("/t/{tenant}/settings/retention/holds/lift", page::lift, page::show_account_refused),
    ]
}
