-- Work that is done later: jobs, periodic tasks, and the list of mails.

-- A job is taken under a lease, by one worker of one node. One that is done goes; one that failed too often stays
-- as a dead letter until someone retries or deletes it. `tenant_id` is nil for the installation's own.
create table job (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null constraint job_kind_length check (char_length(kind) between 1 and 80),
    -- What to do it with: identifiers, never secrets.
    payload json not null,
    status text not null default 'ready' constraint job_status_known check (status in ('ready', 'dead')),
    run_at timestamptz not null,
    attempts integer not null default 0 constraint job_attempts_counted check (attempts >= 0),
    -- Who holds it, and until when; a lease that ran out is as good as none.
    lease uuid,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz not null,
    constraint job_pkey primary key (tenant_id, id),
    constraint job_lease_has_end check ((lease is null) = (lease_until is null))
);
call protect('job', 'tenant');
create index job_ready on job (tenant_id, run_at, id) where status = 'ready';
create index job_dead on job (created_at) where status = 'dead';
grant select, insert on job to stoa_app;
grant select, insert, update, delete on job to stoa_service;

-- For liveliness only: whoever misses it looks again a few seconds later.
create function announce_jobs() returns trigger
    language plpgsql
as $$
begin
    perform pg_notify('stoa_jobs', '');
    return null;
end
$$;
create trigger announce after insert on job for each statement execute function announce_jobs();

-- What is done on a clock, by whichever node gets there first.
create table periodic_task (
    name text primary key,
    next_at timestamptz not null,
    last_started_at timestamptz
);
grant select, insert, update on periodic_task to stoa_service;

-- One row a mail: what was sent to whom about what, and whether it went. Never its text: that is made when it is sent.
create table mail (
    tenant_id uuid not null,
    id uuid not null,
    workspace_id uuid,
    kind text not null,
    recipient text not null constraint mail_recipient_length check (char_length(recipient) between 3 and 320),
    -- What it is about: an invitation, an inbox item.
    about uuid not null,
    status text not null default 'queued' constraint mail_status_known check (status in ('queued', 'sent', 'failed', 'superseded')),
    attempts integer not null default 0,
    last_error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    constraint mail_pkey primary key (tenant_id, id),
    constraint mail_sent_has_time check ((status = 'sent') = (sent_at is not null))
);
call protect('mail', 'workspace');
create index mail_by_place on mail (tenant_id, workspace_id, id desc);
create index mail_by_about on mail (tenant_id, about);
grant select, insert, update (status, attempts, last_error, sent_at) on mail to stoa_app;
grant select, delete on mail to stoa_service;

-- Takes up to `most` jobs that are due and of these kinds: the oldest of each tenant, by turns, beginning behind the
-- tenant `after`, so that one tenant's thousand does not keep another's one waiting. Tenants in `passing_over` are left
-- out this time. A job that somebody else is taking just now is skipped.
create function claim_jobs(
    new_lease uuid, moment timestamptz, until timestamptz, most integer, kinds text[], after uuid, passing_over uuid[])
returns table (tenant_id uuid, id uuid, kind text, payload text, attempts integer)
language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    -- Above every tenant: ids of ours never are all ones.
    top constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    last_turn constant uuid := coalesce(after, top);
    turn uuid;
    lowest uuid;
    taken integer := 0;
begin
    -- Downwards: the first lap is of those below the last turn, the second of those from the top to it.
    for lap in 1..2 loop
        turn := case lap when 1 then last_turn else top end;
        lowest := case lap when 1 then '00000000-0000-0000-0000-000000000000' else last_turn end;
        while taken < most loop
            -- A range of one index and nothing else, so that a tenant with many is left by one step.
            select waiting.tenant_id into turn
            from job as waiting
            where waiting.status = 'ready' and waiting.run_at <= moment and waiting.kind = any (kinds)
              and (waiting.lease_until is null or waiting.lease_until <= moment)
              and waiting.tenant_id < turn and waiting.tenant_id >= lowest
            order by waiting.tenant_id desc
            limit 1;
            exit when not found;
            continue when turn = any (passing_over);
            update job as mine
            set lease = new_lease, lease_until = until, attempts = mine.attempts + 1
            where (mine.tenant_id, mine.id) = (
                select due.tenant_id, due.id
                from job as due
                where due.tenant_id = turn and due.status = 'ready' and due.run_at <= moment and due.kind = any (kinds)
                  and (due.lease_until is null or due.lease_until <= moment)
                order by due.run_at, due.id
                limit 1
                for update skip locked)
            returning mine.tenant_id, mine.id, mine.kind, mine.payload::text, mine.attempts
            into claim_jobs.tenant_id, claim_jobs.id, claim_jobs.kind, claim_jobs.payload, claim_jobs.attempts;
            if found then
                taken := taken + 1;
                return next;
            end if;
        end loop;
    end loop;
end
$$;

-- True where the lease was still this worker's.
create function finish_job(p_tenant uuid, p_id uuid, p_lease uuid) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with done as (delete from job where tenant_id = p_tenant and id = p_id and lease = p_lease returning 1)
    select exists (select from done);
end;

