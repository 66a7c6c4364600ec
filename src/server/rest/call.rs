//! A call on its way through an operation, and what comes of it.

use std::{collections::HashMap, net::IpAddr};

use axum::extract::RawPathParams;
use chrono::TimeDelta;
use http::{HeaderMap, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Gate, Rate, answer::Sent, gate, gate::Attempt, store};
use crate::{
    access::{AskWorkspace, WorkspaceRole, workspace::ReadWorkspace},
    error::{AppError, CallRefused},
    server::{
        Stoa,
        credentials::{Credential, Kind},
        http::request::RequestContext,
        plans::Dimension,
        scope::{Caller, Intent, Presented, Scope, WorkspaceScope},
        standing::Standing,
        usage::UsageEvent,
    },
};

/// The channel of agents.
pub const MCP: &str = "mcp";
/// The use of a key is noted this often at most.
const TOUCH_SECONDS: i64 = 60;

/// Where an operation takes or gives nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A call that was let through: by key, scope and the steward's permission.
pub struct Call<P: AskWorkspace> {
    pub scope: WorkspaceScope<P>,
    pub caller: Caller,
    /// What holds in the workspace: modules, entitlements, pauses.
    pub standing: Standing,
    /// How much it may call, where there is a limit.
    pub rate: Option<Rate>,
    usage: Option<UsageEvent>,
    parameters: HashMap<String, String>,
    /// What it was opened with, for an answer of several parts.
    pub(super) presented: Presented,
    pub(super) gate: Gate,
    /// From `If-Match`: the version that the caller looked at.
    expected: Option<i64>,
}

impl<P: AskWorkspace> Call<P> {
    pub(super) async fn open(
        stoa: &Stoa,
        context: &RequestContext,
        presented: &Presented,
        headers: &HeaderMap,
        params: &RawPathParams,
        gate: Gate,
        writes: bool,
    ) -> Result<Self, AppError> {
        let expected = expected(headers)?;
        let intent = if writes { Intent::Write } else { Intent::Read };
        let (scope, caller, standing) = admitted(stoa, context, presented, intent, gate).await?;
        touch(stoa, context, &caller);
        let parameters = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let rate = context.rate.get().copied();
        let meter = gate.meter.map(|dimension| through(context, dimension));
        let usage = meter.map(|dimension| UsageEvent::of_call(&scope, &caller, dimension, gate.module, gate.operation));
        Ok(Self { scope, caller, standing, rate, usage, parameters, presented: presented.clone(), gate, expected })
    }

    /// Makes what the call changed permanent, together with what it used.
    pub(super) async fn commit(mut self) -> Result<(), AppError> {
        if let Some(used) = self.usage {
            self.scope.meter(used);
        }
        self.scope.commit().await
    }

    /// Ends a call that changed nothing; what it used is kept before anybody sees an answer.
    async fn close(self) -> Result<(), AppError> {
        let stoa = self.scope.stoa().clone();
        self.scope.close().await?;
        match self.usage {
            Some(used) => stoa.usage().append(used).await,
            None => Ok(()),
        }
    }

    /// Counts the call under another dimension than its operation says.
    pub fn counts_as(&mut self, dimension: Dimension) {
        let dimension = through(self.scope.request(), dimension);
        self.usage = self.usage.take().map(|used| used.under(dimension));
    }

    /// The identifier that the address names.
    ///
    /// # Errors
    /// `NotFound` where it is not one of this kind.
    pub fn named<T: std::str::FromStr>(&self, name: &str) -> Result<T, AppError> {
        self.parameters.get(name).and_then(|text| text.parse().ok()).ok_or(AppError::NotFound)
    }

    /// What `If-Match` says, for what needs no version to be right.
    pub fn version(&self) -> Option<i64> {
        self.expected
    }

    /// The version that the caller means: what `If-Match` says, or what is there now.
    pub fn version_or(&self, current: i64) -> i64 {
        self.expected.unwrap_or(current)
    }

    pub fn answers<Out: Serialize>(self, data: Out) -> Answer<P, Out> {
        Answer { call: self, data, next_cursor: None, version: None, hidden: None }
    }
}

/// Opens the call's scope. Where this node's share of what the key may call was used up meanwhile, it is asked for again.
async fn admitted<P: AskWorkspace>(
    stoa: &Stoa,
    context: &RequestContext,
    presented: &Presented,
    intent: Intent,
    gate: Gate,
) -> Result<(WorkspaceScope<P>, Caller, Standing), AppError> {
    let (limits, now) = (stoa.limits(), stoa.clock.now());
    limits.prepare(&stoa.db, presented.id, now).await?;
    let mut attempt = Attempt::new(presented.id);
    loop {
        let pass = |caller: &Caller, standing: &Standing| gate::pass(stoa, context, &gate, &attempt, caller, standing);
        let opened = Scope::open_call(stoa, context, presented, intent, pass).await;
        if !attempt.came_early() {
            return opened;
        }
        attempt = attempt.again(limits.reserve(&stoa.db, presented.id, now).await?);
    }
}

/// What a call is counted under, by the door that it came through.
fn through(context: &RequestContext, dimension: Dimension) -> Dimension {
    match dimension {
        Dimension::RestRead | Dimension::RestWrite if context.channel == MCP => Dimension::McpCall,
        other => other,
    }
}

/// Somebody who may speak here, before they ask for anything.
#[derive(Clone, Debug)]
pub struct Proven {
    pub caller: Caller,
    pub standing: Standing,
    /// What its steward is here, or the credential at most.
    pub role: WorkspaceRole,
}

