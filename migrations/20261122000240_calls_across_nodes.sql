-- How often a key or a workspace calls, over all nodes: each takes a share of the minute at a time, and lets through no
-- more than it took.

-- Not logged: after a crash of the database a minute begins anew, and nothing waits for the disk.
create unlogged table call_window (
    tenant_id uuid not null,
    -- A key, or a workspace.
    counted_for uuid not null,
    -- Since the epoch.
    minute bigint not null,
    -- Of the minute before it, and of it so far: what was given to nodes.
    before integer not null,
    given integer not null,
    constraint call_window_pkey primary key (tenant_id, counted_for)
);
call protect('call_window', 'tenant');
grant select, insert, update (minute, before, given) on call_window to stoa_service;
call purge_with('call_window', 'tenant');

-- Gives a node what it wants of each limit, as far as there is room in the 60 seconds up to `second` of `in_minute`; of
-- the minute before so much counts as if its calls had come evenly. `wanted` may be less than nothing: what was given and
-- was not used. Returns what was given, and what counts then, in the order of the arguments.
create function take_calls(of_tenant uuid, of_each uuid[], limits integer[], wanted integer[], in_minute bigint, second integer)
returns table (granted integer, before integer, given integer)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    place integer;
    known public.call_window;
begin
    -- One after the other in one order, so that nobody waits for somebody who waits for them.
    for place in select number from unnest(of_each) with ordinality as each (id, number) order by id loop
        insert into public.call_window as held (tenant_id, counted_for, minute, before, given)
        values (of_tenant, of_each[place], in_minute, 0, 0)
        on conflict (tenant_id, counted_for) do update
        set before = case held.minute when in_minute then held.before when in_minute - 1 then held.given else 0 end,
            given = case held.minute when in_minute then held.given else 0 end,
            minute = in_minute
        -- A node whose clock is behind another's begins no minute again; a minute that is far ahead was a clock's mistake.
        where held.minute <= in_minute or held.minute > in_minute + 2;
    end loop;
    for place in 1 .. cardinality(of_each) loop
        select * into strict known from public.call_window as held where held.tenant_id = of_tenant and held.counted_for = of_each[place];
        granted := least(wanted[place], greatest(0, limits[place] - known.given - known.before::bigint * (60 - second) / 60));
        update public.call_window as held set given = greatest(0, known.given + granted)
        where held.tenant_id = of_tenant and held.counted_for = of_each[place];
        before := known.before;
        given := greatest(0, known.given + granted);
        return next;
    end loop;
end;
$$;

grant create on schema public to stoa_service;
alter function take_calls(uuid, uuid[], integer[], integer[], bigint, integer) owner to stoa_service;
revoke create on schema public from stoa_service;
revoke execute on function take_calls(uuid, uuid[], integer[], integer[], bigint, integer) from public;
grant execute on function take_calls(uuid, uuid[], integer[], integer[], bigint, integer) to stoa_app;
