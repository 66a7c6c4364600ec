//! A workspace's spend: what it used this month, and the caps on it and on its keys.

use leptos::prelude::*;

use super::{
    alerts::ChoosingAlerts,
    caps::{Boundable, CapSection, Caps, Editing, refusal},
    outlook::OutlookSections,
    pieces::{Dimensions, Lines, MonthEnd, PausedNow, Pauses},
};
use crate::{
    access::{
        AskWorkspace, Extent, WorkspacePermission,
        workspace::{ManageSettings, ReadSpend},
    },
    error::{AppError, FieldError},
    features::{
        api_keys,
        billing::server::{
            self, Figures, assess,
            caps::{self, CapOf, Wanted},
            percents::{self, Percents},
        },
    },
    money::Nanos,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{Description, DescriptionList, ErrorSummary, Notice, PageHeader, Section, Tone},
};

pub async fn show(visit: Visit<InWorkspace<ReadSpend>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn set_cap(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let of = submission.fields.get("of").parse()?;
    let wanted = Wanted::read(&submission.fields)?;
    caps::set(&mut submission.scope, of, wanted, None).await?;
    answer(submission, "The cap is saved.").await
}

pub async fn remove_cap(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let of = submission.fields.get("of").parse()?;
    let version = submission.version()?;
    caps::remove(&mut submission.scope, of, Some(version)).await?;
    answer(submission, "The cap is removed.").await
}

pub async fn choose_alerts(mut submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    let chosen = Percents::entered(&submission.fields.all("percents"))?;
    percents::choose_for_workspace(&mut submission.scope, &chosen).await?;
    answer(submission, "What is told is saved.").await
}

async fn answer(mut submission: Submission<InWorkspace<ManageSettings>>, says: &'static str) -> Result<FormAnswer, AppError> {
    let (stoa, tenant) = (submission.scope.stoa().clone(), submission.scope.tenant().id);
    let location = paths::spend(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    let says = if submission.scope.pending().is_empty() { "Nothing to change." } else { says };
    submission.scope.commit().await?;
    // So that the page it leads to shows what came of it; should this fail, the job does it.
    if let Err(error) = assess(&stoa, tenant).await {
        tracing::warn!(%error, %tenant, "what a cap pauses is decided later");
    }
    Ok(FormAnswer::to(location).saying(says))
}

/// What the page shows.
struct Shown {
    slug: String,
    only_own: bool,
    figures: Figures,
    caps: Caps,
    choosing: Option<ChoosingAlerts>,
    errors: Vec<FieldError>,
    says: Option<String>,
    reader: Reader,
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let figures = server::of_workspace(&mut visit.scope).await?;
    let may_manage = visit.scope.role().may(WorkspacePermission::ManageSettings);
    let choices = if may_manage { choices(&mut visit, &figures).await? } else { Vec::new() };
    let slug = visit.scope.workspace().slug.clone();
    let editing = may_manage.then(|| {
        let places = (slug.as_str(), paths::spend_cap(&slug), paths::remove_spend_cap(&slug));
        Editing::of(&visit, places, &figures.caps, choices, || visit.form_key())
    });
    let choosing =
        may_manage.then(|| ChoosingAlerts::of(&visit, &slug, paths::spend_alerts(&slug), &figures.outlook.percents, visit.form_key()));
    let shown = Shown {
        choosing,
        only_own: visit.scope.reach().extent() == Extent::Own,
        caps: Caps { caps: figures.caps.clone(), editing },
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: refusal(&visit),
        slug,
        figures,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Spend", surroundings, move || view! { <Whole shown=shown/> }))
}

/// The workspace and its live keys.
async fn choices<P: AskWorkspace>(visit: &mut Visit<InWorkspace<P>>, figures: &Figures) -> Result<Vec<Boundable>, AppError> {
    let (tenant, here) = (visit.scope.tenant().id, visit.scope.workspace().clone());
    let keys = api_keys::server::called(&mut visit.scope, tenant, Some(here.id)).await?;
    let spent = |id: String| figures.lines.iter().find(|line| line.id == id).map_or(Nanos(0), |line| line.spent);
    let whole = Boundable { of: CapOf::Workspace(here.id), name: format!("All of {}", here.name), spent: figures.total };
    let live = keys.into_iter().filter(|key| key.is_live);
    let keys =
        live.map(|key| Boundable { of: CapOf::Key(key.id), spent: spent(key.id.to_string()), name: format!("Key “{}”", key.name) });
    Ok(std::iter::once(whole).chain(keys).collect())
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { slug, only_own, figures, caps, choosing, errors, says, reader } = shown;
    let purpose = if only_own {
        "What the keys that you answer for used this month, and their caps."
    } else {
        "What this workspace used this month, and the caps on it and on its keys."
    };
    let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    view! {
        <PageHeader title="Spend" purpose=purpose/>
        <p><a class="link" href=paths::settings(&slug)>"Settings"</a></p>
        {says}
        <ErrorSummary errors=errors/>
        <PausedNow pauses=figures.pauses.clone() month=figures.month reader=reader.clone()/>
        <UsedBy figures=figures.clone() reader=reader.clone()/>
        <CapSection caps=caps purpose="How much may be spent in a month. The account has caps of its own, which its owners and billing people see."/>
        <OutlookSections outlook=figures.outlook month=figures.month choosing=choosing reader=reader.clone()/>
        <Pauses pauses=figures.pauses reader=reader/>
    }
}

#[component]
fn UsedBy(figures: Figures, reader: Reader) -> impl IntoView {
    view! {
        <Section heading="This month">
            <MonthEnd month=figures.month reader=reader/>
            <DescriptionList><Description term="Used in all">{figures.total.to_string()}</Description></DescriptionList>
            <Lines caption="Used by key" what="Key" lines=figures.lines empty="Calls with this workspace's keys are counted here. None was made this month."/>
            <Dimensions used=figures.used/>
        </Section>
    }
}
