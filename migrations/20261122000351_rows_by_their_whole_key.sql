-- Rows that are known by time and id are each looked up by the whole of their key. A join left it to the planner, who takes a
-- partition of which nothing is known yet for empty, and walked through all of a log's rows for each one: the first of every
-- month, and in a young database, sealing took the square of what waited. `offset 0` keeps each lookup one of its own.

create or replace function audit_rows_to_seal(p_tenant uuid, p_log uuid, most integer)
returns table (occurred_at timestamptz, row_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select waiting.occurred_at, waiting.row_id
    from audit_unsealed as waiting
    where app_reach() = 'service' and app_tenant() = p_tenant
      and waiting.tenant_id = p_tenant and waiting.log_id = p_log
      -- A row that was taken away before it was sealed stays here, for the verifier to name.
      and exists (
          select from audit_event as event
          where event.tenant_id = p_tenant and event.log_id = p_log and event.occurred_at = waiting.occurred_at
            and event.id = waiting.row_id
          offset 0)
    order by waiting.occurred_at, waiting.row_id
    limit most;
end;

create or replace function seal_rows(
    p_tenant uuid, p_log uuid, p_from bigint, p_times timestamptz[], p_rows uuid[],
    p_levels smallint[], p_places bigint[], p_hashes bytea[], p_edge bytea, moment timestamptz)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    counted bigint;
    wanted constant bigint := cardinality(p_rows);
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'sealing is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    update public.audit_log_head as head
    set size = p_from + wanted, edge = p_edge, unsigned_since = coalesce(head.unsigned_since, moment), last_tenant = p_tenant,
        tenants = case when p_tenant = any (head.tenants) then head.tenants else head.tenants || p_tenant end
    where head.log_id = p_log and head.size = p_from;
    if not found then
        raise exception 'seal_rows: log % does not have % leaves', p_log, p_from;
    end if;
    delete from public.audit_unsealed as waiting
    using unnest(p_times, p_rows) as sealed (occurred_at, row_id)
    where waiting.tenant_id = p_tenant and waiting.log_id = p_log
      and waiting.occurred_at = sealed.occurred_at and waiting.row_id = sealed.row_id;
    get diagnostics counted = row_count;
    if counted <> wanted then
        raise exception 'seal_rows: % of % rows wait in log %', counted, wanted, p_log;
    end if;
    insert into public.audit_leaf (tenant_id, log_id, seq, row_id, occurred_at, leaf_hash)
    select p_tenant, p_log, p_from + sealed.number - 1, event.id, event.occurred_at, event.leaf_hash
    from unnest(p_times, p_rows) with ordinality as sealed (occurred_at, row_id, number)
    cross join lateral (
        select one.id, one.occurred_at, one.leaf_hash
        from public.audit_event as one
        where one.tenant_id = p_tenant and one.log_id = p_log and one.occurred_at = sealed.occurred_at and one.id = sealed.row_id
        offset 0) as event;
    get diagnostics counted = row_count;
    if counted <> wanted then
        raise exception 'seal_rows: % of % rows are in log %', counted, wanted, p_log;
    end if;
    insert into public.audit_subtree (tenant_id, log_id, level, place, hash)
    select p_tenant, p_log, whole.level, whole.place, whole.hash
    from unnest(p_levels, p_places, p_hashes) as whole (level, place, hash);
end
$$;

create or replace function audit_missing_before_seal(p_tenant uuid, most integer)
returns table (log_id uuid, row_id uuid, occurred_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select waiting.log_id, waiting.row_id, waiting.occurred_at
    from audit_unsealed as waiting
    where app_reach() = 'service' and app_tenant() = p_tenant and waiting.tenant_id = p_tenant
      and not exists (
          select from audit_event as event
          where event.tenant_id = p_tenant and event.log_id = waiting.log_id and event.occurred_at = waiting.occurred_at
            and event.id = waiting.row_id
          offset 0)
    order by waiting.log_id, waiting.occurred_at, waiting.row_id
    limit most;
end;

create or replace function audit_sealed_rows(p_log uuid, first bigint, last bigint)
returns table (
    seq bigint, row_id uuid, occurred_at timestamptz, leaf_hash bytea, is_there boolean,
    action text, actor_type text, actor_id text, actor_name text, on_behalf_of_id text, on_behalf_of_name text, credential_id text,
    client text, channel text, route text, target_type text, target_id text, target_name text, outcome text, reason text,
    request_id text, client_request_id text, ip text, user_agent text, input_hash bytea, changes text, leaf_version smallint,
    erased text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.seq, leaf.row_id, leaf.occurred_at, leaf.leaf_hash, event.id is not null,
           event.action, event.actor_type, event.actor_id, event.actor_name, event.on_behalf_of_id, event.on_behalf_of_name,
           event.credential_id, event.client, event.channel, event.route, event.target_type, event.target_id, event.target_name,
           event.outcome, event.reason, event.request_id, event.client_request_id, event.ip, event.user_agent, event.input_hash,
           event.changes::text, event.leaf_version, event.erased
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select one.seq, one.tenant_id, one.row_id, one.occurred_at, one.leaf_hash
        from audit_leaf as one
        where one.tenant_id = owner.tenant_id and one.log_id = p_log and one.seq >= first and one.seq < last) as leaf
    left join lateral (
        select one.*
        from audit_event as one
        where one.tenant_id = leaf.tenant_id and one.log_id = p_log and one.occurred_at = leaf.occurred_at and one.id = leaf.row_id
        offset 0) as event on true
    where head.log_id = p_log and app_reach() = 'service'
      and (p_log = app_tenant()
          or exists (select from workspace as here where here.tenant_id = app_tenant() and here.workspace_id = p_log)
          or (app_tenant() = '00000000-0000-0000-0000-000000000000' and exists (select from installation where installation.id = p_log)))
    order by leaf.seq;
end;
