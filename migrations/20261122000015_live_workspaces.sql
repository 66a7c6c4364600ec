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

-- Key share locks take the right to update one column; moving takes this one.
grant update (tenant_id) on workspace to stoa_service;

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
