insert into audit_event (tenant_id, occurred_at, id, log_id, action, actor_type, actor_id, actor_name, channel, target_type, target_id, outcome, salts, leaf_version, leaf_hash) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '2026-11-21T12:00:00Z', '01890a5d-ac96-774b-bcce-b302099a8701', '01890a5d-ac96-774b-bcce-b302099a8201', 'tenant.created', 'user', 'usr_x', 'Ada', 'console', 'tenant', 'ten_x', 'succeeded', sha256('salts'), 1, sha256('leaf'));
insert into outbox (tenant_id, id, type, occurred_at, envelope) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8801', 'tenant.created', '2026-11-21T12:00:00Z', '{}');
