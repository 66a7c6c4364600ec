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
