//! The Overview page: what this workspace is, and what to do first. Each part is a piece of its own.

mod first_steps;

use leptos::prelude::*;

use crate::{
    access::workspace::ReadWorkspace,
    error::AppError,
    server::{
        http::{Page, Visit},
        rest,
        scope::InWorkspace,
    },
    ui::{Code, Description, DescriptionList, PageHeader, RoleBadge, Section, Time},
};
use first_steps::{FirstSteps, Step};

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let (workspace, tenant) = (visit.scope.workspace().clone(), visit.scope.tenant().clone());
    let (role, reader) = (visit.scope.role(), visit.reader());
    let base = visit.scope.stoa().config.public_urls.console_url(rest::BASE).to_string();
    let steps = Step::open(&mut visit.scope).await?;
    visit.scope.close().await?;
    Ok(Page::framed(workspace.name.clone(), surroundings, move || {
        let created = reader.shown(workspace.created_at);
        view! {
            <PageHeader title=workspace.name.clone() purpose="What this workspace is, and what needs you in it."/>
            <FirstSteps slug=workspace.slug.clone() steps=steps/>
            <div id="first-call"><FirstCall base=base/></div>
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
