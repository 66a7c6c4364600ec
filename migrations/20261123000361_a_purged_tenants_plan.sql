-- A team that is purged keeps the name of its plan: its last month may still have to be closed, under the plan that it had.
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
            'deleted_at', 'purge_at', 'purged_at', 'plan'])
        || ' where tenant_id = $1'
    using p_tenant, moment;
    return purge_rows(array[p_tenant], null);
end
$$;
