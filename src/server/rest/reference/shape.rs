//! JSON Schema as people read it: a row a field, what it holds in a word or three, and what it is held to.

use serde_json::{Map, Value};

/// Fields of fields of fields are shown; what is deeper is an object.
const DEEPEST: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `title`, `actor.name`, `changes[].field`
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub nullable: bool,
    /// What it is held to; empty where nothing is.
    pub rules: String,
    pub says: String,
    /// A value that would be taken.
    pub sample: Value,
}

/// Schemas with the definitions that they refer to.
pub struct Shapes<'a> {
    pub definitions: &'a Map<String, Value>,
}

impl Shapes<'_> {
    /// The fields of an object, in the order of its schema, those that are required first; none of what is no object.
    pub fn rows(&self, schema: &Value) -> Vec<Row> {
        let mut rows = Vec::new();
        self.walk("", self.resolved(schema), 0, &mut rows);
        rows
    }

    /// What an array holds; none of what is no array.
    pub fn items<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        self.resolved(schema).get("items").map(|items| self.resolved(items))
    }

    fn walk(&self, prefix: &str, object: &Value, depth: usize, rows: &mut Vec<Row>) {
        let Some(properties) = object.get("properties").and_then(Value::as_object) else { return };
        let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (first, rest): (Vec<_>, Vec<_>) = properties.iter().partition(|(name, _)| required.contains(&name.as_str()));
        for (name, schema) in first.into_iter().chain(rest) {
            let full = format!("{prefix}{name}");
            let resolved = self.resolved(schema);
            rows.push(self.row(full.clone(), schema, resolved, required.contains(&name.as_str())));
            if depth + 1 < DEEPEST {
                match resolved.get("items") {
                    Some(items) => self.walk(&format!("{full}[]."), self.resolved(items), depth + 1, rows),
                    None => self.walk(&format!("{full}."), resolved, depth + 1, rows),
                }
            }
        }
    }

    fn row(&self, name: String, schema: &Value, resolved: &Value, required: bool) -> Row {
        let says = [schema, resolved].iter().find_map(|schema| schema.get("description")?.as_str()).unwrap_or_default().replace('\n', " ");
        let nullable = is_nullable(schema) || is_nullable(resolved);
        Row { name, kind: self.kind(resolved), required, nullable, rules: rules(resolved).join("; "), says, sample: self.sample(resolved) }
    }

    /// Past references, and past a union with null.
    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            return self.definitions.get(name).map_or(schema, |found| self.resolved(found));
        }
        for word in ["anyOf", "oneOf", "allOf"] {
            let mut others = schema.get(word).and_then(Value::as_array).into_iter().flatten().filter(|one| one["type"] != "null");
            if let (Some(one), None) = (others.next(), others.next()) {
                return self.resolved(one);
            }
        }
        schema
    }

    fn kind(&self, schema: &Value) -> String {
        if schema.get("enum").is_some() || schema.get("const").is_some() || !alternatives(schema).is_empty() {
            return "one of".to_owned();
        }
        let text = |name: &str| schema.get(name).and_then(Value::as_str).unwrap_or_default();
        match type_of(schema) {
            Some("string") => match (text("format"), text("pattern").strip_prefix('^').and_then(|rest| rest.split_once('_'))) {
                ("date-time", _) => "time (RFC 3339)".to_owned(),
                ("date", _) => "date".to_owned(),
                (_, Some((prefix, _))) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => format!("id, {prefix}_…"),
                _ => "text".to_owned(),
            },
            Some("integer") => "whole number".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("array") => {
                schema.get("items").map_or_else(|| "list".to_owned(), |items| format!("list of {}", self.kind(self.resolved(items))))
            }
            Some("object") => "object".to_owned(),
            _ => "anything".to_owned(),
        }
    }

    /// As a caller might send it.
    fn sample(&self, schema: &Value) -> Value {
        if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()).or_else(|| schema.get("const")) {
            return first.clone();
        }
        if let Some(first) = alternatives(schema).first() {
            return Value::String((*first).to_owned());
        }
        match (type_of(schema), self.kind(schema).as_str()) {
            (Some("integer" | "number"), _) => {
                schema.get("minimum").filter(|least| least.as_i64() > Some(0)).cloned().unwrap_or_else(|| 1.into())
            }
            (Some("boolean"), _) => true.into(),
            (Some("array"), _) => self.items(schema).map_or_else(|| Value::Array(Vec::new()), |items| vec![self.sample(items)].into()),
            (Some("object"), _) => {
                let rows = self.rows(schema);
                rows.into_iter()
                    .filter(|row| row.required && !row.name.contains(['.', '[']))
                    .map(|row| (row.name, row.sample))
                    .collect::<Map<_, _>>()
                    .into()
            }
            (_, "time (RFC 3339)") => "2027-01-31T18:00:00Z".into(),
            (_, "date") => "2027-01-31".into(),
            (_, id) if id.starts_with("id, ") => id["id, ".len()..].into(),
            _ => "…".into(),
        }
    }
}

fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn is_nullable(schema: &Value) -> bool {
    let of_type = schema["type"].as_array().is_some_and(|names| names.iter().any(|name| name == "null"));
    of_type || schema["anyOf"].as_array().is_some_and(|ones| ones.iter().any(|one| one["type"] == "null"))
}

/// The words of an enumeration that says something of each: a union of constants.
fn alternatives(schema: &Value) -> Vec<&str> {
    let ones = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    ones.iter().filter_map(|one| one["const"].as_str().or_else(|| one["enum"][0].as_str())).collect()
}

fn rules(schema: &Value) -> Vec<String> {
    let number = |name: &str| schema.get(name).and_then(Value::as_i64);
    let mut rules = Vec::new();
    let values = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let values: Vec<&str> = values.chain(alternatives(schema)).chain(schema["const"].as_str()).collect();
    if !values.is_empty() {
        rules.push(values.join(", "));
    }
    for (least, most, unit) in [("minLength", "maxLength", " characters"), ("minItems", "maxItems", " of them"), ("minimum", "maximum", "")]
    {
        // The whole range of a number says nothing.
        let bounds = (number(least).filter(|bound| *bound != i64::MIN), number(most).filter(|bound| *bound != i64::MAX));
        match bounds {
            (Some(least), Some(most)) => rules.push(format!("{least} to {most}{unit}")),
            (Some(least), None) => rules.push(format!("at least {least}{unit}")),
            (None, Some(most)) => rules.push(format!("at most {most}{unit}")),
            (None, None) => {}
        }
    }
    let is_empty = |value: &Value| matches!(value.to_string().as_str(), "null" | "\"\"" | "[]" | "{}" | "false");
    if let Some(default) = schema.get("default").filter(|default| !is_empty(default)) {
        rules.push(format!("{default} where it is not said"));
    }
    rules
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_rows() {
        let definitions = json!({ "Actor": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string", "pattern": "^usr_[0-9a-z]{26}$" } } } });
        let shapes = Shapes { definitions: definitions.as_object().expect("an object") };
        let rows = shapes.rows(&json!({ "type": "object", "required": ["kind", "by"], "properties": {
            "due": { "type": ["string", "null"], "format": "date", "description": "By when." },
            "kind": { "type": "string", "enum": ["call", "mail"] },
            "by": { "$ref": "#/components/schemas/Actor" },
            "changes": { "type": "array", "items": { "anyOf": [{ "$ref": "#/components/schemas/Actor" }, { "type": "null" }] } },
            "size": { "type": "integer", "minimum": 1, "maximum": i64::MAX, "default": 7 },
        } }));
        let read: Vec<String> = rows
            .iter()
            .map(|row| {
                format!("{}{} {} ({}) {} {}", if row.required { "!" } else { "" }, row.name, row.kind, row.rules, row.says, row.sample)
            })
            .collect();
        assert!(read.contains(&"!kind one of (call, mail)  \"call\"".to_owned()), "{read:?}");
        assert!(read.contains(&"!by object ()  {\"id\":\"usr_…\"}".to_owned()), "{read:?}");
        assert!(read.contains(&"!by.id id, usr_… ()  \"usr_…\"".to_owned()), "{read:?}");
        assert!(read.contains(&"due date () By when. \"2027-01-31\"".to_owned()), "{read:?}");
        assert!(read.contains(&"!changes[].id id, usr_… ()  \"usr_…\"".to_owned()), "{read:?}");
        assert!(read.contains(&"size whole number (at least 1; 7 where it is not said)  1".to_owned()), "{read:?}");
        assert_eq!(rows.iter().filter(|row| row.nullable).map(|row| &*row.name).collect::<Vec<_>>(), ["due"]);
        let required = rows.iter().filter(|row| !row.name.contains(['.', '['])).map(|row| row.required);
        assert!(required.collect::<Vec<_>>().is_sorted_by(|one, next| one >= next), "{read:?}");
    }
}
