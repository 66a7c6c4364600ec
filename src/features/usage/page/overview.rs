//! The page of figures: what was used in all, the chart, and the same as a table.

use leptos::prelude::*;

use super::{Shown, drawing::Drawn, events_address, filters::FigureFilters, pauses::Pauses, table::FigureTable, tabs};
use crate::{
    features::usage::server::Total,
    money::Nanos,
    numbers::grouped,
    paths,
    ui::{Description, DescriptionList, EmptyState, Icon, LinkButton, PageHeader},
};

impl Shown {
    pub fn view(self) -> impl IntoView {
        let save = self.asked.problems.is_empty().then(|| self.asked.address(&paths::usage_csv(&self.source.address), &[]));
        let tabs = tabs(&self.source, events_address(&self.source, &self.asked.times, &self.asked.filter), &self.source.address);
        let zone = format!("Hours, days and months are those of {}.", self.asked.zone);
        let (asked, source, credentials) = (self.asked.clone(), self.source.clone(), self.credentials.clone());
        view! {
            <PageHeader title="Usage" purpose="What this workspace used: every answered call that is metered, added up.">
                {save.map(|href| view! { <LinkButton href=href icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            </PageHeader>
            {tabs}
            <FigureFilters asked=asked credentials=credentials address=source.address sees_money=source.sees_money/>
            {self.totals()}
            <p class="muted">{zone}</p>
            {self.figures()}
        }
    }

    fn totals(&self) -> impl IntoView + use<> {
        let said = |total: Total| {
            let amount = if self.source.sees_money { format!(" · {}", Nanos(total.nanos).exact()) } else { String::new() };
            let noun = if total.events == 1 { "event" } else { "events" };
            format!("{} {noun}{amount}", grouped(total.events))
        };
        let (total, before, month) = (said(self.figures.total), said(self.before), said(self.month));
        view! {
            <DescriptionList>
                <Description term="In this time"><strong>{total}</strong></Description>
                <Description term="In as long before">{before}</Description>
                <Description term="This month, in UTC as it is billed">{month}</Description>
            </DescriptionList>
        }
    }

    fn figures(self) -> impl IntoView {
        let is_empty = self.figures.rows.is_empty();
        let pauses = view! { <Pauses windows=self.pauses.clone() reader=self.reader.clone()/> };
        if is_empty {
            return view! { <Nothing shown=self/> {pauses} }.into_any();
        }
        let drawn = Drawn::of(&self);
        view! {
            {drawn.view()}
            {pauses}
            <details class="chart-table">
                <summary>"The same as a table"</summary>
                <FigureTable shown=self/>
            </details>
        }
        .into_any()
    }
}

#[component]
fn Nothing(shown: Shown) -> impl IntoView {
    let (is_narrowed, address) = (!shown.asked.parts().is_empty(), shown.source.address);
    let (title, explanation) = if is_narrowed {
        ("Nothing was used so", "No metered call in this time is as the filters say. Choose another time, or take one away.")
    } else {
        (
            "Nothing was used yet",
            "Every answered call that is metered is counted here within a second, with its credential and what it cost. Asking who a \
             key is (GET /me) is not metered.",
        )
    };
    let clear = is_narrowed.then(|| view! { <LinkButton href=address>"Clear the filters"</LinkButton> });
    view! { <EmptyState icon=Icon::Usage title=title explanation=explanation>{clear}</EmptyState> }
}
