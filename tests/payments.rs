//! Top-ups through Stripe, on recorded exchanges: asked for, paid there, credited by its signed word and by nothing else.

mod hearing;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use stoa::{ids::TopUpId, money::Micros};

use crate::{
    billing::{events, payer, rows},
    support::{
        Answer, Browser, Console, Person, Team,
        stripe::{self, Payment, SECRET, Stripe},
    },
};

pub fn place(team: &Team) -> String {
    format!("/t/{}/billing/top-ups", team.tenant_slug)
}

/// Sends the form of the page.
pub async fn asks(console: &Console, team: &Team, person: &Person, amount: &str) -> Answer {
    let fields = [("form", &*console.form_key()), ("place", &team.tenant_slug), ("amount", amount)];
    person.browser.post(&place(team), &fields).await
}

/// Goes to pay so many dollars. Returns what Stripe will tell of it.
pub async fn goes_to_pay(console: &Console, team: &Team, dollars: i64) -> Payment {
    let answer = asks(console, team, &team.owner, &dollars.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(answer.header("refresh").starts_with("0; url=https://checkout.stripe.com/c/pay/cs_test_"), "{:?}", answer.headers);
    let address = answer.link("Back to billing");
    let top_up: TopUpId = address.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let found = console.database.text("select session_ref || ' ' || customer_ref from top_up where id = $1", top_up.0).await;
    let (session, customer) = found.split_once(' ').expect("two names");
    Payment {
        session: session.to_owned(),
        customer: customer.to_owned(),
        top_up: top_up.to_string(),
        tenant: team.tenant.to_string(),
        intent: format!("pi_{session}"),
        cents: dollars * 100,
        refunded: 0,
        currency: "usd".to_owned(),
        dispute: "needs_response".to_owned(),
    }
}

/// A body at the endpoint, with that signature.
pub async fn posts(browser: &Browser, body: &str, signature: &str) -> Answer {
    let request = browser
        .request(Method::POST, "/payments/stripe/events")
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header("stripe-signature", signature)
        .body(Body::from(body.to_owned()))
        .expect("a request");
    browser.send(request).await
}

/// An event, as Stripe tells it now.
pub async fn tells(console: &Console, payment: &Payment, fixture: &str, event: &str) -> StatusCode {
    let now = console.stoa.clock.now().timestamp();
    let body = payment.body(fixture, event, now);
    posts(&console.a_stranger(), &body, &stripe::sign(&body, SECRET, now)).await.status
}

pub async fn balances(console: &Console, team: &Team) -> (i64, i64) {
    let sql = "select prepaid_micros || ' ' || owed_micros from ledger_entry where tenant_id = $1 order by number desc limit 1";
    let text = console.database.text(sql, team.tenant.0).await;
    let (prepaid, owed) = text.split_once(' ').expect("two figures");
    (prepaid.parse().expect("a figure"), owed.parse().expect("a figure"))
}

#[tokio::test]
async fn a_top_up_is_opened_at_stripe_and_waits_for_its_word() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let bill = payer(&console, &team).await;
    let billing = bill.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await;
    let page = bill.browser.get(&billing.link("Top up")).await;
    assert!(page.text().contains("Stripe is in its test mode"), "{}", page.text());
    assert!(!page.text().contains("Cards and receipts"), "Stripe knows nothing of the account yet");
    let fields = [("form", &*page.field("form")), ("place", &team.tenant_slug), ("amount", "25.50")];
    let answer = bill.browser.post(&place(&team), &fields).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{}", answer.text());
    let pay_at = answer.link("Continue to Stripe");
    assert!(pay_at.starts_with("https://checkout.stripe.com/c/pay/cs_test_1#"), "{pay_at}");
    assert_eq!(answer.header("refresh"), format!("0; url={pay_at}"), "no redirect, which form-action would stop");
    // What was asked of Stripe.
    let asked = stripe.asked();
    let [customer, session] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((customer.path.as_str(), customer.field("name")), ("/v1/customers", "Acme"));
    assert_eq!(customer.field("metadata[stoa_tenant]"), team.tenant.to_string());
    assert_eq!(session.path, "/v1/checkout/sessions");
    let top_up = session.field("client_reference_id");
    for (name, value) in [
        ("mode", "payment"),
        ("customer", "cus_0"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "2550"),
        ("metadata[stoa_top_up]", top_up),
        ("payment_intent_data[metadata][stoa_top_up]", top_up),
        ("success_url", &format!("http://127.0.0.1:3000{}/{top_up}", place(&team))),
        ("cancel_url", &format!("http://127.0.0.1:3000{}/{top_up}", place(&team))),
    ] {
        assert_eq!(session.field(name), value, "{name}");
    }
    for asked in &asked {
        assert_eq!(
            (asked.header("stripe-version"), asked.header("content-type")),
            ("2025-06-30.basil", "application/x-www-form-urlencoded")
        );
    }
    assert_eq!(customer.header("idempotency-key"), format!("stoa-{top_up}-customer"));
    assert_eq!(session.header("idempotency-key"), format!("stoa-{top_up}-session"));
    // The same form again leads to the same top-up, and asks nothing.
    let again = bill.browser.post(&place(&team), &fields).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, &*format!("{}/{top_up}", place(&team))));
    assert_eq!(stripe.asked().len(), 2);
    // Coming back says nothing of money.
    let back = bill.browser.get(again.location()).await;
    assert!(back.text().contains("Nothing has arrived yet") && back.text().contains("waiting for the payment"), "{}", back.text());
    assert_eq!(back.link("Go on to pay"), pay_at);
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'top_up'").await, 0);
    assert!(rows(&bill.browser.get(&place(&team)).await).contains("waiting for the payment | $25.50"));
    // Whoever pays next is known there.
    goes_to_pay(&console, &team, 5).await;
    assert_eq!(stripe.asked().len(), 3);
    let event = "select actor_name || ' ' || (changes -> 0 ->> 'after') from audit_event where action = 'top_up.started' and actor_name = 'Bill Payer' and tenant_id = $1";
    assert_eq!(console.database.text(event, team.tenant.0).await, "Bill Payer 25500000");
}

