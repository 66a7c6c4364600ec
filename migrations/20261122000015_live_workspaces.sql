-- What holds of live workspaces: how many a tenant has, that nothing begins in one that is archived, and how one moves.

-- For the tenant that the transaction acts in and no other: a workspace's reach sees only itself.
create function live_workspaces(p_tenant uuid) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from workspace
    where workspace.tenant_id = p_tenant and p_tenant = app_tenant() and workspace.status = 'active';
end;

-- A request that was let in before an archiving must not leave behind what the archiving did not stop. The key share
-- lock waits for an archiving under way, and then sees what it made of the workspace.
create function only_in_a_live_workspace() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    if new.workspace_id is null then
        return new;
    end if;
    perform 1 from workspace
    where workspace.tenant_id = new.tenant_id and workspace.workspace_id = new.workspace_id and workspace.status = 'active'
    for key share;
    if not found then
        raise exception 'the workspace is not live'
            using errcode = 'check_violation', constraint = 'only_in_a_live_workspace';
    end if;
    return new;
end
$$;

-- Whoever does not come back with the workspace has no part in its archive either.
create function membership_leaves_the_archive() returns trigger
language plpgsql volatile set search_path = pg_catalog, public
as $$
begin
    new.suspended_with_workspace := new.suspended_with_workspace and new.status = 'suspended';
    return new;
end
$$;

-- Key share locks take the right to update a column; moving takes these. Of a tenant, only the lock is taken.
grant update (tenant_id, version, updated_at) on workspace to stoa_service;
grant update (updated_at) on tenant to stoa_service;

grant create on schema public to stoa_service;
alter function live_workspaces(uuid) owner to stoa_service;
alter function only_in_a_live_workspace() owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function live_workspaces(uuid) from public;
revoke execute on function only_in_a_live_workspace() from public;
revoke execute on function membership_leaves_the_archive() from public;
grant execute on function live_workspaces(uuid) to stoa_app;

create trigger only_in_a_live_workspace before insert on workspace_membership
    for each row when (new.status = 'active') execute function only_in_a_live_workspace();
create trigger only_in_a_live_workspace_again before update of status on workspace_membership
    for each row when (new.status = 'active' and old.status <> 'active') execute function only_in_a_live_workspace();
-- Roles in an archived workspace change from the team's side alone: somebody has to own what a leaving owner leaves.
create trigger only_in_a_live_workspace before insert on workspace_grant
    for each row when (app_reach() = 'workspace') execute function only_in_a_live_workspace();
create trigger only_in_a_live_workspace_again before update of role on workspace_grant
    for each row when (app_reach() = 'workspace' and new.role <> old.role) execute function only_in_a_live_workspace();
create trigger only_in_a_live_workspace before insert on invitation
    for each row execute function only_in_a_live_workspace();
create trigger only_in_a_live_workspace before insert on support_consent
    for each row execute function only_in_a_live_workspace();
create trigger membership_leaves_the_archive before update of status on workspace_membership
    for each row execute function membership_leaves_the_archive();

