//! Millions of events of many workspaces, as two months of calls would have left them, with every sum that the server would
//! have made of them: written by the tables' owner, since one at a time would take hours. `books` holds all of it together.

use anyhow::Context as _;
use chrono::{DateTime, DurationRound as _, Months, NaiveTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::WORKSPACES_TOGETHER;
use crate::{
    cli::bench::sample::{self, Team},
    ids::{TenantId, WorkspaceId},
    server::{
        Stoa,
        plans::{self, Dimension},
        standing::month_of,
    },
};

/// In one statement.
const TOGETHER: u32 = 100_000;
/// Who works in the largest workspace, and with how many keys.
const PEOPLE: usize = 10;
const KEYS: usize = 20;
/// In the others.
const KEYS_ELSEWHERE: usize = 3;

/// Where something is used, by whom, and how much of a million.
#[derive(Clone, Debug)]
pub struct Place {
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    keys: Vec<Uuid>,
    people: Vec<Uuid>,
    share: u64,
}

pub struct Filling {
    owner: PgConnection,
    /// The largest first.
    places: Vec<Place>,
    pub largest: Team,
    pub empty: Team,
    /// As many rows in each table as in the largest, and few events.
    pub small: Team,
    small_place: Place,
    /// The first of last month.
    pub first: DateTime<Utc>,
    /// What is used later is the server's own to take in.
    until: DateTime<Utc>,
}

impl Place {
    pub fn key(&self, n: u32) -> Uuid {
        self.keys[n as usize % self.keys.len()]
    }

    pub fn person(&self, n: u32) -> Uuid {
        self.people[n as usize % self.people.len()]
    }
}

impl Filling {
    /// Teams, people and keys; nothing is used yet.
    pub async fn start(stoa: &Stoa, workspaces: u32) -> anyhow::Result<Self> {
        let now = stoa.clock.now();
        let month = month_of(now).checked_sub_months(Months::new(1)).context("a month before")?;
        let first = month.and_time(NaiveTime::MIN).and_utc();
        let until = now.duration_trunc(TimeDelta::hours(1))? - TimeDelta::hours(1);
        let mut owner = super::owner(stoa).await?;
        sqlx::query("select ensure_partitions($1, 4)").bind(month).execute(&mut owner).await?;

        let largest = sample::team_of(stoa, 1, PEOPLE, "team").await?;
        let small = sample::team_of(stoa, 1, PEOPLE, "team").await?;
        let empty = sample::team_of(stoa, 1, 1, "team").await?;
        let mut places = vec![worked_in(stoa, &mut owner, &largest).await?];
        let small_place = worked_in(stoa, &mut owner, &small).await?;
        while places.len() < workspaces as usize {
            let many = WORKSPACES_TOGETHER.min(workspaces as usize - places.len());
            let team = sample::team_of(stoa, many, 1, "team").await?;
            let people = people_of(&mut owner, team.tenant).await?;
            places.extend(team.workspaces.into_iter().map(|workspace| Place {
                tenant: team.tenant,
                workspace,
                // Keys that are gone by now.
                keys: (0..KEYS_ELSEWHERE).map(|_| crate::server::chance::uuid(now)).collect(),
                people: people.clone(),
                share: 0,
            }));
        }
        share_out(&mut places);
        let mut filling = Self { owner, places, largest, empty, small, small_place, first, until };
        filling.set_books_back(month).await?;
        Ok(filling)
    }

    /// The books begin with the first event.
    async fn set_books_back(&mut self, month: chrono::NaiveDate) -> anyhow::Result<()> {
        let tenants: Vec<Uuid> = self.places.iter().chain([&self.small_place]).map(|place| place.tenant.0).collect();
        sqlx::query("update ledger_head set period = $2, open_hour = $3 where tenant_id = any ($1)")
            .bind(tenants)
            .bind(month)
            .bind(self.first)
            .execute(&mut self.owner)
            .await?;
        Ok(())
    }

    pub fn places(&self) -> Vec<Place> {
        self.places.clone()
    }

    pub fn tenants(&self) -> usize {
        let mut tenants: Vec<TenantId> = self.places.iter().map(|place| place.tenant).collect();
        tenants.sort();
        tenants.dedup();
        tenants.len()
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.owner
    }

    /// So many in all, and a few in the small one.
    pub async fn fill(&mut self, events: u32) -> anyhow::Result<()> {
        let (places, small) = (self.places.clone(), self.small_place.clone());
        for place in &places {
            let many = u32::try_from(u64::from(events) * place.share / 1_000_000)?.max(1);
            self.fill_place(place, many).await?;
        }
        let days = u32::try_from((self.until - self.first).num_days())?;
        // Each of its people and operations on each day.
        self.fill_place(&small, days * u32::try_from(PEOPLE * 8)?).await?;
        for table in ["usage_event", "usage_rollup", "usage_sum", "usage_spend", "usage_pending", "usage_late", "ledger_head"] {
            sqlx::query(AssertSqlSafe(format!("vacuum (analyze) {table}"))).execute(&mut self.owner).await?;
        }
        Ok(())
    }

    async fn fill_place(&mut self, place: &Place, many: u32) -> anyhow::Result<()> {
        let rate = |dimension| plans::rate(dimension, self.until).nanos;
        let version = plans::rate(Dimension::RestRead, self.until).version;
        let between = (self.until - self.first).num_microseconds().context("two months")? / i64::from(many);
        let mut from = 0;
        while from < many {
            let until = many.min(from.saturating_add(TOGETHER));
            sqlx::query(EVENTS)
                .bind(place.tenant.0)
                .bind(place.workspace.0)
                .bind(i64::from(from))
                .bind(i64::from(until) - 1)
                .bind(self.first)
                .bind(between)
                .bind(&place.keys)
                .bind(&place.people)
                .bind(rate(Dimension::RestRead))
                .bind(rate(Dimension::RestWrite))
                .bind(rate(Dimension::McpCall))
                .bind(version)
                .bind(self.until)
                .execute(&mut self.owner)
                .await?;
            from = until;
        }
        for sums in [ROLLUPS, SPENT, SUMS] {
            sqlx::query(sums).bind(place.tenant.0).bind(place.workspace.0).bind(self.until).execute(&mut self.owner).await?;
        }
        Ok(())
    }

    /// What the tables and their indexes take.
    pub async fn room(&mut self) -> anyhow::Result<String> {
        let sql = "select format('%s events of %s workspaces (%s in the largest), %s with their indexes; %s sums by the quarter (%s), %s by hour and day (%s)',
                       (select count(*) from usage_event), (select count(distinct workspace_id) from usage_event),
                       (select count(*) from usage_event where tenant_id = $1),
                       (select pg_size_pretty(sum(pg_total_relation_size(relid))) from pg_partition_tree('usage_event') where isleaf),
                       (select count(*) from usage_rollup), pg_size_pretty(pg_total_relation_size('usage_rollup')),
                       (select count(*) from usage_sum), pg_size_pretty(pg_total_relation_size('usage_sum')))";
        Ok(sqlx::query_scalar(sql).bind(self.largest.tenant.0).fetch_one(&mut self.owner).await?)
    }
}

