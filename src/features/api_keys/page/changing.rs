//! What the forms of a key's page do.

use super::once::{self, Once};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    features::api_keys::{REASON_MAX, server},
    ids::ApiKeyId,
    paths,
    server::{
        http::{FormAnswer, Page, Submission},
        scope::InWorkspace,
    },
};

type Managing = Submission<InWorkspace<ManageCredentials>>;

pub async fn narrow(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    let scopes = submission.fields.all("scopes");
    server::narrow(&mut submission.scope, id, &scopes, version).await?;
    answer(submission, id, "The key's scopes are narrowed. It holds from its next call on.").await
}

pub async fn hand_over(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    let to = submission.fields.get("steward").parse().map_err(|_| AppError::invalid("steward", "Choose a steward from the list."))?;
    server::hand_over(&mut submission.scope, id, to, version).await?;
    answer(submission, id, "The key has another steward.").await
}

pub async fn limit(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    let entered = submission.fields.get("calls_per_minute").trim();
    let wanted = if entered.is_empty() { None } else { Some(entered.parse().unwrap_or_default()) };
    server::limit(&mut submission.scope, id, wanted, version, None).await?;
    answer(submission, id, "The key's limit is saved. It holds from its next call on.").await
}

pub async fn quarantine(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    let reason = submission.fields.line("reason", "The reason", REASON_MAX)?;
    server::quarantine(&mut submission.scope, id, &reason, version).await?;
    answer(submission, id, "The key is quarantined. Calls with it are refused until it is lifted.").await
}

pub async fn lift(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    server::lift(&mut submission.scope, id, version).await?;
    answer(submission, id, "The key works again.").await
}

pub async fn rotate(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed(&submission)?;
    let days = submission
        .fields
        .get("overlap_days")
        .parse()
        .map_err(|_| AppError::invalid("overlap_days", "Choose from the list how long the old secret goes on working."))?;
    let key = server::find(&mut submission.scope, id).await?;
    let rotated = server::rotate(&mut submission.scope, id, days, version).await?;
    let done = paths::api_key(&submission.scope.workspace().slug, id);
    let location = once::shown_before(&done);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let shown = Once {
        title: format!("The key “{}” has a new secret", key.name),
        purpose: if days == 0 { "The old one ended at once." } else { "The old one goes on working until the overlap ends." },
        explanation: "If it is lost, rotate the key again.",
        secret: rotated.secret.reveal(),
        done,
    };
    let page: Page = once::page(visit, shown).await?;
    Ok(FormAnswer::to(location).showing(page))
}

fn aimed(submission: &Managing) -> Result<(ApiKeyId, i64), AppError> {
    Ok((submission.named("key")?, submission.version()?))
}

async fn answer(mut submission: Managing, id: ApiKeyId, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = paths::api_key(&submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    let says = if submission.scope.pending().is_empty() { "Nothing to change." } else { says };
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}
