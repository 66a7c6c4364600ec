//! Making a stream.

use leptos::prelude::*;

use super::once::{self, Once};
use crate::{
    error::{AppError, FieldError},
    features::audit_streams::server::{self, Holding, Start, Wanted},
    paths,
    server::http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
    ui::{Actions, Button, ButtonKind, Choice, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader, Select, Tone, error_of},
};

const TITLE: &str = "New audit stream";
pub const URL_HELP: &str = "https, by the host's name, on port 443 or one from 1024 on. Only its host is shown to those who read the log.";

/// What the form shows.
struct Shown {
    action: String,
    back: String,
    place: String,
    key: String,
    name: String,
    url: String,
    start: String,
    errors: Vec<FieldError>,
    says: Option<String>,
}

pub async fn show_new<R: Holding>(visit: Visit<R>) -> Result<Page, AppError> {
    let place = R::place(&visit.scope);
    let shown = Shown {
        action: paths::new_audit_stream(&place.streams()),
        back: place.streams(),
        place: place.slug,
        key: visit.form_key(),
        name: visit.value("name", ""),
        url: visit.value("url", ""),
        start: visit.value("start", Start::default().name()),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(says),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(TITLE, surroundings, move || view! { <NewForm shown=shown/> }))
}

pub async fn create<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let wanted = Wanted::read(submission.scope.stoa().outbound(), submission.fields.get("name"), submission.fields.get("url"))?;
    let start = Start::read(submission.fields.get("start"))?;
    let (id, secret) = server::create(&mut submission.scope, &wanted, start).await?;
    let location = paths::audit_stream(&R::place(&submission.scope).streams(), id);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let shown = Once {
        title: format!("The stream “{}” is made", wanted.name),
        purpose: "It begins to send within seconds.",
        secret,
        done: location.clone(),
    };
    Ok(FormAnswer::to(location).showing(once::page(visit, shown).await?))
}

/// A refusal that names no field.
pub fn says(refused: &RefusedForm) -> Option<String> {
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

#[component]
fn NewForm(shown: Shown) -> impl IntoView {
    let Shown { action, back, place, key, name, url, start, errors, says } = shown;
    let error = |field: &str| error_of(&errors, field);
    let (name_error, url_error, start_error) = (error("name"), error("url"), error("start"));
    let starts =
        vec![Choice::new(Start::Beginning.name(), "the log's first row"), Choice::new(Start::Now.name(), "what happens from now on")];
    view! {
        <PageHeader title=TITLE purpose="Every row of this log is sent to an endpoint of yours, outside of what is kept here. This stands in the log."/>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=errors/>
        <Form action=action key=key place=place>
            <Field name="name" label="Name" value=name maxlength=60 help="What receives it, such as “SIEM”. 1 to 60 characters." error=name_error/>
            <Field name="url" label="Endpoint" input_type="url" value=url maxlength=2000 help=URL_HELP error=url_error/>
            <Select name="start" label="Begins with" choices=starts value=start error=start_error/>
            <Actions>
                <Button kind=ButtonKind::Primary>"Make stream"</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}
