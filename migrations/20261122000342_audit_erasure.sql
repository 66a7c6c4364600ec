-- A person's values in an audit log, erased field by field: what stands for each in the row's leaf stays.

-- What stands for a value in a leaf (src/server/events/leaf.rs).
create function audit_commitment(field text, salt bytea, value text) returns bytea
language sql immutable set search_path = pg_catalog, public, pg_temp
begin atomic
    select sha256(
        int8send(octet_length(convert_to(field, 'UTF8'))) || convert_to(field, 'UTF8') || salt
        || case when value is null then '\x00'::bytea
           else '\x01'::bytea || int8send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') end);
end;

-- The place of a field's salt among the 28: as the leaf is defined.
create function audit_salt_of(salts bytea, field text) returns bytea
language sql immutable set search_path = pg_catalog, public, pg_temp
begin atomic
    select substring(salts from 1 + 16 * (case field
        when 'actor_name' then 10 when 'on_behalf_of_name' then 12 when 'target_name' then 19 when 'reason' then 21
        when 'ip' then 24 when 'user_agent' then 25 when 'changes' then 27 end) for 16);
end;

-- Whether a text (in small letters) holds one of these values, as words of their own.
create function audit_text_holds(given text, p_values text[]) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp
begin atomic
    select exists (
        select from unnest(p_values) as own (value)
        where strpos(given, own.value) > 0
          and given ~ ('(^|\W)' || regexp_replace(own.value, '([^[:alnum:][:space:]])', '\\\1', 'g') || '(\W|$)'));
end;

-- Which fields of a row hold something of a person: by their id, or by a value of theirs (in small letters).
create function audit_fields_of(event audit_event, p_user text, p_values text[]) returns text[]
language sql stable set search_path = pg_catalog, public, pg_temp
begin atomic
    select array(
        select held.field
        from (values
            ('actor_name', event.actor_id = p_user or lower(event.actor_name) = any (p_values)),
            ('on_behalf_of_name', event.on_behalf_of_name is not null
                and (event.on_behalf_of_id = p_user or lower(event.on_behalf_of_name) = any (p_values))),
            ('target_name', event.target_name is not null
                and (event.target_id = p_user or audit_text_holds(lower(event.target_name), p_values))),
            ('reason', audit_text_holds(lower(event.reason), p_values)),
            ('ip', event.actor_id = p_user and event.ip is not null),
            ('user_agent', event.actor_id = p_user and event.user_agent is not null),
            ('changes', audit_text_holds(lower(event.changes::text), p_values
                || array(select lower(trim(both '"' from to_json(own.value)::text)) from unnest(p_values) as own (value))))
        ) as held (field, is_so)
        where held.is_so and held.field <> all (coalesce(event.erased, '{}')));
end;

-- Erases what a log says of a person, of so many leaves from a number on: only of rows under a checkpoint, of no record of what
-- went, and not while a hold is on. The caller has to write down which rows and fields before the transaction ends. With
-- `p_look` nothing is changed: what would go is counted. `next` is null where the log ends.
create function erase_audit_values(
    p_tenant uuid, p_log uuid, p_user text, p_values text[], p_from bigint, most integer, p_look boolean, moment timestamptz)
returns table (origin text, rows text, fields text, touched bigint, erased bigint, next bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    head public.audit_log_head;
    event public.audit_event;
    pair record;
    field text;
    found_fields text[];
    numbers bigint[] := '{}';
    all_fields text[] := '{}';
    new_salts bytea;
    new_commitments bytea;
    value text;
    events public.audit_event[] := '{}';
    last bigint;
    place integer;
begin
    if app_reach() is distinct from 'service' or app_tenant() is distinct from p_tenant
        or not exists (select from public.audit_log_place(p_log) as known where known.tenant_id = p_tenant)
    then
        raise exception 'erasing values is the server''s own work' using errcode = 'insufficient_privilege';
    end if;
    if most is null or most not between 1 and 5000 then
        raise exception 'erase_audit_values: most is %, expected 1 to 5000', most;
    end if;
    if exists (select from unnest(p_values) as own (value) where char_length(own.value) < 3 or own.value <> lower(own.value)) then
        raise exception 'erase_audit_values: a value is too short, or not in small letters';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('keeps ' || p_log, 0));
    if not p_look and public.audit_log_is_held(p_tenant, p_log) then
        raise exception 'log % is under a legal hold', p_log using errcode = 'object_not_in_prerequisite_state';
    end if;
    select * into head from public.audit_log_head as known where known.log_id = p_log;
    last := least(p_from + most, coalesce(head.signed_size, 0));
    erased := 0;
    for pair in
        select row_of as event, leaf.seq as seq
        from unnest(head.tenants) as owner (tenant_id)
        join public.audit_leaf as leaf
          on leaf.tenant_id = owner.tenant_id and leaf.log_id = p_log and leaf.seq >= p_from and leaf.seq < last
        join public.audit_event as row_of
          on row_of.tenant_id = leaf.tenant_id and row_of.occurred_at = leaf.occurred_at and row_of.id = leaf.row_id
        where row_of.action not in ('audit_log.retention_applied', 'audit_log.values_erased')
        order by leaf.seq
    loop
        event := pair.event;
        found_fields := public.audit_fields_of(event, p_user, p_values);
        if cardinality(found_fields) > 0 then
            numbers := numbers || pair.seq;
            events := array_append(events, event);
            erased := erased + cardinality(found_fields);
            all_fields := array(select distinct one from unnest(all_fields || found_fields) as one order by one);
        end if;
    end loop;
    touched := cardinality(numbers);
    rows := public.audit_runs(numbers);
    fields := array_to_string(all_fields, ',');
    if touched > 0 and not p_look then
        insert into public.audit_removal (tenant_id, log_id, kind, rows, fields, removed_at)
        values (p_tenant, p_log, 'erasure', rows, fields, moment);
        foreach event in array events loop
            found_fields := public.audit_fields_of(event, p_user, p_values);
            new_salts := event.salts;
            new_commitments := coalesce(event.commitments, ''::bytea);
            foreach field in array found_fields loop
                value := case field
                    when 'actor_name' then event.actor_name when 'on_behalf_of_name' then event.on_behalf_of_name
                    when 'target_name' then event.target_name when 'reason' then event.reason when 'ip' then event.ip
                    when 'user_agent' then event.user_agent when 'changes' then event.changes::text end;
                new_commitments := new_commitments
                    || public.audit_commitment(field, public.audit_salt_of(event.salts, field), value);
                place := case field
                    when 'actor_name' then 10 when 'on_behalf_of_name' then 12 when 'target_name' then 19 when 'reason' then 21
                    when 'ip' then 24 when 'user_agent' then 25 when 'changes' then 27 end;
                new_salts := overlay(new_salts placing decode(repeat('00', 16), 'hex') from 1 + 16 * place for 16);
            end loop;
            -- What people read in the place of a value; what is compared with what was sealed is the commitment.
            update public.audit_event as erasing
            set actor_name = case when 'actor_name' = any (found_fields) then 'erased' else erasing.actor_name end,
                on_behalf_of_name = case when 'on_behalf_of_name' = any (found_fields) then 'erased' else erasing.on_behalf_of_name end,
                target_name = case when 'target_name' = any (found_fields) then 'erased' else erasing.target_name end,
                reason = case when 'reason' = any (found_fields) then 'erased' else erasing.reason end,
                ip = case when 'ip' = any (found_fields) then 'erased' else erasing.ip end,
                user_agent = case when 'user_agent' = any (found_fields) then 'erased' else erasing.user_agent end,
                changes = case when 'changes' = any (found_fields)
                    then '[{"field":"erased","before":null,"after":null}]'::json else erasing.changes end,
                salts = new_salts,
                erased = coalesce(erasing.erased, '{}') || found_fields,
                commitments = new_commitments
            where erasing.tenant_id = event.tenant_id and erasing.occurred_at = event.occurred_at and erasing.id = event.id;
            delete from public.outbox as envelope where envelope.tenant_id = event.tenant_id and envelope.id = event.id;
        end loop;
    end if;
    origin := head.origin;
    next := case when last < coalesce(head.signed_size, 0) then last end;
    return next;
end
$$;

-- By which names an audit log knows a person, in small letters.
create function audit_names_of(p_tenant uuid, p_log uuid, p_user text) returns setof text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select distinct lower(known.name)
    from audit_log_head as head
    cross join lateral unnest(head.tenants) as owner (tenant_id)
    cross join lateral (
        select event.actor_name as name, event.erased, 'actor_name' as field from audit_event as event
        where event.tenant_id = owner.tenant_id and event.log_id = p_log and event.actor_id = p_user
        union all
        select event.on_behalf_of_name, event.erased, 'on_behalf_of_name' from audit_event as event
        where event.tenant_id = owner.tenant_id and event.log_id = p_log and event.on_behalf_of_id = p_user) as known
    where head.log_id = p_log and app_reach() = 'service' and app_tenant() = p_tenant
      and exists (select from audit_log_place(p_log) as place where place.tenant_id = p_tenant)
      and known.field <> all (coalesce(known.erased, '{}')) and char_length(known.name) >= 3;
end;

-- Who is meant by an id or an address, for the operator.
create function audit_person(p_id uuid, p_email text) returns table (id uuid, name text, email text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
    select person.id, person.name, person.email
    from app_user as person
    where app_reach() = 'service' and app_tenant() = '00000000-0000-0000-0000-000000000000'
      and (person.id = p_id or lower(person.email) = lower(p_email))
    order by person.id
    limit 10;
end;

grant create on schema public to stoa_service;
do $$
declare
    made regprocedure;
begin
    for made in
        select oid from pg_proc
        where pronamespace = 'public'::regnamespace and proname in ('erase_audit_values', 'audit_names_of', 'audit_person')
    loop
        execute format('alter function %s owner to stoa_service', made);
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to stoa_app', made);
    end loop;
end
$$;
revoke create on schema public from stoa_service;
