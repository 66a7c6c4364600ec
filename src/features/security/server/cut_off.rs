//! Whom a change cuts off: found before it is made, with the same rule that the door asks.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{Place, Postured, posture::Difference, posture::Posture, posture::Settings, store};
use crate::{
    error::{AppError, FieldError},
    ids::UserId,
    server::scope::Scope,
};

/// What a change does, to be shown and then confirmed.
#[derive(Clone, Debug)]
pub struct Review {
    pub differences: Vec<Difference>,
    pub cut_off: CutOff,
    /// As of when it was found; asked again, the same moment is taken, so that nobody is added by time alone.
    pub as_of: DateTime<Utc>,
    pub digest: String,
    /// The addresses that are mailed: those of before, and those of then.
    pub notify: Vec<String>,
}

/// Who is signed in and would not get in any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutOff {
    /// By name.
    pub people: Vec<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub sessions: Vec<Session>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub hash: [u8; 32],
    /// It can never meet the rule again and reached nothing elsewhere: it is over when the change is made.
    pub ends: bool,
}

impl CutOff {
    /// From rows in the order of their people.
    pub fn of(rows: impl IntoIterator<Item = (UserId, String, Session)>) -> Self {
        let mut people: Vec<Person> = Vec::new();
        for (id, name, session) in rows {
            match people.last_mut() {
                Some(person) if person.id == id => person.sessions.push(session),
                _ => people.push(Person { id, name, sessions: vec![session] }),
            }
        }
        Self { people }
    }

    pub fn sessions(&self) -> usize {
        self.people.iter().map(|person| person.sessions.len()).sum()
    }

    pub fn ending(&self) -> impl Iterator<Item = (&Person, [u8; 32])> {
        self.people
            .iter()
            .flat_map(|person| person.sessions.iter().filter(|session| session.ends).map(move |session| (person, session.hash)))
    }

    /// Of the change and of the people it cuts off: what was shown is what is confirmed.
    pub fn digest(&self, place: &Place, wanted: &Settings) -> String {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update(text.len().to_be_bytes());
            hasher.update(text);
        };
        add(&place.page());
        add(&place.version.to_string());
        for (field, value) in wanted.entered() {
            add(field);
            add(&value);
        }
        let mut ids: Vec<String> = self.people.iter().map(|person| person.id.to_string()).collect();
        ids.sort();
        for id in &ids {
            add(id);
        }
        hasher.finalize()[..16].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

pub async fn find<R: Postured>(scope: &mut Scope<R>, place: &Place, posture: &Posture, as_of: DateTime<Utc>) -> Result<CutOff, AppError> {
    let idle = i32::try_from(scope.stoa().config.sessions.idle_minutes).unwrap_or(i32::MAX);
    store::cut_off(scope, place, posture, as_of, idle).await
}

/// Nobody shuts themselves out: then nobody might be left to open again.
pub async fn refuse_own<R: Postured>(scope: &mut Scope<R>, posture: &Posture) -> Result<(), AppError> {
    let (session, now) = (scope.session().ok_or(AppError::SignedOut)?, scope.now());
    let address = scope.request().ip.map(|ip| ip.to_string());
    let Some(rule) = store::own_block(scope, &session, posture, address.as_deref(), now).await? else { return Ok(()) };
    let (field, message) = match rule.as_str() {
        "idle" => {
            ("idle_minutes", "Your own session rested longer than that, so you would be cut off. Sign in again, then change it.".to_owned())
        }
        "absolute" => {
            ("absolute_hours", "Your own session is older than that, so you would be cut off. Sign in again, then change it.".to_owned())
        }
        "multi_factor" => (
            "require_multi_factor",
            "You signed in without a second factor yourself, so you would be cut off. Sign in with one, then ask it of others.".to_owned(),
        ),
        _ => {
            let address = address.unwrap_or_else(|| "which the console does not see".to_owned());
            (
                "allowed_networks",
                format!(
                    "Your own address, {address}, is in none of these networks, so you would be cut off. Add it, or leave the list empty."
                ),
            )
        }
    };
    Err(AppError::Invalid(vec![FieldError { field, message }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TenantId;

    fn row(id: u128, name: &str, hash: u8, ends: bool) -> (UserId, String, Session) {
        (UserId(uuid::Uuid::from_u128(id)), name.to_owned(), Session { hash: [hash; 32], ends })
    }

    #[test]
    fn sessions_are_counted_by_their_people() {
        let cut_off = CutOff::of([row(1, "Ada", 1, true), row(1, "Ada", 2, false), row(2, "Ada", 3, true)]);
        assert_eq!((cut_off.people.len(), cut_off.sessions()), (2, 3));
        assert_eq!(cut_off.ending().map(|(_, hash)| hash[0]).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn the_digest_holds_the_change_the_place_and_the_people() {
        let place = |version| Place {
            tenant: TenantId(uuid::Uuid::nil()),
            workspace: None,
            name: "Acme".to_owned(),
            slug: "acme".to_owned(),
            version,
        };
        let wanted = |idle| Settings { posture: Posture { idle_minutes: idle, ..Posture::default() }, extras: None };
        let ada = CutOff::of([row(1, "Ada", 1, true)]);
        let digest = ada.digest(&place(1), &wanted(Some(5)));
        // Another session of the same person changes nothing.
        assert_eq!(CutOff::of([row(1, "Ada", 9, false)]).digest(&place(1), &wanted(Some(5))), digest);
        assert_ne!(ada.digest(&place(2), &wanted(Some(5))), digest);
        assert_ne!(ada.digest(&place(1), &wanted(Some(6))), digest);
        assert_ne!(CutOff::of([row(2, "Ada", 1, true)]).digest(&place(1), &wanted(Some(5))), digest);
        assert_ne!(CutOff::default().digest(&place(1), &wanted(Some(5))), digest);
    }
}
