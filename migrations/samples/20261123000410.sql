insert into usage_rollup (tenant_id, workspace_id, starts_at, dimension, operation, rate_version, charge_hour, events, quantity, nanos) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099a8401', '2026-11-22T12:15:00Z', 'rest.read', 'tasks.list',
     '2026-11-01', '2026-11-22T13:00:00Z', 1, 1, 20700);
insert into usage_late (tenant_id, event_id, workspace_id, charge_hour) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099ab001', '01890a5d-ac96-774b-bcce-b302099a8401', '2026-11-22T13:00:00Z');
insert into usage_charge (tenant_id, id, period, from_hour, until_hour, nanos, carried_in, micros, carried_out, charged_at) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099ab101', '2026-11-01', '2026-11-01T00:00:00Z',
     '2026-11-22T14:00:00Z', 20700, 0, 20, 700, '2026-11-22T14:05:00Z');
insert into usage_charge_line (tenant_id, charge_id, line, workspace_id, month, dimension, rate_version, events, quantity, nanos, micros) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', '01890a5d-ac96-774b-bcce-b302099ab101', 1, '01890a5d-ac96-774b-bcce-b302099a8401',
     '2026-11-01', 'rest.read', '2026-11-01', 1, 1, 20700, 20);
-- Together, as an entry without its postings does not come to nothing; what is counted is in small letters.
with entry as (
    INSERT INTO ledger_entry (tenant_id, number, key, kind, period, posted_at, made_by, charge_id, included_micros, prepaid_micros, owed_micros) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 1, 'charge:2026-11-01T00', 'charge', '2026-11-01', '2026-11-22T14:05:00Z', 'system',
     '01890a5d-ac96-774b-bcce-b302099ab101', 0, 0, 20))
insert into ledger_posting (tenant_id, entry_number, account, micros) values
    ('01890a5d-ac96-774b-bcce-b302099a8201', 1, 'receivable', 20),
    ('01890a5d-ac96-774b-bcce-b302099a8201', 1, 'usage', -20);
