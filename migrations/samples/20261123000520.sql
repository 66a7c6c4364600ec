insert into record_retention (
    tenant_id, workspace_id, id, act, module, resource, basis, days, set_by, set_by_name, set_at, shown_at, next_run_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099ab101',
     'purge', 'tasks', 'task', 'archived', 90, '01890a5d-ac96-774b-bcce-b302099a8101', 'Ada Lovelace', '2026-11-23T12:00:00Z',
     '2026-11-23T12:00:00Z', '2026-11-24T12:00:00Z');
