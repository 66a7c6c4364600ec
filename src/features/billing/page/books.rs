//! The account's books on its Billing page: what is left and owed, what is not charged yet, and the invoices.

use leptos::prelude::*;

use super::pieces::moment;
use crate::{
    features::billing::server::ledger::{Books, Issued, called},
    money::{Micros, Nanos},
    paths,
    server::Reader,
    ui::{Column, Description, DescriptionList, Section, Table},
};

/// What is in the books is one thing, and what was used since they were written another.
#[component]
pub fn BooksSection(books: Books, slug: String, takes_payments: bool, reader: Reader) -> impl IntoView {
    let exact = |micros: Micros| Nanos::from(micros).exact();
    let owed = match books.balances.owed {
        Micros(owed) if owed < 0 => format!("{} in your favour", exact(Micros(-owed))),
        owed => exact(owed),
    };
    let included = books.included_left.map(|left| view! { <Description term="Included and left, as charged">{exact(left)}</Description> });
    let top_up = takes_payments.then(|| view! { <p><a class="link" href=paths::top_ups(&slug)>"Top up"</a></p> });
    let (ledger, since) = (paths::ledger(&slug), moment(books.since, &reader));
    view! {
        <Section heading="Balance" purpose="What the ledger says, and apart from it what was used since the last charge. Usage is charged by the hour.">
            <DescriptionList>
                {included}
                <Description term="Prepaid and left">{exact(books.balances.prepaid)}</Description>
                <Description term="Owed">{owed}</Description>
                <Description term="Used since the last charge">{books.accrued.exact()} ", since " {since}</Description>
            </DescriptionList>
            <p><a class="link" href=ledger>"The whole ledger"</a></p>
            {top_up}
        </Section>
        <Invoices issued=books.invoices slug=slug reader=reader/>
    }
}

#[component]
fn Invoices(issued: Vec<Issued>, slug: String, reader: Reader) -> impl IntoView {
    let table = if issued.is_empty() {
        view! { <p class="muted">"None yet. A month has one when it is over and something is on it."</p> }.into_any()
    } else {
        let rows = issued.into_iter().map(|one| row(&one, &slug, &reader)).collect_view();
        let columns = vec![
            Column::text("Invoice"),
            Column::text("Month"),
            Column::text("Issued"),
            Column::number("Plan"),
            Column::number("Usage"),
            Column::number("Due"),
        ];
        view! { <Table caption="Invoices" columns=columns>{rows}</Table> }.into_any()
    };
    view! { <Section heading="Invoices" purpose="One for each month that is over.">{table}</Section> }
}

fn row(one: &Issued, slug: &str, reader: &Reader) -> impl IntoView + use<> {
    let [price, used, due] = [one.price, one.used, one.due].map(|micros| Micros(micros).to_string());
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::invoice(slug, one.number)>{called(slug, one.number)}</a></th>
            <td>{one.period.format("%B %Y").to_string()}</td>
            <td>{moment(one.issued_at, reader)}</td>
            <td class="number">{price}</td>
            <td class="number">{used}</td>
            <td class="number">{due}</td>
        </tr>
    }
}
