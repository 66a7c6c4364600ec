insert into audit_log_head (log_id, origin, size, edge, signed_size, tenants, last_tenant) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 'console.example.com/audit/01890a5d-ac96-774b-bcce-b302099a8201', 1, sha256('leaf'), 1,
     array['01890a5d-ac96-774b-bcce-b302099a8201'::uuid], '01890a5d-ac96-774b-bcce-b302099a8201');
insert into audit_leaf (tenant_id, log_id, seq, row_id, occurred_at, leaf_hash) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8201', 0, '01890a5d-ac96-774b-bcce-b302099a8701', '2026-11-21T12:00:00Z', sha256('leaf'));
insert into audit_subtree (tenant_id, log_id, level, place, hash) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8201', 8, 0, sha256('subtree'));
insert into audit_checkpoint (tenant_id, log_id, size, root, key_id, note, signed_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8201', 1, sha256('leaf'), '21fe31dfa154a261', 'note', '2026-11-21T12:01:00Z');
