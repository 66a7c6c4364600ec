//! What a body says, held to the manifest: every field that cannot be taken is named, with what would be right.

use serde_json::{Map, Value};

use crate::{
    error::{AppError, FieldError},
    server::modules::{Does, Field, Resource, STATUS},
};

pub const CUSTOM_FIELDS: &str = "custom_fields";
/// Bytes of JSON.
const CUSTOM_FIELDS_MAX: usize = 16 * 1024;
/// Each that changes is a line of its own in the audit log, so that these are few and their names short.
const CUSTOM_KEYS_MAX: usize = 100;
const CUSTOM_KEY_MAX: usize = 100;
/// Of the names that a body has and the kind does not, so many are told of.
const STRANGERS_TOLD: usize = 20;

/// The fields that a body names, each with its value as it is kept, or none where it is to be emptied.
#[derive(Debug)]
pub struct Entry {
    pub values: Vec<(&'static Field, Option<Value>)>,
    /// By key; a null takes the key away.
    pub custom_fields: Map<String, Value>,
}

impl Entry {
    /// For a new record: what is required must be there.
    ///
    /// # Errors
    /// `Invalid`, with everything that is wrong.
    pub fn whole(resource: &'static Resource, body: Map<String, Value>) -> Result<Self, AppError> {
        let (entry, mut problems) = Self::read(resource, body);
        for field in resource.fields.iter().filter(|field| field.required) {
            let is_named = entry.values.iter().any(|(given, _)| given.name == field.name)
                || problems.iter().any(|problem| problem.field == field.name);
            if !is_named {
                problems.push(problem(field.name, "is missing"));
            }
        }
        if problems.is_empty() { Ok(entry) } else { Err(AppError::Invalid(problems)) }
    }

    /// For a record that is there: what is not named stays.
    ///
    /// # Errors
    /// `Invalid`, with everything that is wrong.
    pub fn part(resource: &'static Resource, body: Map<String, Value>) -> Result<Self, AppError> {
        let (entry, problems) = Self::read(resource, body);
        if problems.is_empty() { Ok(entry) } else { Err(AppError::Invalid(problems)) }
    }

    fn read(resource: &'static Resource, body: Map<String, Value>) -> (Self, Vec<FieldError>) {
        let mut entry = Self { values: Vec::new(), custom_fields: Map::new() };
        let mut problems = Vec::new();
        let mut strangers = 0;
        for (name, value) in body {
            let taken = match resource.field(&name) {
                Some(field) => entry.take(field, &value),
                None if name == CUSTOM_FIELDS => entry.take_custom(value),
                None if name == STATUS && !resource.states.is_empty() => {
                    Err(problem(STATUS, &format!("is changed by {}, and not by a field", verbs(resource).join(", "))))
                }
                None => {
                    strangers += 1;
                    if strangers > STRANGERS_TOLD {
                        continue;
                    }
                    Err(FieldError { field: "body", message: unknown(resource, &name) })
                }
            };
            problems.extend(taken.err());
        }
        (entry, problems)
    }

    fn take(&mut self, field: &'static Field, value: &Value) -> Result<(), FieldError> {
        if field.by_server {
            return Err(problem(field.name, "is said by the server. Leave it out"));
        }
        let value = match value {
            Value::Null if field.required => return Err(problem(field.name, "is required and cannot be emptied")),
            Value::Null => None,
            value => Some(field.kind.read(value).map_err(|says| problem(field.name, &says))?),
        };
        self.values.push((field, value));
        Ok(())
    }

    fn take_custom(&mut self, value: Value) -> Result<(), FieldError> {
        let Value::Object(fields) = value else { return Err(problem(CUSTOM_FIELDS, "is not an object")) };
        ask_size(&fields)?;
        self.custom_fields = fields;
        Ok(())
    }
}

/// Whether so many custom fields may be kept.
pub fn ask_size(fields: &Map<String, Value>) -> Result<(), FieldError> {
    let size = serde_json::to_string(fields).map_or(usize::MAX, |text| text.len());
    if size > CUSTOM_FIELDS_MAX {
        return Err(too_large());
    }
    if fields.len() > CUSTOM_KEYS_MAX {
        return Err(problem(CUSTOM_FIELDS, &format!("holds more than {CUSTOM_KEYS_MAX} keys. Take some away")));
    }
    match fields.keys().find(|key| !(1..=CUSTOM_KEY_MAX).contains(&key.chars().count())) {
        Some(_) => Err(problem(CUSTOM_FIELDS, &format!("has a key that is not 1 to {CUSTOM_KEY_MAX} characters"))),
        None => Ok(()),
    }
}

pub fn too_large() -> FieldError {
    problem(CUSTOM_FIELDS, &format!("is larger than {CUSTOM_FIELDS_MAX} bytes as it is kept. Take something away"))
}

pub fn problem(field: &'static str, says: &str) -> FieldError {
    FieldError { field, message: format!("{field} {says}.") }
}

/// The operations that take a record from one state to another.
fn verbs(resource: &Resource) -> Vec<&'static str> {
    let does = resource.operations.iter().map(|exposed| exposed.does);
    does.filter(|does| !matches!(does, Does::List | Does::Get | Does::Create | Does::Update | Does::Archive))
        .map(Does::name)
        .filter(|name| resource.transition(name).is_some())
        .collect()
}

fn unknown(resource: &Resource, name: &str) -> String {
    let known: Vec<&str> = resource.fields.iter().filter(|field| !field.by_server).map(|field| field.name).collect();
    let shown: String = name.chars().take(80).collect();
    format!("There is no field {shown:?}. Those of a record of this kind are {} and {CUSTOM_FIELDS}.", known.join(", "))
}
