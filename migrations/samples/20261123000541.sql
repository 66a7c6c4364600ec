insert into spend_near (tenant_id, id, month, workspace_id, reason, limit_micros, at_nanos) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099ac001', '2026-11-01', '01890a5d-ac96-774b-bcce-b302099a8401',
     'workspace_cap', 5000000, 5000000000);
