-- What is stored, day by day: what growth is drawn from, and what keeps a day from being counted twice.

-- One row for each resource that held something when the workspace was measured on that day (UTC). Counts and bytes of
-- records are those of `record_count`; a file is what an asset was completed with.
create table storage_day (
    tenant_id uuid not null,
    workspace_id uuid not null,
    day date not null,
    module text not null,
    resource text not null,
    -- With archived ones.
    records bigint not null constraint storage_day_records_positive check (records >= 0),
    record_bytes bigint not null constraint storage_day_record_bytes_positive check (record_bytes >= 0),
    archived bigint not null constraint storage_day_archived_part check (archived between 0 and records),
    archived_bytes bigint not null constraint storage_day_archived_bytes_part check (archived_bytes >= 0),
    -- Of archived assets too.
    files bigint not null constraint storage_day_files_positive check (files >= 0),
    file_bytes bigint not null constraint storage_day_file_bytes_positive check (file_bytes >= 0),
    archived_file_bytes bigint not null
        constraint storage_day_archived_file_bytes_part check (archived_file_bytes between 0 and file_bytes),
    measured_at timestamptz not null,
    constraint storage_day_pkey primary key (tenant_id, workspace_id, day, module, resource),
    constraint storage_day_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('storage_day', 'workspace');
grant select, insert on storage_day to stoa_app;
grant select on storage_day to stoa_service;
call purge_with('storage_day', 'workspace');

-- What is archived, the first put away first: measuring adds it up, and reducing takes it from here.
create index record_put_away on record (tenant_id, workspace_id, resource, archived_at, id) include (module, bytes)
    where archived_at is not null;

-- What a workspace holds now, resource by resource; what holds nothing is left out.
create function stored_now(p_tenant uuid, p_workspace uuid)
returns table (
    module text, resource text, records bigint, record_bytes bigint, archived bigint, archived_bytes bigint,
    files bigint, file_bytes bigint, archived_file_bytes bigint)
language sql stable set search_path = pg_catalog, public, pg_temp
begin atomic
    with lying as (
        select asset.module, asset.resource, count(*) as files, sum(held.bytes)::bigint as bytes,
               coalesce(sum(held.bytes) filter (where asset.archived_at is not null), 0)::bigint as archived_bytes
        from asset_object as held
        join record as asset
          on asset.tenant_id = held.tenant_id and asset.workspace_id = held.workspace_id and asset.id = held.asset_id
        where held.tenant_id = p_tenant and held.workspace_id = p_workspace
          and held.kept_at is not null and held.leaving_at is null
        group by asset.module, asset.resource)
    select counted.module, counted.resource, counted.records, counted.bytes, counted.archived,
           (select coalesce(sum(away.bytes), 0)::bigint from record as away
            where away.tenant_id = p_tenant and away.workspace_id = p_workspace and away.module = counted.module
              and away.resource = counted.resource and away.archived_at is not null),
           coalesce(lying.files, 0), coalesce(lying.bytes, 0), coalesce(lying.archived_bytes, 0)
    from record_count as counted
    left join lying on lying.module = counted.module and lying.resource = counted.resource
    where counted.tenant_id = p_tenant and counted.workspace_id = p_workspace and counted.records > 0;
end;

-- Measures a workspace of the scope's tenant, unless that was done on that day: whoever comes second finds that it was.
-- Returns what was measured, module by module; nothing where it was done, holds nothing, or is not live.
create function measure_storage(p_tenant uuid, p_workspace uuid, p_day date, moment timestamptz)
returns table (module text, bytes bigint)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('stores ' || p_workspace, 0));
    if exists (
        select from storage_day as done
        where done.tenant_id = p_tenant and done.workspace_id = p_workspace and done.day = p_day)
    then
        return;
    end if;
    return query
    with measured as (
        insert into storage_day (
            tenant_id, workspace_id, day, module, resource, records, record_bytes, archived, archived_bytes, files, file_bytes,
            archived_file_bytes, measured_at)
        select p_tenant, p_workspace, p_day, held.module, held.resource, held.records, held.record_bytes, held.archived,
               held.archived_bytes, held.files, held.file_bytes, held.archived_file_bytes, moment
        from stored_now(p_tenant, p_workspace) as held
        where exists (
            select from workspace as here
            where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'active')
        returning *)
    select measured.module, sum(measured.record_bytes + measured.file_bytes)::bigint
    from measured
    group by measured.module
    order by measured.module;
end
$$;

-- Live workspaces that hold something and were not measured on that day, behind `after`, in the order of their ids.
create function workspaces_to_measure(p_day date, after uuid, most integer)
returns table (tenant_id uuid, workspace_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select here.tenant_id, here.workspace_id
    from workspace as here
    where here.status = 'active' and here.workspace_id > after
      and exists (
          select from record_count as counted
          where counted.tenant_id = here.tenant_id and counted.workspace_id = here.workspace_id and counted.records > 0)
      and not exists (
          select from storage_day as done
          where done.tenant_id = here.tenant_id and done.workspace_id = here.workspace_id and done.day = p_day)
    order by here.workspace_id
    limit most;
end;

grant create on schema public to stoa_service;
alter function workspaces_to_measure(date, uuid, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function stored_now(uuid, uuid) from public;
revoke execute on function measure_storage(uuid, uuid, date, timestamptz) from public;
revoke execute on function workspaces_to_measure(date, uuid, integer) from public;
grant execute on function stored_now(uuid, uuid) to stoa_app;
grant execute on function measure_storage(uuid, uuid, date, timestamptz) to stoa_app;
grant execute on function workspaces_to_measure(date, uuid, integer) to stoa_app;
