insert into audit_allowance (tenant_id, days, next_days, next_from, noted_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', null, 90, '2026-12-22T12:00:00Z', '2026-11-22T12:00:00Z');
insert into audit_retention (tenant_id, log_id, workspace_id, days, decided_by, decided_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8401',
     60, 'operator', '2026-11-22T12:00:00Z');
insert into audit_hold (tenant_id, log_id, workspace_id, id, name, reason, by_operator, placed_by, placed_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8401',
     '01890a5d-ac96-774b-bcce-b302099aa001', 'Acme against Zenith', 'Asked for by counsel.', true, 'operator', '2026-11-22T12:00:00Z');
