-- What leads to rows of an audit log: whole ids. Row-level security lets nothing but leakproof operators reach an index,
-- which text equality is and every search within a text is not; those look at rows in the order of time.
create index audit_event_by_actor on audit_event (tenant_id, log_id, actor_id, occurred_at desc, id desc);
create index audit_event_by_behalf on audit_event (tenant_id, log_id, on_behalf_of_id, occurred_at desc, id desc)
    where on_behalf_of_id is not null;
create index audit_event_by_target on audit_event (tenant_id, log_id, target_id, occurred_at desc, id desc);
create index audit_event_by_credential on audit_event (tenant_id, log_id, credential_id, occurred_at desc, id desc)
    where credential_id is not null;
create index audit_event_by_request on audit_event (tenant_id, log_id, request_id, occurred_at desc, id desc)
    where request_id is not null;
-- The same of refusals: with what is needed to go on from one of them.
drop index audit_event_denied;
create index audit_event_denied on audit_event (tenant_id, log_id, occurred_at desc, id desc) where outcome = 'denied';
