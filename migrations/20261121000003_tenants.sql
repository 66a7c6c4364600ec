-- Tenants, their workspaces, and who belongs where. `tenant_id` comes first in every key, so that the schema
-- can be distributed by it.

create table tenant (
    tenant_id uuid primary key,
    kind text not null constraint tenant_kind_known check (kind in ('personal', 'team')),
    slug text not null constraint tenant_slug_key unique,
    name text not null constraint tenant_name_length check (char_length(name) between 1 and 80),
    members_create_workspaces boolean not null default true,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
call protect('tenant', 'tenant');
grant select, insert, update on tenant to stoa_app;
grant select on tenant to stoa_service;

create table tenant_membership (
    tenant_id uuid not null references tenant (tenant_id),
    id uuid not null,
    user_id uuid not null references app_user (id),
    role text not null constraint tenant_membership_role_known check (role in ('owner', 'billing', 'member')),
    joined_at timestamptz not null,
    constraint tenant_membership_pkey primary key (tenant_id, id),
    constraint tenant_membership_user_key unique (tenant_id, user_id)
);
call protect('tenant_membership', 'tenant');
create index tenant_membership_by_user on tenant_membership (user_id, tenant_id);
grant select, insert, update, delete on tenant_membership to stoa_app;
grant select on tenant_membership to stoa_service;

create table workspace (
    tenant_id uuid not null references tenant (tenant_id),
    workspace_id uuid not null,
    slug text not null,
    name text not null constraint workspace_name_length check (char_length(name) between 1 and 80),
    status text not null default 'active' constraint workspace_status_known check (status in ('active', 'archived')),
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    constraint workspace_pkey primary key (tenant_id, workspace_id),
    constraint workspace_slug_key unique (tenant_id, slug),
    constraint workspace_archived_has_time check ((status = 'archived') = (archived_at is not null))
);
call protect('workspace', 'workspace');
grant select, insert, update on workspace to stoa_app;
grant select on workspace to stoa_service;

create table workspace_membership (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    user_id uuid not null references app_user (id),
    status text not null default 'active'
        constraint workspace_membership_status_known check (status in ('active', 'suspended', 'ended')),
    joined_at timestamptz not null,
    constraint workspace_membership_pkey primary key (tenant_id, workspace_id, id),
    constraint workspace_membership_user_key unique (tenant_id, workspace_id, user_id),
    constraint workspace_membership_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id)
);
call protect('workspace_membership', 'workspace');
create index workspace_membership_by_user on workspace_membership (user_id, tenant_id, workspace_id);
grant select, insert, update on workspace_membership to stoa_app;
grant select on workspace_membership to stoa_service;

-- A console role. Of the workspace where project_id is null; of one project of it otherwise.
create table workspace_grant (
    tenant_id uuid not null,
    workspace_id uuid not null,
    membership_id uuid not null,
    id uuid not null,
    project_id uuid,
    role text not null constraint workspace_grant_role_known check (role in ('owner', 'admin', 'member', 'readonly')),
    granted_at timestamptz not null,
    constraint workspace_grant_pkey primary key (tenant_id, workspace_id, id),
    constraint workspace_grant_place_key unique nulls not distinct (tenant_id, workspace_id, membership_id, project_id),
    constraint workspace_grant_membership_fkey
        foreign key (tenant_id, workspace_id, membership_id)
        references workspace_membership (tenant_id, workspace_id, id)
);
call protect('workspace_grant', 'workspace');
grant select, insert, update, delete on workspace_grant to stoa_app;
grant select on workspace_grant to stoa_service;

-- Which tenant or workspace a slug names. Rows are never changed or deleted: a retired slug stays taken.
create table slug_directory (
    slug text primary key constraint slug_directory_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 64),
    kind text not null constraint slug_directory_kind_known check (kind in ('tenant', 'workspace')),
    tenant_id uuid not null,
    workspace_id uuid,
    constraint slug_directory_kind_has_ids check ((kind = 'workspace') = (workspace_id is not null))
);
grant select, insert on slug_directory to stoa_app;
grant select on slug_directory to stoa_service;

-- Colleagues: whoever shares the tenant of the transaction's reach.
create policy colleagues on app_user for select to stoa_app
    using ((select app_reach()) in ('workspace', 'tenant', 'service') and exists (
        select from tenant_membership as colleague
        where colleague.tenant_id = (select app_tenant()) and colleague.user_id = app_user.id));

-- A person's own places, across tenants: read only, and only what a membership of theirs names.
create policy own on tenant_membership for select to stoa_app
    using ((select app_reach()) = 'user' and user_id = (select app_user_id()));
create policy own on workspace_membership for select to stoa_app
    using ((select app_reach()) = 'user' and user_id = (select app_user_id()));
create policy own on tenant for select to stoa_app
    using ((select app_reach()) = 'user' and exists (
        select from tenant_membership as own
        where own.tenant_id = tenant.tenant_id and own.user_id = (select app_user_id())));
create policy own on workspace for select to stoa_app
    using ((select app_reach()) = 'user' and exists (
        select from workspace_membership as own
        where own.tenant_id = workspace.tenant_id and own.workspace_id = workspace.workspace_id
          and own.user_id = (select app_user_id()) and own.status = 'active'));
create policy own on workspace_grant for select to stoa_app
    using ((select app_reach()) = 'user' and exists (
        select from workspace_membership as own
        where own.tenant_id = workspace_grant.tenant_id and own.workspace_id = workspace_grant.workspace_id
          and own.id = workspace_grant.membership_id and own.user_id = (select app_user_id())));
