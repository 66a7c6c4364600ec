-- Charging: every metered event is in one row of sums, and every such row in one charge.

-- Where the books of a tenant stand. Whoever adds usage up holds this row shared, whoever charges holds it alone: so that an
-- event is added up either before its charge is made or for the next one, and never beside both.
create table ledger_head (
    tenant_id uuid not null,
    -- Up to here, not included, hours are charged: what arrives of an earlier hour goes into the charge of this one.
    open_hour timestamptz not null constraint ledger_head_open_hour_whole check (open_hour = date_bin('1 hour', open_hour, timestamptz '2000-01-01 00:00:00+00')),
    -- What the last charge was rounded down by, in nano-dollars: the next one begins with it.
    carried_nanos bigint not null default 0 constraint ledger_head_carried_small check (carried_nanos between 0 and 999),
    -- The calendar month (UTC) that is open: earlier ones are closed.
    period date not null constraint ledger_head_period_month check (extract(day from period) = 1),
    -- The last period for which it was decided what the plan includes.
    granted_for date,
    last_entry bigint not null default 0,
    last_invoice bigint not null default 0,
    constraint ledger_head_pkey primary key (tenant_id),
    constraint ledger_head_tenant_fkey foreign key (tenant_id) references tenant (tenant_id)
);
call protect('ledger_head', 'tenant');
grant select, update (granted_for) on ledger_head to stoa_app;
grant select, insert, update (open_hour, carried_nanos, period, last_entry, last_invoice) on ledger_head to stoa_service;
call keep_when_purged('ledger_head', 'the books are kept');

-- Books are for those who pay: a workspace's people reach their own lines of them at most.
create procedure keep_from_workspaces(kept regclass)
    language plpgsql
