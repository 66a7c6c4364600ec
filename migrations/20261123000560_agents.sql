-- Since when a workspace lets no agents in; null while it does.
alter table workspace add column agents_paused_at timestamptz;
grant update (agents_paused_at) on workspace to stoa_app, stoa_service;

-- As before, with `agents_paused_at` of the workspace, so that a call of one is checked on the same round trip.
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
        'agents_paused_at', (
            select here.agents_paused_at
            from workspace as here
            where here.tenant_id = p_tenant and here.workspace_id = p_workspace),
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
