//! What Stripe tells: believed when it is signed, applied once, in whatever order, to the account that it is of.

use axum::http::StatusCode;
use chrono::TimeDelta;
use stoa::{
    app,
    features::billing::server::ledger,
    server::{events::Actor, http},
};

use super::{asks, balances, goes_to_pay, place, posts, tells};
use crate::{
    billing::{DOLLAR, events, rows, used},
    support::{
        Browser, Console,
        stripe::{self, KEY, Payment, SECRET, Stripe},
    },
};

const MICRO_DOLLAR: i64 = 1_000_000;

#[tokio::test]
async fn a_payment_counts_when_stripe_says_so_and_once() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let payment = goes_to_pay(&console, &team, 25).await;
    assert_eq!(tells(&console, &payment, "session_completed", "evt_1").await, StatusCode::OK);
    assert_eq!(balances(&console, &team).await, (25 * MICRO_DOLLAR, 0));
    // The same event, and another one that says the same.
    for event in ["evt_1", "evt_2"] {
        assert_eq!(tells(&console, &payment, "session_completed", event).await, StatusCode::OK);
    }
    assert_eq!(tells(&console, &payment, "session_async_succeeded", "evt_3").await, StatusCode::OK);
    assert_eq!(balances(&console, &team).await, (25 * MICRO_DOLLAR, 0));
    assert_eq!(console.database.count("select count(*) from payment_event").await, 3);
    let key = "select key || ' ' || made_by from ledger_entry where kind = 'top_up' and tenant_id = $1";
    assert!(console.database.text(key, team.tenant.0).await.ends_with(" system"));
    let row = "select channel || ' ' || route || ' ' || actor_id from audit_event where action = 'credit.topped_up' and tenant_id = $1";
    assert_eq!(console.database.text(row, team.tenant.0).await, "system /payments/stripe/events billing.payments");
    let page = team.owner.browser.get(&format!("{}/{}", place(&team), payment.top_up)).await;
    assert!(page.text().contains("It has arrived, and is prepaid credit.") && page.text().contains("credited"), "{}", page.text());
    assert!(page.text().contains(&payment.intent) && page.count("main a.button") == 0);
    let inbox = "select count(*) from inbox_item where title = 'A top-up of $25.00 for Acme has arrived'";
    assert_eq!(console.database.count(inbox).await, 1);
    crate::ledger::books_hold_true(&console).await;
}

#[tokio::test]
async fn what_paused_runs_again_with_the_payment() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    used(&console, &team, None, "rest.read", 6 * DOLLAR).await;
    let paused = async || console.database.count("select count(*) from billing_pause where ended_at is null").await;
    assert_eq!(paused().await, 1);
    let payment = goes_to_pay(&console, &team, 10).await;
    assert_eq!(paused().await, 1, "going to pay is not paying");
    tells(&console, &payment, "session_completed", "evt_1").await;
    assert_eq!((paused().await, events(&console, "billing.resumed").await), (0, 1));
    // It goes back, with a dollar of it used: that pauses again, and nobody gets it for nothing.
    ledger::charge_now(&console.stoa, team.tenant, &Actor::operator()).await.expect("charged");
    assert_eq!(balances(&console, &team).await, (9 * MICRO_DOLLAR, 0));
    tells(&console, &Payment { refunded: 1000, ..payment }, "charge_refunded", "evt_2").await;
    assert_eq!(balances(&console, &team).await, (0, MICRO_DOLLAR));
    assert_eq!(paused().await, 1);
    crate::ledger::books_hold_true(&console).await;
}

