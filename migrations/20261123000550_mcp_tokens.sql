-- Static tokens at the MCP endpoint: what an API key is, for agents. Neither passes for the other, since the hash of a secret says
-- which of both it is of.

alter table api_key add column kind text not null default 'key' constraint api_key_kind_known check (kind in ('key', 'mcp'));
alter table api_key alter column kind drop default;

-- How an agent's program calls itself, as rows of the log say it.
alter table denial add column client text;
grant update (client) on denial to stoa_app;
