//! The page of figures: what was used in all, the chart, and the same as a table.

use leptos::prelude::*;

use super::{Shown, drawing::Drawn, events_address, filters::FigureFilters, live::FIGURES, pauses::Pauses, table::FigureTable, tabs};
use crate::{
    features::usage::server::{Measure, Total},
    money::Nanos,
    numbers::grouped,
    paths,
    ui::{Description, DescriptionList, EmptyState, Icon, LinkButton, PageHeader},
};

impl Shown {
    pub fn view(self) -> impl IntoView {
        let save = self.asked.problems.is_empty().then(|| self.asked.address(&paths::usage_csv(&self.source.address), &[]));
        let tabs = tabs(&self.source, events_address(&self.source, &self.asked.times, &self.asked.filter), &self.source.address);
        let (asked, source, choices) = (self.asked.clone(), self.source.clone(), self.choices.clone());
        let switch = self.switch();
        view! {
            <PageHeader title="Usage" purpose="What this workspace used: every answered call that is metered, added up.">
                {save.map(|href| view! { <LinkButton href=href icon=Icon::Download download=true>"Download CSV"</LinkButton> })}
            </PageHeader>
            {tabs}
            <FigureFilters asked=asked choices=choices address=source.address sees_money=source.sees_money/>
            {switch}
            {self.told()}
        }
    }

    /// What changes when something is used.
    pub fn told(self) -> impl IntoView {
        let zone = format!("Hours, days and months are those of {}.", self.asked.zone);
        view! {
            <div id=FIGURES>
                {self.totals()}
                <p class="muted">{zone}</p>
                {self.figures()}
            </div>
        }
    }

    fn totals(&self) -> impl IntoView + use<> {
        let said = |total: Total| {
            let amount = if self.source.sees_money { format!(" · {}", Nanos(total.nanos).exact()) } else { String::new() };
            let noun = if total.events == 1 { "event" } else { "events" };
            format!("{} {noun}{amount}", grouped(total.events))
        };
        let (total, before, month) = (said(self.figures.total), said(self.before), said(self.month));
        let forecast = self.forecast.map(|(pace, by_end)| {
            let says = format!("about {by_end}, {}", pace.says());
            view! { <Description term="By the end of this month">{says}</Description> }
        });
        let times_before = self.times_before();
        let change = self.change().map(|change| view! { <Description term="Compared">{change}</Description> });
        view! {
            <DescriptionList>
                <Description term="In this time"><strong>{total}</strong></Description>
                <Description term="In as long before">{before} <span class="muted">{times_before}</span></Description>
                {change}
                <Description term="This month, in UTC as it is billed">{month}</Description>
                {forecast}
            </DescriptionList>
        }
    }

    /// Which time that is, where it is compared: the calendar decides.
    fn times_before(&self) -> Option<String> {
        let times = self.asked.before();
        let (from, to) = (self.reader.shown(times.start), self.reader.shown(times.end));
        self.asked.compares.then(|| format!(" (from {} to {})", from.absolute, to.absolute))
    }

    /// More or less than as long before, in whole percent; nothing where there was nothing to compare with.
    fn change(&self) -> Option<String> {
        if !self.asked.compares {
            return None;
        }
        let is_money = self.asked.measure == Measure::Amount && self.source.sees_money;
        let (now, before, what) = if is_money {
            (self.figures.total.nanos, self.before.nanos, "spent")
        } else {
            (self.figures.total.events, self.before.events, "used")
        };
        Some(compared(now, before, what))
    }

    fn figures(self) -> impl IntoView {
        let is_empty = self.figures.rows.is_empty();
        let pauses = view! { <Pauses pauses=self.pauses.clone() log=self.source.audit_log.clone() reader=self.reader.clone()/> };
        if is_empty {
            return view! { <Nothing shown=self/> {pauses} }.into_any();
        }
        let drawn = Drawn::of(&self);
        view! {
            {drawn.view()}
            {pauses}
            <FigureTable shown=self/>
        }
        .into_any()
    }
}

fn compared(now: i64, before: i64, what: &str) -> String {
    if before == 0 {
        return format!("Nothing was {what} in the time before.");
    }
    let percent = (i128::from(now) - i128::from(before)) * 100 / i128::from(before);
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => format!("As much was {what} as before."),
        std::cmp::Ordering::Greater => format!("{percent} % more was {what} than before."),
        std::cmp::Ordering::Less => format!("{} % less was {what} than before.", -percent),
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

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn a_change_is_said_in_whole_percent_and_never_of_nothing() {
        for (now, before, says) in [
            (150, 100, "50 % more was used than before."),
            (100, 150, "33 % less was used than before."),
            (1000, 999, "0 % more was used than before."),
            (0, 3, "100 % less was used than before."),
            (3, 3, "As much was used as before."),
            (3, 0, "Nothing was used in the time before."),
            (i64::MAX, 1, "922337203685477580600 % more was used than before."),
        ] {
            assert_eq!(compared(now, before, "used"), says);
        }
    }
}
