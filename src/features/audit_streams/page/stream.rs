//! One stream: how far it is, how its last attempt went, and what can be done to it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{
    form::{URL_HELP, says},
    once::{self, Once},
    pieces::{position, state, why_paused},
};
use crate::{
    error::{AppError, FieldError},
    features::audit_streams::server::{self, Holding, Place, Shown, Wanted, host_of},
    ids::AuditStreamId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
    },
    ui::{
        Actions, Button, ButtonKind, DangerAct, DangerZone, Description, DescriptionList, ErrorSummary, Field, Form, Icon, LinkButton,
        Notice, PageHeader, Section, Time, Tone, error_of,
    },
};

/// What the forms of whoever may change it show.
struct Changing {
    /// One for each form.
    keys: [String; 4],
    name: String,
    url: String,
    errors: Vec<FieldError>,
}

pub async fn show<R: Holding>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let id: AuditStreamId = visit.named("stream")?;
    let place = R::place(&visit.scope);
    let shown = server::find(&mut visit.scope, id).await?;
    let changing = (R::may_change(&visit.scope) && shown.stream.status != "archived").then(|| {
        let is_edited =
            visit.refused.as_ref().is_some_and(|refused| !refused.fields.get("name").is_empty() || !refused.fields.get("url").is_empty());
        let value = |field: &str, stored: &str| if is_edited { visit.value(field, stored) } else { stored.to_owned() };
        Changing {
            keys: std::array::from_fn(|_| visit.form_key()),
            name: value("name", &shown.stream.name),
            url: value("url", &shown.stream.url),
            errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        }
    });
    let says = visit.refused.as_ref().and_then(says);
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    let title = shown.stream.name.clone();
    Ok(Page::framed(title, surroundings, move || view! { <Whole shown=shown place=place changing=changing says=says reader=reader/> }))
}

pub async fn change<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let id: AuditStreamId = submission.named("stream")?;
    let version = submission.version()?;
    let wanted = Wanted::read(submission.scope.stoa().outbound(), submission.fields.get("name"), submission.fields.get("url"))?;
    let is_new = server::change(&mut submission.scope, id, &wanted, version).await?;
    finish(submission, id, if is_new { "The stream is saved." } else { "Nothing to change." }).await
}

pub async fn pause<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named("stream")?, submission.version()?);
    server::pause(&mut submission.scope, id, version).await?;
    finish(submission, id, "The stream is paused.").await
}

pub async fn resume<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named("stream")?, submission.version()?);
    server::resume(&mut submission.scope, id, version).await?;
    finish(submission, id, "The stream goes on where it was.").await
}

pub async fn test<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let id = submission.named("stream")?;
    server::test(&mut submission.scope, id).await?;
    finish(submission, id, "A test is on its way. Load this page again to see how it went.").await
}

pub async fn rotate<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named("stream")?, submission.version()?);
    let secret = server::rotate(&mut submission.scope, id, version).await?;
    let location = paths::audit_stream(&R::place(&submission.scope).streams(), id);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let shown = Once {
        title: "A new signing secret".to_owned(),
        purpose: "The one before signs beside it for 24 hours, so that nothing is refused while you change it.",
        secret,
        done: location.clone(),
    };
    Ok(FormAnswer::to(location).showing(once::page(visit, shown).await?))
}

