-- What was told of limits of the month: so much of what is included, or of a cap, is used. Once each.

create table spend_alert (
    tenant_id uuid not null,
    id uuid not null,
    -- The first day of the calendar month (UTC).
    month date not null,
    -- What bounds the spend: what the plan includes, or a cap of the tenant, of a workspace or of a credential.
    kind text not null constraint spend_alert_kind_known check (kind in ('included', 'cap')),
    workspace_id uuid,
    credential_id uuid,
    limit_micros bigint not null constraint spend_alert_limit_positive check (limit_micros >= 0),
    -- In percent of the limit.
    threshold smallint not null constraint spend_alert_threshold_known check (threshold in (50, 80, 95, 100)),
    -- How much was spent when it was found.
    spent_nanos bigint not null,
    reached_at timestamptz not null,
    -- Whether people were told of this one: of several that are reached at once only of the highest.
    told boolean not null,
    constraint spend_alert_pkey primary key (tenant_id, id),
    -- Whichever node finds it, and however often: once for each threshold of each limit in each month.
    constraint spend_alert_once unique nulls not distinct (tenant_id, month, kind, workspace_id, credential_id, limit_micros, threshold),
    constraint spend_alert_of_credential_has_workspace check (credential_id is null or workspace_id is not null),
    constraint spend_alert_included_is_of_tenant check (kind = 'cap' or workspace_id is null),
    constraint spend_alert_tenant_fkey foreign key (tenant_id) references tenant (tenant_id)
);
call protect('spend_alert', 'workspace');
grant select, insert on spend_alert to stoa_app;
grant select on spend_alert to stoa_service;
call purge_with('spend_alert', 'workspace');

-- Soft caps that were told already this month are not told again. `spend_cap.told_month` is not read any more.
insert into spend_alert (tenant_id, id, month, kind, workspace_id, credential_id, limit_micros, threshold, spent_nanos, reached_at, told)
select cap.tenant_id, gen_random_uuid(), cap.told_month, 'cap', cap.workspace_id, cap.credential_id, cap.micros, 100, cap.micros * 1000,
       cap.updated_at, true
from spend_cap as cap
where cap.told_month is not null;
