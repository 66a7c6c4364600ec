insert into invoice (tenant_id, number, period, issued_at, tenant_name, plan, plan_name, price_micros, usage_micros, included_micros,
    prepaid_micros, waived_micros, adjusted_micros, due_micros, first_entry, last_entry) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 1, '2026-11-01', '2026-12-01T00:05:00Z', 'Ada', 'builder', 'Builder', 0, 20, 0, 0, 0, 0, 20, 1, 1);
insert into invoice_line (tenant_id, invoice_number, line, workspace_id, workspace_name, month, dimension, rate_version, events, quantity, nanos, micros) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 1, 1, '01890a5d-ac96-774b-bcce-b302099a8401', 'My workspace', '2026-11-01', 'rest.read',
     '2026-11-01', 1, 1, 20700, 20);
