//! The operations that change API keys, as the API takes and answers them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ApiKey;
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    features::{
        api_keys::{
            REASON_MAX,
            server::{NewKey, Of, limits, operations, reading, stewards, stopping},
        },
        billing,
    },
    ids::ApiKeyId,
    server::rest::{Answer, Call, Nothing, instant, line},
};

const LOST: &str = "Rotate to get a new one.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// 1 to 80 characters.
    name: String,
    /// Never more than the calling key holds.
    scopes: Vec<String>,
    /// The person who answers for it, `usr_…`; the calling key's steward where nobody is named.
    steward: Option<String>,
    /// 1 to 366, and no longer than the calling key lives; 90, or as long as that, where it is not said.
    expires_in_days: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub struct CreatedKey {
    #[serde(flatten)]
    key: ApiKey,
    /// The whole key, once.
    secret: String,
}

pub async fn create<S: Of>(mut call: Call<ManageCredentials>, input: CreateKey) -> Result<Answer<ManageCredentials, CreatedKey>, AppError> {
    let steward = match &input.steward {
        Some(text) => Some(text.parse().map_err(|_| AppError::invalid("steward", "The steward is not a user's id (usr_…)."))?),
        None => None,
    };
    let new = NewKey { kind: S::KIND, name: input.name, steward, scopes: input.scopes, days: input.expires_in_days };
    let caller = call.caller.clone();
    ask_uncapped(&mut call).await?;
    let created = operations::create(&mut call.scope, &new, Some(&caller)).await?;
    let version = created.key.version;
    let data = CreatedKey { key: created.key.into(), secret: created.secret.reveal() };
    Ok(call.answers(data).at_version(version).once("secret", LOST))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Narrow {
    /// Those that stay.
    scopes: Vec<String>,
}

pub async fn narrow<S: Of>(mut call: Call<ManageCredentials>, input: Narrow) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, version) = aimed::<S>(&mut call).await?;
    operations::narrow(&mut call.scope, id, &input.scopes, version).await?;
    answer(call, id).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// How long the old secret goes on working, 0 to 7; 0 where it is not said.
    #[serde(default)]
    overlap_days: i64,
}

#[derive(Serialize, JsonSchema)]
pub struct RotatedKey {
    id: String,
    /// The whole key, once.
    secret: String,
    old_secret_ends_at: String,
}

pub async fn rotate<S: Of>(mut call: Call<ManageCredentials>, input: Rotate) -> Result<Answer<ManageCredentials, RotatedKey>, AppError> {
    let (id, version) = aimed::<S>(&mut call).await?;
    if id != call.caller.key {
        ask_no_more(&mut call, id).await?;
    }
    let rotated = operations::rotate(&mut call.scope, id, input.overlap_days, version).await?;
    let data = RotatedKey { id: id.to_string(), secret: rotated.secret.reveal(), old_secret_ends_at: instant(rotated.overlap_ends_at) };
    Ok(call.answers(data).at_version(version + 1).once("secret", LOST))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// 1 to 400 characters, for whoever finds it stopped.
    reason: String,
}

pub async fn quarantine<S: Of>(
    mut call: Call<ManageCredentials>,
    input: Quarantine,
) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let reason = line("reason", "The reason", REASON_MAX, &input.reason)?;
    let (id, version) = aimed::<S>(&mut call).await?;
    stopping::quarantine(&mut call.scope, id, &reason, version).await?;
    answer(call, id).await
}

pub async fn revoke<S: Of>(mut call: Call<ManageCredentials>, _: Nothing) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, version) = aimed::<S>(&mut call).await?;
    stopping::revoke(&mut call.scope, id, None, version).await?;
    answer(call, id).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// An active member whose role reaches the key's scopes, `usr_…`.
    steward: String,
}

pub async fn hand_over<S: Of>(mut call: Call<ManageCredentials>, input: HandOver) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let steward = input.steward.parse().map_err(|_| AppError::invalid("steward", "The steward is not a user's id (usr_…)."))?;
    let (id, version) = aimed::<S>(&mut call).await?;
    stewards::hand_over(&mut call.scope, id, steward, version).await?;
    answer(call, id).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// 1 to 1000000; null for as often as the workspace. A calling key that is held to a limit itself gives no more than that.
    calls_per_minute: Option<i32>,
}

pub async fn limit<S: Of>(mut call: Call<ManageCredentials>, input: Limit) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let (id, version) = aimed::<S>(&mut call).await?;
    let caller = call.caller.clone();
    limits::limit(&mut call.scope, id, input.calls_per_minute, version, Some(&caller)).await?;
    answer(call, id).await
}

/// Whoever rotates a key is given its secret: another key's must not last longer, call more often or spend more.
async fn ask_no_more(call: &mut Call<ManageCredentials>, id: ApiKeyId) -> Result<(), AppError> {
    let key = reading::find(&mut call.scope, id).await?;
    if key.expires_at > call.caller.expires_at {
        return Err(AppError::Conflict(
            "It ends later than the calling key, which would be given a secret that outlives it. Rotate it in the console.".to_owned(),
        ));
    }
    if call.caller.calls_per_minute.is_some_and(|own| key.calls_per_minute.is_none_or(|other| other > own)) {
        return Err(AppError::Conflict(
            "It may call more often than the calling key, which would be given its secret. Rotate it in the console.".to_owned(),
        ));
    }
    ask_uncapped(call).await
}

/// A new key, or another's secret, would spend beside the cap that holds the calling key.
async fn ask_uncapped(call: &mut Call<ManageCredentials>) -> Result<(), AppError> {
    let (tenant, workspace) = (call.scope.tenant().id, call.scope.workspace().id);
    if billing::server::caps::is_capped(&mut call.scope, tenant, workspace, call.caller.key).await? {
        return Err(AppError::Conflict(
            "The calling key has a hard spend cap, which another key's calls would not count towards. Do this in the console, or with a key \
             that has none."
                .to_owned(),
        ));
    }
    Ok(())
}

/// The key that the address names, and the version that the caller means. What a key may not make it may not change
/// either: one that holds more than the caller is out of its reach.
async fn aimed<S: Of>(call: &mut Call<ManageCredentials>) -> Result<(ApiKeyId, i64), AppError> {
    let id = call.named(S::NAMED)?;
    let key = reading::find_of(&mut call.scope, S::KIND, id).await?;
    if key.scopes.iter().any(|scope| !call.caller.holds(scope)) {
        return Err(AppError::Conflict("It holds scopes which the calling key does not. Change it in the console.".to_owned()));
    }
    Ok((id, call.version_or(key.version)))
}

async fn answer(mut call: Call<ManageCredentials>, id: ApiKeyId) -> Result<Answer<ManageCredentials, ApiKey>, AppError> {
    let key = reading::find(&mut call.scope, id).await?;
    let version = key.version;
    Ok(call.answers(ApiKey::from(key)).at_version(version))
}
