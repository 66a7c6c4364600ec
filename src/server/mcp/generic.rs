//! Tools for every kind of record: what an agent needs that does not know the others by name.

use std::collections::BTreeMap;

use rmcp::model::{Tool as Described, ToolAnnotations};
use serde_json::{Map, Value, json};

use super::tools::{Called, Tool, envelope};

pub const RESOURCE: &str = "resource";
/// What only one kind of record can be filtered by.
pub const FILTERS: &str = "filters";

/// One tool over the same operation of many resources.
pub struct Generic {
    pub name: &'static str,
    title: &'static str,
    says: &'static str,
    /// By resource: the noun of its operations.
    pub over: BTreeMap<&'static str, Called>,
    /// Beside `resource`: names, what each is, and whether it has to be there.
    takes: Vec<(&'static str, Value, bool)>,
}

impl Generic {
    /// As somebody sees it who can reach some of it; none where that is nothing.
    pub fn described(&self, is_open: impl Fn(&Called) -> bool) -> Option<Described> {
        let open: Vec<&str> = self.over.iter().filter(|(_, called)| is_open(called)).map(|(resource, _)| *resource).collect();
        if open.is_empty() {
            return None;
        }
        let mut properties = Map::new();
        properties.insert(RESOURCE.to_owned(), json!({ "type": "string", "enum": open, "description": "What kind of record." }));
        properties.extend(self.takes.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())));
        let required: Vec<&str> =
            [RESOURCE].into_iter().chain(self.takes.iter().filter(|(_, _, needed)| *needed).map(|(name, ..)| *name)).collect();
        let input = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        let object = |value: Value| if let Value::Object(fields) = value { fields } else { Map::new() };
        let hints = ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
        let tool = Described::new(self.name, self.says, object(input))
            .with_title(self.title)
            .with_raw_output_schema(object(envelope(&json!({}))).into())
            .with_annotations(hints);
        Some(tool)
    }

    /// Whether it takes an argument of that name.
    pub fn takes(&self, name: &str) -> bool {
        name == RESOURCE || self.takes.iter().any(|(known, ..)| *known == name)
    }
}

/// Those over the records that these tools reach.
pub fn over(tools: &[Tool]) -> Vec<Generic> {
    let of = |verb: &str, fits: fn(&Called) -> bool| -> BTreeMap<&'static str, Called> {
        let of_modules = tools.iter().filter(|tool| tool.called.gate.module.is_some() && !tool.called.writes() && fits(&tool.called));
        of_modules
            .filter_map(|tool| {
                let (noun, named) = tool.called.gate.operation.split_once('.')?;
                (named == verb).then(|| (noun, tool.called.clone()))
            })
            .collect()
    };
    let text = |says: &str| json!({ "type": "string", "minLength": 1, "description": says });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 100, "description": "How many, 25 where it is not said." });
    let cursor = text("From next_cursor of the page before, with the same arguments.");
    vec![
        Generic {
            name: "search_records",
            title: "Search records",
            says: "Finds records of one kind by words in them, whatever their case.",
            over: of("list", |called| called.takes.contains("q")),
            takes: vec![
                ("q", json!({ "type": "string", "minLength": 1, "maxLength": 200, "description": "Words to look for." }), true),
                ("limit", limit.clone(), false),
                ("cursor", cursor.clone(), false),
            ],
        },
        Generic {
            name: "get_record",
            title: "Get a record",
            says: "One record by its id.",
            over: of("get", |_| true),
            takes: vec![("record", text("The id of the record, rec_…."), true)],
        },
        Generic {
            name: "list_records",
            title: "List records",
            says: "Records of one kind, the newest first; filters are those of the kind's own list tool.",
            over: of("list", |_| true),
            takes: vec![
                (
                    FILTERS,
                    json!({
                        "type": "object",
                        "additionalProperties": { "type": ["string", "number", "boolean"] },
                        "description": "By name, such as {\"status\": \"open\"}.",
                    }),
                    false,
                ),
                ("sort", text("A field's name; with a - before it the other way round."), false),
                ("limit", limit, false),
                ("cursor", cursor, false),
            ],
        },
    ]
}
