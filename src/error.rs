//! The one error that people meet, in words they can act on.

use http::StatusCode;

use crate::access::{TenantPermission, WorkspacePermission, tenant_roles_with, workspace_roles_with};

/// One field of a form or request that cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as the form or the API spells it.
    pub field: &'static str,
    /// What is wrong and what would be right: a whole sentence.
    pub message: String,
}

/// A permission that was asked for and not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Tenant(TenantPermission),
    Workspace(WorkspacePermission),
}

impl Refused {
    pub fn permission(self) -> String {
        match self {
            Self::Tenant(permission) => permission.to_string(),
            Self::Workspace(permission) => permission.to_string(),
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Tenant(permission) => permission.says(),
            Self::Workspace(permission) => permission.says(),
        }
    }

    /// Who holds it, by role.
    pub fn who_can(self) -> String {
        let names: Vec<&str> = match self {
            Self::Tenant(permission) => tenant_roles_with(permission).into_iter().map(crate::access::TenantRole::name).collect(),
            Self::Workspace(permission) => workspace_roles_with(permission).into_iter().map(crate::access::WorkspaceRole::name).collect(),
        };
        names.join(" or ")
    }
}

/// A rule of a place's security posture that a session does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Idle too long, or begun too long ago, for this place.
    Session,
    MultiFactor,
    Network,
}

impl Block {
    /// As `open_console` names it.
    pub fn named(rule: &str) -> Self {
        match rule {
            "network" => Self::Network,
            "multi_factor" => Self::MultiFactor,
            _ => Self::Session,
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Session => "This place asks for a newer sign-in than yours. Sign in again to open it.",
            Self::MultiFactor => "This place asks for a second factor. Sign in again with one; your identity provider offers it.",
            Self::Network => "This place does not answer from the network you are in. Its owners decide which networks it allows.",
        }
    }
}

/// What is wrong with the key of an API call. Of a key that is not proven nothing more is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    #[error("Send an API key: Authorization: Bearer stoa_key_live_….")]
    Missing,
    #[error("Send an MCP token: Authorization: Bearer stoa_mcp_live_….")]
    MissingToken,
    #[error("This credential is not known. Check that it was copied whole; `stoa key check` does it offline.")]
    Unknown,
    #[error("This is not an API key but another kind of credential. MCP tokens work at the MCP address only.")]
    WrongKind,
    #[error("This is not an MCP token but another kind of credential. API keys work at the API's addresses only.")]
    NoToken,
    #[error("This token is of another workspace than the address names. Each workspace has an MCP address of its own.")]
    OtherWorkspace,
    #[error("This credential was revoked. Ask an owner or admin of the workspace for a new one.")]
    Revoked,
    #[error("This credential is quarantined. An owner or admin of the workspace can lift it.")]
    Quarantined,
    #[error("This credential has expired. Create a new one in the console.")]
    Expired,
    #[error("This credential's steward is no longer a member of the workspace. An owner or admin can name another.")]
    Unowned,
    #[error("This credential's workspace is archived.")]
    Archived,
    #[error("The workspace does not answer calls from this network.")]
    Network,
    #[error("This address was not signed here, or was changed on the way. Ask for a new one: assets.download, or assets.upload.")]
    AddressUnknown,
    #[error("This address has expired: one is good for five minutes. Ask for a new one: assets.download, or assets.upload.")]
    AddressExpired,
    #[error("Agents are paused in this workspace. An owner or admin lets them in again on the page MCP Clients.")]
    AgentsPaused,
    #[error("This credential does not hold the scope {0}. Create one that does.")]
    MissingScope(&'static str),
}

/// Why billable calls are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseReason {
    /// What is included is used up, and nothing prepaid is left.
    BalanceExhausted,
    TenantCap,
    WorkspaceCap,
    CredentialCap,
}

impl PauseReason {
    pub const ALL: [Self; 4] = [Self::BalanceExhausted, Self::TenantCap, Self::WorkspaceCap, Self::CredentialCap];

    /// Whether it stops all of the account, and is mended there: its figures are for those who pay.
    pub fn is_of_account(self) -> bool {
        matches!(self, Self::BalanceExhausted | Self::TenantCap)
    }

    /// As stored, and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::BalanceExhausted => "balance_exhausted",
            Self::TenantCap => "tenant_cap",
            Self::WorkspaceCap => "workspace_cap",
            Self::CredentialCap => "credential_cap",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// What happened, and what would help.
    pub fn says(self) -> &'static str {
        match self {
            Self::BalanceExhausted => {
                "What the plan includes is used up, and nothing prepaid is left. An owner of the account can choose a larger plan, or ask \
                 whoever runs this console for credit."
            }
            Self::TenantCap => "The account has reached its spend cap. An owner of the account can raise it.",
            Self::WorkspaceCap => "The workspace has reached its spend cap. An owner or admin of the workspace can raise it.",
            Self::CredentialCap => "The credential has reached its spend cap. An owner or admin of the workspace can raise it.",
        }
    }
}

