-- What was used: one event for each answered call that is metered, and the figures that charts and bills are made from.

-- Append-only. What it cost is fixed with it, at the rate of the version in force then. The tenant is the one that the
-- workspace belonged to: a workspace that moves leaves what it used with whoever pays for it.
create table usage_event (
    tenant_id uuid not null,
    occurred_at timestamptz not null,
    id uuid not null,
    workspace_id uuid not null,
    project_id uuid,
    environment text constraint usage_event_environment_known check (environment in ('sandbox', 'production')),
    dimension text not null constraint usage_event_dimension_spelled check (dimension ~ '^[a-z_]+\.[a-z_]+$'),
    -- None where the control plane was used.
    module text,
    operation text not null,
    quantity bigint not null constraint usage_event_quantity_positive check (quantity > 0),
    -- Nano-dollars, all of it.
    nanos bigint not null constraint usage_event_nanos_positive check (nanos >= 0),
    -- The first day of the version of `pricing.toml` that says the rate.
    rate_version date not null,
    credential_id uuid,
    -- The person, where one acted.
    user_id uuid,
    channel text not null constraint usage_event_channel_known check (channel in ('console', 'api', 'mcp', 'system')),
    request_id uuid not null,
    constraint usage_event_pkey primary key (tenant_id, occurred_at, id)
) partition by range (occurred_at);
call protect('usage_event', 'workspace');
grant select on usage_event to stoa_app;
grant select, insert on usage_event to stoa_service;
create index usage_event_by_workspace on usage_event (tenant_id, workspace_id, occurred_at desc, id desc);
create trigger append_only before update or delete on usage_event for each row execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on usage_event
    for each statement execute function audit_event_is_append_only();
call keep_when_purged('usage_event', 'what bills are made of: it goes by retention alone');

create or replace function audit_event_is_append_only() returns trigger
    language plpgsql
as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create table usage_event_default partition of usage_event default;
alter table usage_event_default enable row level security;
alter table usage_event_default force row level security;
create policy owner on usage_event_default to stoa_owner using (true) with check (true);

-- Events that are in no roll-up yet: what a roll-up needs of them.
create table usage_pending (
    tenant_id uuid not null,
    id uuid not null,
    workspace_id uuid not null,
    project_id uuid,
    environment text,
    occurred_at timestamptz not null,
    dimension text not null,
    module text,
    operation text not null,
    quantity bigint not null,
    nanos bigint not null,
    rate_version date not null,
    credential_id uuid,
    user_id uuid,
    constraint usage_pending_pkey primary key (tenant_id, id)
);
call protect('usage_pending', 'workspace');
grant select on usage_pending to stoa_app;
grant select, insert, delete, update (nanos) on usage_pending to stoa_service;
call keep_when_purged('usage_pending', 'becomes part of a roll-up within seconds');

-- Quarters of an hour, so that the hours and days of every time zone are sums of whole rows.
create table usage_rollup (
    tenant_id uuid not null,
    id uuid not null default gen_random_uuid(),
    workspace_id uuid not null,
    project_id uuid,
    environment text,
    -- Where the quarter of an hour begins.
    starts_at timestamptz not null,
    dimension text not null,
    module text,
    operation text not null,
    credential_id uuid,
    user_id uuid,
    rate_version date not null,
    events bigint not null,
    quantity bigint not null,
    nanos bigint not null,
    constraint usage_rollup_pkey primary key (tenant_id, id),
    constraint usage_rollup_one_each unique nulls not distinct (
        tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment, rate_version)
);
call protect('usage_rollup', 'workspace');
grant select on usage_rollup to stoa_app;
grant select, insert, update (events, quantity, nanos) on usage_rollup to stoa_service;
call keep_when_purged('usage_rollup', 'what bills are made of: it goes by retention alone');

-- What each credential of a workspace has cost in a calendar month (UTC): what caps are compared with.
create table usage_spend (
    tenant_id uuid not null,
    id uuid not null default gen_random_uuid(),
    workspace_id uuid not null,
    credential_id uuid,
    month date not null,
    nanos bigint not null,
    constraint usage_spend_pkey primary key (tenant_id, id),
    constraint usage_spend_one_each unique nulls not distinct (tenant_id, month, workspace_id, credential_id)
);
call protect('usage_spend', 'workspace');
grant select on usage_spend to stoa_app;
grant select, insert, update (nanos) on usage_spend to stoa_service;
call keep_when_purged('usage_spend', 'what bills are made of: it goes by retention alone');

