//! The security pages of a workspace and of a team: what is set, what holds, and a change reviewed before it is made.

mod form;
mod review;
mod rules;
mod team;
mod workspace;

pub use team::{change as change_team, preview as preview_team, show as show_team};
pub use workspace::{change, preview, show, show_refused};

use chrono::{DateTime, SecondsFormat, Utc};

use super::server::{self, Postured, Settings};
use crate::{
    error::AppError,
    server::{
        http::{FormAnswer, Page, Submission, Surrounded, Visit, door::RefusedForm},
        scope::{HasPerson, Intent, Reach, Scope},
    },
};
use form::Shown;

/// Where the way to the other page leads, and what it says.
type Beside = Option<(String, &'static str)>;

async fn show_place<R>(mut visit: Visit<R>, may_change: bool, beside: Beside) -> Result<Page, AppError>
where
    R: Postured + Surrounded,
{
    let (settings, effective) = server::find(&mut visit.scope).await?;
    let (place, may_limit_entry) = (visit.scope.reach().postured(), visit.scope.reach().may_limit_entry());
    let surroundings = visit.surroundings();
    let shown = Shown {
        may_change,
        may_limit_entry,
        asks_sign_in: may_change && !visit.scope.is_sign_in_recent(),
        key: visit.form_key(),
        entered: settings.entered().into_iter().map(|(field, stored)| (field, visit.value(field, &stored))).collect(),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit
            .refused
            .as_ref()
            .filter(|refused| !matches!(refused.error, AppError::Invalid(_)))
            .map(|refused| refused.error.to_string()),
        settings,
        effective,
        place,
        beside,
    };
    visit.scope.close().await?;
    Ok(Page::framed("Security", surroundings, move || form::page(shown)))
}

/// Shows what a change would do. Nothing is written; where it cannot be done, the form is shown again.
async fn preview_place<R>(mut submission: Submission<R>) -> Result<FormAnswer, AppError>
where
    R: Postured + Surrounded,
{
    let place = submission.scope.reach().postured();
    submission.scope.ask_recent_sign_in(&place.page())?;
    let wanted = server::read(&submission.fields, place.workspace.is_some())?;
    let (version, now) = (submission.version()?, submission.scope.now());
    let review = server::review(&mut submission.scope, &wanted, version, now).await?;
    let visit = look(submission, &place.slug).await?;
    let (surroundings, key) = (visit.surroundings(), visit.form_key());
    visit.scope.close().await?;
    let location = place.page();
    let page = Page::framed("Review the change", surroundings, move || review::page(review, &wanted, place, key));
    Ok(FormAnswer::to(location).showing(page))
}

async fn change_place<R>(mut submission: Submission<R>) -> Result<FormAnswer, AppError>
where
    R: Postured,
{
    let place = submission.scope.reach().postured();
    let location = place.page();
    submission.scope.ask_recent_sign_in(&location)?;
    let wanted = server::read(&submission.fields, place.workspace.is_some())?;
    let (version, as_of) = (submission.version()?, as_of(&submission)?);
    let digest = submission.fields.get("digest").to_owned();
    let review = server::change(&mut submission.scope, &wanted, version, as_of, &digest).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let says = match review.cut_off.people.len() {
        0 => "What this place asks is changed. Nobody was cut off.".to_owned(),
        1 => "What this place asks is changed. 1 person was cut off and told.".to_owned(),
        many => format!("What this place asks is changed. {many} people were cut off and told."),
    };
    Ok(FormAnswer::to(location).saying(says))
}

/// The same place, to look at: a form's own scope was opened without what a frame shows.
async fn look<R>(submission: Submission<R>, slug: &str) -> Result<Visit<R>, AppError>
where
    R: Reach + HasPerson,
{
    let Submission { scope, request, parameters, .. } = submission;
    let stoa = scope.stoa().clone();
    scope.close().await?;
    let scope = Scope::<R>::open(&stoa, &request, Some(slug), Intent::Read, true).await?;
    Ok(Visit { scope, request, parameters, query: std::collections::HashMap::new(), refused: None })
}

fn as_of<R>(submission: &Submission<R>) -> Result<DateTime<Utc>, AppError> {
    let text = submission.fields.get("as_of");
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| AppError::Malformed("the form is damaged; open the page again"))?;
    Ok(at.with_timezone(&Utc))
}

/// As the review's form carries the moment: to the microsecond, as the database keeps it.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What a field is called on both pages.
fn label(field: &str) -> &'static str {
    match field {
        "idle_minutes" => "Idle, in minutes",
        "absolute_hours" => "Session length, in hours",
        "require_multi_factor" => "Second factor",
        "allowed_networks" => "Allowed networks",
        "credential_days" => "Credentials live at most, in days",
        "notify" => "Notification addresses",
        _ => "Other",
    }
}

/// The value of a field that the form shows.
fn entered<'a>(fields: &'a [(&'static str, String)], field: &str) -> &'a str {
    fields.iter().find(|(known, _)| *known == field).map_or("", |(_, value)| value)
}

/// Whether a page of settings is a workspace's.
fn is_workspace(settings: &Settings) -> bool {
    settings.extras.is_some()
}