-- Gives a job back, to be tried again at `again_at`; without that it is dead.
create function fail_job(p_tenant uuid, p_id uuid, p_lease uuid, says text, again_at timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with failed as (
        update job
        set lease = null, lease_until = null, last_error = says,
            status = case when again_at is null then 'dead' else 'ready' end,
            run_at = coalesce(again_at, run_at)
        where tenant_id = p_tenant and id = p_id and lease = p_lease
        returning 1)
    select exists (select from failed);
end;

-- Gives a job back that was not finished and did not fail: its node stops.
create function release_job(p_tenant uuid, p_id uuid, p_lease uuid) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with released as (
        update job set lease = null, lease_until = null, attempts = greatest(attempts - 1, 0)
        where tenant_id = p_tenant and id = p_id and lease = p_lease
        returning 1)
    select exists (select from released);
end;

-- Whether this node is to do the task now. Until `until` it is nobody else's turn; should this node die, it is then.
create function claim_periodic(task text, moment timestamptz, until timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with turn as (
        insert into periodic_task as known (name, next_at, last_started_at) values (task, until, moment)
        on conflict (name) do update set next_at = until, last_started_at = moment where known.next_at <= moment
        returning 1)
    select exists (select from turn);
end;

-- Says when the task that was begun at `started` is due again.
create function finish_periodic(task text, started timestamptz, again_at timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    update periodic_task set next_at = again_at where name = task and last_started_at = started;
end;

-- Jobs as the operator looks at them: what waits, what is dead, and until when a node holds it.
create function list_jobs(only_dead boolean, most integer)
returns table (
    tenant_id uuid, id uuid, kind text, status text, run_at timestamptz, lease_until timestamptz, attempts integer, last_error text,
    created_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select job.tenant_id, job.id, job.kind, job.status, job.run_at, job.lease_until, job.attempts, job.last_error, job.created_at
    from job
    where job.status = 'dead' or not only_dead
    order by job.created_at, job.id
    limit most;
end;

-- Makes a job that nobody holds due now, with all its attempts before it.
create function retry_job(p_id uuid, moment timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with retried as (
        update job set status = 'ready', attempts = 0, run_at = moment, lease = null, lease_until = null
        where id = p_id and (lease_until is null or lease_until <= moment)
        returning 1)
    select exists (select from retried);
end;

-- Takes a job away that nobody holds.
create function drop_job(p_id uuid, moment timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with dropped as (delete from job where id = p_id and (lease_until is null or lease_until <= moment) returning 1)
    select exists (select from dropped);
end;

-- How many jobs wait past their time, and how many are dead: for `/metrics`.
create function count_jobs(moment timestamptz) returns table (waiting bigint, dead bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) filter (where job.status = 'ready' and job.run_at <= moment), count(*) filter (where job.status = 'dead') from job;
end;

grant create on schema public to stoa_service;
alter function claim_jobs(uuid, timestamptz, timestamptz, integer, text[], uuid, uuid[]) owner to stoa_service;
alter function finish_job(uuid, uuid, uuid) owner to stoa_service;
alter function fail_job(uuid, uuid, uuid, text, timestamptz) owner to stoa_service;
alter function release_job(uuid, uuid, uuid) owner to stoa_service;
alter function claim_periodic(text, timestamptz, timestamptz) owner to stoa_service;
alter function finish_periodic(text, timestamptz, timestamptz) owner to stoa_service;
alter function list_jobs(boolean, integer) owner to stoa_service;
alter function retry_job(uuid, timestamptz) owner to stoa_service;
alter function drop_job(uuid, timestamptz) owner to stoa_service;
alter function count_jobs(timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;

revoke execute on function claim_jobs(uuid, timestamptz, timestamptz, integer, text[], uuid, uuid[]) from public;
revoke execute on function finish_job(uuid, uuid, uuid) from public;
revoke execute on function fail_job(uuid, uuid, uuid, text, timestamptz) from public;
revoke execute on function release_job(uuid, uuid, uuid) from public;
revoke execute on function claim_periodic(text, timestamptz, timestamptz) from public;
revoke execute on function finish_periodic(text, timestamptz, timestamptz) from public;
revoke execute on function list_jobs(boolean, integer) from public;
revoke execute on function retry_job(uuid, timestamptz) from public;
revoke execute on function drop_job(uuid, timestamptz) from public;
revoke execute on function count_jobs(timestamptz) from public;
grant execute on function claim_jobs(uuid, timestamptz, timestamptz, integer, text[], uuid, uuid[]) to stoa_app;
grant execute on function finish_job(uuid, uuid, uuid) to stoa_app;
grant execute on function fail_job(uuid, uuid, uuid, text, timestamptz) to stoa_app;
grant execute on function release_job(uuid, uuid, uuid) to stoa_app;
grant execute on function claim_periodic(text, timestamptz, timestamptz) to stoa_app;
grant execute on function finish_periodic(text, timestamptz, timestamptz) to stoa_app;
grant execute on function list_jobs(boolean, integer) to stoa_app;
grant execute on function retry_job(uuid, timestamptz) to stoa_app;
grant execute on function drop_job(uuid, timestamptz) to stoa_app;
grant execute on function count_jobs(timestamptz) to stoa_app;
