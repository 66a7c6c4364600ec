insert into reduction (
    tenant_id, workspace_id, id, act, module, resource, basis, before, expected, done, freed_bytes, status, user_id, asked_by,
    started_at, touched_at, ended_at, part_resources, part_fields) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099ab001',
     'purge', 'tasks', 'task', 'archived', '2026-10-23T00:00:00Z', 3, 3, 360, 'done', '01890a5d-ac96-774b-bcce-b302099a8101',
     'Ada Lovelace', '2026-11-22T12:00:00Z', '2026-11-22T12:00:05Z', '2026-11-22T12:00:05Z', '{}', '{}');
