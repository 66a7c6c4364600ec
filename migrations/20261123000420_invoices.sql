-- Invoices: what a period of a tenant came to, as the ledger has it. Never changed.

create table invoice (
    tenant_id uuid not null,
    -- 1, 2, 3 … without gaps, each tenant's own.
    number bigint not null constraint invoice_number_positive check (number > 0),
    period date not null,
    issued_at timestamptz not null,
    -- As they were when it was issued.
    tenant_name text not null,
    plan text not null,
    plan_name text not null,
    price_micros bigint not null constraint invoice_price_positive check (price_micros >= 0),
    usage_micros bigint not null constraint invoice_usage_positive check (usage_micros >= 0),
    included_micros bigint not null constraint invoice_included_positive check (included_micros >= 0),
    prepaid_micros bigint not null constraint invoice_prepaid_positive check (prepaid_micros >= 0),
    waived_micros bigint not null constraint invoice_waived_positive check (waived_micros >= 0),
    -- What the operator took off what is owed; below zero where it was put on.
    adjusted_micros bigint not null,
    due_micros bigint not null,
    -- The entries of the ledger that it is made of.
    first_entry bigint not null,
    last_entry bigint not null,
    constraint invoice_pkey primary key (tenant_id, number),
    constraint invoice_once_a_period unique (tenant_id, period),
    constraint invoice_comes_to
        check (due_micros = price_micros + usage_micros - included_micros - prepaid_micros - waived_micros - adjusted_micros),
    constraint invoice_head_fkey foreign key (tenant_id) references ledger_head (tenant_id)
);
call protect('invoice', 'tenant');
call keep_from_workspaces('invoice');
grant select on invoice to stoa_app;
grant select, insert on invoice to stoa_service;
call keep_when_purged('invoice', 'the books are kept');

-- Usage, as it was charged: of one workspace, dimension, rate and month of use.
create table invoice_line (
    tenant_id uuid not null,
    invoice_number bigint not null,
    line bigint not null,
    workspace_id uuid not null,
    workspace_name text not null,
    month date not null,
    dimension text not null,
    rate_version date not null,
    events bigint not null,
    quantity bigint not null,
    nanos bigint not null,
    micros bigint not null,
    constraint invoice_line_pkey primary key (tenant_id, invoice_number, line),
    constraint invoice_line_invoice_fkey foreign key (tenant_id, invoice_number) references invoice (tenant_id, number)
);
call protect('invoice_line', 'workspace');
grant select on invoice_line to stoa_app;
grant select, insert on invoice_line to stoa_service;
call keep_when_purged('invoice_line', 'the books are kept');

create trigger append_only before update or delete on invoice for each row execute function audit_event_is_append_only();
create trigger append_only before update or delete on invoice_line for each row execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on invoice for each statement execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on invoice_line for each statement execute function audit_event_is_append_only();

-- Closes the open period of the scope's tenant, which is over and charged to its end, and issues its invoice where there is
-- anything to say. Returns the number and what is due; no row where there is nothing to say.
create function close_period(p_tenant uuid, p_period date, p_plan text, p_plan_name text, moment timestamptz)
returns table (number bigint, due bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    head public.ledger_head%rowtype;
    ends timestamptz := (p_period + interval '1 month') at time zone 'UTC';
    sums record;
    made bigint;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'periods are closed by the server' using errcode = 'insufficient_privilege';
    end if;
    select known.* into strict head from public.ledger_head as known where known.tenant_id = p_tenant for update;
    if head.period <> p_period or ends > moment then
        raise exception 'the period % is not the open one, or not over', p_period using errcode = 'check_violation';
    end if;
    if exists (
        select from public.usage_rollup as used
        where used.tenant_id = p_tenant and used.charge_hour >= head.open_hour and used.charge_hour < ends)
    then
        raise exception 'the period % is not charged to its end', p_period using errcode = 'check_violation';
    end if;
    select
        coalesce(sum(posted.micros) filter (where entry.kind = 'price' and posted.account = 'receivable'), 0) as price,
        coalesce(-sum(posted.micros) filter (where entry.kind = 'charge' and posted.account = 'usage'), 0) as used,
        coalesce(sum(posted.micros) filter (where entry.kind = 'charge' and posted.account = 'included'), 0) as included,
        coalesce(sum(posted.micros) filter (where entry.kind = 'charge' and posted.account = 'prepaid'), 0) as prepaid,
        coalesce(sum(posted.micros) filter (where entry.kind = 'charge' and posted.account = 'waived'), 0) as waived,
        coalesce(-sum(posted.micros) filter (where entry.kind = 'adjustment' and posted.account = 'receivable'), 0) as adjusted,
        coalesce(sum(posted.micros) filter (where entry.kind <> 'payment' and posted.account = 'receivable'), 0) as due,
        min(entry.number) as first, max(entry.number) as last
    into sums
    from public.ledger_entry as entry
    join public.ledger_posting as posted on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number
    where entry.tenant_id = p_tenant and entry.period = p_period;
    if sums.price > 0 or sums.used > 0 or sums.adjusted <> 0 then
        made := head.last_invoice + 1;
        insert into public.invoice (
            tenant_id, number, period, issued_at, tenant_name, plan, plan_name, price_micros, usage_micros, included_micros,
            prepaid_micros, waived_micros, adjusted_micros, due_micros, first_entry, last_entry)
        select p_tenant, made, p_period, moment, home.name, p_plan, p_plan_name, sums.price, sums.used, sums.included, sums.prepaid,
            sums.waived, sums.adjusted, sums.due, sums.first, sums.last
        from public.tenant as home where home.tenant_id = p_tenant;
        insert into public.invoice_line (
            tenant_id, invoice_number, line, workspace_id, workspace_name, month, dimension, rate_version, events, quantity, nanos, micros)
        select p_tenant, made, row_number() over (order by coalesce(here.name, ''), charged.workspace_id, charged.month, charged.dimension, charged.rate_version),
            charged.workspace_id, coalesce(here.name, 'A workspace that moved away'), charged.month, charged.dimension,
            charged.rate_version, charged.events, charged.quantity, charged.nanos, charged.micros
        from (
            select used.workspace_id, used.month, used.dimension, used.rate_version, sum(used.events) as events,
                sum(used.quantity) as quantity, sum(used.nanos) as nanos, sum(used.micros) as micros
            from public.usage_charge as charge
            join public.usage_charge_line as used on used.tenant_id = charge.tenant_id and used.charge_id = charge.id
            where charge.tenant_id = p_tenant and charge.period = p_period
            group by used.workspace_id, used.month, used.dimension, used.rate_version) as charged
        left join public.workspace as here on here.tenant_id = p_tenant and here.workspace_id = charged.workspace_id;
    end if;
    update public.ledger_head as known
    set period = (p_period + interval '1 month')::date, open_hour = greatest(known.open_hour, ends),
        last_invoice = coalesce(made, known.last_invoice)
    where known.tenant_id = p_tenant;
    return query select made, sums.due::bigint where made is not null;
end
$$;

grant create on schema public to stoa_service;
alter function close_period(uuid, date, text, text, timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function close_period(uuid, date, text, text, timestamptz) from public;
grant execute on function close_period(uuid, date, text, text, timestamptz) to stoa_app;
