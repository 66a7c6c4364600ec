//! One module's page: what it is, how it stands here, its scopes, and what depends on it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{badge, switch::Switch};
use crate::{
    access::{
        AskWorkspace, Extent, WorkspacePermission,
        workspace::{ManageModules, ReadWorkspace},
    },
    error::AppError,
    features::{
        api_keys::server::{Holder, page_of},
        modules::server::{self, Dependents, Known, State},
    },
    paths,
    server::{
        Reader,
        http::{Page, Visit},
        plans::Dimension,
        scope::InWorkspace,
    },
    ui::{Column, Description, DescriptionList, Notice, PageHeader, Section, StatusBadge, Table, Time, Tone},
};

pub async fn show_module(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageModules>>) -> Result<Page, AppError> {
    page(visit).await
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let Known(module) = visit.named("module")?;
    let state = server::find(&mut visit.scope, module).await?;
    let switch = server::find_switch(&mut visit.scope, module).await?;
    let dependents = server::dependents(&mut visit.scope, module).await?;
    let role = visit.scope.role();
    let shown = Shown {
        slug: visit.scope.workspace().slug.clone(),
        form_key: role.may(WorkspacePermission::ManageModules).then(|| visit.form_key()),
        sees_all_keys: role.extent(WorkspacePermission::ReadCredentials) == Extent::Everything,
        operations: visit.scope.stoa().reference().noun_of_module(module.key()),
        says: visit.refused.as_ref().map(|refused| refused.error.to_string()),
        switched_at: switch.map(|switch| switch.changed_at),
        reader: visit.reader(),
        state,
        dependents,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(module.manifest.name.clone(), surroundings, move || view! { <Whole shown=shown/> }))
}

/// What the page shows.
struct Shown {
    slug: String,
    /// Where the role may switch.
    form_key: Option<String>,
    sees_all_keys: bool,
    says: Option<String>,
    state: State,
    /// The noun under which the reference has its operations; none where it has none.
    operations: Option<&'static str>,
    /// None where nobody ever did.
    switched_at: Option<DateTime<Utc>>,
    dependents: Dependents,
    reader: Reader,
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { slug, form_key, sees_all_keys, says, state, operations, switched_at, dependents, reader } = shown;
    let manifest = &state.module.manifest;
    let reference =
        operations.map(|noun| view! { <p><a class="link" href=paths::noun_docs(noun)>"Its operations in the API reference"</a></p> });
    let without_effect = (state.word() == "not_entitled" && state.is_enabled).then(|| {
        view! { <Notice tone=Tone::Warning>"It is switched on, and its calls are refused: "{state.why_not_enable()}</Notice> }
    });
    let place = slug.clone();
    let switch = form_key.filter(|_| state.module.is_live()).map(|key| {
        view! { <Section heading="Switch"><Switch slug=place state=state form_key=key/></Section> }
    });
    view! {
        <PageHeader title=manifest.name.as_str() purpose=manifest.description.as_str()/>
        <p><a class="link" href=paths::modules(&slug)>"All modules"</a></p>
        {reference}
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        {without_effect}
        <Standing state=state switched_at=switched_at calls=dependents.calls reader=reader.clone()/>
        <Scopes state=state/>
        <Holders slug=slug keys=dependents.keys sees_all=sees_all_keys reader=reader/>
        {switch}
    }
}

#[component]
fn Standing(state: State, switched_at: Option<DateTime<Utc>>, calls: i64, reader: Reader) -> impl IntoView {
    let (tone, word) = badge(&state);
    let switched = match switched_at {
        Some(at) => moment(at, &reader).into_any(),
        None if state.is_enabled => "never: new workspaces have it on".into_any(),
        None => "never: new workspaces have it off".into_any(),
    };
    view! {
        <Section heading="State">
            <DescriptionList>
                <Description term="State"><StatusBadge tone=tone text=word/></Description>
                <Description term="Plan">{state.allowed.says()}</Description>
                <Description term="Last switched">{switched}</Description>
                <Description term="Calls in the last 30 days">{calls}</Description>
            </DescriptionList>
        </Section>
    }
}

#[component]
fn Scopes(state: State) -> impl IntoView {
    let meters = [Dimension::RestRead, Dimension::RestWrite];
    let rows = state
        .module
        .scopes
        .iter()
        .zip(meters)
        .map(|(kind, meter)| {
            view! {
                <tr>
                    <th scope="row"><code>{kind.name}</code></th>
                    <td>{kind.says}</td>
                    <td><code>{meter.name()}</code></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Scope"), Column::text("A credential with it can"), Column::text("Its calls are counted as")];
    view! {
        <Section heading="Scopes" purpose="New credentials can ask for them while the module runs.">
            <Table caption="Scopes" columns=columns>{rows}</Table>
        </Section>
    }
}

/// The keys that hold its scopes; whoever reads their own alone is told that these are not all.
#[component]
fn Holders(slug: String, keys: Vec<Holder>, sees_all: bool, reader: Reader) -> impl IntoView {
    let purpose =
        if sees_all { "Those that hold one of its scopes." } else { "Those that hold one of its scopes and that you answer for." };
    let list = if keys.is_empty() {
        view! { <p>"None."</p> }.into_any()
    } else {
        view! { <KeyTable slug=slug keys=keys reader=reader/> }.into_any()
    };
    view! { <Section heading="API keys and MCP tokens" purpose=purpose>{list}</Section> }
}

/// Keys by name, with what they hold of a module and when they were used last.
#[component]
pub fn KeyTable(slug: String, keys: Vec<Holder>, reader: Reader) -> impl IntoView {
    let rows = keys
        .into_iter()
        .map(move |key| {
            let tone = if key.status == "active" { Tone::Success } else { Tone::Danger };
            let used = key.last_used_at.map_or_else(|| "never".into_any(), |at| moment(at, &reader).into_any());
            view! {
                <tr>
                    <th scope="row"><a class="link" href=page_of(key.kind, &slug, key.id)>{key.name}</a></th>
                    <td><code>{key.scopes.join(" ")}</code></td>
                    <td>{key.steward_name}</td>
                    <td><StatusBadge tone=tone text=key.status/></td>
                    <td>{used}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Credential"),
        Column::text("Scopes"),
        Column::text("Steward"),
        Column::text("Status"),
        Column::text("Last used"),
    ];
    view! { <Table caption="API keys and MCP tokens that hold its scopes" columns=columns>{rows}</Table> }
}

fn moment(at: DateTime<Utc>, reader: &Reader) -> impl IntoView + use<> {
    let shown = reader.shown(at);
    view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=shown.relative/> }
}
