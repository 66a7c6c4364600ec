//! The Overview page: what this workspace is, and what to do first.

use leptos::prelude::*;

use crate::{
    access::{WorkspacePermission, WorkspaceRole, workspace::ReadWorkspace},
    error::AppError,
    paths,
    server::{
        http::{Page, Visit},
        rest,
        scope::InWorkspace,
    },
    ui::{Code, Description, DescriptionList, PageHeader, RoleBadge, Section, Steps, Time},
};

pub async fn show(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let (workspace, tenant) = (visit.scope.workspace().clone(), visit.scope.tenant().clone());
    let (role, reader) = (visit.scope.role(), visit.reader());
    let base = visit.scope.stoa().config.public_urls.console_url(rest::BASE).to_string();
    visit.scope.close().await?;
    Ok(Page::framed(workspace.name.clone(), surroundings, move || {
        let created = reader.shown(workspace.created_at);
        view! {
            <PageHeader title=workspace.name.clone() purpose="What this workspace is, and what needs you in it."/>
            <FirstSteps slug=workspace.slug.clone() tenant_slug=tenant.slug role=role/>
            <FirstCall base=base/>
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

/// What somebody of that role can begin with.
#[component]
fn FirstSteps(slug: String, tenant_slug: String, role: WorkspaceRole) -> impl IntoView {
    let step = move |permission: WorkspacePermission, href: String, what: &'static str, why: &'static str| {
        role.may(permission).then(|| view! { <li><a class="link" href=href>{what}</a>{why}</li> })
    };
    view! {
        <Section heading="First steps" purpose="A minute each.">
            <Steps>
                {step(
                    WorkspacePermission::RenameWorkspace,
                    paths::settings(&slug),
                    "Give this workspace a name",
                    " that your colleagues will recognise. Its slug stays as it is.",
                )}
                {step(WorkspacePermission::ManageMembers, paths::invite(&slug), "Invite your colleagues", ", each with the role that fits.")}
                {step(
                    WorkspacePermission::ManageCredentials,
                    paths::new_api_key(&slug),
                    "Create an API key",
                    " with the scopes that your application needs, and make the call below.",
                )}
                <li><a class="link" href=paths::PROFILE>"Check your profile"</a>": your name as others see it, your time zone, light or dark."</li>
                <li><a class="link" href=paths::workspaces(&tenant_slug)>"See your workspaces"</a>", and switch between them at the top of every page."</li>
            </Steps>
        </Section>
    }
}

/// What works when it is pasted, once `STOA_KEY` holds a key's secret.
#[component]
fn FirstCall(base: String) -> impl IntoView {
    let call = format!("curl -H \"Authorization: Bearer $STOA_KEY\" {base}/me");
    let document = format!("{base}/openapi.json");
    view! {
        <Section heading="API" purpose="A key belongs to this workspace, so no address names it.">
            <DescriptionList>
                <Description term="Base address"><Code value=base label="Copy the API's base address"/></Description>
                <Description term="First call"><Code value=call label="Copy the first call"/></Description>
                <Description term="Described by"><Code value=document label="Copy the address of the API's description"/></Description>
            </DescriptionList>
        </Section>
    }
}
