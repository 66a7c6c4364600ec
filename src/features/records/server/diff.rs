//! What a change of a record changed, field by field, as its event says it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Record;
use crate::server::{
    events::{Event, EventKind, RecordEvent},
    modules::{Resource, STATUS},
};

/// A longer text is cut in the event; the record has the whole.
const SHOWN_MAX: usize = 200;

/// The event with every field that is not as it was; `before` is none of what is new.
pub fn event(kind: &'static RecordEvent, resource: &'static Resource, before: Option<&Record>, after: &Record) -> Event {
    let mut event = Event::new(EventKind::Record(kind), after.target(resource));
    let status = |record: Option<&Record>| record.and_then(|record| record.status.clone());
    let (was, is) = (status(before), status(Some(after)));
    if was != is {
        event = event.changing(STATUS, was.as_deref(), is.as_deref());
    }
    for field in &resource.fields {
        let was = before.and_then(|before| before.data.get(field.name));
        let is = after.data.get(field.name);
        if was != is {
            event = event.changing(field.name, shown(was).as_deref(), shown(is).as_deref());
        }
    }
    let none = Map::new();
    let (was, is) = (before.map_or(&none, |before| &*before.custom_fields), &*after.custom_fields);
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for key in keys.into_iter().filter(|key| was.get(*key) != is.get(*key)) {
        let name = format!("custom_fields.{key}");
        event = event.changing(name, shown(was.get(key)).as_deref(), shown(is.get(key)).as_deref());
    }
    event
}

fn shown(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(cut(text)),
        other => Some(cut(&other.to_string())),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    text.chars().take(SHOWN_MAX).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(cut(&"é".repeat(201)), "é".repeat(200) + "…");
    }
}
