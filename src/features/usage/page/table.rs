//! The chart's figures as a table, row by row as the file and the API give them.

use leptos::prelude::*;

use super::{Shown, events_address};
use crate::{
    features::usage::server::{By, Row},
    money::Nanos,
    numbers::grouped,
    ui::{Column, Table},
};

/// Rows in a page at most; a file has all of them.
const ROWS_MAX: usize = 1000;

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn FigureTable(shown: Shown) -> impl IntoView {
    let rows = shown.figures.rows.iter().take(ROWS_MAX).map(|row| shown.row(row)).collect_view();
    let rest = shown.figures.rows.len().saturating_sub(ROWS_MAX);
    let rest = (rest > 0).then(|| view! { <p class="muted">{format!("{rest} more rows are in the CSV.")}</p> });
    let columns = shown.columns();
    view! {
        <Table caption="What was used" columns=columns>{rows}</Table>
        {rest}
    }
}

impl Shown {
    fn columns(&self) -> Vec<Column> {
        let split = match self.asked.by {
            By::Nothing => None,
            By::Dimension => Some(Column::text("Dimension")),
            By::Module => Some(Column::text("Module")),
            By::Credential => Some(Column::text("Credential")),
            By::Member => Some(Column::text("Member")),
            By::Operation => Some(Column::text("Operation")),
            By::Channel => Some(Column::text("Channel")),
        };
        let counts = |events, quantity, amount| {
            let quantity = self.has_quantity().then(|| Column::number(quantity));
            let money = self.source.sees_money.then(|| Column::number(amount));
            [Some(Column::number(events)), quantity, money]
        };
        let before = if self.asked.compares { counts("Events before", "Quantity before", "Amount before") } else { [None, None, None] };
        let now = counts("Events", "Quantity", "Amount");
        [Some(Column::text("Time")), split].into_iter().chain(now).chain(before).flatten().collect()
    }

    fn has_quantity(&self) -> bool {
        self.asked.by == By::Dimension || self.asked.filter.dimension.is_some()
    }

    fn row(&self, row: &Row) -> impl IntoView + use<> {
        let part = &self.figures.parts[row.part];
        let filter = self.asked.filter.narrowed(self.asked.by, &part.key);
        let href = events_address(&self.source, &(row.starts_at..row.ends_at), &filter);
        let says = self.asked.grain.says(row.starts_at, self.asked.zone);
        let label = (self.asked.by != By::Nothing).then(|| view! { <td>{part.label.clone()}</td> });
        let unit = row.quantity.map(|(_, unit)| unit);
        let cells = |events: i64, quantity: i64, nanos: i64| {
            let said = unit.map(|unit| format!("{} {unit}{}", grouped(quantity), plural(quantity)));
            let quantity = self.has_quantity().then(|| view! { <td class="number">{said}</td> });
            let amount = self.source.sees_money.then(|| view! { <td class="number">{Nanos(nanos).exact()}</td> });
            view! { <td class="number">{grouped(events)}</td> {quantity} {amount} }
        };
        let before = row.before.map(|before| cells(before.events, before.quantity, before.nanos));
        view! {
            <tr>
                <th scope="row"><a class="link" href=href>{says}</a></th>
                {label}
                {cells(row.events, row.quantity.map_or(0, |(quantity, _)| quantity), row.nanos)}
                {before}
            </tr>
        }
    }
}

fn plural(quantity: i64) -> &'static str {
    if quantity == 1 { "" } else { "s" }
}
