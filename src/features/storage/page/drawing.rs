//! How it grew: a bar for each day, and the same as a table.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Shown, module_name};
use crate::{
    features::storage::server::sized,
    paths,
    ui::{
        Column, Table,
        charts::{Bar, BarChart},
    },
};

pub fn view(shown: &Shown) -> impl IntoView + use<> {
    let modules = shown.figures.modules();
    let days: Vec<NaiveDate> = shown.asked.first.iter_days().take_while(|day| *day <= shown.asked.last).collect();
    let bars = days.iter().map(|day| bar(shown, &modules, *day)).collect::<Vec<_>>();
    let series: Vec<String> = modules.iter().map(|module| module_name(module)).collect();
    if shown.figures.days.is_empty() {
        return view! { <p class="muted">"It is measured once a day, and drawn from then on."</p> }.into_any();
    }
    let table = rows(shown, &modules, &series);
    view! {
        <BarChart id="storage" caption="Stored, in bytes, by day (UTC)" series=series bars=bars bands=vec![] band="" levels=vec![] shown=sized/>
        <details class="chart-table">
            <summary>"The same as a table"</summary>
            {table}
        </details>
    }
    .into_any()
}

fn bar(shown: &Shown, modules: &[String], day: NaiveDate) -> Bar {
    Bar {
        tick: day.format("%-d %b").to_string(),
        says: day.format("%a %-d %b %Y").to_string(),
        href: paths::asking(&paths::data(&shown.slug), &[("range", shown.asked.range), ("day", &day.to_string())]),
        values: modules.iter().map(|module| shown.figures.on(day, module)).collect(),
        before: None,
    }
}

/// A row for each module on each day that was measured.
fn rows(shown: &Shown, modules: &[String], names: &[String]) -> impl IntoView + use<> {
    let mut days: Vec<NaiveDate> = shown.figures.days.iter().map(|day| day.day).collect();
    days.dedup();
    let rows = days
        .into_iter()
        .flat_map(|day| modules.iter().zip(names).map(move |(module, name)| (day, shown.figures.on(day, module), name.clone())))
        .filter(|(_, bytes, _)| *bytes > 0)
        .map(|(day, bytes, name)| {
            view! {
                <tr>
                    <th scope="row">{day.to_string()}</th>
                    <td>{name}</td>
                    <td class="number">{sized(bytes)}</td>
                    <td class="number">{crate::numbers::grouped(bytes)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Day"), Column::text("Module"), Column::number("Stored"), Column::number("Bytes")];
    view! { <Table caption="Stored by day and module" columns=columns>{rows}</Table> }
}
