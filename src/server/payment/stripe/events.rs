//! What Stripe tells, read into the words of the port. Of an event only what is used is read, so that a newer version of what
//! surrounds it changes nothing.

use std::collections::HashMap;

use chrono::DateTime;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{MICROS_PER_CENT, TOP_UP};
use crate::{
    money::Micros,
    server::payment::{Happened, Told, Unread, What},
};

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    livemode: bool,
    created: i64,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

type Metadata = Option<HashMap<String, String>>;

#[derive(Deserialize)]
struct Session {
    id: String,
    amount_total: Option<i64>,
    currency: Option<String>,
    customer: Option<String>,
    payment_intent: Option<String>,
    payment_status: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Charge {
    amount_refunded: i64,
    currency: String,
    customer: Option<String>,
    payment_intent: Option<String>,
    metadata: Metadata,
}

/// Says nothing of who paid.
#[derive(Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    status: String,
}

/// The body was proven to be Stripe's.
pub fn read(body: &[u8]) -> Result<Told, Unread> {
    let event: Event = serde_json::from_slice(body).map_err(|_| Unread::Garbled)?;
    let at = DateTime::from_timestamp(event.created, 0).ok_or(Unread::Garbled)?;
    let happened = happened(&event.r#type, event.data.object)?;
    Ok(Told { event: event.id, kind: event.r#type, is_live: event.livemode, at, happened })
}

fn happened(kind: &str, object: Value) -> Result<Option<Happened>, Unread> {
    match kind {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => session(object, |session| {
            // Completed says that the person is done; what is paid later says so by itself.
            if session.payment_status == "paid" { Some(What::Paid(micros(session.amount_total?)?)) } else { Some(What::Announced) }
        }),
        "checkout.session.async_payment_failed" => session(object, |_| Some(What::Declined)),
        "checkout.session.expired" => session(object, |_| Some(What::Expired)),
        "charge.refunded" => {
            let charge: Charge = of(object)?;
            let what = What::Refunded(micros(charge.amount_refunded).ok_or(Unread::Garbled)?);
            let (currency, customer, payment) = (charge.currency, charge.customer, charge.payment_intent);
            Ok(Some(Happened { session: None, payment, top_up: named(&charge.metadata), customer, currency, what }))
        }
        "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => {
            let dispute: Dispute = of(object)?;
            let what = What::Disputed { name: dispute.id, state: dispute.status, amount: micros(dispute.amount).ok_or(Unread::Garbled)? };
            let (currency, payment) = (dispute.currency, dispute.payment_intent);
            Ok(Some(Happened { session: None, payment, top_up: None, customer: None, currency, what }))
        }
        _ => Ok(None),
    }
}

/// Sessions of other kinds, such as those that only save a card, have no payment: they are not ours.
fn session(object: Value, what: impl FnOnce(&Session) -> Option<What>) -> Result<Option<Happened>, Unread> {
    let session: Session = of(object)?;
    let Some(currency) = session.currency.clone() else { return Ok(None) };
    let what = what(&session).ok_or(Unread::Garbled)?;
    let (payment, customer) = (session.payment_intent, session.customer);
    Ok(Some(Happened { session: Some(session.id), payment, top_up: named(&session.metadata), customer, currency, what }))
}

fn of<T: DeserializeOwned>(object: Value) -> Result<T, Unread> {
    serde_json::from_value(object).map_err(|_| Unread::Garbled)
}

fn named(metadata: &Metadata) -> Option<crate::ids::TopUpId> {
    metadata.as_ref()?.get(TOP_UP)?.parse().ok()
}

/// Whole cents; what is below nothing is no amount.
fn micros(cents: i64) -> Option<Micros> {
    cents.checked_mul(MICROS_PER_CENT).filter(|micros| *micros >= 0).map(Micros)
}
