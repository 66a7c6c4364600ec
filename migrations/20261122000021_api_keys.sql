-- API keys: what an application proves itself with. Of a secret only its keyed hash is kept.
create table api_key (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    name text not null constraint api_key_name_length check (char_length(name) between 1 and 80),
    -- The person who answers for it; what it may do is never more than what they may.
    steward uuid not null references app_user (id),
    -- What it may do is never more than this role either, whoever answers for it later. It is lowered and never raised.
    max_role text not null constraint api_key_max_role_known check (max_role in ('owner', 'admin', 'member', 'readonly')),
    scopes text[] not null constraint api_key_scopes_some check (cardinality(scopes) between 1 and 100),
    status text not null default 'active' constraint api_key_status_known check (status in ('active', 'quarantined', 'revoked')),
    -- Why it is not active.
    reason text constraint api_key_reason_length check (char_length(reason) <= 400),
    created_by uuid not null references app_user (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- When somebody else began to answer for it: whoever did before may still know a secret that is older.
    handed_over_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    -- A /24 or a /48: where from, and not who.
    last_used_network text,
    last_used_agent text,
    version bigint not null default 1,
    constraint api_key_pkey primary key (tenant_id, workspace_id, id),
    constraint api_key_lives_a_year check (expires_at > created_at and expires_at <= created_at + interval '366 days'),
    constraint api_key_revoked_has_time check ((status = 'revoked') = (revoked_at is not null)),
    constraint api_key_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('api_key', 'workspace');
create index api_key_by_id on api_key (id);
create index api_key_by_steward on api_key (tenant_id, steward);
grant select, insert, update on api_key to stoa_app;
grant select, update (last_used_at, last_used_network, last_used_agent) on api_key to stoa_service;

-- The secrets of a key: one that lives as long as the key, and beside it the one before until the overlap ends.
create table api_key_secret (
    tenant_id uuid not null,
    workspace_id uuid not null,
    key_id uuid not null,
    id uuid not null,
    secret_hash bytea not null constraint api_key_secret_hash_length check (octet_length(secret_hash) = 32),
    -- Which pepper the hash was made under, so that it can rotate.
    pepper_id text not null,
    last_four text not null,
    -- Who was shown it.
    created_by uuid not null references app_user (id),
    created_at timestamptz not null,
    ends_at timestamptz,
    last_used_at timestamptz,
    constraint api_key_secret_pkey primary key (tenant_id, workspace_id, key_id, id),
    constraint api_key_secret_key_fkey
        foreign key (tenant_id, workspace_id, key_id) references api_key (tenant_id, workspace_id, id) on update cascade
);
call protect('api_key_secret', 'workspace');
create index api_key_secret_by_key on api_key_secret (key_id);
grant select, insert, update (ends_at), delete on api_key_secret to stoa_app;
grant select, update (last_used_at) on api_key_secret to stoa_service;

-- The answer to a write that carried an idempotency key, so that sending it twice does nothing twice.
create table idempotent_answer (
    tenant_id uuid not null,
    workspace_id uuid not null,
    credential_id uuid not null,
    route text not null,
    key text not null constraint idempotent_answer_key_length check (char_length(key) between 1 and 255),
    body_hash bytea not null constraint idempotent_answer_body_hash_length check (octet_length(body_hash) = 32),
    status smallint not null,
    -- As it was answered, without secrets.
    answer text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint idempotent_answer_pkey primary key (tenant_id, workspace_id, credential_id, route, key),
    constraint idempotent_answer_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('idempotent_answer', 'workspace');
create index idempotent_answer_by_expiry on idempotent_answer (expires_at);
grant select, insert, update on idempotent_answer to stoa_app;
grant select, delete on idempotent_answer to stoa_service;

-- Opens a call: proves the key by the hashes of what was sent, one for each pepper in use, and sets the reach.
-- No row means that nothing is proven. `state` says whether the proven key may be used now, and if not, why.
create function open_call(p_key uuid, pepper_ids text[], hashes bytea[], moment timestamptz, client inet)
returns table (
    state text, key_id uuid, key_name text, secret_id uuid, scopes text[], expires_at timestamptz, last_used_at timestamptz,
    user_id uuid, user_name text, user_email text, user_email_verified boolean, time_zone text, theme text, operator boolean,
    user_version bigint, authenticated_at timestamptz,
    tenant_id uuid, tenant_slug text, tenant_name text, tenant_kind text, tenant_role text, tenant_version bigint, tenant_plan text,
    members_create_workspaces boolean,
    workspace_id uuid, workspace_slug text, workspace_name text, workspace_role text, max_role text, workspace_version bigint,
    workspace_created_at timestamptz, support_until timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    key api_key%rowtype;
    home tenant%rowtype;
    here workspace%rowtype;
begin
    select known.* into key from api_key as known where known.id = p_key;
    select secret.id into secret_id
    from api_key_secret as secret
    join unnest(pepper_ids, hashes) as given (pepper, hash) on given.pepper = secret.pepper_id and given.hash = secret.secret_hash
    where secret.tenant_id = key.tenant_id and secret.workspace_id = key.workspace_id and secret.key_id = key.id
      and (secret.ends_at is null or secret.ends_at > moment);
    if secret_id is null then
        return;
    end if;
    select account.* into home from tenant as account where account.tenant_id = key.tenant_id;
    select boundary.* into here from workspace as boundary
    where boundary.tenant_id = key.tenant_id and boundary.workspace_id = key.workspace_id;
    key_id := key.id;
    key_name := key.name;
    scopes := key.scopes;
    expires_at := key.expires_at;
    last_used_at := key.last_used_at;
    -- Beside the steward's role as it is now: whoever calls has what both have.
    max_role := key.max_role;
    select person.id, person.name, person.email, person.email_verified, person.time_zone, person.theme, false, person.version
    into user_id, user_name, user_email, user_email_verified, time_zone, theme, operator, user_version
    from app_user as person where person.id = key.steward;
    -- Never a recent sign-in: nobody is there.
    authenticated_at := 'epoch';
    select belongs.role into tenant_role from tenant_membership as belongs
    where belongs.tenant_id = key.tenant_id and belongs.user_id = key.steward;
    select granted.role into workspace_role
    from workspace_membership as member
    join workspace_grant as granted
      on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
     and granted.membership_id = member.id and granted.project_id is null
    where member.tenant_id = key.tenant_id and member.workspace_id = key.workspace_id and member.user_id = key.steward
      and member.status = 'active' and (member.ends_at is null or member.ends_at > moment);
    state := case
        when home.status <> 'active' or here.status <> 'active' then 'archived'
        when key.status <> 'active' then key.status
        when key.expires_at <= moment then 'expired'
        when workspace_role is null then 'unowned'
        when cardinality(home.allowed_networks) > 0 and not coalesce(client <<= any (home.allowed_networks), false) then 'network'
        when cardinality(here.allowed_networks) > 0 and not coalesce(client <<= any (here.allowed_networks), false) then 'network'
        else 'active' end;
    tenant_id := home.tenant_id;
    tenant_slug := home.slug;
    tenant_name := home.name;
    tenant_kind := home.kind;
    tenant_version := home.version;
    tenant_plan := home.plan;
    members_create_workspaces := home.members_create_workspaces;
    workspace_id := here.workspace_id;
    workspace_slug := here.slug;
    workspace_name := here.name;
    workspace_version := here.version;
    workspace_created_at := here.created_at;
    if state = 'active' then
        perform set_config('app.user_id', user_id::text, true),
                set_config('app.tenant_id', tenant_id::text, true),
                set_config('app.workspace_id', workspace_id::text, true),
                set_config('app.reach', 'workspace', true);
    end if;
    return next;
end
$$;

-- Notes the use of a key, beside the call and at most once a minute.
create function touch_api_key(p_key uuid, p_secret uuid, moment timestamptz, network text, agent text) returns void
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with used as (
        update api_key set last_used_at = greatest(last_used_at, moment), last_used_network = network, last_used_agent = agent
        where id = p_key
        returning tenant_id, workspace_id, id)
    update api_key_secret
    set last_used_at = greatest(api_key_secret.last_used_at, moment)
    from used
    where api_key_secret.tenant_id = used.tenant_id and api_key_secret.workspace_id = used.workspace_id
      and api_key_secret.key_id = used.id and api_key_secret.id = p_secret;
end;

grant create on schema public to stoa_service;
alter function open_call(uuid, text[], bytea[], timestamptz, inet) owner to stoa_service;
alter function touch_api_key(uuid, uuid, timestamptz, text, text) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function open_call(uuid, text[], bytea[], timestamptz, inet) from public;
revoke execute on function touch_api_key(uuid, uuid, timestamptz, text, text) from public;
grant execute on function open_call(uuid, text[], bytea[], timestamptz, inet) to stoa_app;
grant execute on function touch_api_key(uuid, uuid, timestamptz, text, text) to stoa_app;
