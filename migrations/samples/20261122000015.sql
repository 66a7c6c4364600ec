insert into workspace_tenancy (tenant_id, workspace_id, former_tenant_id, until) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8202', '2026-11-22T12:00:00Z');
