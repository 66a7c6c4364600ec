//! A workspace's spend and its caps over the API. No pause blocks them.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    caps::{self, CapOf, Wanted},
    ledger,
    month::{self, AlertLine, CapLine},
    percents::{self, Percents},
};
use crate::{
    access::{
        Extent,
        workspace::{ManageSettings, ReadSpend},
    },
    error::AppError,
    ids::{ApiKeyId, WorkspaceId},
    money::Micros,
    server::rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant},
};

const READ: &str = "billing:read";

pub fn operations() -> Vec<Operation> {
    let write = Some("settings:write");
    vec![
        Operation::read(
            Named::new("billing.get", "/billing", Some(READ), "What the workspace spent this month, its caps, and what is paused."),
            get,
        ),
        Operation::read(
            Named::new(
                "invoice_lines.list",
                "/billing/invoice-lines",
                Some(READ),
                "Lists what of the account's invoices is for this workspace, the latest first.",
            ),
            list_invoice_lines,
        ),
        Operation::write(
            Method::PUT,
            Named::new("spend_caps.set", "/billing/caps/{of}", write, "Sets the spend cap of the workspace (ws_…) or of a key (key_…)."),
            StatusCode::OK,
            set,
        ),
        Operation::write(
            Method::DELETE,
            Named::new(
                "spend_caps.remove",
                "/billing/caps/{of}",
                write,
                "Removes the spend cap of the workspace (ws_…) or of a key (key_…).",
            ),
            StatusCode::OK,
            remove,
        ),
        Operation::write(
            Method::PUT,
            Named::new(
                "spend_alerts.choose",
                "/billing/alerts",
                write,
                "Chooses at which percentages of the caps of the workspace and its keys people are told.",
            ),
            StatusCode::OK,
            choose_alerts,
        ),
    ]
}

/// What a workspace spent in the month that runs. Of whoever sees only their own: with the keys that they answer for.
#[derive(Serialize, JsonSchema)]
struct Billing {
    month: Period,
    /// Nano-dollars (1 USD = 1000000000), added up within a second or so.
    spent_nanos: i64,
    dimensions: Vec<DimensionUse>,
    caps: Vec<SpendCap>,
    /// At which percentages of these caps people are told.
    alert_percents: Vec<i16>,
    /// What was reached of limits this month, the latest first.
    alerts: Vec<SpendAlert>,
    /// How the month ends if it goes on as lately; null where something was used for less than a day.
    forecast: Option<Forecast>,
    /// What stops billable calls of this key now; null where they run.
    paused: Option<Paused>,
}

#[derive(Serialize, JsonSchema)]
struct Period {
    /// RFC 3339, UTC.
    begins_at: String,
    ends_at: String,
}

#[derive(Serialize, JsonSchema)]
struct DimensionUse {
    /// `rest.read`
    dimension: String,
    quantity: i64,
    spent_nanos: i64,
}

/// How much may be spent in a calendar month (UTC).
#[derive(Serialize, JsonSchema)]
struct SpendCap {
    /// The workspace (`ws_…`) or key (`key_…`) that it is of.
    of: String,
    /// Micro-dollars (1 USD = 1000000).
    limit_micros: i64,
    /// A hard cap refuses billable calls; a soft one tells the workspace's owners and admins.
    hard: bool,
    /// Null for a calling key without `billing:read`.
    spent_nanos: Option<i64>,
    version: i64,
}

/// So much of a limit was reached: once each in a month.
#[derive(Serialize, JsonSchema)]
struct SpendAlert {
    /// The workspace (`ws_…`) or key (`key_…`) whose cap it was.
    of: String,
    /// `50`, `80`, `95` or `100`.
    percent: i16,
    /// Micro-dollars (1 USD = 1000000), as it was then.
    limit_micros: i64,
    spent_nanos: i64,
    /// RFC 3339, UTC.
    reached_at: String,
    /// Whether people were told: not of what is not chosen, nor of what was reached together with a higher one.
    told: bool,
}

/// An assumption: that it goes on at the pace of the last seven days, or since something was used first.
#[derive(Serialize, JsonSchema)]
struct Forecast {
    /// What is spent by the end of the month.
    spent_nanos: i64,
    /// The pace: so much in so many seconds.
    pace_nanos: i64,
    pace_seconds: i64,
    /// The same in words.
    assumes: String,
}

#[derive(Serialize, JsonSchema)]
struct Paused {
    /// `balance_exhausted`, `tenant_cap`, `workspace_cap` or `credential_cap`.
    reason: &'static str,
    since: String,
    resets_at: String,
}

impl From<CapLine> for SpendCap {
    fn from(cap: CapLine) -> Self {
        Self { of: cap.of.to_string(), limit_micros: cap.limit.0, hard: cap.hard, spent_nanos: Some(cap.spent.0), version: cap.version }
    }
}

impl From<AlertLine> for SpendAlert {
    fn from(line: AlertLine) -> Self {
        let of = match (line.workspace, line.credential) {
            (_, Some(key)) => CapOf::Key(ApiKeyId(key)),
            (Some(workspace), None) => CapOf::Workspace(WorkspaceId(workspace)),
            (None, None) => CapOf::Account,
        };
        Self {
            of: of.to_string(),
            percent: line.percent,
            limit_micros: line.limit.0,
            spent_nanos: line.spent.0,
            reached_at: instant(line.at),
            told: line.told,
        }
    }
}

