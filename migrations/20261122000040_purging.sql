-- Purging: what was archived or deleted goes for good once its date has come. What was evidence stays.

-- What becomes of each tenant's table when the time is over; `tests/catalogue.rs` names a table that has no rule.
create table purge_rule (
    table_name text primary key,
    -- 'workspace': the rows of a workspace go with it, and all others with their tenant. 'tenant': they go with that.
    goes_with text constraint purge_rule_goes_known check (goes_with in ('workspace', 'tenant')),
    kept_because text,
    constraint purge_rule_decided check ((goes_with is null) <> (kept_because is null))
);
grant select on purge_rule to stoa_service;

create procedure purge_with(purged regclass, p_goes_with text)
    language plpgsql
as $$
begin
    insert into purge_rule (table_name, goes_with)
    select relname, p_goes_with from pg_class where pg_class.oid = purged;
    execute format('grant select, delete on %s to stoa_service', purged);
end
$$;
revoke execute on procedure purge_with(regclass, text) from public;

create procedure keep_when_purged(kept regclass, because text)
    language sql
    begin atomic
        insert into purge_rule (table_name, kept_because)
        select relname, because from pg_class where pg_class.oid = kept;
    end;
revoke execute on procedure keep_when_purged(regclass, text) from public;

call purge_with('api_key', 'workspace');
call purge_with('api_key_secret', 'workspace');
call purge_with('archive_receipt', 'workspace');
call purge_with('idempotent_answer', 'workspace');
call purge_with('inbox_item', 'workspace');
call purge_with('invitation', 'workspace');
call purge_with('job', 'tenant');
call purge_with('mail', 'workspace');
call purge_with('outbox', 'workspace');
call purge_with('session_reach', 'workspace');
call purge_with('support_consent', 'workspace');
call purge_with('support_use', 'workspace');
call purge_with('tenant_membership', 'tenant');
call purge_with('workspace_grant', 'workspace');
call purge_with('workspace_membership', 'workspace');
call keep_when_purged('audit_event', 'evidence: it goes by retention alone');
call keep_when_purged('denial', 'becomes evidence within a minute, and then goes by itself');
call keep_when_purged('slug_directory', 'a slug is never given to anybody else');
call keep_when_purged('tenant', 'audit rows name it; its settings are cleared');
call keep_when_purged('workspace', 'audit rows name it; its settings are cleared');
call keep_when_purged('workspace_tenancy', 'says in which tenants'' rows its audit log stands');

alter table tenant
    add column purged_at timestamptz,
    add constraint tenant_purged_stays_deleted check (purged_at is null or status = 'deleted');
alter table workspace
    add column purged_at timestamptz,
    -- Also against a restore that was let in before: a workspace without its rows never comes back.
    add constraint workspace_purged_stays_archived check (purged_at is null or status = 'archived');
-- What is cleared, and that it was: a column that is added later needs a grant of its own, or purging fails and says so.
grant update (
    plan, default_role, members_create_workspaces, allowed_domains, idle_minutes, absolute_hours, require_multi_factor,
    allowed_networks, purged_at, version, updated_at
) on tenant to stoa_service;
grant update (
    idle_minutes, absolute_hours, require_multi_factor, allowed_networks, credential_days, notify, on_leak,
    purged_at, version, updated_at
) on workspace to stoa_service;
create index tenant_to_purge on tenant (tenant_id) where status = 'deleted' and purged_at is null;
create index workspace_to_purge on workspace (tenant_id, workspace_id) where status = 'archived' and purged_at is null;
create index inbox_item_by_place on inbox_item (tenant_id, workspace_id);
create index session_reach_by_place on session_reach (tenant_id, workspace_id);

