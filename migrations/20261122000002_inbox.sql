-- What a person is told: rows of their own, which mail copies where mail is configured.
create table inbox_item (
    user_id uuid not null references app_user (id),
    id uuid not null,
    -- Where it happened, where that is one place.
    tenant_id uuid,
    workspace_id uuid,
    kind text not null,
    title text not null constraint inbox_item_title_length check (char_length(title) between 1 and 200),
    body text not null constraint inbox_item_body_length check (char_length(body) <= 2000),
    -- A path of this console.
    link text constraint inbox_item_link_local check (link like '/%' and link not like '//%'),
    created_at timestamptz not null,
    read_at timestamptz,
    constraint inbox_item_pkey primary key (user_id, id)
);
call protect('inbox_item', 'user');
create index inbox_item_unread on inbox_item (user_id) where read_at is null;
grant select, update (read_at) on inbox_item to stoa_app;
grant select, insert, delete on inbox_item to stoa_service;

-- Tells a person something, from wherever it happened, and has it mailed where `by_mail`.
create function tell(
    person uuid, item uuid, p_tenant uuid, p_workspace uuid, p_kind text, p_title text, p_body text, p_link text,
    moment timestamptz, by_mail boolean)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    insert into inbox_item (user_id, id, tenant_id, workspace_id, kind, title, body, link, created_at)
    values (person, item, p_tenant, p_workspace, p_kind, p_title, p_body, p_link, moment);
    if by_mail then
        insert into job (tenant_id, id, kind, payload, run_at, created_at)
        values ('00000000-0000-0000-0000-000000000000', item, 'inbox.mail',
                json_build_object('user', person, 'item', item), moment, moment);
    end if;
end
$$;

grant create on schema public to stoa_service;
alter function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) from public;
grant execute on function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) to stoa_app;
