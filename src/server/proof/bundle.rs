//! Makes evidence: a row's proof, and bundles of rows, from what a scope reaches.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::{
    evidence::{Between, BundleHead, BundleLine, ProvenRecord, ProvenRow, RowProof, VERSION, written},
    note::Checkpoint,
    prover,
    removals::Removals,
    rows,
    rows::Rows,
    store::{self, Kept, Leaf, Standing},
};
use crate::{
    error::AppError,
    server::scope::{Reach, Scope},
};

/// Rows that are read at once.
const BATCH: i64 = 500;
/// Checkpoints that are fetched at once.
const CHECKPOINTS: i32 = 500;
const JUST_GONE: &str =
    "Something of these rows went just now, and no checkpoint covers the record of it yet. One follows within about a minute.";
const UNSIGNED: &str = "Nothing of this log is signed yet. A checkpoint follows within about a minute of the first row.";

/// How far a row is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// In no tree yet.
    Waits,
    /// In the tree at that number, and no checkpoint covers it yet.
    Unsigned { index: u64 },
    /// Under the newest checkpoint, of so many rows.
    Signed { index: u64, size: u64 },
}

/// How far these rows of a log are proven, in their order; and how far the log is.
pub async fn seals<R: Reach>(scope: &mut Scope<R>, log: Uuid, ids: &[Uuid]) -> Result<(Vec<Seal>, Option<Standing>), AppError> {
    let Some(standing) = store::standing(scope, log).await? else { return Ok((vec![Seal::Waits; ids.len()], None)) };
    let numbers: HashMap<Uuid, i64> = store::seals(scope, log, ids).await?.into_iter().collect();
    let seal = |id| match numbers.get(id).copied() {
        None => Seal::Waits,
        Some(seq) if seq < standing.signed_size => Seal::Signed { index: seq.unsigned_abs(), size: standing.signed_size.unsigned_abs() },
        Some(seq) => Seal::Unsigned { index: seq.unsigned_abs() },
    };
    Ok((ids.iter().map(seal).collect(), Some(standing)))
}

/// The proof of one row under the newest checkpoint.
///
/// # Errors
/// `NotFound` for a row of another log, `Conflict` while no checkpoint covers it.
pub async fn row_proof<R: Reach>(scope: &mut Scope<R>, log: Uuid, row: Uuid) -> Result<RowProof, AppError> {
    let (found, standing) = seals(scope, log, &[row]).await?;
    let (Some(Seal::Signed { index, size }), Some(Standing { note: Some(note), .. })) = (found.first().copied(), standing) else {
        return Err(AppError::Conflict(
            "No checkpoint covers this row yet. Rows are sealed within seconds, and a checkpoint follows within about a minute.".to_owned(),
        ));
    };
    let seq = index.cast_signed();
    let leaf = store::leaves(scope, log, seq, seq + 1).await?.pop().ok_or(AppError::Internal)?;
    let stored = rows::read(scope, log, &[leaf.key()]).await?;
    let path = prover::inclusion(scope, log, index, size).await?;
    let proven = ProvenRow::new(&leaf, stored.get(&row));
    let records = if proven.erased().next().is_some() { records(scope, log, &note, index, index + 1).await? } else { Vec::new() };
    Ok(RowProof { stoa_audit_proof: VERSION, row: proven, path: written(&path), checkpoint: note, records })
}

