//! What the operations of a resource take and give, as JSON Schema: exactly what the engine holds them to.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{entry::CUSTOM_FIELDS, hooks, listing::sorts};
use crate::server::{
    modules::{Does, Field, Resource, STATUS},
    rest::Described,
};

pub fn described(resource: &Resource, does: Does) -> Described {
    let one = record(resource);
    let (query, input, output) = match does {
        Does::List => (Some(query(resource)), None, json!({ "type": "array", "items": one })),
        Does::Get => (Some(nothing()), None, one),
        Does::Create => (None, Some(body(resource, true)), created(resource)),
        Does::Update => (None, Some(body(resource, false)), one),
        Does::Archive | Does::Transition(_) => (None, Some(nothing()), one),
        Does::Hook { hook, .. } if !does.writes() => {
            (Some(nothing()), None, hooks::of_reading(hook).map_or(one, hooks::ReadingHook::output))
        }
        Does::Hook { hook, .. } => match hooks::of_operation(hook) {
            Ok(hook) => (None, Some(hook.input()), hook.output()),
            Err(_) => (None, Some(nothing()), one),
        },
    };
    Described { query: query.map(schema), input: input.map(schema), output: schema(output) }
}

fn schema(value: Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false })
}

/// What is sent to add one, or to change it.
pub fn body(resource: &Resource, is_new: bool) -> Value {
    let fields = resource.fields.iter().filter(|field| !field.by_server);
    let mut properties: Map<String, Value> =
        fields.clone().map(|field| (field.name.to_owned(), property(resource, field, !field.required))).collect();
    let custom = "Fields of your own, 16 KB at most. Keys that are not named stay; a null takes one away.";
    properties.insert(CUSTOM_FIELDS.to_owned(), json!({ "type": "object", "description": custom }));
    let required: Vec<&str> = fields.filter(|field| is_new && field.required).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(resource: &Resource, field: &Field, can_be_empty: bool) -> Value {
    let from_hook = hooks::of_resource(resource).and_then(|hook| hook.schema(field.name));
    let mut schema = from_hook.unwrap_or_else(|| field.kind.schema());
    if can_be_empty && let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    schema["description"] = json!(field.says);
    schema
}

/// What is answered of a new one: where its hook gives something once, that is null in a repeated answer, and `hint` says why.
fn created(resource: &Resource) -> Value {
    let mut one = record(resource);
    if let Some((field, schema)) = hooks::of_resource(resource).and_then(hooks::ResourceHook::once_schema) {
        one["properties"][field] = json!({ "anyOf": [schema, { "type": "null" }] });
        one["properties"]["hint"] = json!({ "type": "string" });
    }
    one
}

/// What is answered of one.
pub fn record(resource: &Resource) -> Value {
    let by = json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": { "type": { "type": "string", "enum": ["user", "agent", "system", "operator"] }, "id": { "type": "string" } },
    });
    let at = json!({ "type": "string", "format": "date-time" });
    let mut properties = Map::new();
    properties.insert("id".to_owned(), json!({ "type": "string", "pattern": "^rec_[0-9a-z]{26}$" }));
    if !resource.states.is_empty() {
        properties.insert(STATUS.to_owned(), json!({ "type": "string", "enum": resource.states }));
    }
    properties.extend(resource.fields.iter().map(|field| (field.name.to_owned(), property(resource, field, !field.required))));
    for (name, schema) in [
        (CUSTOM_FIELDS, json!({ "type": "object" })),
        ("version", json!({ "type": "integer", "minimum": 1 })),
        ("created_by", by.clone()),
        ("updated_by", by),
        ("created_at", at.clone()),
        ("updated_at", at),
        ("archived_at", json!({ "type": ["string", "null"], "format": "date-time" })),
    ] {
        properties.insert(name.to_owned(), schema);
    }
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "description": resource.says, "required": required, "properties": properties, "additionalProperties": false })
}

fn query(resource: &Resource) -> Value {
    let mut properties = Map::new();
    if !resource.states.is_empty() {
        properties
            .insert(STATUS.to_owned(), json!({ "type": "string", "enum": resource.states, "description": "Only those in this state." }));
    }
    for field in resource.fields.iter().filter(|field| field.filter) {
        properties.insert(field.name.to_owned(), property(resource, field, false));
    }
    if resource.is_searched() {
        let searched: Vec<&str> = resource.fields.iter().filter(|field| field.search).map(|field| field.name).collect();
        let says = format!("Only those with these words, whatever their case, in {}.", searched.join(", "));
        properties.insert("q".to_owned(), json!({ "type": "string", "minLength": 1, "maxLength": 200, "description": says }));
    }
    let orders: Vec<String> = sorts(resource).into_iter().flat_map(|name| [name.to_owned(), format!("-{name}")]).collect();
    let says = "A - before the name reverses it. The newest come first where nothing is said; those without a value come last.";
    properties.insert("sort".to_owned(), json!({ "type": "string", "enum": orders, "description": says }));
    let says = "With true only those that were put away, and otherwise all others.";
    properties.insert("archived".to_owned(), json!({ "type": "boolean", "description": says }));
    let says = "1 to 100; 25 where it is not said.";
    properties.insert("limit".to_owned(), json!({ "type": "integer", "minimum": 1, "maximum": 100, "description": says }));
    let says = "From next_cursor of the page before, with the same filters.";
    properties.insert("cursor".to_owned(), json!({ "type": "string", "minLength": 1, "description": says }));
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
