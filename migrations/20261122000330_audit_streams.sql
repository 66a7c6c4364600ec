-- Audit streams: the rows of a log, sent to an address of somebody's choice in the order in which they were sealed.
create table audit_stream (
    tenant_id uuid not null constraint audit_stream_tenant_fkey references tenant (tenant_id),
    -- Null of a stream of the tenant's own log.
    workspace_id uuid,
    id uuid not null,
    name text not null constraint audit_stream_name_length check (char_length(name) between 1 and 60),
    url text not null constraint audit_stream_url_length check (char_length(url) between 1 and 2000),
    status text not null default 'active' constraint audit_stream_status_known check (status in ('active', 'paused', 'archived')),
    paused_because text
        constraint audit_stream_pause_known check (paused_because in ('person', 'gone', 'failing', 'moved')),
    -- The first number of the log's tree that the receiver has not acknowledged.
    next_seq bigint not null constraint audit_stream_next_positive check (next_seq >= 0),
    -- Where the batch ends that is being sent, or that failed: tried again, it has the same rows.
    batch_end bigint,
    -- What the signing secret is worked out from together with the pepper of that id. Never the secret.
    secret_salt bytea not null,
    secret_pepper text not null,
    secret_made_at timestamptz not null,
    -- The one before it, which signs beside it until then.
    former_salt bytea,
    former_pepper text,
    former_until timestamptz,
    -- Not before then is anything sent.
    due_at timestamptz not null,
    -- Whose it is to send just now, and until when; a lease that ran out is as good as none.
    lease uuid,
    lease_until timestamptz,
    failures integer not null default 0 constraint audit_stream_failures_counted check (failures >= 0),
    failing_since timestamptz,
    -- When its people were told that it fails.
    told_at timestamptz,
    last_attempt_at timestamptz,
    last_sent_at timestamptz,
    last_status smallint,
    last_error text,
    test_asked_at timestamptz,
    tested_at timestamptz,
    test_status smallint,
    test_error text,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint audit_stream_pkey primary key (tenant_id, id),
    constraint audit_stream_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade,
    constraint audit_stream_pause_has_reason check ((status = 'paused') = (paused_because is not null)),
    constraint audit_stream_batch_ahead check (batch_end > next_seq),
    constraint audit_stream_lease_has_end check ((lease is null) = (lease_until is null)),
    constraint audit_stream_former_whole
        check ((former_salt is null) = (former_until is null) and (former_salt is null) = (former_pepper is null))
);
call protect('audit_stream', 'workspace');
create index audit_stream_by_place on audit_stream (tenant_id, workspace_id, created_at);
create index audit_stream_due on audit_stream (due_at) where status = 'active';
grant select, insert,
    update (
        name, url, status, paused_because, next_seq, batch_end, secret_salt, secret_pepper, secret_made_at, former_salt, former_pepper,
        former_until, due_at, lease, lease_until, failures, failing_since, told_at, last_attempt_at, last_sent_at, last_status, last_error,
        test_asked_at, tested_at, test_status, test_error, version, updated_at
    ) on audit_stream to stoa_app;
grant select, update (lease, lease_until) on audit_stream to stoa_service;
call purge_with('audit_stream', 'workspace');
create trigger only_in_a_live_workspace before insert on audit_stream
    for each row execute function only_in_a_live_workspace();

-- A stream moves with its workspace, and sends nothing of another account's rows to where people of this one wanted them
-- before somebody there says so.
create function audit_stream_rests_when_moved() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.tenant_id <> old.tenant_id and new.status = 'active' then
        new.status := 'paused';
        new.paused_because := 'moved';
        new.lease := null;
        new.lease_until := null;
    end if;
    return new;
end
$$;
create trigger rests_when_moved before update of tenant_id on audit_stream
    for each row execute function audit_stream_rests_when_moved();

-- Takes up to `most` streams that have something to send and may: each by one node, whoever's it is, those that have
-- waited longest first. What somebody else is taking just now is skipped.
create function claim_audit_streams(p_lease uuid, moment timestamptz, until timestamptz, most integer)
returns table (tenant_id uuid, id uuid)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    with due as (
        select stream.tenant_id, stream.id
        from audit_stream as stream
        join audit_log_head as head on head.log_id = coalesce(stream.workspace_id, stream.tenant_id)
        join tenant as home on home.tenant_id = stream.tenant_id
        left join workspace as here on here.tenant_id = stream.tenant_id and here.workspace_id = stream.workspace_id
        where stream.status = 'active' and stream.due_at <= moment and stream.next_seq < head.size
          and (stream.lease_until is null or stream.lease_until <= moment)
          and home.status = 'active' and (stream.workspace_id is null or here.status = 'active')
        order by stream.due_at
        limit most
        for update of stream skip locked)
    update audit_stream as mine
    set lease = p_lease, lease_until = until
    from due
    where mine.tenant_id = due.tenant_id and mine.id = due.id
    returning mine.tenant_id, mine.id;
end;

-- The rows of a log by their numbers, from `first` up to before `last`, for the server's own work in the tenant whose log
-- it is now; also those from when a workspace was in another tenant. Of a row whose body is gone, what its leaf has.
create function audit_sealed_rows(p_log uuid, first bigint, last bigint)
returns table (
    seq bigint, row_id uuid, occurred_at timestamptz, leaf_hash bytea, is_there boolean,
    action text, actor_type text, actor_id text, actor_name text, on_behalf_of_id text, on_behalf_of_name text, credential_id text,
    client text, channel text, route text, target_type text, target_id text, target_name text, outcome text, reason text,
    request_id text, client_request_id text, ip text, user_agent text, input_hash bytea, changes text, leaf_version smallint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.seq, leaf.row_id, leaf.occurred_at, leaf.leaf_hash, event.id is not null,
           event.action, event.actor_type, event.actor_id, event.actor_name, event.on_behalf_of_id, event.on_behalf_of_name,
           event.credential_id, event.client, event.channel, event.route, event.target_type, event.target_id, event.target_name,
           event.outcome, event.reason, event.request_id, event.client_request_id, event.ip, event.user_agent, event.input_hash,
           event.changes::text, event.leaf_version
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select one.seq, one.tenant_id, one.row_id, one.occurred_at, one.leaf_hash
        from audit_leaf as one
        where one.tenant_id = owner.tenant_id and one.log_id = p_log and one.seq >= first and one.seq < last) as leaf
    left join audit_event as event
      on event.tenant_id = leaf.tenant_id and event.occurred_at = leaf.occurred_at and event.id = leaf.row_id and event.log_id = p_log
    where head.log_id = p_log and app_reach() = 'service'
      and (p_log = app_tenant()
          or exists (select from workspace as here where here.tenant_id = app_tenant() and here.workspace_id = p_log)
          or (app_tenant() = '00000000-0000-0000-0000-000000000000' and exists (select from installation where installation.id = p_log)))
    order by leaf.seq;
end;

grant create on schema public to stoa_service;
do $$
declare
    made regprocedure;
begin
    for made in
        select oid from pg_proc
        where pronamespace = 'public'::regnamespace and proname in ('claim_audit_streams', 'audit_sealed_rows')
    loop
        execute format('alter function %s owner to stoa_service', made);
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to stoa_app', made);
    end loop;
end
$$;
revoke create on schema public from stoa_service;
