//! In which logs each event can stand: what a log's own filter offers, and what the tests hold every recorded event to.

use super::{EventKind, Log};

/// A kind of log, whosever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    Installation,
    Tenant,
    Workspace,
}

impl LogKind {
    pub const ALL: [Self; 3] = [Self::Installation, Self::Tenant, Self::Workspace];

    pub fn name(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Tenant => "tenant",
            Self::Workspace => "workspace",
        }
    }
}

impl Log {
    pub fn kind(&self) -> LogKind {
        match self {
            Self::Installation => LogKind::Installation,
            Self::Tenant(_) => LogKind::Tenant,
            Self::Workspace(..) => LogKind::Workspace,
        }
    }
}

impl EventKind {
    /// Whether it can stand in a log of that kind.
    pub fn is_of(self, log: LogKind) -> bool {
        self.logs().contains(&log)
    }

    /// Every kind of log that it can stand in.
    #[expect(clippy::too_many_lines, reason = "one table of all events, which says of each new one that it has no line")]
    pub fn logs(self) -> &'static [LogKind] {
        use EventKind as E;
        use LogKind::{Installation, Tenant, Workspace};
        match self {
            // A session also ends because a place asks for more than it has.
            E::AccessDenied | E::SessionEnded => &[Installation, Tenant, Workspace],
            E::AuditLogRetentionSet | E::AuditLogRetentionApplied | E::AuditLogValuesErased | E::AuditHoldPlaced | E::AuditHoldLifted => {
                &[Installation, Tenant, Workspace]
            }
            E::UserCreated | E::UserUpdated | E::OperatorNamed | E::SessionStarted | E::ManifestsAdopted => &[Installation],
            E::JobRetried | E::JobDropped => &[Installation, Tenant],
            E::TenantCreated
            | E::TenantRenamed
            | E::TenantMadeTeam
            | E::TenantUpdated
            | E::TenantPlanChanged
            | E::TenantPlanChangeScheduled
            | E::TenantPlanChangeWithdrawn
            | E::TenantTransferred
            | E::TenantDeleted
            | E::TenantRestored
            | E::TenantPurged
            | E::TenantMemberAdded
            | E::TenantMemberRoleChanged
            | E::TenantMemberRemoved
            | E::TenantMemberLeft
            | E::UsageCharged
            | E::PlanCharged
            | E::CreditGranted
            | E::CreditExpired
            | E::CreditToppedUp
            | E::CreditRefunded
            | E::TopUpStarted
            | E::TopUpAnnounced
            | E::TopUpFailed
            | E::PaymentDisputed
            | E::BillingPortalOpened
            | E::PaymentReceived
            | E::LedgerAdjusted
            | E::InvoiceIssued
            | E::InvoiceExported => &[Tenant],
            // An invitation into a team alone has no workspace.
            E::InvitationRevoked
            | E::WorkspaceTransferred
            | E::AuditLogSearched
            | E::AuditLogExportBegun
            | E::AuditLogExported
            | E::AuditViewCreated
            | E::AuditViewUpdated
            | E::AuditViewDeleted
            | E::AuditStreamCreated
            | E::AuditStreamUpdated
            | E::AuditStreamTested
            | E::AuditStreamSecretRotated
            | E::AuditStreamFailed
            | E::AuditStreamPaused
            | E::AuditStreamResumed
            | E::AuditStreamArchived
            | E::EntitlementSet
            | E::EntitlementEnded
            | E::SpendCapSet
            | E::SpendCapRemoved
            | E::SpendCapReached
            | E::SpendAlertRaised
            | E::SpendAlertsChosen
            | E::BillingPaused
            | E::BillingResumed
            | E::UsageExported => &[Tenant, Workspace],
            E::WorkspaceCreated
            | E::WorkspaceRenamed
            | E::WorkspaceUpdated
            | E::WorkspaceArchived
            | E::WorkspaceRestored
            | E::WorkspacePurged
            | E::MemberAdded
            | E::MemberRoleChanged
            | E::MemberEndChanged
            | E::MemberRemoved
            | E::MemberLeft
            | E::MemberExpired
            | E::MemberSuspended
            | E::MemberReinstated
            | E::MembersExported
            | E::InvitationCreated
            | E::InvitationLinkCreated
            | E::InvitationHandedOver
            | E::InvitationAccepted
            | E::ApiKeyCreated
            | E::ApiKeyNarrowed
            | E::ApiKeyRotated
            | E::ApiKeyQuarantined
            | E::ApiKeyLifted
            | E::ApiKeyRevoked
            | E::ApiKeyHandedOver
            | E::ApiKeyExpiring
            | E::ApiKeyLeaked
            | E::ApiKeyLimited
            | E::Record(_)
            | E::ApiKeysExported
            | E::McpClientCreated
            | E::McpClientNarrowed
            | E::McpClientRotated
            | E::McpClientQuarantined
            | E::McpClientLifted
            | E::McpClientRevoked
            | E::McpClientHandedOver
            | E::McpClientLimited
            | E::McpClientExpiring
            | E::McpClientLeaked
            | E::McpClientsExported
            | E::AgentsPaused
            | E::AgentsResumed
            | E::ModuleEnabled
            | E::ModuleDisabled
            | E::ReductionStarted
            | E::ReductionStopped
            | E::ReductionFinished
            | E::RecordsPurged
            | E::RecordsExported
            | E::RecordRetentionSet
            | E::RecordRetentionRemoved
            | E::SupportAccessGranted
            | E::SupportAccessEnded
            | E::SupportAccessUsed => &[Workspace],
        }
    }
}
