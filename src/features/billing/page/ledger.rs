//! The ledger of an account: every entry with what was left and owed after it, and what one entry posts and covers.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{pieces::moment, places::Places};
use crate::{
    access::tenant::ReadBilling,
    error::AppError,
    features::billing::server::ledger::{self, Covered, Entry, Kind, Posting},
    money::{Micros, Nanos},
    numbers::grouped,
    paths,
    server::{
        Reader,
        http::{Page, Visit},
        plans::Dimension,
        scope::InTenant,
    },
    ui::{Column, Description, DescriptionList, EmptyState, Icon, PageHeader, Pager, Section, Table},
};

pub async fn show(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    let before = visit.asked("before").parse().ok();
    let tenant = visit.scope.tenant().clone();
    let listed = ledger::entries(&mut visit.scope, tenant.id, before).await?;
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    let here = paths::ledger(&tenant.slug);
    let next = listed.next.map(|next| paths::asking(&here, &[("before", &next.to_string())]));
    Ok(Page::framed("Ledger", surroundings, move || {
        view! {
            <PageHeader title="Ledger" purpose="Every entry of the account's books, the latest first, with what was left and owed after it. Entries are never changed."/>
            <p><a class="link" href=paths::billing(&tenant.slug)>"Billing"</a></p>
            <Entries entries=listed.entries slug=tenant.slug reader=reader/>
            <Pager first=before.map(|_: i64| here.clone()) next=next/>
        }
    }))
}

#[component]
fn Entries(entries: Vec<Entry>, slug: String, reader: Reader) -> impl IntoView {
    if entries.is_empty() {
        return view! { <EmptyState icon=Icon::Billing title="No entry yet" explanation="What the plan includes is entered within minutes, and what is used within the hour after it."/> }
            .into_any();
    }
    let rows = entries.into_iter().map(|entry| row(&entry, &slug, &reader)).collect_view();
    let columns = vec![
        Column::number("Entry"),
        Column::text("What"),
        Column::text("Posted"),
        Column::number("Amount"),
        Column::number("Included and left"),
        Column::number("Prepaid and left"),
        Column::number("Owed"),
    ];
    view! { <Table caption="Ledger" columns=columns>{rows}</Table> }.into_any()
}

fn exact(micros: i64) -> String {
    Nanos::from(Micros(micros)).exact()
}

fn row(entry: &Entry, slug: &str, reader: &Reader) -> impl IntoView + use<> {
    let [amount, included, prepaid, owed] = [entry.micros, entry.included, entry.prepaid, entry.owed].map(exact);
    view! {
        <tr>
            <th scope="row" class="number"><a class="link" href=paths::ledger_entry(slug, entry.number)>{entry.number}</a></th>
            <td>{says(entry)}<br/><span class="muted">{about(entry)}</span></td>
            <td>{moment(entry.posted_at, reader)}</td>
            <td class="number">{amount}</td>
            <td class="number">{included}</td>
            <td class="number">{prepaid}</td>
            <td class="number">{owed}</td>
        </tr>
    }
}

fn says(entry: &Entry) -> String {
    entry.kind().map_or_else(|| entry.kind.clone(), |kind| kind.says().to_owned())
}

/// The hours of a charge, the reason of what was entered by hand, the month of what the plan did.
fn about(entry: &Entry) -> String {
    match (entry.from_hour.zip(entry.until_hour), &entry.reason) {
        (Some((from, until)), _) => hours(from, until),
        (None, Some(reason)) => reason.clone(),
        (None, None) => entry.period.format("%B %Y").to_string(),
    }
}

fn hours(from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    let day = "%-d %B %Y, %H:%M";
    format!("{} to {} UTC", from.format(day), until.format(day))
}

/// What an account of the ledger is, and on which side it grows.
fn account(name: &str) -> &'static str {
    match name {
        "included" => "Included usage that is left",
        "prepaid" => "Prepaid credit that is left",
        "receivable" => "Owed",
        "cash" => "Paid from outside",
        "usage" => "Earned: usage",
        "plans" => "Earned: plans",
        "granted" => "Given: included usage",
        "adjusted" => "Given: corrections",
        "waived" => "Given: beyond what the plan allows",
        _ => "Another account",
    }
}

