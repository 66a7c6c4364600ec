//! The page that archives a workspace: what stops, what stays, what comes back and until when, and the words to type.

use leptos::prelude::*;

use super::{
    refusal,
    stopped::{ByName, lines},
};
use crate::{
    access::{WorkspaceRole, workspace::ArchiveWorkspace},
    error::{AppError, FieldError},
    features::workspaces::server::{self, Inventory},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, ErrorSummary, Form, Inventory as Counted, LinkButton, Notice, PageHeader, Section, Tone, TypedPhrase,
    },
};

pub async fn show(mut visit: Visit<InWorkspace<ArchiveWorkspace>>) -> Result<Page, AppError> {
    let inventory = server::preview(&mut visit.scope).await?;
    let (errors, says) = refusal(&visit);
    let workspace = visit.scope.workspace().clone();
    let confirm = Confirm {
        key: visit.form_key(),
        slug: workspace.slug.clone(),
        digest: inventory.digest(),
        problem: visit.problem("phrase"),
        is_sign_in_recent: visit.scope.is_sign_in_recent(),
        errors,
    };
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    let until = reader.shown(server::purge_time(reader.now)).absolute;
    visit.scope.close().await?;
    let title = format!("Archive {}", workspace.name);
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose="Everything that works in this workspace stops at once. It does not count against the plan any more."/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=confirm.errors.clone()/>
            <Happens inventory=inventory until=until/>
            <Confirmation confirm=confirm/>
        }
    }))
}

pub async fn archive(mut submission: Submission<InWorkspace<ArchiveWorkspace>>) -> Result<FormAnswer, AppError> {
    let slug = submission.scope.workspace().slug.clone();
    submission.scope.ask_recent_sign_in(&paths::archive(&slug))?;
    let phrase = server::phrase(&slug);
    if submission.fields.get("phrase").trim() != phrase {
        return Err(AppError::invalid("phrase", format!("Type “{phrase}” exactly as it stands there. Nothing was archived.")));
    }
    let name = submission.scope.workspace().name.clone();
    let location = afterwards(&submission);
    server::archive(&mut submission.scope, submission.fields.get("inventory")).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("{name} is archived.")))
}

/// The archived view, for those who may look into it; an admin may archive and not look.
fn afterwards(submission: &Submission<InWorkspace<ArchiveWorkspace>>) -> String {
    let reach = submission.scope.reach();
    match (reach.role, reach.tenant_role) {
        (WorkspaceRole::Owner | WorkspaceRole::Readonly, _) => paths::archived(&reach.workspace.slug),
        (_, Some(_)) => paths::workspaces(&reach.tenant.slug),
        (_, None) => paths::HOME.to_owned(),
    }
}

#[component]
fn Happens(inventory: Inventory, until: String) -> impl IntoView {
    let counted = lines(&inventory);
    view! {
        <Section heading="What happens">
            <Counted lines=counted/>
            <p>"A former owner can restore it until " <strong>{until}</strong> ". Until then its records are kept, and nobody works with them. Its slug stays taken for good."</p>
        </Section>
        <ByName inventory=inventory/>
    }
}

#[derive(Clone, Debug)]
struct Confirm {
    key: String,
    slug: String,
    /// Of the inventory on this page.
    digest: String,
    problem: Option<String>,
    is_sign_in_recent: bool,
    errors: Vec<FieldError>,
}

#[component]
fn Confirmation(confirm: Confirm) -> impl IntoView {
    let action = paths::archive(&confirm.slug);
    if !confirm.is_sign_in_recent {
        return view! { <SignInFirst back=action/> }.into_any();
    }
    view! {
        <Section heading="Confirm" purpose="Refused if anything above has changed meanwhile.">
            <Form action=action key=confirm.key place=confirm.slug.clone()>
                <input type="hidden" name="inventory" value=confirm.digest/>
                <TypedPhrase phrase=server::phrase(&confirm.slug) error=confirm.problem/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Archive this workspace"</Button>
                    <LinkButton href=paths::settings(&confirm.slug) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
    .into_any()
}

#[component]
pub(super) fn SignInFirst(back: String) -> impl IntoView {
    view! {
        <Section heading="Confirm" purpose="This asks for a recent sign-in. Sign in again, and you come back to this page.">
            <Actions><LinkButton href=paths::sign_in_anew(&back) kind=ButtonKind::Primary>"Sign in again"</LinkButton></Actions>
        </Section>
    }
}
