//! The document of the API (`OpenAPI` 3.1), made from the operations that the router routes.

use std::collections::BTreeMap;

use http::StatusCode;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use url::Url;

use super::{BASE, ENVELOPED, ErrorCode, Operation};
use crate::server::scope::Asks;

/// The document for these operations, served at `console`.
pub fn document(operations: &[Operation], console: &Url) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let described = describe(operation, &mut generator);
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(operation.method.as_str().to_lowercase(), described);
        }
    }
    let mut schemas: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    schemas.insert("Error".to_owned(), error_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stoa",
            "version": "1",
            "description": "The control plane of a workspace. A key names its workspace; no address does.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": console.join(BASE).map_or_else(|_| BASE.to_owned(), |url| url.to_string()) }],
        "security": [{ "key": [] }],
        "tags": tags(operations),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "An API key, `stoa_key_live_…`." } },
        },
    })
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let output = (operation.output)(generator).to_value();
    let envelope = json!({
        "type": "object",
        "required": ["data", "request_id"],
        "properties": { "data": output, "request_id": { "type": "string" }, "next_cursor": { "type": "string" } },
    });
    let scope = operation.gate.scope.map_or_else(|| "any key".to_owned(), |scope| format!("the scope `{scope}`"));
    let description = if is_open(operation) {
        "Asks for no key.".to_owned()
    } else {
        format!("Asks for {scope}, and of the key's steward for the permission `{}`.", operation.asks)
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [tag(operation)],
        "summary": operation.says,
        "description": description,
        "parameters": parameters(operation, generator),
        "responses": responses(operation, &envelope),
    });
    if let (Some(input), Value::Object(described)) = (&operation.input, &mut described) {
        let mut schema = input(generator).to_value();
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut).filter(|_| operation.is_dry()) {
            let says = "The same as the header, for whoever cannot set one.";
            properties.insert(
                "idempotency_key".to_owned(),
                json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": says }),
            );
        }
        let is_needed = schema.get("required").and_then(Value::as_array).is_some_and(|fields| !fields.is_empty());
        described
            .insert("requestBody".to_owned(), json!({ "required": is_needed, "content": { "application/json": { "schema": schema } } }));
    }
    if let (true, Value::Object(described)) = (is_open(operation), &mut described) {
        described.insert("security".to_owned(), json!([]));
    }
    described
}

/// Whether anybody may call it, without a key.
fn is_open(operation: &Operation) -> bool {
    operation.asks == Asks::Nothing
}

/// What it answers when it went well, and every code that it can be refused with, by status.
fn responses(operation: &Operation, envelope: &Value) -> Value {
    let mut responses = Map::new();
    let content = |schema: &Value| json!({ "application/json": { "schema": schema } });
    let done =
        if operation.is_dry() && operation.status == StatusCode::OK { json!({ "anyOf": [envelope, planned()] }) } else { envelope.clone() };
    let content_of_it = if operation.kinds == ENVELOPED { content(&done) } else { file(operation) };
    responses.insert(operation.status.as_str().to_owned(), json!({ "description": operation.says, "content": content_of_it }));
    if operation.is_dry() && operation.status != StatusCode::OK {
        let says = "With dry_run: what would change. Nothing did.";
        responses.insert("200".to_owned(), json!({ "description": says, "content": content(&planned()) }));
    }
    let mut refused: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in ErrorCode::ALL.iter().filter(|code| can_answer(operation, **code)) {
        refused.entry(code.status().as_u16()).or_default().push(code.name());
    }
    for (status, codes) in refused {
        let says = format!("Refused: {}.", codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", "));
        let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
        responses.insert(status.to_string(), json!({ "description": says, "content": content }));
    }
    Value::Object(responses)
}

/// A file of one of several kinds.
fn file(operation: &Operation) -> Value {
    let kinds = operation.kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": { "type": "string" } })));
    Value::Object(kinds.collect())
}

