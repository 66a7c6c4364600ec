insert into payment_customer (tenant_id, provider, is_live, customer_ref, created_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 'stripe', false, 'cus_NffrFeUfNV2Hib', '2026-11-22T12:00:00Z');
insert into top_up (tenant_id, id, provider, is_live, micros, asked_by, asked_at, state, customer_ref, session_ref, pay_at, pay_until) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a9a01', 'stripe', false, 25000000,
     '01890a5d-ac96-774b-bcce-b302099a8001', '2026-11-22T12:00:00Z', 'open', 'cus_NffrFeUfNV2Hib', 'cs_test_a11sample',
     'https://checkout.stripe.com/c/pay/cs_test_a11sample', '2026-11-23T12:00:00Z');
insert into payment_event (tenant_id, provider, event_ref, kind, top_up_id, applied_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 'stripe', 'evt_1sample', 'dispute', '01890a5d-ac96-774b-bcce-b302099a9a01', '2026-11-22T12:05:00Z');
