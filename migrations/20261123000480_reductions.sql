-- Reductions: records that are put away or go for good by module, resource and age, a batch in a transaction.

create table reduction (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    act text not null constraint reduction_act_known check (act in ('archive', 'purge')),
    module text not null,
    resource text not null,
    -- What the age is counted from: since when it is archived, or when it was last changed or added.
    basis text not null constraint reduction_basis_known check (basis in ('archived', 'added', 'changed')),
    -- What is older than this moment.
    before timestamptz not null,
    -- As counted when it began.
    expected bigint not null constraint reduction_expected_positive check (expected > 0),
    done bigint not null default 0,
    -- What its module's own rules refused.
    kept bigint not null default 0,
    -- Records that went with others as parts of them.
    parts bigint not null default 0,
    -- Of records and files, that are not stored any more.
    freed_bytes bigint not null default 0,
    -- Which records go with one as parts of it, by which field: as it was when somebody confirmed it.
    part_resources text[] not null,
    part_fields text[] not null constraint reduction_parts_named check (cardinality(part_fields) = cardinality(part_resources)),
    -- The last record that was looked at.
    cursor uuid,
    status text not null default 'running'
        constraint reduction_status_known check (status in ('running', 'done', 'stopped', 'failed')),
    reason text,
    -- Whose role is asked before each batch, and how the log names whoever asked.
    user_id uuid not null,
    key_id uuid,
    asked_by text not null,
    started_at timestamptz not null constraint reduction_of_a_day_ago check (before <= started_at - interval '1 day'),
    -- When it came on last: one that does not is taken up again.
    touched_at timestamptz not null,
    ended_at timestamptz constraint reduction_ended check ((ended_at is null) = (status = 'running')),
    constraint reduction_pkey primary key (tenant_id, workspace_id, id),
    constraint reduction_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('reduction', 'workspace');
create unique index reduction_running on reduction (tenant_id, workspace_id, resource) where status = 'running';
grant select, insert, update (done, kept, parts, freed_bytes, cursor, status, reason, touched_at, ended_at) on reduction to stoa_app;
-- Only to lock the row.
grant select, update (cursor) on reduction to stoa_service;
call purge_with('reduction', 'workspace');
create trigger only_in_a_live_workspace before insert on reduction
    for each row execute function only_in_a_live_workspace();

-- As the API spells a record's id: TypeID, 26 characters of base32 over 130 bits. What a record refers to is kept so.
create function record_text(id uuid) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, public, pg_temp
begin atomic
    select 'rec_' || string_agg(
        substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + substring(B'00' || ('x' || replace(id::text, '-', ''))::bit(128), 1 + 5 * place, 5)::bit(5)::integer, 1),
        '' order by place)
    from generate_series(0, 25) as place;
end;

-- What a reduction would come to, with what hangs on it. `part_resources` with `part_fields` say what goes with a record,
-- `referring_…` what else refers to one by a field that lists find it by.
create function preview_reduction(
    p_tenant uuid, p_workspace uuid, p_module text, p_resource text, p_basis text, p_before timestamptz,
    part_resources text[], part_fields text[], referring_resources text[], referring_fields text[])
returns table (
    records bigint, bytes bigint, oldest timestamptz, newest timestamptz, parts bigint, part_bytes bigint,
    files bigint, file_bytes bigint, referring bigint)
language sql stable set search_path = pg_catalog, public, pg_temp
begin atomic
    with found as materialized (
        select aged.id, aged.bytes,
               case p_basis when 'archived' then aged.archived_at when 'added' then aged.created_at else aged.updated_at end as aged_at
        from record as aged
        where aged.tenant_id = p_tenant and aged.workspace_id = p_workspace and aged.module = p_module and aged.resource = p_resource
          and case p_basis
              when 'archived' then aged.archived_at < p_before
              when 'added' then aged.created_at < p_before
              else aged.archived_at is null and aged.updated_at < p_before end),
    spelt as materialized (
        select record_text(found.id) as text_value from found
        where cardinality(part_resources) + cardinality(referring_resources) > 0),
    part as (
        select distinct hanging.record_id
        from unnest(part_resources, part_fields) as named (resource, field)
        join record_value as hanging
          on hanging.tenant_id = p_tenant and hanging.workspace_id = p_workspace
         and hanging.resource = named.resource and hanging.field = named.field
        join spelt on spelt.text_value = hanging.text_value),
    referring as (
        select distinct pointing.record_id
        from unnest(referring_resources, referring_fields) as named (resource, field)
        join record_value as pointing
          on pointing.tenant_id = p_tenant and pointing.workspace_id = p_workspace
         and pointing.resource = named.resource and pointing.field = named.field
        join spelt on spelt.text_value = pointing.text_value
        where not exists (select from found where found.id = pointing.record_id))
    select (select count(*) from found), (select coalesce(sum(found.bytes), 0)::bigint from found),
           (select min(found.aged_at) from found), (select max(found.aged_at) from found),
           (select count(*) from part),
           (select coalesce(sum(held.bytes), 0)::bigint from part
            join record as held on held.tenant_id = p_tenant and held.workspace_id = p_workspace and held.id = part.record_id),
           (select count(*) from found join asset_object as lying
              on lying.tenant_id = p_tenant and lying.workspace_id = p_workspace and lying.asset_id = found.id
             and lying.kept_at is not null and lying.leaving_at is null),
           (select coalesce(sum(lying.bytes), 0)::bigint from found join asset_object as lying
              on lying.tenant_id = p_tenant and lying.workspace_id = p_workspace and lying.asset_id = found.id
             and lying.kept_at is not null and lying.leaving_at is null),
           (select count(*) from referring);
