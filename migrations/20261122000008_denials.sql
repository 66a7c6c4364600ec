-- Refusals that wait to be counted: the first of a minute is an audit row at once, the others one row together.
create table denial (
    tenant_id uuid not null,
    id uuid not null,
    -- None for a refusal at the team's own pages.
    workspace_id uuid,
    -- Who was refused, by which credential, and why. One row a minute for each.
    credential_id text not null,
    reason text not null,
    actor_type text not null,
    actor_id text not null,
    actor_name text not null,
    on_behalf_of_id uuid,
    on_behalf_of_name text,
    channel text not null,
    -- Of the last refusal: what the row says that is written next.
    permission text not null,
    route text not null,
    request_id text not null,
    ip text,
    user_agent text,
    -- When the last audit row was written.
    since timestamptz not null,
    -- Refused after that, not written yet.
    waiting integer not null default 0,
    -- What the latest refusal made due: how often, and since when. Null where it was only counted.
    due integer,
    due_since timestamptz,
    constraint denial_pkey primary key (tenant_id, id),
    constraint denial_key unique nulls not distinct (tenant_id, workspace_id, credential_id, reason)
);
call protect('denial', 'workspace');
create index denial_waiting on denial (since) where waiting > 0;
grant select, insert, update, delete on denial to stoa_app;
grant select, delete on denial to stoa_service;

-- The denials of all tenants whose minute was ended at `before` and that are not written yet. Forgets those that were
-- quiet since `quiet_since`.
create function due_denials(before timestamptz, quiet_since timestamptz, most integer)
returns table (tenant_id uuid, id uuid)
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    delete from denial as quiet where quiet.waiting = 0 and quiet.since <= quiet_since;
    select ended.tenant_id, ended.id
    from denial as ended
    where ended.waiting > 0 and ended.since <= before
    order by ended.since, ended.id
    limit most;
end;

grant create on schema public to stoa_service;
alter function due_denials(timestamptz, timestamptz, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function due_denials(timestamptz, timestamptz, integer) from public;
grant execute on function due_denials(timestamptz, timestamptz, integer) to stoa_app;
