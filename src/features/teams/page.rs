//! The Teams page, every team the person is in; and below it, one file each, the pages of one team.

pub mod deletion;
pub mod leaving;
pub mod making;
pub mod new_team;
pub mod people;
pub mod person;
mod pieces;
pub mod removal;
pub mod settings;
pub mod transfer;

use axum::{extract::Extension, response::Redirect};
use leptos::prelude::*;

use super::server::{self, Team};
use crate::{
    access::{TenantPermission, tenant::SeeTeam},
    error::AppError,
    paths,
    server::{
        Reader,
        http::{Page, Visit, request::RequestContext},
        scope::InTenant,
    },
    ui::{ButtonKind, Column, EmptyState, Icon, LinkButton, Named, PageHeader, RoleBadge, Table, Time},
};

/// Whoever cut an address down to the account's own is shown its first page. What the account is, that page finds out.
pub async fn first(Extension(context): Extension<RequestContext>) -> Redirect {
    let tenant = context.address().rsplit('/').next().unwrap_or_default();
    Redirect::to(&paths::workspaces(tenant))
}

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let teams = server::list(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let (reader, create) = (visit.reader(), paths::new_team(&visit.scope.tenant().slug));
    visit.scope.close().await?;
    Ok(Page::framed("Teams", surroundings, move || {
        view! {
            <PageHeader title="Teams" purpose="The accounts you belong to, each with its own people, workspaces and billing.">
                <LinkButton href=create kind=ButtonKind::Primary icon=Icon::Plus>"Create team"</LinkButton>
            </PageHeader>
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
    let is_shared = |name: &str| teams.iter().filter(|other| other.name == name).count() > 1;
    let rows = teams.iter().map(|team| row(team, is_shared(&team.name), &reader)).collect_view();
    let columns = vec![
        Column::text("Team"),
        Column::text("Kind"),
        Column::text("Your role"),
        Column::number("Your workspaces"),
        Column::text("Plan"),
        Column::text("Joined"),
        Column::actions("Actions"),
    ];
    view! { <Table caption="Your teams" columns=columns>{rows}</Table> }.into_any()
}

/// `is_shared`: another one of the list is called the same.
fn row(team: &Team, is_shared: bool, reader: &Reader) -> impl IntoView + use<> {
    let slug = is_shared.then(|| team.slug.clone());
    let kind = if team.kind == server::PERSONAL { "Personal" } else { "Team" };
    let joined = reader.shown(team.joined_at);
    let which = slug.as_ref().map(|slug| format!(" ({slug})")).unwrap_or_default();
    let links = links(team).into_iter().map(|(label, href)| {
        let named = format!(": {}{which}", team.name);
        view! { <LinkButton href=href kind=ButtonKind::Quiet>{label}<span class="visually-hidden">{named}</span></LinkButton> }
    });
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::workspaces(&team.slug)><Named name=team.name.clone() slug=slug/></a></th>
            <td>{kind}</td>
            <td><RoleBadge role=team.role.name()/></td>
            <td class="number">{team.workspaces}</td>
            <td>{server::plan_name(&team.plan, reader.now)}</td>
            <td><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></td>
            <td class="actions-cell">{links.collect_view()}</td>
        </tr>
    }
}

/// Where to go from a team, by what the person is to it.
fn links(team: &Team) -> Vec<(&'static str, String)> {
    let may_manage = team.role.may(TenantPermission::ManageTeam);
    let is_personal = team.kind == server::PERSONAL;
    [
        (!is_personal).then(|| ("People", paths::people(&team.slug))),
        (is_personal && may_manage).then(|| ("Make this a team", paths::make_team(&team.slug))),
        may_manage.then(|| ("Settings", paths::team_settings(&team.slug))),
    ]
    .into_iter()
    .flatten()
    .collect()
}
