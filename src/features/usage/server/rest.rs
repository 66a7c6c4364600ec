//! Usage over the API: the same figures as the chart, and the events behind them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    EventsAsked, Metered as _, Source,
    asked::Asked,
    events::{self, cursor},
    figures::{Figures, Row, figures},
    period::spelt,
    store::Used,
};
use crate::{
    access::workspace::ReadWorkspace,
    error::AppError,
    money::Nanos,
    server::{
        http::{Cursor, door::Parameters},
        rest::{Answer, Call, Named, Operation, PageQuery},
        scope::InWorkspace,
    },
};

/// Beside `usage:read`, what shows amounts of money.
const MONEY_SCOPE: &str = "billing:read";

pub fn operations() -> Vec<Operation> {
    let scope = Some("usage:read");
    vec![
        Operation::read(
            Named::new(
                "usage.list",
                "/usage",
                scope,
                "What the workspace used, added up by hour, day or month. Amounts ask for billing:read too.",
            ),
            list,
        ),
        Operation::read(
            Named::new(
                "usage.events",
                "/usage/events",
                scope,
                "The metered events of the workspace, newest first. Amounts ask for billing:read too.",
            ),
            list_events,
        ),
    ]
}

/// What was used in some time. The sum of the events in it, at the moment of the answer.
#[derive(Serialize, JsonSchema)]
struct UsageFigures {
    /// RFC 3339, UTC.
    from: String,
    /// The first moment that is outside again.
    to: String,
    /// `hour`, `day` or `month`, of the time zone.
    grain: &'static str,
    time_zone: String,
    /// `dimension`, `module`, `credential`, `member`, `operation` or `channel`; null where nothing is split.
    by: Option<&'static str>,
    /// Where something was used, the earliest first; where it is compared, also where something was used as long before.
    rows: Vec<UsageRow>,
    total: UsageTotal,
    /// Of as long a time right before; null where nothing is compared.
    before: Option<UsageBefore>,
}