as $$
begin
    execute format('drop policy app on %s', kept);
    execute format(
        'create policy app on %s to stoa_app
         using (tenant_id = (select app_tenant()) and (select app_reach()) in (''tenant'', ''service''))
         with check (tenant_id = (select app_tenant()) and (select app_reach()) in (''tenant'', ''service''))', kept);
end
$$;
revoke execute on procedure keep_from_workspaces(regclass) from public;
call keep_from_workspaces('ledger_head');

create function ledger_begins() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into public.ledger_head (tenant_id, open_hour, period)
    values (new.tenant_id, date_trunc('month', new.created_at, 'UTC'), date_trunc('month', new.created_at at time zone 'UTC')::date)
    on conflict do nothing;
    return new;
end
$$;
create trigger ledger_begins after insert on tenant for each row execute function ledger_begins();

-- Those that are there already begin with the month that runs: what was used before it is not charged.
insert into ledger_head (tenant_id, open_hour, period)
select tenant_id, date_trunc('month', now(), 'UTC'), date_trunc('month', now() at time zone 'UTC')::date from tenant;

-- The hour whose charge the row is in: that in which it was used, or a later one where that was charged already.
alter table usage_rollup add column charge_hour timestamptz;
update usage_rollup set charge_hour = date_bin('1 hour', starts_at, timestamptz '2000-01-01 00:00:00+00');
alter table usage_rollup
    alter column charge_hour set not null,
    drop constraint usage_rollup_one_each,
    add constraint usage_rollup_one_each unique nulls not distinct (
        tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
        rate_version, charge_hour),
    add constraint usage_rollup_charged_after_use check (charge_hour >= date_bin('1 hour', starts_at, timestamptz '2000-01-01 00:00:00+00'));
create index usage_rollup_by_charge on usage_rollup (tenant_id, charge_hour);

-- Events that came when their hour was charged already, and the hour whose charge they are in. All others are in the charge
-- of the hour in which they happened: so every event names its charge.
create table usage_late (
    tenant_id uuid not null,
    event_id uuid not null,
    workspace_id uuid not null,
    charge_hour timestamptz not null,
    constraint usage_late_pkey primary key (tenant_id, event_id)
);
call protect('usage_late', 'workspace');
grant select on usage_late to stoa_app;
grant select, insert on usage_late to stoa_service;
call keep_when_purged('usage_late', 'the books are kept');

-- What was charged at once: the hours from `from_hour` to before `until_hour`. No row where nothing was used in them.
create table usage_charge (
    tenant_id uuid not null,
    id uuid not null,
    -- The period that was open, of whose invoice it is.
    period date not null,
    from_hour timestamptz not null,
    until_hour timestamptz not null,
    nanos bigint not null constraint usage_charge_nanos_positive check (nanos >= 0),
    carried_in bigint not null,
    micros bigint not null,
    carried_out bigint not null,
    charged_at timestamptz not null,
    constraint usage_charge_pkey primary key (tenant_id, id),
    constraint usage_charge_once unique (tenant_id, from_hour),
    constraint usage_charge_ahead check (from_hour < until_hour),
    constraint usage_charge_nothing_lost check (carried_in + nanos = micros * 1000 + carried_out and carried_out between 0 and 999)
);
call protect('usage_charge', 'tenant');
call keep_from_workspaces('usage_charge');
grant select on usage_charge to stoa_app;
grant select, insert on usage_charge to stoa_service;
create index usage_charge_by_period on usage_charge (tenant_id, period);
call keep_when_purged('usage_charge', 'the books are kept');

-- Its lines: all rows of sums of these hours, of one workspace, dimension, rate and month of use. Each is rounded down once,
-- to micro-dollars, and what that leaves goes to the next line.
create table usage_charge_line (
    tenant_id uuid not null,
    charge_id uuid not null,
    line bigint not null,
    workspace_id uuid not null,
    -- The month in which it was used: not the charge's period where it came late.
    month date not null,
    dimension text not null,
    rate_version date not null,
    events bigint not null,
    quantity bigint not null,
    nanos bigint not null,
    micros bigint not null constraint usage_charge_line_positive check (micros >= 0),
    constraint usage_charge_line_pkey primary key (tenant_id, charge_id, line),
    constraint usage_charge_line_charge_fkey foreign key (tenant_id, charge_id) references usage_charge (tenant_id, id)
);
call protect('usage_charge_line', 'workspace');
grant select on usage_charge_line to stoa_app;
grant select, insert on usage_charge_line to stoa_service;
call keep_when_purged('usage_charge_line', 'the books are kept');

create trigger append_only before update or delete on usage_late for each row execute function audit_event_is_append_only();
create trigger append_only before update or delete on usage_charge for each row execute function audit_event_is_append_only();
create trigger append_only before update or delete on usage_charge_line for each row execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on usage_late for each statement execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on usage_charge for each statement execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on usage_charge_line for each statement execute function audit_event_is_append_only();

-- As before, and each event into the charge that is open for it. The heads are held until this is committed: a charge that is
-- being made meanwhile waits, or is waited for, and then its hours are over for what is added up here.
create or replace function roll_up_usage(most integer) returns setof uuid
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    with chosen as (
        select waiting.tenant_id, waiting.id from usage_pending as waiting order by waiting.tenant_id, waiting.id
        limit most for update skip locked),
    heads as materialized (
        select head.tenant_id, head.open_hour from ledger_head as head
        where head.tenant_id in (select chosen.tenant_id from chosen)
        -- Everyone locks in the same order. Whose books are being kept just now waits for the next turn, and no other with it.
        order by head.tenant_id
        for share skip locked),
    taken as (
        delete from usage_pending as waiting using chosen join heads on heads.tenant_id = chosen.tenant_id
        where waiting.tenant_id = chosen.tenant_id and waiting.id = chosen.id
        returning waiting.*, date_bin('1 hour', waiting.occurred_at, timestamptz '2000-01-01 00:00:00+00') as used_hour,
            greatest(heads.open_hour, date_bin('1 hour', waiting.occurred_at, timestamptz '2000-01-01 00:00:00+00')) as charge_hour),
    late as (
        insert into usage_late (tenant_id, event_id, workspace_id, charge_hour)
        select taken.tenant_id, taken.id, taken.workspace_id, taken.charge_hour from taken where taken.charge_hour > taken.used_hour),
    rolled as (
        insert into usage_rollup as sums (
            tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
            rate_version, charge_hour, events, quantity, nanos)
        select
            taken.tenant_id, taken.workspace_id, date_bin('15 minutes', taken.occurred_at, timestamptz '2000-01-01 00:00:00+00'),
            taken.dimension, taken.module, taken.operation, taken.credential_id, taken.user_id, taken.project_id, taken.environment,
            taken.rate_version, taken.charge_hour, count(*), sum(taken.quantity)::bigint, sum(taken.nanos)::bigint
        from taken
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
        -- Everyone locks in the same order.
        order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
        on conflict (
            tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
            rate_version, charge_hour)
        do update set events = sums.events + excluded.events, quantity = sums.quantity + excluded.quantity,
            nanos = sums.nanos + excluded.nanos),
    spent as (
        insert into usage_spend as sums (tenant_id, month, workspace_id, credential_id, nanos)
        select taken.tenant_id, date_trunc('month', taken.occurred_at at time zone 'UTC')::date, taken.workspace_id, taken.credential_id,
            sum(taken.nanos)::bigint
        from taken
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        on conflict (tenant_id, month, workspace_id, credential_id) do update set nanos = sums.nanos + excluded.nanos)
    select distinct taken.tenant_id from taken;
end;

-- Charges the scope's tenant for the hours before `p_until` that are not charged yet, within the open period. Returns the
-- charge in whole micro-dollars, and no row where nothing was used in them.
create function charge_usage(p_tenant uuid, p_charge uuid, p_until timestamptz, moment timestamptz)
returns table (period date, from_hour timestamptz, until_hour timestamptz, nanos bigint, micros bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    head public.ledger_head%rowtype;
    upto timestamptz;
    used numeric;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'charging is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    select known.* into head from public.ledger_head as known where known.tenant_id = p_tenant for update;
    upto := least(date_bin('1 hour', p_until, timestamptz '2000-01-01 00:00:00+00'), (head.period + interval '1 month') at time zone 'UTC');
    if head.tenant_id is null or upto <= head.open_hour then
        return;
    end if;
    -- A statement of its own, after the lock: it sees all that was added up before.
    select sum(sums.nanos) into used from public.usage_rollup as sums
    where sums.tenant_id = p_tenant and sums.charge_hour >= head.open_hour and sums.charge_hour < upto;
    if used is null then
        return;
    end if;
    insert into public.usage_charge (
        tenant_id, id, period, from_hour, until_hour, nanos, carried_in, micros, carried_out, charged_at)
    values (
        p_tenant, p_charge, head.period, head.open_hour, upto, used, head.carried_nanos,
        div(used + head.carried_nanos, 1000), mod(used + head.carried_nanos, 1000), moment);
    insert into public.usage_charge_line (
        tenant_id, charge_id, line, workspace_id, month, dimension, rate_version, events, quantity, nanos, micros)
    select p_tenant, p_charge, summed.line, summed.workspace_id, summed.month, summed.dimension, summed.rate_version, summed.events,
        summed.quantity, summed.nanos,
        div(summed.so_far + head.carried_nanos, 1000) - div(summed.so_far - summed.nanos + head.carried_nanos, 1000)
    from (
        select sums.workspace_id, sums.dimension, sums.rate_version, used_in.month, sum(sums.events) as events,
            sum(sums.quantity) as quantity, sum(sums.nanos) as nanos,
            row_number() over line as line, sum(sum(sums.nanos)) over line as so_far
        from public.usage_rollup as sums
        cross join lateral (select date_trunc('month', sums.starts_at at time zone 'UTC')::date as month) as used_in
        where sums.tenant_id = p_tenant and sums.charge_hour >= head.open_hour and sums.charge_hour < upto
        group by sums.workspace_id, sums.dimension, sums.rate_version, used_in.month
        window line as (order by used_in.month, sums.workspace_id, sums.dimension, sums.rate_version)) as summed;
    update public.ledger_head as known set open_hour = upto, carried_nanos = mod(used + head.carried_nanos, 1000)
    where known.tenant_id = p_tenant;
    return query
    select made.period, made.from_hour, made.until_hour, made.nanos, made.micros from public.usage_charge as made
    where made.tenant_id = p_tenant and made.id = p_charge;
end
$$;

-- Tenants whose books are behind `moment`: with hours that are not charged, or a month that is over. Behind `after`, in the
-- order of their ids. A team that was deleted is settled until the month in which that was.
create function tenants_to_settle(moment timestamptz, after uuid, most integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select head.tenant_id
    from ledger_head as head
    join tenant as home on home.tenant_id = head.tenant_id
    where head.tenant_id > after
      and (home.deleted_at is null or home.deleted_at >= (head.period::timestamp at time zone 'UTC'))
      and (head.period < date_trunc('month', moment at time zone 'UTC')::date
        or head.granted_for is distinct from head.period
        or exists (
            select from usage_rollup as sums
            where sums.tenant_id = head.tenant_id and sums.charge_hour >= head.open_hour
              and sums.charge_hour < date_bin('1 hour', moment, timestamptz '2000-01-01 00:00:00+00')))
    order by head.tenant_id
    limit most;
end;

grant create on schema public to stoa_service;
alter function ledger_begins() owner to stoa_service;
alter function roll_up_usage(integer) owner to stoa_service;
alter function charge_usage(uuid, uuid, timestamptz, timestamptz) owner to stoa_service;
alter function tenants_to_settle(timestamptz, uuid, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function ledger_begins(), charge_usage(uuid, uuid, timestamptz, timestamptz),
    tenants_to_settle(timestamptz, uuid, integer) from public;
grant execute on function charge_usage(uuid, uuid, timestamptz, timestamptz), tenants_to_settle(timestamptz, uuid, integer) to stoa_app;
