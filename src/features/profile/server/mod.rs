//! The server's half of profiles.

mod store;

use crate::{
    error::AppError,
    server::{
        events::{Event, EventKind, Target},
        scope::UserScope,
    },
    ui::Theme,
};

/// What a person may change about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    pub theme: Theme,
}

/// Changes the person's own profile.
///
/// # Errors
/// `Stale` where it was changed elsewhere since `version` was shown.
pub async fn update(scope: &mut UserScope, profile: &Profile, version: i64) -> Result<(), AppError> {
    let person = scope.person().clone();
    if version != person.version {
        return Err(AppError::Stale("Your profile"));
    }
    let now = scope.now();
    if !store::update(scope, person.id, profile, version, now).await? {
        return Err(AppError::Stale("Your profile"));
    }
    let target = Target { kind: "user", id: person.id.to_string(), name: Some(profile.name.clone()) };
    let mut event = Event::new(EventKind::UserUpdated, target);
    for (field, before, after) in [
        ("name", person.name.as_str(), profile.name.as_str()),
        ("time_zone", person.time_zone.as_str(), profile.time_zone.as_str()),
        ("theme", person.theme.as_str(), profile.theme.name()),
    ] {
        if before != after {
            event = event.changing(field, Some(before), Some(after));
        }
    }
    scope.record(event);
    Ok(())
}
