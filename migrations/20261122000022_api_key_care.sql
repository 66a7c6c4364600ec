-- Looking after API keys: warnings before they end, and what happens when one is reported as leaked.

-- What a report of a leaked key does by itself: 'quarantine' stops the key, 'alert' only tells its people.
alter table workspace
    add column on_leak text not null default 'quarantine'
        constraint workspace_on_leak_known check (on_leak in ('quarantine', 'alert'));

-- The last warning that was given: so many days before the end. Each is given once.
alter table api_key
    add column warned_days smallint constraint api_key_warned_days_known check (warned_days in (30, 7, 1));
create index api_key_by_expiry on api_key (expires_at) where status <> 'revoked';

-- When somebody showed that they hold the whole secret without being meant to. It is told once a secret.
alter table api_key_secret add column leaked_at timestamptz;
grant update (leaked_at) on api_key_secret to stoa_app;

-- Keys whose end is near enough for a warning that was not given yet, of whichever tenant. A key that was made for
-- no longer than that is not warned about: whoever made it knows.
create function expiring_api_keys(moment timestamptz, most integer)
returns table (tenant_id uuid, workspace_id uuid, workspace_slug text, workspace_name text, key_id uuid, days integer)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select api_key.tenant_id, api_key.workspace_id, here.slug, here.name, api_key.id, stage.days
    from api_key
    join workspace as here
      on here.tenant_id = api_key.tenant_id and here.workspace_id = api_key.workspace_id and here.status = 'active'
    join tenant as home on home.tenant_id = api_key.tenant_id and home.status = 'active'
    cross join lateral (
        select min(known.days) as days
        from unnest(array[30, 7, 1]) as known (days)
        where api_key.expires_at <= moment + make_interval(hours => 24 * known.days)) as stage
    where api_key.status <> 'revoked' and api_key.expires_at > moment
      and api_key.expires_at <= moment + interval '720 hours'
      and api_key.expires_at - api_key.created_at > make_interval(hours => 24 * stage.days)
      and (api_key.warned_days is null or api_key.warned_days > stage.days)
    order by api_key.expires_at, api_key.id
    limit most;
end;

-- Which of the secrets that somebody presented (as hashes, one for each pepper in use) open a key now, and were not
-- reported before. Whoever asks holds the whole secret, and learns nothing of any other.
create function leaked_api_keys(ids uuid[], pepper_ids text[], hashes bytea[], moment timestamptz)
returns table (tenant_id uuid, workspace_id uuid, workspace_slug text, workspace_name text, on_leak text, key_id uuid, secret_id uuid)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select distinct api_key.tenant_id, api_key.workspace_id, here.slug, here.name, here.on_leak, api_key.id, secret.id
    from unnest(ids, pepper_ids, hashes) as given (id, pepper, hash)
    join api_key on api_key.id = given.id and api_key.status <> 'revoked' and api_key.expires_at > moment
    join api_key_secret as secret
      on secret.tenant_id = api_key.tenant_id and secret.workspace_id = api_key.workspace_id and secret.key_id = api_key.id
     and secret.pepper_id = given.pepper and secret.secret_hash = given.hash
     and (secret.ends_at is null or secret.ends_at > moment) and secret.leaked_at is null
    join workspace as here
      on here.tenant_id = api_key.tenant_id and here.workspace_id = api_key.workspace_id and here.status = 'active'
    join tenant as home on home.tenant_id = api_key.tenant_id and home.status = 'active';
end;

grant create on schema public to stoa_service;
alter function expiring_api_keys(timestamptz, integer) owner to stoa_service;
alter function leaked_api_keys(uuid[], text[], bytea[], timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function expiring_api_keys(timestamptz, integer) from public;
revoke execute on function leaked_api_keys(uuid[], text[], bytea[], timestamptz) from public;
grant execute on function expiring_api_keys(timestamptz, integer) to stoa_app;
grant execute on function leaked_api_keys(uuid[], text[], bytea[], timestamptz) to stoa_app;
