//! Tables to take away: CSV (RFC 4180) that a spreadsheet shows and never runs.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::AppError;

/// A text that begins so would be taken for a formula (OWASP, "CSV Injection").
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table of named columns, row by row.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    pub fn new(columns: &[&str]) -> Result<Self, AppError> {
        let mut sheet = Self::going_on();
        sheet.0.write_record(columns).map_err(failed)?;
        Ok(sheet)
    }

    /// What follows on a part that was written before: no head.
    pub fn going_on() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    /// # Errors
    /// `Internal` where the row has not as many cells as there are columns.
    pub fn add(&mut self, cells: Cells) -> Result<(), AppError> {
        self.0.write_record(cells.0).map_err(failed)
    }

    /// The whole table in UTF-8.
    pub fn into_bytes(self) -> Result<Vec<u8>, AppError> {
        self.0.into_inner().map_err(|error| failed(error.into_error()))
    }
}

/// One row, cell by cell.
#[derive(Clone, Debug, Default)]
pub struct Cells(Vec<String>);

impl Cells {
    pub fn new() -> Self {
        Self::default()
    }

    /// Whatever people wrote. What a spreadsheet would run gets an apostrophe in front.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        let guard = if text.starts_with(FORMULA_STARTS) { "'" } else { "" };
        self.0.push(format!("{guard}{text}"));
        self
    }

    #[must_use]
    pub fn number(mut self, number: impl Into<i64>) -> Self {
        self.0.push(number.into().to_string());
        self
    }

    /// UTC with microseconds (RFC 3339); an empty cell where there is none.
    #[must_use]
    pub fn time(mut self, at: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.0.push(at.into().map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)).unwrap_or_default());
        self
    }
}

fn failed(cause: impl std::error::Error + 'static) -> AppError {
    tracing::error!(error = crate::server::telemetry::chain(&cause), "a table could not be written");
    AppError::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(row: Cells) -> String {
        let mut sheet = Sheet::new(&["what"]).expect("a sheet");
        sheet.add(row).expect("a row");
        let text = String::from_utf8(sheet.into_bytes().expect("bytes")).expect("text");
        text.strip_prefix("what\r\n").expect("a head").to_owned()
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text_to_it() {
        for (text, cell) in [
            ("=1+1", "'=1+1\r\n"),
            ("+1", "'+1\r\n"),
            ("-1", "'-1\r\n"),
            ("@SUM(A1)", "'@SUM(A1)\r\n"),
            ("\tx", "'\tx\r\n"),
            ("\rx", "\"'\rx\"\r\n"),
            ("Ada", "Ada\r\n"),
            ("a=b", "a=b\r\n"),
        ] {
            assert_eq!(written(Cells::new().text(text)), cell, "{text:?}");
        }
    }

    #[test]
    fn numbers_and_times_stay_what_they_are() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
        assert_eq!(written(Cells::new().number(-5)), "-5\r\n");
        assert_eq!(written(Cells::new().time(at)), "2026-09-21T14:13:20.000000Z\r\n");
        assert_eq!(written(Cells::new().time(None)), "\"\"\r\n");
    }

    #[test]
    fn commas_quotes_and_lines_stay_in_their_cell() {
        assert_eq!(written(Cells::new().text("Lovelace, \"Ada\"\nx")), "\"Lovelace, \"\"Ada\"\"\nx\"\r\n");
    }

    #[test]
    fn parts_of_a_table_are_the_table() {
        let (mut whole, mut first, mut second) =
            (Sheet::new(&["what"]).expect("a sheet"), Sheet::new(&["what"]).expect("a sheet"), Sheet::going_on());
        for (sheet, text) in [(&mut first, "a"), (&mut second, "b")] {
            sheet.add(Cells::new().text(text)).expect("a row");
            whole.add(Cells::new().text(text)).expect("a row");
        }
        let parts = [first, second].map(|sheet| sheet.into_bytes().expect("bytes")).concat();
        assert_eq!(parts, whole.into_bytes().expect("bytes"));
    }

    #[test]
    fn a_row_with_a_cell_too_many_is_refused() {
        let mut sheet = Sheet::new(&["what"]).expect("a sheet");
        assert_eq!(sheet.add(Cells::new().text("a").text("b")), Err(AppError::Internal));
    }
}
