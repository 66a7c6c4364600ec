-- How long the rows of an audit log are kept: what the plan allows, what is chosen, what holds them back, and the one way in
-- which a row that was sealed may go. Its leaf stays.

-- What a tenant's plan, or an exception to it, allows at most; the server notes it. Null is for ever. A shorter time is in
-- force a while after it was noted, by the clock of the database.
create table audit_allowance (
    tenant_id uuid not null,
    days integer constraint audit_allowance_floor check (days >= 30),
    next_days integer constraint audit_allowance_next_floor check (next_days >= 30),
    next_from timestamptz,
    noted_at timestamptz not null,
    constraint audit_allowance_pkey primary key (tenant_id),
    constraint audit_allowance_tenant_fkey foreign key (tenant_id) references tenant (tenant_id),
    constraint audit_allowance_next_whole check (next_from is not null or next_days is null)
);
call protect('audit_allowance', 'tenant');
grant select on audit_allowance to stoa_app;
grant select, insert, update (days, next_days, next_from, noted_at) on audit_allowance to stoa_service;
call keep_when_purged('audit_allowance', 'says how long the audit log is kept, which stays');

-- What is chosen for one log: never longer than what is allowed, which is asked when rows go.
create table audit_retention (
    tenant_id uuid not null,
    log_id uuid not null,
    -- Null of an account's own log and of the installation's, which is the nil tenant's.
    workspace_id uuid,
    days integer constraint audit_retention_floor check (days >= 30),
    next_days integer constraint audit_retention_next_floor check (next_days >= 30),
    next_from timestamptz,
    -- Whose word it is: `usr_…`, or `operator`.
    decided_by text not null,
    decided_at timestamptz not null,
    version bigint not null default 1,
    constraint audit_retention_pkey primary key (tenant_id, log_id),
    constraint audit_retention_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade,
    constraint audit_retention_next_whole check (next_from is not null or next_days is null)
);
call protect('audit_retention', 'workspace');
grant select on audit_retention to stoa_app;
grant select, insert, update (days, next_days, next_from, decided_by, decided_at, version) on audit_retention to stoa_service;
call keep_when_purged('audit_retention', 'says how long the audit log is kept, which stays');

-- While one of these is on a log nothing of it goes.
create table audit_hold (
    tenant_id uuid not null,
    log_id uuid not null,
    workspace_id uuid,
    id uuid not null,
    -- The matter that it is for.
    name text not null constraint audit_hold_name_length check (char_length(name) between 1 and 80),
    reason text not null constraint audit_hold_reason_length check (char_length(reason) between 1 and 400),
    -- Only the operator lifts what the operator put on.
    by_operator boolean not null,
    placed_by text not null,
    placed_at timestamptz not null,
    lifted_by text,
    lifted_at timestamptz,
    lifted_because text constraint audit_hold_lifted_because_length check (char_length(lifted_because) between 1 and 400),
    constraint audit_hold_pkey primary key (tenant_id, log_id, id),
    constraint audit_hold_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade,
    constraint audit_hold_lifted_whole
        check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_because is null))
);
call protect('audit_hold', 'workspace');
grant select, insert, update (lifted_by, lifted_at, lifted_because) on audit_hold to stoa_app;
grant select on audit_hold to stoa_service;
create index audit_hold_on on audit_hold (tenant_id, log_id) where lifted_at is null;
call keep_when_purged('audit_hold', 'says why rows of an audit log were kept, which stays');

create function audit_hold_stays() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
begin
    if old.lifted_at is not null then
        raise exception 'a hold that was lifted stays as it is' using errcode = 'insufficient_privilege';
    end if;
    if old.by_operator and current_user = 'stoa_app' and app_reach() is distinct from 'service' then
        raise exception 'the operator put this hold on' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger audit_hold_stays before update of lifted_by, lifted_at, lifted_because on audit_hold
    for each row execute function audit_hold_stays();

