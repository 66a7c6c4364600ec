//! Which log a scope reads: the one of the place that it reaches.

use crate::{
    access::{tenant::ReadTenantAudit, workspace::ReadAudit},
    ids::{LogId, TenantId},
    paths,
    server::{
        http::Surrounded,
        scope::{HasPerson, InArchive, InTenant, InWorkspace, Reach},
    },
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose rows they are.
    pub tenants: Vec<TenantId>,
    pub log: LogId,
    /// The slug and name of the place.
    pub slug: String,
    pub name: String,
    /// The list's own address.
    pub address: String,
    /// What the page is called.
    pub title: &'static str,
    pub purpose: &'static str,
}

/// A reach with a log that its permission lets the person read.
pub trait Logged: Reach + HasPerson + Surrounded {
    fn source(&self) -> Source;
}

impl Logged for InWorkspace<ReadAudit> {
    fn source(&self) -> Source {
        Source {
            tenants: vec![self.tenant.id],
            log: LogId(self.workspace.id.0),
            slug: self.workspace.slug.clone(),
            name: self.workspace.name.clone(),
            address: paths::audit_log(&self.workspace.slug),
            title: "Audit Log",
            purpose: "What happened in this workspace: who did what, to what, and how it ended.",
        }
    }
}

impl Logged for InArchive<ReadAudit> {
    fn source(&self) -> Source {
        Source {
            address: paths::archived_audit_log(&self.workspace.slug),
            purpose: "What happened in this workspace until it was archived, and who looked since.",
            ..(**self).source()
        }
    }
}

impl Logged for InTenant<ReadTenantAudit> {
    fn source(&self) -> Source {
        Source {
            tenants: vec![self.tenant.id],
            log: LogId(self.tenant.id.0),
            slug: self.tenant.slug.clone(),
            name: self.tenant.name.clone(),
            address: paths::account_audit(&self.tenant.slug),
            title: "Account audit",
            purpose: "What happened to the account as a whole: its people, roles and settings. Each workspace has a log of its own.",
        }
    }
}