#[tokio::test]
async fn who_may_not_pay_and_what_cannot_be_paid_is_refused_before_stripe_is_asked() {
    let stripe = Stripe::open().await;
    let console = stripe.console_with(&[("STOA_PAYMENT__MAX_DOLLARS", "100")]).await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    for amount in ["", "4.99", "100.01", "7.005", "lots"] {
        let answer = asks(&console, &acme, &acme.owner, amount).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{amount}");
        assert_eq!((answer.count("[aria-invalid=true]"), answer.field("amount")), (1, amount.to_owned()));
    }
    assert!(asks(&console, &acme, &acme.owner, "4").await.text().contains("Enter at least $5.00 and at most $100.00."));
    assert_eq!(asks(&console, &acme, &acme.member, "10").await.status, StatusCode::FORBIDDEN);
    assert_eq!(asks(&console, &acme, &zenith.owner, "10").await.status, StatusCode::NOT_FOUND);
    assert!(stripe.asked().is_empty());
    let theirs = goes_to_pay(&console, &acme, 10).await;
    let address = format!("{}/{}", place(&acme), theirs.top_up);
    assert_eq!(acme.owner.browser.get(&address).await.status, StatusCode::OK);
    assert_eq!(acme.member.browser.get(&address).await.status, StatusCode::FORBIDDEN);
    for address in [address, format!("{}/{}", place(&zenith), theirs.top_up)] {
        assert_eq!(zenith.owner.browser.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    for _ in 1..20 {
        goes_to_pay(&console, &acme, 10).await;
    }
    let many = asks(&console, &acme, &acme.owner, "10").await;
    assert_eq!(many.status, StatusCode::CONFLICT);
    assert!(many.text().contains("wait to be paid"), "{}", many.text());
}

#[tokio::test]
async fn where_stripe_refuses_or_is_away_nothing_was_charged_and_the_page_says_so() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    stripe.refuse(true);
    let refused = asks(&console, &team, &team.owner, "10").await;
    assert_eq!((refused.status, refused.header("refresh")), (StatusCode::SEE_OTHER, ""));
    let page = team.owner.browser.get(refused.location()).await;
    assert!(page.text().contains("did not open it. Nothing was charged."), "{}", page.text());
    assert!(page.link("Top up again").ends_with("/billing/top-ups"));
    stripe.refuse(false);
    goes_to_pay(&console, &team, 10).await;
    // Nobody is there at all.
    let console = stripe.console_with(&[("STOA_PAYMENT__STRIPE__API_BASE", "http://127.0.0.1:1")]).await;
    let team = console.team("Acme").await;
    let away = asks(&console, &team, &team.owner, "10").await;
    assert!(team.owner.browser.get(away.location()).await.text().contains("did not open it"));
    assert_eq!(events(&console, "top_up.failed").await, 1);
    let because = "select because || ' ' || state from top_up where tenant_id = $1";
    assert_eq!(console.database.text(because, team.tenant.0).await, "unreached failed");
}

#[tokio::test]
async fn an_account_that_was_deleted_at_stripe_can_pay_again() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let before = goes_to_pay(&console, &team, 10).await;
    stripe.delete(&before.customer);
    let after = goes_to_pay(&console, &team, 10).await;
    assert_ne!(before.customer, after.customer);
    let kept = "select customer_ref from payment_customer where tenant_id = $1";
    assert_eq!(console.database.text(kept, team.tenant.0).await, after.customer);
    // What was opened for the one before is still known as theirs.
    tells(&console, &before, "session_completed", "evt_1").await;
    tells(&console, &after, "session_completed", "evt_2").await;
    assert_eq!(balances(&console, &team).await.0, 20_000_000);
    assert_eq!(goes_to_pay(&console, &team, 10).await.customer, after.customer);
}

