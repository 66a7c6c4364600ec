//! A record on its way to be kept, as hooks see it and what they may do to it.

use serde_json::Value;

use super::super::Record;
use crate::{
    error::AppError,
    server::{events::RecordEvent, modules::Resource},
};

/// What is about to be kept, or was just now.
#[derive(Debug)]
pub struct Change {
    pub resource: &'static Resource,
    /// None of what is new.
    pub before: Option<Record>,
    pub after: Record,
    pub(in super::super) event: &'static RecordEvent,
}

impl Change {
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether it is put away by this.
    pub fn is_put_away(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.archived_at.is_none()) && self.after.archived_at.is_some()
    }

    /// Whether it comes to that state by this.
    pub fn comes_to(&self, state: &str) -> bool {
        self.after.status.as_deref() == Some(state) && self.before.as_ref().and_then(|before| before.status.as_deref()) != Some(state)
    }

    /// Whether the field is not as it was.
    pub fn changes(&self, field: &str) -> bool {
        self.before.as_ref().and_then(|before| before.data.get(field)) != self.after.data.get(field)
    }

    pub fn value(&self, field: &str) -> Option<&Value> {
        self.after.data.get(field)
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.value(field).and_then(Value::as_str)
    }

    /// Sets what the server says, or what the caller left out.
    ///
    /// # Errors
    /// `Internal` for what the caller says, and for what the manifest does not take there: a hook keeps to it as everybody.
    pub fn set(&mut self, name: &str, value: Option<Value>) -> Result<(), AppError> {
        let field = self.resource.field(name).filter(|field| field.by_server || !self.after.data.contains_key(name));
        let kept = field.and_then(|field| value.map(|value| field.kind.read(&value)).transpose().ok());
        let (Some(field), Some(kept)) = (field, kept) else {
            tracing::error!(resource = self.resource.name, field = name, "a hook set what it may not");
            return Err(AppError::Internal);
        };
        match kept {
            Some(kept) => drop(self.after.data.insert(field.name.to_owned(), kept)),
            None => drop(self.after.data.remove(field.name)),
        }
        Ok(())
    }

    /// Makes it an event of the resource's own, such as `stage_changed`.
    ///
    /// # Errors
    /// `Internal` where the manifest declares none of that name.
    pub fn happens_as(&mut self, verb: &str) -> Result<(), AppError> {
        let own = self.resource.own_events.iter().find(|event| event.name.rsplit('.').next() == Some(verb));
        self.event = own.ok_or(AppError::Internal)?;
        Ok(())
    }
}
