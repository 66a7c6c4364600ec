//! Figures and events as tables to take away: exactly what is shown, and in the log that they were taken.

use super::{
    EventsAsked,
    asked::Asked,
    events::{self, cursor},
    figures::{Figures, figures},
    source::{Metered, Source},
    store::Used,
};
use crate::{
    error::AppError,
    money::Nanos,
    server::{
        events::{Event, EventKind, Target},
        http::{Cells, Sheet},
        scope::Scope,
    },
};

/// Events in one file at most.
pub const EVENTS_MAX: usize = 10_000;
/// Events that are asked for at once.
const BATCH: i64 = 1_000;
const FIGURES: [&str; 13] = [
    "starts_at",
    "ends_at",
    "dimension",
    "module",
    "credential",
    "credential_name",
    "member",
    "member_name",
    "operation",
    "channel",
    "events",
    "quantity",
    "unit",
];
const EVENTS: [&str; 12] = [
    "occurred_at",
    "id",
    "operation",
    "dimension",
    "module",
    "quantity",
    "credential",
    "credential_name",
    "member",
    "member_name",
    "channel",
    "request_id",
];
const MONEY: [&str; 3] = ["amount_nanos", "amount_micros", "currency"];
const CURRENCY: &str = "USD";

/// The figures that the page shows for the same address.
pub async fn export<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &Asked) -> Result<Vec<u8>, AppError> {
    let figures = figures(scope, source, asked).await?;
    let mut sheet = figure_sheet(source, asked)?;
    for row in &figures.rows {
        let cells = figure_cells(&figures, row, asked);
        let cells = if source.sees_money { money_cells(cells, row.nanos) } else { cells };
        let Some(before) = row.before else {
            sheet.add(cells)?;
            continue;
        };
        let cells = cells.number(before.events);
        let cells = if row.quantity.is_some() { cells.number(before.quantity) } else { cells.text("") };
        sheet.add(if source.sees_money { cells.number(before.nanos) } else { cells })?;
    }
    record(scope, source, asked.parts(), figures.rows.len(), "figures");
    sheet.into_bytes()
}

/// The events that the list shows for the same address, and whether there are more than one file holds.
pub async fn export_events<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &EventsAsked) -> Result<(Vec<u8>, bool), AppError> {
    let mut sheet = sheet(&EVENTS, source)?;
    let (mut rows, mut after) = (0, None);
    let is_truncated = loop {
        let batch = events::list(scope, source, &asked.times, &asked.filter, after.as_ref(), BATCH).await?;
        let names = events::names_of(scope, source, &batch).await?;
        let people = events::people_of(scope, source, &batch).await?;
        for used in &batch {
            let name = used.credential.and_then(|id| names.get(&id)).map_or("", String::as_str);
            let person = used.user.and_then(|id| people.get(&id)).map_or("", String::as_str);
            let cells = event_cells(used, name, person);
            sheet.add(if source.sees_money { money_cells(cells, used.nanos) } else { cells })?;
        }
        rows += batch.len();
        after = batch.last().map(cursor);
        if batch.len() < usize::try_from(BATCH).unwrap_or_default() {
            break false;
        }
        if rows >= EVENTS_MAX {
            break true;
        }
    };
    record(scope, source, asked.parts(), rows, "events");
    Ok((sheet.into_bytes()?, is_truncated))
}

fn sheet(columns: &[&str], source: &Source) -> Result<Sheet, AppError> {
    let money: &[&str] = if source.sees_money { &MONEY } else { &[] };
    Sheet::new(&[columns, money].concat())
}

/// What is compared stands behind all else.
fn figure_sheet(source: &Source, asked: &Asked) -> Result<Sheet, AppError> {
    let mut columns: Vec<&str> = FIGURES.to_vec();
    if source.sees_money {
        columns.extend(MONEY);
    }
    if asked.compares {
        columns.extend(["events_before", "quantity_before"]);
        columns.extend(source.sees_money.then_some("amount_nanos_before"));
    }
    Sheet::new(&columns)
}

fn figure_cells(figures: &Figures, row: &super::figures::Row, asked: &Asked) -> Cells {
    let named = figures.named(row, asked);
    let cells = Cells::new()
        .time(row.starts_at)
        .time(row.ends_at)
        .text(named.dimension.unwrap_or_default())
        .text(named.module.unwrap_or_default())
        .text(&named.credential.unwrap_or_default())
        .text(&named.credential_name.unwrap_or_default())
        .text(&named.member.unwrap_or_default())
        .text(&named.member_name.unwrap_or_default())
        .text(&named.operation.unwrap_or_default())
        .text(named.channel.unwrap_or_default())
        .number(row.events);
    match row.quantity {
        Some((quantity, unit)) => cells.number(quantity).text(unit),
        None => cells.text("").text(""),
    }
}

fn event_cells(used: &Used, credential_name: &str, member_name: &str) -> Cells {
    Cells::new()
        .time(used.occurred_at)
        .text(&used.id.to_string())
        .text(&used.operation)
        .text(&used.dimension)
        .text(used.module.as_deref().unwrap_or_default())
        .number(used.quantity)
        .text(&used.credential.map(|id| id.to_string()).unwrap_or_default())
        .text(credential_name)
        .text(&used.user.map(|id| id.to_string()).unwrap_or_default())
        .text(member_name)
        .text(&used.channel)
        .text(&used.request.to_string())
}

fn money_cells(cells: Cells, nanos: i64) -> Cells {
    cells.number(nanos).number(Nanos(nanos).rounded().0).text(CURRENCY)
}

fn record<R: Metered>(scope: &mut Scope<R>, source: &Source, parts: Vec<(&'static str, String)>, rows: usize, what: &str) {
    let target = Target { kind: "workspace", id: source.workspace.to_string(), name: Some(source.name.clone()) };
    let event = parts
        .into_iter()
        .fold(Event::new(EventKind::UsageExported, target), |event, (field, value)| event.changing(field, None, Some(&value)))
        .changing("rows", None, Some(&rows.to_string()))
        .changing("what", None, Some(what));
    scope.record(event);
}
