-- What a person sees of their sessions, and an owner's consent to support access.
alter table session
    -- Whether the provider said that a second factor was used.
    add column multi_factor boolean not null default false,
    -- The last thing that was done with it, as an event's name.
    add column last_act text,
    add column last_act_at timestamptz;

-- Which workspaces a session reached. Written beside requests and at most once a minute.
create table session_reach (
    user_id uuid not null references app_user (id),
    session_hash bytea not null references session (id_hash) on delete cascade,
    tenant_id uuid not null,
    workspace_id uuid not null,
    last_at timestamptz not null,
    constraint session_reach_pkey primary key (user_id, session_hash, workspace_id)
);
call protect('session_reach', 'user');
create index session_reach_by_session on session_reach (session_hash);
grant select on session_reach to stoa_app;
grant select, insert, update, delete on session_reach to stoa_service;

-- Moves a session's idle clock, and notes the workspace that it reached.
create function touch_session(p_session bytea, moment timestamptz, p_tenant uuid, p_workspace uuid) returns void
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with live as (
        update session set last_seen_at = greatest(last_seen_at, moment) where id_hash = p_session returning user_id)
    insert into session_reach as known (user_id, session_hash, tenant_id, workspace_id, last_at)
    select live.user_id, p_session, p_tenant, p_workspace, moment from live where p_workspace is not null
    on conflict (user_id, session_hash, workspace_id) do update set last_at = greatest(known.last_at, moment);
end;

grant create on schema public to stoa_service;
alter function touch_session(bytea, timestamptz, uuid, uuid) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function touch_session(bytea, timestamptz, uuid, uuid) from public;
grant execute on function touch_session(bytea, timestamptz, uuid, uuid) to stoa_app;

-- While one of these is live, an operator may read the workspace as an auditor does.
create table support_consent (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    granted_by uuid not null references app_user (id),
    reason text not null constraint support_consent_reason_length check (char_length(reason) between 1 and 400),
    granted_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid references app_user (id),
    constraint support_consent_pkey primary key (tenant_id, workspace_id, id),
    constraint support_consent_short check (expires_at <= granted_at + interval '7 days'),
    constraint support_consent_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('support_consent', 'workspace');
grant select, insert, update (ended_at, ended_by) on support_consent to stoa_app;
grant select on support_consent to stoa_service;
