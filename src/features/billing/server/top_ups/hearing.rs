//! What the provider tells, applied: each event once, whichever node hears it, whatever came before it.

use axum::{
    Json,
    body::Bytes,
    extract::{Extension, State},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};

use super::{
    Known, store, target,
    telling::{self, News},
};
use crate::{
    error::AppError,
    features::billing::server::ledger::Paying,
    ids::{TenantId, TopUpId},
    server::{
        Stoa,
        events::{Event, EventKind, Log},
        http::request::RequestContext,
        payment::{Happened, Told, What},
    },
};

const CURRENCY: &str = "usd";
/// A dispute can come before the word of its payment: so long it is asked to be told again.
const PAYMENT_FIRST: TimeDelta = TimeDelta::hours(1);

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Applied,
    Before,
    /// Of nothing that this console knows: somebody else's, or of no use.
    Foreign,
    /// It does not fit what is known. Telling it again would change nothing; the operator is told in the log.
    Refused,
}

/// Where the provider tells what happened. Whoever is not the provider learns nothing.
pub async fn hear(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(payments) = stoa.payments().cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let told = match payments.read(&headers, &body, stoa.clock.now()) {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(%error, ip = ?context.ip, "an event of the payment provider was not believed");
            return answer(StatusCode::BAD_REQUEST, &error.to_string());
        }
    };
    let (event, kind) = (told.event.as_str(), told.kind.as_str());
    if told.is_live != payments.is_live() {
        let says = "an event of the payment provider's other mode came: this console's key and the endpoint's secret are not of one mode";
        tracing::error!(event, kind, is_live = told.is_live, says);
        return answer(StatusCode::BAD_REQUEST, "it is of the other mode, live or test");
    }
    match apply(&stoa, &context, payments.name(), &told).await {
        Ok(heard) => {
            tracing::info!(event, kind, ?heard, "the payment provider told something");
            answer(StatusCode::OK, "taken")
        }
        // It tells it again.
        Err(error) => {
            tracing::error!(event, kind, %error, "an event of the payment provider was not applied; it is told again");
            answer(StatusCode::SERVICE_UNAVAILABLE, "not applied yet")
        }
    }
}

/// Shown in the provider's own list of what it told. Not as plain text, in whose place people are shown a page.
fn answer(status: StatusCode, says: &str) -> Response {
    (status, Json(serde_json::json!({ "says": says }))).into_response()
}

async fn apply(stoa: &Stoa, context: &RequestContext, provider: &str, told: &Told) -> Result<Heard, AppError> {
    let Some(happened) = &told.happened else { return Ok(Heard::Foreign) };
    let (event, kind) = (told.event.as_str(), told.kind.as_str());
    let (tenant, id) = match store::find_by_reference(&stoa.db, (provider, told.is_live), happened).await?[..] {
        [] => return unknown(told, happened, stoa.clock.now()),
        [found] => found,
        [..] => {
            tracing::error!(event, kind, "an event names two top-ups: nothing was entered");
            return Ok(Heard::Refused);
        }
    };
    if happened.currency != CURRENCY {
        let currency = happened.currency.as_str();
        tracing::error!(event, kind, currency, top_up = %id, "an event is of another currency than US dollars: nothing was entered");
        return Ok(Heard::Refused);
    }
    // It is the provider's act and no person's.
    let request = RequestContext { channel: "system", ..context.clone() };
    let mut books = Paying::open(stoa, &request, tenant).await?;
    let before = store::hold(&mut books.scope, tenant, id).await?;
    if !is_of(&before, happened, id) {
        tracing::error!(event, kind, top_up = %id, %tenant, "an event names another customer or payment than its top-up: nothing was entered");
        books.scope.close().await?;
        return Ok(Heard::Refused);
    }
    if !store::note_event(&mut books.scope, tenant, provider, (event, kind), id).await? {
        books.scope.close().await?;
        return Ok(Heard::Before);
    }
    let mut after = before.clone().hearing(&happened.what, told.at);
    // Learned from what was opened here, and from nothing else.
    if after.payment.is_none() && happened.session.is_some() {
        after.payment.clone_from(&happened.payment);
    }
    let credit = after.to_credit();
    if let Some(amount) = credit {
        books.top_up(format!("{provider}:paid:{id}"), amount).await?;
        after.credited = amount.0;
    }
    let back = after.to_return();
    if let Some(amount) = back {
        after.returned += amount.0;
        books.refund(format!("{provider}:refunded:{id}:{}", after.returned), amount).await?;
    }
    store::keep(&mut books.scope, tenant, id, &after).await?;
    record(&mut books, (tenant, id), (&before, &after), &happened.what);
    for news in News::between(&before, &after, credit, back) {
        telling::tell(&mut books.scope, tenant, id, &news).await?;
    }
    books.commit().await?;
    Ok(Heard::Applied)
}