/// Proves a credential, and counts that against what it may call. `operation` is what figures and logs name it by.
///
/// # Errors
/// As a call's.
pub async fn prove(stoa: &Stoa, context: &RequestContext, headers: &HeaderMap, operation: &'static str) -> Result<Proven, AppError> {
    let presented = presented(stoa, context, headers)?;
    let gate = Gate { operation, scope: None, module: None, meter: None, while_paused: true };
    let (scope, caller, standing) = admitted::<ReadWorkspace>(stoa, context, &presented, Intent::Read, gate).await?;
    touch(stoa, context, &caller);
    let role = scope.role();
    scope.close().await?;
    Ok(Proven { caller, standing, role })
}

/// What follows `Bearer` (RFC 6750 §2.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, CallRefused> {
    let sent = headers.get(header::AUTHORIZATION).ok_or(CallRefused::Missing)?.to_str().map_err(|_| CallRefused::Unknown)?;
    let (_, token) = sent.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).ok_or(CallRefused::Missing)?;
    Ok(token.trim())
}

/// The credential that came with a request, as the hashes that prove it. Asked for before anything else of a call is read.
pub fn presented(stoa: &Stoa, context: &RequestContext, headers: &HeaderMap) -> Result<Presented, AppError> {
    let (kind, missing, other) = match context.channel {
        MCP => (Kind::Mcp, CallRefused::MissingToken, CallRefused::NoToken),
        _ => (Kind::Key, CallRefused::Missing, CallRefused::WrongKind),
    };
    let sent = bearer(headers).map_err(|refused| if refused == CallRefused::Missing { missing } else { refused })?;
    let token = Credential::parse(sent).ok_or(CallRefused::Unknown)?;
    if token.kind != kind {
        return Err(other.into());
    }
    let hashes = stoa.config.secrets.peppers().map(|pepper| (pepper.id().to_owned(), token.hash(pepper))).collect();
    Ok(Presented { kind, id: token.id, hashes })
}

/// Notes the use of a key, beside the call and at most once a minute.
fn touch(stoa: &Stoa, context: &RequestContext, caller: &Caller) {
    let now = stoa.clock.now();
    if caller.last_used_at.is_some_and(|last| now - last < TimeDelta::seconds(TOUCH_SECONDS)) {
        return;
    }
    let (stoa, key, secret) = (stoa.clone(), caller.key, caller.secret);
    let (network, agent) = (context.ip.map(network_of), context.client.clone().or_else(|| context.user_agent.clone()));
    tokio::spawn(async move {
        if let Err(error) = store::touch(&stoa.db, key, secret, now, network.as_deref(), agent.as_deref()).await {
            tracing::warn!(error = crate::server::telemetry::chain(&error), "the use of a key was not noted");
        }
    });
}

/// A /24 or a /48: where from, and not who.
fn network_of(ip: IpAddr) -> String {
    let length = if ip.is_ipv4() { 24 } else { 48 };
    ipnet::IpNet::new(ip, length).map_or_else(|_| ip.to_string(), |network| network.trunc().to_string())
}

/// `If-Match: "3"` (RFC 9110 §13.1.1). `*` means whatever is there.
fn expected(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| AppError::invalid("If-Match", "If-Match is not an ETag that this API gave, such as \"3\"."))
}

/// What an operation gives, together with the scope that it is still to be committed with.
pub struct Answer<P: AskWorkspace, Out> {
    pub(super) call: Call<P>,
    data: Out,
    next_cursor: Option<String>,
    version: Option<i64>,
    /// The field, and what helps whoever lost it.
    hidden: Option<(&'static str, &'static str)>,
}

impl<P: AskWorkspace, Out: Serialize> Answer<P, Out> {
    /// Where the next page of a list begins.
    #[must_use]
    pub fn continued(mut self, next_cursor: Option<String>) -> Self {
        self.next_cursor = next_cursor;
        self
    }

    /// The version of the one thing that is answered: its `ETag`.
    #[must_use]
    pub fn at_version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// A field that is given once, and never again for the same idempotency key; `remedy` is what helps whoever lost it.
    #[must_use]
    pub fn once(mut self, field: &'static str, remedy: &'static str) -> Self {
        self.hidden = Some((field, remedy));
        self
    }

    pub(super) async fn close(self) -> Result<Sent, AppError> {
        let sent = self.sent(StatusCode::OK)?;
        self.call.close().await?;
        Ok(sent)
    }

    pub(super) async fn commit(self) -> Result<Sent, AppError> {
        let sent = self.sent(StatusCode::OK)?;
        self.call.commit().await?;
        Ok(sent)
    }

    pub(super) fn sent(&self, status: StatusCode) -> Result<Sent, AppError> {
        let data = serde_json::to_value(&self.data).map_err(|_| AppError::Internal)?;
        Ok(Sent { status, data, next_cursor: self.next_cursor.clone(), version: self.version, replayed: false })
    }

    /// As it is kept for a repetition: what is given once is gone.
    pub(super) fn kept(&self, status: StatusCode) -> Result<Sent, AppError> {
        let mut sent = self.sent(status)?;
        if let Some((field, remedy)) = self.hidden
            && let Value::Object(data) = &mut sent.data
        {
            data.insert(field.to_owned(), Value::Null);
            data.insert("hint".to_owned(), json!(format!("It was given once, in the first answer. {remedy}")));
        }
        Ok(sent)
    }

    /// What would have changed, for a dry run.
    pub(super) fn planned(&self) -> Sent {
        let changes: Vec<Value> = self
            .call
            .scope
            .pending()
            .iter()
            .map(|(_, event)| {
                json!({
                    "event": event.kind.name(),
                    "target": { "type": event.target.kind, "id": event.target.id, "name": event.target.name },
                    "changes": event.changes,
                })
            })
            .collect();
        let data = json!({ "dry_run": true, "would": changes });
        Sent { status: StatusCode::OK, data, next_cursor: None, version: None, replayed: false }
    }
}
