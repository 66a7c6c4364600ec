//! Storage over the API: what is there now, and on each day that was measured.

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::DAYS_MOST,
    figures::{cost_of_a_day, figures},
    store::{Day, Held},
};
use crate::{
    access::{Extent, WorkspacePermission, workspace::ReadWorkspace},
    error::AppError,
    money::Nanos,
    server::rest::{Answer, Call, Named, Operation},
};

/// Beside `usage:read`, what shows amounts of money.
const MONEY_SCOPE: &str = "billing:read";
/// Without a first day.
const DAYS: u64 = 30;

pub fn operations() -> Vec<Operation> {
    vec![Operation::read(
        Named::new(
            "storage.get",
            "/storage",
            Some("usage:read"),
            "What the workspace stores, by module and resource: now, and on each day that was measured. Amounts ask for billing:read too.",
        ),
        get,
    )]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StorageQuery {
    /// The first day, UTC, such as 2026-11-01; without it 30 days are given.
    from: Option<String>,
    /// The last day, included; today where it is not said.
    to: Option<String>,
}

/// What is stored, in bytes: of records their JSON as it is kept, of files what was uploaded.
#[derive(Serialize, JsonSchema)]
struct Storage {
    /// At this moment; what holds nothing is left out.
    now: Vec<StoredResource>,
    /// All of it together.
    total_bytes: i64,
    /// For a day, at today's rate. Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_a_day: Option<DayAmount>,
    /// As measured, the earliest first.
    days: Vec<StoredDay>,
}

#[derive(Serialize, JsonSchema)]
struct StoredResource {
    module: String,
    resource: String,
    /// With archived ones.
    records: i64,
    record_bytes: i64,
    archived_records: i64,
    archived_record_bytes: i64,
    /// Of archived assets too.
    files: i64,
    file_bytes: i64,
    archived_file_bytes: i64,
}

#[derive(Serialize, JsonSchema)]
struct StoredDay {
    /// UTC.
    day: String,
    resources: Vec<StoredResource>,
}

#[derive(Serialize, JsonSchema)]
struct DayAmount {
    /// Millionths of a dollar: `amount_nanos`, rounded half up.
    amount_micros: i64,
    amount_nanos: i64,
    currency: &'static str,
}

impl From<Nanos> for DayAmount {
    fn from(nanos: Nanos) -> Self {
        Self { amount_micros: nanos.rounded().0, amount_nanos: nanos.0, currency: "USD" }
    }
}

impl From<Held> for StoredResource {
    fn from(held: Held) -> Self {
        Self {
            module: held.module,
            resource: held.resource,
            records: held.records,
            record_bytes: held.record_bytes,
            archived_records: held.archived,
            archived_record_bytes: held.archived_bytes,
            files: held.files,
            file_bytes: held.file_bytes,
            archived_file_bytes: held.archived_file_bytes,
        }
    }
}

async fn get(mut call: Call<ReadWorkspace>, query: StorageQuery) -> Result<Answer<ReadWorkspace, Storage>, AppError> {
    let now = call.scope.now();
    let last = day("to", query.to.as_deref())?.unwrap_or_else(|| now.date_naive());
    let first = day("from", query.from.as_deref())?.or_else(|| last.checked_sub_days(Days::new(DAYS - 1))).unwrap_or(last);
    if first > last {
        return Err(AppError::invalid("from", "from is after to. Turn them round."));
    }
    if (last - first).num_days() >= DAYS_MOST {
        return Err(AppError::invalid("from", format!("from and to are more than {DAYS_MOST} days apart. Ask for fewer at a time.")));
    }
    let figures = figures(&mut call.scope, first, last).await?;
    let sees_money = call.caller.holds(MONEY_SCOPE) && call.scope.reach().extent_of(WorkspacePermission::ReadSpend) == Extent::Everything;
    let total_bytes = figures.now.iter().map(Held::bytes).sum();
    let storage = Storage {
        now: figures.now.into_iter().map(StoredResource::from).collect(),
        total_bytes,
        amount_a_day: sees_money.then(|| cost_of_a_day(total_bytes, now).into()),
        days: by_day(figures.days),
    };
    Ok(call.answers(storage))
}

fn day(field: &'static str, said: Option<&str>) -> Result<Option<NaiveDate>, AppError> {
    let Some(text) = said else { return Ok(None) };
    text.parse().map(Some).map_err(|_| AppError::invalid(field, format!("{field} is no day. Write it as 2026-11-21.")))
}

fn by_day(days: Vec<Day>) -> Vec<StoredDay> {
    let mut stored: Vec<StoredDay> = Vec::new();
    for Day { day, held } in days {
        let day = day.to_string();
        match stored.last_mut().filter(|last| last.day == day) {
            Some(last) => last.resources.push(held.into()),
            None => stored.push(StoredDay { day, resources: vec![held.into()] }),
        }
    }
    stored
}
