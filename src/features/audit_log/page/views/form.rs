//! Making a view, and changing one.

use leptos::prelude::*;

use crate::{
    error::{AppError, FieldError},
    features::audit_log::{
        page::filters::ranges,
        server::{
            LINE, LINE_MAX,
            views::{self, Keeping, Wanted},
        },
    },
    ids::AuditViewId,
    paths,
    server::http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
    ui::{Actions, Button, ButtonKind, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader, Select, Tone, error_of},
};

const NAME_MAX: u32 = 60;

/// What the form shows.
struct Shown {
    title: String,
    purpose: &'static str,
    action: String,
    place: String,
    key: String,
    version: Option<i64>,
    name: String,
    line: String,
    range: String,
    from: String,
    to: String,
    errors: Vec<FieldError>,
    says: Option<String>,
    /// Where all views are.
    back: String,
    delete: Option<String>,
    /// The same as a new view for everybody.
    share: Option<String>,
    /// Whether the person keeps views here at all.
    keeps: bool,
}

fn purpose<R: Keeping>() -> &'static str {
    if R::IS_SHARED { "Everybody who reads this log has it." } else { "It is yours, and nobody else sees it." }
}

/// The form of a new view, with what the address asks for in it: a list leads here with its own filters.
pub async fn show_new<R: Keeping>(visit: Visit<R>) -> Result<Page, AppError> {
    let shelf = R::shelf(&visit.scope);
    let title = if R::IS_SHARED { "New view for everybody" } else { "New view" };
    let asked = |name: &str| visit.value(name, &withheld(visit.asked(name)));
    let shown = Shown {
        title: title.to_owned(),
        purpose: purpose::<R>(),
        action: paths::new_audit_view(&shelf.views(R::IS_SHARED)),
        place: shelf.slug.clone(),
        key: visit.form_key(),
        version: None,
        name: asked("name"),
        line: asked(LINE),
        range: asked("range"),
        from: asked("from"),
        to: asked("to"),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(says),
        back: shelf.views(false),
        delete: None,
        share: None,
        keeps: R::keeps(&visit.scope),
    };
    render(visit, shown).await
}

/// One view, to be changed.
pub async fn show<R: Keeping>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let id: AuditViewId = visit.named("view")?;
    let view = views::find(&mut visit.scope, id).await?;
    let shelf = R::shelf(&visit.scope);
    let (here, wanted) = (shelf.views(R::IS_SHARED), Wanted::of(&view));
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let share = (!R::IS_SHARED && R::may_share(&visit.scope)).then(|| {
        let parts = wanted.parts();
        let query: Vec<(&str, &str)> =
            [("name", view.name.as_str())].into_iter().chain(parts.iter().map(|(name, value)| (*name, value.as_str()))).collect();
        paths::asking(&paths::new_audit_view(&shelf.views(true)), &query)
    });
    let shown = Shown {
        title: view.name.clone(),
        purpose: purpose::<R>(),
        action: paths::audit_view(&here, id),
        place: shelf.slug.clone(),
        key: visit.form_key(),
        version: Some(view.version),
        name: visit.value("name", &view.name),
        line: visit.value(LINE, &view.line),
        range: visit.value("range", view.within.as_deref().unwrap_or_default()),
        from: visit.value("from", &day(view.from_day)),
        to: visit.value("to", &day(view.to_day)),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(says),
        back: shelf.views(false),
        delete: Some(paths::delete_audit_view(&here, id)),
        share,
        keeps: true,
    };
    render(visit, shown).await
}

pub async fn create<R: Keeping>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let wanted = entered(&submission)?;
    views::create(&mut submission.scope, &wanted).await?;
    finish(submission, "The view is saved.").await
}

pub async fn change<R: Keeping>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let id: AuditViewId = submission.named("view")?;
    let version = submission.version()?;
    let wanted = entered(&submission)?;
    let is_new = views::change(&mut submission.scope, id, &wanted, version).await?;
    finish(submission, if is_new { "The view is saved." } else { "Nothing to change." }).await
}

async fn finish<R: Keeping>(mut submission: Submission<R>, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = R::shelf(&submission.scope).views(false);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}

fn entered<R: Keeping>(submission: &Submission<R>) -> Result<Wanted, AppError> {
    Wanted::read(&submission.scope, |field| submission.fields.get(field).to_owned())
}

/// What stands in an address is shown without secrets.
fn withheld(text: &str) -> String {
    crate::server::credentials::withholding(text).into_owned()
}

fn says(refused: &RefusedForm) -> Option<String> {
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

async fn render<R: Keeping>(visit: Visit<R>, shown: Shown) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(shown.title.clone(), surroundings, move || view! { <ViewForm shown=shown/> }))
}

#[component]
fn ViewForm(shown: Shown) -> impl IntoView {
    let Shown { title, purpose, action, place, key, version, name, line, range, from, to, errors, says, back, delete, share, keeps } =
        shown;
    if !keeps {
        return view! {
            <PageHeader title=title purpose=purpose/>
            <Notice>"Support access looks, and leaves nothing behind: no view is kept for it."</Notice>
        }
        .into_any();
    }
    let error = |field: &str| error_of(&errors, field);
    let (name_error, line_error, range_error) = (error("name"), error(LINE), error("range"));
    let (from_error, to_error) = (error("from"), error("to"));
    let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let version = version.map(|version| view! { <input type="hidden" name="version" value=version/> });
    let line_max = u32::try_from(LINE_MAX).ok();
    view! {
        <PageHeader title=title purpose=purpose>
            {share.map(|href| view! { <LinkButton href=href>"Share a copy"</LinkButton> })}
            {delete.map(|href| view! { <LinkButton href=href kind=ButtonKind::Danger>"Delete …"</LinkButton> })}
        </PageHeader>
        {says}
        <ErrorSummary errors=errors/>
        <Form action=action key=key place=place>
            {version}
            <Field name="name" label="Name" value=name maxlength=NAME_MAX help="1 to 60 characters." error=name_error/>
            <Field name=LINE label="Search" value=line maxlength=line_max.unwrap_or_default() help="As in the log: words, and qualifiers such as outcome:denied." error=line_error optional=true/>
            <Select name="range" label="Time" choices=ranges() value=range help="Counted back from the day on which somebody looks." error=range_error/>
            <Field name="from" label="From" input_type="date" value=from error=from_error optional=true/>
            <Field name="to" label="To" input_type="date" value=to error=to_error optional=true/>
            <Actions>
                <Button kind=ButtonKind::Primary>"Save view"</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
    .into_any()
}
