//! How far a log is proven, and the evidence to take away: one row's proof, or a bundle of rows.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Entry, Logged, Source, target};
use crate::{
    error::AppError,
    features::retention::server as retention,
    ids::AuditId,
    server::{
        events::{Event, EventKind},
        proof::{self, BundleHead, BundleLine, Bundling, RowProof, Seal, Standing},
        scope::{Reach, Scope},
    },
};

/// Rows in one bundle at most, where somebody waits for it; `stoa audit bundle` takes whole logs.
pub const BUNDLE_ROWS_MAX: u64 = 2_000;

/// How far a log is sealed, beside some of its rows.
#[derive(Clone, Debug, Default)]
pub struct Sealing {
    /// Rows under the newest checkpoint; none where nothing is signed yet.
    pub signed: Option<(i64, DateTime<Utc>)>,
    unsealed: HashSet<AuditId>,
}

impl Sealing {
    /// Whether no checkpoint covers this row yet.
    pub fn is_unsealed(&self, row: AuditId) -> bool {
        self.unsealed.contains(&row)
    }
}

/// How long rows of a log are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// None for ever.
    pub days: Option<i32>,
    /// Whether a legal hold keeps everything.
    pub is_held: bool,
}

pub async fn kept<R: retention::Kept>(scope: &mut Scope<R>) -> Result<Kept, AppError> {
    let (days, is_held) = retention::kept(scope).await?;
    Ok(Kept { days, is_held })
}

/// How far one row is proven.
#[derive(Clone, Debug)]
pub struct Proven {
    pub seal: Seal,
    pub standing: Option<Standing>,
}

/// First line and rows of a bundle.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub head: BundleHead,
    pub lines: Vec<BundleLine>,
}

pub async fn sealing<R: Reach>(scope: &mut Scope<R>, source: &Source, entries: &[Entry]) -> Result<Sealing, AppError> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.0).collect();
    let (seals, standing) = proof::seals(scope, source.log.0, &ids).await?;
    let unsealed = entries.iter().zip(seals).filter(|(_, seal)| !matches!(seal, Seal::Signed { .. })).map(|(entry, _)| entry.id);
    let signed = standing.and_then(|standing| Some((standing.signed_size, standing.signed_at?)));
    Ok(Sealing { signed, unsealed: unsealed.collect() })
}

pub async fn proven<R: Reach>(scope: &mut Scope<R>, source: &Source, row: AuditId) -> Result<Proven, AppError> {
    let (seals, standing) = proof::seals(scope, source.log.0, &[row.0]).await?;
    Ok(Proven { seal: seals.first().copied().unwrap_or(Seal::Waits), standing })
}

/// # Errors
/// `NotFound` for a row of another log, `Conflict` while no checkpoint covers it.
pub async fn proof_of<R: Logged>(scope: &mut Scope<R>, source: &Source, row: AuditId) -> Result<RowProof, AppError> {
    super::find(scope, source, row).await?;
    proof::row_proof(scope, source.log.0, row.0).await
}

/// Rows from `first` on, or the newest ones, and that they were taken away.
///
/// # Errors
/// `Conflict` where nothing is signed yet, `Invalid` for rows that are not there.
pub async fn bundle<R: Logged>(scope: &mut Scope<R>, source: &Source, first: Option<u64>, rows: u64) -> Result<Bundle, AppError> {
    let signed = proof::standing(scope, source.log.0).await?.map_or(0, |standing| standing.signed_size);
    let first = first.unwrap_or_else(|| signed.unsigned_abs().saturating_sub(rows));
    let (head, mut bundling) = Bundling::begin(scope, source.log.0, first, rows).await?;
    let mut lines = Vec::new();
    loop {
        let more = bundling.more(scope).await?;
        if more.is_empty() {
            break;
        }
        lines.extend(more);
    }
    let taken = Event::new(EventKind::AuditLogExported, target(source))
        .changing("form", None, Some("bundle"))
        .changing("first", None, Some(&head.first.to_string()))
        .changing("rows", None, Some(&(head.last - head.first).to_string()));
    scope.record(taken);
    Ok(Bundle { head, lines })
}

impl Bundle {
    /// As a file: one JSON value a line.
    pub fn written(&self) -> Result<Vec<u8>, AppError> {
        let mut file = serde_json::to_vec(&self.head).map_err(|_| AppError::Internal)?;
        for line in &self.lines {
            file.push(b'\n');
            serde_json::to_writer(&mut file, line).map_err(|_| AppError::Internal)?;
        }
        file.push(b'\n');
        Ok(file)
    }
}
