-- The proof of the audit logs: for each log a Merkle tree (RFC 6962) over the leaves of its rows, and signed checkpoints of
-- it. What is here is hashes, numbers and ids; what a row says stays in audit_event alone.

-- Rows that are in no tree yet. A trigger puts each here in the transaction that writes it, so that none is ever skipped,
-- whenever it commits and whatever its id or time; the sealer takes what it sees, which has committed.
create table audit_unsealed (
    tenant_id uuid not null,
    log_id uuid not null,
    occurred_at timestamptz not null,
    row_id uuid not null,
    constraint audit_unsealed_pkey primary key (tenant_id, log_id, occurred_at, row_id)
);

-- One row a log: how far it is sealed and signed.
create table audit_log_head (
    log_id uuid not null,
    -- The first line of its checkpoints; what it was when the log began stays.
    origin text not null,
    size bigint not null default 0 constraint audit_log_head_size_positive check (size >= 0),
    -- The hashes of the whole subtrees of so many leaves, the largest first.
    edge bytea not null default '' constraint audit_log_head_edge_whole check (octet_length(edge) % 32 = 0),
    -- Of the newest checkpoint.
    signed_size bigint not null default 0,
    -- Since when there are leaves that no checkpoint covers.
    unsigned_since timestamptz,
    -- Of the newest checkpoint that a witness was given.
    witnessed_size bigint not null default 0,
    -- Whose rows are in it, in the order in which they first came: a workspace moves.
    tenants uuid[] not null default '{}',
    -- Whose the newest leaf is.
    last_tenant uuid,
    constraint audit_log_head_pkey primary key (log_id),
    constraint audit_log_head_signed_within check (signed_size between 0 and size and witnessed_size between 0 and signed_size)
);
create index audit_log_head_unsigned on audit_log_head (unsigned_since) where unsigned_since is not null;
create index audit_log_head_unwitnessed on audit_log_head (log_id) where signed_size > witnessed_size;

-- The leaves, numbered from 0 in each log, without a gap. A leaf stands with the tenant of its row, as a checkpoint and a
-- subtree do with that of the last leaf in them.
create table audit_leaf (
    tenant_id uuid not null,
    log_id uuid not null,
    seq bigint not null constraint audit_leaf_seq_positive check (seq >= 0),
    row_id uuid not null,
    -- Of the row: its partition.
    occurred_at timestamptz not null,
    leaf_hash bytea not null constraint audit_leaf_hash_length check (octet_length(leaf_hash) = 32),
    constraint audit_leaf_pkey primary key (tenant_id, log_id, seq),
    constraint audit_leaf_row_key unique (tenant_id, log_id, row_id)
);

-- The hashes of whole subtrees of 2^8, 2^16, 2^24 … leaves. A proof needs at most 255 hashes of each of these levels.
create table audit_subtree (
    tenant_id uuid not null,
    log_id uuid not null,
    level smallint not null constraint audit_subtree_level_kept check (level > 0 and level % 8 = 0),
    -- Over the leaves from place × 2^level on.
    place bigint not null constraint audit_subtree_place_positive check (place >= 0),
    hash bytea not null constraint audit_subtree_hash_length check (octet_length(hash) = 32),
    constraint audit_subtree_pkey primary key (tenant_id, log_id, level, place)
);

create table audit_checkpoint (
    tenant_id uuid not null,
    log_id uuid not null,
    size bigint not null constraint audit_checkpoint_size_positive check (size > 0),
    root bytea not null constraint audit_checkpoint_root_length check (octet_length(root) = 32),
    -- Of the key that signed it.
    key_id text not null,
    -- C2SP signed-note, as it was signed.
    note text not null,
    signed_at timestamptz not null,
    constraint audit_checkpoint_pkey primary key (tenant_id, log_id, size)
);

-- Reached through functions alone: nobody of the application is granted any of them.
do $$
declare
    guarded text;