/// A fifth is the largest one's; of the others, each has less than the one before it.
fn share_out(places: &mut [Place]) {
    let weight = |place: usize| 1_000_000 / (place as u64 + 4);
    let whole: u64 = (1..places.len()).map(weight).sum();
    for (n, place) in places.iter_mut().enumerate() {
        place.share = if n == 0 { 200_000 } else { 800_000 * weight(n) / whole };
    }
}

async fn worked_in(stoa: &Stoa, owner: &mut PgConnection, team: &Team) -> anyhow::Result<Place> {
    let mut scope = sample::keyring(stoa, &team.owner).await?;
    let keys = sample::add_keys(&mut scope, KEYS, &["tasks:read"]).await?.into_iter().map(|made| made.key.id.0).collect();
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    scope.commit().await?;
    Ok(Place { tenant, workspace, keys, people: people_of(owner, tenant).await?, share: 0 })
}

async fn people_of(owner: &mut PgConnection, tenant: TenantId) -> anyhow::Result<Vec<Uuid>> {
    let sql = "select user_id from tenant_membership where tenant_id = $1 order by user_id";
    Ok(sqlx::query_scalar(sql).bind(tenant.0).fetch_all(owner).await?)
}

/// Reads, writes and calls of agents by keys, each in the hands of somebody; more by day than by night, and one key uses half.
const EVENTS: &str = r"
    insert into usage_event (
        tenant_id, occurred_at, id, workspace_id, dimension, module, operation, quantity, nanos, rate_version, credential_id, user_id,
        channel, request_id)
    select $1, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(chance, 1, 3) || '8' || substr(chance, 4, 15))::uuid,
           $2, used.dimension, used.module, used.operation, 1, used.nanos, $12, key, person, used.channel,
           (substr(chance, 9, 12) || '4' || substr(chance, 1, 3) || '8' || substr(chance, 4, 15))::uuid
    from (
        select n, md5($2::text || n) as chance, ('x' || substr(md5(n || $2::text), 1, 6))::bit(24)::integer as dice
        from generate_series($3::bigint, $4) as n) as numbered
    -- By night it waits for the morning, every other time.
    cross join lateral (select $5::timestamptz + (n * $6) * interval '1 microsecond' as even) as evenly
    cross join lateral (
        select case when extract(hour from even at time zone 'UTC') < 6 and dice % 2 = 0 and even + interval '9 hours' < $13
                    then even + interval '9 hours' else even end as at) as moment
    cross join lateral (
        select ($7::uuid[])[1 + case when dice % 2 = 0 then 0 else dice / 2 % cardinality($7::uuid[]) end] as key,
               ($8::uuid[])[1 + dice / 64 % cardinality($8::uuid[])] as person) as whose
    cross join lateral (
        select * from (values
            (0, 'rest.read', 'tasks', 'tasks.list', 'api', $9::bigint), (1, 'rest.read', 'tasks', 'tasks.get', 'api', $9),
            (2, 'rest.write', 'tasks', 'tasks.create', 'api', $10::bigint), (3, 'rest.write', 'tasks', 'tasks.update', 'api', $10),
            (4, 'rest.read', 'crm', 'contacts.list', 'api', $9), (5, 'rest.write', 'crm', 'contacts.create', 'api', $10),
            (6, 'mcp.call', 'tasks', 'tasks.search', 'mcp', $11::bigint), (7, 'workspace.operation', null, 'members.list', 'api', 0))
            as kinds (place, dimension, module, operation, channel, nanos)
        where kinds.place = dice / 1024 % 8) as used";

