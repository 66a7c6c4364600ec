//! The statements of calls about records, word for word as the stores have them: a test holds the two together.

pub const READ: &str = r#"
        select id as "id: RecordId", status, data as "data: Json<Map<String, Value>>",
               custom_fields as "custom_fields: Json<Map<String, Value>>", bytes, version,
               created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at, archived_at
        from record
        where tenant_id = $1 and workspace_id = $2 and id = $3 and resource = $4
        "#;

pub const HOLD: &str = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

pub const FIND_ANSWER: &str = "select body_hash, status, answer
         from idempotent_answer
         where tenant_id = $1 and workspace_id = $2 and credential_id = $3 and route = $4 and key = $5 and expires_at > $6";

pub const INSERT: &str = r"
        with made as (
            insert into record (
                tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search,
                created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, lower($9), $10, $11, $10, $11, $12, $12)
            returning bytes
        ), indexed as (
            insert into record_value
                (tenant_id, workspace_id, record_id, resource, field, text_value, number_value, time_value, is_unique)
            select $1, $2, $3, $5, held.field, held.text_value, held.number_value, held.time_value, held.field = $17
            from unnest($13::text[], $14::text[], $15::bigint[], $16::timestamptz[])
                as held (field, text_value, number_value, time_value)
        ), counted as (
            insert into record_count as known (tenant_id, workspace_id, module, resource, records, archived, bytes)
            select $1, $2, $4, $5, 1, 0, made.bytes from made
            on conflict (tenant_id, workspace_id, module, resource) do update
            set records = known.records + 1, bytes = known.bytes + excluded.bytes
        )
        select made.bytes from made
        ";

pub const INSERT_ANSWER: &str = "insert into idempotent_answer as known (
             tenant_id, workspace_id, credential_id, route, key, body_hash, status, answer, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (tenant_id, workspace_id, credential_id, route, key) do update
         set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,
             created_at = excluded.created_at, expires_at = excluded.expires_at
         where known.expires_at <= excluded.created_at";

pub const INSERT_AUDIT: &str = "insert into audit_event (
             tenant_id, occurred_at, id, log_id, workspace_id, action,
             actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id, channel, route,
             target_type, target_id, target_name, outcome, reason,
             request_id, client_request_id, ip, user_agent, input_hash,
             changes, salts, leaf_version, leaf_hash, client)
         values (
             $1, $2, $3, $4, $5, $6,
             $7, $8, $9, $10, $11, $12, $13, $14,
             $15, $16, $17, $18, $19,
             $20, $21, $22, $23, $24,
             $25::text::json, $26, $27, $28, $29)";

pub const INSERT_OUTBOX: &str = "insert into outbox (tenant_id, id, workspace_id, type, occurred_at, envelope)
         values ($1, $2, $3, $4, $5, $6)";

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = include_str!("../../../features/records/server/store.rs");
    const CALLS: &str = include_str!("../../../server/rest/store.rs");
    const EVENTS: &str = include_str!("../../../server/events/store.rs");

    #[test]
    fn the_bound_runs_what_the_stores_run() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (statement, store) in [
            (READ, RECORDS),
            (INSERT, RECORDS),
            (HOLD, CALLS),
            (FIND_ANSWER, CALLS),
            (INSERT_ANSWER, CALLS),
            (INSERT_AUDIT, EVENTS),
            (INSERT_OUTBOX, EVENTS),
        ] {
            assert!(words(store).contains(&words(statement)), "the store says something else by now: {statement}");
        }
    }
}
