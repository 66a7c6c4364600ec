//! What can be reduced, and what is asked to be: from the manifests and from what a form, an address or a call says.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use crate::{
    error::{AppError, FieldError},
    features::{
        records,
        reductions::{DAYS_LEAST, DAYS_MOST},
    },
    server::modules::{self, Does, Kind, Resource},
};

/// What becomes of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// They are put away, each as its module's own operation does it.
    Archive,
    /// They go for good.
    Purge,
}

impl Act {
    pub const ALL: [Self; 2] = [Self::Archive, Self::Purge];

    /// As stored, and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Purge => "purge",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }
}

/// What the age of a record is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    Archived,
    Added,
    Changed,
}

impl Basis {
    pub const ALL: [Self; 3] = [Self::Archived, Self::Added, Self::Changed];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Archived => "archived",
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }

    /// To stand before "more than 30 days ago".
    pub fn says(self) -> &'static str {
        match self {
            Self::Archived => "archived",
            Self::Added => "added",
            Self::Changed => "last changed",
        }
    }
}

/// A resource, and what can be done to its records.
#[derive(Clone, Debug)]
pub struct Reducible {
    pub resource: &'static Resource,
    pub acts: Vec<(Act, Basis)>,
}

impl Reducible {
    pub fn basis(&self, act: Act) -> Option<Basis> {
        self.acts.iter().find(|(known, _)| *known == act).map(|(_, basis)| *basis)
    }
}

/// The field by which a record that is only ever added is a part of another: it is required and refers to that one alone.
fn part_field(part: &Resource) -> Option<(&'static str, &'static str)> {
    let fields = part.fields.iter().filter(|_| part.append_only).filter(|field| field.required && field.is_indexed());
    fields.into_iter().find_map(|field| match field.kind {
        Kind::Record(Some(of)) => Some((field.name, of)),
        _ => None,
    })
}

/// None where its records neither can be put away nor are only ever added for themselves.
fn of(resource: &'static Resource) -> Option<Reducible> {
    let can_archive = resource.operations.iter().any(|exposed| matches!(exposed.does, Does::Archive));
    let acts = if can_archive && records::server::is_kept(resource) {
        vec![(Act::Archive, Basis::Changed)]
    } else if can_archive {
        vec![(Act::Archive, Basis::Changed), (Act::Purge, Basis::Archived)]
    } else if resource.append_only && part_field(resource).is_none() {
        vec![(Act::Purge, Basis::Added)]
    } else {
        return None;
    };
    Some(Reducible { resource, acts })
}

pub fn reducible(resource: &str) -> Option<Reducible> {
    modules::resources().find(|known| known.name == resource).and_then(of)
}

/// Every one that there is.
pub fn resources() -> Vec<Reducible> {
    modules::resources().filter_map(of).collect()
}

/// Resources with their fields, one list beside the other, as the database takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers {
    pub resources: Vec<String>,
    pub fields: Vec<String>,
}

impl Pointers {
    fn push(&mut self, resource: &Resource, field: &str) {
        self.resources.push(resource.name.to_owned());
        self.fields.push(field.to_owned());
    }
}

/// What goes with a record of the resource as a part of it, and what else refers to one by a field that lists find it by.
pub fn hanging_on(resource: &Resource) -> (Pointers, Pointers) {
    let (mut parts, mut referring) = (Pointers::default(), Pointers::default());
    for other in modules::resources() {
        let part = part_field(other).filter(|(_, of)| *of == resource.name).map(|(field, _)| field);
        for field in other.fields.iter().filter(|field| field.is_indexed()) {
            match field.kind {
                Kind::Record(_) if part == Some(field.name) => parts.push(other, field.name),
                Kind::Record(of) if of.is_none_or(|of| of == resource.name) => referring.push(other, field.name),
                _ => {}
            }
        }
    }
    (parts, referring)
}

