//! Checks evidence that was taken away, with public keys and without a database.

use std::io::{self, BufRead};

use uuid::Uuid;

use super::{
    evidence::{BundleHead, BundleLine, ProvenRecord, ProvenRow, RowProof, VERSION, hash},
    note::{Checkpoint, log_of},
    removals::Removals,
    tree::{self, Edge, Hash},
};
use crate::server::config::AuditPublicKey;

/// So many problems are told; whoever edits a million rows is caught by the first of them.
pub const PROBLEMS_MAX: usize = 50;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub rows: u64,
    pub checkpoints: u64,
    /// What was found to be so.
    pub says: Vec<String>,
    /// What was found to be wrong: each names the row, the log or the checkpoint.
    pub problems: Vec<String>,
}

impl Report {
    pub fn wrong(&mut self, problem: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem.into());
        }
    }

    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What somebody kept outside: checkpoints that the log must go on from.
pub struct Known<'a> {
    pub keys: &'a [AuditPublicKey],
    /// As they were kept; those of other logs are passed over.
    pub notes: &'a [String],
}

impl Known<'_> {
    /// The kept checkpoints of a log, the smallest first.
    pub fn of(&self, origin: &str, report: &mut Report) -> Vec<Checkpoint> {
        let mut own = Vec::new();
        for note in self.notes {
            if Checkpoint::unproven(note).is_none_or(|checkpoint| checkpoint.origin != origin) {
                continue;
            }
            match Checkpoint::open(note, self.keys) {
                Ok((checkpoint, _)) => own.push(checkpoint),
                Err(error) => report.wrong(format!("a witnessed checkpoint of {origin}: {error}")),
            }
        }
        own.sort_by_key(|checkpoint| checkpoint.size);
        own
    }
}

/// Either form of evidence, by what it begins with.
///
/// # Errors
/// Where it cannot be read.
pub fn evidence(mut text: impl BufRead, known: &Known) -> io::Result<Report> {
    let mut first = String::new();
    text.read_line(&mut first)?;
    if let Ok(head) = serde_json::from_str::<BundleHead>(&first) {
        return bundle(&head, text, known);
    }
    text.read_to_string(&mut first)?;
    let mut report = Report::default();
    // As the API answers, the proof is within an envelope.
    let within = |mut value: serde_json::Value| match value.get_mut("data").map(serde_json::Value::take) {
        Some(data) => data,
        None => value,
    };
    match serde_json::from_str(&first).map(within).and_then(serde_json::from_value::<RowProof>) {
        Ok(proof) => row(&proof, known, &mut report),
        Err(_) => report.wrong("this is neither the proof of a row nor a bundle"),
    }
    Ok(report)
}

fn row(proof: &RowProof, known: &Known, report: &mut Report) {
    if proof.stoa_audit_proof != VERSION {
        return report.wrong(format!("version {} of this form is not known here", proof.stoa_audit_proof));
    }
    let Some(checkpoint) = opened(&proof.checkpoint, known.keys, report) else { return };
    let row = &proof.row;
    let leaf = match row.checked_leaf() {
        Ok(leaf) => leaf,
        Err(problem) => return report.wrong(problem),
    };
    ask_log(row, &checkpoint, report);
    if is_under(&checkpoint, row, &leaf, &proof.path, report) {
        report.rows = 1;
    }
    let mut removals = Removals::default();
    for record in &proof.records {
        take(record, &checkpoint, known.keys, &mut removals, report);
    }
    if let Err(problem) = removals.ask(row) {
        report.wrong(problem);
    }
    // Of another size there is nothing to compare: that takes a bundle.
    for kept in known.of(&checkpoint.origin, report) {
        if kept.size == checkpoint.size && kept.root != checkpoint.root {
            report.wrong(forked(&kept));
        }
    }
}

fn is_under(checkpoint: &Checkpoint, row: &ProvenRow, leaf: &Hash, path: &[String], report: &mut Report) -> bool {
    let path = hashes(path);
    let is_under = path.is_some_and(|path| tree::is_included(leaf, row.index, checkpoint.size, &path, &checkpoint.root));
    if !is_under {
        report.wrong(format!("{}: it is not in the tree of the checkpoint of {} rows", row.name(), checkpoint.size));
    }
    is_under
}

/// A record of what went, once it is proven itself.
fn take(record: &ProvenRecord, checkpoint: &Checkpoint, keys: &[AuditPublicKey], removals: &mut Removals, report: &mut Report) {
    let row = &record.record;
    match row.checked_leaf() {
        Ok(leaf) if is_under(checkpoint, row, &leaf, &record.path, report) => {
            ask_log(row, checkpoint, report);
            if let Err(problem) = removals.add(row, &checkpoint.origin, keys) {
                report.wrong(problem);
            }
        }
        Ok(_) => {}
        Err(problem) => report.wrong(problem),
    }
}

