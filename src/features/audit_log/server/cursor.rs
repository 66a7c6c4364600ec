//! Where a page of the log begins: after the last row of the page before. Opaque to whoever carries it.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Entry;
use crate::error::AppError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub occurred_at: DateTime<Utc>,
    pub id: Uuid,
}

impl Cursor {
    /// Behind this row.
    pub fn of(entry: &Entry) -> Self {
        Self { occurred_at: entry.occurred_at, id: entry.id.0 }
    }

    /// What the query's `after` says; none where it says nothing.
    ///
    /// # Errors
    /// `Malformed` where it was not made here.
    pub fn read(text: &str) -> Result<Option<Self>, AppError> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.occurred_at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const DAMAGED: AppError = AppError::Malformed("where its page begins is damaged; go to the first page");
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
        let (at, id) = bytes.split_at(8);
        let micros = at.try_into().map(i64::from_be_bytes).map_err(|_| DAMAGED)?;
        // Times that Postgres has too.
        let occurred_at = DateTime::from_timestamp_micros(micros).filter(|at| super::filter::ALL_TIME.contains(at)).ok_or(DAMAGED)?;
        Ok(Self { occurred_at, id: Uuid::from_slice(id).map_err(|_| DAMAGED)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written_and_nothing_else_reads() {
        let cursor = Cursor { occurred_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).expect("a time"), id: Uuid::max() };
        assert_eq!(Cursor::read(&cursor.to_string()), Ok(Some(cursor)));
        assert_eq!(Cursor::read(""), Ok(None));
        let far = URL_SAFE_NO_PAD.encode([0x7f; 24]);
        for damaged in ["x", "' or 1=1", &cursor.to_string()[1..], far.as_str()] {
            assert!(matches!(Cursor::read(damaged), Err(AppError::Malformed(_))), "{damaged}");
        }
    }
}