/// As `roll_up_usage` adds them up, where nothing is late.
const ROLLUPS: &str = r"
    insert into usage_rollup (
        tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
        channel, rate_version, charge_hour, events, quantity, nanos)
    select used.tenant_id, used.workspace_id, date_bin('15 minutes', used.occurred_at, timestamptz '2000-01-01 00:00:00+00'),
           used.dimension, used.module, used.operation, used.credential_id, used.user_id, used.project_id, used.environment,
           used.channel, used.rate_version, date_bin('1 hour', used.occurred_at, timestamptz '2000-01-01 00:00:00+00'),
           count(*), sum(used.quantity)::bigint, sum(used.nanos)::bigint
    from usage_event as used
    where used.tenant_id = $1 and used.workspace_id = $2 and used.occurred_at < $3
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13";

const SPENT: &str = r"
    insert into usage_spend as sums (tenant_id, month, workspace_id, credential_id, nanos)
    select used.tenant_id, date_trunc('month', used.starts_at at time zone 'UTC')::date, used.workspace_id, used.credential_id,
           sum(used.nanos)::bigint
    from usage_rollup as used
    where used.tenant_id = $1 and used.workspace_id = $2 and used.starts_at < $3
    group by 1, 2, 3, 4
    on conflict (tenant_id, month, workspace_id, credential_id) do update set nanos = sums.nanos + excluded.nanos";

/// As `usage_is_summed` adds them up.
const SUMS: &str = r"
    insert into usage_sum as sums (tenant_id, workspace_id, property, grain, starts_at, part, events, quantity, nanos)
    select used.tenant_id, used.workspace_id, told.property, cut.grain, cut.starts_at, told.part,
           sum(used.events), sum(used.quantity), sum(used.nanos)
    from usage_rollup as used
    cross join lateral (values
        ('dimension', used.dimension), ('module', coalesce(used.module, 'none')),
        ('credential', coalesce(used.credential_id::text, 'none')), ('member', coalesce(used.user_id::text, 'none')),
        ('operation', used.operation), ('channel', used.channel)) as told (property, part)
    cross join lateral (values
        ('hour', date_bin('1 hour', used.starts_at, timestamptz '2000-01-01 00:00:00+00')),
        ('day', date_bin('1 day', used.starts_at, timestamptz '2000-01-01 00:00:00+00'))) as cut (grain, starts_at)
    where used.tenant_id = $1 and used.workspace_id = $2 and used.starts_at < $3
    group by 1, 2, 3, 4, 5, 6
    on conflict (tenant_id, workspace_id, property, grain, starts_at, part)
    do update set events = sums.events + excluded.events, quantity = sums.quantity + excluded.quantity, nanos = sums.nanos + excluded.nanos";
