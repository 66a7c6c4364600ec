//! An invoice: as a page that prints, as JSON and as CSV. What it says was fixed when it was issued.

use leptos::prelude::*;
use serde::Serialize;

use super::{pieces::moment, places::Places};
use crate::{
    access::tenant::ReadBilling,
    error::AppError,
    features::billing::server::ledger::{self, Invoice, InvoiceLine, end_of},
    ids::WorkspaceId,
    money::{Micros, Nanos},
    numbers::grouped,
    paths,
    server::{
        Reader,
        http::{Cells, Download, Page, Sheet, Visit},
        plans::Dimension,
        scope::InTenant,
    },
    ui::{Column, Description, DescriptionList, Icon, LinkButton, PageHeader, Section, Table},
};

const CURRENCY: &str = "USD";

/// What the page shows.
struct Shown {
    invoice: Invoice,
    lines: Vec<InvoiceLine>,
    places: Places,
    slug: String,
    reader: Reader,
}

pub async fn show(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    let number = visit.named("number")?;
    let (invoice, lines) = ledger::invoice(&mut visit.scope, number).await?;
    let places = Places::load(&mut visit).await?;
    let slug = visit.scope.tenant().slug.clone();
    let surroundings = visit.surroundings();
    let shown = Shown { reader: visit.reader(), invoice, lines, places, slug };
    visit.scope.close().await?;
    Ok(Page::framed("Invoice", surroundings, move || view! { <Whole shown=shown/> }))
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { invoice, lines, places, slug, reader } = shown;
    let month = invoice.period.format("%B %Y").to_string();
    let (account, plan) = (invoice.tenant_name.clone(), invoice.plan_name.clone());
    let number = invoice.called(&slug);
    let csv = paths::invoice_csv(&slug, invoice.number);
    let json = paths::invoice_json(&slug, invoice.number);
    let parts = by_workspace(lines).into_iter().map(|part| view! { <Part lines=part places=places.clone()/> }).collect_view();
    view! {
        <PageHeader title="Invoice" purpose=format!("What {month} came to, as it stands in the ledger.")>
            <LinkButton href=csv icon=Icon::Download download=true>"Download CSV"</LinkButton>
            <LinkButton href=json icon=Icon::Download download=true>"Download JSON"</LinkButton>
        </PageHeader>
        <p class="not-printed"><a class="link" href=paths::billing(&slug)>"Billing"</a></p>
        <DescriptionList>
            <Description term="Number">{number}</Description>
            <Description term="For">{account}</Description>
            <Description term="Month">{month} ", in UTC"</Description>
            <Description term="Issued">{moment(invoice.issued_at, &reader)}</Description>
            <Description term="Plan">{plan}</Description>
        </DescriptionList>
        <Amounts invoice=invoice/>
        {parts}
    }
}

/// In the order of the lines, which is that of the workspaces' names.
fn by_workspace(lines: Vec<InvoiceLine>) -> Vec<Vec<InvoiceLine>> {
    let mut parts: Vec<Vec<InvoiceLine>> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some(part) if part.first().is_some_and(|first| first.workspace == line.workspace) => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    parts
}

fn exact(micros: i64) -> String {
    Nanos::from(Micros(micros)).exact()
}

/// What it adds up to, line by line: what is nothing is left out.
#[component]
fn Amounts(invoice: Invoice) -> impl IntoView {
    let rows = sums(&invoice).into_iter().filter(|(_, micros)| *micros != 0).map(|(says, micros)| {
        view! { <tr><th scope="row">{says}</th><td class="number">{exact(micros)}</td></tr> }
    });
    let columns = vec![Column::text("What"), Column::number("Amount")];
    view! {
        <Section heading="Amount">
            <Table caption="Amount" columns=columns>
                {rows.collect_view()}
                <tr class="table-total"><th scope="row">"Due"</th><td class="number">{exact(invoice.due)}</td></tr>
            </Table>
        </Section>
    }
}

