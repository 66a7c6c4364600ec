//! What each resource holds, now or on a day, and the way to less of it.

use leptos::prelude::*;

use super::{Shown, module_name};
use crate::{
    features::{
        reductions::server::reducible,
        storage::server::{Held, cost_of_a_day, sized},
    },
    numbers::grouped,
    paths,
    ui::{Column, LinkButton, Section, Table},
};

pub fn view(shown: &Shown) -> impl IntoView + use<> {
    let (heading, held) = match shown.asked.day {
        Some(day) => (format!("On {day}"), shown.figures.of_day(day)),
        None => ("Now".to_owned(), shown.figures.now.clone()),
    };
    let back = shown.asked.day.map(|_| {
        let now = paths::asking(&paths::data(&shown.slug), &[("range", shown.asked.range)]);
        view! { <p><a class="link" href=now>"Show what is stored now"</a></p> }
    });
    let nothing = held.is_empty().then(|| view! { <p class="muted">"Nothing was measured on that day."</p> });
    let rows = held.iter().map(|held| row(shown, held)).collect_view();
    let mut columns = vec![
        Column::text("Module"),
        Column::text("Resource"),
        Column::number("Records"),
        Column::number("Archived"),
        Column::number("Records' size"),
        Column::number("Files"),
        Column::number("Files' size"),
    ];
    if shown.sees_money {
        columns.push(Column::number("A day"));
    }
    if shown.may_reduce {
        columns.push(Column::actions("Reduce"));
    }
    view! {
        <Section heading=heading purpose="A record's size is that of its JSON as it is kept. Archived ones and their files count until they are purged.">
            {back}
            {nothing}
            <Table caption="What is stored, by module and resource" columns=columns>{rows}</Table>
        </Section>
    }
}

fn row(shown: &Shown, held: &Held) -> impl IntoView + use<> {
    let cost = shown.sees_money.then(|| cost_of_a_day(held.bytes(), shown.reader.now).to_string());
    let cost = cost.map(|cost| view! { <td class="number">{cost}</td> });
    let reduce = shown.may_reduce.then(|| {
        let link = reducible(&held.resource).is_some().then(|| {
            let href = paths::asking(&paths::reduce(&shown.slug), &[("resource", &held.resource)]);
            let what = held.resource.replace('_', " ");
            view! { <LinkButton href=href>"Reduce"<span class="visually-hidden">" "{what}</span></LinkButton> }
        });
        view! { <td class="actions-cell">{link}</td> }
    });
    let archived = format!("{} · {}", grouped(held.archived), sized(held.archived_in_all()));
    view! {
        <tr>
            <th scope="row">{module_name(&held.module)}</th>
            <td>{held.resource.replace('_', " ")}</td>
            <td class="number">{grouped(held.records)}</td>
            <td class="number">{archived}</td>
            <td class="number">{sized(held.record_bytes)}</td>
            <td class="number">{grouped(held.files)}</td>
            <td class="number">{sized(held.file_bytes)}</td>
            {cost}
            {reduce}
        </tr>
    }
}
