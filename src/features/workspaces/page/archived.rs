//! What is left to see of an archived workspace: the receipt, and the way back for former owners.

use leptos::prelude::*;

use super::{refusal, stopped::ByName};
use crate::{
    access::{
        AskWorkspace, WorkspacePermission,
        workspace::{ReadWorkspace, RestoreWorkspace},
    },
    error::AppError,
    features::workspaces::server::{self, Receipt},
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit},
        scope::{InArchive, Workspace},
    },
    ui::{Actions, Button, ButtonKind, Code, Description, DescriptionList, Form, Notice, PageHeader, Section, StatusBadge, Time, Tone},
};

pub async fn show(visit: Visit<InArchive<ReadWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InArchive<RestoreWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn restore(mut submission: Submission<InArchive<RestoreWorkspace>>) -> Result<FormAnswer, AppError> {
    let location = paths::overview(&submission.scope.workspace().slug);
    server::restore(&mut submission.scope).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The workspace is restored, with the members it had and the modules that were on."))
}

async fn page<P: AskWorkspace>(mut visit: Visit<InArchive<P>>) -> Result<Page, AppError> {
    let receipt = server::receipt(&mut visit.scope).await?;
    let why_not = server::why_not_restore(&mut visit.scope, &receipt).await?;
    let workspace = visit.scope.workspace().clone();
    let (_, says) = refusal(&visit);
    // What the button says beside itself is not said twice.
    let says = says.filter(|says| why_not.as_ref() != Some(says));
    let may_restore = visit.scope.role().may(WorkspacePermission::RestoreWorkspace);
    let restore = may_restore.then(|| Restore { key: visit.form_key(), slug: workspace.slug.clone(), why_not });
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    Ok(Page::framed(format!("{} (archived)", workspace.name), surroundings, move || {
        view! {
            <PageHeader title=workspace.name.clone() purpose="Archived: nothing works here any more. Former owners and auditors see what stopped."/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <About workspace=workspace receipt=receipt.clone() reader=reader/>
            {restore.map(|restore| view! { <RestoreForm restore=restore/> })}
            <ByName inventory=receipt.inventory/>
        }
    }))
}

#[component]
fn About(workspace: Workspace, receipt: Receipt, reader: Reader) -> impl IntoView {
    let (archived, until) = (reader.shown(receipt.archived_at), reader.shown(receipt.purge_at));
    view! {
        <Section heading="Receipt">
            <DescriptionList>
                <Description term="State"><StatusBadge tone=Tone::Warning text="Archived"/></Description>
                <Description term="Archived">
                    <Time rfc3339=archived.rfc3339 absolute=archived.absolute.clone() shown=archived.absolute/>
                </Description>
                <Description term="By">{receipt.archived_by}</Description>
                <Description term="Restorable and kept until">
                    <Time rfc3339=until.rfc3339 absolute=until.absolute.clone() shown=until.absolute/>
                </Description>
                <Description term="Slug"><Code value=workspace.slug label="Copy the workspace's slug"/></Description>
                <Description term="Id"><Code value=workspace.id.to_string() label="Copy the workspace's id"/></Description>
                <Description term="Receipt"><Code value=receipt.id.to_string() label="Copy the receipt's id"/></Description>
            </DescriptionList>
        </Section>
    }
}

#[derive(Clone, Debug)]
struct Restore {
    key: String,
    slug: String,
    why_not: Option<String>,
}

#[component]
fn RestoreForm(restore: Restore) -> impl IntoView {
    view! {
        <Section heading="Restore" purpose="Members come back with the roles they had, and modules that were on. Invitations, exceptions to the plan and consent to support access stay ended.">
            <Form action=paths::restore(&restore.slug) key=restore.key place=restore.slug.clone()>
                <Actions><Button kind=ButtonKind::Primary disabled_because=restore.why_not>"Restore this workspace"</Button></Actions>
            </Form>
        </Section>
    }
}
