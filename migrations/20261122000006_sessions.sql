-- What a person sees of their sessions, and an owner's consent to support access.
alter table session
    -- Whether the provider said that a second factor was used.
    add column multi_factor boolean not null default false,
    -- The longest that it went unseen. A place whose idle clock is shorter takes it for over, whatever it did since.
    add column longest_rest interval not null default interval '0',
    -- The last thing that was done with it, as an event's name.
    add column last_act text,
    add column last_act_at timestamptz;
grant update (longest_rest) on session to stoa_service;

-- Whether the provider was told to prove the person again, and so has to say that it did.
alter table sign_in_attempt add column anew boolean not null default false;

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
        update session
        set last_seen_at = greatest(last_seen_at, moment), longest_rest = greatest(longest_rest, moment - last_seen_at)
        where id_hash = p_session
        returning user_id)
    insert into session_reach as known (user_id, session_hash, tenant_id, workspace_id, last_at)
    select live.user_id, p_session, p_tenant, p_workspace, moment from live where p_workspace is not null
    on conflict (user_id, session_hash, workspace_id) do update set last_at = greatest(known.last_at, moment);
end;

-- Where the sessions of a person have been, for the person that the transaction acts for and nobody else. A workspace
-- that they may no longer open has no slug and no name.
create function workspaces_reached(person uuid, moment timestamptz)
returns table (session_hash bytea, last_at timestamptz, slug text, name text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select reached.session_hash, reached.last_at, here.slug, here.name
    from session_reach as reached
    left join (
        workspace_membership as member
        join workspace as here
          on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id and here.status = 'active'
        join tenant as home on home.tenant_id = here.tenant_id and home.status = 'active')
      on member.user_id = reached.user_id and member.workspace_id = reached.workspace_id
     and member.status = 'active' and (member.ends_at is null or member.ends_at > moment)
    where reached.user_id = person and person = app_user_id()
    order by reached.last_at desc, reached.workspace_id;
end;

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

-- Who entered by a consent, and with which session: the door opens to nobody else. Stays when the session is over.
create table support_use (
    tenant_id uuid not null,
    workspace_id uuid not null,
    consent_id uuid not null,
    session_hash bytea not null,
    user_id uuid not null references app_user (id),
    -- As it was: an operator is nobody's colleague, so their row is not to be seen here.
    user_name text not null,
    used_at timestamptz not null,
    constraint support_use_pkey primary key (tenant_id, workspace_id, consent_id, session_hash),
    constraint support_use_consent_fkey
        foreign key (tenant_id, workspace_id, consent_id)
        references support_consent (tenant_id, workspace_id, id) on update cascade
);
call protect('support_use', 'workspace');
grant select, insert on support_use to stoa_app;
grant select on support_use to stoa_service;

-- What owners consented to, of whichever tenant, for an operator that the transaction acts for and nobody else, and
-- whether they entered by it with this session.
create function live_consents(moment timestamptz, p_session bytea)
returns table (
    tenant_id uuid, tenant_name text, workspace_id uuid, workspace_slug text, workspace_name text,
    id uuid, reason text, granted_by text, granted_at timestamptz, expires_at timestamptz, entered boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select home.tenant_id, home.name, here.workspace_id, here.slug, here.name,
           consent.id, consent.reason, owner.name, consent.granted_at, consent.expires_at,
           exists (select from support_use as entered
                   where entered.tenant_id = consent.tenant_id and entered.workspace_id = consent.workspace_id
                     and entered.consent_id = consent.id and entered.session_hash = p_session)
    from support_consent as consent
    join workspace as here
      on here.tenant_id = consent.tenant_id and here.workspace_id = consent.workspace_id and here.status = 'active'
    join tenant as home on home.tenant_id = here.tenant_id and home.status = 'active'
    join app_user as owner on owner.id = consent.granted_by
    where consent.ended_at is null and consent.expires_at > moment
      and exists (select from app_user as person where person.id = app_user_id() and person.operator)
    order by consent.expires_at, consent.id
    limit 200;
end;

grant create on schema public to stoa_service;
alter function touch_session(bytea, timestamptz, uuid, uuid) owner to stoa_service;
alter function workspaces_reached(uuid, timestamptz) owner to stoa_service;
alter function live_consents(timestamptz, bytea) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function touch_session(bytea, timestamptz, uuid, uuid) from public;
revoke execute on function workspaces_reached(uuid, timestamptz) from public;
revoke execute on function live_consents(timestamptz, bytea) from public;
grant execute on function touch_session(bytea, timestamptz, uuid, uuid) to stoa_app;
grant execute on function workspaces_reached(uuid, timestamptz) to stoa_app;
grant execute on function live_consents(timestamptz, bytea) to stoa_app;