fn bundle(head: &BundleHead, lines: impl BufRead, known: &Known) -> io::Result<Report> {
    let mut report = Report::default();
    if head.stoa_audit_bundle != VERSION {
        report.wrong(format!("version {} of this form is not known here", head.stoa_audit_bundle));
        return Ok(report);
    }
    let Some(checkpoint) = opened(&head.checkpoint, known.keys, &mut report) else { return Ok(report) };
    let (Some(left), Some(path)) = (hashes(&head.left), hashes(&head.path)) else {
        report.wrong("the first line: its hashes cannot be read");
        return Ok(report);
    };
    let Some(mut edge) = Edge::new(head.first, left) else {
        report.wrong("the first line: its hashes on the left are not those of so many rows");
        return Ok(report);
    };
    let mut kept = known.of(&checkpoint.origin, &mut report);
    let (mut removals, mut gone) = (Removals::default(), 0_u64);
    for line in lines.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&line) {
            Ok(BundleLine::Row(row)) => {
                if row.index != edge.size() {
                    report.wrong(format!("{}: row {} was to come here", row.name(), edge.size()));
                    return Ok(report);
                }
                ask_log(&row, &checkpoint, &mut report);
                match row.checked_leaf().and_then(|_| removals.ask(&row)) {
                    Ok(()) if row.fields.is_none() => gone += 1,
                    Ok(()) => report.rows += 1,
                    Err(problem) => report.wrong(problem),
                }
                let Some(leaf) = hash(&row.leaf) else { return Ok(report) };
                edge.push(leaf);
                for kept in kept.iter().filter(|kept| kept.size == edge.size() && kept.root != edge.root()) {
                    report.wrong(forked(kept));
                }
            }
            Ok(BundleLine::Record(record)) => take(&record, &checkpoint, known.keys, &mut removals, &mut report),
            Ok(BundleLine::Between(between)) => {
                let Some(between) = opened(&between.checkpoint, known.keys, &mut report) else { continue };
                ask_root(&between, &edge, &checkpoint.origin, &mut report);
            }
            Err(_) => {
                report.wrong(format!("the line behind row {} cannot be read", edge.size().saturating_sub(1)));
                return Ok(report);
            }
        }
    }
    if edge.size() != head.last {
        report.wrong(format!("rows {} to {} are missing at the end", edge.size(), head.last.saturating_sub(1)));
    } else if !tree::is_consistent((edge.size(), &edge.root()), (checkpoint.size, &checkpoint.root), &path) {
        report.wrong(format!("these rows are not those that the checkpoint of {} rows was signed over", checkpoint.size));
    }
    if gone > 0 {
        report.says.push(format!("{}: {gone} rows went by law, and records of the log say so", checkpoint.origin));
    }
    kept.retain(|kept| kept.size > checkpoint.size);
    if let Some(kept) = kept.last() {
        report.says.push(format!("the log had {} rows when a checkpoint was witnessed: this bundle ends before", kept.size));
    }
    Ok(report)
}

fn opened(note: &str, keys: &[AuditPublicKey], report: &mut Report) -> Option<Checkpoint> {
    match Checkpoint::open(note, keys) {
        Ok((checkpoint, key)) => {
            report.checkpoints += 1;
            let says = format!("{}: signed with the key {}", checkpoint.origin, key.id());
            if !report.says.contains(&says) {
                report.says.push(says);
            }
            Some(checkpoint)
        }
        Err(error) => {
            report.wrong(format!("{}: {error}", named(note)));
            None
        }
    }
}

/// How a checkpoint is named where something is wrong with it.
pub fn named(note: &str) -> String {
    Checkpoint::unproven(note).map_or_else(
        || "a checkpoint".to_owned(),
        |checkpoint| format!("the checkpoint of {} rows of {}", checkpoint.size, checkpoint.origin),
    )
}

pub fn forked(kept: &Checkpoint) -> String {
    format!("the witnessed checkpoint of {} rows of {} is of another log: it was forked, or rewritten", kept.size, kept.origin)
}

/// A checkpoint must be over exactly the rows so far.
pub fn ask_root(checkpoint: &Checkpoint, edge: &Edge, origin: &str, report: &mut Report) {
    if checkpoint.origin != origin {
        report.wrong(format!("the checkpoint of {} rows is of {}, and this is {origin}", checkpoint.size, checkpoint.origin));
    } else if checkpoint.size != edge.size() || checkpoint.root != edge.root() {
        report.wrong(format!("the checkpoint of {} rows of {origin} was signed over other rows", checkpoint.size));
    }
}

/// A row says itself in which log it stands.
fn ask_log(row: &ProvenRow, checkpoint: &Checkpoint, report: &mut Report) {
    let stands: Option<Uuid> = row.text("log_id").and_then(|id| id.parse().ok());
    if let (Some(stands), Some(log)) = (stands, log_of(&checkpoint.origin))
        && stands != log
    {
        report.wrong(format!("{}: it stands in another log than {}", row.name(), checkpoint.origin));
    }
}

fn hashes(written: &[String]) -> Option<Vec<Hash>> {
    written.iter().map(|text| hash(text)).collect()
}
