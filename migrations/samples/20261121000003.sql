insert into tenant (tenant_id, kind, slug, name, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 'personal', 'personal-7f3k2q', 'Ada', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z'),
    ('01890a5d-ac96-774b-bcce-b302099a8202', 'team', 'team-7f3k2q', 'Acme', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z');
insert into tenant_membership (tenant_id, id, user_id, role, joined_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8301', '01890a5d-ac96-774b-bcce-b302099a8001', 'owner', '2026-11-21T12:00:00Z'),
    ('01890a5d-ac96-774b-bcce-b302099a8202', '01890a5d-ac96-774b-bcce-b302099a8302', '01890a5d-ac96-774b-bcce-b302099a8002', 'member', '2026-11-21T12:00:00Z');
insert into workspace (tenant_id, workspace_id, slug, name, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', 'main-7f3k2q', 'My workspace', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z');
insert into workspace_membership (tenant_id, workspace_id, id, user_id, joined_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8501', '01890a5d-ac96-774b-bcce-b302099a8001', '2026-11-21T12:00:00Z');
insert into workspace_grant (tenant_id, workspace_id, membership_id, id, role, granted_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8501', '01890a5d-ac96-774b-bcce-b302099a8601', 'owner', '2026-11-21T12:00:00Z');
insert into slug_directory (slug, kind, tenant_id, workspace_id) values
    ('personal-7f3k2q', 'tenant', '01890a5d-ac96-774b-bcce-b302099a8201', null),
    ('main-7f3k2q', 'workspace', '01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401');
