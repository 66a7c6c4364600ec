-- Opens a console request, as its namesake without `client` does for the release before, and more: memberships with
-- an end date, archived workspaces (`place` 'archive'), support access by consent, and the security posture of the
-- place. `blocked_by` names the rule that keeps this session out of a place that is the person's own; `reach_known`
-- says that this session's coming to the workspace was written down within the last minute.
create function open_console(
    session_hash bytea, place text, place_slug text, moment timestamptz, idle interval, with_places boolean, client inet)
returns table (
    user_id uuid, user_name text, user_email text, user_email_verified boolean, time_zone text, theme text, operator boolean,
    user_version bigint, authenticated_at timestamptz, last_seen_at timestamptz,
    tenant_id uuid, tenant_slug text, tenant_name text, tenant_kind text, tenant_role text,
    tenant_version bigint, tenant_plan text, members_create_workspaces boolean,
    workspace_id uuid, workspace_slug text, workspace_name text, workspace_status text, workspace_role text,
    workspace_version bigint, workspace_created_at timestamptz, support_until timestamptz, blocked_by text,
    reach_known boolean, places text, unread bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    named slug_directory%rowtype;
    home tenant%rowtype;
    here workspace%rowtype;
    begun timestamptz;
    rested interval;
    second_factor boolean;
begin
    select person.id, person.name, person.email, person.email_verified, person.time_zone, person.theme, person.operator,
           person.version, live.authenticated_at, live.last_seen_at, live.created_at,
           greatest(live.longest_rest, moment - live.last_seen_at), live.multi_factor
    into user_id, user_name, user_email, user_email_verified, time_zone, theme, operator,
         user_version, authenticated_at, last_seen_at, begun, rested, second_factor
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
        where directory.slug = place_slug and directory.kind = case place when 'archive' then 'workspace' else place end;
        select account.* into home from tenant as account where account.tenant_id = named.tenant_id and account.status = 'active';
        select belongs.role into tenant_role from tenant_membership as belongs
        where belongs.tenant_id = home.tenant_id and belongs.user_id = open_console.user_id;
        if place = 'tenant' then
            tenant_id := case when tenant_role is not null then home.tenant_id end;
        else
            select boundary.* into here from workspace as boundary
            where boundary.tenant_id = home.tenant_id and boundary.workspace_id = named.workspace_id
              and boundary.status = case place when 'archive' then 'archived' else 'active' end;
            select granted.role into workspace_role
            from workspace_membership as member
            join workspace_grant as granted
              on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
             and granted.membership_id = member.id and granted.project_id is null
            where member.tenant_id = here.tenant_id and member.workspace_id = here.workspace_id
              and member.user_id = open_console.user_id and (member.ends_at is null or member.ends_at > moment)
              and case place
                  when 'archive' then member.suspended_with_workspace and granted.role in ('owner', 'readonly')
                  else member.status = 'active' end;
            if workspace_role is null and operator and place = 'workspace' then
                select max(consent.expires_at) into support_until
                from support_consent as consent
                join support_use as entered
                  on entered.tenant_id = consent.tenant_id and entered.workspace_id = consent.workspace_id
                 and entered.consent_id = consent.id and entered.session_hash = open_console.session_hash
                where consent.tenant_id = here.tenant_id and consent.workspace_id = here.workspace_id
                  and consent.ended_at is null and consent.expires_at > moment;
                workspace_role := case when support_until is not null then 'readonly' end;
            end if;
            tenant_id := case when workspace_role is not null then home.tenant_id end;
        end if;
        if tenant_id is not null then
            tenant_slug := home.slug;
            tenant_name := home.name;
            tenant_kind := home.kind;
            tenant_version := home.version;
            tenant_plan := home.plan;
            members_create_workspaces := home.members_create_workspaces;
            workspace_id := here.workspace_id;
            workspace_slug := here.slug;
            workspace_name := here.name;
            workspace_status := here.status;
            workspace_version := here.version;
            workspace_created_at := here.created_at;
            blocked_by := coalesce(
                posture_blocks(rested, moment - begun, second_factor, client,
                    home.idle_minutes, home.absolute_hours, home.require_multi_factor, home.allowed_networks),
                posture_blocks(rested, moment - begun, second_factor, client,
                    here.idle_minutes, here.absolute_hours, here.require_multi_factor, here.allowed_networks));
            reach_known := exists (
                select from session_reach as reached
                where reached.user_id = open_console.user_id and reached.session_hash = open_console.session_hash
                  and reached.workspace_id = here.workspace_id and reached.last_at > moment - interval '1 minute');
            perform set_config('app.user_id', user_id::text, true),
                    set_config('app.tenant_id', tenant_id::text, true),
                    set_config('app.workspace_id', coalesce(workspace_id::text, ''), true),
                    set_config('app.reach', case place when 'archive' then 'workspace' else place end, true);
        else
            tenant_role := null;
        end if;
    end if;

    if with_places then
        select count(*) into unread from inbox_item as item where item.user_id = open_console.user_id and item.read_at is null;
        select coalesce(json_agg(row_to_json(known)), '[]')::text into places
        from (
            select account.name as tenant, account.slug as tenant_slug, account.kind as tenant_kind,
                   boundary.name as workspace, boundary.slug as workspace_slug, granted.role as role,
                   exists (select from tenant_membership as belongs
                           where belongs.tenant_id = account.tenant_id and belongs.user_id = open_console.user_id) as in_team
            from workspace_membership as member
            join workspace as boundary
              on boundary.tenant_id = member.tenant_id and boundary.workspace_id = member.workspace_id and boundary.status = 'active'
            join tenant as account on account.tenant_id = boundary.tenant_id and account.status = 'active'
            join workspace_grant as granted
              on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
             and granted.membership_id = member.id and granted.project_id is null
            where member.user_id = open_console.user_id and member.status = 'active'
              and (member.ends_at is null or member.ends_at > moment)
            order by account.kind, account.name, account.tenant_id, boundary.name, boundary.workspace_id
            limit 200
        ) as known;
    end if;
    return next;
end
$$;

-- A person's live teams, for the person that the transaction acts for and nobody else.
create or replace function teams_of(person uuid)
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
    join tenant as home on home.tenant_id = belongs.tenant_id and home.status = 'active'
    where belongs.user_id = person and person = app_user_id()
    order by home.kind, home.name, home.tenant_id;
end;

grant create on schema public to stoa_service;
alter function open_console(bytea, text, text, timestamptz, interval, boolean, inet) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function open_console(bytea, text, text, timestamptz, interval, boolean, inet) from public;
grant execute on function open_console(bytea, text, text, timestamptz, interval, boolean, inet) to stoa_app;

-- Moving a workspace to another tenant carries its rows along.
alter table workspace_membership
    drop constraint workspace_membership_workspace_fkey,
    add constraint workspace_membership_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade;
alter table workspace_grant
    drop constraint workspace_grant_membership_fkey,
    add constraint workspace_grant_membership_fkey
        foreign key (tenant_id, workspace_id, membership_id)
        references workspace_membership (tenant_id, workspace_id, id) on update cascade;
