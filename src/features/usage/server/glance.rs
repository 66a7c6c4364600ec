//! The last thirty days at a glance, for pages that are about something else: the figures of the usage page as it opens.

use super::{
    asked::Asked,
    figures::{Total, figures, total_of},
    source::Metered,
};
use crate::{
    error::AppError,
    server::{Reader, http::door::Parameters, scope::Scope},
};

#[derive(Clone, Debug)]
pub struct Glance {
    /// Of each day in the reader's own zone, the last one today.
    pub days: Vec<Total>,
    pub total: Total,
    /// Of the thirty days before.
    pub before: Total,
    pub sees_money: bool,
    /// Where the same stands in full.
    pub address: String,
}

impl Glance {
    pub fn today(&self) -> Total {
        self.days.last().copied().unwrap_or_default()
    }
}

pub async fn glance<R: Metered>(scope: &mut Scope<R>, reader: &Reader) -> Result<Glance, AppError> {
    let source = R::source(scope);
    let asked = Asked::read(&Parameters::from([("range".to_owned(), "30d".to_owned())]), &reader.zone, reader.now);
    let figures = figures(scope, &source, &asked).await?;
    let before = total_of(scope, &source, &asked.before(), &asked.filter).await?;
    let mut days = vec![Total::default(); asked.bounds.len() - 1];
    for row in &figures.rows {
        days[row.bucket] = Total { events: row.events, nanos: row.nanos };
    }
    let address = asked.address(&source.address, &[]);
    Ok(Glance { days, total: figures.total, before, sees_money: source.sees_money, address })
}