/// A pause in force, as a refused call is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    pub reason: PauseReason,
    /// What was reached, in micro-dollars.
    pub limit_micros: i64,
    /// Since when, and when the next calendar month begins: RFC 3339, UTC.
    pub since: String,
    pub resets_at: String,
}

/// What became of something that the reader may know was there, and where to go from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Whole sentences.
    pub says: &'static str,
    pub href: String,
    /// What the link there is called.
    pub label: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    #[error("Sign in to continue.")]
    SignedOut,

    #[error("Your role does not let you {}. Ask someone with the role {}.", .0.says(), .0.who_can())]
    NotAllowed(Refused),

    /// Also for what exists elsewhere: a stranger learns nothing.
    #[error("There is nothing here that you can see.")]
    NotFound,

    /// As `NotFound`, for whoever was allowed to know what was there.
    #[error("{}", .0.says)]
    Gone(Gone),

    #[error("Some of what you entered cannot be saved as it is.")]
    Invalid(Vec<FieldError>),

    /// What the form was rendered from is no longer so.
    #[error("{0} was changed by someone else since you opened this form. Look at what is there now, then save again.")]
    Stale(&'static str),

    #[error("This form is too old to be sent. Your entries are still here: check them and send it again.")]
    FormExpired,

    /// The form was rendered for another place than the one it was sent to.
    #[error("This form belongs elsewhere. Open the page again and repeat what you wanted to do.")]
    WrongPlace,

    /// Allowed, and not possible as things are now: a whole sentence that says why and what would help.
    #[error("{0}")]
    Conflict(String),

    /// A destructive act, and the person proved who they are too long ago. Holds where to come back to.
    #[error("What you are about to do asks for a recent sign-in. Sign in again, and you come back to where you were.")]
    SignInNotRecent(String),

    #[error("{}", .0.says())]
    Blocked(Block),

    /// An API call that never got to its operation.
    #[error(transparent)]
    Call(#[from] CallRefused),

    /// Holds the module's key, and the name of the first plan that has it.
    #[error("The plan does not have the module {module}{}.", .plan.map(|plan| format!("; the plan {plan} does")).unwrap_or_default())]
    ModuleNotEntitled { module: &'static str, plan: Option<&'static str> },

    #[error("The module {0} is switched off in this workspace. An owner or admin can switch it on.")]
    ModuleNotEnabled(&'static str),

    /// A workspace that its account's plan has no room for: how many it may have, and the first plan that has room.
    #[error(
        "This workspace is read only: its account has more than the {limit} that there is room for, and the oldest ones go on. \
         Archive one that is not needed{}.",
        .plan.map(|plan| format!(", or change to the plan {plan}")).unwrap_or_default()
    )]
    ReadOnly { limit: i64, plan: Option<&'static str> },

    #[error("{}", .0.reason.says())]
    Paused(Box<Pause>),

    /// Holds how many calls a minute there may be, and in how many seconds there may be another.
    #[error("More than {limit} calls in a minute. Call again in {retry_after} s.")]
    RateLimited { limit: u32, retry_after: u32 },

    /// An idempotency key that came with another body before.
    #[error("This idempotency key was used with a different body before. Use a new key for a new request.")]
    IdempotencyConflict,

    #[error("What was sent is larger than this page accepts.")]
    TooLarge,

    #[error("The request could not be read: {0}.")]
    Malformed(&'static str),

    /// The identity provider's answer was not accepted; `code` names the check in logs and docs.
    #[error("{explanation}")]
    SignInRefused { code: &'static str, explanation: &'static str },

    #[error("Stoa cannot answer just now. Try again in a moment.")]
    Unavailable,

    /// The cause is in the server's log, under the request's id.
    #[error("Something went wrong on our side.")]
    Internal,
}

impl AppError {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field, message: message.into() }])
    }

    pub fn gone(says: &'static str, href: String, label: &'static str) -> Self {
        Self::Gone(Gone { says, href, label })
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAllowed(_)
            | Self::SignInNotRecent(_)
            | Self::Blocked(_)
            | Self::ModuleNotEntitled { .. }
            | Self::ModuleNotEnabled(_)
            | Self::ReadOnly { .. }
            | Self::Call(CallRefused::Network | CallRefused::OtherWorkspace | CallRefused::AgentsPaused | CallRefused::MissingScope(_)) => {
                StatusCode::FORBIDDEN
            }
            Self::Paused(_) => StatusCode::PAYMENT_REQUIRED,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::SignedOut | Self::Call(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::Gone(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Stale(_) | Self::FormExpired | Self::WrongPlace | Self::Conflict(_) | Self::IdempotencyConflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed(_) | Self::SignInRefused { .. } => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
