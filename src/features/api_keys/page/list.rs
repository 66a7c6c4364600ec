//! The list of a workspace's API keys, and the same as a table to save.

mod asked;

use leptos::prelude::*;

use super::{REVOKED, last_use, moment, status};
use crate::{
    access::{Extent, WorkspacePermission, workspace::ReadCredentials},
    error::AppError,
    features::api_keys::{
        STATUSES, hint,
        server::{self, Filter, Key},
    },
    ids::UserId,
    paths,
    server::{
        Reader,
        http::{Cells, Download, Page, Sheet, Visit},
        scope::InWorkspace,
    },
    ui::{
        Button, ButtonKind, Choice, Column, EmptyState, FilterBar, FilterField, FilterSelect, Form, Icon, LinkButton, PageHeader, Pager,
        StatusBadge, Table,
    },
};
use asked::{Asked, ENDING_DAYS, UNUSED_DAYS};

const ROWS: usize = 50;
/// So many scopes of a key stand in its row.
const SCOPES_SHOWN: usize = 3;

pub async fn show(mut visit: Visit<InWorkspace<ReadCredentials>>) -> Result<Page, AppError> {
    let asked = Asked::of(&visit);
    let now = visit.scope.now();
    let filter = Filter { limit: i64::try_from(ROWS).unwrap_or_default() + 1, ..asked.filter(now) };
    let mut keys = server::list(&mut visit.scope, &filter).await?;
    let sees_all = visit.scope.reach().extent() == Extent::Everything;
    let stewards = if sees_all { server::listed_stewards(&mut visit.scope).await? } else { Vec::new() };
    let has_more = keys.len() > ROWS;
    keys.truncate(ROWS);
    let next = keys.last().filter(|_| has_more).map(|key| asked.address(&[("after", &key.id.to_string())]));
    let list = List {
        slug: visit.scope.workspace().slug.clone(),
        first: filter.after.map(|_| asked.address(&[])),
        next,
        stewards,
        sees_all,
        may_manage: visit.scope.role().may(WorkspacePermission::ManageCredentials),
        // One a row, where rows have forms: each is a form of its own.
        form_keys: keys.iter().filter(|_| asked.unused.is_some()).map(|_| visit.form_key()).collect(),
        keys,
        asked,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("API Keys", surroundings, move || view! { <Keys list=list/> }))
}

pub async fn export(mut visit: Visit<InWorkspace<ReadCredentials>>) -> Result<Download, AppError> {
    let (asked, now) = (Asked::of(&visit), visit.scope.now());
    let keys = server::export(&mut visit.scope, &asked.filter(now)).await?;
    let name = format!("api-keys-{}.csv", visit.scope.workspace().slug);
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
    reader: Reader,
}

#[component]
fn Keys(list: List) -> impl IntoView {
    let (first, next) = (list.first.clone(), list.next.clone());
    let csv = list.asked.on(&paths::api_keys_csv(&list.slug), &[]);
    let create = list.may_manage.then(|| {
        view! { <LinkButton href=paths::new_api_key(&list.slug) kind=ButtonKind::Primary icon=Icon::Plus>"Create key"</LinkButton> }
    });
    let purpose = if list.sees_all {
        "What applications prove themselves with. Each key has scopes, an end, and a person who answers for it."
    } else {
        "The keys that you answer for. Owners, admins and auditors see all of the workspace's."
    };
    let is_bare = list.keys.is_empty() && !list.asked.is_narrowed();
    let bar = (!is_bare).then(|| view! { <Bar asked=list.asked.clone() stewards=list.stewards.clone()/> });
    view! {
        <PageHeader title="API Keys" purpose=purpose>
            {(!is_bare).then(|| view! { <LinkButton href=csv icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            {create}
        </PageHeader>
        {bar}
        <Rows list=list/>
        <Pager first=first next=next/>
    }
}

#[component]
fn Bar(asked: Asked, stewards: Vec<(UserId, String)>) -> impl IntoView {
    let clear = asked.is_narrowed().then(|| paths::api_keys(&asked.slug));
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
        <FilterBar action=paths::api_keys(&asked.slug) clear=clear>
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
    view! { <Table caption="API keys" columns=columns>{rows}</Table> }.into_any()
}

fn cells(key: Key, slug: &str, reader: &Reader) -> impl IntoView + use<> {
    let (tone, state) = status(&key, reader.now);
    let more = key.scopes.len().saturating_sub(SCOPES_SHOWN);
    let scopes = key.scopes.iter().take(SCOPES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = (more > 0).then(|| view! { <span class="muted">{format!(" and {more} more")}</span> });
    view! {
        <th scope="row"><a class="link" href=paths::api_key(slug, key.id)>{key.name}</a></th>
        <td><code>{hint(&key.last_four)}</code></td>
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
    let action = format!("{}/quarantine", paths::api_key(slug, key.id));
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
    if list.asked.is_narrowed() || list.first.is_some() {
        return view! {
            <EmptyState icon=Icon::Search title="No key matches" explanation="None of the keys that you can see is what you are looking for.">
                <LinkButton href=paths::api_keys(&list.slug)>"Show all keys"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let explanation = if list.may_manage {
        "An application calls the API with a key. Create one with the scopes it needs; its secret is shown once."
    } else if list.sees_all {
        "An application calls the API with a key. Owners and admins create them."
    } else {
        "You answer for no key. Owners and admins create keys, and can name you as the steward of one."
    };
    let first = list.may_manage.then(|| view! { <LinkButton href=paths::new_api_key(&list.slug)>"Create the first key"</LinkButton> });
    view! { <EmptyState icon=Icon::Key title="No API key yet" explanation=explanation>{first}</EmptyState> }.into_any()
}
