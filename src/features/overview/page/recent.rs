//! What happened last: the newest rows of the log, for those who may read it.

use leptos::prelude::*;

use crate::{
    features::audit_log::server::{Entry, Source},
    paths,
    server::{Reader, events::EventKind},
    ui::{Column, Section, Table, Time},
};

/// So many rows are shown.
pub const ROWS: usize = 6;

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn RecentRows(entries: Vec<Entry>, source: Source, reader: Reader) -> impl IntoView {
    let log = source.address.clone();
    let rows = entries.iter().map(|entry| row(entry, &source.address, &reader)).collect_view();
    let columns = ["Time", "Actor", "Action", "Target"].map(Column::text).to_vec();
    let table = if entries.is_empty() {
        view! { <p class="muted">"Nothing happened yet. Every act from now on leaves a row."</p> }.into_any()
    } else {
        view! { <Table caption="Newest audit rows" columns=columns>{rows}</Table> }.into_any()
    };
    view! {
        <Section heading="What happened last">
            {table}
            <p><a class="link" href=log>"Whole audit log"</a></p>
        </Section>
    }
}

fn row(entry: &Entry, log: &str, reader: &Reader) -> impl IntoView + use<> {
    let at = reader.shown(entry.occurred_at);
    let says = EventKind::named(&entry.action).map(EventKind::says);
    let behalf = entry.on_behalf_of_name.as_ref().map(|name| format!(" for {name}"));
    let outcome = (entry.outcome != "succeeded").then(|| format!(" ({})", entry.outcome));
    view! {
        <tr>
            <th scope="row"><Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/></th>
            <td>{entry.actor_name.clone()}{behalf}</td>
            <td><a class="link" href=paths::audit_row(log, entry.id) title=says><code>{entry.action.clone()}</code></a>{outcome}</td>
            <td>{entry.target().to_owned()}</td>
        </tr>
    }
}