/// What was used as long before: the sum of `before` of all rows.
#[derive(Serialize, JsonSchema)]
struct UsageBefore {
    from: String,
    to: String,
    events: i64,
    /// Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

/// What was used in the counterpart of a row, as long before.
#[derive(Serialize, JsonSchema)]
struct RowBefore {
    events: i64,
    /// Null where the row has none.
    quantity: Option<i64>,
    /// Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

#[derive(Serialize, JsonSchema)]
struct UsageRow {
    starts_at: String,
    ends_at: String,
    /// Null where it is of several.
    dimension: Option<&'static str>,
    /// `none` is the control plane; null where it is of several.
    module: Option<&'static str>,
    /// `key_…`, also of a key that has ended; `none` is what was used without one; null where it is of several.
    credential_id: Option<String>,
    /// `usr_…`: who acted, or answered for the credential that did; `none` where nobody did; null where it is of several. To a steward
    /// who sees only their own, all others together are `others`.
    user_id: Option<String>,
    /// `members.list`; null where it is of several.
    operation: Option<String>,
    /// `api`, `mcp`, `console` or `system`; null where it is of several.
    channel: Option<&'static str>,
    /// How often something was used: answered calls, attempts and the like.
    events: i64,
    /// How much, in `unit`; null where dimensions with units of their own are together.
    quantity: Option<i64>,
    unit: Option<&'static str>,
    /// Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    /// Null where nothing is compared.
    before: Option<RowBefore>,
}

#[derive(Serialize, JsonSchema)]
struct UsageTotal {
    events: i64,
    /// Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
struct Amount {
    /// Millionths of a dollar: `amount_nanos`, rounded half up.
    amount_micros: i64,
    /// Billionths of a dollar, exact: add these up.
    amount_nanos: i64,
    currency: &'static str,
}

impl Amount {
    fn of(nanos: i64) -> Self {
        Self { amount_micros: Nanos(nanos).rounded().0, amount_nanos: nanos, currency: "USD" }
    }
}

/// One metered event: never changed once it was answered.
#[derive(Serialize, JsonSchema)]
struct UsageEventRow {
    id: String,
    /// RFC 3339, UTC, to the microsecond.
    occurred_at: String,
    /// What was called: `members.list`.
    operation: String,
    dimension: String,
    /// Null for the control plane.
    module: Option<String>,
    quantity: i64,
    /// The first day of the version of the price list that says its rate.
    rate_version: String,
    /// `key_…`
    credential_id: Option<String>,
    /// `usr_…`: who acted, or answered for the credential that did; null where nobody did, or where it is another person than a steward
    /// who sees only their own.
    user_id: Option<String>,
    /// `api`, `mcp`, `console` or `system`.
    channel: String,
    request_id: String,
    /// Absent where the key or its steward may not read the spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

#[derive(Deserialize, JsonSchema)]
struct ListUsage {
    /// A day of the time zone, or a moment (RFC 3339) at a whole quarter of an hour; 30 days before `to` where it is not said.
    from: Option<String>,
    /// A day, which is included, or a moment, which is not; the end of today where it is not said.
    to: Option<String>,
    /// `hour`, `day` or `month`: 1000 of them at most. Without it, what gives some dozens.
    grain: Option<String>,
    /// Split by `dimension`, `module`, `credential`, `member`, `operation` or `channel`; or by `client`, which is by credential of the
    /// channel `mcp` alone.
    by: Option<String>,
    /// Of this dimension alone: `rest.read`.
    dimension: Option<String>,
    /// Of this module alone; `none` is the control plane.
    module: Option<String>,
    /// Of this credential alone, `key_…`; `none` is what was used without one.
    credential: Option<String>,
    /// Of this member alone, `usr_…`; `others` is everybody but the steward, `none` what nobody answered for.
    member: Option<String>,
    /// Of this operation alone: `members.list`.
    operation: Option<String>,
    /// Of what came through this alone: `api`, `mcp`, `console` or `system`.
    channel: Option<String>,
    /// `previous` gives as long a time right before with each figure.
    compare: Option<String>,
    /// Whose days and hours they are: an IANA name. UTC where it is not said.
    time_zone: Option<String>,
}

impl ListUsage {
    fn into_query(self) -> Parameters {
        query([
            ("from", self.from),
            ("to", self.to),
            ("grain", self.grain),
            ("by", self.by),
            ("dimension", self.dimension),
            ("module", self.module),
            ("credential", self.credential),
            ("member", self.member),
            ("operation", self.operation),
            ("channel", self.channel),
            ("compare", self.compare),
            ("time_zone", self.time_zone),
        ])
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListEvents {
    #[serde(flatten)]
    page: PageQuery,
    /// A day (UTC) or a moment (RFC 3339); 30 days before `to` where it is not said.
    from: Option<String>,
    /// A day, which is included, or a moment, which is not; now where it is not said.
    to: Option<String>,
    dimension: Option<String>,
    /// `none` is the control plane.
    module: Option<String>,
    /// `key_…`; `none` is what was used without one.
    credential: Option<String>,
    /// `usr_…`; `others` is everybody but the steward, `none` what nobody answered for.
    member: Option<String>,
    /// `members.list`
    operation: Option<String>,
    /// `api`, `mcp`, `console` or `system`
    channel: Option<String>,
}

fn query<const N: usize>(given: [(&str, Option<String>); N]) -> Parameters {
    given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

async fn list(mut call: Call<ReadWorkspace>, query: ListUsage) -> Result<Answer<ReadWorkspace, UsageFigures>, AppError> {
    let asked = Asked::read_exact(&query.into_query(), call.scope.now()).map_err(AppError::Invalid)?;
    let source = source(&call);
    let figures = figures(&mut call.scope, &source, &asked).await?;
    let amount = |nanos| source.sees_money.then(|| Amount::of(nanos));
    let answer = UsageFigures {
        from: spelt(asked.times.start),
        to: spelt(asked.times.end),
        grain: asked.grain.name(),
        time_zone: asked.zone.to_string(),
        by: Some(asked.by.name()).filter(|name| !name.is_empty()),
        rows: figures.rows.iter().map(|row| usage_row(&figures, row, &asked, amount)).collect(),
        total: UsageTotal { events: figures.total.events, amount: amount(figures.total.nanos) },
        before: figures.before.map(|before| {
            let times = asked.before();
            UsageBefore { from: spelt(times.start), to: spelt(times.end), events: before.events, amount: amount(before.nanos) }
        }),
    };
    Ok(call.answers(answer))
}

fn usage_row(figures: &Figures, row: &Row, asked: &Asked, amount: impl Fn(i64) -> Option<Amount>) -> UsageRow {
    let named = figures.named(row, asked);
    UsageRow {
        starts_at: spelt(row.starts_at),
        ends_at: spelt(row.ends_at),
        dimension: named.dimension,
        module: named.module,
        credential_id: named.credential,
        user_id: named.member,
        operation: named.operation,
        channel: named.channel,
        events: row.events,
        quantity: row.quantity.map(|(quantity, _)| quantity),
        unit: row.quantity.map(|(_, unit)| unit),
        amount: amount(row.nanos),
        before: row.before.map(|before| RowBefore {
            events: before.events,
            quantity: row.quantity.map(|_| before.quantity),
            amount: amount(before.nanos),
        }),
    }
}

async fn list_events(mut call: Call<ReadWorkspace>, given: ListEvents) -> Result<Answer<ReadWorkspace, Vec<UsageEventRow>>, AppError> {
    let (after, most) = (given.page.after::<Cursor>()?, given.page.limit()?);
    let ListEvents { page, from, to, dimension, module, credential, member, operation, channel } = given;
    let query = query([
        ("from", from),
        ("to", to),
        ("dimension", dimension),
        ("module", module),
        ("credential", credential),
        ("member", member),
        ("operation", operation),
        ("channel", channel),
    ]);
    let asked = EventsAsked::read(&query, chrono_tz::Tz::UTC, call.scope.now());
    if !asked.problems.is_empty() {
        return Err(AppError::Invalid(asked.problems));
    }
    let source = source(&call);
    let used = events::list(&mut call.scope, &source, &asked.times, &asked.filter, after.as_ref(), most + 1).await?;
    let (used, next) = page.cut(used, |used| cursor(used).to_string())?;
    let rows: Vec<UsageEventRow> = used.into_iter().map(|used| event_row(used, source.sees_money)).collect();
    Ok(call.answers(rows).continued(next))
}

fn event_row(used: Used, sees_money: bool) -> UsageEventRow {
    UsageEventRow {
        id: used.id.to_string(),
        occurred_at: used.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        operation: used.operation,
        dimension: used.dimension,
        module: used.module,
        quantity: used.quantity,
        rate_version: used.rate_version.to_string(),
        credential_id: used.credential.map(|id| id.to_string()),
        user_id: used.user.map(|id| id.to_string()),
        channel: used.channel,
        request_id: used.request.to_string(),
        amount: sees_money.then(|| Amount::of(used.nanos)),
    }
}

/// Amounts ask for the scope as well as for the steward's permission.
fn source(call: &Call<ReadWorkspace>) -> Source {
    let source = InWorkspace::source(&call.scope);
    let holds = call.caller.holds(MONEY_SCOPE);
    Source { sees_money: source.sees_money && holds, ..source }
}
