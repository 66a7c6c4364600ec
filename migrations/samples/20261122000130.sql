insert into record (tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search, created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8901', 'tasks', 'task', 'open', '{"title": "Call back"}', '{}', 'call back', 'agent', 'key_01h455vb4pex5vsknk084sn02q', 'agent', 'key_01h455vb4pex5vsknk084sn02q', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z');
insert into record_value (tenant_id, workspace_id, record_id, resource, field, text_value) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8901', 'task', 'status', 'open');
insert into record_count (tenant_id, workspace_id, module, resource, records, archived, bytes) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', 'tasks', 'task', 1, 0, 24);
