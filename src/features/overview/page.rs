//! The Overview page: what this workspace is, and what to do first.

use leptos::prelude::*;

use crate::{
    access::{WorkspacePermission, workspace::ReadWorkspace},
    error::AppError,
    paths,
    server::{
        http::{Page, Visit},
        scope::InWorkspace,
    },
    ui::{Code, Description, DescriptionList, PageHeader, RoleBadge, Section, Steps, Time},
};

pub async fn show(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let (workspace, tenant) = (visit.scope.workspace().clone(), visit.scope.tenant().clone());
    let (role, reader) = (visit.scope.role(), visit.reader());
    visit.scope.close().await?;
    Ok(Page::framed(workspace.name.clone(), surroundings, move || {
        let created = reader.shown(workspace.created_at);
        let may_rename = role.may(WorkspacePermission::RenameWorkspace);
        view! {
            <PageHeader title=workspace.name.clone() purpose="What this workspace is, and what needs you in it."/>
            <FirstSteps slug=workspace.slug.clone() tenant_slug=tenant.slug may_rename=may_rename/>
            <Section heading="About">
                <DescriptionList>
                    <Description term="Team">{tenant.name}</Description>
                    <Description term="Your role"><RoleBadge role=role.name()/></Description>
                    <Description term="Slug"><Code value=workspace.slug label="Copy the workspace's slug"/></Description>
                    <Description term="Id"><Code value=workspace.id.to_string() label="Copy the workspace's id"/></Description>
                    <Description term="Created">
                        <Time rfc3339=created.rfc3339 absolute=created.absolute shown=created.relative/>
                    </Description>
                </DescriptionList>
            </Section>
        }
    }))
}

#[component]
fn FirstSteps(slug: String, tenant_slug: String, may_rename: bool) -> impl IntoView {
    let rename = may_rename.then(|| {
        view! {
            <li><a class="link" href=paths::settings(&slug)>"Give this workspace a name"</a>" that your colleagues will recognise. Its slug stays as it is."</li>
        }
    });
    view! {
        <Section heading="First steps" purpose="A minute each.">
            <Steps>
                {rename}
                <li><a class="link" href=paths::PROFILE>"Check your profile"</a>": your name as others see it, your time zone, light or dark."</li>
                <li><a class="link" href=paths::workspaces(&tenant_slug)>"See your workspaces"</a>", and switch between them at the top of every page."</li>
            </Steps>
        </Section>
    }
}
