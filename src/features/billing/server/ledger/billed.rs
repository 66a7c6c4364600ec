//! What of the account's invoices is for one workspace.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;

use super::store::reading as store;
use crate::{access::AskWorkspace, error::AppError, server::scope::WorkspaceScope};

/// A line of an invoice: what was used of one dimension, in one month, at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The invoice's, of the account's own.
    pub invoice: i64,
    pub line: i64,
    pub month: NaiveDate,
    pub dimension: String,
    pub rate_version: NaiveDate,
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
    pub micros: i64,
}

/// Where a page of them ends: the invoice's number, and the line's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub i64, pub i64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (invoice, line) = text.split_once('-').ok_or(())?;
        Ok(Self(invoice.parse().map_err(|_| ())?, line.parse().map_err(|_| ())?))
    }
}

impl Billed {
    pub fn place(&self) -> Place {
        Place(self.invoice, self.line)
    }
}

/// The scope's workspace's, those of the latest invoice first.
pub async fn billed<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, after: Option<Place>, most: i64) -> Result<Vec<Billed>, AppError> {
    store::billed(scope, after.unwrap_or(Place(i64::MAX, i64::MAX)), most).await
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_read_back_and_nonsense_is_none() {
        assert_eq!(Place(3, 17).to_string().parse(), Ok(Place(3, 17)));
        for nonsense in ["", "3", "3-", "-", "a-1", "3-1-1"] {
            assert_eq!(nonsense.parse::<Place>(), Err(()), "{nonsense}");
        }
    }
}
