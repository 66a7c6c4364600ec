insert into manifest_version (module, version, hash, manifest, first_seen_at) values
    ('tasks', 1, repeat('0a', 32), 'key = "tasks"', '2026-11-22T12:00:00Z'),
    ('tasks', 2, repeat('0b', 32), 'key = "tasks" # again', '2026-11-23T12:00:00Z');
insert into manifest_set (number, hash, modules, adopted_at, held) values
    (1, repeat('0c', 32), '{"tasks": 1}', '2026-11-22T12:00:00Z', true),
    (2, repeat('0d', 32), '{"tasks": 2}', '2026-11-23T12:00:00Z', false);
insert into node (id, manifests, seen_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8901', repeat('0d', 32), '2026-11-23T12:00:00Z');
