//! The SQL that reads the books: balances, entries, charges and invoices.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    access::AskWorkspace,
    error::AppError,
    features::billing::server::ledger::{
        Balances, Billed, Funds, Place,
        funds::is_current,
        invoices::{Invoice, InvoiceLine, Issued},
        reading::{Covered, Entry, Posting},
    },
    ids::TenantId,
    money::{Micros, Nanos},
    server::scope::{Reach, Scope, WorkspaceScope},
};

/// As the last entry left them.
pub async fn balances<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Balances, AppError> {
    let row = sqlx::query!(
        "select included_micros, prepaid_micros, owed_micros from ledger_entry where tenant_id = $1 order by number desc limit 1",
        tenant.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(row.map_or_else(Balances::default, |row| Balances {
        included: Micros(row.included_micros),
        prepaid: Micros(row.prepaid_micros),
        owed: Micros(row.owed_micros),
    }))
}

/// From when on nothing is charged, and what was used since in nano-dollars, the remainder of the last charge included.
pub async fn accrued<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(DateTime<Utc>, Nanos), AppError> {
    let row = sqlx::query!(
        r#"
        select head.open_hour as since,
               (head.carried_nanos + coalesce((
                    select sum(sums.nanos) from usage_rollup as sums
                    where sums.tenant_id = head.tenant_id and sums.charge_hour >= head.open_hour), 0))::bigint as "nanos!"
        from ledger_head as head
        where head.tenant_id = $1
        "#,
        tenant.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok((row.since, Nanos(row.nanos)))
}

/// One statement: whatever is charged meanwhile, what was used is in it once. `month` is the one that runs.
pub async fn funds<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, month: NaiveDate) -> Result<Funds, AppError> {
    let row = sqlx::query!(
        r#"
        select head.period, coalesce(last.included_micros, 0) as "included!", coalesce(last.prepaid_micros, 0) as "prepaid!",
               booked.granted as "granted!", booked.given as "given!", booked.prepaid_used as "prepaid_used!",
               (head.carried_nanos + accrued.before)::bigint as "before!", accrued.since as "since!",
               coalesce((
                   select sum(spent.nanos) from usage_spend as spent
                   where spent.tenant_id = head.tenant_id and spent.month = $2), 0)::bigint as "spent!"
        from ledger_head as head
        left join ledger_entry as last on last.tenant_id = head.tenant_id and last.number = head.last_entry
        cross join lateral (
            select coalesce(-sum(posted.micros) filter (where entry.kind <> 'charge' and entry.made_by = 'system' and posted.account = 'included'), 0)::bigint as granted,
                   coalesce(-sum(posted.micros) filter (where entry.kind = 'grant' and entry.made_by <> 'system' and posted.account = 'included'), 0)::bigint as given,
                   coalesce(sum(posted.micros) filter (where entry.kind = 'charge' and posted.account = 'prepaid'), 0)::bigint as prepaid_used
            from ledger_entry as entry
            join ledger_posting as posted on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number
            where entry.tenant_id = head.tenant_id and entry.period = head.period) as booked
        cross join lateral (
            select coalesce(sum(sums.nanos) filter (where sums.charge_hour < ($2::date::timestamp at time zone 'UTC')), 0)::bigint as before,
                   coalesce(sum(sums.nanos) filter (where sums.charge_hour >= ($2::date::timestamp at time zone 'UTC')), 0)::bigint as since
            from usage_rollup as sums
            where sums.tenant_id = head.tenant_id and sums.charge_hour >= head.open_hour) as accrued
        where head.tenant_id = $1
        "#,
        tenant.0,
        month,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(Funds {
        is_current: is_current(row.period, month),
        included: Micros(row.included),
        prepaid: Micros(row.prepaid),
        granted: Micros(row.granted),
        given: Micros(row.given),
        prepaid_used: Micros(row.prepaid_used),
        accrued_before: Nanos(row.before),
        accrued: Nanos(row.since),
        spent: Nanos(row.spent),
    })
}

/// Entries, the latest first, from before the number `before` on.
pub async fn entries<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, before: i64, most: i64) -> Result<Vec<Entry>, AppError> {
    let entries = sqlx::query_as!(
        Entry,
        r#"
        select entry.number, entry.key, entry.kind, entry.period, entry.posted_at, entry.made_by, entry.reason, entry.charge_id,
               charge.from_hour as "from_hour?", charge.until_hour as "until_hour?",
               (select sum(posted.micros) from ledger_posting as posted
                where posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number and posted.micros > 0)::bigint as "micros!",
               entry.included_micros as included, entry.prepaid_micros as prepaid, entry.owed_micros as owed
        from ledger_entry as entry
        left join usage_charge as charge on charge.tenant_id = entry.tenant_id and charge.id = entry.charge_id
        where entry.tenant_id = $1 and entry.number < $2
        order by entry.number desc
        limit $3
        "#,
        tenant.0,
        before,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(entries)
}

pub async fn postings<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, number: i64) -> Result<Vec<Posting>, AppError> {
    let postings = sqlx::query_as!(
        Posting,
        "select account, micros from ledger_posting where tenant_id = $1 and entry_number = $2 order by micros desc, account",
        tenant.0,
        number,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(postings)
}

/// The lines of a charge.
pub async fn covered<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, charge: Uuid) -> Result<Vec<Covered>, AppError> {
    let lines = sqlx::query_as!(
        Covered,
        "select workspace_id as workspace, month, dimension, rate_version, events, quantity, nanos, micros
         from usage_charge_line
         where tenant_id = $1 and charge_id = $2
         order by line",
        tenant.0,
        charge,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(lines)
}

/// The latest first.
pub async fn invoices<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, most: i64) -> Result<Vec<Issued>, AppError> {
    let issued = sqlx::query_as!(
        Issued,
        "select number, period, issued_at, price_micros as price, usage_micros as used, due_micros as due
         from invoice
         where tenant_id = $1
         order by number desc
         limit $2",
        tenant.0,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(issued)
}

pub async fn invoice<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, number: i64) -> Result<Option<Invoice>, AppError> {
    let invoice = sqlx::query_as!(
        Invoice,
        r#"
        select number, period, issued_at, tenant_name, plan, plan_name, price_micros as price, usage_micros as used,
               included_micros as included, prepaid_micros as prepaid, waived_micros as waived, adjusted_micros as adjusted,
               due_micros as due, first_entry, last_entry
        from invoice
        where tenant_id = $1 and number = $2
        "#,
        tenant.0,
        number,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(invoice)
}

pub async fn invoice_lines<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, number: i64) -> Result<Vec<InvoiceLine>, AppError> {
    let lines = sqlx::query_as!(
        InvoiceLine,
        "select workspace_id as workspace, workspace_name as name, month, dimension, rate_version, events, quantity, nanos, micros
         from invoice_line
         where tenant_id = $1 and invoice_number = $2
         order by line",
        tenant.0,
        number,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(lines)
}

/// Of the scope's workspace alone: the latest invoice first, from before the place on.
pub async fn billed<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, before: Place, most: i64) -> Result<Vec<Billed>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let lines = sqlx::query_as!(
        Billed,
        "select invoice_number as invoice, line, month, dimension, rate_version, events, quantity, nanos, micros
         from invoice_line
         where tenant_id = $1 and workspace_id = $2 and (invoice_number, line) < ($3, $4)
         order by invoice_number desc, line desc
         limit $5",
        tenant.0,
        workspace.0,
        before.0,
        before.1,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(lines)
}