#[tokio::test]
async fn cards_and_receipts_are_at_stripe_for_those_who_pay() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let address = format!("/t/{}/billing/portal", team.tenant_slug);
    let opens = async |person: &Person| {
        let fields = [("form", &*console.form_key()), ("place", &team.tenant_slug)];
        person.browser.post(&address, &fields).await
    };
    assert_eq!(opens(&team.owner).await.status, StatusCode::CONFLICT, "Stripe knows nothing of the account yet");
    goes_to_pay(&console, &team, 10).await;
    assert_eq!(opens(&team.admin).await.status, StatusCode::FORBIDDEN);
    assert!(team.owner.browser.get(&place(&team)).await.text().contains("Open at Stripe"));
    let opened = opens(&team.owner).await;
    assert_eq!(opened.header("refresh"), "0; url=https://billing.stripe.com/p/session/test_YWNjdF8x", "{}", opened.text());
    let asked = stripe.asked().pop().expect("a request");
    assert_eq!((asked.path.as_str(), asked.field("customer")), ("/v1/billing_portal/sessions", "cus_0"));
    assert_eq!(asked.field("return_url"), format!("http://127.0.0.1:3000{}", place(&team)));
    assert_eq!(events(&console, "billing.portal_opened").await, 1);
    stripe.refuse(true);
    let refused = opens(&team.owner).await;
    assert_eq!((refused.status, refused.location()), (StatusCode::SEE_OTHER, &*place(&team)));
}

#[tokio::test]
async fn without_a_provider_nothing_is_said_of_payment() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let billing = team.owner.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await;
    assert_eq!(billing.status, StatusCode::OK);
    assert!(!billing.text().contains("Top up"), "{}", billing.text());
    let page = team.owner.browser.get(&place(&team)).await;
    assert!(page.text().contains("This console takes no payments.") && page.count("main form") == 0, "{}", page.text());
    assert_eq!(asks(&console, &team, &team.owner, "10").await.status, StatusCode::CONFLICT);
    let body = r#"{"id":"evt_1"}"#;
    assert_eq!(posts(&console.a_stranger(), body, &stripe::sign(body, SECRET, 0)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_doctor_says_whether_stripe_lets_us_in() {
    let stripe = Stripe::open().await;
    let config = crate::support::settings("postgres://nobody@127.0.0.1:1/nothing", &stripe.settings());
    let payments = || stoa::server::payment::of(&config.payment).expect("a client").expect("a provider");
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert_eq!((payments().greet().await, payments().is_live(), payments().says()), (Ok(()), false, "Stripe"));
    stripe.refuse(true);
    let says = payments().greet().await.expect_err("refused").to_string();
    assert_eq!(says, "the payment provider refused: 400 invalid_request_error parameter_missing line_items (req_9)");
    assert!(!format!("{config:?}").contains("hush"));
    assert_eq!(config.payment.min(), Micros(5_000_000));
}
