-- Records: what the modules keep, whichever they are. What a record holds is said by the manifest of its module.

create table record (
    tenant_id uuid not null,
    workspace_id uuid not null,
    -- Made in the order of time, so that the newest come first by it.
    id uuid not null,
    project_id uuid,
    environment text constraint record_environment_known check (environment in ('sandbox', 'production')),
    module text not null constraint record_module_spelled check (module ~ '^[a-z][a-z0-9_]{0,39}$'),
    resource text not null constraint record_resource_spelled check (resource ~ '^[a-z][a-z0-9_]{0,39}$'),
    -- None where the resource has no states.
    status text constraint record_status_spelled check (status ~ '^[a-z][a-z0-9_]{0,39}$'),
    -- By the names of the manifest's fields; what is not there is empty.
    data jsonb not null constraint record_data_object check (jsonb_typeof(data) = 'object'),
    -- By names of the caller's own.
    custom_fields jsonb not null
        constraint record_custom_fields_object check (jsonb_typeof(custom_fields) = 'object')
        constraint record_custom_fields_size check (octet_length(custom_fields::text) <= 16384),
    -- Every searched text, in lower case.
    search text not null,
    bytes integer not null generated always as (octet_length(data::text) + octet_length(custom_fields::text)) stored,
    version bigint not null default 1,
    created_by_type text not null,
    created_by text not null,
    updated_by_type text not null,
    updated_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    constraint record_pkey primary key (tenant_id, workspace_id, id),
    constraint record_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('record', 'workspace');
create index record_by_resource on record (tenant_id, workspace_id, resource, id);
grant select, insert, update (status, data, custom_fields, search, version, updated_by_type, updated_by, updated_at, archived_at)
    on record to stoa_app;
call purge_with('record', 'workspace');
create trigger only_in_a_live_workspace before insert on record
    for each row execute function only_in_a_live_workspace();

-- What lists find and sort records by: a row for each such field that a record has. Of types whose comparisons leak
-- nothing, since only these reach an index under row-level security.
create table record_value (
    tenant_id uuid not null,
    workspace_id uuid not null,
    record_id uuid not null,
    resource text not null,
    field text not null,
    -- In lower case, and sorted by its bytes.
    text_value text collate "C",
    number_value bigint,
    time_value timestamptz,
    constraint record_value_pkey primary key (tenant_id, workspace_id, record_id, field),
    constraint record_value_one check (num_nonnulls(text_value, number_value, time_value) = 1),
    constraint record_value_record_fkey
        foreign key (tenant_id, workspace_id, record_id) references record (tenant_id, workspace_id, id) on update cascade
);
call protect('record_value', 'workspace');
create index record_value_text on record_value (tenant_id, workspace_id, resource, field, text_value, record_id)
    where text_value is not null;
create index record_value_number on record_value (tenant_id, workspace_id, resource, field, number_value, record_id)
    where number_value is not null;
create index record_value_time on record_value (tenant_id, workspace_id, resource, field, time_value, record_id)
    where time_value is not null;
grant select, insert, update (text_value, number_value, time_value), delete on record_value to stoa_app;
call purge_with('record_value', 'workspace');

-- How much there is, kept with every change: no list is counted.
create table record_count (
    tenant_id uuid not null,
    workspace_id uuid not null,
    module text not null,
    resource text not null,
    -- With archived ones.
    records bigint not null constraint record_count_records_positive check (records >= 0),
    archived bigint not null constraint record_count_archived_positive check (archived >= 0),
    bytes bigint not null constraint record_count_bytes_positive check (bytes >= 0),
    constraint record_count_pkey primary key (tenant_id, workspace_id, module, resource),
    constraint record_count_workspace_fkey
        foreign key (tenant_id, workspace_id) references workspace (tenant_id, workspace_id) on update cascade
);
call protect('record_count', 'workspace');
grant select, insert, update (records, archived, bytes) on record_count to stoa_app;
call purge_with('record_count', 'workspace');
