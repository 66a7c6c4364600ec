//! API keys over the API: the same operations as in the console.

mod me;
mod writing;

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    leaks, reading,
    store::{Filter, Key},
    words::{ApiKeys, McpTokens, Of},
};
use crate::{
    access::workspace::ReadCredentials,
    error::AppError,
    features::api_keys::{DAYS_MAX, STATUSES},
    ids::ApiKeyId,
    server::rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant},
};

const READ: &str = "credentials:read";
const WRITE: &str = "credentials:write";

pub fn operations() -> Vec<Operation> {
    let about_oneself = Operation::read(
        Named::new(
            "me.get",
            "/me",
            None,
            "The credential that calls: its workspace, scopes, modules, limits and end, and whether billable calls are paused.",
        ),
        me::get,
    );
    [about_oneself].into_iter().chain(of_keys()).chain(of_tokens()).chain([leaks::operation()]).collect()
}

fn of_keys() -> Vec<Operation> {
    let (read, write) = (Some(READ), Some(WRITE));
    vec![
        Operation::read(Named::new("api_keys.list", "/api-keys", read, "The workspace's API keys, newest first."), list::<ApiKeys>),
        Operation::read(Named::new("api_keys.get", "/api-keys/{key}", read, "One API key."), get::<ApiKeys>),
        Operation::write(
            Method::POST,
            Named::new("api_keys.create", "/api-keys", write, "Makes an API key. Its secret is in this answer and in no other."),
            StatusCode::CREATED,
            writing::create::<ApiKeys>,
        ),
        Operation::write(
            Method::POST,
            Named::new("api_keys.narrow", "/api-keys/{key}/narrow", write, "Takes scopes away from an API key."),
            StatusCode::OK,
            writing::narrow::<ApiKeys>,
        ),
        Operation::write(
            Method::POST,
            Named::new("api_keys.rotate", "/api-keys/{key}/rotate", write, "Gives an API key a new secret beside the one before."),
            StatusCode::OK,
            writing::rotate::<ApiKeys>,
        ),
        Operation::write(
            Method::POST,
            Named::new("api_keys.quarantine", "/api-keys/{key}/quarantine", write, "Stops an API key for the time being."),
            StatusCode::OK,
            writing::quarantine::<ApiKeys>,
        ),
        Operation::write(
            Method::POST,
            Named::new("api_keys.revoke", "/api-keys/{key}/revoke", write, "Ends an API key for good."),
            StatusCode::OK,
            writing::revoke::<ApiKeys>,
        ),
        Operation::write(
            Method::POST,
            Named::new("api_keys.hand_over", "/api-keys/{key}/hand-over", write, "Names somebody else who answers for an API key."),
            StatusCode::OK,
            writing::hand_over::<ApiKeys>,
        ),
        Operation::write(
            Method::PATCH,
            Named::new("api_keys.limit", "/api-keys/{key}/limits", write, "Says how often an API key may call."),
            StatusCode::OK,
            writing::limit::<ApiKeys>,
        ),
    ]
}

fn of_tokens() -> Vec<Operation> {
    let (read, write) = (Some(READ), Some(WRITE));
    vec![
        Operation::read(
            Named::new("mcp_clients.list", "/mcp-clients", read, "The workspace's MCP clients by their tokens, newest first."),
            list::<McpTokens>,
        ),
        Operation::read(Named::new("mcp_clients.get", "/mcp-clients/{client}", read, "One MCP client."), get::<McpTokens>),
        Operation::write(
            Method::POST,
            Named::new("mcp_clients.create", "/mcp-clients", write, "Makes an MCP token. Its secret is in this answer and in no other."),
            StatusCode::CREATED,
            writing::create::<McpTokens>,
        ),
        Operation::write(
            Method::POST,
            Named::new("mcp_clients.narrow", "/mcp-clients/{client}/narrow", write, "Takes scopes away from an MCP token."),
            StatusCode::OK,
            writing::narrow::<McpTokens>,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "mcp_clients.rotate",
                "/mcp-clients/{client}/rotate",
                write,
                "Gives an MCP token a new secret beside the one before.",
            ),
            StatusCode::OK,
            writing::rotate::<McpTokens>,
        ),
        Operation::write(
            Method::POST,
            Named::new("mcp_clients.quarantine", "/mcp-clients/{client}/quarantine", write, "Stops an MCP token for the time being."),
            StatusCode::OK,
            writing::quarantine::<McpTokens>,
        ),
        Operation::write(
            Method::POST,
            Named::new("mcp_clients.revoke", "/mcp-clients/{client}/revoke", write, "Ends an MCP token for good."),
            StatusCode::OK,
            writing::revoke::<McpTokens>,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "mcp_clients.hand_over",
                "/mcp-clients/{client}/hand-over",
                write,
                "Names somebody else who answers for an MCP token.",
            ),
            StatusCode::OK,
            writing::hand_over::<McpTokens>,
        ),
        Operation::write(
            Method::PATCH,
            Named::new("mcp_clients.limit", "/mcp-clients/{client}/limits", write, "Says how often an MCP token may call."),
            StatusCode::OK,
            writing::limit::<McpTokens>,
        ),
    ]
}

