//! Figures: what was used in each hour, day or month, of each part of a split. The one source of chart, table, file and API.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    asked::Asked,
    channel::Channel,
    filter::{By, Filter, NONE, OTHERS},
    period::Times,
    source::{Metered, Source},
    store::{self, Sum},
};
use crate::{
    error::AppError,
    features::{api_keys, members},
    ids::{ApiKeyId, UserId},
    server::{modules, plans::Dimension, scope::Scope},
};

/// Rows of one answer at most.
pub const ROWS_MAX: usize = 10_000;
const TOO_MANY: &str = "These are more than 10000 figures. Choose a shorter time, a coarser grain or no split.";

/// What was used, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Answered calls, attempts and the like, whatever each is counted as.
    pub events: i64,
    pub nanos: i64,
}

/// What was used in the counterpart of a stretch of time, as long before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
}

/// One part of the split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The dimension, module, operation or channel, or the id of the credential or member; `none` where there is none, empty where nothing is split.
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
    /// Where it is compared.
    pub before: Option<Before>,
}

#[derive(Clone, Debug)]
pub struct Figures {
    /// Where something was used, in order; where it is compared, also where something was used as long before.
    pub rows: Vec<Row>,
    /// The largest first.
    pub parts: Vec<Part>,
    pub total: Total,
    /// Of as long before, where it is compared.
    pub before: Option<Total>,
}

/// # Errors
/// `Conflict` where they are too many to be given at once.
pub async fn figures<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &Asked) -> Result<Figures, AppError> {
    let starts = &asked.bounds[..asked.bounds.len() - 1];
    let sums = store::sum(scope, source, &asked.times, starts, asked.by, &asked.filter).await?;
    if sums.len() > ROWS_MAX {
        return Err(AppError::Conflict(TOO_MANY.to_owned()));
    }
    let earlier = if asked.compares {
        let bounds = asked.bounds_before();
        store::sum(scope, source, &asked.before(), &bounds[..bounds.len() - 1], asked.by, &asked.filter).await?
    } else {
        Vec::new()
    };
    let before = asked.compares.then(|| total(&earlier));
    let total = total(&sums);
    let rows = beside(sums, earlier);
    if rows.len() > ROWS_MAX {
        return Err(AppError::Conflict(TOO_MANY.to_owned()));
    }
    let names = names(scope, source, asked.by, &rows).await?;
    let parts = parts(&rows, asked.by, &names);
    let rows = placed(&rows, &parts, asked);
    Ok(Figures { rows, parts, total, before })
}

/// How Postgres finds them: for whoever measures that.
pub async fn explain<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &Asked) -> Result<Vec<String>, AppError> {
    store::explain(scope, source, &asked.times, &asked.bounds, asked.by).await
}

/// Both at one place, as they are stored.
#[derive(Clone, Debug)]
struct Pair {
    now: Sum,
    before: Before,
}

/// Each sum with its counterpart; where one of them is missing, nothing was used.
fn beside(sums: Vec<Sum>, earlier: Vec<Sum>) -> Vec<Pair> {
    let mut pairs: BTreeMap<(i32, String), Pair> = BTreeMap::new();
    for sum in sums {
        pairs.insert((sum.bucket, sum.part.clone()), Pair { now: sum, before: Before::default() });
    }
    for sum in earlier {
        let before = Before { events: sum.events, quantity: sum.quantity, nanos: sum.nanos };
        let nothing = || Pair { now: Sum { events: 0, quantity: 0, nanos: 0, ..sum.clone() }, before };
        pairs.entry((sum.bucket, sum.part.clone())).or_insert_with(nothing).before = before;
    }
    pairs.into_values().collect()
}

/// All that was used in these times.
pub async fn total_of<R: Metered>(scope: &mut Scope<R>, source: &Source, times: &Times, filter: &Filter) -> Result<Total, AppError> {
    let sums = store::sum(scope, source, times, &[times.start], By::Nothing, filter).await?;
    Ok(total(&sums))
}

/// What used something in these times, each with what it is called.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub credentials: Vec<(ApiKeyId, String)>,
    /// The reader alone, for whoever sees only their own.
    pub members: Vec<(UserId, String)>,
    pub operations: Vec<String>,
}

pub async fn choices<R: Metered>(scope: &mut Scope<R>, source: &Source, times: &Times) -> Result<Choices, AppError> {
    let found = store::choices(scope, source, times).await?;
    let keys: Vec<ApiKeyId> = found.iter().filter_map(|choice| choice.credential).collect();
    let users: Vec<UserId> = found.iter().filter_map(|choice| choice.user).filter(|user| source.knows(*user)).collect();
    let key_names = api_keys::server::names(scope, source.tenant, source.workspace, source.own_keys, &keys).await?;
    let people = members::server::names(scope, source.tenant, source.workspace, &users).await?;
    Ok(Choices {
        credentials: keys.into_iter().map(|id| (id, called(id, &key_names))).collect(),
        members: users.into_iter().map(|id| (id, people.get(&id).cloned().unwrap_or_else(|| id.to_string()))).collect(),
        operations: found.into_iter().filter_map(|choice| choice.operation).collect(),
    })
}

