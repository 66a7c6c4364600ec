-- The answers to writes that carried an idempotency key are kept for their day, and no longer.

-- A part of them at a time; returns how many went.
create function sweep_answers(moment timestamptz) returns bigint
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with over as (
        select tenant_id, workspace_id, credential_id, route, key from idempotent_answer where expires_at < moment limit 5000),
    answers as (
        delete from idempotent_answer as gone using over
        where gone.tenant_id = over.tenant_id and gone.workspace_id = over.workspace_id
          and gone.credential_id = over.credential_id and gone.route = over.route and gone.key = over.key
        returning 1)
    select count(*) from answers;
end;

grant create on schema public to stoa_service;
alter function sweep_answers(timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function sweep_answers(timestamptz) from public;
grant execute on function sweep_answers(timestamptz) to stoa_app;
