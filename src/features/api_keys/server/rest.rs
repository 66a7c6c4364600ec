//! API keys over the API: the same operations as in the console.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    operations::{self, NewKey},
    store::{Filter, Key},
};
use crate::{
    access::workspace::{ManageCredentials, ReadCredentials, ReadWorkspace},
    error::AppError,
    features::api_keys::NAME_MAX,
    ids::ApiKeyId,
    server::rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant, line},
};

pub fn operations() -> Vec<Operation> {
    let (read, write) = (Some("credentials:read"), Some("credentials:write"));
    let named = |id, path, scope, says| Named { id, path, scope, says };
    vec![
        Operation::read(named("me.get", "/me", None, "The key that calls: its workspace, scopes and end."), me),
        Operation::read(named("api_keys.list", "/api-keys", read, "The workspace's API keys, newest first."), list),
        Operation::read(named("api_keys.get", "/api-keys/{key}", read, "One API key."), get),
        Operation::write(
            Method::POST,
            named("api_keys.create", "/api-keys", write, "Makes an API key. Its secret is in this answer and in no other."),
            StatusCode::CREATED,
            create,
        ),
        Operation::write(
            Method::POST,
            named("api_keys.narrow", "/api-keys/{key}/narrow", write, "Takes scopes away from an API key."),
            StatusCode::OK,
            narrow,
        ),
        Operation::write(
            Method::POST,
            named("api_keys.rotate", "/api-keys/{key}/rotate", write, "Gives an API key a new secret beside the one before."),
            StatusCode::OK,
            rotate,
        ),
        Operation::write(
            Method::POST,
            named("api_keys.quarantine", "/api-keys/{key}/quarantine", write, "Stops an API key for the time being."),
            StatusCode::OK,
            quarantine,
        ),
        Operation::write(
            Method::POST,
            named("api_keys.lift", "/api-keys/{key}/lift", write, "Lets a quarantined API key work again."),
            StatusCode::OK,
            lift,
        ),
        Operation::write(
            Method::POST,
            named("api_keys.revoke", "/api-keys/{key}/revoke", write, "Ends an API key for good."),
            StatusCode::OK,
            revoke,
        ),
    ]
}

/// An API key, without its secret.
#[derive(Serialize, JsonSchema)]
pub struct ApiKey {
    /// `key_…`
    id: String,
    name: String,
    /// The person who answers for it, `usr_…`.
    steward: String,
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
    version: i64,
}

