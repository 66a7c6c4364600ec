-- What a team decides for itself, and the rule that every tenant and every live workspace keeps an owner.

alter table tenant
    add column status text not null default 'active' constraint tenant_status_known check (status in ('active', 'deleted')),
    add column deleted_at timestamptz,
    -- Until then an operator can bring it back; after that its rows may go.
    add column purge_at timestamptz,
    -- A plan of pricing.toml.
    add column plan text not null default 'developer',
    -- What somebody becomes in the team who joins it by an invitation to one of its workspaces.
    add column default_role text not null default 'member'
        constraint tenant_default_role_known check (default_role in ('billing', 'member')),
    -- Where set, only verified addresses of these domains can be invited, or accept.
    add column allowed_domains text[] not null default '{}'
        constraint tenant_allowed_domains_few check (cardinality(allowed_domains) <= 50),
    add constraint tenant_deleted_has_times check ((status = 'deleted') = (deleted_at is not null and purge_at is not null));

-- Checked when the transaction commits, one after the other for one tenant: of two owners who demote each other at
-- the same time, one is refused.
create function tenant_keeps_an_owner() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('owner of ' || old.tenant_id, 0));
    if exists (select from tenant where tenant.tenant_id = old.tenant_id and tenant.status = 'active')
        and not exists (select from tenant_membership where tenant_membership.tenant_id = old.tenant_id and tenant_membership.role = 'owner')
    then
        raise exception 'the tenant would be left without an owner'
            using errcode = 'check_violation', constraint = 'tenant_keeps_an_owner';
    end if;
    return null;
end
$$;

create function workspace_keeps_an_owner() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('owner of ' || old.workspace_id, 0));
    if exists (
            select from workspace
            where workspace.tenant_id = old.tenant_id and workspace.workspace_id = old.workspace_id and workspace.status = 'active')
        and not exists (
            select from workspace_membership as member
            join workspace_grant as granted
              on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
             and granted.membership_id = member.id and granted.project_id is null and granted.role = 'owner'
            where member.tenant_id = old.tenant_id and member.workspace_id = old.workspace_id and member.status = 'active')
    then
        raise exception 'the workspace would be left without an owner'
            using errcode = 'check_violation', constraint = 'workspace_keeps_an_owner';
    end if;
    return null;
end
$$;

grant create on schema public to stoa_service;
alter function tenant_keeps_an_owner() owner to stoa_service;
alter function workspace_keeps_an_owner() owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function tenant_keeps_an_owner() from public;
revoke execute on function workspace_keeps_an_owner() from public;

create constraint trigger tenant_keeps_an_owner after update or delete on tenant_membership
    deferrable initially deferred for each row execute function tenant_keeps_an_owner();
create constraint trigger workspace_keeps_an_owner after update or delete on workspace_membership
    deferrable initially deferred for each row execute function workspace_keeps_an_owner();
create constraint trigger workspace_keeps_an_owner after update or delete on workspace_grant
    deferrable initially deferred for each row execute function workspace_keeps_an_owner();

-- Whether a person may do without a new tenant: they belong to one that lives.
create or replace function belongs_anywhere(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (
        select from tenant_membership as belongs
        join tenant as home on home.tenant_id = belongs.tenant_id and home.status = 'active'
        where belongs.user_id = person);
end;

-- A person's live accounts with their plans, for the person that the transaction acts for and nobody else.
create function accounts_of(person uuid)
returns table (slug text, name text, kind text, plan text, role text, workspaces bigint, joined_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select home.slug, home.name, home.kind, home.plan, belongs.role,
           (select count(*) from workspace_membership as member
            join workspace as here on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id
            where member.tenant_id = home.tenant_id and member.user_id = person and member.status = 'active'
              and here.status = 'active'),
           belongs.joined_at
    from tenant_membership as belongs
    join tenant as home on home.tenant_id = belongs.tenant_id and home.status = 'active'
    where belongs.user_id = person and person = app_user_id()
    order by home.kind, home.name, home.tenant_id;
end;

grant create on schema public to stoa_service;
alter function accounts_of(uuid) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function accounts_of(uuid) from public;
grant execute on function accounts_of(uuid) to stoa_app;
