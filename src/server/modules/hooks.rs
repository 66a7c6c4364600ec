//! The hooks that a manifest may name: what it cannot say itself, done by code of the records feature. Here are their names
//! and what they set; a test of that feature holds this table and its code to each other.

/// A hook, as manifests see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    pub name: &'static str,
    pub of: Of,
    /// The resource that it is made for, and no other's.
    pub resource: &'static str,
    /// The `by_server` fields that it sets, each as `resource.field`, of the manifest that names it.
    pub sets: &'static [&'static str],
}

/// Where a manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// It runs around every write of a record.
    Resource,
    /// It is the operation.
    Operation,
    /// It is the operation, and that one changes nothing.
    Reading,
}

impl Of {
    pub fn says(self) -> &'static str {
        match self {
            Self::Resource => "a resource",
            Self::Operation | Self::Reading => "an operation",
        }
    }
}

/// Every hook, by module.
pub const HOOKS: &[Hook] = &[
    Hook { name: "lead", of: Of::Resource, resource: "lead", sets: &[] },
    Hook { name: "convert_lead", of: Of::Operation, resource: "lead", sets: &["lead.contact", "lead.company", "lead.deal"] },
    Hook { name: "deal_stage", of: Of::Resource, resource: "deal_stage", sets: &[] },
    Hook { name: "deal", of: Of::Resource, resource: "deal", sets: &["deal.outcome", "deal.closed_at"] },
    Hook { name: "invoice", of: Of::Resource, resource: "invoice", sets: &["invoice.total_micros", "invoice.paid_micros"] },
    Hook { name: "payment", of: Of::Resource, resource: "payment", sets: &["payment.currency", "invoice.paid_micros"] },
    Hook { name: "account", of: Of::Resource, resource: "account", sets: &[] },
    Hook { name: "journal_entry", of: Of::Resource, resource: "journal_entry", sets: &["journal_entry.total_micros"] },
    Hook { name: "ticket", of: Of::Resource, resource: "ticket", sets: &["ticket.first_response_due_at", "ticket.resolution_due_at"] },
    Hook { name: "message", of: Of::Resource, resource: "message", sets: &["ticket.first_responded_at"] },
    Hook { name: "entry", of: Of::Resource, resource: "entry", sets: &["entry.revision"] },
    Hook { name: "revert_entry", of: Of::Operation, resource: "entry", sets: &[] },
    Hook { name: "asset", of: Of::Resource, resource: "asset", sets: &[] },
    Hook { name: "upload_asset", of: Of::Operation, resource: "asset", sets: &[] },
    Hook { name: "complete_asset", of: Of::Operation, resource: "asset", sets: &["asset.sha256"] },
    Hook { name: "download_asset", of: Of::Reading, resource: "asset", sets: &[] },
];

/// An operation may be of either kind: which it is, its hook says.
pub fn find(name: &str, of: Of) -> Option<&'static Hook> {
    let fits = |hook: &&Hook| hook.of == of || (of, hook.of) == (Of::Operation, Of::Reading);
    HOOKS.iter().filter(fits).find(|hook| hook.name == name)
}