-- What went, and which row of the log says so. While `made_in` is the transaction that runs, rows of that log may go, and it
-- is null from when their record is written: a transaction that does not write one does not commit.
create table audit_removal (
    tenant_id uuid not null,
    log_id uuid not null,
    id uuid not null default gen_random_uuid(),
    -- `retention` takes rows, `erasure` values of a person.
    kind text not null constraint audit_removal_kind_known check (kind in ('retention', 'erasure')),
    -- The numbers in the log, `0-99,101`; and of an erasure the fields, `actor_name,ip`.
    rows text not null,
    fields text,
    removed_at timestamptz not null,
    made_in xid8 default pg_current_xact_id(),
    recorded_at timestamptz,
    record_id uuid,
    constraint audit_removal_pkey primary key (tenant_id, log_id, id),
    constraint audit_removal_recorded check ((made_in is null) = (record_id is not null) and (record_id is null) = (recorded_at is null)),
    constraint audit_removal_fields_of_erasures check ((kind = 'erasure') = (fields is not null))
);
alter table audit_removal enable row level security;
alter table audit_removal force row level security;
create policy owner on audit_removal to stoa_owner using (true) with check (true);
create policy service on audit_removal to stoa_service using (true) with check (true);
grant select, insert, update (made_in, recorded_at, record_id) on audit_removal to stoa_service;
create index audit_removal_under_way on audit_removal (tenant_id, log_id) where made_in is not null;
call keep_when_purged('audit_removal', 'says which rows of an audit log went by law');

-- What of a row was erased: the names of its fields, and what stands for them in its leaf, 32 bytes each in the same order.
alter table audit_event
    add column erased text[],
    add column commitments bytea,
    add constraint audit_event_erased_whole
        check ((erased is null) = (commitments is null) and octet_length(commitments) = 32 * cardinality(erased));

-- In the place of what refused every change: what a function of the service does under a removal that it made just now. It
-- runs as whoever changes the row, so that nobody passes for the service; and of a row that stays only values go.
create function audit_event_is_kept() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
declare
    erasable constant text[] := array[
        'actor_name', 'on_behalf_of_name', 'target_name', 'reason', 'ip', 'user_agent', 'changes', 'salts', 'erased', 'commitments'];
begin
    if current_user = 'stoa_service' then
        perform from public.audit_removal as lawful
        where lawful.tenant_id = app_tenant() and lawful.log_id = old.log_id and lawful.made_in = pg_current_xact_id()
          and lawful.kind = case tg_op when 'DELETE' then 'retention' else 'erasure' end;
        if found and tg_op = 'DELETE' then
            return old;
        elsif found and to_jsonb(new) - erasable = to_jsonb(old) - erasable then
            return new;
        end if;
    end if;
    raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege';
end
$$;
drop trigger append_only on audit_event;
create trigger append_only before update or delete on audit_event
    for each row execute function audit_event_is_kept();
grant delete, update (actor_name, on_behalf_of_name, target_name, reason, ip, user_agent, changes, salts, erased, commitments)
    on audit_event to stoa_service;

-- Asked at the end of the transaction: the log itself says what went.
create function audit_removal_is_recorded() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    written record;
begin
    select event.id, event.occurred_at into written
    from public.audit_event as event
    where event.tenant_id = new.tenant_id and event.log_id = new.log_id and event.occurred_at >= new.removed_at
      and event.action = case new.kind when 'retention' then 'audit_log.retention_applied' else 'audit_log.values_erased' end
      and exists (
          select from json_array_elements(event.changes) as change
          where change->>'field' = 'rows' and change->>'after' = new.rows)
      and (new.fields is null or exists (
          select from json_array_elements(event.changes) as change
          where change->>'field' = 'fields' and change->>'after' = new.fields))
    order by event.occurred_at desc
    limit 1;
    if not found then
        raise exception 'rows % of log % went without a record', new.rows, new.log_id using errcode = 'check_violation';
    end if;
    update public.audit_removal as made set made_in = null, recorded_at = written.occurred_at, record_id = written.id
    where made.tenant_id = new.tenant_id and made.log_id = new.log_id and made.id = new.id;
    return null;
