//! What a newcomer can add first: the least that the simplest record of a running module takes.

use serde_json::{Map, Value, json};

use crate::server::{
    modules::{self, Does, Field, Kind, Resource},
    standing::Standing,
};

/// A call that works as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstWrite {
    /// Below the API's base.
    pub path: &'static str,
    /// What the key has to hold.
    pub scope: &'static str,
    pub body: Map<String, Value>,
}

/// Of the records that can be added here now, the one that asks for least. None where no module that runs has one.
pub fn first_write(standing: &Standing) -> Option<FirstWrite> {
    let running = modules::list().iter().filter(|module| standing.runs(module));
    let writes = running.flat_map(|module| {
        let scope = module.scopes[1].name;
        module.resources.iter().filter_map(move |resource| {
            let create = resource.operations.iter().find(|exposed| matches!(exposed.does, Does::Create))?;
            Some(FirstWrite { path: create.path, scope, body: least(resource)? })
        })
    });
    writes.min_by_key(|write| write.body.len())
}

/// None where something is asked for that cannot be made up.
fn least(resource: &Resource) -> Option<Map<String, Value>> {
    let required = resource.fields.iter().filter(|field| field.required);
    required.map(|field| Some((field.name.to_owned(), made_up(field, resource)?))).collect()
}

fn made_up(field: &Field, resource: &Resource) -> Option<Value> {
    let value = match &field.kind {
        Kind::Text { .. } | Kind::LongText { .. } => json!(format!("My first {}", resource.name)),
        Kind::Enum(values) => json!(values.first()?),
        Kind::Integer { min, .. } => json!(min),
        Kind::Boolean => json!(true),
        Kind::Instant | Kind::Date | Kind::Member | Kind::Record(_) | Kind::Json { .. } => return None,
    };
    field.kind.read(&value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(switches: &Value) -> Option<FirstWrite> {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let stored = json!({ "switches": switches, "entitlements": null, "pauses": null });
        first_write(&Standing::read("developer", stored, now).expect("a standing"))
    }

    #[test]
    fn the_least_is_offered_of_what_runs() {
        let task = with(&Value::Null).expect("a write");
        assert_eq!((task.path, task.scope, Value::Object(task.body)), ("/tasks", "tasks:write", json!({ "title": "My first task" })));
        let company = with(&json!({ "tasks": false })).expect("a write");
        assert_eq!((company.path, company.body["name"].as_str()), ("/companies", Some("My first company")));
        let activity = with(&json!({ "tasks": false, "crm": false, "support": false, "assets": false })).expect("a write");
        assert_eq!((activity.scope, activity.body["kind"].as_str()), ("activity:write", Some("call")));
        let every: Map<String, Value> = modules::list().iter().map(|module| (module.key().to_owned(), json!(false))).collect();
        assert_eq!(with(&Value::Object(every)), None);
    }
}
