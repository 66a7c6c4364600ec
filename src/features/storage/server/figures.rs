//! What is stored and how it grew, ready to be shown, saved or answered.

use chrono::{DateTime, NaiveDate, Utc};

use super::store::{self, Day, Held};
use crate::{
    access::AskWorkspace,
    error::AppError,
    money::Nanos,
    numbers::grouped,
    server::{
        plans::{self, Dimension},
        scope::WorkspaceScope,
    },
};

/// What is there now, and what was there on each day that was measured.
#[derive(Clone, Debug)]
pub struct Figures {
    pub now: Vec<Held>,
    pub days: Vec<Day>,
}

pub async fn figures<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, first: NaiveDate, last: NaiveDate) -> Result<Figures, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let now = store::now(scope, tenant, workspace).await?;
    let days = store::days(scope, tenant, workspace, (first, last)).await?;
    Ok(Figures { now, days })
}

impl Figures {
    /// The bytes of each module on each day that was measured, and now; the largest module first.
    pub fn modules(&self) -> Vec<String> {
        let mut sums: Vec<(String, i64)> = Vec::new();
        for held in self.days.iter().map(|day| &day.held).chain(&self.now) {
            match sums.iter_mut().find(|(module, _)| *module == held.module) {
                Some((_, sum)) => *sum += held.bytes(),
                None => sums.push((held.module.clone(), held.bytes())),
            }
        }
        sums.sort_by(|(one, less), (other, more)| more.cmp(less).then_with(|| one.cmp(other)));
        sums.into_iter().map(|(module, _)| module).collect()
    }

    /// How many bytes of a module were there on a day.
    pub fn on(&self, day: NaiveDate, module: &str) -> i64 {
        self.days.iter().filter(|held| held.day == day && held.held.module == module).map(|held| held.held.bytes()).sum()
    }

    /// What was there on a day, by module and resource.
    pub fn of_day(&self, day: NaiveDate) -> Vec<Held> {
        self.days.iter().filter(|held| held.day == day).map(|held| held.held.clone()).collect()
    }
}

/// What so many bytes cost for a day at that moment's rate.
pub fn cost_of_a_day(bytes: i64, now: DateTime<Utc>) -> Nanos {
    let dimension = Dimension::StorageGbDay;
    Nanos(dimension.cost(bytes, plans::rate(dimension, now).nanos))
}

/// As people read it: in bytes below a kilobyte, else in the largest unit that it has one of, to one decimal, rounded down.
pub fn sized(bytes: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(1_000_000_000_000_000, "PB"), (1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        None => format!("{bytes} B"),
        Some((unit, name)) => match (grouped(bytes / unit), bytes % unit / (unit / 10)) {
            (whole, 0) => format!("{whole} {name}"),
            (whole, tenths) => format!("{whole}.{tenths} {name}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_short_and_never_more_than_there_is() {
        let said = [0, 999, 1_000, 1_050, 1_999_999, 2_000_000, 12_345_678_901, 9_000_000_000_000_000_000].map(sized);
        assert_eq!(said, ["0 B", "999 B", "1 kB", "1 kB", "1.9 MB", "2 MB", "12.3 GB", "9,000 PB"]);
    }
}
