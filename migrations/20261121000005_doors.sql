-- The functions that work across tenants, because that is their job. Each is owned by stoa_service, has a fixed
-- search path, and answers only about what it was given proof of.

-- Opens a console request: proves the session, sets the reach, and says who and where, in one row.
-- `place`: 'workspace', 'tenant' (with the slug) or 'user' (without).
-- user_id is null when the session is none or over; tenant_id is null when the place is not visible to the person.
create function open_console(
    session_hash bytea, place text, place_slug text, moment timestamptz, idle interval, with_places boolean)
returns table (
    user_id uuid, user_name text, user_email text, time_zone text, theme text, operator boolean, user_version bigint,
    authenticated_at timestamptz, last_seen_at timestamptz,
    tenant_id uuid, tenant_slug text, tenant_name text, tenant_kind text, tenant_role text,
    tenant_version bigint, members_create_workspaces boolean,
    workspace_id uuid, workspace_slug text, workspace_name text, workspace_status text, workspace_role text,
    workspace_version bigint, workspace_created_at timestamptz,
    places text)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    named slug_directory%rowtype;
begin
    select person.id, person.name, person.email, person.time_zone, person.theme, person.operator, person.version,
           live.authenticated_at, live.last_seen_at
    into user_id, user_name, user_email, time_zone, theme, operator, user_version, authenticated_at, last_seen_at
    from session as live
    join app_user as person on person.id = live.user_id
    where live.id_hash = session_hash and live.expires_at > moment and live.last_seen_at + idle > moment;
    if user_id is null then
        return next;
        return;
    end if;

    if place = 'user' then
        perform set_config('app.user_id', user_id::text, true), set_config('app.reach', 'user', true);
    else
        select directory.* into named from slug_directory as directory
        where directory.slug = place_slug and directory.kind = place;
        if place = 'workspace' then
            select home.tenant_id, home.slug, home.name, home.kind, home.version, home.members_create_workspaces,
                   here.workspace_id, here.slug, here.name, here.status, here.version, here.created_at,
                   granted.role, belongs.role
            into tenant_id, tenant_slug, tenant_name, tenant_kind, tenant_version, members_create_workspaces,
                 workspace_id, workspace_slug, workspace_name, workspace_status, workspace_version, workspace_created_at,
                 workspace_role, tenant_role
            from workspace as here
            join tenant as home on home.tenant_id = here.tenant_id
            join workspace_membership as member
              on member.tenant_id = here.tenant_id and member.workspace_id = here.workspace_id
             and member.user_id = open_console.user_id and member.status = 'active'
            join workspace_grant as granted
              on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
             and granted.membership_id = member.id and granted.project_id is null
            left join tenant_membership as belongs
              on belongs.tenant_id = here.tenant_id and belongs.user_id = open_console.user_id
            where here.tenant_id = named.tenant_id and here.workspace_id = named.workspace_id
              and here.status = 'active';
        else
            select home.tenant_id, home.slug, home.name, home.kind, home.version, home.members_create_workspaces, belongs.role
            into tenant_id, tenant_slug, tenant_name, tenant_kind, tenant_version, members_create_workspaces, tenant_role
            from tenant as home
            join tenant_membership as belongs
              on belongs.tenant_id = home.tenant_id and belongs.user_id = open_console.user_id
            where home.tenant_id = named.tenant_id;
        end if;
        if tenant_id is not null then
            perform set_config('app.user_id', user_id::text, true),
                    set_config('app.tenant_id', tenant_id::text, true),
                    set_config('app.workspace_id', coalesce(workspace_id::text, ''), true),
                    set_config('app.reach', place, true);
        end if;
    end if;

    if with_places then
        select coalesce(json_agg(row_to_json(known)), '[]')::text into places
        from (
            select home.name as tenant, home.slug as tenant_slug, home.kind as tenant_kind,
                   here.name as workspace, here.slug as workspace_slug, granted.role as role,
                   exists (select from tenant_membership as belongs
                           where belongs.tenant_id = home.tenant_id and belongs.user_id = open_console.user_id) as in_team
            from workspace_membership as member
            join workspace as here
              on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id and here.status = 'active'
            join tenant as home on home.tenant_id = here.tenant_id
            join workspace_grant as granted
              on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
             and granted.membership_id = member.id and granted.project_id is null
            where member.user_id = open_console.user_id and member.status = 'active'
            order by home.kind, home.name, home.tenant_id, here.name, here.workspace_id
            limit 200
        ) as known;
    end if;
    return next;
