insert into spend_alert (tenant_id, id, month, kind, workspace_id, limit_micros, threshold, spent_nanos, reached_at, told) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099ab001', '2026-11-01', 'cap',
     '01890a5d-ac96-774b-bcce-b302099a8401', 5000000, 80, 4000000000, '2026-11-23T12:00:00Z', true);