impl From<Key> for ApiKey {
    fn from(key: Key) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            steward: key.steward.to_string(),
            scopes: key.scopes,
            status: key.status,
            reason: key.reason,
            last_four: key.last_four,
            created_at: instant(key.created_at),
            expires_at: instant(key.expires_at),
            last_used_at: key.last_used_at.map(instant),
            last_used_network: key.last_used_network,
            version: key.version,
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct Me {
    key: MyKey,
    workspace: MyWorkspace,
}

#[derive(Serialize, JsonSchema)]
struct MyKey {
    id: String,
    name: String,
    scopes: Vec<String>,
    expires_at: String,
    /// The person who answers for it.
    steward: String,
}

#[derive(Serialize, JsonSchema)]
struct MyWorkspace {
    id: String,
    slug: String,
    name: String,
    tenant_id: String,
}

async fn me(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Me>, AppError> {
    let (workspace, caller) = (call.scope.workspace().clone(), call.caller.clone());
    let me = Me {
        key: MyKey {
            id: caller.key.to_string(),
            name: caller.key_name,
            scopes: caller.scopes,
            expires_at: instant(caller.expires_at),
            steward: call.scope.person().id.to_string(),
        },
        workspace: MyWorkspace {
            id: workspace.id.to_string(),
            slug: workspace.slug,
            name: workspace.name,
            tenant_id: call.scope.tenant().id.to_string(),
        },
    };
    Ok(call.answers(me))
}

#[derive(Deserialize, JsonSchema)]
struct ListKeys {
    #[serde(flatten)]
    page: PageQuery,
    /// Part of the name, or the whole id.
    #[serde(default)]
    q: String,
    /// `active`, `quarantined`, `revoked` or `expired`.
    #[serde(default)]
    status: String,
}

async fn list(mut call: Call<ReadCredentials>, query: ListKeys) -> Result<Answer<ReadCredentials, Vec<ApiKey>>, AppError> {
    let limit = query.page.limit()?;
    let after = query.page.after::<ApiKeyId>()?;
    let filter = Filter { text: query.q, status: query.status, after, limit: limit + 1 };
    let keys = operations::list(&mut call.scope, &filter).await?;
    let (keys, next) = query.page.cut(keys, |key| key.id.to_string())?;
    Ok(call.answers(keys.into_iter().map(ApiKey::from).collect::<Vec<_>>()).continued(next))
}

async fn get(mut call: Call<ReadCredentials>, _: Nothing) -> Result<Answer<ReadCredentials, ApiKey>, AppError> {
    let id = call.named("key")?;
    let key = operations::find(&mut call.scope, id).await?;
    let version = key.version;
    Ok(call.answers(ApiKey::from(key)).at_version(version))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateKey {
    /// 1 to 80 characters.
    name: String,
    /// Never more than the calling key holds.
    scopes: Vec<String>,
    /// The person who answers for it, `usr_…`; the calling key's steward where nobody is named.
    steward: Option<String>,
    /// 1 to 366; 90 where it is not said.
    expires_in_days: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct CreatedKey {
    #[serde(flatten)]
    key: ApiKey,
    /// The whole key, once.
    secret: String,
}

async fn create(mut call: Call<ManageCredentials>, input: CreateKey) -> Result<Answer<ManageCredentials, CreatedKey>, AppError> {
    let steward = match &input.steward {
        Some(text) => Some(text.parse().map_err(|_| AppError::invalid("steward", "The steward is not a user's id (usr_…)."))?),
        None => None,
    };
    let new = NewKey { name: line("name", "The name", NAME_MAX, &input.name)?, steward, scopes: input.scopes, days: input.expires_in_days };
    let held = call.caller.scopes.clone();
    let created = operations::create(&mut call.scope, &new, Some(&held)).await?;
    let version = created.key.version;
    let data = CreatedKey { key: created.key.into(), secret: created.secret.reveal() };
    Ok(call.answers(data).at_version(version).once("secret"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Narrow {
    /// Those that stay.
    scopes: Vec<String>,
}

async fn narrow(mut call: Call<ManageCredentials>, input: Narrow) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    operations::narrow(&mut call.scope, id, &input.scopes, version).await?;
    answer(call, id).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// How long the old secret goes on working, 0 to 7; 0 where it is not said.
    #[serde(default)]
    overlap_days: i64,
}

#[derive(Serialize, JsonSchema)]
struct RotatedKey {
    id: String,
    /// The whole key, once.
    secret: String,
    old_secret_ends_at: String,
}

async fn rotate(mut call: Call<ManageCredentials>, input: Rotate) -> Result<Answer<ManageCredentials, RotatedKey>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    let rotated = operations::rotate(&mut call.scope, id, input.overlap_days, version).await?;
    let data = RotatedKey { id: id.to_string(), secret: rotated.secret.reveal(), old_secret_ends_at: instant(rotated.overlap_ends_at) };
    Ok(call.answers(data).at_version(version + 1).once("secret"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quarantine {
    /// 1 to 400 characters, for whoever finds it stopped.
    reason: String,
}

async fn quarantine(mut call: Call<ManageCredentials>, input: Quarantine) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let reason = line("reason", "The reason", 400, &input.reason)?;
    let (id, version) = aimed(&mut call).await?;
    operations::quarantine(&mut call.scope, id, &reason, version).await?;
    answer(call, id).await
}

async fn lift(mut call: Call<ManageCredentials>, _: Nothing) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    operations::lift(&mut call.scope, id, version).await?;
    answer(call, id).await
}

async fn revoke(mut call: Call<ManageCredentials>, _: Nothing) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, _) = aimed(&mut call).await?;
    operations::revoke(&mut call.scope, id, None).await?;
    answer(call, id).await
}

/// The key that the address names, and the version that the caller means. What a key may not make it may not change
/// either: one that holds more than the caller is out of its reach.
async fn aimed(call: &mut Call<ManageCredentials>) -> Result<(ApiKeyId, i64), AppError> {
    let id = call.named("key")?;
    let key = operations::find(&mut call.scope, id).await?;
    if key.scopes.iter().any(|scope| !call.caller.scopes.contains(scope)) {
        return Err(AppError::Conflict("That key holds scopes which the calling key does not. Change it in the console.".to_owned()));
    }
    Ok((id, call.version_or(key.version)))
}

async fn answer(mut call: Call<ManageCredentials>, id: ApiKeyId) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let key = operations::find(&mut call.scope, id).await?;
    let version = key.version;
    Ok(call.answers(ApiKey::from(key)).at_version(version))
}