end
$$;
create constraint trigger recorded after insert on audit_removal
    deferrable initially deferred for each row execute function audit_removal_is_recorded();

create function audit_log_is_held(p_tenant uuid, p_log uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select exists (select from audit_hold as hold where hold.tenant_id = p_tenant and hold.log_id = p_log and hold.lifted_at is null);
end;

-- For how many days a log's rows are kept at that moment, and whose word that is: the shorter one of what is allowed and what
-- is chosen, as far as each is in force. No row where they are kept for ever.
create function audit_days_kept(p_tenant uuid, p_log uuid, moment timestamptz) returns table (days integer, decided_by text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select said.days, said.decided_by
    from (
        select case when allowed.next_from <= moment then allowed.next_days else allowed.days end as days, 'plan' as decided_by
        from audit_allowance as allowed
        where allowed.tenant_id = p_tenant
        union all
        select case when chosen.next_from <= moment then chosen.next_days else chosen.days end, chosen.decided_by
        from audit_retention as chosen
        where chosen.tenant_id = p_tenant and chosen.log_id = p_log) as said
    where said.days is not null
    order by said.days, said.decided_by
    limit 1;
end;

-- Chooses how long a log is kept; null is for ever. What is shorter than what is in force now is so 30 days later, by the later
-- one of the two clocks: whoever reads the log can ask for a hold until then. Returns when it is in force, null for at once.
create function choose_audit_retention(
    p_tenant uuid, p_log uuid, p_workspace uuid, p_days integer, p_by text, moment timestamptz)
returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    said public.audit_retention;
    held integer;
    begins timestamptz;
begin
    if app_tenant() is distinct from p_tenant or not coalesce(case app_reach()
        when 'workspace' then p_log = app_workspace() and p_workspace = p_log
        when 'tenant' then p_log = p_tenant and p_workspace is null
        when 'service' then p_workspace is null or p_workspace = p_log end, false)
    then
        raise exception 'this log is decided over elsewhere' using errcode = 'insufficient_privilege';
    end if;
    select * into said from public.audit_retention as chosen
    where chosen.tenant_id = p_tenant and chosen.log_id = p_log for update;
    held := case when said.next_from <= least(moment, now()) then said.next_days else said.days end;
    if p_days < coalesce(held, 2147483647) then
        begins := greatest(moment, now()) + interval '30 days';
    else
        held := p_days;
    end if;
    insert into public.audit_retention as chosen
        (tenant_id, log_id, workspace_id, days, next_days, next_from, decided_by, decided_at)
    values (p_tenant, p_log, p_workspace, held, case when begins is not null then p_days end, begins, p_by, moment)
    on conflict on constraint audit_retention_pkey do update
    set days = excluded.days, next_days = excluded.next_days, next_from = excluded.next_from,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at, version = chosen.version + 1;
    return begins;
end
$$;

-- What a live tenant is allowed is noted where it is another than what was noted; by plan, with the days of each (null is for
-- ever), unless an exception says otherwise. Returns how many are other ones now.
create function note_audit_allowances(p_plans text[], p_days integer[], moment timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    noted bigint;
begin
    with allowed as (
        select home.tenant_id,
               case when agreed.tenant_id is not null then greatest(agreed.allowed, 30)::integer else plan.days end as days
        from tenant as home
        join unnest(p_plans, p_days) as plan (key, days) on plan.key = home.plan
        left join lateral (
            select given.tenant_id, given.allowed
            from entitlement as given
            where given.tenant_id = home.tenant_id and given.workspace_id is null and given.key = 'audit_days'
              and given.starts_at <= moment and (given.ends_at is null or given.ends_at > moment)
            order by given.starts_at desc
            limit 1) as agreed on true
        where home.purged_at is null),
    differs as (
        select allowed.tenant_id, allowed.days,
               case when known.next_from <= least(moment, now()) then known.next_days else known.days end as held
        from allowed
        left join audit_allowance as known on known.tenant_id = allowed.tenant_id
        where known.tenant_id is null
           or allowed.days is distinct from case when known.next_from is not null then known.next_days else known.days end)
    insert into public.audit_allowance as known (tenant_id, days, next_days, next_from, noted_at)
    select differs.tenant_id,
           case when differs.days < coalesce(differs.held, 2147483647) then differs.held else differs.days end,
           case when differs.days < coalesce(differs.held, 2147483647) then differs.days end,
           case when differs.days < coalesce(differs.held, 2147483647) then greatest(moment, now()) + interval '30 days' end,
           moment
    from differs
    on conflict on constraint audit_allowance_pkey do update
    set days = excluded.days, next_days = excluded.next_days, next_from = excluded.next_from, noted_at = excluded.noted_at;
    get diagnostics noted = row_count;
    return noted;
end
$$;

-- Whose a log is now: the tenant's, the one in which its workspace is, or nobody's but the installation's.
create function audit_log_place(p_log uuid) returns table (tenant_id uuid, workspace_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select home.tenant_id, null::uuid from tenant as home where home.tenant_id = p_log
    union all
    select here.tenant_id, here.workspace_id
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    join workspace as here on here.tenant_id = owner.tenant_id and here.workspace_id = p_log
    where head.log_id = p_log
    union all
    select '00000000-0000-0000-0000-000000000000'::uuid, null from installation where installation.id = p_log;
end;

-- Logs of which rows are due to go, behind `after`, in the order of their ids.
create function audit_logs_to_trim(moment timestamptz, after uuid, most integer)
returns table (tenant_id uuid, log_id uuid, workspace_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select place.tenant_id, head.log_id, place.workspace_id
    from audit_log_head as head
    cross join lateral audit_log_place(head.log_id) as place
    cross join lateral audit_days_kept(place.tenant_id, head.log_id, least(moment, now())) as kept
    where head.log_id > after and head.signed_size > 0 and not audit_log_is_held(place.tenant_id, head.log_id)
      and exists (
          select from unnest(head.tenants) as owner (tenant_id)
          join audit_event as event on event.tenant_id = owner.tenant_id and event.log_id = head.log_id
          where event.occurred_at < least(moment, now()) - make_interval(days => kept.days)
            and event.action not in ('audit_log.retention_applied', 'audit_log.values_erased'))
    order by head.log_id
    limit most;
end;

-- The numbers of rows in a log, as runs: `0-99,101`.
create function audit_runs(numbers bigint[]) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp
begin atomic
    select string_agg(case when run.first = run.last then run.first::text else run.first || '-' || run.last end, ',' order by run.first)
    from (
        select min(one.number) as first, max(one.number) as last
        from (
            select listed.number, listed.number - row_number() over (order by listed.number) as gap
            from unnest(numbers) as listed (number)) as one
        group by one.gap) as run;
end;

-- Takes the oldest rows of a log whose time is over, so many at most, with their envelopes: only what a checkpoint covers, no
-- record of what went, nothing while a hold is on. The caller says neither which rows nor for how long they are kept, and has to
-- write down what went before the transaction ends. No row where there is nothing (any more), or somebody else is at it.
create function remove_audit_rows(p_tenant uuid, p_log uuid, most integer, moment timestamptz)
returns table (origin text, rows text, removed bigint, days integer, before timestamptz, decided_by text)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    head public.audit_log_head;
    kept record;
    until timestamptz;
    numbers bigint[];
    owners uuid[];
    times timestamptz[];
    ids uuid[];
    gone bigint;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant
        or not exists (select from public.audit_log_place(p_log) as place where place.tenant_id = p_tenant)
    then
        raise exception 'removing rows is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    if most is null or most not between 1 and 5000 then
        raise exception 'remove_audit_rows: most is %, expected 1 to 5000', most;
    end if;
    -- Whoever puts a hold on waits for this, or this for them.
    if not pg_try_advisory_xact_lock(hashtextextended('keeps ' || p_log, 0)) then
        return;
    end if;
    if public.audit_log_is_held(p_tenant, p_log) then
        raise exception 'log % is under a legal hold', p_log using errcode = 'object_not_in_prerequisite_state';
    end if;
    select * into kept from public.audit_days_kept(p_tenant, p_log, least(moment, now()));
    if kept.days is null then
        return;
    end if;
    until := least(moment, now()) - make_interval(days => kept.days);
    select * into head from public.audit_log_head as known where known.log_id = p_log;
    select array_agg(due.seq), array_agg(due.tenant_id), array_agg(due.occurred_at), array_agg(due.id)
    into numbers, owners, times, ids
    from (
        select leaf.seq, event.tenant_id, event.occurred_at, event.id
        from unnest(head.tenants) as owner (tenant_id)
        join public.audit_event as event on event.tenant_id = owner.tenant_id and event.log_id = p_log and event.occurred_at < until
        join public.audit_leaf as leaf on leaf.tenant_id = event.tenant_id and leaf.log_id = p_log and leaf.row_id = event.id
        where leaf.seq < head.signed_size
          and event.action not in ('audit_log.retention_applied', 'audit_log.values_erased')
        order by event.occurred_at, event.id
        limit most) as due;
    if numbers is null then
        return;
    end if;
    rows := public.audit_runs(numbers);
    insert into public.audit_removal (tenant_id, log_id, kind, rows, removed_at) values (p_tenant, p_log, 'retention', rows, moment);
    delete from public.audit_event as event
    using unnest(owners, times, ids) as due (tenant_id, occurred_at, id)
    where event.tenant_id = due.tenant_id and event.occurred_at = due.occurred_at and event.id = due.id and event.log_id = p_log;
    get diagnostics gone = row_count;
    if gone <> cardinality(ids) then
        raise exception 'remove_audit_rows: % of % rows of log % went', gone, cardinality(ids), p_log;
    end if;
    -- An act and its envelope are one: what is not to be read here any more is not to be sent either.
    delete from public.outbox as envelope
    using unnest(owners, ids) as due (tenant_id, id)
    where envelope.tenant_id = due.tenant_id and envelope.id = due.id;
    return query select head.origin, remove_audit_rows.rows, gone, kept.days, until, kept.decided_by;
end
$$;

-- The rows of a log that say what went, by their numbers; those that wait for their seal have none yet.
create function audit_records(p_log uuid)
returns table (seq bigint, tenant_id uuid, row_id uuid, occurred_at timestamptz, leaf_hash bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.seq, event.tenant_id, event.id, event.occurred_at, coalesce(leaf.leaf_hash, event.leaf_hash)
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    join audit_removal as made on made.tenant_id = owner.tenant_id and made.log_id = p_log
    join audit_event as event
      on event.tenant_id = made.tenant_id and event.occurred_at = made.recorded_at and event.id = made.record_id
     and event.log_id = p_log
    left join audit_leaf as leaf on leaf.tenant_id = event.tenant_id and leaf.log_id = p_log and leaf.row_id = event.id
    where head.log_id = p_log and reaches_audit_log(p_log)
    order by leaf.seq;
end;

-- Whose holds are on, of whichever tenant: for the operator.
create function audit_holds() returns setof audit_hold
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select * from audit_hold as hold
    where app_reach() = 'service' and app_tenant() = '00000000-0000-0000-0000-000000000000'
    order by hold.placed_at, hold.id;
end;

grant create on schema public to stoa_service;
do $$
declare
    made regprocedure;
begin
    for made in
        select oid from pg_proc
        where pronamespace = 'public'::regnamespace
          and proname in (
              'audit_removal_is_recorded', 'audit_log_is_held', 'audit_days_kept', 'choose_audit_retention', 'note_audit_allowances',
              'audit_log_place', 'audit_logs_to_trim', 'remove_audit_rows', 'audit_records', 'audit_holds')
    loop
        execute format('alter function %s owner to stoa_service', made);
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to stoa_app', made);
    end loop;
end
$$;
revoke create on schema public from stoa_service;
revoke execute on function audit_removal_is_recorded(), audit_log_is_held(uuid, uuid), audit_days_kept(uuid, uuid, timestamptz) from stoa_app;
