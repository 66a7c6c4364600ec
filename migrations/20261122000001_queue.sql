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
create index job_by_time on job (run_at) where status = 'ready';
create index job_dead on job (created_at) where status = 'dead';
grant select, insert on job to stoa_app;
grant select, insert, update, delete on job to stoa_service;

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
grant select on mail to stoa_service;

-- Takes up to `most` jobs that are due, oldest first but no more than `each` of one tenant, so that one tenant's
-- thousand does not keep another's one waiting.
create function claim_jobs(new_lease uuid, moment timestamptz, until timestamptz, most integer, each integer)
returns table (tenant_id uuid, id uuid, kind text, payload text, attempts integer)
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with due as (
        select waiting.tenant_id, waiting.id, row_number() over (partition by waiting.tenant_id order by waiting.run_at, waiting.id) as place,
               waiting.run_at
        from job as waiting
        where waiting.status = 'ready' and waiting.run_at <= moment
          and (waiting.lease_until is null or waiting.lease_until <= moment)
    ), chosen as (
        select locked.tenant_id, locked.id
        from job as locked
        join due on due.tenant_id = locked.tenant_id and due.id = locked.id
        where due.place <= each and locked.status = 'ready' and locked.run_at <= moment
          and (locked.lease_until is null or locked.lease_until <= moment)
        order by due.run_at, locked.id
        limit most
        for update of locked skip locked
    )
    update job as taken
    set lease = new_lease, lease_until = until, attempts = taken.attempts + 1
    from chosen
    where taken.tenant_id = chosen.tenant_id and taken.id = chosen.id
    returning taken.tenant_id, taken.id, taken.kind, taken.payload::text, taken.attempts;
end;

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

-- Whether this node is to do the task now. It is nobody else's turn again before `every` has passed.
create function claim_periodic(task text, moment timestamptz, every interval) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with turn as (
        insert into periodic_task as known (name, next_at, last_started_at) values (task, moment + every, moment)
        on conflict (name) do update set next_at = moment + every, last_started_at = moment where known.next_at <= moment
        returning 1)
    select exists (select from turn);
end;

-- Jobs as the operator looks at them: what waits, what is dead.
create function list_jobs(only_dead boolean, most integer)
returns table (tenant_id uuid, id uuid, kind text, status text, run_at timestamptz, attempts integer, last_error text, created_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select job.tenant_id, job.id, job.kind, job.status, job.run_at, job.attempts, job.last_error, job.created_at
    from job
    where job.status = 'dead' or not only_dead
    order by job.created_at, job.id
    limit most;
end;

-- Makes a dead job ready again.
create function retry_job(p_id uuid, moment timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public
begin atomic
    with retried as (update job set status = 'ready', attempts = 0, run_at = moment where id = p_id and status = 'dead' returning 1)
    select exists (select from retried);
end;

-- How many jobs wait past their time, and how many are dead: for `/metrics`.
create function count_jobs(moment timestamptz) returns table (waiting bigint, dead bigint)
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select count(*) filter (where job.status = 'ready' and job.run_at <= moment), count(*) filter (where job.status = 'dead') from job;
end;

grant create on schema public to stoa_service;
alter function claim_jobs(uuid, timestamptz, timestamptz, integer, integer) owner to stoa_service;
alter function finish_job(uuid, uuid, uuid) owner to stoa_service;
alter function fail_job(uuid, uuid, uuid, text, timestamptz) owner to stoa_service;
alter function claim_periodic(text, timestamptz, interval) owner to stoa_service;
alter function list_jobs(boolean, integer) owner to stoa_service;
alter function retry_job(uuid, timestamptz) owner to stoa_service;
alter function count_jobs(timestamptz) owner to stoa_service;
revoke create on schema public from stoa_service;

revoke execute on function claim_jobs(uuid, timestamptz, timestamptz, integer, integer) from public;
revoke execute on function finish_job(uuid, uuid, uuid) from public;
revoke execute on function fail_job(uuid, uuid, uuid, text, timestamptz) from public;
revoke execute on function claim_periodic(text, timestamptz, interval) from public;
revoke execute on function list_jobs(boolean, integer) from public;
revoke execute on function retry_job(uuid, timestamptz) from public;
revoke execute on function count_jobs(timestamptz) from public;
grant execute on function claim_jobs(uuid, timestamptz, timestamptz, integer, integer) to stoa_app;
grant execute on function finish_job(uuid, uuid, uuid) to stoa_app;
grant execute on function fail_job(uuid, uuid, uuid, text, timestamptz) to stoa_app;
grant execute on function claim_periodic(text, timestamptz, interval) to stoa_app;
grant execute on function list_jobs(boolean, integer) to stoa_app;
grant execute on function retry_job(uuid, timestamptz) to stoa_app;
grant execute on function count_jobs(timestamptz) to stoa_app;
