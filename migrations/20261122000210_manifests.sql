-- The manifests of this installation's modules: every version that was ever in force, which ones are now, and which nodes
-- are there. None of it is a tenant's.

create table manifest_version (
    module text not null constraint manifest_version_module_spelled check (module ~ '^[a-z][a-z0-9_]{0,39}$'),
    version bigint not null constraint manifest_version_positive check (version > 0),
    -- SHA-256 of what the manifest means, in hexadecimal: comments and layout do not count.
    hash text not null constraint manifest_version_hash_spelled check (hash ~ '^[0-9a-f]{64}$'),
    -- The file, as it was when this version was first seen.
    manifest text not null,
    first_seen_at timestamptz not null,
    constraint manifest_version_pkey primary key (module, version),
    constraint manifest_version_once unique (module, hash)
);

-- Those that were in force together; the last set is in force.
create table manifest_set (
    number bigint not null constraint manifest_set_number_positive check (number > 0),
    -- SHA-256 over the modules' keys and hashes.
    hash text not null constraint manifest_set_hash_spelled check (hash ~ '^[0-9a-f]{64}$'),
    -- {module: version}
    modules jsonb not null constraint manifest_set_modules_object check (jsonb_typeof(modules) = 'object'),
    adopted_at timestamptz not null,
    -- Whether a node that holds it was there since.
    held boolean not null default false,
    constraint manifest_set_pkey primary key (number)
);

-- The nodes that serve or wait to, and which set each holds. Logged, so that a database that comes back knows who was there:
-- who alone is heard first must not take the others for gone.
create table node (
    id uuid not null,
    manifests text not null constraint node_manifests_spelled check (manifests ~ '^[0-9a-f]{64}$'),
    seen_at timestamptz not null,
    constraint node_pkey primary key (id)
);

grant select on manifest_version, manifest_set to stoa_app;
grant select, insert on manifest_version to stoa_service;
grant select, insert, update (held) on manifest_set to stoa_service;
grant select, insert, update (manifests, seen_at), delete on node to stoa_service;
grant select on record, record_count to stoa_service;

-- A node says that it is there and what it holds, and learns what is in force: how many other nodes hold that, and how many
-- held it and have not been heard for five seconds, without having said that they leave. By the database's clock alone,
-- which all nodes share.
create function node_beats(p_node uuid, p_hash text)
returns table (number bigint, hash text, held boolean, holders bigint, silent bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    insert into node as known (id, manifests, seen_at) values (p_node, p_hash, clock_timestamp())
    on conflict (id) do update set manifests = excluded.manifests, seen_at = excluded.seen_at;
    delete from node as known where known.seen_at < clock_timestamp() - interval '1 hour';
    select latest.number, latest.hash, latest.held into number, hash, held
    from manifest_set as latest order by latest.number desc limit 1;
    if number is not null and hash = p_hash and not held then
        update manifest_set as latest set held = true where latest.number = node_beats.number;
        held := true;
    end if;
    select count(*) filter (where other.seen_at > clock_timestamp() - interval '5 seconds'),
           count(*) filter (where other.seen_at <= clock_timestamp() - interval '5 seconds')
    into holders, silent
    from node as other
    where other.id <> p_node and other.manifests = node_beats.hash;
    return next;
end
$$;

create function node_leaves(p_node uuid) returns void
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    delete from node where id = p_node;
end;

-- Puts a set in force after the one of that number, and keeps what is new of `p_manifests`: [{module, hash, manifest}].
-- Returns its number; null where another came first.
create function adopt_manifests(p_after bigint, p_hash text, p_manifests jsonb, moment timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('manifest_set', 0));
    if p_after <> coalesce((select max(known.number) from manifest_set as known), 0) then
        return null;
    end if;
    insert into manifest_version (module, version, hash, manifest, first_seen_at)
    select given.module,
           1 + coalesce((select max(known.version) from manifest_version as known where known.module = given.module), 0),
           given.hash, given.manifest, moment
    from jsonb_to_recordset(p_manifests) as given (module text, hash text, manifest text)
    on conflict (module, hash) do nothing;
    insert into manifest_set (number, hash, modules, adopted_at, held)
    select p_after + 1, p_hash, coalesce(jsonb_object_agg(known.module, known.version), '{}'), moment,
           exists (select from node as holder where holder.manifests = p_hash)
    from jsonb_to_recordset(p_manifests) as given (module text, hash text)
    join manifest_version as known on known.module = given.module and known.hash = given.hash;
    return p_after + 1;
end
$$;

-- How many records there are of every kind, in all workspaces together.
create function count_kinds_of_records() returns table (module text, resource text, records bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select counted.module, counted.resource, sum(counted.records)::bigint
    from record_count as counted
    group by counted.module, counted.resource
    having sum(counted.records) > 0
    order by counted.module, counted.resource;
end;

-- How many records of a kind are in none of these states.
create function count_records_beside_states(p_resource text, p_states text[]) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from record
    where resource = p_resource
      and case when cardinality(p_states) = 0 then status is not null else status is null or status <> all (p_states) end;
end;

-- How many records of a kind hold something in a field, other than these values.
create function count_records_with_field(p_resource text, p_field text, p_besides text[]) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from record
    where resource = p_resource and data ? p_field and data ->> p_field <> all (p_besides);
end;

-- How many records of a kind hold nothing in a field.
create function count_records_without_field(p_resource text, p_field text) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from record where resource = p_resource and not data ? p_field;
end;

-- How many keys that are not revoked hold a scope of that noun.
create function count_keys_of_noun(p_noun text) returns bigint
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) from api_key
    where status <> 'revoked' and scopes && array[p_noun || ':read', p_noun || ':write'];
end;

grant create on schema public to stoa_service;
alter function node_beats(uuid, text) owner to stoa_service;
alter function node_leaves(uuid) owner to stoa_service;
alter function adopt_manifests(bigint, text, jsonb, timestamptz) owner to stoa_service;
alter function count_kinds_of_records() owner to stoa_service;
alter function count_records_beside_states(text, text[]) owner to stoa_service;
alter function count_records_with_field(text, text, text[]) owner to stoa_service;
alter function count_records_without_field(text, text) owner to stoa_service;
alter function count_keys_of_noun(text) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function node_beats(uuid, text), node_leaves(uuid), adopt_manifests(bigint, text, jsonb, timestamptz),
    count_kinds_of_records(), count_records_beside_states(text, text[]), count_records_with_field(text, text, text[]),
    count_records_without_field(text, text), count_keys_of_noun(text) from public;
grant execute on function node_beats(uuid, text), node_leaves(uuid), adopt_manifests(bigint, text, jsonb, timestamptz),
    count_kinds_of_records(), count_records_beside_states(text, text[]), count_records_with_field(text, text, text[]),
    count_records_without_field(text, text), count_keys_of_noun(text) to stoa_app;
