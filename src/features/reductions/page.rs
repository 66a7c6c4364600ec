//! Reducing what is stored: what it would do, before it is done, and how far it has come.

mod looked;
mod progress;

pub use looked::counted;
pub use progress::recent;

use http::StatusCode;
use leptos::prelude::*;

use super::server::{self, Act, Asked, Preview};
use crate::{
    access::{
        AskWorkspace, Extent, WorkspacePermission,
        workspace::{ManageSettings, ReadWorkspace},
    },
    error::{AppError, FieldError},
    ids::ReductionId,
    paths,
    server::{
        http::{Download, FormAnswer, Page, Submission, Visit},
        plans::Dimension,
        scope::{InWorkspace, Intent, Scope},
        usage::UsageEvent,
    },
    ui::{Notice, PageHeader, Tone},
};
use looked::Looked;

/// Where nothing else is said.
const DAYS: &str = "90";

pub async fn show(mut visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    let reader = visit.reader();
    // A form that was refused says what it was about, and not the address.
    let said = |name: &str| match &visit.refused {
        Some(refused) => refused.fields.get(name).trim().to_owned(),
        None => visit.asked(name).to_owned(),
    };
    let (resource, days) = (said("resource"), Some(said("days")).filter(|days| !days.is_empty()).unwrap_or_else(|| DAYS.to_owned()));
    let act = Some(said("act")).filter(|act| !act.is_empty()).unwrap_or_else(|| Act::Purge.name().to_owned());
    let asked = match (resource.is_empty(), said("before")) {
        (true, _) => None,
        (false, before) if before.is_empty() => Some(Asked::days_ago(&days, reader.now)),
        (false, before) => Some(before.parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))),
    };
    let asked = asked.map(|before| before.and_then(|before| Asked::new(&act, &resource, before, reader.now)));
    let (preview, problems) = match asked {
        None => (None, Vec::new()),
        Some(Err(AppError::Invalid(problems))) => (None, problems),
        Some(Err(error)) => return Err(error),
        Some(Ok(asked)) => (Some(server::preview(&mut visit.scope, asked).await?), Vec::new()),
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (errors, says) = refusal(&visit);
    let looked = Looked {
        slug: visit.scope.workspace().slug.clone(),
        key: visit.form_key(),
        act,
        resource,
        days,
        preview,
        problems,
        phrase_problem: visit.problem("phrase"),
        sees_money: visit.scope.reach().extent_of(WorkspacePermission::ReadSpend) == Extent::Everything,
        is_sign_in_recent: visit.scope.is_sign_in_recent(),
        errors,
        says,
        reader,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Reduce what is stored", surroundings, move || looked.view()).with_status(status))
}

pub async fn start(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let fields = &submission.fields;
    let before = fields.get("before").parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))?;
    let asked = Asked::new(fields.get("act"), fields.get("resource"), before, submission.scope.now())?;
    let (digest, typed) = (fields.get("inventory").to_owned(), fields.get("phrase").trim().to_owned());
    let slug = submission.scope.workspace().slug.clone();
    if asked.act == Act::Purge {
        submission.scope.ask_recent_sign_in(&paths::data(&slug))?;
        let looked = server::preview(&mut submission.scope, asked.clone()).await?;
        let phrase = server::phrase(&looked);
        // Of what has changed meanwhile the phrase is another one: that is said by what begins it.
        if typed != phrase && looked.digest() == digest {
            return Err(AppError::invalid("phrase", format!("Type “{phrase}” exactly as it stands there. Nothing was purged.")));
        }
    }
    let reduction = server::start(&mut submission.scope, asked, &digest, None).await?;
    let used = UsageEvent::of_person(&submission.scope, Dimension::BulkOperation, "reductions.start");
    submission.scope.meter(used);
    let location = paths::reduction(&slug, reduction.id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("It has begun."))
}

/// The records that the page counts, for the same address.
///
/// # Errors
/// `Malformed` where the address does not say which.
pub async fn save(mut visit: Visit<InWorkspace<ManageSettings>>) -> Result<Download, AppError> {
    let now = visit.scope.now();
    let before = match visit.asked("before") {
        "" => Asked::days_ago(visit.asked("days"), now).ok(),
        before => before.parse().ok(),
    };
    let asked = before.and_then(|before| Asked::new(visit.asked("act"), visit.asked("resource"), before, now).ok());
    let asked = asked.ok_or(AppError::Malformed("the address does not say which records; open the page again"))?;
    let looked = server::preview(&mut visit.scope, asked).await?;
    let body = server::export(&mut visit.scope, &looked)?;
    let used = UsageEvent::of_person(&visit.scope, Dimension::BulkOperation, "reductions.export");
    visit.scope.meter(used);
    let slug = visit.scope.workspace().slug.clone();
    let name = format!("{}-{slug}-{}.jsonl", looked.asked.resource.plural, visit.scope.now().format("%Y-%m-%d"));
    let stoa = visit.scope.stoa().clone();
    visit.scope.commit().await?;
    let request = visit.request;
    let again: Box<_> = Box::new(move || {
        let (stoa, request, slug) = (stoa.clone(), request.clone(), slug.clone());
        Box::pin(async move { Scope::<InWorkspace<ManageSettings>>::open(&stoa, &request, Some(&slug), Intent::Read, false).await })
            as futures_util::future::BoxFuture<'static, _>
    });
    Ok(Download::of(name, server::CONTENT_TYPE, body(again)))
}

pub async fn show_one(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    page_of_one(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    page_of_one(visit).await
}

async fn page_of_one<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let id = visit.named::<ReductionId>("reduction")?;
    let reduction = server::find(&mut visit.scope, id).await?;
    let may_stop = visit.scope.reach().extent_of(WorkspacePermission::ManageSettings) == Extent::Everything;
    let (slug, key, reader) = (visit.scope.workspace().slug.clone(), visit.form_key(), visit.reader());
    let (_, says) = refusal(&visit);
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Reduction", surroundings, move || {
        let one = progress::one(&slug, &reduction, may_stop.then_some(key), &reader);
        view! {
            <PageHeader title="Reduction" purpose="How far it has come. It goes on without this page, and what it has done stays done."/>
            <p><a class="link" href=paths::data(&slug)>"Data & Insights"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            {one}
        }
    }))
}

pub async fn stop(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let id = submission.named::<ReductionId>("reduction")?;
    server::stop(&mut submission.scope, id).await?;
    let location = paths::reduction(&submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("It is stopped. What it has done stays done."))
}

/// What a refused form says, of its fields and beside.
fn refusal<R>(visit: &Visit<R>) -> (Vec<FieldError>, Option<String>) {
    let Some(refused) = &visit.refused else { return (Vec::new(), None) };
    let says = (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string());
    (refused.field_errors(), says)
}

/// The file of what was looked at.
fn file_of(slug: &str, preview: &Preview) -> String {
    let before = preview.asked.before.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let query = [("act", preview.asked.act.name()), ("resource", preview.asked.resource.name), ("before", &before)];
    paths::asking(&paths::reducible_records(slug), &query)
}
