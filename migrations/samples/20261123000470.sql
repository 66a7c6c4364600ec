insert into storage_day (
    tenant_id, workspace_id, day, module, resource, records, record_bytes, archived, archived_bytes, files, file_bytes,
    archived_file_bytes, measured_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '2026-11-22', 'tasks', 'task',
     1, 120, 0, 0, 0, 0, 0, '2026-11-22T00:10:00Z');
