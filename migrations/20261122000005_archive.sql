-- Archiving, restoring and moving workspaces.
alter table workspace
    add column archived_by uuid references app_user (id),
    -- Records are kept until then.
    add column purge_at timestamptz,
    add constraint workspace_archived_has_purge
        check ((status = 'archived') = (archived_by is not null and purge_at is not null));

-- Suspended with its workspace, and so to come back with it.
alter table workspace_membership
    add column suspended_with_workspace boolean not null default false;

-- What an archiving stopped, as it was.
create table archive_receipt (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    archived_at timestamptz not null,
    archived_by uuid not null references app_user (id),
    purge_at timestamptz not null,
    restored_at timestamptz,
    contents json not null,
    constraint archive_receipt_pkey primary key (tenant_id, workspace_id, id),
    constraint archive_receipt_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('archive_receipt', 'workspace');
grant select, insert, update (restored_at) on archive_receipt to stoa_app;
grant select on archive_receipt to stoa_service;