/// An API key or an MCP token, without its secret.
#[derive(Serialize, JsonSchema)]
pub struct ApiKey {
    /// `key_…`
    id: String,
    name: String,
    /// The person who answers for it, `usr_…`.
    steward: String,
    /// It reaches no further than this role, whoever answers for it: `owner`, `admin`, `member` or `readonly`.
    max_role: String,
    scopes: Vec<String>,
    /// `active`, `quarantined`, `revoked` or `expired`.
    status: String,
    /// Why it is not active.
    reason: Option<String>,
    /// The end of its current secret.
    last_four: String,
    /// RFC 3339, UTC.
    created_at: String,
    expires_at: String,
    last_used_at: Option<String>,
    /// A /24 or a /48.
    last_used_network: Option<String>,
    /// Its own limit; null where only the workspace's holds.
    calls_per_minute: Option<i32>,
    version: i64,
}

impl From<Key> for ApiKey {
    fn from(key: Key) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            steward: key.steward.to_string(),
            max_role: key.max_role.name().to_owned(),
            scopes: key.scopes,
            status: key.status,
            reason: key.reason,
            last_four: key.last_four,
            created_at: instant(key.created_at),
            expires_at: instant(key.expires_at),
            last_used_at: key.last_used_at.map(instant),
            last_used_network: key.last_used_network,
            calls_per_minute: key.calls_per_minute,
            version: key.version,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListKeys {
    #[serde(flatten)]
    page: PageQuery,
    /// Part of the name, the last four characters of a secret, or the whole id.
    #[serde(default)]
    q: String,
    /// `active`, `quarantined`, `revoked` or `expired`.
    #[serde(default)]
    status: String,
    /// The person who answers for them, `usr_…`.
    steward: Option<String>,
    /// Those that were not used for so many days, 1 to 366, and still could be.
    unused_days: Option<String>,
    /// Those that still can be used, and end within so many days, 1 to 366.
    ending_days: Option<String>,
}

impl ListKeys {
    fn status(&self) -> Result<String, AppError> {
        if self.status.is_empty() || STATUSES.contains(&self.status.as_str()) {
            return Ok(self.status.clone());
        }
        Err(AppError::invalid("status", format!("This is not a status. These are: {}.", STATUSES.join(", "))))
    }

    fn filter(&self, now: DateTime<Utc>) -> Result<Filter, AppError> {
        let steward = self.steward.as_deref().map(str::parse).transpose();
        let unused = days("unused_days", self.unused_days.as_deref())?;
        let ending = days("ending_days", self.ending_days.as_deref())?;
        Ok(Filter {
            kind: None,
            text: super::search::asked(&self.q).ok_or_else(|| {
                AppError::invalid("q", "This looks like a secret, and searches are written down. Search for an id or a name.")
            })?,
            status: self.status()?,
            steward: steward.map_err(|_| AppError::invalid("steward", "The steward is not a user's id (usr_…)."))?,
            unused_since: unused.map(|days| now - days),
            ends_by: ending.map(|days| now + days),
            after: self.page.after::<ApiKeyId>()?,
            limit: self.page.limit()? + 1,
        })
    }
}

fn days(name: &'static str, given: Option<&str>) -> Result<Option<TimeDelta>, AppError> {
    let read = |given: &str| given.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)).map(TimeDelta::days);
    let days =
        given.map(|given| read(given).ok_or_else(|| AppError::invalid(name, format!("{name} is not a number from 1 to {DAYS_MAX}."))));
    days.transpose()
}

async fn list<S: Of>(mut call: Call<ReadCredentials>, query: ListKeys) -> Result<Answer<ReadCredentials, Vec<ApiKey>>, AppError> {
    let filter = Filter { kind: Some(S::KIND), ..query.filter(call.scope.now())? };
    let keys = reading::list(&mut call.scope, &filter).await?;
    let (keys, next) = query.page.cut(keys, |key| key.id.to_string())?;
    Ok(call.answers(keys.into_iter().map(ApiKey::from).collect::<Vec<_>>()).continued(next))
}

async fn get<S: Of>(mut call: Call<ReadCredentials>, _: Nothing) -> Result<Answer<ReadCredentials, ApiKey>, AppError> {
    let id = call.named(S::NAMED)?;
    let key = reading::find_of(&mut call.scope, S::KIND, id).await?;
    let version = key.version;
    Ok(call.answers(ApiKey::from(key)).at_version(version))
}
