insert into audit_view (tenant_id, workspace_id, id, name, line, within, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a9901',
     'Refusals', 'outcome:denied', '7d', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z');
