//! The document of the API (`OpenAPI` 3.1), made from the operations that the router routes.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use url::Url;

use super::{BASE, ErrorCode, Operation};
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
        let schema = input(generator).to_value();
        described.insert("requestBody".to_owned(), json!({ "content": { "application/json": { "schema": schema } } }));
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

fn responses(operation: &Operation, envelope: &Value) -> Value {
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": envelope } });
    responses.insert(operation.status.as_str().to_owned(), json!({ "description": operation.says, "content": content }));
    let error = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    responses.insert("4XX".to_owned(), json!({ "description": "Refused; `code` says why.", "content": error }));
    responses.insert("5XX".to_owned(), json!({ "description": "Not possible just now.", "content": error }));
    Value::Object(responses)
}

fn parameters(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<Value> {
    let in_path = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let query = (operation.query)(generator).to_value();
    let in_query = query.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let in_query = in_query.into_iter().map(|(name, schema)| {
        let description = schema.get("description").cloned().unwrap_or_default();
        json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
    });
    let in_header: &[(&str, &str)] = match &operation.input {
        Some(_) if !is_open(operation) => &[
            ("Idempotency-Key", "Up to 255 characters. The same request with the same key changes nothing again within 24 hours."),
            ("If-Match", "The ETag that was looked at; refused with version_conflict where it has moved on."),
        ],
        _ => &[],
    };
    let in_header = in_header.iter().map(
        |(name, says)| json!({ "name": name, "in": "header", "required": false, "description": says, "schema": { "type": "string" } }),
    );
    in_path.chain(in_query).chain(in_header).collect()
}

fn tag(operation: &Operation) -> &'static str {
    operation.id.split('.').next().unwrap_or_default()
}

fn tags(operations: &[Operation]) -> Vec<Value> {
    let mut names: Vec<&str> = operations.iter().map(tag).collect();
    names.dedup();
    names.into_iter().map(|name| json!({ "name": name })).collect()
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
                "field_errors": { "type": "array", "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
                } },
            },
        } },
    })
}
