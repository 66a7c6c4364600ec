-- A temporary table is found before one of the schema where the path does not name it: a function that works for another
-- role would read whatever its caller put there. From here on every path of a function ends with it.
do $$
declare
    held regprocedure;
begin
    for held in
        select oid from pg_proc
        where pronamespace = 'public'::regnamespace and 'search_path=pg_catalog, public' = any (proconfig)
    loop
        execute format('alter function %s set search_path = pg_catalog, public, pg_temp', held);
    end loop;
end
$$;
