//! The events behind the figures: what was called, with what, when, and what it cost.

use std::collections::HashMap;

use leptos::prelude::*;

use super::{filters::EventFilters, tabs};
use crate::{
    features::usage::server::{Channel, Choices, EVENTS_MAX, EventsAsked, Source, Used, called},
    ids::{ApiKeyId, UserId},
    money::Nanos,
    numbers::grouped,
    paths,
    server::{Reader, http::Cursor, plans::Dimension},
    ui::{Column, EmptyState, Icon, LinkButton, PageHeader, Pager, Table, Time},
};

/// Operations that only read are called so.
const READS: [&str; 2] = [".get", ".list"];

/// What the page shows, loaded already.
pub struct List {
    pub source: Source,
    pub asked: EventsAsked,
    pub used: Vec<Used>,
    pub names: HashMap<ApiKeyId, String>,
    pub people: HashMap<UserId, String>,
    pub choices: Choices,
    pub is_first: bool,
    pub next: Option<Cursor>,
    pub reader: Reader,
}

impl List {
    pub fn view(self) -> impl IntoView {
        let address = paths::usage_events(&self.source.address);
        let can_save = self.asked.problems.is_empty() && !self.used.is_empty();
        let save = can_save.then(|| self.asked.address(&paths::usage_csv(&address), ""));
        let first = (!self.is_first).then(|| self.asked.address(&address, ""));
        let next = self.next.as_ref().map(|next| self.asked.address(&address, &next.to_string()));
        let extent = self.extent(first.is_some() || next.is_some());
        let (asked, choices) = (self.asked.clone(), self.choices.clone());
        view! {
            <PageHeader title="Usage events" purpose="Every answered call that was metered, newest first, at the rate of its day.">
                {save.map(|href| view! { <LinkButton href=href icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            </PageHeader>
            {tabs(&self.source, address.clone(), &address)}
            <EventFilters asked=asked choices=choices address=address.clone()/>
            <p class="muted">{extent}</p>
            <Events list=self/>
            <Pager first=first next=next/>
        }
    }

    fn extent(&self, has_more: bool) -> String {
        let (from, to) = (self.reader.shown(self.asked.times.start), self.reader.shown(self.asked.times.end));
        let limit = if has_more { format!(" A file holds the newest {EVENTS_MAX} at most.") } else { String::new() };
        format!("From {} to {}. Days are those of {}.{limit}", from.absolute, to.absolute, self.reader.zone)
    }

    fn row(&self, used: &Used) -> impl IntoView + use<> {
        let at = self.reader.shown(used.occurred_at);
        let dimension = Dimension::named(&used.dimension);
        let what = dimension.map_or_else(|| used.dimension.clone(), |dimension| dimension.says().to_owned());
        let key = used.credential.map_or_else(|| "–".to_owned(), |id| called(id, &self.names));
        let channel = Channel::named(&used.channel).map_or_else(|| used.channel.clone(), |channel| channel.says().to_owned());
        let person = used.user.map(|id| self.people.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        let person = person.map(|name| view! { <br/><span class="muted">{name}</span> });
        let request = used.request.to_string();
        // What only read leaves no row in the audit log.
        let is_logged = !READS.iter().any(|verb| used.operation.ends_with(verb));
        let request = match &self.source.audit_log {
            Some(log) if is_logged => {
                view! { <a class="link" href=paths::asking(log, &[("request", &request)])><code>{request.clone()}</code></a> }.into_any()
            }
            _ => view! { <code>{request}</code> }.into_any(),
        };
        let amount = self.source.sees_money.then(|| view! { <td class="number">{Nanos(used.nanos).exact()}</td> });
        view! {
            <tr>
                <th scope="row"><Time rfc3339=at.rfc3339 absolute=at.absolute.clone() shown=at.absolute/></th>
                <td><code>{used.operation.clone()}</code><br/><span class="muted">{what}</span></td>
                <td>{key}{person}</td>
                <td>{channel}</td>
                <td>{request}</td>
                <td class="number">{grouped(used.quantity)}</td>
                {amount}
            </tr>
        }
    }
}

#[component]
fn Events(list: List) -> impl IntoView {
    if list.used.is_empty() {
        let address = paths::usage_events(&list.source.address);
        let clear = list.asked.is_narrowed().then(|| view! { <LinkButton href=address>"Clear the filters"</LinkButton> });
        return view! {
            <EmptyState icon=Icon::Usage title="No event here" explanation="No metered call in this time is as the filters say. Each one stands here from the moment it is answered.">
                {clear}
            </EmptyState>
        }
        .into_any();
    }
    let mut columns = ["Time", "What", "Credential", "Channel", "Request"].map(Column::text).to_vec();
    columns.push(Column::number("Quantity"));
    if list.source.sees_money {
        columns.push(Column::number("Amount"));
    }
    let rows = list.used.iter().map(|used| list.row(used)).collect_view();
    view! { <Table caption="Usage events" columns=columns>{rows}</Table> }.into_any()
}
