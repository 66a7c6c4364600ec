//! The list of a workspace's API keys, and the same as a table to save.

mod asked;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{REVOKED, connecting::Connecting, last_use, moment, new_page, once, status};
use crate::{
    access::{Extent, WorkspacePermission, workspace::ReadCredentials},
    error::AppError,
    features::{
        agents::{page::PausedNotice, server::paused_since},
        api_keys::{
            STATUSES,
            server::{self, Filter, Key, Of, hint, list_page, page_of, words},
        },
    },
    ids::UserId,
    paths,
    server::{
        Reader,
        credentials::Kind,
        http::{Cells, Download, Page, Sheet, Visit},
        scope::InWorkspace,
    },
    ui::{
        Button, ButtonKind, Choice, Code, Column, Description, DescriptionList, EmptyState, FilterBar, FilterField, FilterSelect, Form,
        Icon, LinkButton, PageHeader, Pager, StatusBadge, Table,
    },
};
use asked::{Asked, ENDING_DAYS, UNUSED_DAYS};

const ROWS: usize = 50;
/// So many scopes of a key stand in its row.
const SCOPES_SHOWN: usize = 3;

pub async fn show<S: Of>(mut visit: Visit<InWorkspace<ReadCredentials>>) -> Result<Page, AppError> {
    let asked = Asked::of(S::KIND, &visit);
    let now = visit.scope.now();
    let filter = Filter { limit: i64::try_from(ROWS).unwrap_or_default() + 1, ..asked.filter(now) };
    let mut keys = server::list(&mut visit.scope, &filter).await?;
    let sees_all = visit.scope.reach().extent() == Extent::Everything;
    let stewards = if sees_all { server::listed_stewards(&mut visit.scope, S::KIND).await? } else { Vec::new() };
    let has_more = keys.len() > ROWS;
    keys.truncate(ROWS);
    let next = keys.last().filter(|_| has_more).map(|key| asked.address(&[("after", &key.id.to_string())]));
    let paused_since = if S::KIND == Kind::Mcp { paused_since(&mut visit.scope).await? } else { None };
    let list = List {
        slug: visit.scope.workspace().slug.clone(),
        first: filter.after.map(|_| asked.address(&[])),
        next,
        stewards,
        sees_all,
        endpoint: (S::KIND == Kind::Mcp).then(|| once::endpoint(&visit)),
        paused_since,
        may_manage: visit.scope.role().may(WorkspacePermission::ManageCredentials),
        // One a row, where rows have forms: each is a form of its own.
        form_keys: keys.iter().filter(|_| asked.unused.is_some()).map(|_| visit.form_key()).collect(),
        keys,
        asked,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(words(S::KIND).title, surroundings, move || view! { <Keys list=list/> }))
}

pub async fn export<S: Of>(mut visit: Visit<InWorkspace<ReadCredentials>>) -> Result<Download, AppError> {
    let (asked, now) = (Asked::of(S::KIND, &visit), visit.scope.now());
    let keys = server::export(&mut visit.scope, S::KIND, &asked.filter(now)).await?;
    let of = if S::KIND == Kind::Mcp { "mcp-clients" } else { "api-keys" };
    let name = format!("{of}-{}.csv", visit.scope.workspace().slug);
    let mut sheet = Sheet::new(&[
        "id",
        "name",
        "last_four",
        "scopes",
        "steward",
        "steward_name",
        "status",
        "reason",
        "created_at",
        "expires_at",
        "last_used_at",
        "last_used_network",
    ])?;
    for key in keys {
        sheet.add(
            Cells::new()
                .text(&key.id.to_string())
                .text(&key.name)
                .text(&key.last_four)
                .text(&key.scopes.join(" "))
                .text(&key.steward.to_string())
                .text(&key.steward_name)
                .text(&key.status)
                .text(key.reason.as_deref().unwrap_or_default())
                .time(key.created_at)
                .time(key.expires_at)
                .time(key.last_used_at)
                .text(key.last_used_network.as_deref().unwrap_or_default()),
        )?;
    }
    let bytes = sheet.into_bytes()?;
    visit.scope.commit().await?;
    Ok(Download::csv(name, bytes))
}

