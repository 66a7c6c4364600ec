insert into plan_change (tenant_id, id, from_plan, to_plan, asked_by, asked_at, takes_effect_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a9903', 'team', 'builder',
     '01890a5d-ac96-774b-bcce-b302099a8001', '2026-11-22T12:00:00Z', '2026-12-01T00:00:00Z');
