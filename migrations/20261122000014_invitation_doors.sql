-- What is asked about invitations and memberships from outside any tenant.

-- An invitation as whoever holds its link may see it. The caller compares the secret's hash, in constant time, before
-- it says anything of the rest. `inviter_role` is what the inviter is to the workspace at `moment`, null where nothing.
create function find_invitation(p_id uuid, moment timestamptz)
returns table (
    tenant_id uuid, tenant_name text, workspace_id uuid, workspace_name text, workspace_slug text, is_open boolean,
    email text, role text, ends_at timestamptz, status text, secret_hash bytea, expires_at timestamptz,
    invited_by uuid, inviter_name text, inviter_role text, accepted_by uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select invited.tenant_id, home.name, invited.workspace_id, here.name, here.slug,
           home.status = 'active' and home.kind = 'team' and here.status = 'active',
           invited.email, invited.role, invited.ends_at, invited.status, invited.secret_hash, invited.expires_at,
           invited.invited_by, inviter.name, granted.role, invited.accepted_by
    from invitation as invited
    join tenant as home on home.tenant_id = invited.tenant_id
    join workspace as here on here.tenant_id = invited.tenant_id and here.workspace_id = invited.workspace_id
    join app_user as inviter on inviter.id = invited.invited_by
    left join workspace_membership as member
      on member.tenant_id = invited.tenant_id and member.workspace_id = invited.workspace_id
     and member.user_id = invited.invited_by and member.status = 'active'
     and (member.ends_at is null or member.ends_at > moment)
    left join workspace_grant as granted
      on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
     and granted.membership_id = member.id and granted.project_id is null
    where invited.id = p_id;
end;

-- Memberships whose end date has come, oldest first.
create function due_memberships(moment timestamptz, most integer)
returns table (tenant_id uuid, workspace_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select member.tenant_id, member.workspace_id, member.id
    from workspace_membership as member
    where member.status = 'active' and member.ends_at <= moment
    order by member.ends_at, member.id
    limit most;
end;

grant create on schema public to stoa_service;
alter function find_invitation(uuid, timestamptz) owner to stoa_service;
alter function due_memberships(timestamptz, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function find_invitation(uuid, timestamptz) from public;
revoke execute on function due_memberships(timestamptz, integer) from public;
grant execute on function find_invitation(uuid, timestamptz) to stoa_app;
grant execute on function due_memberships(timestamptz, integer) to stoa_app;

create index workspace_membership_ending on workspace_membership (tenant_id, ends_at) where status = 'active' and ends_at is not null;

-- Colleagues in a workspace who are not in its team see each other too.
create policy fellow_members on app_user for select to stoa_app
    using ((select app_reach()) in ('workspace', 'tenant', 'service') and exists (
        select from workspace_membership as fellow
        where fellow.tenant_id = (select app_tenant()) and fellow.user_id = app_user.id));
