-- Where the operator has audit logs written beside the database, a file or standard output: how far each log is there.
create table audit_drain (
    -- 'file' or 'stdout'.
    name text not null constraint audit_drain_name_known check (name in ('file', 'stdout')),
    log_id uuid not null,
    -- The first number of the log's tree that is not there yet.
    next_seq bigint not null default 0 constraint audit_drain_next_positive check (next_seq >= 0),
    constraint audit_drain_pkey primary key (name, log_id)
);
alter table audit_drain enable row level security;
alter table audit_drain force row level security;
create policy owner on audit_drain to stoa_owner using (true) with check (true);
create policy service on audit_drain to stoa_service using (true) with check (true);
grant select, insert, update (next_seq) on audit_drain to stoa_service;

-- Logs with rows that are not there yet, all or those that are chosen, with whose they are now: those of the installation are
-- the nil tenant's.
create function audit_drains_due(p_name text, p_logs uuid[], most integer) returns table (tenant_id uuid, log_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select coalesce(here.tenant_id, home.tenant_id, '00000000-0000-0000-0000-000000000000'), head.log_id
    from audit_log_head as head
    left join audit_drain as known on known.name = p_name and known.log_id = head.log_id
    left join workspace as here on here.workspace_id = head.log_id
    left join tenant as home on home.tenant_id = head.log_id
    where head.size > coalesce(known.next_seq, 0) and (p_logs = '{}' or head.log_id = any (p_logs))
    order by head.log_id
    limit most;
end;

-- Takes one place until the transaction ends, and says how far a log is there. No row where somebody else writes there.
create function begin_audit_drain(p_name text, p_log uuid) returns table (next_seq bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if app_reach() is distinct from 'service' then
        raise exception 'draining is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended('drains ' || p_name, 0)) then
        return;
    end if;
    insert into public.audit_drain as known (name, log_id) values (p_name, p_log) on conflict (name, log_id) do nothing;
    return query select known.next_seq from public.audit_drain as known where known.name = p_name and known.log_id = p_log;
end
$$;

create function note_drained(p_name text, p_log uuid, p_from bigint, p_to bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    update public.audit_drain as known set next_seq = p_to
    where known.name = p_name and known.log_id = p_log and known.next_seq = p_from and p_to > p_from and app_reach() = 'service';
    if not found then
        raise exception 'note_drained: log % is not at % in %', p_log, p_from, p_name;
    end if;
end
$$;

grant create on schema public to stoa_service;
do $$
declare
    made regprocedure;
begin
    for made in
        select oid from pg_proc
        where pronamespace = 'public'::regnamespace and proname in ('audit_drains_due', 'begin_audit_drain', 'note_drained')
    loop
        execute format('alter function %s owner to stoa_service', made);
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to stoa_app', made);
    end loop;
end
$$;
revoke create on schema public from stoa_service;
