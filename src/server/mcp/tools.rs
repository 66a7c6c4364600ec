//! The tools that there are: one for every operation of a module, one for every question of the control plane, and before them
//! three that reach every kind of record.

use std::collections::BTreeSet;

use http::Method;
use rmcp::model::ToolAnnotations;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::generic::{self, Generic};
use crate::{
    access::{Extent, WorkspacePermission},
    server::{
        rest::{ENVELOPED, Gate, Operation, Proven, let_in},
        scope::Asks,
    },
};

/// Listed at most. Agents choose worse among more.
pub const LISTED_MAX: usize = 100;
/// The toolset of the control plane, beside those of the modules.
pub const WORKSPACE: &str = "workspace";
/// What every writing tool takes beside its own fields.
pub const DRY_RUN: &str = "dry_run";
pub const IF_VERSION: &str = "if_version";

/// An operation, as a tool runs it.
#[derive(Clone, Debug)]
pub struct Called {
    pub method: Method,
    /// Below the API's base.
    pub path: &'static str,
    pub gate: Gate,
    asks: WorkspacePermission,
    /// What it takes, by name, wherever it goes.
    pub takes: BTreeSet<String>,
}

impl Called {
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether the call would be let through as things are now.
    pub fn is_open_to(&self, proven: &Proven) -> bool {
        proven.role.extent(self.asks) != Extent::Nothing && let_in(&self.gate, &proven.caller, &proven.standing).is_ok()
    }

    /// What stands in its address in braces.
    pub fn in_path(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    fn toolset(&self) -> &'static str {
        self.gate.module.map_or(WORKSPACE, |module| module.key())
    }
}

pub struct Tool {
    pub described: rmcp::model::Tool,
    pub called: Called,
}

/// All of them, as they were made at start.
pub struct Tools {
    pub generic: Vec<Generic>,
    pub tools: Vec<Tool>,
}

/// What somebody wants to see of the tools: these toolsets, or all.
#[derive(Clone, Debug, Default)]
pub struct Toolsets(Option<Vec<String>>);

impl Toolsets {
    /// As an address says it: `modules=tasks,crm`.
    ///
    /// # Errors
    /// A name that is none.
    pub fn read(given: Option<&str>, known: &Tools) -> Result<Self, String> {
        let Some(given) = given else { return Ok(Self::default()) };
        let names: Vec<String> = given.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let unknown = names.iter().find(|name| !known.tools.iter().any(|tool| tool.called.toolset() == name.as_str()));
        unknown.map_or(Ok(Self(Some(names.clone()))), |name| Err(name.clone()))
    }

    pub fn hold(&self, called: &Called) -> bool {
        self.0.as_ref().is_none_or(|names| names.iter().any(|name| name == called.toolset()))
    }
}

impl Tools {
    pub fn of(operations: &[Operation]) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut generator = settings.into_generator();
        let tools: Vec<Tool> = operations.iter().filter_map(|operation| tool(operation, &mut generator)).collect();
        Self { generic: generic::over(&tools), tools }
    }

    pub fn named(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.described.name == name)
    }

    /// Every toolset, in the order of the tools.
    pub fn toolsets(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for name in self.tools.iter().map(|tool| tool.called.toolset()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What this caller could run now, and how many of it are left out.
    pub fn shown_to(&self, proven: &Proven, toolsets: &Toolsets) -> (Vec<rmcp::model::Tool>, usize) {
        let is_open = |called: &Called| toolsets.hold(called) && called.is_open_to(proven);
        let generic = self.generic.iter().filter_map(|generic| generic.described(is_open));
        let own = self.tools.iter().filter(|tool| is_open(&tool.called)).map(|tool| tool.described.clone());
        let mut shown: Vec<_> = generic.chain(own).collect();
        let left_out = shown.len().saturating_sub(LISTED_MAX);
        shown.truncate(LISTED_MAX);
        (shown, left_out)
    }
}

/// None where the operation is none for agents: it hands out a file, asks nobody for a credential, or changes the control plane.
fn tool(operation: &Operation, generator: &mut SchemaGenerator) -> Option<Tool> {
    let Asks::Workspace(asks) = operation.asks else { return None };
    let name = operation.tool.clone()?;
    if operation.kinds != ENVELOPED {
        return None;
    }
    let mut called = Called { method: operation.method.clone(), path: operation.path, gate: operation.gate, asks, takes: BTreeSet::new() };
    let input = input(operation, &called, generator);
    called.takes = input.get("properties").and_then(Value::as_object).map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
    let described = rmcp::model::Tool::new(name, describing(operation), object(input))
        .with_title(title(operation))
        .with_raw_output_schema(object(output(operation, generator)).into())
        .with_annotations(annotations(operation));
    Some(Tool { described, called })
}

fn object(value: Value) -> rmcp::model::JsonObject {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

fn title(operation: &Operation) -> String {
    let words = operation.id.replace(['.', '_'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn describing(operation: &Operation) -> String {
    match operation.gate.scope {
        Some(scope) => format!("{} Asks for the scope {scope}.", operation.says),
        None => operation.says.to_owned(),
    }
}

fn annotations(operation: &Operation) -> ToolAnnotations {
    let reads = operation.method == Method::GET;
    let adds = operation.id.ends_with(".create");
    ToolAnnotations::new().read_only(reads).destructive(!reads && !adds).idempotent(operation.method != Method::POST).open_world(false)
}

/// Whatever goes into address, query, head and body, as one object.
fn input(operation: &Operation, called: &Called, generator: &mut SchemaGenerator) -> Value {
    let query = if called.writes() { json!({}) } else { (operation.query)(generator).to_value() };
    let body = operation.input.as_ref().map(|input| input(generator).to_value()).unwrap_or_default();
    let mut properties: Map<String, Value> =
        called.in_path().map(|name| (name.to_owned(), json!({ "type": "string", "minLength": 1, "description": in_path(name) }))).collect();
    let mut required: Vec<Value> = called.in_path().map(Value::from).collect();
    for schema in [&query, &body] {
        let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties.extend(own.map(|(name, schema)| (name.clone(), schema.clone())));
        required.extend(schema.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    if operation.is_dry() {
        properties.extend(of_every_write());
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn in_path(name: &str) -> String {
    format!("The id of the {}.", name.replace('_', " "))
}

fn of_every_write() -> [(String, Value); 3] {
    let key = "The same call with the same key changes nothing again within 24 hours.";
    let dry = "With true everything is checked, and the answer says what would change; nothing is written.";
    let version = "The version that was looked at; refused with version_conflict where it has moved on.";
    [
        ("idempotency_key".to_owned(), json!({ "type": "string", "minLength": 1, "maxLength": 255, "description": key })),
        (DRY_RUN.to_owned(), json!({ "type": "boolean", "description": dry })),
        (IF_VERSION.to_owned(), json!({ "type": "integer", "minimum": 1, "description": version })),
    ]
}

/// What is answered, as the API's envelope has it.
fn output(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let data = (operation.output)(generator).to_value();
    let planned = json!({
        "type": "object",
        "required": ["dry_run", "would"],
        "properties": { "dry_run": { "const": true }, "would": { "type": "array", "items": { "type": "object" } } },
    });
    envelope(&if operation.is_dry() { json!({ "anyOf": [data, planned] }) } else { data })
}

/// An answer with this as its data.
pub fn envelope(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["data", "request_id"],
        "properties": {
            "data": data,
            "request_id": { "type": "string" },
            "next_cursor": { "type": "string", "description": "Where the next page begins, as the argument cursor." },
        },
    })
}
