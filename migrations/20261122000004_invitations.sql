-- Invitations into a workspace, or into a team alone. Of a link only the keyed hash of its secret is kept.
create table invitation (
    tenant_id uuid not null references tenant (tenant_id),
    id uuid not null,
    -- None where the invitation is to the team alone.
    workspace_id uuid,
    email text not null constraint invitation_email_length check (char_length(email) between 3 and 320),
    -- Of the workspace, or of the team where there is no workspace.
    role text not null,
    -- Until when the membership that comes of it lasts; for auditors.
    ends_at timestamptz,
    invited_by uuid not null references app_user (id),
    status text not null default 'pending' constraint invitation_status_known check (status in ('pending', 'accepted', 'revoked')),
    -- Null until the first link is made. Each new link moves the version and kills the one before.
    secret_hash bytea constraint invitation_secret_hash_length check (octet_length(secret_hash) = 32),
    link_version integer not null default 0,
    -- The mail that makes the link when it is sent, and none other may; null where the link was made to be copied.
    link_mail uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references app_user (id),
    revoked_at timestamptz,
    version bigint not null default 1,
    constraint invitation_pkey primary key (tenant_id, id),
    constraint invitation_role_known check (
        (workspace_id is not null and role in ('owner', 'admin', 'member', 'readonly'))
        or (workspace_id is null and role in ('owner', 'billing', 'member'))),
    constraint invitation_accepted_has_person check ((status = 'accepted') = (accepted_at is not null and accepted_by is not null)),
    constraint invitation_revoked_has_time check ((status = 'revoked') = (revoked_at is not null)),
    constraint invitation_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('invitation', 'workspace');
create unique index invitation_pending_key on invitation (tenant_id, workspace_id, lower(email)) nulls not distinct
    where status = 'pending';
create index invitation_by_id on invitation (id);
grant select, insert, update on invitation to stoa_app;
grant select on invitation to stoa_service;

-- A membership can have an end date (auditors), and says when and why it ended.
alter table workspace_membership
    add column ends_at timestamptz,
    add column ended_at timestamptz,
    add column version bigint not null default 1;
