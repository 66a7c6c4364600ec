-- The three roles, made once by whoever administers the Postgres cluster. Running it again changes nothing.
-- Passwords are set apart (`alter role … password …`), so that none stands in a file.
--
--   stoa_owner    owns the schema and runs migrations; nothing else connects as it
--   stoa_app      what `stoa serve` connects as; row-level security holds it to one reach at a time
--   stoa_service  owns the few functions that work across tenants; nobody can log in as it
--
-- None of them has BYPASSRLS or superuser, so this works on a managed Postgres.
do $$
begin
    if not exists (select from pg_roles where rolname = 'stoa_owner') then
        create role stoa_owner login;
    end if;
    if not exists (select from pg_roles where rolname = 'stoa_app') then
        create role stoa_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'stoa_service') then
        create role stoa_service nologin;
    end if;
    -- Giving a function to a role takes membership in it.
    if not pg_has_role('stoa_owner', 'stoa_service', 'member') then
        grant stoa_service to stoa_owner;
    end if;
exception
    -- Two administrators at once: the other one made it.
    when unique_violation or duplicate_object then null;
end
$$;
