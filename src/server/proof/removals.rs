//! What of a log went by law: the rows of it that say so, each with a note signed by the key that signs checkpoints. Whoever
//! has the database alone makes none.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    evidence::ProvenRow,
    note::{NoteError, opened, signed},
};
use crate::server::config::{AuditKey, AuditPublicKey};

/// The second line of a note: what no checkpoint has there.
const KIND: &str = "stoa-audit-removal";
/// In the place of fields, where the rows went whole.
const WHOLE: &str = "*";
/// The field of the changes in which the note stands.
pub const NOTE: &str = "note";

/// The first number and the last one.
type Run = (u64, u64);

/// That these rows of a log, or these fields of them, went by law: `rows` as `0-99,101`, `fields` as `ip,user_agent`.
pub fn removal_note(origin: &str, rows: &str, fields: Option<&str>, key: &AuditKey) -> String {
    signed(&format!("{origin}\n{KIND}\n{rows}\n{}\n", fields.unwrap_or(WHOLE)), origin, key)
}

/// All that went of one log, as far as its records are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removals {
    /// By field, ascending and apart from each other.
    runs: HashMap<String, Vec<Run>>,
}

#[derive(Deserialize)]
struct Change {
    field: String,
    after: Option<String>,
}

impl Removals {
    /// What a record says. It speaks of rows before its own, and only of those of its own log.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn add(&mut self, record: &ProvenRow, origin: &str, keys: &[AuditPublicKey]) -> Result<(), String> {
        let name = record.name();
        let changes: Option<Vec<Change>> = record.text("changes").and_then(|text| serde_json::from_str(text).ok());
        let note = changes.into_iter().flatten().find(|change| change.field == NOTE).and_then(|change| change.after);
        let note = note.ok_or_else(|| format!("{name}: it is no record of what went"))?;
        let (text, _) = opened(&note, origin, keys).map_err(|error| format!("{name}: what it says went is not signed: {error}"))?;
        let (runs, fields) = read(text, origin).ok_or_else(|| format!("{name}: what it says went is not signed: {}", NoteError::Form))?;
        if runs.iter().any(|(_, last)| *last >= record.index) {
            return Err(format!("{name}: it speaks of rows that came after it"));
        }
        for field in fields.split(',') {
            let known = self.runs.entry(field.to_owned()).or_default();
            known.extend(&runs);
            known.sort_unstable();
            *known = merged(known);
        }
        Ok(())
    }

    /// Whether what is not there any more of a row went by law.
    ///
    /// # Errors
    /// What did not.
    pub fn ask(&self, row: &ProvenRow) -> Result<(), String> {
        if row.fields.is_none() && !self.holds(WHOLE, row.index) {
            return Err(format!("{}: its body is gone, and no record says that it went by law", row.name()));
        }
        match row.erased().find(|field| !self.holds(field, row.index)) {
            None => Ok(()),
            Some(field) => Err(format!("{}: its {field} was erased, and no record says that it went by law", row.name())),
        }
    }

    /// Whether any row from `first` up to before `last` is spoken of.
    pub fn touches(&self, first: u64, last: u64) -> bool {
        self.runs.values().flatten().any(|run| run.0 < last && first <= run.1)
    }

    /// Whether that row went whole.
    pub fn has_gone(&self, index: u64) -> bool {
        self.holds(WHOLE, index)
    }

    fn holds(&self, field: &str, index: u64) -> bool {
        let Some(runs) = self.runs.get(field) else { return false };
        let behind = runs.partition_point(|(first, _)| *first <= index);
        behind > 0 && runs[behind - 1].1 >= index
    }
}

fn read<'a>(text: &'a str, origin: &str) -> Option<(Vec<Run>, &'a str)> {
    let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
    let [named, KIND, rows, fields] = lines[..] else { return None };
    let run = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse().ok()?, last.parse().ok()?)).filter(|(first, last): &Run| first <= last)
    };
    let runs: Option<Vec<Run>> = rows.split(',').map(run).collect();
    (named == origin && !fields.is_empty()).then_some((runs?, fields))
}

/// Of ascending runs, those that touch or overlap made one.
fn merged(runs: &[Run]) -> Vec<Run> {
    let mut whole: Vec<Run> = Vec::with_capacity(runs.len());
    for (first, last) in runs {
        match whole.last_mut() {
            Some(before) if *first <= before.1.saturating_add(1) => before.1 = before.1.max(*last),
            _ => whole.push((*first, *last)),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::{super::evidence::Field, *};

    const ORIGIN: &str = "example.com/audit/x";

    fn key() -> AuditKey {
        AuditKey::try_from(STANDARD.encode([1; 32])).expect("a key")
    }

    fn row(index: u64, fields: Option<BTreeMap<String, Field>>) -> ProvenRow {
        ProvenRow { index, leaf_version: 1, leaf: String::new(), fields }
    }

    fn record(index: u64, note: &str) -> ProvenRow {
        let changes = serde_json::json!([{ "field": "note", "before": null, "after": note }]).to_string();
        row(index, Some(BTreeMap::from([("changes".to_owned(), Field::Text { salt: String::new(), value: Some(changes) })])))
    }

    #[test]
    fn a_record_speaks_of_its_rows_and_fields_alone() {
        let keys = [*key().public()];
        let mut removals = Removals::default();
        removals.add(&record(20, &removal_note(ORIGIN, "0-3,7", None, &key())), ORIGIN, &keys).expect("taken");
        removals.add(&record(21, &removal_note(ORIGIN, "4-5,9", None, &key())), ORIGIN, &keys).expect("taken");
        removals.add(&record(22, &removal_note(ORIGIN, "12", Some("ip,reason"), &key())), ORIGIN, &keys).expect("taken");
        for index in 0..15 {
            let gone = matches!(index, 0..=5 | 7 | 9);
            assert_eq!(removals.ask(&row(index, None)).is_ok(), gone, "{index}");
            let erased = |field: &str| row(index, Some(BTreeMap::from([(field.to_owned(), Field::Erased { commitment: String::new() })])));
            assert_eq!(removals.ask(&erased("ip")).is_ok(), index == 12, "{index}");
            assert!(removals.ask(&erased("actor_name")).is_err(), "{index}");
        }
        assert!(removals.touches(6, 8) && removals.touches(12, 13) && !removals.touches(13, 30));
    }

    #[test]
    fn a_record_that_nobody_signed_says_nothing() {
        let keys = [*key().public()];
        let other = AuditKey::try_from(STANDARD.encode([2; 32])).expect("a key");
        for (index, note) in [
            (20, removal_note(ORIGIN, "0-3", None, &other)),
            (20, removal_note("example.com/audit/y", "0-3", None, &key())),
            (20, removal_note(ORIGIN, "0-3", None, &key()).replace("\n0-3\n", "\n0-9\n")),
            (20, removal_note(ORIGIN, "3-0", None, &key())),
            (20, removal_note(ORIGIN, "a", None, &key())),
            (3, removal_note(ORIGIN, "0-3", None, &key())),
            (20, String::new()),
        ] {
            let mut removals = Removals::default();
            assert!(removals.add(&record(index, &note), ORIGIN, &keys).is_err(), "{note}");
            assert_eq!(removals, Removals::default());
        }
    }
}