#[tokio::test]
async fn nothing_is_believed_that_stripe_did_not_sign_just_now() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let payment = goes_to_pay(&console, &team, 25).await;
    let now = console.stoa.clock.now().timestamp();
    let body = payment.body("session_completed", "evt_1", now);
    let more = Payment { cents: 9_999_900, ..payment.clone() }.body("session_completed", "evt_1", now);
    let signed = stripe::sign(&body, SECRET, now);
    let stranger = console.a_stranger();
    for (body, signature) in [
        (&body, String::new()),
        (&body, "t=,v1=".to_owned()),
        (&body, stripe::sign(&body, "whsec_other", now)),
        (&body, stripe::sign(&body, KEY, now)),
        (&more, signed.clone()),
        (&body, stripe::sign(&body, SECRET, now - 301)),
        (&body, stripe::sign(&body, SECRET, now + 301)),
        (&body, signed.replace("v1=", "v0=")),
        (&"not JSON".to_owned(), stripe::sign("not JSON", SECRET, now)),
    ] {
        assert_eq!(posts(&stranger, body, &signature).await.status, StatusCode::BAD_REQUEST, "{signature}");
    }
    let long = " ".repeat(70_000);
    assert_eq!(posts(&stranger, &long, &stripe::sign(&long, SECRET, now)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // Real money where this console's is not.
    let live = body.replace("\"livemode\": false", "\"livemode\": true");
    assert_ne!(live, body);
    assert_eq!(posts(&stranger, &live, &stripe::sign(&live, SECRET, now)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(console.database.count("select count(*) from payment_event").await, 0);
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'top_up'").await, 0);
    assert_eq!(posts(&stranger, &body, &signed).await.status, StatusCode::OK);
    assert_eq!(balances(&console, &team).await.0, 25 * MICRO_DOLLAR);
}

#[tokio::test]
async fn a_secret_is_turned_over_without_losing_an_event() {
    let stripe = Stripe::open().await;
    let console = stripe.console_with(&[("STOA_PAYMENT__STRIPE__FORMER_WEBHOOK_SECRETS", "whsec_before")]).await;
    let team = console.team("Acme").await;
    let now = console.stoa.clock.now().timestamp();
    for (number, secret) in ["whsec_before", SECRET].into_iter().enumerate() {
        let payment = goes_to_pay(&console, &team, 10).await;
        let body = payment.body("session_completed", &format!("evt_{number}"), now);
        // As Stripe does while both are good: a signature with each.
        let both =
            format!("{},{}", stripe::sign(&body, "whsec_unknown", now), stripe::sign(&body, secret, now).split_once(',').expect("two").1);
        assert_eq!(posts(&console.a_stranger(), &body, &both).await.status, StatusCode::OK, "{secret}");
    }
    assert_eq!(balances(&console, &team).await.0, 20 * MICRO_DOLLAR);
}

#[tokio::test]
async fn two_nodes_that_hear_the_same_at_once_apply_it_once() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let now = console.stoa.clock.now().timestamp();
    let settings = stripe.settings();
    let nodes: Vec<Browser> = (0..2)
        .map(|_| Browser::new(http::router(console.another_node(&settings), app::doors(), app::operations(), axum::Router::new())))
        .collect();
    for round in 0..5 {
        let payment = goes_to_pay(&console, &team, 10).await;
        let body = payment.body("session_completed", &format!("evt_{round}"), now);
        let other = payment.body("session_async_succeeded", &format!("evt_{round}b"), now);
        let back = Payment { refunded: 400, ..payment }.body("charge_refunded", &format!("evt_{round}c"), now);
        let tell = async |node: &Browser, body: &str| posts(node, body, &stripe::sign(body, SECRET, now)).await.status;
        let told = tokio::join!(
            tell(&nodes[0], &body),
            tell(&nodes[1], &body),
            tell(&nodes[0], &other),
            tell(&nodes[1], &other),
            tell(&nodes[0], &back),
            tell(&nodes[1], &back),
        );
        assert_eq!(told, (StatusCode::OK, StatusCode::OK, StatusCode::OK, StatusCode::OK, StatusCode::OK, StatusCode::OK));
        assert_eq!(balances(&console, &team).await, ((round + 1) * 6 * MICRO_DOLLAR, 0), "round {round}");
    }
    assert_eq!(console.database.count("select count(*) from payment_event").await, 15);
    crate::ledger::books_hold_true(&console).await;
}

#[tokio::test]
async fn a_refund_posts_the_difference_also_when_it_is_told_first() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let payment = goes_to_pay(&console, &team, 20).await;
    let back = |cents| Payment { refunded: cents, ..payment.clone() };
    tells(&console, &back(500), "charge_refunded", "evt_1").await;
    assert_eq!(
        console.database.count("select count(*) from ledger_entry where kind in ('top_up', 'refund')").await,
        0,
        "nothing is there to go back"
    );
    tells(&console, &payment, "session_completed", "evt_2").await;
    assert_eq!(balances(&console, &team).await.0, 15 * MICRO_DOLLAR);
    tells(&console, &back(1200), "charge_refunded", "evt_3").await;
    assert_eq!(balances(&console, &team).await.0, 8 * MICRO_DOLLAR);
    // What is told late says less than is known.
    tells(&console, &back(700), "charge_refunded", "evt_4").await;
    assert_eq!(balances(&console, &team).await.0, 8 * MICRO_DOLLAR);
    assert_eq!(events(&console, "credit.refunded").await, 2);
    assert!(rows(&team.owner.browser.get(&place(&team)).await).contains("paid back | $20.00 | $12.00"));
    crate::ledger::books_hold_true(&console).await;
}

#[tokio::test]
async fn a_bank_debit_is_announced_and_arrives_or_does_not() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let says = async |payment: &Payment| team.owner.browser.get(&format!("{}/{}", place(&team), payment.top_up)).await.text();
    let arriving = goes_to_pay(&console, &team, 10).await;
    tells(&console, &arriving, "session_completed_unpaid", "evt_1").await;
    assert!(says(&arriving).await.contains("The payment is on its way"));
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'top_up'").await, 0);
    tells(&console, &arriving, "session_async_succeeded", "evt_2").await;
    assert_eq!(balances(&console, &team).await.0, 10 * MICRO_DOLLAR);
    let failing = goes_to_pay(&console, &team, 10).await;
    tells(&console, &failing, "session_completed_unpaid", "evt_3").await;
    tells(&console, &failing, "session_async_failed", "evt_4").await;
    assert!(says(&failing).await.contains("The payment was declined. Nothing was charged."));
    let left = goes_to_pay(&console, &team, 10).await;
    tells(&console, &left, "session_expired", "evt_5").await;
    assert!(says(&left).await.contains("Nobody paid in time."));
    // Without a word of it nobody knows.
    let forgotten = goes_to_pay(&console, &team, 10).await;
    console.hands.advance(TimeDelta::days(3));
    let page = console.signed_in_as("Acme Owner").await.browser.get(&format!("{}/{}", place(&team), forgotten.top_up)).await;
    assert!(page.text().contains("If you have paid, do not pay again"), "{}", page.text());
    assert!(!page.text().contains("Nothing was charged") && !page.text().contains("Top up again"), "{}", page.text());
    assert_eq!(balances(&console, &team).await.0, 10 * MICRO_DOLLAR);
    assert_eq!((events(&console, "top_up.announced").await, events(&console, "top_up.failed").await), (2, 2));
}

