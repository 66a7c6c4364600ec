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
        -- In that tenant's turn, and the installation's where it was nowhere.
        values (coalesce(p_tenant, '00000000-0000-0000-0000-000000000000'), item, 'inbox.mail',
                json_build_object('user', person, 'item', item), moment, moment);
    end if;
end
$$;

-- What an item's mail is made of, and to whom it goes: nowhere, where the address is not proven to be the person's.
create function inbox_item_to_mail(person uuid, p_item uuid)
returns table (email text, title text, body text, link text)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select reader.email, item.title, item.body, item.link
    from inbox_item as item
    join app_user as reader on reader.id = item.user_id
    where item.user_id = person and item.id = p_item and item.read_at is null and reader.email_verified;
end;

-- Takes away what was kept long enough: items that were read before `read_before`, and mails that are over from before
-- `mailed_before`. A part of it at a time; returns how many rows went.
create function sweep_kept(read_before timestamptz, mailed_before timestamptz) returns bigint
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with old_items as (
        select item.user_id, item.id from inbox_item as item where item.read_at < read_before limit 5000),
    old_mails as (
        select letter.tenant_id, letter.id from mail as letter
        where letter.created_at < mailed_before and letter.status <> 'queued' limit 5000),
    items as (
        delete from inbox_item as gone using old_items
        where gone.user_id = old_items.user_id and gone.id = old_items.id returning 1),
    mails as (
        delete from mail as gone using old_mails
        where gone.tenant_id = old_mails.tenant_id and gone.id = old_mails.id returning 1)
    select (select count(*) from items) + (select count(*) from mails);
end;

grant create on schema public to stoa_service;
alter function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) owner to stoa_service;
alter function inbox_item_to_mail(uuid, uuid) owner to stoa_service;
alter function sweep_kept(timestamptz, timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) from public;
grant execute on function tell(uuid, uuid, uuid, uuid, text, text, text, text, timestamptz, boolean) to stoa_app;
revoke execute on function inbox_item_to_mail(uuid, uuid) from public;
revoke execute on function sweep_kept(timestamptz, timestamptz) from public;
grant execute on function inbox_item_to_mail(uuid, uuid) to stoa_app;
grant execute on function sweep_kept(timestamptz, timestamptz) to stoa_app;
