insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', 'tasks', true, '2026-11-22T12:00:00Z'),
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', 'cms', false, '2026-11-22T12:00:00Z');