begin
    foreach guarded in array array['audit_unsealed', 'audit_log_head', 'audit_leaf', 'audit_subtree', 'audit_checkpoint']
    loop
        execute format('alter table public.%I enable row level security', guarded);
        execute format('alter table public.%I force row level security', guarded);
        execute format('create policy owner on public.%I to stoa_owner using (true) with check (true)', guarded);
        execute format('create policy service on public.%I to stoa_service using (true) with check (true)', guarded);
    end loop;
    foreach guarded in array array['audit_leaf', 'audit_subtree', 'audit_checkpoint']
    loop
        execute format('create trigger append_only before update or delete on public.%I
            for each row execute function audit_event_is_append_only()', guarded);
        execute format('create trigger append_only_truncate before truncate on public.%I
            for each statement execute function audit_event_is_append_only()', guarded);
        execute format('grant select, insert on public.%I to stoa_service', guarded);
        execute format('call keep_when_purged(%L, %L)', guarded, 'proves the rows of an audit log, which stay');
    end loop;
end
$$;
call keep_when_purged('audit_unsealed', 'rows of an audit log on their way to be proven');
grant select, insert, delete on audit_unsealed to stoa_service;
grant select, insert, update (size, edge, signed_size, unsigned_since, witnessed_size, tenants, last_tenant)
    on audit_log_head to stoa_service;

create function audit_event_waits_for_its_seal() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into public.audit_unsealed (tenant_id, log_id, occurred_at, row_id)
    values (new.tenant_id, new.log_id, new.occurred_at, new.id);
    return null;
end
$$;

-- Whether this transaction reaches the log: a workspace or a tenant its own, the server's own work those of its tenant.
create function reaches_audit_log(p_log uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select coalesce(case app_reach()
        when 'workspace' then p_log = app_workspace()
        when 'tenant' then p_log = app_tenant()
        when 'service' then exists (
            select from audit_log_head as head where head.log_id = p_log and app_tenant() = any (head.tenants))
    end, false);
end;

-- Logs with rows of a tenant that wait, and those of which leaves have gone unsigned since `before`; so many at most.
create function audit_logs_to_seal(before timestamptz, most integer)
returns table (tenant_id uuid, log_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    with recursive waiting (tenant_id, log_id, number) as (
        (select first.tenant_id, first.log_id, 1 from audit_unsealed as first order by first.tenant_id, first.log_id limit 1)
        union all
        select next.tenant_id, next.log_id, waiting.number + 1
        from waiting
        cross join lateral (
            select further.tenant_id, further.log_id
            from audit_unsealed as further
            where (further.tenant_id, further.log_id) > (waiting.tenant_id, waiting.log_id)
            order by further.tenant_id, further.log_id
            limit 1) as next
        where waiting.number < most)
    select waiting.tenant_id, waiting.log_id from waiting
    union
    (select head.last_tenant, head.log_id from audit_log_head as head
     where head.unsigned_since <= before
     order by head.unsigned_since
     limit most);
end;

-- Every log that has a leaf, with whose rows are in it.
create function audit_logs()
returns table (log_id uuid, origin text, size bigint, edge bytea, signed_size bigint, tenants uuid[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select head.log_id, head.origin, head.size, head.edge, head.signed_size, head.tenants
    from audit_log_head as head
    where head.size > 0
    order by head.log_id;
end;

-- Whoever may have rows of a log: every tenant, and the installation under the nil tenant.
create function audit_tenants() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select '00000000-0000-0000-0000-000000000000'::uuid
    union
    select home.tenant_id from tenant as home;
end;

-- Takes a log to be sealed until the transaction ends: no row where somebody else has it. `note` is the newest checkpoint.
create function begin_sealing(p_tenant uuid, p_log uuid, p_origin text)
returns table (origin text, size bigint, edge bytea, signed_size bigint, unsigned_since timestamptz, note text)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'sealing is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended('seals ' || p_log, 0)) then
        return;
    end if;
    insert into public.audit_log_head as known (log_id, origin) values (p_log, p_origin) on conflict (log_id) do nothing;
    return query
        select head.origin, head.size, head.edge, head.signed_size, head.unsigned_since,
               (select made.note from public.audit_checkpoint as made
                where made.tenant_id = any (head.tenants) and made.log_id = p_log and made.size = head.signed_size)
        from public.audit_log_head as head
        where head.log_id = p_log
        for update;
end
$$;

-- What waits in a log for its seal and is there, the oldest first.
create function audit_rows_to_seal(p_tenant uuid, p_log uuid, most integer)
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
          where event.tenant_id = p_tenant and event.occurred_at = waiting.occurred_at and event.id = waiting.row_id
            and event.log_id = p_log)
    order by waiting.occurred_at, waiting.row_id
    limit most;
end;

-- Appends the leaves of rows that wait, as the rows carry them, and what became whole with them. All or nothing: the log
-- must be as long as whoever worked it out thought.
create function seal_rows(
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
    join public.audit_event as event
      on event.tenant_id = p_tenant and event.occurred_at = sealed.occurred_at and event.id = sealed.row_id and event.log_id = p_log;
    get diagnostics counted = row_count;
    if counted <> wanted then
        raise exception 'seal_rows: % of % rows are in log %', counted, wanted, p_log;
    end if;
    insert into public.audit_subtree (tenant_id, log_id, level, place, hash)
    select p_tenant, p_log, whole.level, whole.place, whole.hash
    from unnest(p_levels, p_places, p_hashes) as whole (level, place, hash);
end
$$;

-- Keeps the checkpoint of a log as it is now.
create function keep_checkpoint(
    p_tenant uuid, p_log uuid, p_size bigint, p_root bytea, p_key text, p_note text, moment timestamptz)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'sealing is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    update public.audit_log_head as head set signed_size = p_size, unsigned_since = null
    where head.log_id = p_log and head.size = p_size and head.signed_size < p_size;
    if not found then
        raise exception 'keep_checkpoint: log % does not have % leaves, or they are signed', p_log, p_size;
    end if;
    insert into public.audit_checkpoint (tenant_id, log_id, size, root, key_id, note, signed_at)
    values (p_tenant, p_log, p_size, p_root, p_key, p_note, moment);
end
$$;

-- The newest checkpoint of each log whose witness was not given it.
create function unwitnessed_checkpoints(most integer) returns table (log_id uuid, size bigint, note text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select head.log_id, made.size, made.note
    from audit_log_head as head
    join audit_checkpoint as made
      on made.tenant_id = any (head.tenants) and made.log_id = head.log_id and made.size = head.signed_size
    where head.signed_size > head.witnessed_size
    order by head.log_id
    limit most;
end;

create function note_witnessed(p_log uuid, p_size bigint) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    update audit_log_head set witnessed_size = p_size where log_id = p_log and witnessed_size < p_size and signed_size >= p_size;
end;

-- Leaves of a log by their numbers, from `first` up to before `last`.
create function audit_leaves(p_log uuid, first bigint, last bigint)
returns table (seq bigint, tenant_id uuid, row_id uuid, occurred_at timestamptz, leaf_hash bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.seq, leaf.tenant_id, leaf.row_id, leaf.occurred_at, leaf.leaf_hash
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select one.seq, one.tenant_id, one.row_id, one.occurred_at, one.leaf_hash
        from audit_leaf as one
        where one.tenant_id = owner.tenant_id and one.log_id = p_log and one.seq >= first and one.seq < last) as leaf
    where head.log_id = p_log and reaches_audit_log(p_log)
    order by leaf.seq;
end;

-- Which of these rows of a log are sealed, and at which number.
create function audit_seals(p_log uuid, p_rows uuid[]) returns table (row_id uuid, seq bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.row_id, leaf.seq
    from audit_log_head as head
    join audit_leaf as leaf on leaf.tenant_id = any (head.tenants) and leaf.log_id = p_log and leaf.row_id = any (p_rows)
    where head.log_id = p_log and reaches_audit_log(p_log);
end;

-- Hashes of a log's tree: of each level (0: the leaves) those from one place up to before another.
create function audit_hashes(p_log uuid, p_levels smallint[], p_firsts bigint[], p_lasts bigint[])
returns table (level smallint, place bigint, hash bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select wanted.level, kept.place, kept.hash
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral unnest(p_levels, p_firsts, p_lasts) as wanted (level, first, last)
    cross join lateral (
        select leaf.seq as place, leaf.leaf_hash as hash
        from audit_leaf as leaf
        where wanted.level = 0 and leaf.tenant_id = owner.tenant_id and leaf.log_id = p_log
          and leaf.seq >= wanted.first and leaf.seq < wanted.last
        union all
        select whole.place, whole.hash
        from audit_subtree as whole
        where wanted.level > 0 and whole.tenant_id = owner.tenant_id and whole.log_id = p_log and whole.level = wanted.level
          and whole.place >= wanted.first and whole.place < wanted.last) as kept
    where head.log_id = p_log and reaches_audit_log(p_log);
end;

-- Checkpoints of a log over more than `after` leaves, the smallest first.
create function audit_checkpoints(p_log uuid, after bigint, most integer)
returns table (size bigint, root bytea, key_id text, note text, signed_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select made.size, made.root, made.key_id, made.note, made.signed_at
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select one.size, one.root, one.key_id, one.note, one.signed_at
        from audit_checkpoint as one
        where one.tenant_id = owner.tenant_id and one.log_id = p_log and one.size > after
        order by one.size
        limit most) as made
    where head.log_id = p_log and reaches_audit_log(p_log)
    order by made.size
    limit most;
end;

-- How far a log is: its leaves, the newest checkpoint, and what waits. No row where nothing was ever sealed.
create function audit_standing(p_log uuid)
returns table (size bigint, signed_size bigint, note text, key_id text, signed_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select head.size, head.signed_size, made.note, made.key_id, made.signed_at
    from audit_log_head as head
    left join audit_checkpoint as made
      on made.tenant_id = any (head.tenants) and made.log_id = head.log_id and made.size = head.signed_size
    where head.log_id = p_log and reaches_audit_log(p_log);
end;

-- Of these rows of the scope's tenant, those that wait for their seal.
create function audit_waiting(p_tenant uuid, p_log uuid, p_times timestamptz[], p_rows uuid[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select waiting.row_id
    from unnest(p_times, p_rows) as asked (occurred_at, row_id)
    join audit_unsealed as waiting
      on waiting.tenant_id = p_tenant and waiting.log_id = p_log
     and waiting.occurred_at = asked.occurred_at and waiting.row_id = asked.row_id
    where app_reach() = 'service' and app_tenant() = p_tenant;
end;

-- What waits for its seal, of the scope's tenant, and is not there: rows that somebody took away before they were sealed.
create function audit_missing_before_seal(p_tenant uuid, most integer)
returns table (log_id uuid, row_id uuid, occurred_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select waiting.log_id, waiting.row_id, waiting.occurred_at
    from audit_unsealed as waiting
    where app_reach() = 'service' and app_tenant() = p_tenant and waiting.tenant_id = p_tenant
      and not exists (
          select from audit_event as event
          where event.tenant_id = p_tenant and event.occurred_at = waiting.occurred_at and event.id = waiting.row_id
            and event.log_id = waiting.log_id)
    order by waiting.log_id, waiting.occurred_at, waiting.row_id
    limit most;
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
              'audit_event_waits_for_its_seal', 'reaches_audit_log', 'audit_logs_to_seal', 'audit_logs', 'audit_tenants',
              'begin_sealing', 'audit_rows_to_seal', 'seal_rows', 'keep_checkpoint', 'unwitnessed_checkpoints', 'note_witnessed',
              'audit_leaves', 'audit_seals', 'audit_hashes', 'audit_checkpoints', 'audit_standing', 'audit_waiting',
              'audit_missing_before_seal')
    loop
        execute format('alter function %s owner to stoa_service', made);
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to stoa_app', made);
    end loop;
end
$$;
revoke create on schema public from stoa_service;
revoke execute on function audit_event_waits_for_its_seal() from stoa_app;

-- What was written before waits like everything else.
insert into audit_unsealed (tenant_id, log_id, occurred_at, row_id)
select tenant_id, log_id, occurred_at, id from audit_event;
create trigger waits_for_its_seal after insert on audit_event
    for each row execute function audit_event_waits_for_its_seal();
