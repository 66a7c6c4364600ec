//! Live pages: what came since a page was made, told as it comes (Server-Sent Events, WHATWG HTML §9.2). Each look is a
//! visit of its own, so that whoever may not look any more is told nothing more.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse as _, Response,
    sse::{Event, KeepAlive, Sse},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior},
};

use crate::{error::AppError, server::seats::Seat};

const BETWEEN: Duration = Duration::from_secs(1);
/// A transaction that began this long ago may still commit what it wrote then.
pub(super) const LATE: TimeDelta = TimeDelta::seconds(60);
/// Told for so long; then the browser asks anew, on whichever node.
const ENDS_AFTER: Duration = Duration::from_mins(15);
/// Proxies end what is silent for long.
const STILL_THERE: Duration = Duration::from_secs(15);
/// So many looks in a row may fail for reasons of our own.
const FAILURES_MAX: u8 = 5;

pub(super) const NO_SEAT: &str =
    "Too many pages are live at once, of yours or of all. Let one of yours rest, or load this page again to see what came.";

/// One thing that came.
pub struct Piece {
    /// What the page knows it by.
    pub id: String,
    /// Its place among the others: newer ones stand above.
    pub at: DateTime<Utc>,
    /// Made when it is told, and not each time it is looked at.
    pub html: Box<dyn FnOnce() -> String + Send>,
}

/// What one look found: all that came since, or as much of it as a page holds.
pub struct Came {
    pub pieces: Vec<Piece>,
    /// There is more than was looked at.
    pub is_cut: bool,
}

/// Looks for what came since a moment. `last` is what was told last, where anything was.
pub trait Look: Send + 'static {
    fn look(&mut self, since: DateTime<Utc>, last: Option<String>) -> impl Future<Output = Result<Came, AppError>> + Send;
}

/// Whether the caller reads what comes for as long as it comes. Anybody else is answered once.
pub fn is_listening(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|accept| accept.contains("text/event-stream"))
}

/// From when on a browser wants to be told: behind what it was told last, or behind what its page shows.
pub fn since(headers: &HeaderMap, asked: Option<&String>, now: DateTime<Utc>) -> DateTime<Utc> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).or(asked.map(String::as_str));
    let at = last.and_then(|text| text.parse().ok()).and_then(DateTime::from_timestamp_micros).unwrap_or(now);
    // Who was away for longer has a page to load.
    at.clamp(now - TimeDelta::hours(1), now)
}

/// How a place in time is spelled where [`since`] reads it.
pub fn spelled(at: DateTime<Utc>) -> String {
    at.timestamp_micros().to_string()
}

struct Telling<L> {
    look: L,
    /// What was told and may be found again, with its time.
    told: HashMap<String, DateTime<Utc>>,
    last: Option<String>,
    since: DateTime<Utc>,
    ticks: Interval,
    ends: Instant,
    stop: watch::Receiver<bool>,
    failures: u8,
    is_over: bool,
    _seat: Seat<[u8; 32]>,
}

/// Told at once on one node: each that is costs a visit a second.
pub const ALL: usize = 256;
/// Of one session. Browsers open six connections to an origin over HTTP/1.1, and pages need some.
pub const EACH: usize = 4;

/// Tells what came, from `since` on, until it may not be told any more, the browser goes or the server stops. `came` is what
/// a first look found, and all that is told to whoever wants it `once`.
pub(super) fn tell<L: Look>(
    ending: watch::Receiver<bool>,
    look: L,
    since: DateTime<Utc>,
    seat: Seat<[u8; 32]>,
    came: Came,
    once: bool,
) -> Response {
    let mut ticks = tokio::time::interval(BETWEEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    let ends = Instant::now() + ENDS_AFTER;
    let mut telling =
        Telling { look, told: HashMap::new(), last: None, since, ticks, ends, stop: ending, failures: 0, is_over: once, _seat: seat };
    let first = telling.said(came);
    let events = stream::unfold((telling, Some(first)), async |(mut telling, first)| {
        if let Some(first) = first {
            return Some((Ok::<_, Infallible>(first.unwrap_or_else(|| Event::default().comment("listening"))), (telling, None)));
        }
        telling.next().await.map(|event| (Ok(event), (telling, None)))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(STILL_THERE)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx gathers answers by default.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

impl<L: Look> Telling<L> {
    /// The next thing to say; none when there is nothing more to say.
    async fn next(&mut self) -> Option<Event> {
        while !self.is_over {
            let is_stopped = tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => true,
                () = tokio::time::sleep_until(self.ends) => true,
                _ = self.ticks.tick() => false,
            };
            if is_stopped {
                return None;
            }
            match self.look.look(self.since - LATE, self.last.clone()).await {
                Ok(came) => {
                    self.failures = 0;
                    if let Some(event) = self.said(came) {
                        return Some(event);
                    }
                }
                Err(AppError::Internal | AppError::Unavailable) if self.failures < FAILURES_MAX => self.failures += 1,
                Err(error) => {
                    self.is_over = true;
                    return Some(Event::default().event("ended").data(error.to_string()));
                }
            }
        }
        None
    }

    /// What of this was not told yet.
    fn said(&mut self, came: Came) -> Option<Event> {
        // What was not looked at is newer than what was told last: a gap.
        let is_cut = came.is_cut && came.pieces.iter().all(|piece| piece.at > self.since);
        let new: Vec<Piece> = came.pieces.into_iter().filter(|piece| !self.told.contains_key(&piece.id)).collect();
        for piece in &new {
            self.told.insert(piece.id.clone(), piece.at);
            self.last = Some(piece.id.clone());
            self.since = self.since.max(piece.at);
        }
        let oldest = self.since - LATE;
        self.told.retain(|_, at| *at >= oldest);
        if new.is_empty() {
            return None;
        }
        let rows: Vec<_> =
            new.into_iter().map(|piece| json!({ "id": piece.id, "at": piece.at.timestamp_micros(), "html": (piece.html)() })).collect();
        let data = json!({ "rows": rows, "cut": is_cut }).to_string();
        Some(Event::default().event("rows").id(spelled(self.since)).data(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    #[test]
    fn a_browser_goes_on_where_it_was_told_last_and_not_from_long_ago() {
        let mut headers = HeaderMap::new();
        let asked = spelled(at(-20));
        assert_eq!(since(&headers, Some(&asked), at(0)), at(-20));
        headers.insert("last-event-id", spelled(at(-5)).parse().expect("a value"));
        assert_eq!(since(&headers, Some(&asked), at(0)), at(-5));
        headers.insert("last-event-id", spelled(at(-100_000)).parse().expect("a value"));
        assert_eq!(since(&headers, Some(&asked), at(0)), at(-3600));
        headers.insert("last-event-id", spelled(at(100_000)).parse().expect("a value"));
        assert_eq!(since(&headers, Some(&asked), at(0)), at(0));
        headers.insert("last-event-id", "yesterday".parse().expect("a value"));
        assert_eq!(since(&headers, None, at(0)), at(0));
    }
}
