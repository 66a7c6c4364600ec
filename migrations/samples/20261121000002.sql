insert into installation (id, demo, created_at) values ('01890a5d-ac96-774b-bcce-b302099a8057', false, '2026-11-21T12:00:00Z');
insert into app_user (id, issuer, subject, email, email_verified, name, created_at, updated_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8001', 'https://id.example', 'ada', 'ada@example.com', true, 'Ada', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z'),
    ('01890a5d-ac96-774b-bcce-b302099a8002', 'https://id.example', 'grace', 'grace@example.com', false, 'Grace', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z');
insert into session (id_hash, user_id, issuer, created_at, last_seen_at, authenticated_at, expires_at) values
    (sha256('one'), '01890a5d-ac96-774b-bcce-b302099a8001', 'https://id.example', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', '2026-11-28T12:00:00Z');
insert into form_answer (user_id, form_id, route, location, created_at, expires_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8001', '01890a5d-ac96-774b-bcce-b302099a8101', '/profile', '/profile', '2026-11-21T12:00:00Z', '2026-11-22T12:00:00Z');