pub async fn show_entry(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    let number: i64 = visit.named("number")?;
    let (entry, postings, covered) = ledger::entry(&mut visit.scope, number).await?;
    let places = if covered.is_empty() { Places::default() } else { Places::load(&mut visit).await? };
    let slug = visit.scope.tenant().slug.clone();
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    Ok(Page::framed("Ledger entry", surroundings, move || {
        let (kind, about) = (says(&entry), about(&entry));
        let made_by = if entry.made_by == "operator" { "the operator of this console" } else { "this console" };
        let covers = entry.from_hour.zip(entry.until_hour).map(|hours| view! { <Covers covered=covered places=places hours=hours/> });
        let purpose = format!("One entry of the account's ledger: {}.", what_happens(entry.kind()));
        view! {
            <PageHeader title="Ledger entry" purpose=purpose/>
            <p><a class="link" href=paths::ledger(&slug)>"Ledger"</a></p>
            <DescriptionList>
                <Description term="Number">{number}</Description>
                <Description term="What">{kind}</Description>
                <Description term="About">{about}</Description>
                <Description term="Posted">{moment(entry.posted_at, &reader)}</Description>
                <Description term="By">{made_by}</Description>
                <Description term="Key"><code>{entry.key}</code></Description>
            </DescriptionList>
            <Postings postings=postings/>
            {covers}
        }
    }))
}

fn what_happens(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Charge) => "what was used in hours that are over, taken from what is included, then from what is prepaid, then owed",
        Some(Kind::Grant) => "usage that is included in a month",
        Some(Kind::Expiry) => "what was left of it when the month or the plan ended",
        Some(Kind::Price) => "what the plan costs for a month",
        Some(Kind::TopUp) => "prepaid credit that was added",
        Some(Kind::Refund) => "prepaid credit that was paid back",
        Some(Kind::Payment) => "a payment of what was owed",
        Some(Kind::Adjustment) => "a correction",
        None => "what it moved, and why",
    }
}

#[component]
fn Postings(postings: Vec<Posting>) -> impl IntoView {
    let rows = postings
        .into_iter()
        .map(|posting| {
            let (debit, credit) = if posting.micros > 0 { (Some(posting.micros), None) } else { (None, Some(-posting.micros)) };
            let (debit, credit) = (debit.map(exact), credit.map(exact));
            view! {
                <tr>
                    <th scope="row">{account(&posting.account)}</th>
                    <td><code>{posting.account}</code></td>
                    <td class="number">{debit}</td>
                    <td class="number">{credit}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("What"), Column::text("Account"), Column::number("Debit"), Column::number("Credit")];
    view! {
        <Section heading="Postings" purpose="Both sides come to the same.">
            <Table caption="Postings" columns=columns>{rows}</Table>
        </Section>
    }
}

/// Each line with the events that it is the sum of.
#[component]
fn Covers(covered: Vec<Covered>, places: Places, hours: (DateTime<Utc>, DateTime<Utc>)) -> impl IntoView {
    let rows = covered
        .into_iter()
        .map(|line| {
            let what = Dimension::named(&line.dimension).map_or_else(|| line.dimension.clone(), |known| known.says().to_owned());
            let events = match places.events(line.workspace, &line.dimension, hours.0, hours.1) {
                Some(address) => view! { <a class="link" href=address>{grouped(line.events)}</a> }.into_any(),
                None => grouped(line.events).into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{places.name(line.workspace)}</th>
                    <td>{what}</td>
                    <td>{line.month.format("%B %Y").to_string()}</td>
                    <td class="number">{events}</td>
                    <td class="number">{grouped(line.quantity)}</td>
                    <td class="number">{Nanos(line.nanos).exact()}</td>
                    <td class="number">{exact(line.micros)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Workspace"),
        Column::text("What"),
        Column::text("Used in"),
        Column::number("Events"),
        Column::number("Quantity"),
        Column::number("Used"),
        Column::number("Charged"),
    ];
    view! {
        <Section
            heading="What it covers"
            purpose="Each line is charged in millionths of a dollar; what is less than one goes to the next. What came after its hour was charged stands in a later charge."
        >
            <Table caption="What it covers" columns=columns>{rows}</Table>
        </Section>
    }
}
