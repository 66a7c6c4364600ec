//! What the clients remember, held against what the database has.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::PgConnection;
use stoa::ids::RequestId;
use tokio::sync::Notify;
use uuid::Uuid;

use super::ground::Ground;

/// A write that is to happen once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Of idempotency, and the title that it gives.
    pub key: String,
    /// The record that is changed; none where one is added.
    pub changes: Option<String>,
}

impl Wanted {
    pub fn new(key: String, changes: Option<String>) -> Self {
        Self { key, changes }
    }
}

#[derive(Default)]
pub struct Book {
    pages: Mutex<Pages>,
    of_this_round: AtomicU64,
    came: Notify,
}

#[derive(Default)]
struct Pages {
    /// Answered well, and not from a stored answer.
    answered: BTreeSet<Uuid>,
    replayed: BTreeSet<Uuid>,
    refused: BTreeSet<Uuid>,
    /// With the record, once there was a good answer.
    writes: BTreeMap<Wanted, Option<String>>,
    /// Counted so far without having been answered.
    unanswered: usize,
}

impl Book {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn answered(&self, id: RequestId, is_replayed: bool) {
        let mut pages = self.pages();
        let is_new = if is_replayed { pages.replayed.insert(id.0) } else { pages.answered.insert(id.0) };
        assert!(is_new, "two answers have the same id: {id}");
        self.of_this_round.fetch_add(1, Ordering::Relaxed);
        self.came.notify_one();
    }

    pub fn refused(&self, id: RequestId) {
        self.pages().refused.insert(id.0);
    }

    pub fn want(&self, wanted: &Wanted) {
        self.pages().writes.entry(wanted.clone()).or_default();
    }

    pub fn settle(&self, wanted: &Wanted, record: &str) {
        self.pages().writes.insert(wanted.clone(), Some(record.to_owned()));
    }

    pub fn record_of(&self, wanted: &Wanted) -> Option<String> {
        self.pages().writes.get(wanted).cloned().flatten()
    }

    pub fn unsettled(&self) -> Vec<Wanted> {
        self.pages().writes.iter().filter(|(_, record)| record.is_none()).map(|(wanted, _)| wanted.clone()).collect()
    }

    /// Returns when so many came since it was asked the last time.
    pub async fn answered_in_this_round(&self, many: u64) {
        self.of_this_round.store(0, Ordering::Relaxed);
        while self.of_this_round.load(Ordering::Relaxed) < many {
            self.came.notified().await;
        }
    }

    pub async fn reckon(&self, ground: &Ground) -> Reckoning {
        let mut owner = ground.database.connect("stoa_owner").await;
        let events = by_request(&mut owner, "select request_id::text, count(*) from usage_event group by 1").await;
        let written = by_request(
            &mut owner,
            "select request_id::text, count(*) from usage_event where operation in ('tasks.create', 'tasks.update') group by 1",
        )
        .await;
        let audited: Vec<String> = sqlx::query_scalar("select request_id from audit_event where action like 'record.%'")
            .fetch_all(&mut owner)
            .await
            .expect("audit rows");
        let outbox: i64 =
            sqlx::query_scalar("select count(*) from outbox where type like 'record.%'").fetch_one(&mut owner).await.expect("a count");
        let records: i64 = sqlx::query_scalar("select count(*) from record").fetch_one(&mut owner).await.expect("a count");
        let mut pages = self.pages();
        let audited_ids: BTreeSet<Uuid> = audited.iter().map(|id| id.parse::<RequestId>().expect("a request id").0).collect();
        let unanswered = events.keys().filter(|id| !pages.answered.contains(id)).count();
        let reckoning = Reckoning {
            answered: pages.answered.len(),
            replayed: pages.replayed.len(),
            refused: pages.refused.len(),
            events: events.len(),
            twice: events.values().filter(|count| **count != 1).count(),
            missing: pages.answered.iter().filter(|id| !events.contains_key(id)).count(),
            replayed_and_counted: pages.replayed.iter().filter(|id| events.contains_key(id)).count(),
            unanswered_in_this_round: unanswered - pages.unanswered,
            writes_without_audit: written.keys().filter(|id| !audited_ids.contains(id)).count(),
            audit_without_writes: audited_ids.iter().filter(|id| !written.contains_key(id)).count(),
            audited_twice: audited.len() - audited_ids.len(),
            outbox_differs: usize::try_from(outbox).unwrap_or_default().abs_diff(audited.len()),
            records: usize::try_from(records).unwrap_or_default(),
            wanted: pages.writes.keys().filter(|wanted| wanted.changes.is_none()).count(),
            unsettled: pages.writes.values().filter(|record| record.is_none()).count(),
        };
        pages.unanswered = unanswered;
        reckoning
    }
}

async fn by_request(owner: &mut PgConnection, sql: &'static str) -> HashMap<Uuid, i64> {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(owner).await.expect("events");
    rows.into_iter().map(|(id, count)| (id.parse().expect("a uuid"), count)).collect()
}

/// What the database has against what was answered, from the first round on.
#[derive(Debug)]
pub struct Reckoning {
    answered: usize,
    replayed: usize,
    refused: usize,
    events: usize,
    twice: usize,
    missing: usize,
    replayed_and_counted: usize,
    unanswered_in_this_round: usize,
    writes_without_audit: usize,
    audit_without_writes: usize,
    audited_twice: usize,
    outbox_differs: usize,
    records: usize,
    wanted: usize,
    unsettled: usize,
}

impl Reckoning {
    pub fn hold_to(&self, on_their_way: usize, seed: u64, round: u64) {
        let of = format!("round {round} of STOA_KILL_SEED={seed}: {self:?}");
        assert_eq!(self.missing, 0, "an answered call is not counted; {of}");
        assert_eq!(self.twice, 0, "a call is counted twice; {of}");
        assert_eq!(self.replayed_and_counted, 0, "what was answered again is counted again; {of}");
        assert!(self.unanswered_in_this_round <= on_their_way, "more is counted than was on its way; {of}");
        assert_eq!((self.writes_without_audit, self.audit_without_writes, self.audited_twice), (0, 0, 0), "audit differs; {of}");
        assert_eq!(self.outbox_differs, 0, "the outbox differs; {of}");
        assert_eq!(self.unsettled, 0, "a write was never answered; {of}");
        assert_eq!(self.records, self.wanted, "each write happened once; {of}");
    }
}

impl fmt::Display for Reckoning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "So far {} answered, {} events, {} missing, {} twice; {} counted without an answer in this round; {} refused, {} replayed, {} records of {} wanted",
            self.answered,
            self.events,
            self.missing,
            self.twice,
            self.unanswered_in_this_round,
            self.refused,
            self.replayed,
            self.records,
            self.wanted
        )
    }
}
