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

grant create on schema public to stoa_service;
alter function claim_audit_streams owner to stoa_service;
revoke execute on function claim_audit_streams from public;
grant execute on function claim_audit_streams to stoa_app;
revoke create on schema public from stoa_service;
