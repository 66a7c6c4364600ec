-- What somebody looks for in an audit log again and again: a line and a stretch of days, under a name.
create table audit_view (
    tenant_id uuid not null constraint audit_view_tenant_fkey references tenant (tenant_id),
    -- Null of a view of the tenant's own log.
    workspace_id uuid,
    id uuid not null,
    -- Whose own it is; null where everybody has it who reads the log.
    user_id uuid constraint audit_view_user_fkey references app_user (id),
    name text not null constraint audit_view_name_length check (char_length(name) between 1 and 60),
    line text not null constraint audit_view_line_length check (char_length(line) <= 500),
    -- Of two ways to say it, one.
    within text constraint audit_view_within_known check (within in ('today', '7d', '30d', '90d')),
    from_day date,
    to_day date,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint audit_view_pkey primary key (tenant_id, id),
    constraint audit_view_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade,
    constraint audit_view_days_said_once check (within is null or (from_day is null and to_day is null)),
    constraint audit_view_looks_for_something
        check (line <> '' or within is not null or from_day is not null or to_day is not null)
);
call protect('audit_view', 'workspace');
create unique index audit_view_name on audit_view (tenant_id, workspace_id, user_id, lower(name)) nulls not distinct;
grant select, insert, update (name, line, within, from_day, to_day, version, updated_at), delete on audit_view to stoa_app;
call purge_with('audit_view', 'workspace');
create trigger only_in_a_live_workspace before insert on audit_view
    for each row execute function only_in_a_live_workspace();
