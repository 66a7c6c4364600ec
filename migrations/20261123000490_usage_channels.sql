-- Figures by channel: whether what was used was called from the console, over the API, by an agent, or by the server itself.

alter table usage_pending add column channel text constraint usage_pending_channel_known check (channel in ('console', 'api', 'mcp', 'system'));
update usage_pending as waiting set channel = used.channel
from usage_event as used
where used.tenant_id = waiting.tenant_id and used.occurred_at = waiting.occurred_at and used.id = waiting.id;
alter table usage_pending alter column channel set not null;

-- Until now keys were used over the API alone, people called in the console, and what nobody called the server did itself.
alter table usage_rollup add column channel text constraint usage_rollup_channel_known check (channel in ('console', 'api', 'mcp', 'system'));
update usage_rollup set channel = case when credential_id is not null then 'api' when user_id is not null then 'console' else 'system' end;
alter table usage_rollup
    alter column channel set not null,
    drop constraint usage_rollup_one_each,
    add constraint usage_rollup_one_each unique nulls not distinct (
        tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
        channel, rate_version, charge_hour);

-- As before, with the channel of each that waits.
create or replace function append_usage(events jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
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
        insert into public.usage_event (
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
        insert into public.usage_pending (
            tenant_id, id, workspace_id, project_id, environment, occurred_at, dimension, module, operation, quantity, nanos,
            rate_version, credential_id, user_id, channel)
        select
            kept.tenant_id, kept.id, kept.workspace_id, kept.project_id, kept.environment, kept.occurred_at, kept.dimension,
            kept.module, kept.operation, kept.quantity, kept.nanos, kept.rate_version, kept.credential_id, kept.user_id, kept.channel
        from kept
        returning 1)
    select count(*)::integer into taken from waiting;
    return taken;
end
$$;

-- As before, and each channel by itself.
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
            channel, rate_version, charge_hour, events, quantity, nanos)
        select
            taken.tenant_id, taken.workspace_id, date_bin('15 minutes', taken.occurred_at, timestamptz '2000-01-01 00:00:00+00'),
            taken.dimension, taken.module, taken.operation, taken.credential_id, taken.user_id, taken.project_id, taken.environment,
            taken.channel, taken.rate_version, taken.charge_hour, count(*), sum(taken.quantity)::bigint, sum(taken.nanos)::bigint
        from taken
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
        -- Everyone locks in the same order.
        order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
        on conflict (
            tenant_id, workspace_id, starts_at, dimension, module, operation, credential_id, user_id, project_id, environment,
            channel, rate_version, charge_hour)
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

grant create on schema public to stoa_service;
alter function append_usage(jsonb) owner to stoa_service;
alter function roll_up_usage(integer) owner to stoa_service;
revoke create on schema public from stoa_service;