/// The rows that say what went of those from `first` up to before `last`, each with its proof under that checkpoint.
///
/// # Errors
/// `Conflict` where the checkpoint does not cover one of them.
async fn records<R: Reach>(scope: &mut Scope<R>, log: Uuid, note: &str, first: u64, last: u64) -> Result<Vec<ProvenRecord>, AppError> {
    let Some(Checkpoint { origin, size, .. }) = Checkpoint::unproven(note) else { return Err(AppError::Internal) };
    let leaves = store::records(scope, log).await?;
    let keys: Vec<_> = leaves.iter().map(Leaf::key).collect();
    let rows = rows::read(scope, log, &keys).await?;
    let (stoa, mut proven) = (scope.stoa().clone(), Vec::new());
    let keys: Vec<_> = stoa.config.secrets.audit_keys().copied().collect();
    for leaf in leaves {
        let (record, mut says) = (ProvenRow::new(&leaf, rows.get(&leaf.row_id)), Removals::default());
        // One that is not to be believed is left out: what it was to speak for is named by whoever checks.
        if says.add(&record, &origin, &keys).is_err() || !says.touches(first, last) {
            continue;
        }
        if record.index >= size {
            return Err(AppError::Conflict(JUST_GONE.to_owned()));
        }
        let path = written(&prover::inclusion(scope, log, record.index, size).await?);
        proven.push(ProvenRecord { record, path });
    }
    Ok(proven)
}

/// A bundle that is being made.
#[derive(Debug)]
pub struct Bundling {
    log: Uuid,
    next: i64,
    last: i64,
    ahead: VecDeque<Kept>,
    /// Goes before the first row.
    records: Vec<ProvenRecord>,
}

impl Bundling {
    /// Rows from `first` on, so many at most, under the newest checkpoint.
    ///
    /// # Errors
    /// `Conflict` where nothing is signed yet, `Invalid` where `first` is not sealed.
    pub async fn begin<R: Reach>(scope: &mut Scope<R>, log: Uuid, first: u64, most: u64) -> Result<(BundleHead, Self), AppError> {
        let standing = store::standing(scope, log).await?;
        let Some(Standing { note: Some(checkpoint), signed_size, .. }) = standing else {
            return Err(AppError::Conflict(UNSIGNED.to_owned()));
        };
        let size = signed_size.unsigned_abs();
        if first >= size {
            return Err(AppError::invalid(
                "first",
                format!("The newest checkpoint covers the rows 0 to {}. Begin with one of them.", size - 1),
            ));
        }
        let last = first.saturating_add(most).min(size);
        let records = records(scope, log, &checkpoint, first, last).await?;
        let head = BundleHead {
            stoa_audit_bundle: VERSION,
            first,
            last,
            left: written(&prover::edge(scope, log, first).await?),
            path: written(&prover::consistency(scope, log, last, size).await?),
            checkpoint,
        };
        Ok((head, Self { log, next: first.cast_signed(), last: last.cast_signed(), ahead: VecDeque::new(), records }))
    }

    /// The leaves of the next lines; none at the end.
    pub async fn leaves<R: Reach>(&mut self, scope: &mut Scope<R>) -> Result<Vec<Leaf>, AppError> {
        let until = (self.next + BATCH).min(self.last);
        let leaves = store::leaves(scope, self.log, self.next, until).await?;
        self.ahead = store::checkpoints(scope, self.log, self.next, CHECKPOINTS).await?.into();
        self.next = until;
        Ok(leaves)
    }

    /// Their lines, with the checkpoints that were signed over just these rows and those before.
    pub fn lines(&mut self, leaves: &[Leaf], rows: &Rows) -> Vec<BundleLine> {
        let mut lines: Vec<_> = std::mem::take(&mut self.records).into_iter().map(BundleLine::Record).collect();
        for leaf in leaves {
            lines.push(BundleLine::Row(ProvenRow::new(leaf, rows.get(&leaf.row_id))));
            while let Some(kept) = self.ahead.pop_front_if(|kept| kept.size <= leaf.seq + 1) {
                lines.push(BundleLine::Between(Between { checkpoint: kept.note }));
            }
        }
        lines
    }

    /// The next lines, of rows that the scope itself reaches; none at the end.
    pub async fn more<R: Reach>(&mut self, scope: &mut Scope<R>) -> Result<Vec<BundleLine>, AppError> {
        let leaves = self.leaves(scope).await?;
        let keys: Vec<_> = leaves.iter().map(Leaf::key).collect();
        let rows = rows::read(scope, self.log, &keys).await?;
        Ok(self.lines(&leaves, &rows))
    }
}
