//! Millions of rows of the log, as a year of calls would have left them: written by the tables' owner, since one at a time
//! would take hours. They are looked through and taken away, never sealed: their leaves are no hashes of them.

use std::ops::Range;

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::{cli::bench::api::Place, ids::UserId};

/// In one transaction.
const TOGETHER: u32 = 50_000;
/// When the first was written, in milliseconds of 1970; five million take ten months.
const FIRST: i64 = 1_767_225_600_000;
const BETWEEN: i64 = 5_000;
/// People who take turns.
const PEOPLE: u128 = 200;

pub struct Filling {
    owner: PgConnection,
}

/// Who wrote one row in so many.
pub fn person(n: u128) -> UserId {
    UserId(Uuid::from_u128((0x019b_0000_0000 << 80) | (0x7 << 76) | (0x8 << 60) | (n % PEOPLE)))
}

/// When this row was written, in milliseconds of 1970.
pub fn written_at(n: u32) -> i64 {
    FIRST + i64::from(n) * BETWEEN
}

impl Filling {
    pub async fn start(mut owner: PgConnection) -> anyhow::Result<Self> {
        sqlx::query("select ensure_partitions('2026-01-01', 12)").execute(&mut owner).await?;
        Ok(Self { owner })
    }

    /// The rows of these numbers.
    pub async fn fill(&mut self, place: &Place, numbers: Range<u32>) -> anyhow::Result<()> {
        let people: Vec<String> = (0..PEOPLE).map(|n| person(n).to_string()).collect();
        let mut from = numbers.start;
        while from < numbers.end {
            let until = numbers.end.min(from.saturating_add(TOGETHER));
            let mut transaction = self.owner.begin().await?;
            // The table's own switch: it is locked till the rows are in.
            sqlx::query("alter table audit_event disable trigger waits_for_its_seal").execute(&mut *transaction).await?;
            sqlx::query(FILL)
                .bind(place.tenant.0)
                .bind(place.workspace.0)
                .bind(i64::from(from))
                .bind(i64::from(until) - 1)
                .bind(FIRST)
                .bind(BETWEEN)
                .bind(&people)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("alter table audit_event enable trigger waits_for_its_seal").execute(&mut *transaction).await?;
            transaction.commit().await?;
            from = until;
        }
        Ok(())
    }

    /// As a database that has had its rows for a while: vacuumed, and known to the planner.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        sqlx::query("vacuum (analyze) audit_event").execute(&mut self.owner).await?;
        Ok(())
    }

    /// What the table and its indexes take.
    pub async fn room(&mut self) -> anyhow::Result<String> {
        let sql = "select pg_size_pretty(sum(pg_total_relation_size(relid))) || ' with their indexes'
                   from pg_partition_tree('audit_event') where isleaf";
        Ok(sqlx::query_scalar(sql).fetch_one(&mut self.owner).await?)
    }
}

/// Records that are made, changed and archived by people and their keys; one in a thousand is about cedar wood.
const FILL: &str = r"
    insert into audit_event (
        tenant_id, occurred_at, id, log_id, workspace_id, action,
        actor_type, actor_id, actor_name, credential_id, channel, route,
        target_type, target_id, target_name, outcome, reason,
        request_id, ip, user_agent, changes, salts, leaf_version, leaf_hash)
    select $1, to_timestamp(at / 1000.0),
           (lpad(to_hex(at), 12, '0') || '7' || substr(chance, 1, 3) || '8' || substr(chance, 4, 15))::uuid,
           $2, $2, (array['record.task.created', 'record.task.updated', 'record.contact.updated', 'record.task.archived'])[(1 + n % 4)::integer],
           'user', $7[(1 + n % 200)::integer], 'Person ' || n % 200, 'ses_' || substr(chance, 1, 26), 'api', '/api/v1/tasks/{record}',
           'record', 'rec_' || substr(chance, 1, 26),
           case when n % 1000 = 7 then 'Ask for cedar boards, delivery ' else 'Call about the delivery ' end || n,
           case when n % 50 = 0 then 'denied' else 'succeeded' end, case when n % 50 = 0 then 'The key does not hold the scope.' end,
           'req_' || substr(chance, 3, 26), '192.0.2.' || n % 250, 'a-program/1.4 (linux)',
           case when n % 2 = 0 then json_build_array(json_build_object(
               'field', 'title', 'before', 'Call ' || substr(chance, 1, 8), 'after', 'Call again ' || substr(chance, 9, 8))) end,
           decode(repeat(chance, 28), 'hex'), 1, decode(chance || chance, 'hex')
    from (select n, md5(n::text) as chance, $5 + n * $6 as at from generate_series($3::bigint, $4) as n) as numbered
    ";