/// What the page shows.
struct List {
    slug: String,
    keys: Vec<Key>,
    form_keys: Vec<String>,
    stewards: Vec<(UserId, String)>,
    asked: Asked,
    first: Option<String>,
    next: Option<String>,
    sees_all: bool,
    may_manage: bool,
    /// Where agents connect to, on the page of theirs.
    endpoint: Option<String>,
    /// Since when none of them is let in.
    paused_since: Option<DateTime<Utc>>,
    reader: Reader,
}

#[component]
fn Keys(list: List) -> impl IntoView {
    let (first, next) = (list.first.clone(), list.next.clone());
    let (kind, words) = (list.asked.kind, words(list.asked.kind));
    let csv = list.asked.on(&format!("{}.csv", list_page(kind, &list.slug)), &[]);
    let create = list.may_manage.then(|| {
        let says = format!("Create {}", words.noun);
        view! { <LinkButton href=new_page(kind, &list.slug) kind=ButtonKind::Primary icon=Icon::Plus>{says}</LinkButton> }
    });
    let purpose = match (kind, list.sees_all) {
        (Kind::Mcp, true) => "What agents connect with. Each token has scopes, an end, and a person who answers for it.".to_owned(),
        (_, true) => "What applications prove themselves with. Each key has scopes, an end, and a person who answers for it.".to_owned(),
        (_, false) => format!("The {}s that you answer for. Owners, admins and auditors see all of the workspace's.", words.noun),
    };
    let endpoint = list.endpoint.clone().map(|endpoint| view! { <Endpoint address=endpoint/> });
    let paused = list.paused_since.map(|since| view! { <PausedNotice since=since reader=list.reader.clone()/> });
    let pausing = (list.may_manage && list.endpoint.is_some()).then(|| {
        let says = if list.paused_since.is_some() { "Let agents in again" } else { "Pause all agents" };
        view! { <LinkButton href=paths::pause_agents(&list.slug)>{says}</LinkButton> }
    });
    let slug = list.slug.clone();
    let connecting = list.endpoint.clone().map(|endpoint| view! { <Connecting endpoint=endpoint slug=slug/> });
    let is_bare = list.keys.is_empty() && !list.asked.is_narrowed();
    let bar = (!is_bare).then(|| view! { <Bar asked=list.asked.clone() stewards=list.stewards.clone()/> });
    view! {
        <PageHeader title=words.title purpose=purpose>
            {(!is_bare).then(|| view! { <LinkButton href=csv icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            {pausing}
            {create}
        </PageHeader>
        {paused}
        {endpoint}
        {bar}
        <Rows list=list/>
        <Pager first=first next=next/>
        {connecting}
    }
}

/// One address for all of them: the token says who comes.
#[component]
fn Endpoint(address: String) -> impl IntoView {
    view! {
        <DescriptionList>
            <Description term="MCP endpoint"><Code value=address label="Copy the MCP endpoint"/></Description>
        </DescriptionList>
    }
}

#[component]
fn Bar(asked: Asked, stewards: Vec<(UserId, String)>) -> impl IntoView {
    let clear = asked.is_narrowed().then(|| list_page(asked.kind, &asked.slug));
    let (steward, unused, ending) = (asked.steward(), asked.unused(), asked.ending());
    let statuses = std::iter::once(Choice::new("", "Any")).chain(STATUSES.map(|status| Choice::new(status, status))).collect::<Vec<_>>();
    let days = |says: &str, days: &[i64]| {
        let some = days.iter().map(|days| Choice::new(days.to_string(), format!("{says} {days} days")));
        std::iter::once(Choice::new("", "Any")).chain(some).collect::<Vec<_>>()
    };
    let (idle, ends) = (days("Unused for", &UNUSED_DAYS), days("Within", &ENDING_DAYS));
    let people = (!stewards.is_empty()).then(|| {
        let people = stewards.into_iter().map(|(id, name)| Choice::new(id.to_string(), name));
        let people = std::iter::once(Choice::new("", "Any")).chain(people).collect::<Vec<_>>();
        view! { <FilterSelect name="steward" label="Steward" choices=people value=steward/> }
    });
    view! {
        <FilterBar action=list_page(asked.kind, &asked.slug) clear=clear>
            <FilterField name="q" label="Name, id or last four" value=asked.text/>
            <FilterSelect name="status" label="Status" choices=statuses value=asked.status/>
            {people}
            <FilterSelect name="unused" label="Use" choices=idle value=unused/>
            <FilterSelect name="ending" label="Expires" choices=ends value=ending/>
        </FilterBar>
    }
}

#[component]
fn Rows(list: List) -> impl IntoView {
    if list.keys.is_empty() {
        return view! { <Nothing list=list/> }.into_any();
    }
    let mut columns = vec![
        Column::text("Name"),
        Column::text("Secret"),
        Column::text("Scopes"),
        Column::text("Steward"),
        Column::text("Status"),
        Column::text("Last used"),
        Column::text("Created"),
        Column::text("Expires"),
    ];
    // Going through what nobody uses, one stops it on the spot.
    let days = list.asked.unused.filter(|_| list.may_manage);
    if days.is_some() {
        columns.push(Column::actions("Actions"));
    }
    let caption = format!("{}s", words(list.asked.kind).name);
    let (slug, reader, mut form_keys) = (list.slug, list.reader, list.form_keys.into_iter());
    let rows = list
        .keys
        .into_iter()
        .map(|key| {
            let act = days.zip(form_keys.next());
            let act = act.map(|(days, form_key)| view! { <td class="actions-cell">{stop(&key, days, form_key, &slug)}</td> });
            view! { <tr>{cells(key, &slug, &reader)} {act}</tr> }
        })
        .collect_view();
    view! { <Table caption=caption columns=columns>{rows}</Table> }.into_any()
}

fn cells(key: Key, slug: &str, reader: &Reader) -> impl IntoView + use<> {
    let (tone, state) = status(&key, reader.now);
    let more = key.scopes.len().saturating_sub(SCOPES_SHOWN);
    let shown = key.scopes.len().min(SCOPES_SHOWN);
    let scopes = key.scopes.iter().take(shown).enumerate();
    let scopes = scopes
        .map(|(place, scope)| {
            let comma = if place + 1 < shown { "," } else { "" };
            view! { <span class="scope">{format!("{scope}{comma}")}</span>" " }
        })
        .collect_view();
    let more = (more > 0).then(|| view! { <span class="muted">{format!("and {more} more")}</span> });
    view! {
        <th scope="row"><a class="link" href=page_of(key.kind, slug, key.id)>{key.name}</a></th>
        <td><code>{hint(key.kind, &key.last_four)}</code></td>
        <td>{scopes}{more}</td>
        <td>{key.steward_name}</td>
        <td><StatusBadge tone=tone text=state/></td>
        <td>{last_use(key.last_used_at, key.last_used_network, reader)}</td>
        <td>{moment(key.created_at, reader)}</td>
        <td>{if key.status == REVOKED { "–".into_any() } else { moment(key.expires_at, reader).into_any() }}</td>
    }
}

/// Only what works can be stopped.
fn stop(key: &Key, days: i64, form_key: String, slug: &str) -> Option<impl IntoView + use<>> {
    let (name, version) = (key.name.clone(), key.version);
    let action = format!("{}/quarantine", page_of(key.kind, slug, key.id));
    let slug = slug.to_owned();
    (key.status == "active").then(|| {
        view! {
            <Form action=action key=form_key place=slug>
                <input type="hidden" name="version" value=version/>
                <input type="hidden" name="reason" value=format!("Not used for {days} days")/>
                <Button>"Quarantine"<span class="visually-hidden">" "{name}</span></Button>
            </Form>
        }
    })
}

#[component]
fn Nothing(list: List) -> impl IntoView {
    let (kind, noun) = (list.asked.kind, words(list.asked.kind).noun);
    if list.asked.is_narrowed() || list.first.is_some() {
        return view! {
            <EmptyState icon=Icon::Search title=format!("No {noun} matches")
                explanation=format!("None of the {noun}s that you can see is what you are looking for.")>
                <LinkButton href=list_page(kind, &list.slug)>{format!("Show all {noun}s")}</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let does = if kind == Kind::Mcp { "An agent connects with a token." } else { "An application calls the API with a key." };
    let explanation = if list.may_manage {
        format!("{does} Create one with the scopes it needs; its secret is shown once.")
    } else if list.sees_all {
        format!("{does} Owners and admins create them.")
    } else {
        format!("You answer for no {noun}. Owners and admins create {noun}s, and can name you as the steward of one.")
    };
    let first = list.may_manage.then(|| {
        let says = format!("Create the first {noun}");
        view! { <LinkButton href=new_page(kind, &list.slug)>{says}</LinkButton> }
    });
    let title = format!("No {} yet", words(kind).name);
    view! { <EmptyState icon=Icon::Key title=title explanation=explanation>{first}</EmptyState> }.into_any()
}