-- Whose a workspace was before: its log up to then stays in that tenant's rows, as it was hashed.
create table workspace_tenancy (
    tenant_id uuid not null,
    workspace_id uuid not null,
    former_tenant_id uuid not null,
    until timestamptz not null,
    constraint workspace_tenancy_pkey primary key (tenant_id, workspace_id, former_tenant_id),
    constraint workspace_tenancy_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('workspace_tenancy', 'workspace');
grant select on workspace_tenancy to stoa_app;
grant select, insert, update on workspace_tenancy to stoa_service;
grant insert on tenant_membership to stoa_service;
-- The one change that a slug's row knows: the slug stays, and leads to where the workspace went.
grant update (tenant_id) on slug_directory to stoa_service;

-- The tenant that a workspace is being moved to, in the transaction that moves it.
create function app_other_tenant() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.other_tenant_id', true), '')::uuid;

-- A workspace's log goes on after a move: its own reach also reads what was written before.
create policy former on audit_event for select to stoa_app
    using ((select app_reach()) = 'workspace' and workspace_id = (select app_workspace())
        and tenant_id in (
            select was.former_tenant_id from workspace_tenancy as was
            where was.tenant_id = (select app_tenant()) and was.workspace_id = (select app_workspace())));
-- What is left to do after a move is to say so, in the logs of both tenants and of the workspace.
create policy move on audit_event for insert to stoa_app
    with check ((select app_reach()) = 'move' and tenant_id in ((select app_tenant()), (select app_other_tenant()))
        and (workspace_id is null or workspace_id = (select app_workspace())));
create policy move on outbox for insert to stoa_app
    with check ((select app_reach()) = 'move' and tenant_id in ((select app_tenant()), (select app_other_tenant()))
        and (workspace_id is null or workspace_id = (select app_workspace())));

-- Whether the person that the transaction acts for owns this live tenant.
create function owns_tenant(p_tenant uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (
        select from tenant_membership as belongs
        join tenant as home on home.tenant_id = belongs.tenant_id and home.status = 'active'
        where belongs.tenant_id = p_tenant and belongs.user_id = app_user_id() and belongs.role = 'owner');
end;

-- Where the person could move the workspace of this reach: the other tenants that they own.
create function move_destinations()
returns table (tenant_id uuid, slug text, name text, kind text, plan text, default_role text, live bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select home.tenant_id, home.slug, home.name, home.kind, home.plan, home.default_role,
           (select count(*) from workspace as other where other.tenant_id = home.tenant_id and other.status = 'active')
    from tenant_membership as belongs
    join tenant as home on home.tenant_id = belongs.tenant_id and home.status = 'active'
    where app_reach() = 'workspace' and belongs.user_id = app_user_id() and belongs.role = 'owner'
      and home.tenant_id <> app_tenant()
    order by home.kind, home.name, home.tenant_id
    limit 200;
end;

-- The members of the workspace of this reach who are not in that tenant, which the person owns. Whoever's time was over
-- by then is no member, also where nobody has written that down yet.
create function move_joiners(p_to uuid, moment timestamptz) returns table (user_id uuid, name text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select person.id, person.name
    from workspace_membership as member
    join app_user as person on person.id = member.user_id
    where app_reach() = 'workspace' and owns_tenant(p_to)
      and member.tenant_id = app_tenant() and member.workspace_id = app_workspace() and member.status = 'active'
      and (member.ends_at is null or member.ends_at > moment)
      and not exists (
          select from tenant_membership as belongs where belongs.tenant_id = p_to and belongs.user_id = member.user_id)
    order by person.name, person.id;
end;

-- Takes both tenants, so that nobody else takes a place in one of them. False where the person does not own both.
create function hold_move(p_to uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    perform 1 from tenant where tenant.tenant_id in (p_to, app_tenant()) order by tenant.tenant_id for no key update;
    return coalesce(
        app_reach() = 'workspace' and p_to <> app_tenant() and owns_tenant(p_to) and owns_tenant(app_tenant()), false);
end
$$;

-- Moves the workspace of this reach to another tenant of the same owner, with everything that hangs on it by its key.
-- `joiners` are those of `move_joiners`, with an id each for their membership in the team. From here to its end the
-- transaction can only say what happened. Returns who joined.
create function move_workspace(p_to uuid, joiners uuid[], memberships uuid[], moment timestamptz) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    origin constant uuid := app_tenant();
    moved constant uuid := app_workspace();
begin
    if hold_move(p_to) is not true or not exists (
        select from workspace_membership as member
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id and granted.project_id is null and granted.role = 'owner'
        where member.tenant_id = origin and member.workspace_id = moved and member.user_id = app_user_id() and member.status = 'active')
    then
        raise exception 'only an owner of the workspace and of both tenants moves it' using errcode = 'insufficient_privilege';
    end if;
    if joiners is null or exists (select from move_joiners(p_to, moment) as missing where missing.user_id <> all (joiners))
        or (cardinality(joiners) > 0 and exists (select from tenant where tenant.tenant_id = p_to and tenant.kind = 'personal'))
    then
        raise exception 'others would be in the workspace without being in the tenant' using errcode = 'check_violation';
    end if;

    return query
    insert into tenant_membership (tenant_id, id, user_id, role, joined_at)
    select p_to, joining.id, joining.user_id, home.default_role, moment
    from unnest(joiners, memberships) as joining (user_id, id)
    join move_joiners(p_to, moment) as missing on missing.user_id = joining.user_id
    join tenant as home on home.tenant_id = p_to
    on conflict on constraint tenant_membership_user_key do nothing
    returning tenant_membership.user_id;

    update workspace set tenant_id = p_to, version = version + 1, updated_at = moment
    where workspace.tenant_id = origin and workspace.workspace_id = moved and workspace.status = 'active';
    if not found then
        raise exception 'the workspace is not live' using errcode = 'check_violation', constraint = 'only_in_a_live_workspace';
    end if;
    update slug_directory set tenant_id = p_to where slug_directory.slug = (
        select here.slug from workspace as here where here.tenant_id = p_to and here.workspace_id = moved);
    insert into workspace_tenancy (tenant_id, workspace_id, former_tenant_id, until) values (p_to, moved, origin, moment)
    on conflict (tenant_id, workspace_id, former_tenant_id) do update set until = excluded.until;
    perform set_config('app.reach', 'move', true), set_config('app.other_tenant_id', p_to::text, true);
end
$$;

grant create on schema public to stoa_service;
alter function owns_tenant(uuid) owner to stoa_service;
alter function move_destinations() owner to stoa_service;
alter function move_joiners(uuid, timestamptz) owner to stoa_service;
alter function hold_move(uuid) owner to stoa_service;
alter function move_workspace(uuid, uuid[], uuid[], timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function owns_tenant(uuid) from public;
revoke execute on function move_destinations() from public;
revoke execute on function move_joiners(uuid, timestamptz) from public;
revoke execute on function hold_move(uuid) from public;
revoke execute on function move_workspace(uuid, uuid[], uuid[], timestamptz) from public;
grant execute on function move_destinations() to stoa_app;
grant execute on function move_joiners(uuid, timestamptz) to stoa_app;
grant execute on function hold_move(uuid) to stoa_app;
grant execute on function move_workspace(uuid, uuid[], uuid[], timestamptz) to stoa_app;
