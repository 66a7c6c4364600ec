//! The Modules pages: every module and how it stands here, one module, and its switch.

mod disabling;
mod module;
mod switch;

pub use disabling::{disable, show_disabling};
pub use module::{show_module, show_refused};
pub use switch::enable;

use leptos::prelude::*;

use super::server::{self, State};
use crate::{
    access::{WorkspacePermission, workspace::ReadWorkspace},
    error::AppError,
    features::records::server as records,
    paths,
    server::{
        http::{Page, Visit},
        scope::InWorkspace,
    },
    ui::{Column, PageHeader, Section, StatusBadge, Table, Tone},
};
use switch::Switch;

const PURPOSE: &str = "What this workspace can do. A call runs where the account is entitled to the module, the module is switched on, \
                       and the credential holds its scope.";

const GONE: &str = "Whoever runs this console took these modules away. Their records are kept, cannot be reached, and come back with them.";

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let states = server::list(&mut visit.scope).await?;
    let gone = records::undeclared(&mut visit.scope).await?;
    let slug = visit.scope.workspace().slug.clone();
    let may_switch = visit.scope.role().may(WorkspacePermission::ManageModules);
    let rows: Vec<Row> =
        states.into_iter().map(|state| Row { slug: slug.clone(), state, form_key: may_switch.then(|| visit.form_key()) }).collect();
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Modules", surroundings, move || {
        let mut columns = vec![Column::text("Module"), Column::text("State"), Column::text("Plan"), Column::text("Scopes")];
        if may_switch {
            columns.push(Column::actions("Switch"));
        }
        let rows = rows.into_iter().map(|row| view! { <ModuleRow row=row/> }).collect_view();
        view! {
            <PageHeader title="Modules" purpose=PURPOSE/>
            <Table caption="Modules" columns=columns>{rows}</Table>
            {(!gone.is_empty()).then(|| view! { <Gone gone=gone/> })}
        }
    }))
}

/// What is kept of modules that this installation has no more.
#[component]
fn Gone(gone: Vec<(String, i64)>) -> impl IntoView {
    let rows = gone
        .into_iter()
        .map(|(module, records)| {
            view! {
                <tr>
                    <th scope="row"><code>{module}</code></th>
                    <td class="number">{records}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Module"), Column::number("Records")];
    view! {
        <Section heading="No longer here" purpose=GONE>
            <Table caption="Modules that are no longer here" columns=columns>{rows}</Table>
        </Section>
    }
}

struct Row {
    slug: String,
    state: State,
    /// Where the role may switch.
    form_key: Option<String>,
}

#[component]
fn ModuleRow(row: Row) -> impl IntoView {
    let Row { slug, state, form_key } = row;
    let manifest = &state.module.manifest;
    let (tone, shown) = badge(&state);
    let switch = form_key.map(|key| {
        view! { <td class="actions-cell"><Switch slug=slug.clone() state=state form_key=key names_module=true/></td> }
    });
    view! {
        <tr>
            <th scope="row">
                <a class="link" href=paths::module(&slug, &manifest.key)>{manifest.name.as_str()}</a>
                <p class="muted">{manifest.description.as_str()}</p>
            </th>
            <td><StatusBadge tone=tone text=shown/></td>
            <td>{state.allowed.says()}</td>
            <td>{scope_names(&state)}</td>
            {switch}
        </tr>
    }
}

/// The state in a word or three. What is switched on without being allowed says so.
fn badge(state: &State) -> (Tone, &'static str) {
    match (state.word(), state.is_enabled) {
        ("planned", _) => (Tone::Info, "planned"),
        ("on", _) => (Tone::Success, "on"),
        ("off", _) => (Tone::Neutral, "off"),
        (_, true) => (Tone::Warning, "on, without effect"),
        (_, false) => (Tone::Neutral, "off, not allowed"),
    }
}

fn scope_names(state: &State) -> impl IntoView + use<> {
    let [read, write] = state.module.scopes.map(|kind| kind.name);
    view! { <code>{read}</code> " " <code>{write}</code> }
}
