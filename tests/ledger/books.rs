//! What has to be true of all books at every moment, asked in the database's own words.

use crate::support::{Console, Team};

/// Each finds what is wrong: nothing, where the books are right.
const WRONG: &[(&str, &str)] = &[
    (
        "an entry does not come to nothing",
        "select entry_number::text from ledger_posting group by tenant_id, entry_number having sum(micros) <> 0",
    ),
    (
        "entries have gaps",
        "select head.tenant_id::text from ledger_head as head left join ledger_entry as entry using (tenant_id)
         group by head.tenant_id, head.last_entry
         having count(entry.number) <> head.last_entry or coalesce(max(entry.number), 0) <> head.last_entry",
    ),
    (
        "a balance is not the sum of the ledger",
        "select entry.number || ' ' || entry.key from ledger_entry as entry
         cross join lateral (
             select coalesce(-sum(micros) filter (where account = 'included'), 0) as included,
                    coalesce(-sum(micros) filter (where account = 'prepaid'), 0) as prepaid,
                    coalesce(sum(micros) filter (where account = 'receivable'), 0) as owed
             from ledger_posting as posted
             where posted.tenant_id = entry.tenant_id and posted.entry_number <= entry.number) as summed
         where entry.included_micros <> summed.included or entry.prepaid_micros <> summed.prepaid or entry.owed_micros <> summed.owed",
    ),
    (
        "a line was not charged for what it sums up",
        "select charge.id::text from usage_charge as charge join usage_charge_line as line
           on line.tenant_id = charge.tenant_id and line.charge_id = charge.id
         group by charge.tenant_id, charge.id, charge.nanos, charge.micros
         having sum(line.nanos) <> charge.nanos or sum(line.micros) <> charge.micros",
    ),
    (
        "charges overlap",
        "select charge.id::text from usage_charge as charge join usage_charge as other
           on other.tenant_id = charge.tenant_id and other.id <> charge.id
          and other.from_hour < charge.until_hour and charge.from_hour < other.until_hour",
    ),
    (
        "an event is in no charge, or in two",
        "select event.id::text from usage_event as event
         join ledger_head as head on head.tenant_id = event.tenant_id
         left join usage_late as late on late.tenant_id = event.tenant_id and late.event_id = event.id
         where not exists (select from usage_pending as waiting where waiting.tenant_id = event.tenant_id and waiting.id = event.id)
           and coalesce(late.charge_hour, date_bin('1 hour', event.occurred_at, timestamptz '2000-01-01Z')) < head.open_hour
           and 1 <> (
               select count(*) from usage_charge as charge
               where charge.tenant_id = event.tenant_id
                 and charge.from_hour <= coalesce(late.charge_hour, date_bin('1 hour', event.occurred_at, timestamptz '2000-01-01Z'))
                 and charge.until_hour > coalesce(late.charge_hour, date_bin('1 hour', event.occurred_at, timestamptz '2000-01-01Z')))",
    ),
    (
        "a charge is not the sum of its events",
        "select charge.id::text from usage_charge as charge
         where charge.nanos is distinct from (
             select sum(event.nanos) from usage_event as event
             left join usage_late as late on late.tenant_id = event.tenant_id and late.event_id = event.id
             where event.tenant_id = charge.tenant_id
               and not exists (select from usage_pending as waiting where waiting.tenant_id = event.tenant_id and waiting.id = event.id)
               and coalesce(late.charge_hour, date_bin('1 hour', event.occurred_at, timestamptz '2000-01-01Z')) >= charge.from_hour
               and coalesce(late.charge_hour, date_bin('1 hour', event.occurred_at, timestamptz '2000-01-01Z')) < charge.until_hour)",
    ),
    (
        "what was rounded down is lost",
        "select head.tenant_id::text from ledger_head as head join usage_charge as charge using (tenant_id)
         group by head.tenant_id, head.carried_nanos
         having sum(charge.nanos) <> sum(charge.micros) * 1000 + head.carried_nanos",
    ),
    (
        "a charge is not in the ledger as it was made",
        "select charge.id::text from usage_charge as charge
         left join ledger_entry as entry on entry.tenant_id = charge.tenant_id and entry.charge_id = charge.id
         left join ledger_posting as posted
           on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number and posted.account = 'usage'
         where charge.micros <> coalesce(-posted.micros, 0)",
    ),
    (
        "an invoice is not the sum of its month's entries",
        "select invoice.number::text from invoice
         where invoice.due_micros is distinct from (
             select coalesce(sum(posted.micros), 0) from ledger_entry as entry join ledger_posting as posted
               on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number
             where entry.tenant_id = invoice.tenant_id and entry.period = invoice.period
               and entry.kind <> 'payment' and posted.account = 'receivable')
            or invoice.usage_micros is distinct from coalesce((
             select sum(line.micros) from invoice_line as line
             where line.tenant_id = invoice.tenant_id and line.invoice_number = invoice.number), 0)",
    ),
    (
        "invoices have gaps",
        "select head.tenant_id::text from ledger_head as head left join invoice using (tenant_id)
         group by head.tenant_id, head.last_invoice
         having count(invoice.number) <> head.last_invoice or coalesce(max(invoice.number), 0) <> head.last_invoice",
    ),
    (
        "a month that is closed has something left",
        "select entry.number::text from ledger_entry as entry join ledger_head as head using (tenant_id)
         where entry.period < head.period and entry.included_micros <> 0
           and not exists (select from ledger_entry as later
                           where later.tenant_id = entry.tenant_id and later.period = entry.period and later.number > entry.number)",
    ),
];

pub async fn hold_true(console: &Console) {
    let mut owner = console.database.connect("stoa_owner").await;
    for (wrong, sql) in WRONG {
        let found: Vec<String> = sqlx::query_scalar(*sql).fetch_all(&mut owner).await.unwrap_or_else(|error| panic!("{wrong}: {error}"));
        assert_eq!(found, Vec::<String>::new(), "{wrong}");
    }
}

/// What is included, prepaid and owed, in micro-dollars.
pub async fn balances(console: &Console, team: &Team) -> (i64, i64, i64) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as(
        "select included_micros, prepaid_micros, owed_micros from ledger_entry where tenant_id = $1 order by number desc limit 1",
    )
    .bind(team.tenant.0)
    .fetch_optional(&mut owner)
    .await
    .expect("balances")
    .unwrap_or_default()
}

/// All books, as text.
pub async fn snapshot(console: &Console) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    let mut all = Vec::new();
    for table in
        ["ledger_head", "ledger_entry", "ledger_posting", "usage_charge", "usage_charge_line", "usage_late", "invoice", "invoice_line"]
    {
        let sql = format!("select '{table} ' || kept::text from {table} as kept order by 1");
        all.extend(sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(&mut owner).await.expect("rows"));
    }
    all
}