-- Takes events in, of any tenant; those that are there already stay as they are, so that a batch whose answer was lost
-- can be sent again. `events` is an array of objects with the columns of usage_event. Returns how many were new.
create function append_usage(events jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    taken integer;
begin
    with given as (
        select * from jsonb_to_recordset(events) as event (
            tenant_id uuid, occurred_at timestamptz, id uuid, workspace_id uuid, project_id uuid, environment text, dimension text,
            module text, operation text, quantity bigint, nanos bigint, rate_version date, credential_id uuid, user_id uuid,
            channel text, request_id uuid)),
    kept as (
        insert into usage_event (
            tenant_id, occurred_at, id, workspace_id, project_id, environment, dimension, module, operation, quantity, nanos,
            rate_version, credential_id, user_id, channel, request_id)
        select
            given.tenant_id, given.occurred_at, given.id, given.workspace_id, given.project_id, given.environment, given.dimension,
            given.module, given.operation, given.quantity, given.nanos, given.rate_version, given.credential_id, given.user_id,
            given.channel, given.request_id
        from given
        on conflict do nothing
        returning *),
    waiting as (
        insert into usage_pending (
            tenant_id, id, workspace_id, project_id, environment, occurred_at, dimension, module, operation, quantity, nanos,
            rate_version, credential_id, user_id)
        select
            kept.tenant_id, kept.id, kept.workspace_id, kept.project_id, kept.environment, kept.occurred_at, kept.dimension,
            kept.module, kept.operation, kept.quantity, kept.nanos, kept.rate_version, kept.credential_id, kept.user_id
        from kept
        returning 1)
    select count(*)::integer into taken from waiting;
    return taken;
end
$$;

-- Takes up to so many waiting events, on whichever node, adds them to the roll-ups and to what was spent, and returns
-- whose they were. One statement: whoever reads sees an event either waiting or rolled up, never both, never neither.
create function roll_up_usage(most integer) returns setof uuid
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with chosen as (
        select waiting.tenant_id, waiting.id from usage_pending as waiting order by waiting.tenant_id, waiting.id
        limit most for update skip locked),
    taken as (
        delete from usage_pending as waiting using chosen
        where waiting.tenant_id = chosen.tenant_id and waiting.id = chosen.id
        returning waiting.*),
    rolled as (
        insert into usage_rollup as sums (
            tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
            rate_version, events, quantity, nanos)
        select
            taken.tenant_id, taken.workspace_id, date_bin('15 minutes', taken.occurred_at, timestamptz '2000-01-01 00:00:00+00'),
            taken.dimension, taken.module, taken.operation, taken.credential_id, taken.user_id, taken.project_id, taken.environment,
            taken.rate_version, count(*), sum(taken.quantity)::bigint, sum(taken.nanos)::bigint
        from taken
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        -- Everyone locks in the same order.
        order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        on conflict (
            tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
            rate_version)
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

-- Partitions of both logs that grow by the month.
create or replace function ensure_partitions(from_month date, months integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    grown text;
    month date;
    partition text;
    made integer := 0;
begin
    if months not between 1 and 24 then
        raise exception 'ensure_partitions: months is %, expected 1 to 24', months;
    end if;
    foreach grown in array array['audit_event', 'usage_event']
    loop
        for month in
            select generate_series(
                date_trunc('month', from_month), date_trunc('month', from_month) + make_interval(months => months - 1), interval '1 month')::date
        loop
            partition := grown || '_' || to_char(month, 'YYYY_MM');
            if to_regclass('public.' || partition) is null then
                execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
                    partition, grown, month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
                execute format('alter table public.%I enable row level security', partition);
                execute format('alter table public.%I force row level security', partition);
                execute format('create policy owner on public.%I to stoa_owner using (true) with check (true)', partition);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end
$$;

grant create on schema public to stoa_service;
alter function append_usage(jsonb) owner to stoa_service;
alter function roll_up_usage(integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function append_usage(jsonb), roll_up_usage(integer) from public;
grant execute on function append_usage(jsonb), roll_up_usage(integer) to stoa_app;
