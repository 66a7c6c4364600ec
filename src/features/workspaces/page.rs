//! The Workspaces page: those of one tenant that the person belongs to, and those that are archived.

pub mod archive;
pub mod archived;
pub mod create;
mod stopped;
pub mod transfer;

use leptos::prelude::*;

use super::server::{self, Allowance, Archived, Filter, Listed};
use crate::{
    access::tenant::SeeTeam,
    error::{AppError, FieldError},
    paths,
    server::{
        Reader, credentials,
        http::{Page, Visit},
        scope::InTenant,
    },
    ui::{
        Button, ButtonKind, Code, Column, EmptyState, FilterBar, FilterField, Icon, LinkButton, PageHeader, Pager, RoleBadge, Section,
        Table, Time,
    },
};

/// Rows of one page; the store is asked for one more.
const PAGE: usize = 50;
const SEARCH_MAX: usize = 80;

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let filter = asked(&visit);
    let mut listed = server::find(&mut visit.scope, &filter).await?;
    let archived = server::list_archived(&mut visit.scope).await?;
    let (tenant, role) = (visit.scope.tenant().clone(), visit.scope.role());
    let allowance = server::allowance(&mut visit.scope, tenant.id, &tenant.plan).await?;
    let create = Create { slug: tenant.slug.clone(), refusal: server::why_not_create(&tenant, role, &allowance), allowance };
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    let next = (listed.len() > PAGE).then(|| {
        listed.truncate(PAGE);
        let last = listed.last().map(|last| last.slug.clone()).unwrap_or_default();
        paths::asking(&paths::workspaces(&tenant.slug), &[("q", &filter.text), ("after", &last)])
    });
    let first = filter.after.is_some().then(|| paths::asking(&paths::workspaces(&tenant.slug), &[("q", &filter.text)]));
    let purpose = format!("Where you work in {}. You see the workspaces you are a member of.", tenant.name);
    Ok(Page::framed("Workspaces", surroundings, move || {
        let (action, limit) = (create.clone(), create.allowance.says());
        view! {
            <PageHeader title="Workspaces" purpose=purpose><CreateAction create=action/></PageHeader>
            <p class="muted section-purpose">{limit}</p>
            <Live slug=tenant.slug listed=listed filter=filter create=create reader=reader.clone()/>
            <Pager first=first next=next/>
            <ArchivedSection archived=archived reader=reader/>
        }
    }))
}

/// What the address asks for; a text that nothing can hold finds nothing.
fn asked(visit: &Visit<InTenant<SeeTeam>>) -> Filter {
    let text = credentials::searchable(visit.asked("q"), SEARCH_MAX).chars().filter(|character| !character.is_control()).collect();
    let after = visit.asked("after");
    let is_slug = !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    Filter { text, after: is_slug.then(|| after.to_owned()) }
}

/// What a form that was refused says, apart from what it says of its fields.
fn refusal<R>(visit: &Visit<R>) -> (Vec<FieldError>, Option<String>) {
    let Some(refused) = &visit.refused else { return (Vec::new(), None) };
    let errors = refused.field_errors();
    let says = errors.is_empty().then(|| refused.error.to_string());
    (errors, says)
}

/// Whether the person can make a workspace here, and what is told before they try.
#[derive(Clone, Debug)]
struct Create {
    slug: String,
    allowance: Allowance,
    refusal: Option<String>,
}

#[component]
fn CreateAction(create: Create) -> impl IntoView {
    if create.refusal.is_some() {
        return view! {
            <Button kind=ButtonKind::Primary button_type="button" icon=Icon::Plus disabled_because=create.refusal>"Create workspace"</Button>
        }
        .into_any();
    }
    view! { <LinkButton href=paths::new_workspace(&create.slug) kind=ButtonKind::Primary icon=Icon::Plus>"Create workspace"</LinkButton> }
        .into_any()
}

#[component]
fn Live(slug: String, listed: Vec<Listed>, filter: Filter, create: Create, reader: Reader) -> impl IntoView {
    let is_narrowed = !filter.text.is_empty();
    if listed.is_empty() && !is_narrowed && filter.after.is_none() {
        return view! { <NoneYet create=create/> }.into_any();
    }
    let clear = is_narrowed.then(|| paths::workspaces(&slug));
    let table = if listed.is_empty() {
        view! { <EmptyState icon=Icon::Search title="No workspace found" explanation="None of yours has that in its name or slug."/> }
            .into_any()
    } else {
        view! { <WorkspaceTable listed=listed reader=reader/> }.into_any()
    };
    view! {
        <FilterBar action=paths::workspaces(&slug) clear=clear>
            <FilterField name="q" label="Name or slug" value=filter.text/>
        </FilterBar>
        {table}
    }
    .into_any()
}

#[component]
fn NoneYet(create: Create) -> impl IntoView {
    let explanation = "A workspace has its own members, keys and audit log. You are in none of this team's: create one, or ask an owner \
                       or admin of one to make you a member.";
    let first = create.refusal.is_none().then(|| paths::new_workspace(&create.slug));
    view! {
        <EmptyState icon=Icon::Workspaces title="No workspace yet" explanation=explanation>
            {first.map(|href| view! { <LinkButton href=href>"Create your first workspace"</LinkButton> })}
        </EmptyState>
    }
}

#[component]
fn WorkspaceTable(listed: Vec<Listed>, reader: Reader) -> impl IntoView {
    let rows = listed.into_iter().map(|workspace| row(workspace, &reader)).collect_view();
    let columns = vec![
        Column::text("Workspace"),
        Column::text("Your role"),
        Column::number("Members"),
        Column::text("Slug"),
        Column::text("Created"),
    ];
    view! { <Table caption="Your workspaces" columns=columns>{rows}</Table> }
}

fn row(workspace: Listed, reader: &Reader) -> impl IntoView + use<> {
    let created = reader.shown(workspace.created_at);
    let label = format!("Copy the slug of {}", workspace.name);
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::overview(&workspace.slug)>{workspace.name}</a></th>
            <td><RoleBadge role=workspace.role/></td>
            <td class="number">{workspace.members}</td>
            <td><Code value=workspace.slug label=label/></td>
            <td><Time rfc3339=created.rfc3339 absolute=created.absolute shown=created.relative/></td>
        </tr>
    }
}

/// Nothing at all where the person has none: whoever cannot look into an archive is not told that it is there.
#[component]
fn ArchivedSection(archived: Vec<Archived>, reader: Reader) -> impl IntoView {
    if archived.is_empty() {
        return ().into_any();
    }
    let rows = archived.into_iter().map(|workspace| archived_row(workspace, &reader)).collect_view();
    let columns =
        vec![Column::text("Workspace"), Column::text("Your role then"), Column::text("Archived"), Column::text("Restorable until")];
    view! {
        <Section heading="Archived" purpose="Nothing works in these, and they do not count against the plan. An owner can restore one until the day shown.">
            <Table caption="Archived workspaces" columns=columns>{rows}</Table>
        </Section>
    }
    .into_any()
}

fn archived_row(workspace: Archived, reader: &Reader) -> impl IntoView + use<> {
    let (archived, until) = (reader.shown(workspace.archived_at), reader.shown(workspace.purge_at));
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::archived(&workspace.slug)>{workspace.name}</a></th>
            <td><RoleBadge role=workspace.role/></td>
            <td><Time rfc3339=archived.rfc3339 absolute=archived.absolute shown=archived.relative/></td>
            <td><Time rfc3339=until.rfc3339 absolute=until.absolute.clone() shown=until.absolute/></td>
        </tr>
    }
}
