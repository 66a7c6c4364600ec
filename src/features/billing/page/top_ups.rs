//! Prepaid credit: the form that goes to the payment provider, what became of each top-up, and the way to cards and receipts.
//! That somebody comes back from paying says nothing: a page says what has arrived.

use leptos::prelude::*;
use url::Url;

use super::{caps::refusal, pieces::moment};
use crate::{
    access::{
        AskTenant, TenantPermission,
        tenant::{ManageBilling, ReadBilling},
    },
    error::{AppError, FieldError},
    features::billing::server::top_ups::{self, Going, Row, State, TopUps},
    ids::TopUpId,
    money::Micros,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InTenant,
    },
    ui::{
        Actions, Button, ButtonKind, Column, Description, DescriptionList, ErrorSummary, Field, Form, Notice, PageHeader, Section,
        StatusBadge, Table, Tone, error_of,
    },
};

pub async fn show(visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InTenant<ManageBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn start(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let amount = submission.fields.get("amount").to_owned();
    let (id, amount) = top_ups::start(&mut submission.scope, &amount).await?;
    let going = Going::of(&submission.scope)?;
    let location = paths::top_up(&submission.scope.tenant().slug, id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let answer = FormAnswer::to(location.clone());
    Ok(match top_ups::go(&going, id, amount).await? {
        Some(pay_at) => answer.showing(to_the_provider("Pay", going.provider(), &pay_at, location)),
        None => answer,
    })
}

pub async fn open_portal(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let door = top_ups::portal(&mut submission.scope).await?;
    let location = paths::top_ups(&submission.scope.tenant().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let provider = door.provider();
    let answer = FormAnswer::to(location.clone());
    Ok(match door.open(submission.form).await {
        Some(url) => answer.showing(to_the_provider("Cards and receipts", provider, &url, location)),
        None => answer.saying(format!("{provider} did not answer. Try again in a moment.")),
    })
}

/// A page that goes on by itself: a form's own redirect may lead nowhere else (`form-action`).
fn to_the_provider(title: &'static str, provider: &'static str, url: &Url, back: String) -> Page {
    let href = url.to_string();
    Page::bare(title, move || {
        view! {
            <h1>{format!("On to {provider}")}</h1>
            <p>{format!("{provider} takes the payment. No card number comes to this console.")}</p>
            <p><a class="button button-primary" href=href data-no-prefetch="">{format!("Continue to {provider}")}</a></p>
            <p><a class="link" href=back>"Back to billing"</a></p>
        }
    })
    .going_on_to(url)
}

/// What the page shows.
struct Shown {
    slug: String,
    provider: Option<Provider>,
    top_ups: TopUps,
    /// None for whoever may only read, and where the console takes no payments.
    asking: Option<Asking>,
    errors: Vec<FieldError>,
    says: Option<String>,
    reader: Reader,
}

#[derive(Clone, Copy)]
struct Provider {
    says: &'static str,
    is_live: bool,
}

/// What its forms are made of.
struct Asking {
    keys: [String; 2],
    amount: String,
    bounds: (Micros, Micros),
}

async fn page<P: AskTenant>(mut visit: Visit<InTenant<P>>) -> Result<Page, AppError> {
    let slug = visit.scope.tenant().slug.clone();
    let top_ups = top_ups::list(&mut visit.scope).await?;
    let provider = visit.scope.stoa().payments().map(|payments| Provider { says: payments.says(), is_live: payments.is_live() });
    let manages = visit.scope.role().may(TenantPermission::ManageBilling) && provider.is_some();
    let config = &visit.scope.stoa().config.payment;
    let bounds = (config.min(), config.max());
    let asking = manages.then(|| Asking { keys: [visit.form_key(), visit.form_key()], amount: visit.value("amount", ""), bounds });
    let shown = Shown {
        slug,
        provider,
        top_ups,
        asking,
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: refusal(&visit),
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Top up", surroundings, move || view! { <Whole shown=shown/> }))
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { slug, provider, top_ups, asking, errors, says, reader } = shown;
    let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let summary = errors.clone();
    let takes = match provider {
        None => view! { <p>"This console takes no payments. Whoever runs it enters credit; ask them."</p> }.into_any(),
        Some(provider) => {
            view! { <Asked provider=provider asking=asking slug=slug.clone() errors=errors is_known=top_ups.is_known/> }.into_any()
        }
    };
    let billing = paths::billing(&slug);
    view! {
        <PageHeader title="Top up" purpose="Prepaid credit is used when what the plan includes is used up. It does not end with the month."/>
        <p><a class="link" href=billing>"Billing"</a></p>
        {says}
        <ErrorSummary errors=summary/>
        {takes}
        <Made rows=top_ups.rows slug=slug reader=reader/>
    }
}

#[component]
fn Asked(provider: Provider, asking: Option<Asking>, slug: String, errors: Vec<FieldError>, is_known: bool) -> impl IntoView {
    let Provider { says, is_live } = provider;
    let test = (!is_live).then(|| {
        view! {
            <Notice tone=Tone::Info>{format!("{says} is in its test mode: no money moves, and test cards are credited.")}</Notice>
        }
    });
    let Some(Asking { keys: [pay, see], amount, bounds: (min, max) }) = asking else {
        return view! { {test} }.into_any();
    };
    let help = format!("US dollars in whole cents, {min} to {max}.");
    let purpose = format!(
        "You pay at {says}, and come back here. It is credited when {says} says that it has arrived: with a card at once, with a bank debit after days."
    );
    let (to_pay, place) = (paths::top_ups(&slug), slug.clone());
    let portal = is_known.then(move || {
        let purpose = format!("At {says}: the cards it knows of this account, and its receipts.");
        view! {
            <Section heading="Cards and receipts" purpose=purpose>
                <Form action=paths::billing_portal(&slug) key=see place=slug>
                    <Actions><Button>{format!("Open at {says}")}</Button></Actions>
                </Form>
            </Section>
        }
    });
    view! {
        {test}
        <Section heading="Amount" purpose=purpose>
            <Form action=to_pay key=pay place=place>
                <Field name="amount" label="Amount" value=amount maxlength=20 help=help error=error_of(&errors, "amount")/>
                <Actions><Button kind=ButtonKind::Primary>{format!("Continue to {says}")}</Button></Actions>
            </Form>
        </Section>
        {portal}
    }
    .into_any()
}

fn badge(state: State) -> (Tone, &'static str) {
    match state {
        State::Opening => (Tone::Info, "being opened"),
        State::Waiting => (Tone::Info, "waiting for the payment"),
        State::Announced => (Tone::Info, "payment on its way"),
        State::Paid => (Tone::Success, "credited"),
        State::Refunded => (Tone::Warning, "paid back"),
        State::NotOpened => (Tone::Warning, "not opened"),
        State::Silent => (Tone::Warning, "no word of it"),
        State::Expired => (Tone::Warning, "expired"),
        State::Declined => (Tone::Danger, "declined"),
    }
}

#[component]
fn Made(rows: Vec<Row>, slug: String, reader: Reader) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.into_iter().map(|row| line(&row, &slug, &reader)).collect_view();
    let columns = vec![Column::text("Asked for"), Column::text("State"), Column::number("Amount"), Column::number("Paid back")];
    view! {
        <Section heading="Top-ups" purpose="The last fifty, the latest first. What was credited stands in the ledger.">
            <Table caption="Top-ups" columns=columns>{rows}</Table>
        </Section>
    }
    .into_any()
}

fn line(row: &Row, slug: &str, reader: &Reader) -> impl IntoView + use<> {
    let (tone, text) = badge(row.state_at(reader.now));
    let amount = Micros(row.paid_micros.unwrap_or(row.micros)).to_string();
    let back = (row.returned_micros > 0).then(|| Micros(row.returned_micros).to_string());
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::top_up(slug, row.id)>{moment(row.asked_at, reader)}</a></th>
            <td><StatusBadge tone=tone text=text/></td>
            <td class="number">{amount}</td>
            <td class="number">{back}</td>
        </tr>
    }
}

/// What became of one: also where people come back to from the provider, whatever they did there.
pub async fn show_one(mut visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    let id: TopUpId = visit.named("top_up")?;
    let row = top_ups::find(&mut visit.scope, id).await?;
    let slug = visit.scope.tenant().slug.clone();
    let manages = visit.scope.role().may(TenantPermission::ManageBilling);
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    Ok(Page::framed("Top-up", surroundings, move || view! { <One row=row slug=slug manages=manages reader=reader/> }))
}

/// What can be said of it, and what there is to do.
fn says(state: State) -> &'static str {
    match state {
        State::Opening => "The payment provider is being asked. Look again in a moment.",
        State::Waiting => {
            "Nothing has arrived yet. If you have paid, it is credited as soon as the payment provider says so, mostly within a minute; you \
             need not wait here."
        }
        State::Announced => {
            "The payment is on its way, which takes some days with a bank debit. It is credited when it has arrived, and you are told."
        }
        State::Paid => "It has arrived, and is prepaid credit.",
        State::Refunded => "It had arrived, and was paid back, in part or whole. What of it was used is on what the account owes.",
        State::NotOpened => {
            "The payment provider did not open it. Nothing was charged. Try again; if it goes on, tell whoever runs this console."
        }
        State::Silent => {
            "It cannot be paid any more, and the payment provider has not said what became of it. If you have paid, do not pay again: tell \
             whoever runs this console."
        }
        State::Expired => "Nobody paid in time. Nothing was charged.",
        State::Declined => "The payment was declined. Nothing was charged.",
    }
}

#[component]
fn One(row: Row, slug: String, manages: bool, reader: Reader) -> impl IntoView {
    let state = row.state_at(reader.now);
    let (tone, text) = badge(state);
    let until = row.pay_until.filter(|_| state == State::Waiting);
    let pay = row.pay_at.clone().filter(|_| manages && state == State::Waiting).map(|href| {
        view! { <a class="button" href=href data-no-prefetch="" rel="noreferrer">"Go on to pay"</a> }
    });
    let again = matches!(state, State::Opening | State::Waiting | State::Silent)
        .then(|| view! { <a class="link" href=paths::top_up(&slug, row.id)>"Look again"</a> });
    let anew = (manages && matches!(state, State::NotOpened | State::Expired | State::Declined))
        .then(|| view! { <a class="link" href=paths::top_ups(&slug)>"Top up again"</a> });
    let dispute = row.dispute_state.clone().map(|state| {
        view! {
            <Notice tone=Tone::Warning>
                {format!("The bank of whoever paid asks for the payment back. How far that is: {}.", state.replace('_', " "))}
            </Notice>
        }
    });
    let test = (!row.is_live).then_some(" (test mode: no money moved)");
    let asked_at = moment(row.asked_at, &reader);
    let paid_at = row.paid_at.map(|at| moment(at, &reader)).map(|at| view! { <Description term="Paid">{at}</Description> });
    let until = until.map(|at| moment(at, &reader)).map(|at| view! { <Description term="Can be paid until">{at}</Description> });
    let back =
        (row.returned_micros > 0).then(|| view! { <Description term="Paid back">{Micros(row.returned_micros).to_string()}</Description> });
    let named = row.payment_ref.clone().map(|name| view! { <Description term="Name at the provider"><code>{name}</code></Description> });
    let (top_ups, ledger) = (paths::top_ups(&slug), paths::ledger(&slug));
    view! {
        <PageHeader title="Top-up" purpose=says(state)/>
        <p><a class="link" href=top_ups>"Top up"</a></p>
        {dispute}
        <DescriptionList>
            <Description term="State"><StatusBadge tone=tone text=text/></Description>
            <Description term="Amount">{Micros(row.paid_micros.unwrap_or(row.micros)).to_string()} {test}</Description>
            <Description term="Asked for">{asked_at}</Description>
            {until}
            {paid_at}
            {back}
            {named}
        </DescriptionList>
        <Actions>{pay} {again} {anew} <a class="link" href=ledger>"The whole ledger"</a></Actions>
    }
}
