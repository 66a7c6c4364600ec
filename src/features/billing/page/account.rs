//! The Billing page of an account.

use leptos::prelude::*;

use super::{
    alerts::ChoosingAlerts,
    books::BooksSection,
    caps::{Boundable, CapSection, Caps, Editing, refusal},
    outlook::OutlookSections,
    pieces::{Dimensions, Lines, PausedNow, Pauses, Rates},
    plan::{Agreed, MonthSection, PlanSection, PlanShown},
};
use crate::{
    access::{
        AskTenant, TenantPermission,
        tenant::{ManageBilling, ReadBilling},
    },
    error::{AppError, FieldError},
    features::billing::server::{
        self, Figures, assess,
        caps::{self, CapOf, Wanted},
        entitlements::{self, Entitlement},
        ledger::{self, Books},
        percents::{self, Percents},
    },
    paths,
    server::{
        Reader,
        http::{Cells, Download, FormAnswer, Page, Sheet, Submission, Visit, door::RefusedForm},
        scope::InTenant,
    },
    ui::{ErrorSummary, Icon, LinkButton, Notice, PageHeader, Section, Tone},
};

pub async fn show(visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InTenant<ManageBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn set_cap(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let of = submission.fields.get("of").parse()?;
    let wanted = Wanted::read(&submission.fields)?;
    caps::set_as_payer(&mut submission.scope, of, wanted).await?;
    answer(submission, "The cap is saved.").await
}

pub async fn remove_cap(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let of = submission.fields.get("of").parse()?;
    let version = submission.version()?;
    caps::remove_as_payer(&mut submission.scope, of, version).await?;
    answer(submission, "The cap is removed.").await
}

pub async fn choose_alerts(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let chosen = Percents::entered(&submission.fields.all("percents"))?;
    percents::choose_for_account(&mut submission.scope, &chosen).await?;
    answer(submission, "What is told is saved.").await
}

async fn answer(mut submission: Submission<InTenant<ManageBilling>>, says: &'static str) -> Result<FormAnswer, AppError> {
    let (stoa, tenant) = (submission.scope.stoa().clone(), submission.scope.tenant().clone());
    let location = paths::billing(&tenant.slug);
    submission.scope.answer_form(submission.form, &location);
    let says = if submission.scope.pending().is_empty() { "Nothing to change." } else { says };
    submission.scope.commit().await?;
    // So that the page it leads to shows what came of it; should this fail, the job does it.
    if let Err(error) = assess(&stoa, tenant.id).await {
        tracing::warn!(%error, tenant = %tenant.id, "what a cap pauses is decided later");
    }
    Ok(FormAnswer::to(location).saying(says))
}

/// What each workspace used of each dimension, exactly.
pub async fn export(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Download, AppError> {
    let (figures, called) = server::export(&mut visit.scope).await?;
    let slug = visit.scope.tenant().slug.clone();
    visit.scope.commit().await?;
    let month = figures.month.begins.format("%Y-%m").to_string();
    let mut sheet = Sheet::new(&["month", "workspace", "workspace_id", "state", "dimension", "quantity", "nano_dollars"])?;
    for used in figures.used {
        let Some(line) = called.get(&used.workspace) else { continue };
        let cells = Cells::new().text(&month).text(&line.name).text(&line.id).text(line.state).text(&used.dimension);
        sheet.add(cells.number(used.quantity).number(used.nanos))?;
    }
    Ok(Download::csv(format!("usage-{slug}-{month}.csv"), sheet.into_bytes()?))
}

/// What the page shows.
struct Shown {
    slug: String,
    plan: PlanShown,
    figures: Figures,
    books: Books,
    /// Whether the console takes payments.
    takes_payments: bool,
    held: Vec<Entitlement>,
    caps: Caps,
    choosing: Option<ChoosingAlerts>,
    errors: Vec<FieldError>,
    says: Option<String>,
    reader: Reader,
}

async fn page<P: AskTenant>(mut visit: Visit<InTenant<P>>) -> Result<Page, AppError> {
    let tenant = visit.scope.tenant().clone();
    let now = visit.scope.now();
    let figures = server::of_account(&mut visit.scope).await?;
    let books = ledger::books(&mut visit.scope).await?;
    let mut held = entitlements::list(&mut visit.scope, tenant.id).await?;
    held.retain(|one| one.holds(now));
    let editing = visit.scope.role().may(TenantPermission::ManageBilling).then(|| {
        let places = (tenant.slug.as_str(), paths::billing_cap(&tenant.slug), paths::remove_billing_cap(&tenant.slug));
        Editing::of(&visit, places, &figures.caps, choices(&tenant.name, &figures), || visit.form_key())
    });
    let choosing = editing.is_some().then(|| {
        let action = paths::billing_alerts(&tenant.slug);
        ChoosingAlerts::of(&visit, &tenant.slug, action, &figures.outlook.percents, visit.form_key())
    });
    let shown = Shown {
        choosing,
        plan: PlanShown::of(&tenant.plan, now),
        caps: Caps { caps: figures.caps.clone(), editing },
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: refusal(&visit),
        slug: tenant.slug,
        takes_payments: visit.scope.stoa().payments().is_some(),
        figures,
        books,
        held,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Billing", surroundings, move || view! { <Whole shown=shown/> }))
}

/// The account, its live workspaces, and the keys that have a cap.
fn choices(account: &str, figures: &Figures) -> Vec<Boundable> {
    let account = Boundable { of: CapOf::Account, name: format!("All of {account}"), spent: figures.total };
    let live = figures.lines.iter().filter(|line| line.state == "live");
    let workspaces = live.filter_map(|line| Some(Boundable { of: line.id.parse().ok()?, name: line.name.clone(), spent: line.spent }));
    let keys = figures.caps.iter().filter(|cap| matches!(cap.of, CapOf::Key(_)));
    let keys = keys.map(|cap| Boundable { of: cap.of, name: cap.name.clone(), spent: cap.spent });
    std::iter::once(account).chain(workspaces).chain(keys).collect()
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { slug, plan, figures, books, takes_payments, held, caps, choosing, errors, says, reader } = shown;
    let (month, total) = (figures.month, figures.total);
    let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let csv = paths::billing_csv(&slug);
    view! {
        <PageHeader title="Billing" purpose="The account's plan, what it used this month, and the caps that bound it.">
            <LinkButton href=csv icon=Icon::Download>"Download CSV"</LinkButton>
        </PageHeader>
        {says}
        <ErrorSummary errors=errors/>
        <PausedNow pauses=figures.pauses.clone() month=month reader=reader.clone()/>
        <PlanSection plan=plan.clone() slug=slug.clone()/>
        <Agreed held=held figures=figures.clone() reader=reader.clone()/>
        <MonthSection plan=plan total=total month=month reader=reader.clone()/>
        <UsedBy figures=figures.clone()/>
        <BooksSection books=books slug=slug takes_payments=takes_payments reader=reader.clone()/>
        <CapSection caps=caps purpose="How much may be spent in a month: by the whole account, one of its workspaces, or one of their keys. \
                                       Owners and admins of a workspace set its caps too."/>
        <OutlookSections outlook=figures.outlook month=month choosing=choosing of_account=true reader=reader.clone()/>
        <Pauses pauses=figures.pauses reader=reader.clone()/>
        <Rates now=reader.now/>
    }
}

#[component]
fn UsedBy(figures: Figures) -> impl IntoView {
    view! {
        <Section heading="Used by workspace" purpose="Archived ones stay with what they used, and so does one that moved to another account.">
            <Lines caption="Used by workspace" what="Workspace" lines=figures.lines empty="There is no workspace in this account."/>
            <Dimensions used=figures.used/>
        </Section>
    }
}
