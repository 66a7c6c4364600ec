-- Refusals that wait to be counted: the first of a minute is an audit row at once, the others one row together.
create table denial (
    tenant_id uuid not null,
    id uuid not null,
    -- None for a refusal at the team's own pages.
    workspace_id uuid,
    credential_id text not null,
    reason text not null,
    -- When the last row was written.
    since timestamptz not null,
    -- Refused after that, not written yet.
    waiting integer not null default 0,
    constraint denial_pkey primary key (tenant_id, id),
    constraint denial_key unique nulls not distinct (tenant_id, workspace_id, credential_id, reason)
);
call protect('denial', 'workspace');
create index denial_waiting on denial (since) where waiting > 0;
grant select, insert, update, delete on denial to stoa_app;
grant select, delete on denial to stoa_service;
