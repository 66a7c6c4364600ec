//! The list of a log: its head, the filters, the rows, and the way on.

use leptos::prelude::*;

use super::{
    changes,
    filters::Filters,
    proof::{SealedUpTo, UnsealedMark},
};
use crate::{
    features::audit_log::server::{Asked, EXPORT_ROWS_MAX, Entry, Listed, Sealing, Source},
    paths,
    server::{Reader, events::EventKind},
    ui::{Column, EmptyState, Icon, LinkButton, PageHeader, Pager, StatusBadge, Table, Time, Tone},
};

/// What the page shows, loaded already.
pub struct List {
    pub source: Source,
    pub asked: Asked,
    pub listed: Listed,
    pub sealing: Sealing,
    pub reader: Reader,
    pub is_first: bool,
}

impl List {
    /// The list at the same filters, from `after` on.
    fn address(&self, path: &str, after: &str) -> String {
        let parts = self.asked.filter.parts();
        let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).chain([("after", after)]).collect();
        paths::asking(path, &query)
    }

    /// How much of the log this is, in words.
    fn extent(&self) -> String {
        let filters = match self.asked.filter.parts().len() {
            0 => "Everything, newest first.".to_owned(),
            1 => "1 filter is active. Newest first.".to_owned(),
            many => format!("{many} filters are active. Newest first."),
        };
        format!("{filters} Days and times are those of {}.", self.reader.zone)
    }

    pub fn view(self) -> impl IntoView {
        let (path, log) = (self.source.address.clone(), self.source.kind);
        let has_problems = !self.asked.problems.is_empty();
        let save = (!has_problems && !self.listed.entries.is_empty()).then(|| self.address(&paths::audit_csv(&path), ""));
        let has_more = !self.is_first || self.listed.next.is_some();
        let limit = (save.is_some() && has_more).then(|| format!(" A file holds the newest {EXPORT_ROWS_MAX} rows of them at most."));
        let first = (!self.is_first).then(|| self.address(&path, ""));
        let next = self.listed.next.map(|next| self.address(&path, &next.to_string()));
        let signed = self.sealing.signed.map(|(rows, at)| (rows, self.reader.shown(at)));
        let extent = self.extent();
        let is_narrowed = !self.asked.filter.is_empty();
        view! {
            <PageHeader title=self.source.title purpose=self.source.purpose>
                {save.map(|href| view! { <LinkButton href=href icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            </PageHeader>
            <Filters asked=self.asked address=path.clone() log=log/>
            <p class="muted">{extent}{limit}</p>
            <SealedUpTo signed=signed bundle=paths::audit_bundle(&path)/>
            <Entries entries=self.listed.entries sealing=self.sealing path=path reader=self.reader is_narrowed=is_narrowed/>
            <Pager first=first next=next/>
        }
    }
}

#[component]
fn Entries(entries: Vec<Entry>, sealing: Sealing, path: String, reader: Reader, is_narrowed: bool) -> impl IntoView {
    if entries.is_empty() && is_narrowed {
        return view! {
            <EmptyState icon=Icon::Audit title="No row matches" explanation="Nothing in this log is as the filters say. Take one away, or choose other days.">
                <LinkButton href=path>"Clear the filters"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    if entries.is_empty() {
        return view! {
            <EmptyState icon=Icon::Audit title="Nothing here yet" explanation="Every act from now on leaves a row: who did what, when, from where, and what changed."/>
        }
        .into_any();
    }
    let rows = entries.into_iter().map(|entry| row(&entry, sealing.is_unsealed(entry.id), &path, &reader)).collect_view();
    let columns = ["Time", "Actor", "Action", "Target", "Outcome", "Channel", "Change"].map(Column::text).to_vec();
    view! { <Table caption="Audit rows" columns=columns>{rows}</Table> }.into_any()
}

fn row(entry: &Entry, is_unsealed: bool, path: &str, reader: &Reader) -> impl IntoView + use<> {
    let at = reader.shown(entry.occurred_at);
    let says = EventKind::named(&entry.action).map(EventKind::says);
    let href = paths::audit_row(path, entry.id);
    let (name, kind) = (entry.actor_name.clone(), entry.actor_type.clone());
    let behalf = entry.on_behalf_of_name.clone().map(|name| format!(" for {name}"));
    let target = entry.target().to_owned();
    let change = change(entry);
    view! {
        <tr>
            <th scope="row"><Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/>{is_unsealed.then(|| view! { <UnsealedMark/> })}</th>
            <td>{name}{behalf}<br/><span class="muted">{kind}</span></td>
            <td><a class="link" href=href title=says><code>{entry.action.clone()}</code></a></td>
            <td>{target}<br/><span class="muted">{entry.target_type.clone()}</span></td>
            <td><OutcomeBadge outcome=entry.outcome.clone()/></td>
            <td>{entry.channel.clone()}</td>
            <td>{change}</td>
        </tr>
    }
}

/// What changed, or why, as far as a cell holds it.
fn change(entry: &Entry) -> String {
    if let Some(reason) = &entry.reason {
        return changes::shortened(reason);
    }
    entry.changes.as_deref().and_then(changes::read).map(|changes| changes::summary(&changes)).unwrap_or_default()
}

/// What did not succeed stands out, by its shape and word as well as its colour.
#[component]
pub fn OutcomeBadge(outcome: String) -> impl IntoView {
    let tone = match outcome.as_str() {
        "denied" => Tone::Warning,
        "failed" => Tone::Danger,
        _ => Tone::Neutral,
    };
    view! { <StatusBadge tone=tone text=outcome/> }
}
