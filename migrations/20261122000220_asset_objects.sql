-- What lies in the store of files, or is on its way there. A row is there before the first byte is, and until after the
-- last one has gone, so that the store holds nothing that nobody knows of.
create table asset_object (
    tenant_id uuid not null,
    workspace_id uuid not null,
    -- The record that it is the file of.
    asset_id uuid not null,
    -- Of one upload: nothing in the store is ever written over.
    id uuid not null,
    bytes bigint not null constraint asset_object_bytes_positive check (bytes >= 0),
    -- Null until all of it lies there.
    sha256 bytea constraint asset_object_sha256_length check (octet_length(sha256) = 32),
    created_at timestamptz not null,
    -- Since when it is what the asset holds; null of what is not, or not yet.
    kept_at timestamptz constraint asset_object_kept_whole check (kept_at is null or sha256 is not null),
    -- Since when it is to go.
    leaving_at timestamptz,
    constraint asset_object_pkey primary key (tenant_id, workspace_id, asset_id, id),
    constraint asset_object_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('asset_object', 'workspace');
create unique index asset_object_kept on asset_object (tenant_id, workspace_id, asset_id) where kept_at is not null;
create index asset_object_stray on asset_object (created_at) where kept_at is null or leaving_at is not null;
grant select, insert, update (sha256, kept_at, leaving_at), delete on asset_object to stoa_app;
grant select on asset_object to stoa_service;
call keep_when_purged('asset_object', 'goes once what lies in the store has gone, which a purge waits for');
create trigger only_in_a_live_workspace before insert on asset_object
    for each row execute function only_in_a_live_workspace();

-- A workspace is not purged while the store still holds something of it: nobody would know of that any more.
create function nothing_left_in_the_store() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    if exists (
        select from asset_object as held where held.tenant_id = new.tenant_id and held.workspace_id = new.workspace_id)
    then
        raise exception 'the store still holds files of the workspace' using errcode = 'check_violation';
    end if;
    return new;
end
$$;

-- What a signed address leads to, with what may have happened since it was signed. Read in the reach of the server's own
-- work for that tenant; the signature is the proof. No row where there is no such asset.
create function open_asset(p_tenant uuid, p_workspace uuid, p_asset uuid, moment timestamptz)
returns table (
    is_live boolean, plan text, standing json, status text, is_archived boolean, data jsonb,
    object_id uuid, object_sha256 bytea, uploads bigint)
language sql stable set search_path = pg_catalog, public
begin atomic
    select here.status = 'active', home.plan, workspace_standing(p_tenant, p_workspace, null, moment),
           asset.status, asset.archived_at is not null, asset.data, held.id, held.sha256,
           (select count(*) from asset_object as sent
            where sent.tenant_id = p_tenant and sent.workspace_id = p_workspace and sent.asset_id = p_asset)
    from record as asset
    join workspace as here on here.tenant_id = asset.tenant_id and here.workspace_id = asset.workspace_id
    join tenant as home on home.tenant_id = asset.tenant_id
    left join asset_object as held
      on held.tenant_id = asset.tenant_id and held.workspace_id = asset.workspace_id and held.asset_id = asset.id
     and held.kept_at is not null and held.leaving_at is null
    where asset.tenant_id = p_tenant and asset.workspace_id = p_workspace and asset.id = p_asset and asset.resource = 'asset';
end;

-- What nobody keeps, of whichever tenant: uploads begun before that moment which no asset was completed with, and what
-- was to go and did not yet; the oldest first.
create function stray_asset_objects(before timestamptz, most integer)
returns table (tenant_id uuid, workspace_id uuid, asset_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select stray.tenant_id, stray.workspace_id, stray.asset_id, stray.id
    from asset_object as stray
    where (stray.kept_at is null or stray.leaving_at is not null)
      and (stray.created_at < before or stray.leaving_at < before)
    order by stray.created_at
    limit most;
end;

-- Whether the workspace is to be purged by now. If so nobody restores it before this transaction ends: takes the tenant
-- before the workspace, as whoever restores it does.
create function hold_due_workspace(p_tenant uuid, p_workspace uuid, moment timestamptz) returns boolean
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
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'archived'
      and (here.purge_at <= moment or is_tenant_over)
    for update;
    return found;
end
$$;

grant create on schema public to stoa_service;
alter function hold_due_workspace(uuid, uuid, timestamptz) owner to stoa_service;
alter function nothing_left_in_the_store() owner to stoa_service;
alter function stray_asset_objects(timestamptz, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function hold_due_workspace(uuid, uuid, timestamptz) from public;
grant execute on function hold_due_workspace(uuid, uuid, timestamptz) to stoa_app;
revoke execute on function nothing_left_in_the_store() from public;
revoke execute on function open_asset(uuid, uuid, uuid, timestamptz) from public;
revoke execute on function stray_asset_objects(timestamptz, integer) from public;
grant execute on function open_asset(uuid, uuid, uuid, timestamptz) to stoa_app;
grant execute on function stray_asset_objects(timestamptz, integer) to stoa_app;

create trigger nothing_left_in_the_store before update of purged_at on workspace
    for each row when (new.purged_at is not null) execute function nothing_left_in_the_store();