end
$$;

-- Makes the person behind a proven identity, or brings their attributes up to date.
-- The name follows the provider only until the person sets their own (version moves with it).
create function identify_user(
    new_id uuid, p_issuer text, p_subject text, p_email text, p_email_verified boolean, p_name text, moment timestamptz)
returns table (user_id uuid, is_new boolean)
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    insert into app_user as person (id, issuer, subject, email, email_verified, name, created_at, updated_at)
    values (new_id, p_issuer, p_subject, p_email, p_email_verified, p_name, moment, moment)
    on conflict (issuer, subject) do update
        set email = excluded.email,
            email_verified = excluded.email_verified,
            name = case when person.version = 1 then excluded.name else person.name end,
            updated_at = moment
    returning person.id, person.id = new_id;
end;

-- The person behind a proven identity, as they are known so far.
create function find_user(p_issuer text, p_subject text)
returns table (user_id uuid, email text, email_verified boolean, name text, follows_provider boolean)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select person.id, person.email, person.email_verified, person.name, person.version = 1
    from app_user as person
    where person.issuer = p_issuer and person.subject = p_subject;
end;

-- Whether a person may do without a new tenant: they belong to one already.
create function belongs_anywhere(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (select from tenant_membership where tenant_membership.user_id = person);
end;

-- A person's teams, for the person that the transaction acts for and nobody else.
create function teams_of(person uuid)
returns table (slug text, name text, kind text, role text, workspaces bigint, joined_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select home.slug, home.name, home.kind, belongs.role,
           (select count(*) from workspace_membership as member
            join workspace as here on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id
            where member.tenant_id = home.tenant_id and member.user_id = person and member.status = 'active'
              and here.status = 'active'),
           belongs.joined_at
    from tenant_membership as belongs
    join tenant as home on home.tenant_id = belongs.tenant_id
    where belongs.user_id = person and person = app_user_id()
    order by home.kind, home.name, home.tenant_id;
end;

-- Makes the person named by the operator's command line an operator; false where nobody is known by it.
create function name_operator(p_issuer text, p_subject text, p_email text) returns setof uuid
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    update app_user set operator = true
    where issuer = p_issuer and (subject = p_subject or (p_subject is null and lower(email) = lower(p_email) and email_verified))
    returning id;
end;

-- Takes away what has expired: forms' answers, sign-in attempts, and sessions past their absolute clock or unseen
-- since `idle_since`. Returns how many rows went.
create function sweep_expired(moment timestamptz, idle_since timestamptz) returns bigint
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with forms as (delete from form_answer where expires_at < moment returning 1),
         attempts as (delete from sign_in_attempt where expires_at < moment returning 1),
         sessions as (delete from session where expires_at < moment or last_seen_at < idle_since returning 1)
    select (select count(*) from forms) + (select count(*) from attempts) + (select count(*) from sessions);
end;

grant create on schema public to stoa_service;
alter function open_console(bytea, text, text, timestamptz, interval, boolean) owner to stoa_service;
alter function identify_user(uuid, text, text, text, boolean, text, timestamptz) owner to stoa_service;
alter function find_user(text, text) owner to stoa_service;
alter function belongs_anywhere(uuid) owner to stoa_service;
alter function name_operator(text, text, text) owner to stoa_service;
alter function teams_of(uuid) owner to stoa_service;
alter function sweep_expired(timestamptz, timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;

revoke execute on function open_console(bytea, text, text, timestamptz, interval, boolean) from public;
revoke execute on function identify_user(uuid, text, text, text, boolean, text, timestamptz) from public;
revoke execute on function find_user(text, text) from public;
revoke execute on function belongs_anywhere(uuid) from public;
revoke execute on function name_operator(text, text, text) from public;
revoke execute on function teams_of(uuid) from public;
revoke execute on function sweep_expired(timestamptz, timestamptz) from public;
grant execute on function open_console(bytea, text, text, timestamptz, interval, boolean) to stoa_app;
grant execute on function identify_user(uuid, text, text, text, boolean, text, timestamptz) to stoa_app;
grant execute on function find_user(text, text) to stoa_app;
grant execute on function belongs_anywhere(uuid) to stoa_app;
grant execute on function name_operator(text, text, text) to stoa_app;
grant execute on function teams_of(uuid) to stoa_app;
grant execute on function sweep_expired(timestamptz, timestamptz) to stoa_app;