/// They come to what is due.
fn sums(invoice: &Invoice) -> [(&'static str, i64); 6] {
    [
        ("Plan", invoice.price),
        ("Usage", invoice.used),
        ("Included in the plan", -invoice.included),
        ("Prepaid", -invoice.prepaid),
        ("Beyond what the plan allows: not charged", -invoice.waived),
        ("Corrections", -invoice.adjusted),
    ]
}

#[component]
fn Part(lines: Vec<InvoiceLine>, places: Places) -> impl IntoView {
    let name = lines.first().map(|line| line.name.clone()).unwrap_or_default();
    let total = exact(lines.iter().map(|line| line.micros).sum());
    let rows = lines.iter().map(|line| row(line, &places)).collect_view();
    let columns =
        vec![Column::text("What"), Column::text("Used in"), Column::number("Events"), Column::number("Quantity"), Column::number("Amount")];
    let caption = format!("Usage of {name}");
    view! {
        <Section heading=name>
            <Table caption=caption columns=columns>
                {rows}
                <tr class="table-total"><th scope="row" colspan="4">"In all"</th><td class="number">{total}</td></tr>
            </Table>
        </Section>
    }
}

fn row(line: &InvoiceLine, places: &Places) -> impl IntoView + use<> {
    let what = Dimension::named(&line.dimension).map_or_else(|| line.dimension.clone(), |known| known.says().to_owned());
    let begins = line.month.and_time(chrono::NaiveTime::MIN).and_utc();
    let events = match places.events(line.workspace, &line.dimension, begins, end_of(line.month)) {
        Some(address) => view! { <a class="link" href=address>{grouped(line.events)}</a> }.into_any(),
        None => grouped(line.events).into_any(),
    };
    let rates = format!("rates of {}", line.rate_version.format("%-d %B %Y"));
    view! {
        <tr>
            <th scope="row">{what}<br/><span class="muted">{rates}</span></th>
            <td>{line.month.format("%B %Y").to_string()}</td>
            <td class="number">{events}</td>
            <td class="number">{grouped(line.quantity)}</td>
            <td class="number">{exact(line.micros)}</td>
        </tr>
    }
}

/// One row a line of usage, and one for each sum; amounts in micro-dollars.
pub async fn save_csv(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Download, AppError> {
    let number = visit.named("number")?;
    let (invoice, lines) = ledger::take_invoice(&mut visit.scope, number, "csv").await?;
    let called = invoice.called(&visit.scope.tenant().slug);
    visit.scope.commit().await?;
    let columns = [
        "invoice",
        "period",
        "what",
        "workspace",
        "workspace_id",
        "used_in",
        "dimension",
        "rate_version",
        "events",
        "quantity",
        "amount_nanos",
        "amount_micros",
        "currency",
    ];
    let mut sheet = Sheet::new(&columns)?;
    let month = |day: chrono::NaiveDate| day.format("%Y-%m").to_string();
    let first = |what: &str| Cells::new().text(&called).text(&month(invoice.period)).text(what);
    for line in &lines {
        let cells = first("usage_line").text(&line.name).text(&WorkspaceId(line.workspace).to_string()).text(&month(line.month));
        let cells = cells.text(&line.dimension).text(&line.rate_version.to_string()).number(line.events).number(line.quantity);
        sheet.add(cells.number(line.nanos).number(line.micros).text(CURRENCY))?;
    }
    let sums = [
        ("plan", invoice.price),
        ("usage", invoice.used),
        ("included", -invoice.included),
        ("prepaid", -invoice.prepaid),
        ("waived", -invoice.waived),
        ("corrections", -invoice.adjusted),
        ("due", invoice.due),
    ];
    for (what, micros) in sums {
        let cells = (0..8).fold(first(what), |cells, _| cells.text(""));
        sheet.add(cells.number(micros).text(CURRENCY))?;
    }
    Ok(Download::csv(format!("invoice-{called}.csv"), sheet.into_bytes()?))
}

#[derive(Serialize)]
struct Money {
    amount_micros: i64,
    currency: &'static str,
}

fn money(amount_micros: i64) -> Money {
    Money { amount_micros, currency: CURRENCY }
}

#[derive(Serialize)]
struct File<'a> {
    invoice: String,
    period: String,
    issued_at: String,
    account: &'a str,
    plan: &'a str,
    price: Money,
    usage: Money,
    included: Money,
    prepaid: Money,
    waived: Money,
    corrections: Money,
    due: Money,
    /// The entries of the ledger that it is made of.
    ledger_entries: [i64; 2],
    lines: Vec<FileLine<'a>>,
}

#[derive(Serialize)]
struct FileLine<'a> {
    workspace: &'a str,
    workspace_id: String,
    used_in: String,
    dimension: &'a str,
    rate_version: String,
    events: i64,
    quantity: i64,
    amount_nanos: i64,
    amount: Money,
}

pub async fn save_json(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Download, AppError> {
    let number = visit.named("number")?;
    let (invoice, lines) = ledger::take_invoice(&mut visit.scope, number, "json").await?;
    let called = invoice.called(&visit.scope.tenant().slug);
    visit.scope.commit().await?;
    let month = |day: chrono::NaiveDate| day.format("%Y-%m").to_string();
    let lines = lines.iter().map(|line| FileLine {
        workspace: &line.name,
        workspace_id: WorkspaceId(line.workspace).to_string(),
        used_in: month(line.month),
        dimension: &line.dimension,
        rate_version: line.rate_version.to_string(),
        events: line.events,
        quantity: line.quantity,
        amount_nanos: line.nanos,
        amount: money(line.micros),
    });
    let file = File {
        invoice: called.clone(),
        period: month(invoice.period),
        issued_at: invoice.issued_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        account: &invoice.tenant_name,
        plan: &invoice.plan,
        price: money(invoice.price),
        usage: money(invoice.used),
        included: money(invoice.included),
        prepaid: money(invoice.prepaid),
        waived: money(invoice.waived),
        corrections: money(invoice.adjusted),
        due: money(invoice.due),
        ledger_entries: [invoice.first_entry, invoice.last_entry],
        lines: lines.collect(),
    };
    let body = serde_json::to_vec_pretty(&file).map_err(|_| AppError::Internal)?;
    Ok(Download::of(format!("invoice-{called}.json"), "application/json", body))
}
