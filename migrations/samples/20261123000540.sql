insert into usage_sum (tenant_id, workspace_id, property, grain, starts_at, part, events, quantity, nanos) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', 'operation', 'day', '2026-01-01T00:00:00Z', 'tasks.list', 2, 2, 40000);
