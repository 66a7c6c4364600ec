-- The ledger of each tenant: double entry, in whole micro-dollars, never changed. What is posted on the left (debit) is above
-- zero, what is posted on the right (credit) below, and every entry comes to nothing.

create table ledger_entry (
    tenant_id uuid not null,
    -- 1, 2, 3 … without gaps.
    number bigint not null constraint ledger_entry_number_positive check (number > 0),
    -- What it is for: there is one entry for each.
    key text not null constraint ledger_entry_key_length check (char_length(key) between 1 and 120),
    kind text not null constraint ledger_entry_kind_known
        check (kind in ('grant', 'charge', 'top_up', 'refund', 'adjustment', 'expiry', 'price', 'payment')),
    -- The period that was open.
    period date not null,
    posted_at timestamptz not null,
    -- `operator`, or `system`.
    made_by text not null,
    reason text constraint ledger_entry_reason_length check (char_length(reason) between 1 and 400),
    -- Of a charge: what it covers.
    charge_id uuid,
    -- What is left and what is owed after it.
    included_micros bigint not null constraint ledger_entry_included_positive check (included_micros >= 0),
    prepaid_micros bigint not null constraint ledger_entry_prepaid_positive check (prepaid_micros >= 0),
    owed_micros bigint not null,
    constraint ledger_entry_pkey primary key (tenant_id, number),
    constraint ledger_entry_key_once unique (tenant_id, key),
    constraint ledger_entry_charge_once unique (tenant_id, charge_id),
    constraint ledger_entry_charge_names_it check ((kind = 'charge') = (charge_id is not null)),
    constraint ledger_entry_by_hand_says_why check (made_by = 'system' or reason is not null),
    constraint ledger_entry_head_fkey foreign key (tenant_id) references ledger_head (tenant_id),
    constraint ledger_entry_usage_charge_fkey foreign key (tenant_id, charge_id) references usage_charge (tenant_id, id)
);
call protect('ledger_entry', 'tenant');
call keep_from_workspaces('ledger_entry');
grant select on ledger_entry to stoa_app;
grant select, insert on ledger_entry to stoa_service;
create index ledger_entry_by_period on ledger_entry (tenant_id, period, kind);
call keep_when_purged('ledger_entry', 'the books are kept');

-- `included` and `prepaid` are what the tenant may still use, `receivable` is what it owes, `cash` what came in from outside;
-- `usage` and `plans` are what was earned, `granted`, `adjusted` and `waived` what was given away.
create table ledger_posting (
    tenant_id uuid not null,
    entry_number bigint not null,
    account text not null constraint ledger_posting_account_known
        check (account in ('included', 'prepaid', 'receivable', 'cash', 'usage', 'plans', 'granted', 'adjusted', 'waived')),
    micros bigint not null constraint ledger_posting_says_something check (micros <> 0),
    constraint ledger_posting_pkey primary key (tenant_id, entry_number, account),
    constraint ledger_posting_entry_fkey foreign key (tenant_id, entry_number) references ledger_entry (tenant_id, number)
);
call protect('ledger_posting', 'tenant');
call keep_from_workspaces('ledger_posting');
grant select on ledger_posting to stoa_app;
grant select, insert on ledger_posting to stoa_service;
call keep_when_purged('ledger_posting', 'the books are kept');

create trigger append_only before update or delete on ledger_entry for each row execute function audit_event_is_append_only();
create trigger append_only before update or delete on ledger_posting for each row execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on ledger_entry for each statement execute function audit_event_is_append_only();
create trigger append_only_truncate before truncate on ledger_posting for each statement execute function audit_event_is_append_only();

-- Asked when the transaction ends, whoever wrote: an entry has postings, and they come to nothing.
create function ledger_entry_balances() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    entry bigint := (case tg_table_name when 'ledger_entry' then to_jsonb(new) ->> 'number' else to_jsonb(new) ->> 'entry_number' end)::bigint;
    total numeric;
begin
    select sum(posted.micros) into total from public.ledger_posting as posted
    where posted.tenant_id = new.tenant_id and posted.entry_number = entry;
    if total is distinct from 0 then
        raise exception 'the postings of ledger entry % come to %', entry, coalesce(total::text, 'nothing: there are none')
            using errcode = 'check_violation';
    end if;
    return null;
end
$$;
create constraint trigger ledger_entry_balances after insert on ledger_entry
    deferrable initially deferred for each row execute function ledger_entry_balances();
create constraint trigger ledger_posting_balances after insert on ledger_posting
    deferrable initially deferred for each row execute function ledger_entry_balances();

-- The one way in. Returns the entry's number; null where the key is taken, and nothing is written then. `p_accounts` and
-- `p_micros` go together; what is zero is left out.
create function post_ledger_entry(
    p_tenant uuid, p_key text, p_kind text, p_made_by text, p_reason text, p_charge uuid, moment timestamptz,
    p_accounts text[], p_micros bigint[])
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    head public.ledger_head%rowtype;
    included bigint;
    prepaid bigint;
    owed bigint;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant then
        raise exception 'the ledger is kept by the server' using errcode = 'insufficient_privilege';
    end if;
    select known.* into strict head from public.ledger_head as known where known.tenant_id = p_tenant for update;
    if exists (select from public.ledger_entry as entry where entry.tenant_id = p_tenant and entry.key = p_key) then
        return null;
    end if;
    select entry.included_micros, entry.prepaid_micros, entry.owed_micros into included, prepaid, owed
    from public.ledger_entry as entry where entry.tenant_id = p_tenant and entry.number = head.last_entry;
    select
        coalesce(included, 0) - coalesce(sum(given.micros) filter (where given.account = 'included'), 0),
        coalesce(prepaid, 0) - coalesce(sum(given.micros) filter (where given.account = 'prepaid'), 0),
        coalesce(owed, 0) + coalesce(sum(given.micros) filter (where given.account = 'receivable'), 0)
    into included, prepaid, owed
    from unnest(p_accounts, p_micros) as given (account, micros);
    insert into public.ledger_entry (
        tenant_id, number, key, kind, period, posted_at, made_by, reason, charge_id, included_micros, prepaid_micros, owed_micros)
    values (
        p_tenant, head.last_entry + 1, p_key, p_kind, head.period, moment, p_made_by, p_reason, p_charge, included, prepaid, owed);
    insert into public.ledger_posting (tenant_id, entry_number, account, micros)
    select p_tenant, head.last_entry + 1, given.account, given.micros
    from unnest(p_accounts, p_micros) as given (account, micros) where given.micros <> 0;
    update public.ledger_head as known set last_entry = head.last_entry + 1 where known.tenant_id = p_tenant;
    return head.last_entry + 1;
end
$$;

grant create on schema public to stoa_service;
alter function ledger_entry_balances() owner to stoa_service;
alter function post_ledger_entry(uuid, text, text, text, text, uuid, timestamptz, text[], bigint[]) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function ledger_entry_balances(),
    post_ledger_entry(uuid, text, text, text, text, uuid, timestamptz, text[], bigint[]) from public;
grant execute on function post_ledger_entry(uuid, text, text, text, text, uuid, timestamptz, text[], bigint[]) to stoa_app;