async fn get(mut call: Call<ReadSpend>, _: Nothing) -> Result<Answer<ReadSpend, Billing>, AppError> {
    let figures = month::of_workspace(&mut call.scope).await?;
    let paused = call.standing.pause().map(|pause| Paused {
        reason: pause.reason.name(),
        since: pause.since.clone(),
        resets_at: pause.resets_at.clone(),
    });
    let used = figures.used.into_iter();
    let billing = Billing {
        month: Period { begins_at: instant(figures.month.begins), ends_at: instant(figures.month.ends) },
        spent_nanos: figures.total.0,
        dimensions: used.map(|used| DimensionUse { dimension: used.dimension, quantity: used.quantity, spent_nanos: used.nanos }).collect(),
        caps: figures.caps.into_iter().map(SpendCap::from).collect(),
        forecast: figures.outlook.pace.zip(figures.outlook.by_end).map(|(pace, by_end)| Forecast {
            spent_nanos: by_end.0,
            pace_nanos: pace.nanos,
            pace_seconds: pace.seconds,
            assumes: pace.says(),
        }),
        alert_percents: figures.outlook.percents.list().to_vec(),
        alerts: figures.outlook.alerts.into_iter().map(SpendAlert::from).collect(),
        paused,
    };
    Ok(call.answers(billing))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListInvoiceLines {
    #[serde(flatten)]
    page: PageQuery,
}

/// What was used of one dimension, in one month, at one rate, as an invoice has it. Invoices are never changed.
#[derive(Serialize, JsonSchema)]
struct InvoiceLine {
    /// The account's invoices have numbers from 1 on.
    invoice: i64,
    /// The month in which it was used, `2026-11`: another one than the invoice's where it came late.
    month: String,
    dimension: String,
    /// From which day on the rate holds.
    rate_version: String,
    events: i64,
    quantity: i64,
    /// Nano-dollars (1 USD = 1000000000). Absent where the key's steward reads the spend of their own keys alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_nanos: Option<i64>,
    /// Micro-dollars (1 USD = 1000000): what is left in rounding down is in the account's next line.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_micros: Option<i64>,
}

async fn list_invoice_lines(mut call: Call<ReadSpend>, query: ListInvoiceLines) -> Result<Answer<ReadSpend, Vec<InvoiceLine>>, AppError> {
    let after = query.page.after::<ledger::Place>()?;
    let lines = ledger::billed(&mut call.scope, after, query.page.limit()? + 1).await?;
    let (lines, next) = query.page.cut(lines, |line| line.place().to_string())?;
    let sees_money = call.scope.reach().extent() == Extent::Everything;
    let lines: Vec<InvoiceLine> = lines
        .into_iter()
        .map(|line| InvoiceLine {
            invoice: line.invoice,
            month: line.month.format("%Y-%m").to_string(),
            dimension: line.dimension,
            rate_version: line.rate_version.to_string(),
            events: line.events,
            quantity: line.quantity,
            used_nanos: sees_money.then_some(line.nanos),
            amount_micros: sees_money.then_some(line.micros),
        })
        .collect();
    Ok(call.answers(lines).continued(next))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetCap {
    /// Micro-dollars (1 USD = 1000000), 0 to 10000000000000.
    limit_micros: i64,
    /// Whether billable calls are refused when it is reached.
    hard: bool,
}

async fn set(mut call: Call<ManageSettings>, input: SetCap) -> Result<Answer<ManageSettings, SpendCap>, AppError> {
    let of: CapOf = call.named("of")?;
    let micros = Micros(input.limit_micros);
    if !micros.is_in_reach() {
        return Err(AppError::invalid("limit_micros", "limit_micros is not from 0 to 10000000000000."));
    }
    keeps_itself_in_bounds(&call, of)?;
    let version = call.version();
    caps::set(&mut call.scope, of, Wanted { micros, hard: input.hard }, version).await?;
    let figures = month::of_workspace(&mut call.scope).await?;
    let cap = figures.caps.into_iter().find(|cap| cap.of == of).ok_or(AppError::Internal)?;
    let version = cap.version;
    let reads = call.caller.holds(READ);
    let cap = SpendCap { spent_nanos: reads.then_some(cap.spent.0), ..cap.into() };
    Ok(call.answers(cap).at_version(version))
}

#[derive(Serialize, JsonSchema)]
struct Removed {
    of: String,
    removed: bool,
}

async fn remove(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, Removed>, AppError> {
    let of: CapOf = call.named("of")?;
    keeps_itself_in_bounds(&call, of)?;
    let version = call.version();
    caps::remove(&mut call.scope, of, version).await?;
    Ok(call.answers(Removed { of: of.to_string(), removed: true }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChooseAlerts {
    /// Of `50`, `80` and `95`; `100` is always told, whether it is named or not.
    percents: Vec<i16>,
}

#[derive(Serialize, JsonSchema)]
struct ChosenAlerts {
    percents: Vec<i16>,
}

async fn choose_alerts(mut call: Call<ManageSettings>, input: ChooseAlerts) -> Result<Answer<ManageSettings, ChosenAlerts>, AppError> {
    let chosen = Percents::read(&input.percents)?;
    percents::choose_for_workspace(&mut call.scope, &chosen).await?;
    Ok(call.answers(ChosenAlerts { percents: chosen.list().to_vec() }))
}

/// What bounds a key is not the key's own to move.
fn keeps_itself_in_bounds(call: &Call<ManageSettings>, of: CapOf) -> Result<(), AppError> {
    if of == CapOf::Key(call.caller.key) {
        return Err(AppError::Conflict("A key does not change its own spend cap. Use another key, or the console.".to_owned()));
    }
    Ok(())
}
