//! Verifies the audit logs of a database: every leaf from its row's values, every tree, every checkpoint, and what waits.

use std::collections::{HashMap, HashSet, VecDeque};

use uuid::Uuid;

use super::{
    check::{Known, Report, ask_root, forked, named},
    evidence::ProvenRow,
    note::{Checkpoint, log_of},
    removals::Removals,
    rows::{self, Key, Rows},
    store::{self, Kept, Leaf, Log},
    tree::{Edge, Hash, Subtree},
};
use crate::{
    error::AppError,
    ids::{AuditId, LogId, TenantId},
    server::{Stoa, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

const JOB: &str = "audit.verify";
/// Leaves and rows that are looked at together.
const BATCH: i64 = 1000;
const CHECKPOINTS: i32 = 500;

/// Looks at every log, or at one.
///
/// # Errors
/// The database's. What is wrong with a log is in the report.
pub async fn database(stoa: &Stoa, known: &Known<'_>, only: Option<Uuid>) -> Result<Report, AppError> {
    let mut report = Report::default();
    let logs = store::logs(&stoa.db).await?;
    for log in logs.iter().filter(|log| only.is_none_or(|only| log.log_id == only)) {
        verify_log(stoa, log, known, &mut report).await?;
    }
    for note in known.notes {
        let Some(kept) = Checkpoint::unproven(note) else {
            report.wrong("what was witnessed is no checkpoint");
            continue;
        };
        if only.is_none_or(|only| log_of(&kept.origin) == Some(only)) && logs.iter().all(|log| log.origin != kept.origin) {
            report.wrong(format!("{}: a checkpoint of it was witnessed, and the log is not here", kept.origin));
        }
    }
    for tenant in store::tenants(&stoa.db).await? {
        verify_tail(stoa, tenant, only, &mut report).await?;
    }
    Ok(report)
}

pub(super) async fn service(stoa: &Stoa, tenant: Uuid, job: &'static str) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "cli", job);
    ServiceScope::open_service(stoa, &request, Actor::operator(), TenantId(tenant), job).await
}

/// The rows of leaves, each read within its own tenant.
pub async fn rows_of(stoa: &Stoa, log: Uuid, leaves: &[Leaf]) -> Result<Rows, AppError> {
    let tenants: HashSet<Uuid> = leaves.iter().map(|leaf| leaf.tenant_id).collect();
    let mut found = HashMap::with_capacity(leaves.len());
    for tenant in tenants {
        let keys: Vec<Key> = leaves.iter().filter(|leaf| leaf.tenant_id == tenant).map(Leaf::key).collect();
        let mut scope = service(stoa, tenant, JOB).await?;
        found.extend(rows::read(&mut scope, log, &keys).await?);
        scope.close().await?;
    }
    Ok(found)
}

/// How far the verification of a log has come.
struct Walk<'a> {
    log: &'a Log,
    known: &'a Known<'a>,
    edge: Edge,
    /// Signed over what is still to come, the smallest first.
    ahead: VecDeque<Kept>,
    signed: i64,
    witnessed: Vec<Checkpoint>,
    removals: Removals,
    gone: u64,
}

async fn verify_log(stoa: &Stoa, log: &Log, known: &Known<'_>, report: &mut Report) -> Result<(), AppError> {
    if log_of(&log.origin) != Some(log.log_id) {
        report.wrong(format!("{}: its checkpoints are under another log's name, {}", LogId(log.log_id), log.origin));
    }
    let Some(tenant) = log.tenants.first().copied() else {
        report.wrong(format!("{}: nobody's rows are in it", log.origin));
        return Ok(());
    };
    let witnessed = known.of(&log.origin, report);
    let removals = removals(stoa, log, known).await?;
    let mut walk = Walk { log, known, edge: Edge::default(), ahead: VecDeque::new(), signed: 0, witnessed, removals, gone: 0 };
    let (rows_before, checkpoints_before) = (report.rows, report.checkpoints);
    let mut from = 0;
    while from < log.size {
        let last = (from + BATCH).min(log.size);
        let mut scope = service(stoa, tenant, JOB).await?;
        let leaves = store::leaves(&mut scope, log.log_id, from, last).await?;
        walk.look_ahead(&mut scope, last).await?;
        scope.close().await?;
        let rows = rows_of(stoa, log.log_id, &leaves).await?;
        let is_missed = |leaf: &Leaf| {
            let stored = rows.get(&leaf.row_id);
            stored.is_none_or(|row| !row.erased.is_empty()) && walk.removals.ask(&ProvenRow::new(leaf, stored)).is_err()
        };
        if leaves.iter().any(is_missed) {
            // It may have gone while this looked.
            walk.removals = self::removals(stoa, log, known).await?;
        }
        let Some(whole) = walk.pass(&leaves, &rows, report) else { return Ok(()) };
        let mut scope = service(stoa, tenant, JOB).await?;
        walk.ask_kept(&mut scope, &whole, report).await?;
        scope.close().await?;
        if i64::try_from(walk.edge.size()) != Ok(last) {
            report.wrong(format!("{}: leaf {} is gone", log.origin, walk.edge.size()));
            return Ok(());
        }
        from = last;
    }
    let mut scope = service(stoa, tenant, JOB).await?;
    walk.end(&mut scope, report).await?;
    scope.close().await?;
    let (rows, checkpoints) = (report.rows - rows_before, report.checkpoints - checkpoints_before);
    report.says.push(format!("{}: {rows} sealed rows, {checkpoints} checkpoints", log.origin));
    if walk.gone > 0 {
        report.says.push(format!("{}: {} rows went by law, and records of the log say so", log.origin, walk.gone));
    }
    Ok(())
}

/// What of a log went by law: what its records say that still make their leaves, and are signed. What another one was to speak
/// for is named where it is missed.
async fn removals(stoa: &Stoa, log: &Log, known: &Known<'_>) -> Result<Removals, AppError> {
    let mut removals = Removals::default();
    let Some(tenant) = log.tenants.first().copied() else { return Ok(removals) };
    let mut scope = service(stoa, tenant, JOB).await?;
    let leaves = store::records(&mut scope, log.log_id).await?;
    scope.close().await?;
    let rows = rows_of(stoa, log.log_id, &leaves).await?;
    for leaf in leaves {
        let record = ProvenRow::new(&leaf, rows.get(&leaf.row_id));
        if record.checked_leaf().is_ok()
            && let Err(problem) = removals.add(&record, &log.origin, known.keys)
        {
            tracing::debug!(log = %LogId(log.log_id), problem, "a record of what went says nothing");
        }
    }
    Ok(removals)
}

impl Walk<'_> {
    /// Fetches the checkpoints over up to so many leaves.
    async fn look_ahead(&mut self, scope: &mut ServiceScope, last: i64) -> Result<(), AppError> {
        while self.signed < last {
            let kept = store::checkpoints(scope, self.log.log_id, self.signed, CHECKPOINTS).await?;
            let is_all = kept.len() < usize::try_from(CHECKPOINTS).unwrap_or_default();
            self.signed = if is_all { i64::MAX } else { kept.last().map_or(i64::MAX, |kept| kept.size) };
            self.ahead.extend(kept);
        }
        Ok(())
    }

    /// Goes on over these leaves. Returns the subtrees that became whole; none where the tree cannot be followed further.
    fn pass(&mut self, leaves: &[Leaf], rows: &Rows, report: &mut Report) -> Option<Vec<(Subtree, Hash)>> {
        let mut whole = Vec::new();
        for leaf in leaves {
            let name = format!("row {} ({}) of {}", leaf.seq, AuditId(leaf.row_id), self.log.origin);
            if u64::try_from(leaf.seq) != Ok(self.edge.size()) {
                report.wrong(format!("{name}: leaf {} was to come here", self.edge.size()));
                return None;
            }
            let stored = rows.get(&leaf.row_id);
            match stored {
                None if self.removals.has_gone(self.edge.size()) => self.gone += 1,
                None => report.wrong(format!("{name}: it is gone, and no record says that it went by law")),
                Some(row) if row.leaf().is_none_or(|made| made.as_slice() != leaf.leaf_hash) => {
                    report.wrong(format!("{name}: its values are not those that were sealed"));
                }
                Some(row) if row.erased.is_empty() => report.rows += 1,
                Some(_) => match self.removals.ask(&ProvenRow::new(leaf, stored)) {
                    Ok(()) => report.rows += 1,
                    Err(problem) => report.wrong(format!("{problem}, in {}", self.log.origin)),
                },
            }
            whole.extend(self.edge.push(leaf.leaf_hash.as_slice().try_into().ok()?));
            let size = i64::try_from(self.edge.size()).ok()?;
            while let Some(kept) = self.ahead.pop_front_if(|kept| kept.size <= size) {
                self.ask_checkpoint(&kept, report);
            }
            for kept in self.witnessed.iter().filter(|kept| kept.size == self.edge.size() && kept.root != self.edge.root()) {
                report.wrong(forked(kept));
            }
        }
        Some(whole)
    }

    fn ask_checkpoint(&self, kept: &Kept, report: &mut Report) {
        match Checkpoint::open(&kept.note, self.known.keys) {
            Ok((checkpoint, key)) => {
                report.checkpoints += 1;
                ask_root(&checkpoint, &self.edge, &self.log.origin, report);
                if i64::try_from(checkpoint.size) != Ok(kept.size) || kept.root != checkpoint.root || kept.key_id != key.id() {
                    report.wrong(format!("{}: what is kept beside it is not what it says", named(&kept.note)));
                }
            }
            Err(error) => report.wrong(format!("{} (key {}): {error}", named(&kept.note), kept.key_id)),
        }
    }

    /// Whether what is kept of the tree, and proofs are made of, is what the leaves make.
    async fn ask_kept(&self, scope: &mut ServiceScope, whole: &[(Subtree, Hash)], report: &mut Report) -> Result<(), AppError> {
        let wanted: Vec<_> = whole.iter().map(|(subtree, _)| (subtree.level, subtree.place, subtree.place + 1)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let kept: HashMap<Subtree, Hash> = store::hashes(scope, self.log.log_id, &wanted).await?.into_iter().collect();
        for (subtree, hash) in whole {
            if kept.get(subtree) != Some(hash) {
                let (first, last) = (subtree.place << subtree.level, ((subtree.place + 1) << subtree.level) - 1);
                report.wrong(format!("{}: the hash that is kept over leaves {first} to {last} is another", self.log.origin));
            }
        }
        Ok(())
    }

    /// The end of the log: nothing may be signed or witnessed beyond it.
    async fn end(&mut self, scope: &mut ServiceScope, report: &mut Report) -> Result<(), AppError> {
        if self.edge.to_bytes() != self.log.edge {
            report.wrong(format!("{}: its head does not fit its leaves", self.log.origin));
        }
        // What was sealed meanwhile is not looked at, and is no fault.
        let now = store::standing(scope, self.log.log_id).await?;
        let size = now.map_or(self.log.size, |now| now.size);
        for kept in store::checkpoints(scope, self.log.log_id, size, CHECKPOINTS).await? {
            report.wrong(format!("{}: the log ends with {size} rows: it was cut short", named(&kept.note)));
        }
        let newest = store::checkpoints(scope, self.log.log_id, self.log.signed_size - 1, 1).await?;
        if self.log.signed_size > 0 && newest.first().is_none_or(|kept| kept.size != self.log.signed_size) {
            report.wrong(format!("{}: the checkpoint of {} rows is gone", self.log.origin, self.log.signed_size));
        }
        for kept in self.witnessed.iter().filter(|kept| i64::try_from(kept.size).is_ok_and(|witnessed| witnessed > size)) {
            report.wrong(format!(
                "{}: a checkpoint of {} rows was witnessed, and the log ends with {size}: it was cut short",
                self.log.origin, kept.size
            ));
        }
        let unsigned = self.log.size - self.log.signed_size;
        if unsigned > 0 {
            report.says.push(format!("{}: {unsigned} of them are under no checkpoint yet", self.log.origin));
        }
        Ok(())
    }
}

/// What of a tenant's rows is in no tree: it must wait for its seal, and be as it was written.
async fn verify_tail(stoa: &Stoa, tenant: Uuid, only: Option<Uuid>, report: &mut Report) -> Result<(), AppError> {
    let (mut after, mut unsealed) = (None, 0_u64);
    loop {
        let mut scope = service(stoa, tenant, JOB).await?;
        let page = store::keys(&mut scope, after, BATCH).await?;
        let Some((_, last)) = page.last() else {
            scope.close().await?;
            break;
        };
        after = Some(*last);
        let mut by_log: HashMap<Uuid, Vec<Key>> = HashMap::new();
        for (log, key) in page.iter().filter(|(log, _)| only.is_none_or(|only| *log == only)) {
            by_log.entry(*log).or_default().push(*key);
        }
        for (log, keys) in by_log {
            // In this order: what is sealed between the two is found by the second.
            let waiting: HashSet<Uuid> = store::still_waiting(&mut scope, log, &keys).await?.into_iter().collect();
            let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
            let sealed: HashSet<Uuid> = store::seals(&mut scope, log, &ids).await?.into_iter().map(|(row, _)| row).collect();
            let tail: Vec<Key> = keys.into_iter().filter(|key| !sealed.contains(&key.id)).collect();
            let rows = if tail.is_empty() { HashMap::new() } else { rows::read(&mut scope, log, &tail).await? };
            for key in tail {
                let name = format!("row {} of {}", AuditId(key.id), LogId(log));
                if !waiting.contains(&key.id) {
                    report.wrong(format!("{name}: it is in no tree, and does not wait to be"));
                } else if rows.get(&key.id).is_some_and(|row| !row.is_whole()) {
                    report.wrong(format!("{name}: it was edited before it was sealed"));
                } else {
                    unsealed += 1;
                }
            }
        }
        scope.close().await?;
    }
    let mut scope = service(stoa, tenant, JOB).await?;
    for (log, row) in store::missing_before_seal(&mut scope, 100).await? {
        if only.is_none_or(|only| log == only) {
            report.wrong(format!("row {} of {}: it was taken away before it was sealed", AuditId(row), LogId(log)));
        }
    }
    scope.close().await?;
    if unsealed > 0 {
        report.says.push(format!("{}: {unsealed} rows wait for their seal: nothing proves them yet", TenantId(tenant)));
    }
    Ok(())
}
