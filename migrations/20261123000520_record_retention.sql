-- Record retention: rules by which records are put away or go for good by themselves. Each begins a reduction, once a day at most.

create table record_retention (
    tenant_id uuid not null,
    workspace_id uuid not null,
    id uuid not null,
    act text not null constraint record_retention_act_known check (act in ('archive', 'purge')),
    module text not null,
    resource text not null,
    -- What the age is counted from, as in `reduction`.
    basis text not null constraint record_retention_basis_known check (basis in ('archived', 'added', 'changed')),
    days integer not null constraint record_retention_days_in_reach check (days between 1 and 36500),
    -- What was begun under another version is not gone on with.
    version bigint not null default 1,
    -- Who set it last, and the key that they answered for.
    set_by uuid not null,
    set_by_key uuid,
    set_by_name text not null,
    set_at timestamptz not null,
    -- Since when it takes as much as it does: it waits for a day from then on, so that a mistake can be withdrawn.
    shown_at timestamptz not null,
    next_run_at timestamptz not null,
    -- What came of its last turn, and the reduction that it began last.
    last_run_at timestamptz,
    last_outcome text constraint record_retention_outcome_known
        check (last_outcome in ('began', 'nothing', 'held', 'busy', 'rested', 'undeclared', 'failed')),
    last_reduction uuid,
    constraint record_retention_pkey primary key (tenant_id, workspace_id, id),
    constraint record_retention_one_of_each unique (tenant_id, workspace_id, resource, act),
    constraint record_retention_grace check (next_run_at >= shown_at + interval '1 day'),
    constraint record_retention_ran check ((last_run_at is null) = (last_outcome is null)),
    constraint record_retention_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('record_retention', 'workspace');
create index record_retention_due on record_retention (next_run_at);
grant select, insert, delete,
    update (days, basis, module, version, set_by, set_by_key, set_by_name, set_at, shown_at, next_run_at, last_run_at, last_outcome, last_reduction)
    on record_retention to stoa_app;
-- Only to lock the row.
grant update (version) on record_retention to stoa_service;
call purge_with('record_retention', 'workspace');
create trigger only_in_a_live_workspace before insert on record_retention
    for each row execute function only_in_a_live_workspace();

-- A reduction that a rule began: which, as it stood then, and on which day (UTC). Twice a day no rule begins one.
alter table reduction
    add column rule_id uuid,
    add column rule_version bigint,
    add column rule_day date,
    add constraint reduction_rule_whole check (num_nonnulls(rule_id, rule_version, rule_day) in (0, 3));
create unique index reduction_rule_day on reduction (tenant_id, workspace_id, rule_id, rule_day) where rule_id is not null;

-- Opens a workspace for what a rule does there, when nobody is there: as an admin, without a person. With a version for what
-- was begun under it: the rule does not change before the transaction ends. Without one for its turn: whoever comes second
-- finds that it was taken. No row where the rule does not stand so (any more), or the workspace is not live.
create function open_by_rule(p_tenant uuid, p_workspace uuid, p_rule uuid, p_version bigint, moment timestamptz)
returns table (
    user_id uuid, user_name text, user_email text, user_email_verified boolean, time_zone text, theme text, operator boolean,
    user_version bigint, authenticated_at timestamptz,
    tenant_id uuid, tenant_slug text, tenant_name text, tenant_kind text, tenant_role text, tenant_version bigint, tenant_plan text,
    members_create_workspaces boolean,
    workspace_id uuid, workspace_slug text, workspace_name text, workspace_role text, workspace_version bigint,
    workspace_created_at timestamptz, support_until timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    if p_version is null then
        perform 1 from record_retention as rule
        where rule.tenant_id = p_tenant and rule.workspace_id = p_workspace and rule.id = p_rule and rule.next_run_at <= moment
        for no key update;
    else
        perform 1 from record_retention as rule
        where rule.tenant_id = p_tenant and rule.workspace_id = p_workspace and rule.id = p_rule and rule.version = p_version
        for share;
    end if;
    if not found then
        return;
    end if;
    return query
    select '00000000-0000-0000-0000-000000000000'::uuid, 'Stoa', '', false, 'UTC', 'system', false, 0::bigint,
           -- Never a recent sign-in: nobody is there.
           timestamptz 'epoch',
           home.tenant_id, home.slug, home.name, home.kind, null::text, home.version, home.plan, home.members_create_workspaces,
           here.workspace_id, here.slug, here.name, 'admin', here.version, here.created_at, null::timestamptz
    from workspace as here
    join tenant as home on home.tenant_id = here.tenant_id and home.status = 'active'
    where here.tenant_id = p_tenant and here.workspace_id = p_workspace and here.status = 'active';
    if found then
        perform set_config('app.tenant_id', p_tenant::text, true),
                set_config('app.workspace_id', p_workspace::text, true),
                set_config('app.reach', 'workspace', true);
    end if;
end
$$;

-- Rules whose turn it is in live workspaces, of whichever tenant, behind `after`, in the order of their ids.
create function due_record_retention(moment timestamptz, after uuid, most integer)
returns table (tenant_id uuid, workspace_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select rule.tenant_id, rule.workspace_id, rule.id
    from record_retention as rule
    join workspace as here
      on here.tenant_id = rule.tenant_id and here.workspace_id = rule.workspace_id and here.status = 'active'
    join tenant as home on home.tenant_id = rule.tenant_id and home.status = 'active'
    where rule.next_run_at <= moment and rule.id > after
    order by rule.id
    limit most;
end;

grant create on schema public to stoa_service;
alter function open_by_rule(uuid, uuid, uuid, bigint, timestamptz) owner to stoa_service;
alter function due_record_retention(timestamptz, uuid, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function open_by_rule(uuid, uuid, uuid, bigint, timestamptz) from public;
revoke execute on function due_record_retention(timestamptz, uuid, integer) from public;
grant execute on function open_by_rule(uuid, uuid, uuid, bigint, timestamptz) to stoa_app;
grant execute on function due_record_retention(timestamptz, uuid, integer) to stoa_app;