#[tokio::test]
async fn an_event_credits_nobody_but_whom_it_is_of() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = goes_to_pay(&console, &acme, 25).await;
    let theirs = goes_to_pay(&console, &zenith, 25).await;
    assert_ne!(ours.customer, theirs.customer);
    // Signed, and of two accounts at once, or of another currency: nothing is entered for either.
    for (event, wrong) in [
        ("evt_1", Payment { customer: theirs.customer.clone(), ..ours.clone() }),
        ("evt_2", Payment { top_up: theirs.top_up.clone(), ..ours.clone() }),
        ("evt_3", Payment { currency: "eur".to_owned(), ..ours.clone() }),
    ] {
        assert_eq!(tells(&console, &wrong, "session_completed", event).await, StatusCode::OK, "telling it again would change nothing");
    }
    // Of what this console never opened.
    let foreign = Payment { session: "cs_test_elsewhere".to_owned(), ..ours.clone() };
    assert_eq!(tells(&console, &foreign, "session_completed", "evt_4").await, StatusCode::OK);
    for fixture in ["foreign", "session_expired"] {
        assert_eq!(tells(&console, &foreign, fixture, "evt_5").await, StatusCode::OK);
    }
    assert_eq!(console.database.count("select count(*) from payment_event").await, 0);
    assert_eq!(console.database.count("select count(*) from ledger_entry where kind = 'top_up'").await, 0);
    tells(&console, &ours, "session_completed", "evt_6").await;
    assert_eq!(balances(&console, &acme).await.0, 25 * MICRO_DOLLAR);
    // A refund of ours that names theirs takes from neither.
    let crossed = Payment { intent: ours.intent.clone(), refunded: 2500, ..theirs };
    tells(&console, &crossed, "charge_refunded", "evt_7").await;
    assert_eq!(balances(&console, &acme).await.0, 25 * MICRO_DOLLAR);
    let credited = "select count(*)::text from ledger_entry where kind in ('top_up', 'refund') and tenant_id = $1";
    assert_eq!(console.database.text(credited, zenith.tenant.0).await, "0");
}

