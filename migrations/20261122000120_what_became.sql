-- What became of a place that the person of this transaction knew, and does not reach by its address any more: a word, and
-- nothing to anybody who never was in it. `place` is the kind of address that was asked for, as in `open_console`.
create function what_became(place text, place_slug text, moment timestamptz) returns text
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select case
        when place = 'tenant' then case when home.status = 'deleted' and in_team.user_id is not null then 'deleted' end
        when member.user_id is null then null
        when home.status = 'deleted' then case when in_team.user_id is not null then 'deleted' end
        when member.status = 'ended' or member.ends_at <= moment then 'left'
        -- Who may look into an archive is who may know that it is one.
        when place = 'workspace' and here.status = 'archived' and member.suspended_with_workspace
            and granted.role in ('owner', 'readonly') then 'archived'
        when place = 'archive' and here.status = 'active' and member.status = 'active' and granted.role is not null then 'live'
        end
    from slug_directory as directory
    join tenant as home on home.tenant_id = directory.tenant_id
    left join tenant_membership as in_team on in_team.tenant_id = home.tenant_id and in_team.user_id = app_user_id()
    left join workspace as here on here.tenant_id = directory.tenant_id and here.workspace_id = directory.workspace_id
    left join workspace_membership as member
      on member.tenant_id = here.tenant_id and member.workspace_id = here.workspace_id and member.user_id = app_user_id()
    left join workspace_grant as granted
      on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
     and granted.membership_id = member.id and granted.project_id is null
    where directory.slug = place_slug and directory.kind = case place when 'archive' then 'workspace' else place end
      and app_reach() = 'user';
end;

grant create on schema public to stoa_service;
alter function what_became(text, text, timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function what_became(text, text, timestamptz) from public;
grant execute on function what_became(text, text, timestamptz) to stoa_app;
