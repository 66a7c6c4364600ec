-- Sums as figures read them: by the hour and by the day (UTC), of one property of what was used at a time. Quarters of an hour
-- tell all properties apart, so that there are as many rows as events in a busy workspace; of these there are few.

create table usage_sum (
    tenant_id uuid not null,
    workspace_id uuid not null,
    -- The one that is told apart.
    property text not null constraint usage_sum_property_known
        check (property in ('dimension', 'module', 'credential', 'member', 'operation', 'channel')),
    grain text not null constraint usage_sum_grain_known check (grain in ('hour', 'day')),
    starts_at timestamptz not null,
    -- Its value: a name or an id, and `none` where there is none.
    part text not null,
    events bigint not null,
    quantity bigint not null,
    nanos bigint not null,
    constraint usage_sum_pkey primary key (tenant_id, workspace_id, property, grain, starts_at, part)
) with (fillfactor = 80);
call protect('usage_sum', 'workspace');
grant select on usage_sum to stoa_app;
grant select, insert, update (events, quantity, nanos) on usage_sum to stoa_service;
call keep_when_purged('usage_sum', 'what bills are made of: it goes by retention alone');

-- What is taken from those that wait is added up here too, in the same statement and at its end: whoever reads sees an event
-- waiting, or in every sum. Everyone locks in the same order, and after the sums that the statement itself adds to.
create function usage_is_summed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into public.usage_sum as sums (tenant_id, workspace_id, property, grain, starts_at, part, events, quantity, nanos)
    with hours as (
        select taken.tenant_id, taken.workspace_id, date_bin('1 hour', taken.occurred_at, timestamptz '2000-01-01 00:00:00+00') as hour,
            taken.dimension, taken.module, taken.credential_id, taken.user_id, taken.operation, taken.channel,
            count(*) as events, sum(taken.quantity) as quantity, sum(taken.nanos) as nanos
        from taken
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9)
    select hours.tenant_id, hours.workspace_id, told.property, cut.grain, cut.starts_at, told.part,
        sum(hours.events), sum(hours.quantity), sum(hours.nanos)
    from hours
    cross join lateral (values
        ('dimension', hours.dimension), ('module', coalesce(hours.module, 'none')),
        ('credential', coalesce(hours.credential_id::text, 'none')), ('member', coalesce(hours.user_id::text, 'none')),
        ('operation', hours.operation), ('channel', hours.channel)) as told (property, part)
    cross join lateral (values
        ('hour', hours.hour), ('day', date_bin('1 day', hours.hour, timestamptz '2000-01-01 00:00:00+00'))) as cut (grain, starts_at)
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4, 5, 6
    on conflict (tenant_id, workspace_id, property, grain, starts_at, part)
    do update set events = sums.events + excluded.events, quantity = sums.quantity + excluded.quantity,
        nanos = sums.nanos + excluded.nanos;
    return null;
end
$$;
grant create on schema public to stoa_service;
alter function usage_is_summed() owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function usage_is_summed() from public;

-- Only what is added up leaves that table.
create trigger summed after delete on usage_pending referencing old table as taken
    for each statement execute function usage_is_summed();

-- After the trigger, which waits for whoever is adding up: nothing is missed.
insert into usage_sum (tenant_id, workspace_id, property, grain, starts_at, part, events, quantity, nanos)
with hours as (
    select sums.tenant_id, sums.workspace_id, date_bin('1 hour', sums.starts_at, timestamptz '2000-01-01 00:00:00+00') as hour,
        sums.dimension, sums.module, sums.credential_id, sums.user_id, sums.operation, sums.channel,
        sum(sums.events) as events, sum(sums.quantity) as quantity, sum(sums.nanos) as nanos
    from usage_rollup as sums
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9)
select hours.tenant_id, hours.workspace_id, told.property, cut.grain, cut.starts_at, told.part,
    sum(hours.events), sum(hours.quantity), sum(hours.nanos)
from hours
cross join lateral (values
    ('dimension', hours.dimension), ('module', coalesce(hours.module, 'none')),
    ('credential', coalesce(hours.credential_id::text, 'none')), ('member', coalesce(hours.user_id::text, 'none')),
    ('operation', hours.operation), ('channel', hours.channel)) as told (property, part)
cross join lateral (values
    ('hour', hours.hour), ('day', date_bin('1 day', hours.hour, timestamptz '2000-01-01 00:00:00+00'))) as cut (grain, starts_at)
group by 1, 2, 3, 4, 5, 6;
