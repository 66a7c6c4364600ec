-- Security posture: what a tenant and each of its workspaces ask of a session. The stricter of both holds.
alter table tenant
    add column idle_minutes integer constraint tenant_idle_minutes_range check (idle_minutes between 5 and 43200),
    add column absolute_hours integer constraint tenant_absolute_hours_range check (absolute_hours between 1 and 2160),
    add column require_multi_factor boolean not null default false,
    -- Where set, the console answers from these networks alone.
    add column allowed_networks cidr[] not null default '{}'
        constraint tenant_allowed_networks_few check (cardinality(allowed_networks) <= 100);
alter table workspace
    add column idle_minutes integer constraint workspace_idle_minutes_range check (idle_minutes between 5 and 43200),
    add column absolute_hours integer constraint workspace_absolute_hours_range check (absolute_hours between 1 and 2160),
    add column require_multi_factor boolean not null default false,
    add column allowed_networks cidr[] not null default '{}'
        constraint workspace_allowed_networks_few check (cardinality(allowed_networks) <= 100),
    -- Credentials live this long at most.
    add column credential_days integer not null default 366
        constraint workspace_credential_days_range check (credential_days between 1 and 366),
    -- Told beside the owners and admins, by mail.
    add column notify text[] not null default '{}' constraint workspace_notify_few check (cardinality(notify) <= 10);

-- The rule of a posture that keeps a session out, or null. `rested` is the longest that it went unseen, `age` how long
-- ago it began; what is null asks for nothing.
create function posture_blocks(
    rested interval, age interval, second_factor boolean, client inet,
    idle_minutes integer, absolute_hours integer, require_multi_factor boolean, allowed_networks cidr[])
returns text
language sql immutable
return case
    when rested >= make_interval(mins => idle_minutes) then 'idle'
    when age >= make_interval(hours => absolute_hours) then 'absolute'
    when require_multi_factor and not second_factor then 'multi_factor'
    when cardinality(allowed_networks) > 0 and not coalesce(client <<= any (allowed_networks), false) then 'network'
end;

-- The live sessions that a new posture of the scope's workspace, or of its tenant where `p_workspace` is null, would
-- keep out and the one of now does not; by the address that they signed in from. `ends`: it cannot meet the rule any
-- more, wherever it comes from, and reached no workspace elsewhere.
create function cut_off_by(
    p_workspace uuid, moment timestamptz, installation_idle interval,
    p_idle_minutes integer, p_absolute_hours integer, p_require_multi_factor boolean, p_allowed_networks cidr[])
returns table (user_id uuid, user_name text, session_hash bytea, ends boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select person.id, person.name, live.id_hash,
           posture_blocks(clock.rested, clock.age, live.multi_factor, null,
                          p_idle_minutes, p_absolute_hours, p_require_multi_factor, null) is not null
           and not exists (
               select from session_reach as elsewhere
               where elsewhere.user_id = live.user_id and elsewhere.session_hash = live.id_hash
                 and (elsewhere.tenant_id <> home.tenant_id or elsewhere.workspace_id <> p_workspace))
    from tenant as home
    left join workspace as here on here.tenant_id = home.tenant_id and here.workspace_id = p_workspace
    join (
        select member.tenant_id, member.user_id from workspace_membership as member
        where member.tenant_id = app_tenant() and member.status = 'active' and (member.ends_at is null or member.ends_at > moment)
          and (p_workspace is null or member.workspace_id = p_workspace)
        union
        select belongs.tenant_id, belongs.user_id from tenant_membership as belongs
        where belongs.tenant_id = app_tenant() and p_workspace is null) as people
      on people.tenant_id = home.tenant_id
    join app_user as person on person.id = people.user_id
    join session as live
      on live.user_id = person.id and live.expires_at > moment and live.last_seen_at + installation_idle > moment
    cross join lateral (
        select greatest(live.longest_rest, moment - live.last_seen_at) as rested, moment - live.created_at as age) as clock
    where home.tenant_id = app_tenant()
      and case when p_workspace is null then app_reach() = 'tenant' else app_reach() = 'workspace' and p_workspace = app_workspace() end
      and posture_blocks(clock.rested, clock.age, live.multi_factor, live.ip::inet,
                         home.idle_minutes, home.absolute_hours, home.require_multi_factor, home.allowed_networks) is null
      and posture_blocks(clock.rested, clock.age, live.multi_factor, live.ip::inet,
                         here.idle_minutes, here.absolute_hours, here.require_multi_factor, here.allowed_networks) is null
      and posture_blocks(clock.rested, clock.age, live.multi_factor, live.ip::inet,
                         p_idle_minutes, p_absolute_hours, p_require_multi_factor, p_allowed_networks) is not null
    order by person.name, person.id, live.id_hash;
end;

grant create on schema public to stoa_service;
alter function cut_off_by(uuid, timestamptz, interval, integer, integer, boolean, cidr[]) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function cut_off_by(uuid, timestamptz, interval, integer, integer, boolean, cidr[]) from public;
grant execute on function cut_off_by(uuid, timestamptz, interval, integer, integer, boolean, cidr[]) to stoa_app;
