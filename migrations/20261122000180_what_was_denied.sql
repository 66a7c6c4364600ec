-- Refusals are few among all rows, and are counted on the first page of a workspace.
create index audit_event_denied on audit_event (tenant_id, log_id, occurred_at) where outcome = 'denied';
