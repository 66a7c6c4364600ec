-- Rows of the audit trail are keyed by their log. The key begins as every list of a log does, so that one index serves both,
-- and a list of a quiet log never walks through what else its tenant's other logs hold between two of its rows, as the planner
-- took for cheap where a tenant has one log that is nearly all of its rows.
alter table audit_event drop constraint audit_event_pkey;
alter table audit_event add constraint audit_event_pkey primary key (tenant_id, log_id, occurred_at, id);
drop index audit_event_by_log;