#[tokio::test]
async fn a_dispute_is_written_down_and_told_and_enters_nothing() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let payment = goes_to_pay(&console, &team, 25).await;
    tells(&console, &payment, "session_completed", "evt_1").await;
    for (event, state) in [("evt_2", "needs_response"), ("evt_3", "lost"), ("evt_4", "under_review")] {
        assert_eq!(tells(&console, &Payment { dispute: state.to_owned(), ..payment.clone() }, "dispute", event).await, StatusCode::OK);
    }
    let state = "select dispute_state from top_up where tenant_id = $1";
    assert_eq!(console.database.text(state, team.tenant.0).await, "lost");
    assert_eq!(events(&console, "payment.disputed").await, 2);
    assert_eq!(balances(&console, &team).await.0, 25 * MICRO_DOLLAR);
    let page = team.owner.browser.get(&format!("{}/{}", place(&team), payment.top_up)).await;
    assert!(page.text().contains("How far that is: lost."), "{}", page.text());
    let told = "select count(*) from inbox_item where title = 'A payment for Acme is disputed'";
    assert_eq!(console.database.count(told).await, 2);
}

#[tokio::test]
async fn a_dispute_before_its_payment_is_told_again() {
    let stripe = Stripe::open().await;
    let console = stripe.console().await;
    let team = console.team("Acme").await;
    let payment = goes_to_pay(&console, &team, 25).await;
    let dispute = Payment { dispute: "needs_response".to_owned(), ..payment.clone() };
    // What it is of is named by its payment alone, which nobody told yet.
    assert_eq!(tells(&console, &dispute, "dispute", "evt_1").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(console.database.count("select count(*) from payment_event").await, 0);
    tells(&console, &payment, "session_completed", "evt_2").await;
    assert_eq!(tells(&console, &dispute, "dispute", "evt_1").await, StatusCode::OK);
    assert_eq!(events(&console, "payment.disputed").await, 1);
    // One of another console's payment is given up in the end.
    let foreign = Payment { intent: "pi_elsewhere".to_owned(), ..dispute };
    let now = console.stoa.clock.now();
    let body = foreign.body("dispute", "evt_3", (now - TimeDelta::minutes(61)).timestamp());
    let answer = posts(&console.a_stranger(), &body, &stripe::sign(&body, SECRET, now.timestamp())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(events(&console, "payment.disputed").await, 1);
}

/// Nothing that proves us to Stripe, or Stripe to us, is in what is kept.
#[tokio::test]
async fn no_secret_is_kept() {
    let stripe = Stripe::open().await;
    let console: Console = stripe.console().await;
    let team = console.team("Acme").await;
    stripe.refuse(true);
    asks(&console, &team, &team.owner, "10").await;
    stripe.refuse(false);
    let payment = goes_to_pay(&console, &team, 10).await;
    tells(&console, &payment, "session_completed", "evt_1").await;
    assert!(!console.database.dump().await.contains("hush"));
}
