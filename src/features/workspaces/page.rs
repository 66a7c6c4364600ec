//! The Workspaces page: those of one tenant that the person belongs to.

use leptos::prelude::*;

use super::server::{self, Listed};
use crate::{
    access::tenant::SeeTeam,
    error::AppError,
    paths,
    server::{
        Reader,
        http::{Page, Visit},
        scope::InTenant,
    },
    ui::{Code, Column, EmptyState, Icon, PageHeader, RoleBadge, Table, Time},
};

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let listed = server::list(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let (tenant, reader) = (visit.scope.tenant().name.clone(), visit.reader());
    visit.scope.close().await?;
    let purpose = format!("Where you work in {tenant}. You see the workspaces you are a member of.");
    Ok(Page::framed("Workspaces", surroundings, move || {
        view! {
            <PageHeader title="Workspaces" purpose=purpose/>
            <WorkspaceTable listed=listed reader=reader/>
        }
    }))
}

#[component]
fn WorkspaceTable(listed: Vec<Listed>, reader: Reader) -> impl IntoView {
    if listed.is_empty() {
        return view! {
            <EmptyState icon=Icon::Workspaces title="No workspace yet" explanation="You are in this team, but in none of its workspaces. An owner or admin of one can make you a member."/>
        }
        .into_any();
    }
    let rows = listed.into_iter().map(|workspace| row(workspace, &reader)).collect_view();
    let columns = vec![Column::text("Workspace"), Column::text("Your role"), Column::text("Slug"), Column::text("Created")];
    view! { <Table caption="Your workspaces" columns=columns>{rows}</Table> }.into_any()
}

fn row(workspace: Listed, reader: &Reader) -> impl IntoView + use<> {
    let created = reader.shown(workspace.created_at);
    let label = format!("Copy the slug of {}", workspace.name);
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::overview(&workspace.slug)>{workspace.name}</a></th>
            <td><RoleBadge role=workspace.role/></td>
            <td><Code value=workspace.slug label=label/></td>
            <td><Time rfc3339=created.rfc3339 absolute=created.absolute shown=created.relative/></td>
        </tr>
    }
}
