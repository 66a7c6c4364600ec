//! The page that makes a workspace, with the plan's limit in sight before the click.

use leptos::prelude::*;

use super::refusal;
use crate::{
    access::tenant::CreateWorkspace,
    error::{AppError, FieldError},
    features::workspaces::{NAME_MAX, server, word},
    paths,
    server::{
        http::{Fields, FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{Actions, Button, ButtonKind, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader, Section, Tone},
};

pub async fn show(mut visit: Visit<InTenant<CreateWorkspace>>) -> Result<Page, AppError> {
    let (tenant, role) = (visit.scope.tenant().clone(), visit.scope.role());
    let allowance = server::allowance(&mut visit.scope, tenant.id, &tenant.plan).await?;
    let (errors, says) = refusal(&visit);
    let form = NewWorkspace {
        key: visit.form_key(),
        slug: tenant.slug.clone(),
        name: visit.value("name", ""),
        name_problem: visit.problem("name"),
        word: visit.value("word", ""),
        word_problem: visit.problem("word"),
        why_not: server::why_not_create(&tenant, role, &allowance),
        errors,
    };
    // What the button says beside itself is not said twice.
    let says = says.filter(|says| form.why_not.as_ref() != Some(says));
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let purpose = format!("A place in {} with members, keys and an audit log of its own. You become its owner.", tenant.name);
    Ok(Page::framed("Create workspace", surroundings, move || {
        view! {
            <PageHeader title="Create workspace" purpose=purpose/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <Section heading="New workspace" purpose=allowance.says()><NewForm form=form/></Section>
        }
    }))
}

pub async fn create(mut submission: Submission<InTenant<CreateWorkspace>>) -> Result<FormAnswer, AppError> {
    let (name, word) = read(&submission.fields)?;
    let slug = server::create_in_plan(&mut submission.scope, &word, &name).await?;
    let location = paths::overview(&slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The workspace is created, and you are its owner."))
}

/// All that is wrong at once. Left empty, the short name is made from the name.
fn read(fields: &Fields) -> Result<(String, String), AppError> {
    let name = fields.line("name", "The name", NAME_MAX);
    let word = match (fields.get("word").trim(), &name) {
        ("", Ok(name)) => Ok(word::of_name(name)),
        ("", Err(_)) => Ok(String::new()),
        (chosen, _) => word::check(chosen).map(|()| chosen.to_owned()),
    };
    match (name, word) {
        (Ok(name), Ok(word)) => Ok((name, word)),
        (Err(AppError::Invalid(name)), Err(AppError::Invalid(word))) => Err(AppError::Invalid([name, word].concat())),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

#[derive(Clone, Debug)]
struct NewWorkspace {
    key: String,
    /// The team's.
    slug: String,
    name: String,
    name_problem: Option<String>,
    word: String,
    word_problem: Option<String>,
    why_not: Option<String>,
    errors: Vec<FieldError>,
}

#[component]
fn NewForm(form: NewWorkspace) -> impl IntoView {
    let word_help = format!(
        "{} to {} lower-case letters, digits and hyphens. Left empty, it is made from the name. The slug is this and six random characters, \
         as in shop-7f3k2q; slug and id never change.",
        word::WORD_MIN,
        word::WORD_MAX
    );
    view! {
        <ErrorSummary errors=form.errors/>
        <Form action=paths::new_workspace(&form.slug) key=form.key place=form.slug.clone()>
            <Field name="name" label="Name" value=form.name maxlength=80 help="1 to 80 characters. It can be changed at any time." error=form.name_problem/>
            <Field name="word" label="Short name for addresses" value=form.word maxlength=24 optional=true help=word_help error=form.word_problem/>
            <Actions>
                <Button kind=ButtonKind::Primary disabled_because=form.why_not>"Create workspace"</Button>
                <LinkButton href=paths::workspaces(&form.slug) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}
