insert into audit_stream (
    tenant_id, workspace_id, id, name, url, next_seq, secret_salt, secret_pepper, secret_made_at, due_at, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '01890a5d-ac96-774b-bcce-b302099a9902',
     'SIEM', 'https://siem.example.com/stoa', 0, '\x00112233445566778899aabbccddeeff', '8f96a8fd7430b836', '2026-11-22T12:00:00Z',
     '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z');
