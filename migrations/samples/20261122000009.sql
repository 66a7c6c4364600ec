insert into job (tenant_id, id, kind, payload, run_at, created_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8202', '01890a5d-ac96-774b-bcce-b302099a8701', 'sample', '{}', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z');
insert into inbox_item (user_id, id, kind, title, body, created_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8001', '01890a5d-ac96-774b-bcce-b302099a8702', 'member.added', 'You are in', '', '2026-11-22T12:00:00Z');
insert into mail (tenant_id, id, kind, recipient, about, created_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8703', 'invitation', 'grace@example.com', '01890a5d-ac96-774b-bcce-b302099a8704', '2026-11-22T12:00:00Z');
insert into invitation (tenant_id, id, workspace_id, email, role, invited_by, created_at, expires_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8704', '01890a5d-ac96-774b-bcce-b302099a8401', 'grace@example.com', 'member', '01890a5d-ac96-774b-bcce-b302099a8001', '2026-11-22T12:00:00Z', '2026-11-29T12:00:00Z');
insert into archive_receipt (tenant_id, workspace_id, id, archived_at, archived_by, purge_at, contents) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8705', '2026-11-22T12:00:00Z', '01890a5d-ac96-774b-bcce-b302099a8001', '2026-12-22T12:00:00Z', '{}');
insert into support_consent (tenant_id, workspace_id, id, granted_by, reason, granted_at, expires_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8706', '01890a5d-ac96-774b-bcce-b302099a8001', 'Webhooks fail', '2026-11-22T12:00:00Z', '2026-11-22T14:00:00Z');
insert into support_use (tenant_id, workspace_id, consent_id, session_hash, user_id, user_name, used_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8706', '\x00', '01890a5d-ac96-774b-bcce-b302099a8001', 'Ada', '2026-11-22T12:30:00Z');
insert into denial (tenant_id, id, workspace_id, credential_id, reason, actor_type, channel, actor_id, actor_name, permission, route, request_id, since) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8707', '01890a5d-ac96-774b-bcce-b302099a8401', 'ses_0011223344556677', 'Their role does not hold RenameWorkspace.', 'user', 'console', 'usr_x', 'Ada', 'RenameWorkspace', '/w/{workspace}/settings/name', 'req_x', '2026-11-22T12:00:00Z');
