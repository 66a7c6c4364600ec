-- Changes of plan that somebody asked for, and workspaces that are beyond what a smaller plan has room for.

create table plan_change (
    tenant_id uuid not null,
    id uuid not null,
    from_plan text not null,
    to_plan text not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    takes_effect_at timestamptz not null,
    ended_at timestamptz,
    became text constraint plan_change_became_known check (became in ('done', 'withdrawn', 'overtaken')),
    constraint plan_change_pkey primary key (tenant_id, id),
    constraint plan_change_tenant_fkey foreign key (tenant_id) references tenant (tenant_id),
    constraint plan_change_ended_whole check ((ended_at is null) = (became is null))
);
call protect('plan_change', 'tenant');
grant select, insert, update (ended_at, became) on plan_change to stoa_app;
grant select on plan_change to stoa_service;
call purge_with('plan_change', 'tenant');
-- One waits at a time.
create unique index plan_change_one_waits on plan_change (tenant_id) where ended_at is null;

-- Those of live tenants whose day has come.
create function due_plan_changes(moment timestamptz, most integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select waiting.tenant_id
    from plan_change as waiting
    join tenant as home on home.tenant_id = waiting.tenant_id and home.status = 'active'
    where waiting.ended_at is null and waiting.takes_effect_at <= moment
    order by waiting.takes_effect_at, waiting.tenant_id
    limit most;
end;

-- Whether it was given a smaller plan, or less beside it, than it has workspaces. Then, and only then, each call asks for the
-- place of its workspace.
alter table tenant add column over_plan boolean not null default false;
grant update (over_plan) on tenant to stoa_app, stoa_service;

-- How many of the tenant's live workspaces are older: the oldest ones go on where there are too many.
create function workspace_place(p_tenant uuid, p_workspace uuid) returns bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select count(*)
    from workspace as here
    join workspace as older
        on older.tenant_id = here.tenant_id and older.status = 'active'
       and (older.created_at, older.workspace_id) < (here.created_at, here.workspace_id)
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace;
end;

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
                'reason', paused.reason, 'limit_micros', paused.limit_micros, 'since', paused.since) order by paused.since)
            from billing_pause as paused
            where paused.tenant_id = p_tenant and paused.ended_at is null
              and (paused.workspace_id is null or paused.workspace_id = p_workspace)
              and (paused.credential_id is null or paused.credential_id = p_credential)));
end;

grant create on schema public to stoa_service;
alter function due_plan_changes(timestamptz, integer) owner to stoa_service;
alter function workspace_place(uuid, uuid) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function due_plan_changes(timestamptz, integer), workspace_place(uuid, uuid) from public;
grant execute on function due_plan_changes(timestamptz, integer), workspace_place(uuid, uuid) to stoa_app;
