//! What lists find a record by, made from it and its manifest.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::super::Record;
use crate::server::modules::{Indexed, Resource, STATUS};

/// What lists find a record by, column by column: one row a field, with a value in one of the three.
#[derive(Default)]
pub struct Values {
    pub fields: Vec<String>,
    pub texts: Vec<Option<String>>,
    pub numbers: Vec<Option<i64>>,
    pub times: Vec<Option<DateTime<Utc>>>,
}

impl Values {
    pub fn of(resource: &Resource, record: &Record) -> Self {
        let mut values = Self::default();
        values.extend(STATUS, record.status.clone().map(Indexed::Text));
        for field in resource.fields.iter().filter(|field| field.is_indexed()) {
            values.extend(field.name, record.data.get(field.name).and_then(|value| field.kind.index(value)));
        }
        values
    }

    fn extend(&mut self, field: &str, value: Option<Indexed>) {
        let Some(value) = value else { return };
        let (text, number, time) = match value {
            Indexed::Text(text) => (Some(text), None, None),
            Indexed::Number(number) => (None, Some(number), None),
            Indexed::Time(time) => (None, None, Some(time)),
        };
        self.fields.push(field.to_owned());
        self.texts.push(text);
        self.numbers.push(number);
        self.times.push(time);
    }
}

/// Every searched text of a record, a line each.
pub fn searched(resource: &Resource, data: &Map<String, Value>) -> String {
    let texts = resource.fields.iter().filter(|field| field.search).filter_map(|field| data.get(field.name)?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}