/// What the parts of a split are called that have names of their own, by what they are stored as.
async fn names<R: Metered>(scope: &mut Scope<R>, source: &Source, by: By, pairs: &[Pair]) -> Result<HashMap<String, String>, AppError> {
    let mut ids: Vec<Uuid> = pairs.iter().filter_map(|pair| pair.now.part.parse().ok()).collect();
    ids.sort();
    ids.dedup();
    match by {
        By::Credential => {
            let ids: Vec<ApiKeyId> = ids.into_iter().map(ApiKeyId).collect();
            let names = api_keys::server::names(scope, source.tenant, source.workspace, source.own_keys, &ids).await?;
            Ok(ids.into_iter().map(|id| (id.0.to_string(), called(id, &names))).collect())
        }
        By::Member => {
            let ids: Vec<UserId> = ids.into_iter().map(UserId).collect();
            let names = members::server::names(scope, source.tenant, source.workspace, &ids).await?;
            Ok(ids.into_iter().map(|id| (id.0.to_string(), names.get(&id).cloned().unwrap_or_else(|| id.to_string()))).collect())
        }
        By::Nothing | By::Dimension | By::Module | By::Operation | By::Channel => Ok(HashMap::new()),
    }
}

/// Its name; its id where the name is not there any more, or not the person's to know.
pub fn called<S: std::hash::BuildHasher>(id: ApiKeyId, names: &HashMap<ApiKeyId, String, S>) -> String {
    names.get(&id).cloned().unwrap_or_else(|| id.to_string())
}

fn total(sums: &[Sum]) -> Total {
    sums.iter().fold(Total::default(), |total, sum| Total { events: total.events + sum.events, nanos: total.nanos + sum.nanos })
}

fn parts(pairs: &[Pair], by: By, names: &HashMap<String, String>) -> Vec<Part> {
    let mut totals: BTreeMap<&str, Total> = BTreeMap::new();
    for pair in pairs {
        let total = totals.entry(&pair.now.part).or_default();
        total.events += pair.now.events;
        total.nanos += pair.now.nanos;
    }
    let mut parts: Vec<Part> =
        totals.into_iter().map(|(key, total)| Part { key: key.to_owned(), label: label(key, by, names), total }).collect();
    // Compared or not, in the same order.
    parts.sort_by_key(|part| std::cmp::Reverse(part.total.events));
    parts
}

fn label(key: &str, by: By, names: &HashMap<String, String>) -> String {
    match (by, key) {
        (By::Nothing, _) => "All".to_owned(),
        (By::Module, NONE) => "Control plane".to_owned(),
        (By::Credential, NONE) => "No credential".to_owned(),
        (By::Member, NONE) => "No member".to_owned(),
        (By::Member, OTHERS) => "Everybody else".to_owned(),
        (By::Dimension, _) => Dimension::named(key).map_or_else(|| key.to_owned(), |dimension| dimension.says().to_owned()),
        (By::Module, _) => modules::find(key).map_or(key, |module| module.manifest.name.as_str()).to_owned(),
        (By::Credential | By::Member, _) => names.get(key).map_or(key, String::as_str).to_owned(),
        (By::Operation, _) => key.to_owned(),
        (By::Channel, _) => Channel::named(key).map_or_else(|| key.to_owned(), |channel| channel.says().to_owned()),
    }
}

fn placed(pairs: &[Pair], parts: &[Part], asked: &Asked) -> Vec<Row> {
    let place: HashMap<&str, usize> = parts.iter().enumerate().map(|(place, part)| (part.key.as_str(), place)).collect();
    let mut rows: Vec<Row> = pairs
        .iter()
        .filter_map(|Pair { now, before }| {
            let bucket = usize::try_from(now.bucket).ok()?.checked_sub(1)?;
            let dimension = if asked.by == By::Dimension { Dimension::named(&now.part) } else { asked.filter.dimension };
            Some(Row {
                bucket,
                starts_at: *asked.bounds.get(bucket)?,
                ends_at: *asked.bounds.get(bucket + 1)?,
                part: *place.get(now.part.as_str())?,
                events: now.events,
                quantity: dimension.map(|dimension| (now.quantity, dimension.unit())),
                nanos: now.nanos,
                before: asked.compares.then_some(*before),
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.bucket, row.part));
    rows
}

impl Figures {
    /// The dimension, module, credential, member, operation and channel that a row is of, as the API names them; none where it is of several.
    pub fn named(&self, row: &Row, asked: &Asked) -> Named {
        let filter = asked.filter.narrowed(asked.by, &self.parts[row.part].key);
        let label = |by| (asked.by == by).then(|| self.parts[row.part].label.clone());
        Named {
            dimension: filter.dimension.map(Dimension::name),
            module: filter.module.map(super::filter::ModuleFilter::name),
            credential: filter.credential.map(super::filter::CredentialFilter::name),
            credential_name: label(By::Credential),
            member: filter.member.map(super::filter::MemberFilter::name),
            member_name: label(By::Member),
            operation: filter.operation,
            channel: filter.channel.map(Channel::name),
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
    pub member: Option<String>,
    pub member_name: Option<String>,
    pub operation: Option<String>,
    pub channel: Option<&'static str>,
}
