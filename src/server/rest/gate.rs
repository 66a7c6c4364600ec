//! What a proven call is held to before its operation runs, in this order: how often it calls, the module's entitlement
//! and switch, the scope, whether the workspace lets agents in, whether billable calls are paused, and whether there is room for what is written. Whether the credential resolves at all was decided
//! before (`open_call`), and the role of its steward is asked after.

use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::{
    error::{AppError, CallRefused},
    server::{Stoa, http::request::RequestContext, modules::Module, plans::Dimension, scope::Caller, standing::Standing},
};

pub const RATE_HEADERS: [&str; 3] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/// What one operation asks for.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// `noun.verb`, as usage names it.
    pub operation: &'static str,
    /// None where any key will do.
    pub scope: Option<&'static str>,
    /// None for the control plane.
    pub module: Option<&'static Module>,
    /// What an answered call is counted under; none where it is not.
    pub meter: Option<Dimension>,
    /// Whether it goes on while billable calls are paused.
    pub while_paused: bool,
}

/// How much a caller may call, and what is left of it: the `RateLimit` headers
/// (draft-ietf-httpapi-ratelimit-headers-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls a minute.
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the whole of it is there again.
    pub reset: u32,
}

impl Rate {
    pub fn say(self, headers: &mut HeaderMap) {
        for (name, value) in RATE_HEADERS.into_iter().zip([self.limit, self.remaining, self.reset]) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// One try of a call: where its node has no share left of what the key may call, there is another.
#[derive(Debug)]
pub struct Attempt {
    /// The credential's lookup id.
    credential: Uuid,
    is_last: bool,
    /// Of what the key may call, one is put aside for it.
    is_reserved: bool,
    came_early: AtomicBool,
}

impl Attempt {
    pub fn new(credential: Uuid) -> Self {
        Self { credential, is_last: false, is_reserved: false, came_early: AtomicBool::new(false) }
    }

    #[must_use]
    pub fn again(&self, is_reserved: bool) -> Self {
        Self { is_last: true, is_reserved, ..Self::new(self.credential) }
    }

    pub fn came_early(&self) -> bool {
        self.came_early.load(Ordering::Relaxed)
    }
}

/// Lets a proven call through, or says which check it failed.
///
/// # Errors
/// `Unavailable`, where the attempt came early: this node has to ask for its share of the limit first.
pub fn pass(
    stoa: &Stoa,
    context: &RequestContext,
    gate: &Gate,
    attempt: &Attempt,
    caller: &Caller,
    standing: &Standing,
) -> Result<(), AppError> {
    count(stoa, context, attempt, caller, standing)?;
    if context.workspace.as_ref().is_some_and(|named| *named != caller.workspace_slug) {
        return Err(CallRefused::OtherWorkspace.into());
    }
    let_in(gate, caller, standing)
}

/// The same without counting: for the next part of an answer that is on its way.
pub fn let_in(gate: &Gate, caller: &Caller, standing: &Standing) -> Result<(), AppError> {
    if let Some(module) = gate.module {
        standing.ask_entitled(module)?;
        standing.ask_enabled(module)?;
    }
    if let Some(scope) = gate.scope.filter(|scope| !caller.holds(scope)) {
        return Err(CallRefused::MissingScope(scope).into());
    }
    standing.ask_agents(caller.kind)?;
    if gate.while_paused {
        return Ok(());
    }
    if let Some(pause) = standing.pause() {
        return Err(AppError::Paused(Box::new(pause.clone())));
    }
    if gate.meter.is_some_and(Dimension::is_written) { standing.ask_room() } else { Ok(()) }
}

/// Counts the call against its key's own limit and its workspace's; the tighter one is said in the answer.
fn count(stoa: &Stoa, context: &RequestContext, attempt: &Attempt, caller: &Caller, standing: &Standing) -> Result<(), AppError> {
    let now = stoa.clock.now();
    let of_key = caller.calls_per_minute.and_then(|limit| u32::try_from(limit).ok()).map(|limit| (caller.key.0, limit));
    let of_workspace = standing.calls_per_minute().map(|limit| (caller.workspace.0, limit));
    let limits: Vec<_> = of_key.into_iter().chain(of_workspace).collect();
    let counted = stoa.limits().count(attempt.credential, caller.tenant, &limits, attempt.is_reserved, now);
    if counted.is_early && !attempt.is_last {
        attempt.came_early.store(true, Ordering::Relaxed);
        return Err(AppError::Unavailable);
    }
    if let Some(rate) = counted.rate {
        let _ = context.rate.set(rate);
    }
    match counted.refused {
        Some((limit, retry_after)) => Err(AppError::RateLimited { limit, retry_after }),
        None => Ok(()),
    }
}
