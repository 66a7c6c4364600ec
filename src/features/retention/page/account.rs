//! An account's retention: how long its own audit log is kept, and the legal holds on all of its logs.

use leptos::prelude::*;

use super::{
    choosing::{self, Choosing, Kept, KeptSection},
    errors,
    holding::{HoldSection, Holding, OnHold},
    refusal,
};
use crate::{
    access::{
        AskTenant, TenantPermission,
        tenant::{ManageTeam, ReadTenantAudit},
    },
    error::AppError,
    features::retention::{
        NAME_MAX, REASON_MAX,
        server::{self, Kept as _},
    },
    ids::{AuditHoldId, LogId},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{ErrorSummary, Notice, PageHeader, Tone},
};

pub async fn show(visit: Visit<InTenant<ReadTenantAudit>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn choose(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let days = choosing::read(&submission.fields)?;
    let version = submission.version()?;
    let place = InTenant::place(&submission.scope);
    let is_new = server::choose(&mut submission.scope, &place, days, Some(version)).await?;
    answer(submission, if is_new { "How long rows are kept is saved." } else { "Nothing to change." }).await
}

/// Puts a hold on one of the account's logs.
pub async fn hold(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let wanted: Option<LogId> = submission.fields.get("log").parse().ok();
    let name = submission.fields.line("name", "The matter", NAME_MAX)?;
    let reason = submission.fields.line("reason", "The reason", REASON_MAX)?;
    let logs = server::of_account(&mut submission.scope).await?;
    let place = logs.into_iter().find(|place| Some(place.id) == wanted);
    let place = place.ok_or_else(|| AppError::invalid("log", "Choose one of the account's logs."))?;
    server::hold(&mut submission.scope, &place, &name, &reason).await?;
    answer(submission, "The hold is on.").await
}

pub async fn lift(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let id: AuditHoldId = submission.fields.get("hold").parse().map_err(|_| AppError::NotFound)?;
    let reason = submission.fields.line("because", "Why it is lifted", REASON_MAX)?;
    server::lift(&mut submission.scope, id, &reason).await?;
    answer(submission, "The hold is lifted.").await
}

async fn answer(mut submission: Submission<InTenant<ManageTeam>>, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = paths::team_retention(&submission.scope.tenant().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}

async fn page<P: AskTenant>(mut visit: Visit<InTenant<P>>) -> Result<Page, AppError> {
    let place = InTenant::place(&visit.scope);
    let standing = server::standing(&mut visit.scope, &place).await?;
    let logs = server::of_account(&mut visit.scope).await?;
    let holds = server::on(&mut visit.scope).await?;
    let slug = visit.scope.tenant().slug.clone();
    let may_manage = visit.scope.role().may(TenantPermission::ManageTeam);
    let choosing = may_manage.then(|| Choosing {
        action: paths::team_retention(&slug),
        key: visit.form_key(),
        place: slug.clone(),
        version: standing.version(),
        days: visit.value("days", &choosing::entered(standing.wanted())),
        errors: errors(&visit),
    });
    let holding = may_manage.then(|| Holding {
        place: slug.clone(),
        hold: paths::team_holds(&slug),
        lift: paths::lift_team_hold(&slug),
        key: visit.form_key(),
        row_keys: holds.iter().map(|_| visit.form_key()).collect(),
        choices: logs.clone(),
        log: visit.value("log", ""),
        name: visit.value("name", ""),
        reason: visit.value("reason", ""),
        errors: errors(&visit),
    });
    let (reader, says, problems) = (visit.reader(), refusal(&visit), errors(&visit));
    let kept = Kept::of(&standing, &reader, choosing);
    let called = |place: server::Place| (place.id, if place.workspace.is_some() { place.name } else { "The account's own".to_owned() });
    let holds = OnHold {
        holds,
        logs: logs.into_iter().map(called).collect(),
        purpose: "While one is on a log, none of its rows goes and nothing in it is erased; a workspace whose log is held is not purged, nor is its team.",
        reader,
        holding,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Retention", surroundings, move || {
        view! {
            <PageHeader title="Retention" purpose="How long the rows of the account's own audit log are kept, and the legal holds on all of its logs. Each workspace chooses for its own log."/>
            <p><a class="link" href=paths::account_audit(&slug)>"Account audit"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=problems/>
            <KeptSection kept=kept/>
            <HoldSection holds=holds/>
        }
    }))
}
