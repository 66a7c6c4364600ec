-- How far a transaction reaches. Each transaction of the application sets these with `set_config(…, true)`;
-- a missing setting means nothing, never everything. After a transaction the setting reads '' and not null,
-- hence nullif.
create function app_reach() returns text
    language sql stable parallel safe
    return nullif(current_setting('app.reach', true), '');

create function app_tenant() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.tenant_id', true), '')::uuid;

create function app_workspace() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.workspace_id', true), '')::uuid;

create function app_user_id() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.user_id', true), '')::uuid;

-- Row-level security for one table, the same everywhere:
--   owner    everything (or backfills silently change nothing, and pg_dump fails)
--   service  everything (only its own security definer functions run as it)
--   app      the rows of its reach
-- `owned_by`: 'workspace' (tenant_id and workspace_id), 'tenant' (tenant_id), or 'user' (user_id).
create procedure protect(protected regclass, owned_by text)
    language plpgsql
as $$
declare
    within_tenant constant text := $e$tenant_id = (select app_tenant())$e$;
    rule text;
begin
    rule := case owned_by
        when 'workspace' then within_tenant || $e$ and (
            (select app_reach()) in ('tenant', 'service')
            or ((select app_reach()) = 'workspace' and workspace_id = (select app_workspace())))$e$
        when 'tenant' then within_tenant || $e$ and (select app_reach()) in ('workspace', 'tenant', 'service')$e$
        when 'user' then $e$(select app_reach()) is not null and user_id = (select app_user_id())$e$
    end;
    if rule is null then
        raise exception 'protect: % is owned by nobody known: %', protected, owned_by;
    end if;
    execute format('alter table %s enable row level security', protected);
    execute format('alter table %s force row level security', protected);
    execute format('create policy owner on %s to stoa_owner using (true) with check (true)', protected);
    execute format('create policy service on %s to stoa_service using (true) with check (true)', protected);
    execute format('create policy app on %s to stoa_app using (%s) with check (%s)', protected, rule, rule);
end
$$;
revoke execute on procedure protect(regclass, text) from public;

grant usage on schema public to stoa_app, stoa_service;
