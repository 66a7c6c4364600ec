-- Near a hard limit each call asks for itself: what is added up and what still waits is compared before it runs, so that what
-- is spent beyond is what was on its way, however fast it comes.

create table spend_near (
    tenant_id uuid not null,
    id uuid not null,
    -- The calendar month (UTC) that it is of.
    month date not null,
    workspace_id uuid,
    credential_id uuid,
    -- What the pause will be.
    reason text not null constraint spend_near_reason_known check (reason in ('balance_exhausted', 'tenant_cap', 'workspace_cap', 'credential_cap')),
    limit_micros bigint not null,
    -- Of what is spent in the month, in nano-dollars: what is at or above it is refused.
    at_nanos bigint not null,
    constraint spend_near_pkey primary key (tenant_id, id),
    constraint spend_near_one_each unique nulls not distinct (tenant_id, workspace_id, credential_id, reason),
    constraint spend_near_tenant_fkey foreign key (tenant_id) references tenant (tenant_id)
);
call protect('spend_near', 'workspace');
call show_to_workspaces('spend_near');
grant select, insert, delete on spend_near to stoa_app;
grant select on spend_near to stoa_service;
call purge_with('spend_near', 'workspace');

-- As before, and of limits that are near, what is reached at this very moment.
create or replace function workspace_standing(p_tenant uuid, p_workspace uuid, p_credential uuid, moment timestamptz) returns json
language sql stable set search_path = pg_catalog, public, pg_temp
begin atomic
    select json_build_object(
        'switches', (
            select json_object_agg(switched.module, switched.enabled)
            from module_switch as switched
            where switched.tenant_id = p_tenant and switched.workspace_id = p_workspace),
        'entitlements', (
            select json_object_agg(held.key, held.allowed)
            from (
                select distinct on (given.key) given.key, given.allowed
                from entitlement as given
                where given.tenant_id = p_tenant and (given.workspace_id is null or given.workspace_id = p_workspace)
                  and given.starts_at <= moment and (given.ends_at is null or given.ends_at > moment)
                order by given.key, given.workspace_id nulls last, given.starts_at desc, given.id desc) as held),
        'place', (
            select case when home.over_plan then workspace_place(p_tenant, p_workspace) end
            from tenant as home
            where home.tenant_id = p_tenant),
        'pauses', (
            select json_agg(json_build_object(
                'reason', stops.reason, 'limit_micros', stops.limit_micros, 'since', stops.since) order by stops.since)
            from (
                -- Read where a limit is near, and once for all of these.
                with spent as materialized (
                    select used.workspace_id, used.credential_id, used.nanos
                    from usage_spend as used
                    where used.tenant_id = p_tenant and used.month = date_trunc('month', moment at time zone 'UTC')::date
                    union all
                    select waiting.workspace_id, waiting.credential_id, sum(waiting.nanos)
                    from usage_pending as waiting
                    where waiting.tenant_id = p_tenant and waiting.occurred_at >= date_trunc('month', moment, 'UTC')
                    group by waiting.workspace_id, waiting.credential_id)
                select paused.reason, paused.limit_micros, paused.since
                from billing_pause as paused
                where paused.tenant_id = p_tenant and paused.ended_at is null
                  and (paused.workspace_id is null or paused.workspace_id = p_workspace)
                  and (paused.credential_id is null or paused.credential_id = p_credential)
                union all
                select near.reason, near.limit_micros, moment
                from spend_near as near
                where near.tenant_id = p_tenant
                  and (near.workspace_id is null or near.workspace_id = p_workspace)
                  and (near.credential_id is null or near.credential_id = p_credential)
                  and near.month = date_trunc('month', moment at time zone 'UTC')::date
                  and near.at_nanos <= (
                      select coalesce(sum(spent.nanos), 0) from spent
                      where (near.workspace_id is null or spent.workspace_id = near.workspace_id)
                        and (near.credential_id is null or spent.credential_id = near.credential_id))) as stops));
end;

-- Also those with a limit that is reached and no pause of it: whoever was to decide on it did not come to that.
create or replace function tenants_with_pauses() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select home.tenant_id
    from tenant as home
    where home.status = 'active' and home.tenant_id in (
        select paused.tenant_id from billing_pause as paused where paused.ended_at is null
        union all
        select near.tenant_id from spend_near as near
        where near.at_nanos <= (
            select coalesce(sum(spent.nanos), 0) from usage_spend as spent
            where spent.tenant_id = near.tenant_id and spent.month = near.month
              and (near.workspace_id is null or spent.workspace_id = near.workspace_id)
              and (near.credential_id is null or spent.credential_id = near.credential_id)))
    order by home.tenant_id;
end;
grant create on schema public to stoa_service;
alter function tenants_with_pauses() owner to stoa_service;
revoke create on schema public from stoa_service;
