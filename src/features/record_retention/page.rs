//! Record retention: the rules of a workspace with what each did last, and the page that shows what one would do before it is set.

mod listed;
mod looked;

use http::StatusCode;

use super::server::{self, Rule, Seen, Terms};
use crate::{
    access::{
        AskWorkspace, Extent, WorkspacePermission,
        workspace::{ManageSettings, ReadWorkspace},
    },
    error::{AppError, FieldError},
    features::{
        reductions::server::{self as reductions, Act},
        retention::server::{self as retention, Kept as _},
    },
    ids::RetentionRuleId,
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::plural,
};
use listed::Listed;
use looked::Looked;

/// Where nothing else is said.
const DAYS: &str = "365";
const TITLE: &str = "Record retention";
const DAMAGED: AppError = AppError::Malformed("the form is damaged; open the page again");

pub async fn show(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    page(visit).await
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let rules = server::list(&mut visit.scope).await?;
    let place = InWorkspace::place(&visit.scope);
    let is_held = retention::are_on(&mut visit.scope, &place).await?;
    let may_manage = visit.scope.reach().extent_of(WorkspacePermission::ManageSettings) == Extent::Everything;
    let listed = Listed {
        slug: visit.scope.workspace().slug.clone(),
        removing: may_manage.then(|| rules.iter().map(|_| visit.form_key()).collect()),
        rules,
        is_held,
        says: refusal(&visit).1,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(TITLE, surroundings, move || listed.view()))
}

pub async fn remove(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let id = submission.named::<RetentionRuleId>("rule")?;
    server::remove(&mut submission.scope, id, None).await?;
    let location = paths::record_retention(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The rule is removed."))
}

pub async fn show_rule(mut visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    let reader = visit.reader();
    // A form that was refused says what it was about, and not the address.
    let said = |name: &str| match &visit.refused {
        Some(refused) => refused.fields.get(name).trim().to_owned(),
        None => visit.asked(name).to_owned(),
    };
    let or = |said: String, otherwise: &str| if said.is_empty() { otherwise.to_owned() } else { said };
    let (resource, act, days) = (said("resource"), or(said("act"), Act::Purge.name()), or(said("days"), DAYS));
    let (terms, problems) = match (!resource.is_empty()).then(|| Terms::new(&act, &resource, &days, reader.now)) {
        None => (None, Vec::new()),
        Some(Err(AppError::Invalid(problems))) => (None, problems),
        Some(Err(error)) => return Err(error),
        Some(Ok(terms)) => (Some(terms), Vec::new()),
    };
    let (mut preview, mut stood) = (None, None);
    if let Some(terms) = &terms {
        stood = server::find_of(&mut visit.scope, terms.asked.resource.name, terms.asked.act).await?;
        preview = Some(reductions::preview(&mut visit.scope, terms.asked.clone()).await?);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (errors, says) = refusal(&visit);
    let looked = Looked {
        slug: visit.scope.workspace().slug.clone(),
        key: visit.form_key(),
        act,
        resource,
        days,
        today: terms.zip(preview),
        stood,
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
    Ok(Page::framed("Retention rule", surroundings, move || looked.view()).with_status(status))
}

pub async fn set(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let fields = &submission.fields;
    let terms = Terms::new(fields.get("act"), fields.get("resource"), fields.get("days"), submission.scope.now())?;
    let seen = Seen { before: fields.get("before").parse().map_err(|_| DAMAGED)?, digest: fields.get("inventory").to_owned() };
    let (version, typed) = (submission.version()?, fields.get("phrase").trim().to_owned());
    let slug = submission.scope.workspace().slug.clone();
    let stood: Option<Rule> = server::find_of(&mut submission.scope, terms.asked.resource.name, terms.asked.act).await?;
    if terms.is_purge() && server::asks_to_look(stood.as_ref(), &terms) {
        let asked = [("resource", fields.get("resource")), ("act", fields.get("act")), ("days", fields.get("days"))];
        let back = paths::asking(&paths::retention_rule(&slug), &asked);
        submission.scope.ask_recent_sign_in(&back)?;
        let phrase = server::phrase(&terms);
        if typed != phrase {
            return Err(AppError::invalid("phrase", format!("Type “{phrase}” exactly as it stands there. No rule was set.")));
        }
    }
    let set = server::set(&mut submission.scope, &terms, Some(seen), Some(version), None).await?;
    let location = paths::record_retention(&slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(if set.is_some() { "The rule is set." } else { "Nothing to change." }))
}

/// What a refused form says, of its fields and beside.
fn refusal<R>(visit: &Visit<R>) -> (Vec<FieldError>, Option<String>) {
    let Some(refused) = &visit.refused else { return (Vec::new(), None) };
    let says = (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string());
    (RefusedForm::field_errors(refused), says)
}

/// What a rule does: "Purge tasks archived more than 90 days ago".
fn sentence(rule: &Rule) -> String {
    let act = if rule.act() == Some(Act::Purge) { "Purge" } else { "Archive" };
    let basis = reductions::Basis::named(&rule.basis).map_or("added", reductions::Basis::says);
    format!("{act} {} {basis} more than {} ago", rule.records(), days(rule.days))
}

/// "90 days"
fn days(days: i32) -> String {
    format!("{days} {}", plural(days.into(), "day"))
}
