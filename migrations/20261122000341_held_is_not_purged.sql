-- What is under a legal hold is not purged: a workspace whose log is held keeps its rows and files, and a team waits for that.

create or replace function due_workspace_purges(moment timestamptz, after uuid, most integer)
returns table (tenant_id uuid, workspace_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select here.tenant_id, here.workspace_id
    from workspace as here
    join tenant as home on home.tenant_id = here.tenant_id
    where here.status = 'archived' and here.purged_at is null and here.workspace_id > after
      and not audit_log_is_held(here.tenant_id, here.workspace_id)
      and (here.purge_at <= moment or (home.status = 'deleted' and home.purge_at <= moment))
    order by here.workspace_id
    limit most;
end;

create or replace function due_tenant_purges(moment timestamptz, after uuid, most integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select home.tenant_id
    from tenant as home
    where home.status = 'deleted' and home.purged_at is null and home.purge_at <= moment and home.tenant_id > after
      and not audit_log_is_held(home.tenant_id, home.tenant_id)
      and not exists (
          select from workspace as here
          where here.tenant_id = home.tenant_id and here.status = 'archived' and here.purged_at is null)
    order by home.tenant_id
    limit most;
end;

create or replace function purge_workspace(p_tenant uuid, p_workspace uuid, moment timestamptz) returns json
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    is_tenant_over boolean;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'purging is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    select home.status = 'deleted' and home.purge_at <= moment into is_tenant_over
    from tenant as home where home.tenant_id = p_tenant for no key update;
    perform 1 from workspace as here
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'archived' and here.purged_at is null
      and (here.purge_at <= moment or is_tenant_over)
    for update;
    -- After the lock: whoever puts a hold on a workspace's log locks its row too.
    if not found or public.audit_log_is_held(p_tenant, p_workspace) then
        return null;
    end if;
    execute 'update public.workspace set purged_at = $3, version = version + 1, updated_at = $3'
        || purge_columns('public.workspace', array[
            'tenant_id', 'workspace_id', 'slug', 'name', 'status', 'version', 'created_at', 'updated_at',
            'archived_at', 'archived_by', 'purge_at', 'purged_at'])
        || ' where tenant_id = $1 and workspace_id = $2'
    using p_tenant, p_workspace, moment;
    -- Also what was written about it while it was another tenant's.
    return purge_rows(
        array(select was.former_tenant_id from workspace_tenancy as was
              where was.tenant_id = p_tenant and was.workspace_id = p_workspace) || p_tenant,
        p_workspace);
end
$$;

create or replace function purge_tenant(p_tenant uuid, moment timestamptz) returns json
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'purging is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    perform 1 from tenant as home
    where home.tenant_id = p_tenant and home.status = 'deleted' and home.purged_at is null and home.purge_at <= moment
    for no key update;
    if not found or public.audit_log_is_held(p_tenant, p_tenant) then
        return null;
    end if;
    if exists (select from workspace as here where here.tenant_id = p_tenant and here.purged_at is null) then
        raise exception 'the tenant still has workspaces that are not purged' using errcode = 'check_violation';
    end if;
    execute 'update public.tenant set purged_at = $2, version = version + 1, updated_at = $2'
        || purge_columns('public.tenant', array[
            'tenant_id', 'kind', 'slug', 'name', 'status', 'version', 'created_at', 'updated_at',
            'deleted_at', 'purge_at', 'purged_at'])
        || ' where tenant_id = $1'
    using p_tenant, moment;
    return purge_rows(array[p_tenant], null);
end
$$;

create or replace function hold_due_workspace(p_tenant uuid, p_workspace uuid, moment timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    is_tenant_over boolean;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'purging is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    select home.status = 'deleted' and home.purge_at <= moment into is_tenant_over
    from tenant as home where home.tenant_id = p_tenant for no key update;
    perform 1 from workspace as here
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'archived'
      and (here.purge_at <= moment or is_tenant_over)
    for update;
    return found and not public.audit_log_is_held(p_tenant, p_workspace);
end
$$;
