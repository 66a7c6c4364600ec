-- Static tokens at the MCP endpoint: what an API key is, for agents. Neither passes for the other: the hash of a secret says which of
-- both it is of, and so does the row. The default is for nodes of the release before.

alter table api_key add column kind text not null default 'key' constraint api_key_kind_known check (kind in ('key', 'mcp'));

-- Asked beside `open_call`, whose answer has no room for it.
create function api_key_kind(p_key uuid) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select known.kind from api_key as known where known.id = p_key;
end;
grant create on schema public to stoa_service;
alter function api_key_kind(uuid) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function api_key_kind(uuid) from public;
grant execute on function api_key_kind(uuid) to stoa_app;

-- How an agent's program calls itself, as rows of the log say it.
alter table denial add column client text;
grant update (client) on denial to stoa_app;