end;

-- Purges the next records of a running reduction, with what is part of them, and marks their files to go. Nobody deletes a
-- record but through this, within the scope of that workspace. `state` is 'held' under a legal hold, 'over' where the
-- reduction does not run (any more), and 'done' where nothing is left.
create function purge_records(p_tenant uuid, p_workspace uuid, p_reduction uuid, most integer, moment timestamptz)
returns table (state text, ids uuid[], part_ids uuid[], bytes bigint, file_assets uuid[], file_ids uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    running reduction%rowtype;
    going uuid[] := '{}';
    hanging uuid[];
    file_bytes bigint;
    -- With more parts than that there are fewer records in a batch, so that it is over in its time.
    parts_most constant integer := 500;
begin
    if app_reach() is distinct from 'workspace' or app_tenant() is distinct from p_tenant or app_workspace() is distinct from p_workspace
    then
        raise exception 'records are purged within their workspace' using errcode = 'insufficient_privilege';
    end if;
    -- As whoever puts a hold on does: it waits for what goes just now, and nothing goes after it.
    perform pg_advisory_xact_lock(hashtextextended('keeps ' || p_workspace, 0));
    select asked.* into running from reduction as asked
    where asked.tenant_id = p_tenant and asked.workspace_id = p_workspace and asked.id = p_reduction and asked.status = 'running'
      and asked.act = 'purge'
    for no key update;
    if not found then
        state := 'over';
        return next;
        return;
    end if;
    if exists (select from audit_hold as hold where hold.tenant_id = p_tenant and hold.log_id = p_workspace and hold.lifted_at is null) then
        state := 'held';
        return next;
        return;
    end if;
    -- Each in the order of an index that has the first of them first.
    if running.basis = 'archived' then
        select coalesce(array_agg(first.id), '{}') into going from (
            select away.id from record as away
            where away.tenant_id = p_tenant and away.workspace_id = p_workspace and away.module = running.module
              and away.resource = running.resource and away.archived_at < running.before
            order by away.archived_at, away.id
            limit most) as first;
    elsif running.basis = 'added' then
        select coalesce(array_agg(first.id), '{}') into going from (
            select added.id from record as added
            where added.tenant_id = p_tenant and added.workspace_id = p_workspace and added.module = running.module
              and added.resource = running.resource and added.created_at < running.before
            order by added.id
            limit most) as first;
    else
        raise exception 'what is neither archived nor only ever added to is not purged' using errcode = 'check_violation';
    end if;
    if cardinality(going) = 0 then
        state := 'done';
        return next;
        return;
    end if;
    loop
        select coalesce(array_agg(distinct held.record_id), '{}') into hanging
        from unnest(running.part_resources, running.part_fields) as named (resource, field)
        join record_value as held
          on held.tenant_id = p_tenant and held.workspace_id = p_workspace and held.resource = named.resource
         and held.field = named.field
         and held.text_value = any (array(select record_text(gone.id) from unnest(going) as gone (id)));
        exit when cardinality(hanging) <= parts_most or cardinality(going) = 1;
        going := going[1:greatest(cardinality(going) / 4, 1)];
    end loop;
    with leaving as (
        update asset_object as lying set leaving_at = moment
        where lying.tenant_id = p_tenant and lying.workspace_id = p_workspace and lying.asset_id = any (going || hanging)
          and lying.leaving_at is null
        returning lying.asset_id, lying.id, case when lying.kept_at is not null then lying.bytes else 0 end as bytes)
    select coalesce(array_agg(leaving.asset_id), '{}'), coalesce(array_agg(leaving.id), '{}'), coalesce(sum(leaving.bytes), 0)::bigint
    into file_assets, file_ids, file_bytes
    from leaving;
    delete from record_value as held
    where held.tenant_id = p_tenant and held.workspace_id = p_workspace and held.record_id = any (going || hanging);
    with gone as (
        delete from record as held
        where held.tenant_id = p_tenant and held.workspace_id = p_workspace and held.id = any (going || hanging)
        returning held.module, held.resource, held.bytes, held.archived_at),
    summed as (
        select gone.module, gone.resource, count(*) as records, count(gone.archived_at) as archived, sum(gone.bytes)::bigint as bytes
        from gone
        group by gone.module, gone.resource
        order by gone.module, gone.resource),
    counted as (
        update record_count as known
        set records = known.records - summed.records, archived = known.archived - summed.archived, bytes = known.bytes - summed.bytes
        from summed
        where known.tenant_id = p_tenant and known.workspace_id = p_workspace and known.module = summed.module
          and known.resource = summed.resource)
    select sum(summed.bytes)::bigint + file_bytes into bytes from summed;
    state := 'running';
    ids := going;
    part_ids := hanging;
    return next;
end
$$;

-- Opens a workspace for what somebody asked for and is done later: with the role that they have now. No row where they have
-- none there any more, the workspace is not live, or the key that they asked with does not work any more.
create function open_errand(p_tenant uuid, p_workspace uuid, p_user uuid, p_key uuid, moment timestamptz)
returns table (
    user_id uuid, user_name text, user_email text, user_email_verified boolean, time_zone text, theme text, operator boolean,
    user_version bigint, authenticated_at timestamptz,
    tenant_id uuid, tenant_slug text, tenant_name text, tenant_kind text, tenant_role text, tenant_version bigint, tenant_plan text,
    members_create_workspaces boolean,
    workspace_id uuid, workspace_slug text, workspace_name text, workspace_role text, workspace_version bigint,
    workspace_created_at timestamptz, support_until timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    return query
    select person.id, person.name, person.email, person.email_verified, person.time_zone, person.theme, false, person.version,
           -- Never a recent sign-in: nobody is there.
           timestamptz 'epoch',
           home.tenant_id, home.slug, home.name, home.kind,
           (select belongs.role from tenant_membership as belongs
            where belongs.tenant_id = home.tenant_id and belongs.user_id = person.id),
           home.version, home.plan, home.members_create_workspaces,
           here.workspace_id, here.slug, here.name, granted.role, here.version, here.created_at, null::timestamptz
    from workspace as here
    join tenant as home on home.tenant_id = here.tenant_id and home.status = 'active'
    join workspace_membership as member
      on member.tenant_id = here.tenant_id and member.workspace_id = here.workspace_id and member.user_id = p_user
     and member.status = 'active' and (member.ends_at is null or member.ends_at > moment)
    join workspace_grant as granted
      on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
     and granted.membership_id = member.id and granted.project_id is null
    join app_user as person on person.id = member.user_id
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'active'
      and (p_key is null or exists (
          select from api_key as acting
          where acting.id = p_key and acting.tenant_id = here.tenant_id and acting.workspace_id = here.workspace_id
            and acting.steward = p_user and acting.status = 'active' and acting.expires_at > moment));
    if found then
        perform set_config('app.user_id', p_user::text, true),
                set_config('app.tenant_id', p_tenant::text, true),
                set_config('app.workspace_id', p_workspace::text, true),
                set_config('app.reach', 'workspace', true);
    end if;
end
$$;

-- Reductions that run and have not come on since that moment, of whichever tenant: their jobs are gone.
create function stalled_reductions(since timestamptz, most integer)
returns table (tenant_id uuid, workspace_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select stalled.tenant_id, stalled.workspace_id, stalled.id
    from reduction as stalled
    where stalled.status = 'running' and stalled.touched_at < since
    order by stalled.touched_at
    limit most;
end;

grant update (records, archived, bytes) on record_count to stoa_service;
grant update (leaving_at) on asset_object to stoa_service;
grant select on audit_hold to stoa_service;
grant create on schema public to stoa_service;
alter function purge_records(uuid, uuid, uuid, integer, timestamptz) owner to stoa_service;
alter function open_errand(uuid, uuid, uuid, uuid, timestamptz) owner to stoa_service;
alter function stalled_reductions(timestamptz, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function record_text(uuid) from public;
revoke execute on function preview_reduction(uuid, uuid, text, text, text, timestamptz, text[], text[], text[], text[]) from public;
revoke execute on function purge_records(uuid, uuid, uuid, integer, timestamptz) from public;
revoke execute on function open_errand(uuid, uuid, uuid, uuid, timestamptz) from public;
revoke execute on function stalled_reductions(timestamptz, integer) from public;
grant execute on function record_text(uuid) to stoa_app, stoa_service;
grant execute on function preview_reduction(uuid, uuid, text, text, text, timestamptz, text[], text[], text[], text[]) to stoa_app;
grant execute on function purge_records(uuid, uuid, uuid, integer, timestamptz) to stoa_app;
grant execute on function open_errand(uuid, uuid, uuid, uuid, timestamptz) to stoa_app;
grant execute on function stalled_reductions(timestamptz, integer) to stoa_app;
