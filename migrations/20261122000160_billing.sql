-- Caps that tell, entitlements that end by the clock, and what looks after both.

-- The month in which a soft cap was told: once in each.
alter table spend_cap add column told_month date;
grant update (told_month) on spend_cap to stoa_app;

-- A pause goes on where the cap behind it moves and is still reached.
grant update (limit_micros) on billing_pause to stoa_app;

-- Whether its end stands in the audit log.
alter table entitlement add column end_recorded boolean not null default false;
grant update (end_recorded) on entitlement to stoa_app;

-- The live tenants with a pause that nobody has closed: a month that ended closes it.
create function tenants_with_pauses() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select distinct paused.tenant_id
    from billing_pause as paused
    join tenant as home on home.tenant_id = paused.tenant_id and home.status = 'active'
    where paused.ended_at is null
    order by paused.tenant_id;
end;

-- Entitlements of live tenants that have ended by their date and not in the log.
create function due_entitlement_ends(moment timestamptz, most integer) returns table (tenant_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select given.tenant_id, given.id
    from entitlement as given
    join tenant as home on home.tenant_id = given.tenant_id and home.status = 'active'
    where given.ends_at <= moment and not given.end_recorded
    order by given.ends_at, given.id
    limit most;
end;

-- Of the other tenants that the person owns: how many workspaces the operator allows beside the plan, where that is said.
create function move_allowances(moment timestamptz) returns table (tenant_id uuid, allowed bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select distinct on (given.tenant_id) given.tenant_id, given.allowed
    from entitlement as given
    where app_reach() = 'workspace' and given.workspace_id is null and given.key = 'workspaces'
      and given.starts_at <= moment and (given.ends_at is null or given.ends_at > moment)
      and given.tenant_id in (select destination.tenant_id from move_destinations() as destination)
    order by given.tenant_id, given.starts_at desc, given.id desc;
end;

grant create on schema public to stoa_service;
alter function tenants_with_pauses() owner to stoa_service;
alter function due_entitlement_ends(timestamptz, integer) owner to stoa_service;
alter function move_allowances(timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function tenants_with_pauses(), due_entitlement_ends(timestamptz, integer), move_allowances(timestamptz) from public;
grant execute on function tenants_with_pauses(), due_entitlement_ends(timestamptz, integer), move_allowances(timestamptz) to stoa_app;
