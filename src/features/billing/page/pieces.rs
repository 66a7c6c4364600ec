//! What both pages show alike: what was used of what, by whom, and when it was paused.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    features::billing::{
        WHILE_PAUSED,
        server::{Line, Month, PauseLine, Used},
    },
    money::{Nanos, percent},
    server::{
        Reader,
        plans::{self, Dimension},
    },
    ui::{Column, EmptyState, Icon, Notice, Section, StatusBadge, Table, Time, Tone},
};

pub fn moment(at: DateTime<Utc>, reader: &Reader) -> impl IntoView + use<> {
    let shown = reader.shown(at);
    view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=shown.relative/> }
}

/// A bar, and what it says in words.
#[component]
pub fn UsageBar(#[prop(into)] label: String, part: Nanos, whole: Nanos) -> impl IntoView {
    let percent = percent(part, whole);
    let says = format!("{part} of {whole} ({percent} %)");
    view! {
        <p class="usage-bar">
            <progress class="usage-bar-progress" max="100" value=percent.clamp(0, 100) aria-label=label></progress>
            <span>{says}</span>
        </p>
    }
}

/// When the month ends, in UTC, which is what counts.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn MonthEnd(month: Month, reader: Reader) -> impl IntoView {
    let ends = month.ends.format("%-d %B %Y, %H:%M UTC").to_string();
    view! {
        <p class="muted">
            {month.name()} " in UTC. The next month begins on " {ends} ", " {moment(month.ends, &reader)}
            ". What was called in the last second or so may not be added up yet."
        </p>
    }
}

/// What is paused now, and what goes on meanwhile.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn PausedNow(pauses: Vec<PauseLine>, month: Month, reader: Reader) -> impl IntoView {
    let open: Vec<PauseLine> = pauses.into_iter().filter(|pause| pause.ended_at.is_none()).collect();
    if open.is_empty() {
        return ().into_any();
    }
    let ends = month.ends.format("%-d %B %Y").to_string();
    let lines = open
        .into_iter()
        .map(|pause| {
            let limit = pause.limit.map(|limit| format!(" ({limit})"));
            view! { <li>{pause.name} ", since " {moment(pause.since, &reader)} ": " {pause.reason.says()} {limit}</li> }
        })
        .collect_view();
    view! {
        <Notice tone=Tone::Warning>
            <p class="notice-title">"Billable calls are paused"</p>
            <ul class="notice-list">{lines}</ul>
            <p>{WHILE_PAUSED} " Pauses of this month end with it, when " {ends} " begins (UTC)."</p>
        </Notice>
    }
    .into_any()
}

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Pauses(pauses: Vec<PauseLine>, reader: Reader) -> impl IntoView {
    let table = if pauses.is_empty() {
        view! { <p class="muted">"None this month."</p> }.into_any()
    } else {
        let rows = pauses.into_iter().map(|pause| pause_row(pause, &reader)).collect_view();
        let columns = vec![Column::text("What"), Column::text("Why"), Column::number("At"), Column::text("Since"), Column::text("Until")];
        view! { <Table caption="Pauses this month" columns=columns>{rows}</Table> }.into_any()
    };
    view! {
        <Section heading="Pauses this month" purpose="When billable calls were refused, and why.">{table}</Section>
    }
}

fn pause_row(pause: PauseLine, reader: &Reader) -> impl IntoView + use<> {
    let until = pause
        .ended_at
        .map_or_else(|| view! { <StatusBadge tone=Tone::Warning text="in force"/> }.into_any(), |ended| moment(ended, reader).into_any());
    view! {
        <tr>
            <th scope="row">{pause.name}</th>
            <td>{pause.reason.says()}</td>
            <td class="number">{pause.limit.map(|limit| limit.to_string())}</td>
            <td>{moment(pause.since, reader)}</td>
            <td>{until}</td>
        </tr>
    }
}

/// Workspaces or keys, and what each spent.
#[component]
pub fn Lines(#[prop(into)] caption: String, what: &'static str, lines: Vec<Line>, #[prop(into)] empty: String) -> impl IntoView {
    if lines.is_empty() {
        return view! { <EmptyState icon=Icon::Billing title="Nothing was used" explanation=empty/> }.into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| {
            let state = (line.state != "live").then(|| view! { " "<span class="muted">"(" {line.state} ")"</span> });
            let id = (line.state == "moved away").then(|| view! { " "<code>{line.id}</code> });
            view! { <tr><th scope="row">{line.name}{id}{state}</th><td class="number">{line.spent.to_string()}</td></tr> }
        })
        .collect_view();
    view! { <Table caption=caption columns=vec![Column::text(what), Column::number("Used")]>{rows}</Table> }.into_any()
}

/// What was used of each dimension, added up over workspaces.
#[component]
pub fn Dimensions(used: Vec<Used>) -> impl IntoView {
    if used.is_empty() {
        return ().into_any();
    }
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for used in used {
        let sum = sums.entry(used.dimension).or_default();
        *sum = (sum.0 + used.quantity, sum.1 + used.nanos);
    }
    let rows = sums
        .into_iter()
        .map(|(name, (quantity, nanos))| {
            let dimension = Dimension::named(&name);
            let says = dimension.map_or_else(|| name.clone(), |dimension| dimension.says().to_owned());
            let quantity = dimension.map_or_else(|| quantity.to_string(), |dimension| dimension.said(quantity));
            let spent = Nanos(nanos).to_string();
            view! { <tr><th scope="row">{says}</th><td><code>{name}</code></td><td class="number">{quantity}</td><td class="number">{spent}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::text("What"), Column::text("Dimension"), Column::number("How much"), Column::number("Used")];
    view! { <Table caption="Used by dimension" columns=columns>{rows}</Table> }.into_any()
}

/// What one of each dimension costs today.
#[component]
pub fn Rates(now: DateTime<Utc>) -> impl IntoView {
    let rows = Dimension::ALL
        .map(|dimension| {
            let rate = plans::rate(dimension, now);
            let cost = if rate.nanos == 0 { "free".to_owned() } else { Nanos(rate.nanos).to_string() };
            let (_, unit) = dimension.priced();
            let article = if unit.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let unit = format!("{article} {unit}");
            view! { <tr><th scope="row">{dimension.says()}</th><td><code>{dimension.name()}</code></td><td class="number">{cost}</td><td>{unit}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::text("What"), Column::text("Dimension"), Column::number("Rate"), Column::text("For")];
    view! {
        <Section heading="Rates" purpose="The same on every plan. What was used keeps the rate of its day.">
            <details>
                <summary>"Show the rates"</summary>
                <Table caption="Rates" columns=columns>{rows}</Table>
            </details>
        </Section>
    }
}
