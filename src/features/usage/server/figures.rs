//! Figures: what was used in each hour, day or month, of each part of a split. The one source of chart, table, file and API.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{
    asked::Asked,
    filter::{By, Filter, NONE},
    period::Times,
    source::{Metered, Source},
    store::{self, Sum},
};
use crate::{
    error::AppError,
    features::api_keys,
    ids::ApiKeyId,
    server::{modules, plans::Dimension, scope::Scope},
};

/// Rows of one answer at most.
pub const ROWS_MAX: usize = 10_000;

/// What was used, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Answered calls, attempts and the like, whatever each is counted as.
    pub events: i64,
    pub nanos: i64,
}

/// One part of the split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The dimension, module or credential's id, `none` where there is none, empty where nothing is split.
    pub key: String,
    /// As people read it.
    pub label: String,
    pub total: Total,
}

/// One stretch of time, of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which of the stretches, from 0 on.
    pub bucket: usize,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// Which of the parts.
    pub part: usize,
    pub events: i64,
    /// How many, and of what; none where dimensions with units of their own are together.
    pub quantity: Option<(i64, &'static str)>,
    pub nanos: i64,
}

#[derive(Clone, Debug)]
pub struct Figures {
    /// Where something was used, in order.
    pub rows: Vec<Row>,
    /// The largest first.
    pub parts: Vec<Part>,
    pub total: Total,
}

/// # Errors
/// `Conflict` where they are too many to be given at once.
pub async fn figures<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &Asked) -> Result<Figures, AppError> {
    let starts = &asked.bounds[..asked.bounds.len() - 1];
    let sums = store::sum(scope, source, &asked.times, starts, asked.by, &asked.filter).await?;
    if sums.len() > ROWS_MAX {
        return Err(AppError::Conflict(format!(
            "These are more than {ROWS_MAX} figures. Choose a shorter time, a coarser grain or no split."
        )));
    }
    let names = if asked.by == By::Credential { names(scope, source, &sums).await? } else { HashMap::new() };
    let parts = parts(&sums, asked.by, &names);
    let rows = rows(&sums, &parts, asked);
    let total = total(&sums);
    Ok(Figures { rows, parts, total })
}

/// All that was used in these times.
pub async fn total_of<R: Metered>(scope: &mut Scope<R>, source: &Source, times: &Times, filter: &Filter) -> Result<Total, AppError> {
    let sums = store::sum(scope, source, times, &[times.start], By::Nothing, filter).await?;
    Ok(total(&sums))
}

/// The credentials that used something in these times, each with what it is called.
pub async fn credentials<R: Metered>(scope: &mut Scope<R>, source: &Source, times: &Times) -> Result<Vec<(ApiKeyId, String)>, AppError> {
    let ids = store::credentials(scope, source, times).await?;
    let names = api_keys::server::names(scope, source.tenant, source.workspace, source.own_keys, &ids).await?;
    Ok(ids.into_iter().map(|id| (id, called(id, &names))).collect())
}

async fn names<R: Metered>(scope: &mut Scope<R>, source: &Source, sums: &[Sum]) -> Result<HashMap<ApiKeyId, String>, AppError> {
    let mut ids: Vec<ApiKeyId> = sums.iter().filter_map(|sum| sum.part.parse().ok().map(ApiKeyId)).collect();
    ids.sort();
    ids.dedup();
    api_keys::server::names(scope, source.tenant, source.workspace, source.own_keys, &ids).await
}

/// Its name; its id where the name is not there any more, or not the person's to know.
pub fn called<S: std::hash::BuildHasher>(id: ApiKeyId, names: &HashMap<ApiKeyId, String, S>) -> String {
    names.get(&id).cloned().unwrap_or_else(|| id.to_string())
}

fn total(sums: &[Sum]) -> Total {
    sums.iter().fold(Total::default(), |total, sum| Total { events: total.events + sum.events, nanos: total.nanos + sum.nanos })
}

fn parts(sums: &[Sum], by: By, names: &HashMap<ApiKeyId, String>) -> Vec<Part> {
    let mut totals: BTreeMap<&str, Total> = BTreeMap::new();
    for sum in sums {
        let total = totals.entry(&sum.part).or_default();
        total.events += sum.events;
        total.nanos += sum.nanos;
    }
    let mut parts: Vec<Part> =
        totals.into_iter().map(|(key, total)| Part { key: key.to_owned(), label: label(key, by, names), total }).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.total.events));
    parts
}

fn label(key: &str, by: By, names: &HashMap<ApiKeyId, String>) -> String {
    match (by, key) {
        (By::Nothing, _) => "All".to_owned(),
        (By::Module, NONE) => "Control plane".to_owned(),
        (By::Credential, NONE) => "No credential".to_owned(),
        (By::Dimension, _) => Dimension::named(key).map_or_else(|| key.to_owned(), |dimension| dimension.says().to_owned()),
        (By::Module, _) => modules::find(key).map_or(key, |module| module.manifest.name.as_str()).to_owned(),
        (By::Credential, _) => key.parse().map_or_else(|_| key.to_owned(), |id| called(ApiKeyId(id), names)),
    }
}

fn rows(sums: &[Sum], parts: &[Part], asked: &Asked) -> Vec<Row> {
    let place: HashMap<&str, usize> = parts.iter().enumerate().map(|(place, part)| (part.key.as_str(), place)).collect();
    let mut rows: Vec<Row> = sums
        .iter()
        .filter_map(|sum| {
            let bucket = usize::try_from(sum.bucket).ok()?.checked_sub(1)?;
            let dimension = if asked.by == By::Dimension { Dimension::named(&sum.part) } else { asked.filter.dimension };
            Some(Row {
                bucket,
                starts_at: *asked.bounds.get(bucket)?,
                ends_at: *asked.bounds.get(bucket + 1)?,
                part: *place.get(sum.part.as_str())?,
                events: sum.events,
                quantity: dimension.map(|dimension| (sum.quantity, dimension.unit())),
                nanos: sum.nanos,
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.bucket, row.part));
    rows
}

impl Figures {
    /// The dimension, module and credential that a row is of, as the API names them; none where it is of several.
    pub fn named(&self, row: &Row, asked: &Asked) -> Named {
        let filter = asked.filter.narrowed(asked.by, &self.parts[row.part].key);
        let credential_name = (asked.by == By::Credential).then(|| self.parts[row.part].label.clone());
        Named {
            dimension: filter.dimension.map(Dimension::name),
            module: filter.module.map(super::filter::ModuleFilter::name),
            credential: filter.credential.map(super::filter::CredentialFilter::name),
            credential_name,
        }
    }
}

/// What a row is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub dimension: Option<&'static str>,
    pub module: Option<&'static str>,
    pub credential: Option<String>,
    pub credential_name: Option<String>,
}
