//! The list of a log: its head, the filters, the rows, and the way on.

use leptos::prelude::*;

use super::{
    changes,
    filters::{Bar, Filters},
    proof::{SealedUpTo, UnsealedMark},
};
use crate::{
    features::audit_log::server::{Asked, Entry, Format, Kept, LOOKED_AT, Listed, Sealing, Source},
    numbers::grouped,
    paths,
    server::{Reader, events::EventKind, http::live::spelled},
    ui::{ButtonKind, Column, EmptyState, Icon, LinkButton, Live, Notice, PageHeader, Pager, StatusBadge, Table, Time, Tone},
};

/// What the page shows, loaded already.
pub struct List {
    pub source: Source,
    pub asked: Asked,
    pub listed: Listed,
    pub sealing: Sealing,
    pub kept: Kept,
    pub reader: Reader,
    pub is_first: bool,
    pub form_key: String,
    /// Why the form that asked was refused.
    pub says: Option<String>,
    /// Whether the reader is here by an owner's consent alone, and leaves nothing behind.
    pub is_support: bool,
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

    /// How far the page got, where it is short of rows for having looked at so many.
    fn stopped(&self) -> Option<impl IntoView + use<>> {
        let back_to = self.reader.shown(self.listed.looked_back_to?);
        let looked_at = grouped(i64::try_from(LOOKED_AT).unwrap_or(i64::MAX));
        Some(view! {
            <Notice tone=Tone::Neutral>
                {format!("{looked_at} rows were looked at for this page, back to ")}
                <Time rfc3339=back_to.rfc3339 absolute=back_to.absolute.clone() shown=back_to.absolute/>
                ". Older ones were not: look further back, or choose days."
            </Notice>
        })
    }

    pub fn view(self) -> impl IntoView {
        let (path, log) = (self.source.address.clone(), self.source.kind);
        let has_problems = !self.asked.problems.is_empty();
        let has_rows = !self.listed.entries.is_empty() || self.listed.next.is_some();
        let save = (!has_problems && has_rows).then(|| {
            let file = |(format, label): (Format, &'static str)| (self.address(&paths::audit_file(&path, format.ending()), ""), label);
            view! { <Files files=FILES.map(file).to_vec()/> }
        });
        let first = (!self.is_first).then(|| self.address(&path, ""));
        let next = self.listed.next.map(|next| self.address(&path, &next.to_string()));
        let next_says = if self.listed.looked_back_to.is_some() { "Look further back" } else { "Next page" };
        let (extent, stopped) = (self.extent(), self.stopped());
        let signed = self.sealing.signed.map(|(rows, at)| (rows, self.reader.shown(at)));
        let live = (self.is_first && !has_problems).then(|| {
            let (told, page) = (self.address(&paths::audit_live(&path), ""), self.address(&path, ""));
            view! { <Live address=told since=spelled(self.reader.now) page=page/> }
        });
        let views = (!self.source.is_archived).then(|| {
            let views = paths::audit_views(&path);
            let keep = (!has_problems && !self.is_support && !self.asked.filter.is_empty()).then(|| {
                let parts = self.asked.filter.as_view();
                let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
                paths::asking(&paths::new_audit_view(&views), &query)
            });
            let keep = keep.map(|href| view! { <LinkButton href=href kind=ButtonKind::Quiet>"Save this view"</LinkButton> });
            view! {
                {keep}
                <LinkButton href=views kind=ButtonKind::Quiet>"Saved views"</LinkButton>
                <LinkButton href=paths::audit_streams(&path) kind=ButtonKind::Quiet>"Streams"</LinkButton>
            }
        });
        let says = self.says.clone().map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
        let found = if self.listed.looked_back_to.is_some() {
            Of::Looked
        } else if self.asked.filter.is_empty() {
            Of::Everything
        } else {
            Of::Filtered
        };
        let bar = Bar { asked: self.asked, address: path.clone(), log, form_key: self.form_key, place: self.source.slug };
        view! {
            <PageHeader title=self.source.title purpose=self.source.purpose>{views}{save}</PageHeader>
            {says}
            <Filters bar=bar/>
            {live}
            <p class="muted">{extent}</p>
            <SealedUpTo signed=signed bundle=paths::audit_bundle(&path)/>
            <KeptFor kept=self.kept/>
            <Entries entries=self.listed.entries sealing=self.sealing path=path reader=self.reader of=found/>
            {stopped}
            <Pager first=first next=next next_says=next_says/>
        }
    }
}

/// For how long rows are kept, and whether anything keeps all of them.
#[component]
fn KeptFor(kept: Kept) -> impl IntoView {
    let days = kept.days.map(|days| view! { <p class="muted">{format!("Rows are kept for {days} days.")}</p> });
    let held = kept.is_held.then(|| {
        view! { <Notice tone=Tone::Info>"A legal hold is on this log: none of its rows goes, and nothing in it is erased."</Notice> }
    });
    view! {
        {held}
        {days}
    }
}

/// What each kind of file is called.
const FILES: [(Format, &str); 3] = [(Format::Csv, "Download CSV"), (Format::JsonLines, "JSON Lines"), (Format::Ocsf, "OCSF")];

#[component]
fn Files(files: Vec<(String, &'static str)>) -> impl IntoView {
    files
        .into_iter()
        .map(|(href, label)| view! { <LinkButton href=href icon=Icon::Download download=true>{label}</LinkButton> })
        .collect_view()
}

/// What the rows of a page are those of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Everything,
    Filtered,
    /// Of as many as one page looks at.
    Looked,
}

#[component]
fn Entries(entries: Vec<Entry>, sealing: Sealing, path: String, reader: Reader, of: Of) -> impl IntoView {
    if entries.is_empty() && of == Of::Looked {
        return view! {
            <EmptyState icon=Icon::Audit title="No row so far" explanation="None of the rows that were looked at is as the filters say."/>
        }
        .into_any();
    }
    if entries.is_empty() && of == Of::Filtered {
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

/// One row, as it stands in the list.
pub fn row(entry: &Entry, is_unsealed: bool, path: &str, reader: &Reader) -> impl IntoView + use<> {
    let at = reader.shown(entry.occurred_at);
    let says = EventKind::named(&entry.action).map(EventKind::says);
    let href = paths::audit_row(path, entry.id);
    let (name, kind) = (entry.actor_name.clone(), entry.actor_type.clone());
    let behalf = entry.on_behalf_of_name.clone().map(|name| format!(" for {name}"));
    let target = entry.target().to_owned();
    let change = change(entry);
    view! {
        <tr id=entry.id.to_string() data-at=entry.occurred_at.timestamp_micros()>
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
