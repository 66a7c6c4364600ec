//! The chart's figures as a table, row by row as the file and the API give them.

use std::ops::Range;

use leptos::prelude::*;

use super::{Shown, events_address};
use crate::{
    features::usage::server::{By, Row},
    money::Nanos,
    numbers::grouped,
    ui::{Column, Pager, Table},
};

/// Rows in a page at most: of a month by day, split by nothing, all of them.
const ROWS_MAX: usize = 31;
const ID: &str = "usage-table";

/// A summary that opens the table; open where a page of it was asked for.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn FigureTable(shown: Shown) -> impl IntoView {
    let part = Part::of(shown.figures.rows.len(), shown.asked.page);
    let rows = shown.figures.rows[part.rows.clone()].iter().map(|row| shown.row(row)).collect_view();
    let columns = shown.columns();
    let says = part.says(shown.figures.rows.len()).map(|says| view! { <p class="muted">{says}</p> });
    let to = |page: usize| format!("{}#{ID}", shown.asked.address(&shown.source.address, &[("page", page.to_string())]));
    let (first, next) = (part.has_before.then(|| to(1)), part.has_next.then(|| to(part.page + 1)));
    view! {
        <details class="chart-table" id=ID open=part.has_before>
            <summary>"The same as a table"</summary>
            <Table caption="What was used" columns=columns>{rows}</Table>
            {says}
            <Pager first=first next=next next_says="Next rows"/>
        </details>
    }
}

/// What of the rows a page has.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    page: usize,
    rows: Range<usize>,
    has_before: bool,
    has_next: bool,
}

impl Part {
    /// The last page where there are not so many.
    fn of(rows: usize, page: usize) -> Self {
        let page = page.clamp(1, rows.div_ceil(ROWS_MAX).max(1));
        let (from, to) = ((page - 1) * ROWS_MAX, (page * ROWS_MAX).min(rows));
        Self { page, rows: from..to, has_before: page > 1, has_next: to < rows }
    }

    /// Nothing where it is all of them.
    fn says(&self, rows: usize) -> Option<String> {
        let is_all = self.rows.len() == rows;
        let (from, to) = (grouped(as_count(self.rows.start + 1)), grouped(as_count(self.rows.end)));
        (!is_all).then(|| format!("Rows {from} to {to} of {}. The CSV has all of them.", grouped(as_count(rows))))
    }
}

fn as_count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
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

#[cfg(test)]
mod tests {
    use super::{Part, ROWS_MAX};

    #[test]
    fn pages_have_every_row_once_and_never_none_past_the_end() {
        for rows in [0, 1, ROWS_MAX, ROWS_MAX + 1, 3 * ROWS_MAX, 100] {
            let (mut seen, mut page) = (Vec::new(), 1);
            loop {
                let part = Part::of(rows, page);
                seen.extend(part.rows.clone());
                assert_eq!(part.has_before, page > 1);
                if !part.has_next {
                    assert_eq!(Part::of(rows, page + 7), part, "past the end is the last");
                    break;
                }
                page += 1;
            }
            assert_eq!(seen, (0..rows).collect::<Vec<_>>());
        }
        assert_eq!(Part::of(ROWS_MAX, 1).says(ROWS_MAX), None);
        assert_eq!(Part::of(40, 2).says(40).as_deref(), Some("Rows 32 to 40 of 40. The CSV has all of them."));
    }
}
