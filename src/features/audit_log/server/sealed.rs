//! Rows in the order in which they were sealed, as they are sent away: what the API gives of a row, with its number.

use chrono::SecondsFormat;
use serde::Serialize;

use super::{
    rest::AuditRow,
    store::{self, Sealed, hex},
};
use crate::{error::AppError, ids::LogId, server::scope::ServiceScope};

/// One line, and its number in the log's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    pub seq: i64,
    /// A JSON object, with the end of its line.
    pub line: Vec<u8>,
}

#[derive(Serialize)]
struct Whole {
    log: LogId,
    seq: i64,
    #[serde(flatten)]
    row: AuditRow,
}

/// Of a row whose body retention or an erasure removed, what proves that it was there.
#[derive(Serialize)]
struct Bodiless {
    log: LogId,
    seq: i64,
    id: String,
    occurred_at: String,
    leaf_hash: String,
    gone: bool,
}

/// From the number `first` up to before `last`, of a log of the scope's tenant.
pub async fn sealed_rows(scope: &mut ServiceScope, log: LogId, first: i64, last: i64) -> Result<Vec<SealedRow>, AppError> {
    store::sealed(scope, log, first, last).await?.into_iter().map(|sealed| written(log, sealed)).collect()
}

fn written(log: LogId, sealed: Sealed) -> Result<SealedRow, AppError> {
    let seq = sealed.seq;
    let line = match sealed.entry {
        Some(entry) => serde_json::to_vec(&Whole { log, seq, row: entry.into() }),
        None => serde_json::to_vec(&Bodiless {
            log,
            seq,
            id: sealed.id.to_string(),
            occurred_at: sealed.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            leaf_hash: hex(&sealed.leaf_hash),
            gone: true,
        }),
    };
    let mut line = line.map_err(|_| AppError::Internal)?;
    line.push(b'\n');
    Ok(SealedRow { seq, line })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::ids::AuditId;

    #[test]
    fn a_row_whose_body_is_gone_keeps_its_number_and_its_leaf() {
        let sealed = Sealed {
            seq: 7,
            id: AuditId(Uuid::max()),
            occurred_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).expect("a time"),
            leaf_hash: vec![171; 32],
            entry: None,
        };
        let row = written(LogId(Uuid::nil()), sealed).expect("a line");
        let text = String::from_utf8(row.line).expect("text");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(text.ends_with("}\n"), "{text}");
        assert_eq!((row.seq, read["seq"].as_i64(), read["gone"].as_bool()), (7, Some(7), Some(true)));
        assert_eq!(read["leaf_hash"], "ab".repeat(32));
        assert_eq!(read["occurred_at"], "2026-09-21T14:13:20.123456Z");
    }
}
