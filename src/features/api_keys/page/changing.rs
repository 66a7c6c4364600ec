//! What the forms of a key's page do.

use super::once::{self, Once};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    features::api_keys::{
        REASON_MAX,
        server::{self, Of, page_of, words},
    },
    ids::ApiKeyId,
    server::{
        http::{FormAnswer, Page, Submission},
        scope::InWorkspace,
    },
};

type Managing = Submission<InWorkspace<ManageCredentials>>;

pub async fn narrow<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    let scopes = submission.fields.all("scopes");
    server::narrow(&mut submission.scope, id, &scopes, version).await?;
    let noun = words(S::KIND).noun;
    answer::<S>(submission, id, format!("The {noun}'s scopes are narrowed. It holds from its next call on.")).await
}

pub async fn hand_over<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    let to = submission.fields.get("steward").parse().map_err(|_| AppError::invalid("steward", "Choose a steward from the list."))?;
    server::hand_over(&mut submission.scope, id, to, version).await?;
    let noun = words(S::KIND).noun;
    answer::<S>(submission, id, format!("The {noun} has another steward.")).await
}

pub async fn limit<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    let entered = submission.fields.get("calls_per_minute").trim();
    let wanted = if entered.is_empty() { None } else { Some(entered.parse().unwrap_or_default()) };
    server::limit(&mut submission.scope, id, wanted, version, None).await?;
    let noun = words(S::KIND).noun;
    answer::<S>(submission, id, format!("The {noun}'s limit is saved. It holds from its next call on.")).await
}

pub async fn quarantine<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    let reason = submission.fields.line("reason", "The reason", REASON_MAX)?;
    server::quarantine(&mut submission.scope, id, &reason, version).await?;
    let noun = words(S::KIND).noun;
    answer::<S>(submission, id, format!("The {noun} is quarantined. Calls with it are refused until it is lifted.")).await
}

pub async fn lift<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    server::lift(&mut submission.scope, id, version).await?;
    let noun = words(S::KIND).noun;
    answer::<S>(submission, id, format!("The {noun} works again.")).await
}

pub async fn rotate<S: Of>(mut submission: Managing) -> Result<FormAnswer, AppError> {
    let (id, version) = aimed::<S>(&mut submission).await?;
    let days = submission
        .fields
        .get("overlap_days")
        .parse()
        .map_err(|_| AppError::invalid("overlap_days", "Choose from the list how long the old secret goes on working."))?;
    let key = server::find(&mut submission.scope, id).await?;
    let rotated = server::rotate(&mut submission.scope, id, days, version).await?;
    let done = page_of(S::KIND, &submission.scope.workspace().slug, id);
    let location = once::shown_before(&done);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let shown = Once {
        kind: S::KIND,
        title: format!("The {} “{}” has a new secret", words(S::KIND).noun, key.name),
        purpose: if days == 0 { "The old one ended at once." } else { "The old one goes on working until the overlap ends." },
        explanation: format!("If it is lost, rotate the {} again.", words(S::KIND).noun),
        secret: rotated.secret.reveal(),
        done,
    };
    let page: Page = once::page(visit, shown).await?;
    Ok(FormAnswer::to(location).showing(page))
}

/// One of its own kind: the address of the other is none of it.
async fn aimed<S: Of>(submission: &mut Managing) -> Result<(ApiKeyId, i64), AppError> {
    let (id, version) = (submission.named(S::NAMED)?, submission.version()?);
    server::find_of(&mut submission.scope, S::KIND, id).await?;
    Ok((id, version))
}

async fn answer<S: Of>(mut submission: Managing, id: ApiKeyId, says: String) -> Result<FormAnswer, AppError> {
    let location = page_of(S::KIND, &submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    let says = if submission.scope.pending().is_empty() { "Nothing to change.".to_owned() } else { says };
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}