-- Archived workspaces whose time is over, theirs or their deleted tenant's; behind `after`, in the order of their ids.
create function due_workspace_purges(moment timestamptz, after uuid, most integer)
returns table (tenant_id uuid, workspace_id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select here.tenant_id, here.workspace_id
    from workspace as here
    join tenant as home on home.tenant_id = here.tenant_id
    where here.status = 'archived' and here.purged_at is null and here.workspace_id > after
      and (here.purge_at <= moment or (home.status = 'deleted' and home.purge_at <= moment))
    order by here.workspace_id
    limit most;
end;

-- Deleted tenants whose time is over. Those that still have archived workspaces wait until these are purged.
create function due_tenant_purges(moment timestamptz, after uuid, most integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select home.tenant_id
    from tenant as home
    where home.status = 'deleted' and home.purged_at is null and home.purge_at <= moment and home.tenant_id > after
      and not exists (
          select from workspace as here
          where here.tenant_id = home.tenant_id and here.status = 'archived' and here.purged_at is null)
    order by home.tenant_id
    limit most;
end;

-- Deletes what the rules say, of one workspace or, where that is null, of a tenant, and says how many rows of what.
create function purge_rows(p_tenants uuid[], p_workspace uuid) returns json
language plpgsql volatile set search_path = pg_catalog, public
as $$
declare
    rule record;
    gone bigint;
    counts jsonb := '{}';
begin
    for rule in
        -- Whatever refers to another table goes before it.
        with recursive referring (relation, depth) as (
            select to_regclass('public.' || quote_ident(ruled.table_name))::oid, 0 from purge_rule as ruled
            where ruled.goes_with is not null
            union
            select reference.conrelid, referring.depth + 1
            from referring
            join pg_constraint as reference
              on reference.contype = 'f' and reference.confrelid = referring.relation and reference.conrelid <> referring.relation
            where referring.depth < 20)
        select ruled.table_name, ruled.goes_with
        from purge_rule as ruled
        join referring on referring.relation = to_regclass('public.' || quote_ident(ruled.table_name))
        where ruled.goes_with = 'workspace' or (p_workspace is null and ruled.goes_with = 'tenant')
        group by ruled.table_name, ruled.goes_with
        order by max(referring.depth) desc, ruled.table_name
    loop
        execute format('delete from public.%I as gone where gone.tenant_id = any ($1) and ', rule.table_name) || case
            when p_workspace is not null then 'gone.workspace_id = $2'
            -- What is of a workspace that moved away meanwhile goes when that does.
            when rule.goes_with = 'workspace' then '(gone.workspace_id is null or exists (
                select from public.workspace as here
                where here.tenant_id = gone.tenant_id and here.workspace_id = gone.workspace_id))'
            else 'true' end
        using p_tenants, p_workspace;
        get diagnostics gone = row_count;
        if gone > 0 then
            counts := counts || jsonb_build_object(rule.table_name, gone);
        end if;
    end loop;
    return counts::json;
end
$$;

-- `, a = default, b = default …` of every column that is not kept: one that is added later is cleared unless it is named.
create function purge_columns(cleared regclass, kept text[]) returns text
language sql stable set search_path = pg_catalog, public
begin atomic
    select coalesce(string_agg(format(', %I = default', attname), '' order by attnum), '')
    from pg_attribute
    where attrelid = cleared and attnum > 0 and not attisdropped and attgenerated = '' and attname <> all (kept);
end;

-- Purges an archived workspace of the scope's tenant whose time is over. Returns how many rows of what went, and null
-- where there is nothing to be purged (any more). Takes the tenant before the workspace, as whoever restores it does.
create function purge_workspace(p_tenant uuid, p_workspace uuid, moment timestamptz) returns json
language plpgsql volatile security definer set search_path = pg_catalog, public
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
    if not found then
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

-- Purges the scope's tenant, which was deleted and whose time is over, after its workspaces. Answers as its sibling.
create function purge_tenant(p_tenant uuid, moment timestamptz) returns json
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'purging is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    perform 1 from tenant as home
    where home.tenant_id = p_tenant and home.status = 'deleted' and home.purged_at is null and home.purge_at <= moment
    for no key update;
    if not found then
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

grant create on schema public to stoa_service;
alter function due_workspace_purges(timestamptz, uuid, integer) owner to stoa_service;
alter function due_tenant_purges(timestamptz, uuid, integer) owner to stoa_service;
alter function purge_rows(uuid[], uuid) owner to stoa_service;
alter function purge_columns(regclass, text[]) owner to stoa_service;
alter function purge_workspace(uuid, uuid, timestamptz) owner to stoa_service;
alter function purge_tenant(uuid, timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function due_workspace_purges(timestamptz, uuid, integer) from public;
revoke execute on function due_tenant_purges(timestamptz, uuid, integer) from public;
revoke execute on function purge_rows(uuid[], uuid) from public;
revoke execute on function purge_columns(regclass, text[]) from public;
revoke execute on function purge_workspace(uuid, uuid, timestamptz) from public;
revoke execute on function purge_tenant(uuid, timestamptz) from public;
grant execute on function due_workspace_purges(timestamptz, uuid, integer) to stoa_app;
grant execute on function due_tenant_purges(timestamptz, uuid, integer) to stoa_app;
grant execute on function purge_workspace(uuid, uuid, timestamptz) to stoa_app;
grant execute on function purge_tenant(uuid, timestamptz) to stoa_app;
