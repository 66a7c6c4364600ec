//! The People page: everyone in a team.

use leptos::prelude::*;

use crate::{
    access::{TenantPermission, TenantRole, tenant::SeeTeam},
    error::AppError,
    features::teams::{
        roles,
        server::{self, Colleague, Found, Search, is_personal},
    },
    ids::UserId,
    paths,
    server::{
        Reader, credentials,
        http::{Page, Visit},
        scope::InTenant,
    },
    ui::{
        ButtonKind, Choice, Column, DangerAct, DangerZone, EmptyState, FilterBar, FilterField, FilterSelect, Icon, LinkButton, Notice,
        PageHeader, Pager, RoleBadge, Table, Time, Tone,
    },
};

/// What is looked for has this many characters at most.
const WORDS_MAX: usize = 120;

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let search = search(&visit);
    let found = server::people(&mut visit.scope, &search).await?;
    let surroundings = visit.surroundings();
    let tenant = visit.scope.tenant().clone();
    let may_manage = visit.scope.role().may(TenantPermission::ManageTeam);
    let list = PeopleList { slug: tenant.slug.clone(), me: visit.scope.person().id, may_manage, reader: visit.reader(), search, found };
    let make_team = (is_personal(&tenant) && may_manage).then(|| paths::make_team(&tenant.slug));
    let leave = (!is_personal(&tenant)).then(|| paths::leave_team(&tenant.slug));
    visit.scope.close().await?;
    let purpose = format!("Who is in {}, and what they are to it. Being here is not being in its workspaces.", tenant.name);
    Ok(Page::framed("People", surroundings, move || {
        view! {
            <PageHeader title="People" purpose=purpose/>
            {make_team.map(|href| view! { <PersonalNotice href=href/> })}
            <PeopleTable list=list/>
            {leave.map(|href| view! { <LeaveZone href=href/> })}
        }
    }))
}

fn search(visit: &Visit<InTenant<SeeTeam>>) -> Search {
    Search {
        words: credentials::searchable(visit.asked("q"), WORDS_MAX),
        role: roles::named(visit.asked("role")),
        after: visit.asked("after").parse().ok(),
    }
}

struct PeopleList {
    slug: String,
    me: UserId,
    may_manage: bool,
    reader: Reader,
    search: Search,
    found: Found,
}

#[component]
fn PersonalNotice(href: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info>
            "This is your personal account: nobody else can be in it. "
            <a class="link" href=href>"Make this a team"</a>
            " to work with others."
        </Notice>
    }
}

#[component]
fn PeopleTable(list: PeopleList) -> impl IntoView {
    let whole = paths::people(&list.slug);
    let (words, role) = (list.search.words.clone(), list.search.role.map_or("", TenantRole::name));
    let narrowed = paths::asking(&whole, &[("q", &words), ("role", role)]);
    let clear = (narrowed != whole).then(|| whole.clone());
    let first = list.search.after.as_ref().map(|_| narrowed.clone());
    let next =
        list.found.next.as_ref().map(|cursor| paths::asking(&whole, &[("q", &words), ("role", role), ("after", &cursor.to_string())]));
    let all = std::iter::once(Choice::new("", "All roles"));
    let choices = all.chain(TenantRole::ALL.map(|role| Choice::new(role.name(), role.name()))).collect::<Vec<_>>();
    view! {
        <FilterBar action=whole clear=clear.clone()>
            <FilterField name="q" label="Name or e-mail" value=words/>
            <FilterSelect name="role" label="Role" choices=choices value=role/>
        </FilterBar>
        <Rows list=list clear=clear/>
        <Pager first=first next=next/>
    }
}

#[component]
fn Rows(list: PeopleList, clear: Option<String>) -> impl IntoView {
    if list.found.people.is_empty() {
        let whole = clear.unwrap_or_else(|| paths::people(&list.slug));
        return view! {
            <EmptyState icon=Icon::Members title="Nobody fits" explanation="Nobody in this team has such a name or address in that role.">
                <LinkButton href=whole>"Show everyone"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let rows = list.found.people.iter().map(|person| row(&list, person)).collect_view();
    let columns =
        vec![Column::text("Person"), Column::text("E-mail"), Column::text("Role"), Column::number("Workspaces"), Column::text("Joined")];
    view! { <Table caption="People of this team" columns=columns>{rows}</Table> }.into_any()
}

fn row(list: &PeopleList, person: &Colleague) -> impl IntoView + use<> {
    let joined = list.reader.shown(person.joined_at);
    let workspaces = list.found.workspaces.get(&person.user).copied().unwrap_or_default();
    let you = (person.user == list.me).then(|| view! { <span class="muted">" (you)"</span> });
    let name = person.name.clone();
    let name = if list.may_manage {
        view! { <a class="link" href=paths::person(&list.slug, person.id)>{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    view! {
        <tr>
            <th scope="row">{name}{you}</th>
            <td>{person.email.clone()}</td>
            <td><RoleBadge role=person.role.name()/></td>
            <td class="number">{workspaces}</td>
            <td><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></td>
        </tr>
    }
}

#[component]
fn LeaveZone(href: String) -> impl IntoView {
    view! {
        <DangerZone>
            <DangerAct title="Leave this team" explanation="You leave all of its workspaces too. What that means is shown before anything happens.">
                <LinkButton href=href kind=ButtonKind::Danger>"Leave team"</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}
