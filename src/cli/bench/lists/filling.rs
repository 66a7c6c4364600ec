//! Millions of tasks, as so many calls would have left them: written by the tables' owner, since one at a time would take
//! hours.

use std::ops::Range;

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::Place;
use crate::{ids::RecordId, server::Stoa};

/// In one transaction.
const TOGETHER: u32 = 50_000;
/// When the first was added, in milliseconds of 1970; each came a tenth of a second after the one before.
const FIRST: u64 = 1_767_225_600_000;
const BETWEEN: u64 = 100;

pub struct Filling {
    /// Not of a pool, whose statements end when they take long.
    owner: PgConnection,
}

impl Filling {
    pub async fn start(stoa: &Stoa) -> anyhow::Result<Self> {
        let url = stoa.config.database.owner_url.as_ref().context("database.owner_url: is needed to fill tables")?;
        Ok(Self { owner: PgConnection::connect(url).await? })
    }

    /// The tasks of these numbers.
    pub async fn fill(&mut self, place: &Place, numbers: Range<u32>) -> anyhow::Result<()> {
        let mut from = numbers.start;
        while from < numbers.end {
            let until = numbers.end.min(from.saturating_add(TOGETHER));
            sqlx::query(FILL)
                .bind(place.tenant.0)
                .bind(place.workspace.0)
                .bind(i64::from(from))
                .bind(i64::from(until) - 1)
                .bind(i64::try_from(FIRST)?)
                .bind(i64::try_from(BETWEEN)?)
                .execute(&mut self.owner)
                .await?;
            from = until;
        }
        Ok(())
    }

    /// As a database that has had its rows for a while: vacuumed, and known to the planner.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        for settling in ["vacuum (analyze) record", "vacuum (analyze) record_value"] {
            sqlx::query(settling).execute(&mut self.owner).await?;
        }
        Ok(())
    }

    /// What the tables and their indexes take.
    pub async fn room(&mut self) -> anyhow::Result<String> {
        let sql = "select format('record %s, record_value %s with their indexes', pg_size_pretty(pg_total_relation_size('record')),
                                 pg_size_pretty(pg_total_relation_size('record_value')))";
        Ok(sqlx::query_scalar(sql).fetch_one(&mut self.owner).await?)
    }
}

/// The id of the task in the middle of so many. Its random part is below all that are given.
pub fn middle(tasks: u32) -> RecordId {
    let milliseconds = FIRST + u64::from(tasks / 2) * BETWEEN;
    RecordId(Uuid::from_u128((u128::from(milliseconds) << 80) | (0x7 << 76) | (0x8 << 60)))
}

/// One in ten is completed, and half have a day. Titles come in no order. `record_value` as `Values::of` makes it.
const FILL: &str = r#"
    with numbered as (
        select n, md5(n::text) as chance, $5 + n * $6 as at from generate_series($3::bigint, $4) as n
    ), made as (
        insert into record (
            tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search,
            created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at)
        select $1, $2,
               (lpad(to_hex(at), 12, '0') || '7' || substr(chance, 1, 3) || '8' || substr(chance, 4, 15))::uuid,
               'tasks', 'task', case when n % 10 = 0 then 'completed' else 'open' end,
               jsonb_strip_nulls(jsonb_build_object(
                   'title', 'Call ' || substr(chance, 1, 12) || ' about delivery ' || n,
                   'description', 'They asked for it on Monday, and again on Tuesday.',
                   'due', case when n % 2 = 0 then to_char(date '2026-01-01' + (n % 365)::integer, 'YYYY-MM-DD') end,
                   'completed_at', case when n % 10 = 0
                                   then to_char(to_timestamp(at / 1000.0) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end)),
               '{}', 'call ' || substr(chance, 1, 12) || ' about delivery ' || n
                     || E'\nthey asked for it on monday, and again on tuesday.',
               'api_key', 'bench', 'api_key', 'bench', to_timestamp(at / 1000.0), to_timestamp(at / 1000.0)
        from numbered
        returning id, status, data, bytes
    ), indexed as (
        insert into record_value (tenant_id, workspace_id, record_id, resource, field, text_value, time_value)
        select $1, $2, made.id, 'task', held.field, held.text_value, held.time_value
        from made cross join lateral (values
            ('status', made.status, null::timestamptz),
            ('title', lower(made.data ->> 'title'), null),
            ('due', null, (made.data ->> 'due')::timestamp at time zone 'utc'),
            ('completed_at', null, (made.data ->> 'completed_at')::timestamptz)) as held (field, text_value, time_value)
        where num_nonnulls(held.text_value, held.time_value) = 1
    )
    insert into record_count as known (tenant_id, workspace_id, module, resource, records, archived, bytes)
    select $1, $2, 'tasks', 'task', count(*), 0, sum(bytes) from made
    on conflict (tenant_id, workspace_id, module, resource) do update
    set records = known.records + excluded.records, bytes = known.bytes + excluded.bytes
    "#;
