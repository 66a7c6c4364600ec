//! The policy for agents over the API.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use super::{pause, paused_since};
use crate::{
    access::workspace::{ManageCredentials, ReadCredentials},
    error::AppError,
    server::rest::{Answer, Call, Named, Nothing, Operation, instant},
};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            Named::new("agent_policy.get", "/agent-policy", Some("credentials:read"), "Whether agents are let into the workspace."),
            get,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "agent_policy.pause",
                "/agent-policy/pause",
                Some("credentials:write"),
                "Pauses all agents of the workspace, from their next call on. A person lets them in again, in the console.",
            ),
            StatusCode::OK,
            pause_all,
        ),
    ]
}

#[derive(Serialize, JsonSchema)]
struct Policy {
    paused: bool,
    /// RFC 3339, UTC; null while they are let in.
    paused_since: Option<String>,
}

impl From<Option<DateTime<Utc>>> for Policy {
    fn from(since: Option<DateTime<Utc>>) -> Self {
        Self { paused: since.is_some(), paused_since: since.map(instant) }
    }
}

async fn get(mut call: Call<ReadCredentials>, _: Nothing) -> Result<Answer<ReadCredentials, Policy>, AppError> {
    let since = paused_since(&mut call.scope).await?;
    Ok(call.answers(since.into()))
}

async fn pause_all(mut call: Call<ManageCredentials>, _: Nothing) -> Result<Answer<ManageCredentials, Policy>, AppError> {
    pause(&mut call.scope, true).await?;
    let since = paused_since(&mut call.scope).await?;
    Ok(call.answers(since.into()))
}
