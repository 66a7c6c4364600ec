-- What happened: the audit trail, and the outbox that webhooks will be sent from.

-- Append-only. A row belongs to one log: a workspace's (log_id = workspace_id), a tenant's (= tenant_id), or
-- the installation's (= installation.id, with the nil tenant).
-- The leaf is defined with the first row: leaf_hash = SHA-256(0x00 || "stoa-audit-v1" || one commitment per
-- field), commitment = SHA-256(name, 16 bytes of salt, value), lengths before each part. `salts` holds one salt
-- a field in the order of the definition, so that a value and its salt can be erased while the leaf stays
-- provable. See src/server/events/leaf.rs.
create table audit_event (
    tenant_id uuid not null,
    occurred_at timestamptz not null,
    id uuid not null,
    log_id uuid not null,
    workspace_id uuid,
    project_id uuid,
    environment text constraint audit_event_environment_known check (environment in ('sandbox', 'production')),
    action text not null,
    actor_type text not null constraint audit_event_actor_known check (actor_type in ('user', 'agent', 'system', 'operator')),
    actor_id text not null,
    actor_name text not null,
    on_behalf_of_id text,
    on_behalf_of_name text,
    credential_id text,
    client text,
    channel text not null constraint audit_event_channel_known check (channel in ('console', 'api', 'mcp', 'cli', 'idp', 'system')),
    -- A tool's name or a route's template, never the path itself.
    route text,
    target_type text not null,
    target_id text not null,
    target_name text,
    outcome text not null constraint audit_event_outcome_known check (outcome in ('succeeded', 'denied', 'failed')),
    reason text,
    request_id text,
    client_request_id text,
    ip text,
    user_agent text,
    input_hash bytea,
    -- The field diff as the exact text that was hashed.
    changes json,
    salts bytea not null,
    leaf_version smallint not null,
    leaf_hash bytea not null constraint audit_event_leaf_length check (octet_length(leaf_hash) = 32),
    constraint audit_event_pkey primary key (tenant_id, occurred_at, id)
) partition by range (occurred_at);

-- Not by protect(): a log may be read in its own reach, and never changed by anyone.
alter table audit_event enable row level security;
alter table audit_event force row level security;
create policy owner on audit_event to stoa_owner using (true) with check (true);
create policy service on audit_event to stoa_service using (true) with check (true);
create policy app on audit_event to stoa_app
    using (tenant_id = (select app_tenant()) and (
        (select app_reach()) in ('tenant', 'service')
        or ((select app_reach()) = 'workspace' and workspace_id = (select app_workspace()))))
    with check (tenant_id = (select app_tenant()) and (
        (select app_reach()) in ('tenant', 'service')
        or ((select app_reach()) = 'workspace' and workspace_id = (select app_workspace()))));
-- What a person does to their own account goes to the installation's log; they cannot read it there.
create policy own_account on audit_event for insert to stoa_app
    with check ((select app_reach()) in ('user', 'service')
        and tenant_id = '00000000-0000-0000-0000-000000000000'
        and log_id = (select installation.id from installation));
grant select, insert on audit_event to stoa_app;
grant select, insert on audit_event to stoa_service;
create index audit_event_by_log on audit_event (tenant_id, log_id, occurred_at desc, id desc);

create function audit_event_is_append_only() returns trigger
    language plpgsql
as $$
begin
    raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete on audit_event
    for each row execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on audit_event
    for each statement execute function audit_event_is_append_only();

create table audit_event_default partition of audit_event default;

-- Partitions for this month and the next ones. Owned by the schema's owner, since only an owner can add one.
-- A partition read directly would skip its parent's policies: nobody is granted one, and each forces its own.
create function ensure_partitions(from_month date, months integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
    month date;
    partition text;
    made integer := 0;
begin
    if months not between 1 and 24 then
        raise exception 'ensure_partitions: months is %, expected 1 to 24', months;
    end if;
    for month in select generate_series(date_trunc('month', from_month), date_trunc('month', from_month) + make_interval(months => months - 1), interval '1 month')::date
    loop
        partition := 'audit_event_' || to_char(month, 'YYYY_MM');
        if to_regclass('public.' || partition) is null then
            execute format('create table public.%I partition of public.audit_event for values from (%L) to (%L)',
                partition, month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
            execute format('alter table public.%I enable row level security', partition);
            execute format('alter table public.%I force row level security', partition);
            execute format('create policy owner on public.%I to stoa_owner using (true) with check (true)', partition);
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;
revoke execute on function ensure_partitions(date, integer) from public;
grant execute on function ensure_partitions(date, integer) to stoa_app;

alter table audit_event_default enable row level security;
alter table audit_event_default force row level security;
create policy owner on audit_event_default to stoa_owner using (true) with check (true);

-- One row an event, and the row is the envelope that a webhook delivers: stored as sent.
create table outbox (
    tenant_id uuid not null references tenant (tenant_id),
    id uuid not null,
    workspace_id uuid,
    project_id uuid,
    environment text constraint outbox_environment_known check (environment in ('sandbox', 'production')),
    type text not null,
    occurred_at timestamptz not null,
    envelope text not null constraint outbox_envelope_is_json check (json_typeof(envelope::json) = 'object'),
    constraint outbox_pkey primary key (tenant_id, id)
);
call protect('outbox', 'workspace');
grant insert on outbox to stoa_app;
grant select, delete on outbox to stoa_service;