async fn finish<R: Holding>(mut submission: Submission<R>, id: AuditStreamId, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = paths::audit_stream(&R::place(&submission.scope).streams(), id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}

#[component]
fn Whole(shown: Shown, place: Place, changing: Option<Changing>, says: Option<String>, reader: Reader) -> impl IntoView {
    let here = place.streams();
    let errors = changing.as_ref().map(|changing| changing.errors.clone()).unwrap_or_default();
    let paused = why_paused(&shown).map(|why| view! { <Notice tone=Tone::Warning>{why}</Notice> });
    let forms = changing.map(|changing| view! { <Forms shown=shown.clone() place=place changing=changing/> });
    view! {
        <PageHeader title=shown.stream.name.clone() purpose="The rows of this log, sent in the order in which they were sealed.">
            <LinkButton href=here icon=Icon::Audit>"All streams"</LinkButton>
        </PageHeader>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=errors/>
        {paused}
        <Standing shown=shown reader=reader/>
        {forms}
    }
}

/// A fact that there may be nothing to say of.
type Fact = (&'static str, Option<AnyView>);

#[component]
fn Standing(shown: Shown, reader: Reader) -> impl IntoView {
    let facts = facts(&shown, &reader).into_iter().filter_map(|(term, value)| {
        let value = value?;
        Some(view! { <Description term=term>{value}</Description> })
    });
    let facts = facts.collect_view();
    view! { <Section heading="How far it is"><DescriptionList>{facts}</DescriptionList></Section> }
}

fn facts(shown: &Shown, reader: &Reader) -> [Fact; 12] {
    let moment = |at: Option<DateTime<Utc>>| {
        let at = reader.shown(at?);
        Some(view! { <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/> }.into_any())
    };
    let said = |text: String| Some(text.into_any());
    let (stream, is_failing) = (&shown.stream, shown.is_failing());
    let test = stream.tested_at.map(|at| {
        let says = stream.test_error.clone().unwrap_or_else(|| format!("It answered {}.", stream.test_status.unwrap_or_default()));
        view! { {moment(Some(at))}": "{says} }.into_any()
    });
    [
        ("State", Some(state(shown).into_any())),
        ("Endpoint", said(host_of(&stream.url))),
        ("Position", said(position(shown))),
        ("Last sent", moment(stream.last_sent_at).or_else(|| said("Never".to_owned()))),
        ("Last attempt", moment(stream.last_attempt_at)),
        ("Last answer", stream.last_status.and_then(|status| said(status.to_string()))),
        ("Last error", stream.last_error.clone().and_then(said)),
        ("Failing since", moment(stream.failing_since.filter(|_| is_failing))),
        ("Tried again", moment(Some(stream.due_at).filter(|_| is_failing))),
        ("Last test", test),
        ("Secret made", moment(Some(stream.secret_made_at))),
        ("Former secret signs until", moment(stream.former_until.filter(|until| reader.now < *until))),
    ]
}

#[component]
fn Forms(shown: Shown, place: Place, changing: Changing) -> impl IntoView {
    let (stream, here, slug) = (shown.stream, place.streams(), place.slug);
    let act = |act: &str| paths::audit_stream_act(&here, stream.id, act);
    let Changing { keys: [for_test, for_change, for_secret, for_state], name, url, errors } = changing;
    let version = stream.version;
    let of = |what: &str, key: String| Posted { action: act(what), key, slug: slug.clone(), version };
    let state = if stream.status == "paused" {
        view! { <Act heading="Resume" purpose="It goes on with the first row that was not acknowledged." label="Resume stream" form=of("resume", for_state)/> }
    } else {
        view! { <Act heading="Pause" purpose="Nothing is sent until it is resumed; the rows wait, and none is lost." label="Pause stream" form=of("pause", for_state)/> }
    };
    let change = Posted { action: paths::audit_stream(&here, stream.id), key: for_change, slug: slug.clone(), version };
    let end = act("archive");
    view! {
        <Act heading="Test" purpose="Sends a message that is no row, signed as rows are. What came of it stands above." label="Send a test" form=of("test", for_test)/>
        <Change form=change name=name url=url errors=errors/>
        <Act heading="Signing secret" purpose="A new one, shown once. The one before signs beside it for 24 hours." label="Rotate secret" form=of("rotate", for_secret)/>
        {state}
        <DangerZone>
            <DangerAct title="Archive" explanation="It sends nothing any more, for good. You are asked first.">
                <LinkButton href=end kind=ButtonKind::Danger>"Archive …"</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}

/// What every form of the page sends.
struct Posted {
    action: String,
    key: String,
    slug: String,
    version: i64,
}

#[component]
fn Act(heading: &'static str, purpose: &'static str, label: &'static str, form: Posted) -> impl IntoView {
    view! {
        <Section heading=heading purpose=purpose>
            <Form action=form.action key=form.key place=form.slug>
                <input type="hidden" name="version" value=form.version/>
                <Actions><Button>{label}</Button></Actions>
            </Form>
        </Section>
    }
}

#[component]
fn Change(form: Posted, name: String, url: String, errors: Vec<FieldError>) -> impl IntoView {
    let (name_error, url_error) = (error_of(&errors, "name"), error_of(&errors, "url"));
    view! {
        <Section heading="Name and endpoint" purpose="At another endpoint it goes on where it was at this one.">
            <Form action=form.action key=form.key place=form.slug>
                <input type="hidden" name="version" value=form.version/>
                <Field name="name" label="Name" value=name maxlength=60 help="1 to 60 characters." error=name_error/>
                <Field name="url" label="Endpoint" input_type="url" value=url maxlength=2000 help=URL_HELP error=url_error/>
                <Actions><Button>"Save stream"</Button></Actions>
            </Form>
        </Section>
    }
}