/// Whether the operation can be refused so.
fn can_answer(operation: &Operation, code: ErrorCode) -> bool {
    let writes = operation.input.is_some();
    let (open, gate) = (is_open(operation), &operation.gate);
    match code {
        ErrorCode::MethodNotAllowed => false,
        ErrorCode::InternalError | ErrorCode::Unavailable | ErrorCode::ValidationFailed => true,
        ErrorCode::PayloadTooLarge => writes,
        ErrorCode::ResourceNotFound => operation.path.contains('{'),
        ErrorCode::Unauthorized | ErrorCode::PolicyDenied | ErrorCode::RateLimited => !open,
        ErrorCode::MissingRequiredScope => gate.scope.is_some(),
        ErrorCode::ModuleNotEntitled | ErrorCode::ModuleNotEnabled => gate.module.is_some(),
        ErrorCode::BillingPaused => !gate.while_paused && !open,
        ErrorCode::Conflict => operation.may_conflict && !open,
        ErrorCode::IdempotencyConflict | ErrorCode::VersionConflict => writes && !open,
    }
}

/// What a dry run answers.
fn planned() -> Value {
    let change = json!({
        "type": "object",
        "required": ["event", "target", "changes"],
        "properties": {
            "event": { "type": "string" },
            "target": {
                "type": "object",
                "required": ["type", "id"],
                "properties": { "type": { "type": "string" }, "id": { "type": "string" }, "name": { "type": ["string", "null"] } },
            },
            "changes": {},
        },
    });
    let data = json!({
        "type": "object",
        "required": ["dry_run", "would"],
        "properties": { "dry_run": { "const": true }, "would": { "type": "array", "items": change } },
    });
    json!({ "type": "object", "required": ["data", "request_id"], "properties": { "data": data, "request_id": { "type": "string" } } })
}

fn parameters(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<Value> {
    let in_path = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": in_path(name) }));
    let query = (operation.query)(generator).to_value();
    let in_query = query.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let in_query = in_query.into_iter().map(|(name, schema)| {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
    });
    let in_header = if operation.is_dry() { headers() } else { Vec::new() };
    in_path.chain(in_query).chain(in_header).collect()
}

/// What stands in an address for one thing.
fn in_path(name: &str) -> Value {
    match name {
        "record" => json!({ "type": "string", "pattern": "^rec_[0-9a-z]{26}$" }),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

/// What every write takes in its head.
fn headers() -> Vec<Value> {
    let header = |name: &str, says: &str, schema: Value| json!({ "name": name, "in": "header", "required": false, "description": says, "schema": schema });
    vec![
        header(
            "Idempotency-Key",
            "The same request with the same key changes nothing again within 24 hours.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        ),
        header(
            "If-Match",
            "The ETag that was looked at; refused with version_conflict where it has moved on.",
            json!({ "type": "string", "pattern": "^(\\*|\"[0-9]{1,18}\")$" }),
        ),
    ]
}

fn tag(operation: &Operation) -> &'static str {
    operation.id.split('.').next().unwrap_or_default()
}

/// Each with its module's own words.
fn tags(operations: &[Operation]) -> Vec<Value> {
    let mut tags: Vec<(&str, String)> = Vec::new();
    for operation in operations {
        let name = tag(operation);
        if !tags.iter().any(|(known, _)| *known == name) {
            let says = operation.gate.module.map_or_else(
                || "Of the control plane.".to_owned(),
                |module| format!("Of the module {}. {}", module.manifest.name, module.manifest.description),
            );
            tags.push((name, says));
        }
    }
    tags.into_iter().map(|(name, says)| json!({ "name": name, "description": says })).collect()
}

fn error_schema() -> Value {
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "request_id", "docs_url"],
            "properties": {
                "code": { "type": "string", "enum": codes },
                "message": { "type": "string" },
                "request_id": { "type": "string" },
                "docs_url": { "type": "string", "format": "uri" },
                "required_scope": { "type": "string" },
                "module": { "type": "string" },
                "plan": { "type": ["string", "null"], "description": "The first that has the module." },
                "retry_after_seconds": { "type": "integer", "minimum": 0 },
                "billing": { "type": "object", "description": "Why billable calls are paused, since when, and when a new month begins." },
                "field_errors": { "type": "array", "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
                } },
            },
        } },
    })
}
