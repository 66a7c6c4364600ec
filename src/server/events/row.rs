//! One audit row: an event with everything that was true when it happened.

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::{
    Event, Log,
    leaf::{self, FIELDS, Salts},
};
use crate::{
    ids::{ApiKeyId, AuditId, RetentionRuleId, UserId},
    server::{http::request::RequestContext, scope::Person},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorType {
    User,
    Agent,
    System,
    Operator,
}

impl ActorType {
    /// As the rows spell it.
    pub fn named(name: &str) -> Option<Self> {
        [Self::User, Self::Agent, Self::System, Self::Operator].into_iter().find(|kind| kind.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::System => "system",
            Self::Operator => "operator",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorType,
    pub user: Option<UserId>,
    pub id: String,
    pub name: String,
    /// The person that an agent acts for, and the credential that it acts with.
    pub on_behalf_of: Option<(UserId, String)>,
    pub credential: Option<String>,
}

impl Actor {
    pub fn user(person: &Person) -> Self {
        Self::named_user(person.id, &person.name)
    }

    pub fn named_user(id: UserId, name: &str) -> Self {
        Self { user: Some(id), ..Self::bare(ActorType::User, id.to_string(), name) }
    }

    /// An application with a key or an agent with a token, in the name of the credential's steward.
    pub fn api_key(id: ApiKeyId, name: &str, steward: &Person) -> Self {
        let credential = id.to_string();
        Self {
            on_behalf_of: Some((steward.id, steward.name.clone())),
            credential: Some(credential.clone()),
            ..Self::bare(ActorType::Agent, credential, name)
        }
    }

    /// By which credential they are known to be who they are.
    #[must_use]
    pub fn proven_by(mut self, credential: impl Into<String>) -> Self {
        self.credential = Some(credential.into());
        self
    }

    /// An operator, in a workspace whose owner consented to support access.
    pub fn support(person: &Person) -> Self {
        Self { kind: ActorType::Operator, ..Self::user(person) }
    }

    /// The server itself, by the job it was doing.
    pub fn system(job: &str) -> Self {
        Self::bare(ActorType::System, job.to_owned(), "Stoa")
    }

    /// The server itself, by a rule that somebody set: the log names the rule.
    pub fn rule(rule: RetentionRuleId) -> Self {
        Self::bare(ActorType::System, rule.to_string(), "Retention rule")
    }

    /// Whoever runs the command line.
    pub fn operator() -> Self {
        Self::bare(ActorType::Operator, "operator".to_owned(), "Operator")
    }

    fn bare(kind: ActorType, id: String, name: &str) -> Self {
        Self { kind, user: None, id, name: name.to_owned(), on_behalf_of: None, credential: None }
    }
}

/// A row of `audit_event`, complete with salts and leaf.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: AuditId,
    pub tenant_id: Uuid,
    /// None for the installation's log, whose id the database knows.
    pub workspace_id: Option<Uuid>,
    pub occurred_at: DateTime<Utc>,
    pub event: Event,
    pub actor: Actor,
    pub channel: &'static str,
    pub route: String,
    pub request_id: String,
    pub client_request_id: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// As an agent's program calls itself.
    pub client: Option<String>,
    pub input_hash: Option<[u8; 32]>,
    /// The field diff as the exact text that is hashed and stored.
    pub changes: Option<String>,
    pub salts: Salts,
}

impl Row {
    pub fn new(
        id: AuditId,
        log: &Log,
        event: Event,
        actor: &Actor,
        request: &RequestContext,
        input_hash: Option<[u8; 32]>,
        occurred_at: DateTime<Utc>,
    ) -> Self {
        debug_assert!(event.kind.is_of(log.kind()), "{} in {log:?}: say so in src/server/events/logs.rs", event.kind.name());
        let event = event.without_secrets();
        let (tenant_id, workspace_id) = match log {
            Log::Installation => (Uuid::nil(), None),
            Log::Tenant(tenant) => (tenant.0, None),
            Log::Workspace(tenant, workspace) => (tenant.0, Some(workspace.0)),
        };
        let changes = (!event.changes.is_empty()).then(|| serde_json::to_string(&event.changes).unwrap_or_default());
        Self {
            id,
            tenant_id,
            workspace_id,
            occurred_at,
            actor: actor.clone(),
            channel: request.channel,
            route: request.route.clone(),
            request_id: request.id.to_string(),
            client_request_id: request.client_request_id.clone(),
            ip: request.ip.map(|ip| ip.to_string()),
            user_agent: request.user_agent.clone(),
            client: request.client.clone(),
            input_hash,
            changes,
            salts: Salts::random(),
            event,
        }
    }

    /// The leaf of this row in the log named by `log_id`.
    pub fn leaf(&self, log_id: Uuid) -> [u8; 32] {
        let id = self.id.0.to_string();
        let log_id = log_id.to_string();
        let tenant_id = self.tenant_id.to_string();
        let workspace_id = self.workspace_id.map(|id| id.to_string());
        let occurred_at = self.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let on_behalf_of = self.actor.on_behalf_of.as_ref().map(|(id, name)| (id.to_string(), name));
        let values: [Option<&[u8]>; FIELDS.len()] = [
            Some(id.as_bytes()),
            Some(log_id.as_bytes()),
            Some(tenant_id.as_bytes()),
            workspace_id.as_deref().map(str::as_bytes),
            None,
            None,
            Some(occurred_at.as_bytes()),
            Some(self.event.kind.name().as_bytes()),
            Some(self.actor.kind.name().as_bytes()),
            Some(self.actor.id.as_bytes()),
            Some(self.actor.name.as_bytes()),
            on_behalf_of.as_ref().map(|(id, _)| id.as_bytes()),
            on_behalf_of.as_ref().map(|(_, name)| name.as_bytes()),
            self.actor.credential.as_deref().map(str::as_bytes),
            self.client.as_deref().map(str::as_bytes),
            Some(self.channel.as_bytes()),
            Some(self.route.as_bytes()),
            Some(self.event.target.kind.as_bytes()),
            Some(self.event.target.id.as_bytes()),
            self.event.target.name.as_deref().map(str::as_bytes),
            Some(self.event.outcome.name().as_bytes()),
            self.event.reason.as_deref().map(str::as_bytes),
            Some(self.request_id.as_bytes()),
            self.client_request_id.as_deref().map(str::as_bytes),
            self.ip.as_deref().map(str::as_bytes),
            self.user_agent.as_deref().map(str::as_bytes),
            self.input_hash.as_ref().map(<[u8; 32]>::as_slice),
            self.changes.as_deref().map(str::as_bytes),
        ];
        leaf::leaf_hash(&values, &self.salts)
    }
}
