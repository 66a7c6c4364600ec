-- Values of which no two records of a resource have the same, where its manifest says so: an account's code.

-- True for such a field of a record that is not put away.
alter table record_value add column is_unique boolean not null default false;
grant update (is_unique) on record_value to stoa_app;
create unique index record_value_unique on record_value (tenant_id, workspace_id, resource, field, text_value)
    where is_unique;
