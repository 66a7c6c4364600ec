//! The Overview page: what needs somebody now, what was used, what happened last, and what to do first. Each part is a
//! piece of its own, and all of them are loaded through one scope.

mod attention;
mod first_call;
mod first_steps;
mod recent;
mod usage;

use leptos::prelude::*;

use crate::{
    access::{TenantPermission, WorkspacePermission, WorkspaceRole, workspace::ReadWorkspace},
    error::AppError,
    features::{
        api_keys::server::{self as api_keys, Concern},
        audit_log::server::{self as audit_log, Recent},
        billing, invitations, modules,
        records::server::{self as records, FirstWrite},
        usage::server::{self as figures, Glance},
    },
    server::{
        Reader,
        http::{Page, Visit},
        rest,
        scope::{InWorkspace, Tenant, Workspace, WorkspaceScope},
        standing::Standing,
    },
    ui::{Code, Description, DescriptionList, PageHeader, RoleBadge, Section, Time},
};
use attention::{Attention, Facts, Item, Place};
use first_call::FirstCall;
use first_steps::{FirstSteps, Step};
use recent::RecentRows;
use usage::Usage;

type Here = WorkspaceScope<ReadWorkspace>;

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    let shown = Shown::load(&mut visit.scope, reader).await?;
    visit.scope.close().await?;
    Ok(Page::framed(shown.workspace.name.clone(), surroundings, move || shown.view()))
}

/// What the page shows.
struct Shown {
    workspace: Workspace,
    tenant: Tenant,
    role: WorkspaceRole,
    steps: Vec<Step>,
    items: Vec<Item>,
    glance: Glance,
    recent: Option<Recent>,
    base: String,
    endpoint: String,
    write: Option<FirstWrite>,
    reader: Reader,
}

impl Shown {
    async fn load(scope: &mut Here, reader: Reader) -> Result<Self, AppError> {
        let role = scope.role();
        let standing = Standing::here(scope).await?;
        let (facts, recent) = facts(scope, &standing).await?;
        let are_invited = facts.invitations.as_ref().is_some_and(|waiting| waiting.pending > 0);
        Ok(Self {
            steps: Step::open(scope, are_invited).await?,
            items: attention::items(&facts, &place(scope)),
            glance: figures::glance(scope, &reader).await?,
            recent,
            endpoint: scope.stoa().config.public_urls.mcp_url(&scope.workspace().slug).to_string(),
            base: scope.stoa().config.public_urls.console_url(rest::BASE).to_string(),
            write: role.may(WorkspacePermission::WriteRecords).then(|| records::first_write(&standing)).flatten(),
            workspace: scope.workspace().clone(),
            tenant: scope.tenant().clone(),
            role,
            reader,
        })
    }

    fn view(self) -> impl IntoView {
        let Self { workspace, tenant, role, steps, items, glance, recent, base, endpoint, write, reader } = self;
        let (slug, zone) = (workspace.slug.clone(), reader.zone.clone());
        let recent = recent.map(|recent| view! { <RecentRows entries=recent.entries source=recent.source reader=reader.clone()/> });
        view! {
            <PageHeader title=workspace.name.clone() purpose="What needs you here, what was used, and what happened last."/>
            <FirstSteps slug=slug.clone() steps=steps/>
            <Attention items=items reader=reader.clone()/>
            <Usage glance=glance zone=zone/>
            {recent}
            <FirstCall base=base endpoint=endpoint slug=slug write=write/>
            <About workspace=workspace team=tenant.name role=role reader=reader/>
        }
    }
}

/// What the features know, each as far as the reader may see it; and the newest of the log.
async fn facts(scope: &mut Here, standing: &Standing) -> Result<(Facts, Option<Recent>), AppError> {
    let keys = api_keys::concerns(scope).await?;
    let expired = keys.iter().filter(|concerned| concerned.concern == Concern::Expired);
    let expired: Vec<_> = expired.flat_map(|concerned| concerned.keys.iter().map(|key| (key.id, key.at))).collect();
    let recent = audit_log::recent(scope, recent::ROWS, &expired).await?;
    // Invitations are for those who send them, and for those who look at everything.
    let is_told = [WorkspacePermission::ManageMembers, WorkspacePermission::ReadAudit].iter().any(|may| scope.role().may(*may));
    let invitations = if is_told { Some(invitations::server::waiting(scope).await?) } else { None };
    let spend = billing::server::state::state(scope, standing).await?;
    let modules = modules::server::refused(scope, standing).await?;
    let refusals = recent.as_ref().map(|recent| recent.refusals.clone());
    Ok((Facts { keys, spend, modules, invitations, refusals }, recent))
}

fn place(scope: &Here) -> Place {
    let reach = scope.reach();
    Place {
        slug: reach.workspace.slug.clone(),
        tenant_slug: reach.tenant.slug.clone(),
        sees_billing: reach.tenant_role.is_some_and(|role| role.may(TenantPermission::ReadBilling)),
    }
}

#[component]
fn About(workspace: Workspace, team: String, role: WorkspaceRole, reader: Reader) -> impl IntoView {
    let created = reader.shown(workspace.created_at);
    view! {
        <Section heading="About">
            <DescriptionList>
                <Description term="Team">{team}</Description>
                <Description term="Your role"><RoleBadge role=role.name()/></Description>
                <Description term="Slug"><Code value=workspace.slug label="Copy the workspace's slug"/></Description>
                <Description term="Id"><Code value=workspace.id.to_string() label="Copy the workspace's id"/></Description>
                <Description term="Created">
                    <Time rfc3339=created.rfc3339 absolute=created.absolute shown=created.relative/>
                </Description>
            </DescriptionList>
        </Section>
    }
}