/// Of no top-up that is known. Another console may share the provider; what can be money of this one's is not passed over in silence.
fn unknown(told: &Told, happened: &Happened, now: DateTime<Utc>) -> Result<Heard, AppError> {
    let (event, kind, payment) = (told.event.as_str(), told.kind.as_str(), happened.payment.as_deref());
    if matches!(happened.what, What::Disputed { .. }) {
        if now - told.at < PAYMENT_FIRST {
            tracing::warn!(event, kind, payment, "a dispute of a payment that is not known yet; it is told again");
            return Err(AppError::Unavailable);
        }
        tracing::error!(event, kind, payment, "a dispute of a payment that this console does not know");
    } else if let Some(top_up) = happened.top_up {
        tracing::error!(event, kind, payment, %top_up, "an event names a top-up that is not there: was the database restored? nothing was entered");
    }
    Ok(Heard::Foreign)
}

/// Whether what the event says beside its name fits what is known.
fn is_of(known: &Known, happened: &Happened, id: TopUpId) -> bool {
    let fits = |known: Option<&String>, said: Option<&String>| known.zip(said).is_none_or(|(known, said)| known == said);
    // Of a session that was not kept nobody was told here.
    (happened.session.is_none() || happened.session == known.session)
        && fits(known.payment.as_ref(), happened.payment.as_ref())
        && fits(known.customer.as_ref(), happened.customer.as_ref())
        // Money is credited to nobody who is not named with it.
        && (happened.customer.is_some() || matches!(happened.what, What::Disputed { .. }))
        && happened.top_up.is_none_or(|named| named == id)
}

/// What it came to, beside what is in the ledger.
fn record(books: &mut Paying, (tenant, id): (TenantId, TopUpId), (before, after): (&Known, &Known), what: &What) {
    let log = Log::Tenant(tenant);
    if before.state != after.state {
        match (after.state.as_str(), after.because.as_deref()) {
            ("announced", _) => books.scope.record_in(log, Event::new(EventKind::TopUpAnnounced, target(id))),
            ("failed", Some("expired")) => {
                books.scope.record_in(log, Event::new(EventKind::TopUpFailed, target(id)).because("nobody paid in time"));
            }
            ("failed", _) => books.scope.record_in(log, Event::new(EventKind::TopUpFailed, target(id)).because("the payment was declined")),
            _ => {}
        }
    }
    if let What::Disputed { amount, .. } = what
        && after.has_news_of_dispute(before)
    {
        let event = Event::new(EventKind::PaymentDisputed, target(id))
            .changing("dispute", before.dispute.as_deref(), after.dispute.as_deref())
            .changing("amount_micros", None, Some(&amount.0.to_string()));
        books.scope.record_in(log, event);
        // Nothing is entered: whether credit is taken away is the operator's to decide.
        tracing::error!(top_up = %id, %tenant, state = after.dispute, "a payment is disputed; the books say nothing of it until you enter it");
    }
}
