-- The rows of a log by their numbers, from `first` up to before `last`, for the server's own work in the tenant whose log
-- it is now; also those from when a workspace was in another tenant. Of a row whose body is gone, what its leaf has.
create function audit_sealed_rows(p_log uuid, first bigint, last bigint)
returns table (
    seq bigint, row_id uuid, occurred_at timestamptz, leaf_hash bytea, is_there boolean,
    action text, actor_type text, actor_id text, actor_name text, on_behalf_of_id text, on_behalf_of_name text, credential_id text,
    client text, channel text, route text, target_type text, target_id text, target_name text, outcome text, reason text,
    request_id text, client_request_id text, ip text, user_agent text, input_hash bytea, changes text, leaf_version smallint,
    erased text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select leaf.seq, leaf.row_id, leaf.occurred_at, leaf.leaf_hash, event.id is not null,
           event.action, event.actor_type, event.actor_id, event.actor_name, event.on_behalf_of_id, event.on_behalf_of_name,
           event.credential_id, event.client, event.channel, event.route, event.target_type, event.target_id, event.target_name,
           event.outcome, event.reason, event.request_id, event.client_request_id, event.ip, event.user_agent, event.input_hash,
           event.changes::text, event.leaf_version, event.erased
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select one.seq, one.tenant_id, one.row_id, one.occurred_at, one.leaf_hash
        from audit_leaf as one
        where one.tenant_id = owner.tenant_id and one.log_id = p_log and one.seq >= first and one.seq < last) as leaf
    left join audit_event as event
      on event.tenant_id = leaf.tenant_id and event.occurred_at = leaf.occurred_at and event.id = leaf.row_id and event.log_id = p_log
    where head.log_id = p_log and app_reach() = 'service'
      and (p_log = app_tenant()
          or exists (select from workspace as here where here.tenant_id = app_tenant() and here.workspace_id = p_log)
          or (app_tenant() = '00000000-0000-0000-0000-000000000000' and exists (select from installation where installation.id = p_log)))
    order by leaf.seq;
end;

grant create on schema public to stoa_service;
alter function audit_sealed_rows owner to stoa_service;
revoke execute on function audit_sealed_rows from public;
grant execute on function audit_sealed_rows to stoa_app;
revoke create on schema public from stoa_service;
