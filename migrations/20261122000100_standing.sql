-- What a workspace may run and what stops it: module switches, entitlements, spend caps, rates of calls, and pauses.

-- Whether a module runs, where somebody decided. Without a row its manifest does.
create table module_switch (
    tenant_id uuid not null,
    workspace_id uuid not null,
    module text not null constraint module_switch_module_spelled check (module ~ '^[a-z][a-z0-9_]{0,39}$'),
    enabled boolean not null,
    -- Switched off with its workspace, and so to come back with it.
    suspended_with_workspace boolean not null default false,
    changed_at timestamptz not null,
    version bigint not null default 1,
    constraint module_switch_pkey primary key (tenant_id, workspace_id, module),
    constraint module_switch_suspended_is_off check (not (enabled and suspended_with_workspace)),
    constraint module_switch_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('module_switch', 'workspace');
grant select, insert, update (enabled, suspended_with_workspace, changed_at, version) on module_switch to stoa_app;
call purge_with('module_switch', 'workspace');

-- Lets a workspace read its tenant's own rows (those of no workspace) beside its own, and never another workspace's.
create procedure show_to_workspaces(shown regclass)
    language plpgsql
as $$
begin
    execute format(
        'create policy of_tenant on %s for select to stoa_app
         using (tenant_id = (select app_tenant()) and workspace_id is null and (select app_reach()) = ''workspace'')', shown);
end
$$;
revoke execute on procedure show_to_workspaces(regclass) from public;

-- What the operator allows beside the plan, or takes away: for a tenant, or for one of its workspaces.
create table entitlement (
    tenant_id uuid not null,
    id uuid not null,
    workspace_id uuid,
    -- `module:crm`, `workspaces`, `calls_per_minute`.
    key text not null constraint entitlement_key_spelled check (key ~ '^[a-z][a-z0-9_]{0,39}(:[a-z][a-z0-9_]{0,39})?$'),
    -- For a module 1 is on and 0 is off. Null is no limit.
    allowed bigint constraint entitlement_allowed_positive check (allowed >= 0),
    reason text not null constraint entitlement_reason_length check (char_length(reason) between 1 and 400),
    starts_at timestamptz not null,
    ends_at timestamptz constraint entitlement_ends_after_start check (ends_at >= starts_at),
    created_at timestamptz not null,
    constraint entitlement_pkey primary key (tenant_id, id),
    constraint entitlement_tenant_fkey foreign key (tenant_id) references tenant (tenant_id),
    constraint entitlement_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('entitlement', 'workspace');
call show_to_workspaces('entitlement');
create index entitlement_by_key on entitlement (tenant_id, workspace_id, key);
grant select, insert, update (ends_at) on entitlement to stoa_app;
call purge_with('entitlement', 'workspace');

-- How much may be spent in a calendar month (UTC): by a tenant, one of its workspaces, or one credential.
create table spend_cap (
    tenant_id uuid not null,
    id uuid not null,
    workspace_id uuid,
    credential_id uuid,
    micros bigint not null constraint spend_cap_positive check (micros >= 0),
    -- A hard cap refuses; a soft one tells.
    hard boolean not null,
    updated_at timestamptz not null,
    version bigint not null default 1,
    constraint spend_cap_pkey primary key (tenant_id, id),
    constraint spend_cap_one_each unique nulls not distinct (tenant_id, workspace_id, credential_id),
    constraint spend_cap_of_credential_has_workspace check (credential_id is null or workspace_id is not null),
    constraint spend_cap_tenant_fkey foreign key (tenant_id) references tenant (tenant_id),
    constraint spend_cap_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('spend_cap', 'workspace');
call show_to_workspaces('spend_cap');
grant select, insert, update (micros, hard, updated_at, version), delete on spend_cap to stoa_app;
call purge_with('spend_cap', 'workspace');

-- When billable calls were refused, and why; the open ones are in force. Never deleted: the chart draws them.
create table billing_pause (
    tenant_id uuid not null,
    id uuid not null,
    workspace_id uuid,
    credential_id uuid,
    reason text not null constraint billing_pause_reason_known check (reason in ('balance_exhausted', 'tenant_cap', 'workspace_cap', 'credential_cap')),
    -- What was reached, in micro-dollars.
    limit_micros bigint not null,
    since timestamptz not null,
    ended_at timestamptz constraint billing_pause_ends_after_start check (ended_at >= since),
    constraint billing_pause_pkey primary key (tenant_id, id),
    constraint billing_pause_tenant_fkey foreign key (tenant_id) references tenant (tenant_id)
);
call protect('billing_pause', 'workspace');
call show_to_workspaces('billing_pause');
create unique index billing_pause_open on billing_pause (tenant_id, workspace_id, credential_id, reason) nulls not distinct where ended_at is null;
create index billing_pause_by_time on billing_pause (tenant_id, since);
grant select, insert, update (ended_at) on billing_pause to stoa_app;
call purge_with('billing_pause', 'workspace');

-- How often a key may call; none where only the plan says.
alter table api_key add column calls_per_minute integer constraint api_key_calls_positive check (calls_per_minute between 1 and 1000000);
grant update (calls_per_minute) on api_key to stoa_app;

grant select on module_switch, entitlement, spend_cap, billing_pause to stoa_service;

-- What holds in a workspace at a moment: `switches` {module: enabled}, `entitlements` {key: allowed} with a workspace's
-- own before its tenant's, and the open `pauses`, of one credential where one is named.
create function workspace_standing(p_tenant uuid, p_workspace uuid, p_credential uuid, moment timestamptz) returns json
language sql stable set search_path = pg_catalog, public
begin atomic
    select json_build_object(
        'switches', (
            select json_object_agg(switched.module, switched.enabled)
            from module_switch as switched
            where switched.tenant_id = p_tenant and switched.workspace_id = p_workspace),
        'entitlements', (
            select json_object_agg(held.key, held.allowed)
            from (
                select distinct on (given.key) given.key, given.allowed
                from entitlement as given
                where given.tenant_id = p_tenant and (given.workspace_id is null or given.workspace_id = p_workspace)
                  and given.starts_at <= moment and (given.ends_at is null or given.ends_at > moment)
                order by given.key, given.workspace_id nulls last, given.starts_at desc, given.id desc) as held),
        'pauses', (
            select json_agg(json_build_object(
                'reason', paused.reason, 'limit_micros', paused.limit_micros, 'since', paused.since) order by paused.since)
            from billing_pause as paused
            where paused.tenant_id = p_tenant and paused.ended_at is null
              and (paused.workspace_id is null or paused.workspace_id = p_workspace)
              and (paused.credential_id is null or paused.credential_id = p_credential)));
end;
revoke execute on function workspace_standing(uuid, uuid, uuid, timestamptz) from public;
grant execute on function workspace_standing(uuid, uuid, uuid, timestamptz) to stoa_app, stoa_service;

-- As before, and with what holds in the workspace, so that module, rate and pause are checked on the same round trip.
drop function open_call(uuid, text[], bytea[], timestamptz, inet);
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
    workspace_created_at timestamptz, support_until timestamptz, calls_per_minute integer, standing json)
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
    calls_per_minute := key.calls_per_minute;
    standing := workspace_standing(key.tenant_id, key.workspace_id, key.id, moment);
    if state = 'active' then
        perform set_config('app.user_id', user_id::text, true),
                set_config('app.tenant_id', tenant_id::text, true),
                set_config('app.workspace_id', workspace_id::text, true),
                set_config('app.reach', 'workspace', true);
    end if;
    return next;
end
$$;
grant create on schema public to stoa_service;
alter function open_call(uuid, text[], bytea[], timestamptz, inet) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function open_call(uuid, text[], bytea[], timestamptz, inet) from public;
grant execute on function open_call(uuid, text[], bytea[], timestamptz, inet) to stoa_app;
