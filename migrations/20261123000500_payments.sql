-- What goes through a payment provider: who a tenant is there, its top-ups, and which of the provider's events were applied.

-- One for each tenant and each of the provider's two modes, live and test.
create table payment_customer (
    tenant_id uuid not null,
    provider text not null constraint payment_customer_provider_known check (provider in ('stripe')),
    is_live boolean not null,
    customer_ref text not null constraint payment_customer_ref_length check (char_length(customer_ref) between 1 and 255),
    created_at timestamptz not null,
    constraint payment_customer_pkey primary key (tenant_id, provider, is_live),
    constraint payment_customer_tenant_fkey foreign key (tenant_id) references tenant (tenant_id)
);
call protect('payment_customer', 'tenant');
call keep_from_workspaces('payment_customer');
-- One who was deleted there is made known anew.
grant select, insert, update (customer_ref, created_at) on payment_customer to stoa_app;
call purge_with('payment_customer', 'tenant');

-- A top-up from the moment when somebody asks for it. What was told of it is kept as told; what of that is in the ledger is
-- `credited_micros` and `returned_micros`, so that events in whatever order come to the same books.
create table top_up (
    tenant_id uuid not null,
    id uuid not null,
    provider text not null constraint top_up_provider_known check (provider in ('stripe')),
    is_live boolean not null,
    micros bigint not null constraint top_up_asks_for_something check (micros > 0),
    asked_by uuid not null,
    asked_at timestamptz not null,
    state text not null constraint top_up_state_known check (state in ('asked', 'open', 'announced', 'paid', 'failed')),
    -- Of one that failed.
    because text constraint top_up_because_known check (because in ('unreached', 'refused', 'expired', 'declined')),
    customer_ref text,
    session_ref text,
    -- Where it is paid, as long as it can be.
    pay_at text,
    pay_until timestamptz,
    payment_ref text,
    paid_at timestamptz,
    -- What was paid, and what of that went back, as the provider last told.
    paid_micros bigint constraint top_up_paid_something check (paid_micros > 0),
    refunded_micros bigint not null default 0 constraint top_up_refunded_counts check (refunded_micros >= 0),
    -- What of both is in the ledger.
    credited_micros bigint not null default 0,
    returned_micros bigint not null default 0,
    -- The last dispute of it, and how far that is, both as the provider names them: `needs_response`, `won`, `lost` …
    dispute_ref text,
    dispute_state text,
    constraint top_up_pkey primary key (tenant_id, id),
    constraint top_up_tenant_fkey foreign key (tenant_id) references tenant (tenant_id),
    constraint top_up_failed_says_why check ((state = 'failed') = (because is not null)),
    constraint top_up_paid_whole check ((state = 'paid') = (paid_micros is not null) and (state = 'paid') = (paid_at is not null)),
    constraint top_up_open_is_somewhere check (state = 'asked' or state = 'failed' or session_ref is not null),
    constraint top_up_credited_is_paid check (credited_micros = 0 or credited_micros = paid_micros),
    constraint top_up_returned_is_refunded check (returned_micros between 0 and least(refunded_micros, credited_micros))
);
call protect('top_up', 'tenant');
call keep_from_workspaces('top_up');
grant select, insert,
    update (state, because, customer_ref, session_ref, pay_at, pay_until, payment_ref, paid_at, paid_micros, refunded_micros,
            credited_micros, returned_micros, dispute_ref, dispute_state)
    on top_up to stoa_app;
grant select on top_up to stoa_service;
-- The provider names these alone, and no tenant.
create unique index top_up_by_session on top_up (session_ref) where session_ref is not null;
create unique index top_up_by_id on top_up (id);
create unique index top_up_by_payment on top_up (payment_ref) where payment_ref is not null;
call keep_when_purged('top_up', 'the books are kept, and a payment may be refunded or disputed for months');

-- Each is applied once.
create table payment_event (
    tenant_id uuid not null,
    provider text not null constraint payment_event_provider_known check (provider in ('stripe')),
    event_ref text not null constraint payment_event_ref_length check (char_length(event_ref) between 1 and 255),
    kind text not null constraint payment_event_kind_length check (char_length(kind) between 1 and 100),
    top_up_id uuid not null,
    applied_at timestamptz not null,
    constraint payment_event_pkey primary key (tenant_id, provider, event_ref),
    constraint payment_event_top_up_fkey foreign key (tenant_id, top_up_id) references top_up (tenant_id, id)
);
call protect('payment_event', 'tenant');
call keep_from_workspaces('payment_event');
grant select, insert on payment_event to stoa_app;
call keep_when_purged('payment_event', 'the books are kept: an event that was applied is not applied again');

-- Which top-up the provider means, of whichever tenant: two rows where what it says leads to two of them.
create function find_top_up(p_provider text, p_is_live boolean, p_session text, p_top_up uuid, p_payment text)
returns table (tenant_id uuid, id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select known.tenant_id, known.id
    from top_up as known
    where known.provider = p_provider and known.is_live = p_is_live
      and (known.session_ref = p_session or known.id = p_top_up or known.payment_ref = p_payment)
    limit 2;
end;

grant create on schema public to stoa_service;
alter function find_top_up(text, boolean, text, uuid, text) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function find_top_up(text, boolean, text, uuid, text) from public;
grant execute on function find_top_up(text, boolean, text, uuid, text) to stoa_app;
