//! The Teams page: every team the person is in.

use leptos::prelude::*;

use super::server::{self, Team};
use crate::{
    access::tenant::SeeTeam,
    error::AppError,
    paths,
    server::{
        Reader,
        http::{Page, Visit},
        scope::InTenant,
    },
    ui::{Column, EmptyState, Icon, PageHeader, RoleBadge, Table, Time},
};

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let teams = server::list(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let reader = visit.reader();
    visit.scope.close().await?;
    Ok(Page::framed("Teams", surroundings, move || {
        view! {
            <PageHeader title="Teams" purpose="The accounts you belong to, each with its own workspaces and billing."/>
            <TeamTable teams=teams reader=reader/>
        }
    }))
}

#[component]
fn TeamTable(teams: Vec<Team>, reader: Reader) -> impl IntoView {
    if teams.is_empty() {
        return view! {
            <EmptyState icon=Icon::Teams title="No team yet" explanation="You are in a workspace of someone else's team. Its owners can add you to the team."/>
        }
        .into_any();
    }
    let rows = teams.into_iter().map(|team| row(team, &reader)).collect_view();
    let columns = vec![
        Column::text("Team"),
        Column::text("Kind"),
        Column::text("Your role"),
        Column::number("Your workspaces"),
        Column::text("Joined"),
    ];
    view! { <Table caption="Your teams" columns=columns>{rows}</Table> }.into_any()
}

fn row(team: Team, reader: &Reader) -> impl IntoView + use<> {
    let kind = if team.kind == server::PERSONAL { "Personal" } else { "Team" };
    let joined = reader.shown(team.joined_at);
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::workspaces(&team.slug)>{team.name}</a></th>
            <td>{kind}</td>
            <td><RoleBadge role=team.role.name()/></td>
            <td class="number">{team.workspaces}</td>
            <td><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></td>
        </tr>
    }
}
