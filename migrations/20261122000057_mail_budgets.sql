-- How many mails a tenant may send: read from the list of mails, before another one is put on it.

create index mail_by_time on mail (tenant_id, created_at);

-- What the tenant that the transaction acts in had put on its list, from every workspace: since `day_began`, as many as
-- `most` at most, and to this recipient of this kind since `window_began`, which is later.
create function mails_so_far(
    p_tenant uuid, p_kind text, p_recipient text, day_began timestamptz, window_began timestamptz, most bigint)
returns table (of_day bigint, to_recipient bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select (select count(*) from (
                select from mail as known
                where known.tenant_id = p_tenant and p_tenant = app_tenant() and known.created_at > day_began
                limit most) as counted),
           (select count(*) from mail as known
            where known.tenant_id = p_tenant and p_tenant = app_tenant() and known.created_at > window_began
              and known.kind = p_kind and lower(known.recipient) = lower(p_recipient));
end;

grant create on schema public to stoa_service;
alter function mails_so_far(uuid, text, text, timestamptz, timestamptz, bigint) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function mails_so_far(uuid, text, text, timestamptz, timestamptz, bigint) from public;
grant execute on function mails_so_far(uuid, text, text, timestamptz, timestamptz, bigint) to stoa_app;
