//! A workspace's retention: how long its audit log is kept, and the holds on it.

use std::collections::HashMap;

use leptos::prelude::*;

use super::{
    choosing::{self, Choosing, Kept, KeptSection},
    errors,
    holding::{HoldSection, OnHold},
    refusal,
};
use crate::{
    access::{
        AskWorkspace, WorkspacePermission,
        workspace::{ManageSettings, ReadAudit},
    },
    error::AppError,
    features::retention::server::{self, Kept as _},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InWorkspace,
    },
    ui::{ErrorSummary, Notice, PageHeader, Tone},
};

pub async fn show(visit: Visit<InWorkspace<ReadAudit>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn choose(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let days = choosing::read(&submission.fields)?;
    let version = submission.version()?;
    let place = InWorkspace::place(&submission.scope);
    let is_new = server::choose(&mut submission.scope, &place, days, Some(version)).await?;
    let location = paths::retention(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(if is_new { "How long rows are kept is saved." } else { "Nothing to change." }))
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let place = InWorkspace::place(&visit.scope);
    let standing = server::standing(&mut visit.scope, &place).await?;
    let slug = visit.scope.workspace().slug.clone();
    let choosing = visit.scope.role().may(WorkspacePermission::ManageSettings).then(|| Choosing {
        action: paths::retention(&slug),
        key: visit.form_key(),
        place: slug.clone(),
        version: standing.version(),
        days: visit.value("days", &choosing::entered(standing.wanted())),
        errors: errors(&visit),
    });
    let (reader, says, problems) = (visit.reader(), refusal(&visit), errors(&visit));
    let kept = Kept::of(&standing, &reader, choosing);
    let holds = OnHold {
        holds: standing.holds,
        logs: HashMap::new(),
        purpose: "While one is on, no row goes and nothing is erased, and an archived workspace is not purged. The account's owners put holds on and lift them.",
        reader,
        holding: None,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Retention", surroundings, move || {
        view! {
            <PageHeader title="Retention" purpose="How long the rows of this workspace's audit log are kept, and what holds them back."/>
            <p><a class="link" href=paths::settings(&slug)>"Settings"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=problems/>
            <KeptSection kept=kept/>
            <HoldSection holds=holds/>
        }
    }))
}