/// What is to be reduced: older than a moment.
#[derive(Clone, Debug)]
pub struct Asked {
    pub act: Act,
    pub basis: Basis,
    pub resource: &'static Resource,
    pub before: DateTime<Utc>,
}

impl Asked {
    /// # Errors
    /// `Invalid`, with everything that is wrong.
    pub fn new(act: &str, resource: &str, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, AppError> {
        let mut problems = Vec::new();
        let found = reducible(resource);
        if found.is_none() {
            let known: Vec<&str> = resources().iter().map(|known| known.resource.name).collect();
            let message = format!("Nothing of that name can be reduced. There are {}.", known.join(", "));
            problems.push(FieldError { field: "resource", message });
        }
        let act = Act::named(act);
        if act.is_none() {
            problems.push(FieldError { field: "act", message: "It is archive or purge.".to_owned() });
        }
        let basis = found.as_ref().zip(act).and_then(|(found, act)| found.basis(act));
        if let (Some(found), Some(act), None) = (&found, act, basis) {
            let name = found.resource.plural.replace('_', " ");
            let message = match act {
                Act::Archive => format!("{name} cannot be put away, only purged. Say purge."),
                Act::Purge => format!("{name} are never purged, only put away. Say archive."),
            };
            problems.push(FieldError { field: "act", message });
        }
        let age = now - before;
        if age < TimeDelta::days(DAYS_LEAST.into()) || age > TimeDelta::days(i64::from(DAYS_MOST) + 1) {
            problems.push(FieldError { field: "days", message: format!("Say a number of days from {DAYS_LEAST} to {DAYS_MOST}.") });
        }
        match (found, act, basis) {
            (Some(found), Some(act), Some(basis)) if problems.is_empty() => Ok(Self { act, basis, resource: found.resource, before }),
            _ => Err(AppError::Invalid(problems)),
        }
    }

    /// The moment that lies so many days back, to the second.
    ///
    /// # Errors
    /// `Invalid` where it is no number of days in reach.
    pub fn days_ago(days: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, AppError> {
        let days: Option<u32> = days.trim().parse().ok().filter(|days| (DAYS_LEAST..=DAYS_MOST).contains(days));
        let days = days.ok_or_else(|| AppError::invalid("days", format!("Say a number of days from {DAYS_LEAST} to {DAYS_MOST}.")))?;
        let whole = now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now);
        Ok(whole - TimeDelta::days(days.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_reduced_follows_from_the_manifests() {
        let acts = |name: &str| reducible(name).map(|found| found.acts).unwrap_or_default();
        assert_eq!(acts("task"), [(Act::Archive, Basis::Changed), (Act::Purge, Basis::Archived)]);
        assert_eq!(acts("activity"), [(Act::Purge, Basis::Added)]);
        for never in ["message", "payment", "entry_revision", "entry", "nothing"] {
            assert_eq!(acts(never), [], "{never}");
        }
    }

    #[test]
    fn what_is_required_and_only_added_is_a_part() {
        let ticket = modules::resources().find(|resource| resource.name == "ticket").expect("tickets");
        let (parts, referring) = hanging_on(ticket);
        assert_eq!((parts.resources, parts.fields), (vec!["message".to_owned()], vec!["ticket".to_owned()]));
        assert!(referring.resources.iter().any(|name| name == "comment") && referring.resources.iter().any(|name| name == "task"));
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let fields = |act: &str, resource: &str, before: DateTime<Utc>| match Asked::new(act, resource, before, now) {
            Err(AppError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let old = now - TimeDelta::days(2);
        assert_eq!(fields("burn", "nothing", now), ["resource", "act", "days"]);
        assert_eq!(fields("archive", "activity", old), ["act"]);
        assert_eq!(fields("purge", "task", now - TimeDelta::hours(23)), ["days"]);
        assert!(Asked::new("purge", "task", old, now).is_ok());
        for days in ["", "0", "-1", "36501", "1.5"] {
            assert!(Asked::days_ago(days, now).is_err(), "{days}");
        }
    }
}
