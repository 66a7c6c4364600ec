//! Whether the books balance, to the nano-dollar: events, every sum of them, charges, entries and invoices.

use anyhow::ensure;
use sqlx::{AssertSqlSafe, PgConnection};

/// What has to be the same, each with the statement that says it.
const SAME: [(&str, &str); 10] = [
    ("events", "select sum(nanos)::bigint, count(*), sum(quantity)::bigint from usage_event"),
    ("sums by the quarter", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_rollup"),
    ("sums by the hour, of operations", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'hour' and property = 'operation'"),
    ("sums by the day, of dimensions", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'day' and property = 'dimension'"),
    ("sums by the day, of modules", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'day' and property = 'module'"),
    ("sums by the day, of credentials", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'day' and property = 'credential'"),
    ("sums by the day, of members", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'day' and property = 'member'"),
    ("sums by the day, of channels", "select sum(nanos)::bigint, sum(events)::bigint, sum(quantity)::bigint from usage_sum where grain = 'day' and property = 'channel'"),
    ("what was spent by the month", "select sum(nanos)::bigint, null::bigint, null::bigint from usage_spend"),
    (
        "charged, and not yet",
        "select (select coalesce(sum(nanos), 0) from usage_charge_line)::bigint + open.nanos::bigint,
                (select coalesce(sum(events), 0) from usage_charge_line)::bigint + open.events::bigint,
                (select coalesce(sum(quantity), 0) from usage_charge_line)::bigint + open.quantity::bigint
         from (select coalesce(sum(sums.nanos), 0) as nanos, coalesce(sum(sums.events), 0) as events, coalesce(sum(sums.quantity), 0) as quantity
               from usage_rollup as sums join ledger_head as head on head.tenant_id = sums.tenant_id and sums.charge_hour >= head.open_hour) as open",
    ),
];

/// What has to come to nothing.
const NOTHING: [(&str, &str); 5] = [
    ("what waits to be added up", "select count(*) from usage_pending"),
    ("the ledger", "select coalesce(sum(micros), 0)::bigint from ledger_posting"),
    (
        "what was charged beside what the ledger and the remainders hold, in nano-dollars",
        "select (select coalesce(sum(nanos), 0) from usage_charge)::bigint
              - (select coalesce(-sum(posted.micros), 0) * 1000 from ledger_posting as posted where posted.account = 'usage')::bigint
              - (select coalesce(sum(carried_nanos), 0) from ledger_head)::bigint",
    ),
    (
        "charges beside their lines",
        "select count(*) from usage_charge as charge
         where charge.nanos <> (select sum(line.nanos) from usage_charge_line as line where line.tenant_id = charge.tenant_id and line.charge_id = charge.id)",
    ),
    (
        "closed months beside their invoices",
        "select count(*) from invoice
         where usage_micros <> (select coalesce(-sum(posted.micros), 0) from ledger_entry as entry
                                join ledger_posting as posted on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number
                                where entry.tenant_id = invoice.tenant_id and entry.period = invoice.period and entry.kind = 'charge' and posted.account = 'usage')",
    ),
];

/// # Errors
/// Where they do not: a bench whose books do not balance says nothing.
pub async fn hold_true(owner: &mut PgConnection, when: &str) -> anyhow::Result<()> {
    let mut all: Option<(i64, i64, i64)> = None;
    for (what, sql) in SAME {
        let (nanos, events, quantity): (i64, Option<i64>, Option<i64>) = sqlx::query_as(sql).fetch_one(&mut *owner).await?;
        let expected = *all.get_or_insert((nanos, events.unwrap_or_default(), quantity.unwrap_or_default()));
        let found = (nanos, events.unwrap_or(expected.1), quantity.unwrap_or(expected.2));
        ensure!(found == expected, "{when}: {what} are {found:?} (nano-dollars, events, quantity), and not {expected:?}");
    }
    for (what, sql) in NOTHING {
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut *owner).await?;
        ensure!(left == 0, "{when}: {what}: {left}, and not 0");
    }
    let (nanos, events, _) = all.unwrap_or_default();
    println!("books, {when}: {events} events of {nanos} nano-dollars in every sum, charge and entry: balanced");
    Ok(())
}
