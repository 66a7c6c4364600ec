//! Every event there is: its name, and what it says. The docs and a golden file are made from this list, and from the
//! manifests of modules, which declare what can happen to a record.

use crate::server::modules;

/// Something that can happen to a record, from the manifest of its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordEvent {
    /// `record.task.created`
    pub name: &'static str,
    /// A sentence.
    pub says: &'static str,
}

macro_rules! registry {
    ($($kind:ident = $name:literal, $says:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($kind,)+
            /// Of a module; not in [`EventKind::ALL`].
            Record(&'static RecordEvent),
        }

        impl EventKind {
            /// Those of the control plane.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// `noun.verb`, in the past; never changed once published.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ Self::Record(event) => event.name }
            }

            pub fn says(self) -> &'static str {
                match self { $(Self::$kind => $says,)+ Self::Record(event) => event.says }
            }
        }
    };
}

registry! {
    UserCreated = "user.created", "A person signed in for the first time.";
    UserUpdated = "user.updated", "A person changed their profile.";
    OperatorNamed = "operator.named", "A person was made an operator of this installation.";
    SessionStarted = "session.started", "A person signed in.";
    SessionEnded = "session.ended", "A session ended: signed out, or ended from elsewhere; the reason says which.";
    AccessDenied = "access.denied", "A signed-in person was refused something; the reason says how often.";
    TenantCreated = "tenant.created", "A team or a personal account was created.";
    TenantRenamed = "tenant.renamed", "A team's display name was changed.";
    TenantMadeTeam = "tenant.made_team", "A personal account became a team.";
    TenantUpdated = "tenant.updated", "A team's settings were changed.";
    TenantPlanChanged = "tenant.plan_changed", "A tenant's plan was changed.";
    TenantPlanChangeScheduled = "tenant.plan_change_scheduled", "Somebody who pays asked for another plan; the changes say from when on it is the plan.";
    TenantPlanChangeWithdrawn = "tenant.plan_change_withdrawn", "A plan that was asked for does not come; the one before stays, or another took its place.";
    TenantTransferred = "tenant.transferred", "A team's ownership was handed to somebody else.";
    TenantDeleted = "tenant.deleted", "A team was deleted.";
    TenantRestored = "tenant.restored", "The operator brought a deleted team back.";
    TenantPurged = "tenant.purged", "What was kept of a deleted team went for good; its audit log stays.";
    TenantMemberAdded = "tenant.member_added", "A person joined a team.";
    TenantMemberRoleChanged = "tenant.member_role_changed", "A person's role in a team was changed.";
    TenantMemberRemoved = "tenant.member_removed", "A person was removed from a team.";
    TenantMemberLeft = "tenant.member_left", "A person left a team.";
    WorkspaceCreated = "workspace.created", "A workspace was created.";
    WorkspaceRenamed = "workspace.renamed", "A workspace's display name was changed.";
    WorkspaceUpdated = "workspace.updated", "A workspace's settings were changed.";
    WorkspaceArchived = "workspace.archived", "A workspace was archived, and everything that worked in it stopped.";
    WorkspaceRestored = "workspace.restored", "An archived workspace was restored.";
    WorkspacePurged = "workspace.purged", "What was kept of an archived workspace went for good; its audit log stays.";
    WorkspaceTransferred = "workspace.transferred", "A workspace was moved to another tenant.";
    MemberAdded = "member.added", "A person became a member of a workspace.";
    MemberRoleChanged = "member.role_changed", "A member's role was changed.";
    MemberEndChanged = "member.end_changed", "The date on which a membership ends was changed.";
    MemberRemoved = "member.removed", "A member was removed from a workspace.";
    MemberLeft = "member.left", "A member left a workspace.";
    MemberExpired = "member.expired", "A membership reached its end date.";
    MemberSuspended = "member.suspended", "A membership was suspended with its workspace.";
    MemberReinstated = "member.reinstated", "A suspended membership came back with its workspace.";
    MembersExported = "members.exported", "The list of members was exported.";
    InvitationCreated = "invitation.created", "A person was invited.";
    InvitationLinkCreated = "invitation.link_created", "A new link was made for an invitation; the one before opens nothing any more.";
    InvitationHandedOver = "invitation.handed_over", "An invitation stands in somebody else's name from now on.";
    InvitationRevoked = "invitation.revoked", "An invitation was revoked.";
    InvitationAccepted = "invitation.accepted", "An invitation was accepted.";
    ApiKeyCreated = "api_key.created", "An API key was made.";
    ApiKeyNarrowed = "api_key.narrowed", "Scopes were taken away from an API key.";
    ApiKeyRotated = "api_key.rotated", "An API key got a new secret beside the one before.";
    ApiKeyQuarantined = "api_key.quarantined", "An API key was stopped for the time being.";
    ApiKeyLifted = "api_key.lifted", "A quarantined API key works again.";
    ApiKeyRevoked = "api_key.revoked", "An API key was ended for good.";
    ApiKeyHandedOver = "api_key.handed_over", "Somebody else answers for an API key from now on.";
    ApiKeyLimited = "api_key.limited", "How often an API key may call was changed.";
    ApiKeyExpiring = "api_key.expiring", "An API key is about to expire, and its people were told.";
    ApiKeyLeaked = "api_key.leaked", "Somebody showed that they hold a whole secret of an API key, and reported it.";
    ApiKeysExported = "api_keys.exported", "The list of API keys was exported.";
    McpClientCreated = "mcp_client.created", "An MCP token was made.";
    McpClientNarrowed = "mcp_client.narrowed", "Scopes were taken away from an MCP token.";
    McpClientRotated = "mcp_client.rotated", "An MCP token got a new secret beside the one before.";
    McpClientQuarantined = "mcp_client.quarantined", "An MCP token was stopped for the time being.";
    McpClientLifted = "mcp_client.lifted", "A quarantined MCP token works again.";
    McpClientRevoked = "mcp_client.revoked", "An MCP token was ended for good.";
    McpClientHandedOver = "mcp_client.handed_over", "Somebody else answers for an MCP token from now on.";
    McpClientLimited = "mcp_client.limited", "How often an MCP token may call was changed.";
    McpClientExpiring = "mcp_client.expiring", "An MCP token is about to expire, and its people were told.";
    McpClientLeaked = "mcp_client.leaked", "Somebody showed that they hold a whole secret of an MCP token, and reported it.";
    McpClientsExported = "mcp_clients.exported", "The list of MCP clients was exported.";
    AgentsPaused = "agents.paused", "All agents of a workspace were paused: none is let in from its next call on.";
    AgentsResumed = "agents.resumed", "Agents are let into a workspace again.";
    ManifestsAdopted = "manifests.adopted", "Other manifests of modules are in force in this installation; the changes say which.";
    JobRetried = "job.retried", "The operator had a job tried again.";
    JobDropped = "job.dropped", "The operator dropped a job that was not done.";
    ModuleEnabled = "module.enabled", "A module was switched on in a workspace.";
    ModuleDisabled = "module.disabled", "A module was switched off in a workspace; its routes and tools stopped with the next call.";
    EntitlementSet = "entitlement.set", "The operator allowed something beside the plan, or took it away.";
    EntitlementEnded = "entitlement.ended", "What the operator allowed beside the plan ended.";
    SpendCapSet = "spend_cap.set", "A spend cap was set.";
    SpendCapRemoved = "spend_cap.removed", "A spend cap was removed.";
    SpendCapReached = "spend_cap.reached", "A spend cap that only tells was reached, and its people were told.";
    SpendAlertRaised = "spend_alert.raised", "So much of what the plan includes or of a spend cap is used, and its people were told.";
    SpendAlertsChosen = "spend_alerts.chosen", "At which percentages of a limit its people are told was changed.";
    BillingPaused = "billing.paused", "Billable calls are refused from now on: a cap is reached, or what is included and prepaid is used up.";
    BillingResumed = "billing.resumed", "Billable calls run again.";
    UsageCharged = "usage.charged", "What was used was charged at once, by the operator or before another plan; what is charged by the hour stands in the ledger alone.";
    PlanCharged = "plan.charged", "What the plan costs for a month was put on what is owed.";
    CreditGranted = "credit.granted", "Usage was granted for a month: what the plan includes, or what the operator gave.";
    CreditExpired = "credit.expired", "What was left of a month's included usage ended with it, or with the plan.";
    CreditToppedUp = "credit.topped_up", "Prepaid credit was added.";
    CreditRefunded = "credit.refunded", "Prepaid credit was paid back.";
    TopUpStarted = "top_up.started", "Somebody who pays went to pay for prepaid credit.";
    TopUpAnnounced = "top_up.announced", "A payment for prepaid credit is on its way, such as a bank debit; it counts when it has arrived.";
    TopUpFailed = "top_up.failed", "It did not come to a payment for prepaid credit; the reason says why.";
    PaymentDisputed = "payment.disputed", "A payer's bank wants a payment back; the changes say how far that is.";
    BillingPortalOpened = "billing.portal_opened", "Somebody who pays went to the payment provider's pages of cards and receipts.";
    PaymentReceived = "payment.received", "A payment of what was owed was entered.";
    LedgerAdjusted = "ledger.adjusted", "The operator corrected what is prepaid or owed.";
    InvoiceIssued = "invoice.issued", "A month was closed, and its invoice issued.";
    InvoiceExported = "invoice.exported", "An invoice was taken as a file.";
    UsageExported = "usage.exported", "What was used was exported.";
    AuditLogSearched = "audit_log.searched", "The audit log was searched.";
    AuditLogExportBegun = "audit_log.export_begun", "A long export of an audit log began; audit_log.exported says how it ended.";
    AuditLogExported = "audit_log.exported", "The audit log was exported.";
    AuditLogRetentionSet = "audit_log.retention_set", "How long an audit log is kept was changed.";
    AuditLogRetentionApplied = "audit_log.retention_applied", "Rows of an audit log went, because their time was over; the changes say which.";
    AuditLogValuesErased = "audit_log.values_erased", "What an audit log said of a person was erased; the changes say in which rows.";
    AuditHoldPlaced = "audit_hold.placed", "A legal hold was put on an audit log: nothing of it goes.";
    AuditHoldLifted = "audit_hold.lifted", "A legal hold on an audit log was lifted.";
    AuditViewCreated = "audit_view.created", "A view of an audit log was saved.";
    AuditViewUpdated = "audit_view.updated", "A saved view of an audit log was changed.";
    AuditViewDeleted = "audit_view.deleted", "A saved view of an audit log was deleted.";
    AuditStreamCreated = "audit_stream.created", "A stream of an audit log was made: its rows are sent to an address.";
    AuditStreamUpdated = "audit_stream.updated", "The name or the address of an audit stream was changed.";
    AuditStreamTested = "audit_stream.tested", "A test was sent to the address of an audit stream.";
    AuditStreamSecretRotated = "audit_stream.secret_rotated", "An audit stream got a new signing secret beside the one before.";
    AuditStreamFailed = "audit_stream.failed", "An audit stream has failed for an hour, and its people were told.";
    AuditStreamPaused = "audit_stream.paused", "An audit stream sends nothing for the time being; the reason says why.";
    AuditStreamResumed = "audit_stream.resumed", "A paused audit stream goes on where it was.";
    AuditStreamArchived = "audit_stream.archived", "An audit stream was ended for good.";
    ReductionStarted = "reduction.started", "Records of a resource that are older than a moment began to be put away, or to go for good.";
    ReductionStopped = "reduction.stopped", "Somebody stopped a reduction; what it had done stays done.";
    ReductionFinished = "reduction.finished", "A reduction came to its end; the changes count what it did.";
    RecordsPurged = "records.purged", "Records went for good by a reduction; the changes say which.";
    RecordsExported = "records.exported", "Records were exported.";
    RecordRetentionSet = "record_retention.set", "A rule was set or changed by which records are put away or go for good by themselves.";
    RecordRetentionRemoved = "record_retention.removed", "A rule by which records were put away or went by themselves was removed.";
    SupportAccessGranted = "support_access.granted", "An owner consented to support access.";
    SupportAccessEnded = "support_access.ended", "Consent to support access was taken back.";
    SupportAccessUsed = "support_access.used", "An operator opened a workspace with its owner's consent.";
}

impl EventKind {
    /// Those of the control plane, then those of modules.
    pub fn every() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().chain(modules::events().map(Self::Record))
    }

    /// The one of that name, as a row keeps it.
    pub fn named(name: &str) -> Option<Self> {
        Self::every().find(|kind| kind.name() == name)
    }
}
