insert into api_key (tenant_id, workspace_id, id, name, steward, scopes, created_by, created_at, expires_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8711', 'Robot', '01890a5d-ac96-774b-bcce-b302099a8001', '{members:read}', '01890a5d-ac96-774b-bcce-b302099a8001', '2026-11-22T12:00:00Z', '2027-02-20T12:00:00Z');
insert into api_key_secret (tenant_id, workspace_id, key_id, id, secret_hash, pepper_id, last_four, created_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a8711', '01890a5d-ac96-774b-bcce-b302099a8712', decode(repeat('ab', 32), 'hex'), '0123456789abcdef', 'a1b2', '2026-11-22T12:00:00Z');
