//! Erasing what the logs say of a person: name, address, where they were and with what, field by field. The rows stay, with
//! their ids, and what stands for each value in the row's leaf.

use super::{Place, store::going};
use crate::{
    error::AppError,
    ids::UserId,
    server::{
        Stoa,
        events::{Actor, Event, EventKind},
        http::request::RequestContext,
        proof::{NOTE, removal_note},
        scope::ServiceScope,
    },
};

const JOB: &str = "audit.erase";
/// Leaves that are looked at in one transaction.
const BATCH: i32 = 1000;
/// A shorter value would stand in too much that is not of this person.
const SHORTEST: usize = 3;

/// Who is meant, and the values that are theirs wherever they stand.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// What was found of them in a log, or erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    pub rows: i64,
    pub values: i64,
}

async fn open(stoa: &Stoa, tenant: crate::ids::TenantId) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa audit erase");
    ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, JOB).await
}

/// By `usr_…`, or by address: several people can have the same one.
pub async fn find_person(stoa: &Stoa, who: &str) -> Result<Vec<Person>, AppError> {
    let id = who.parse::<UserId>().ok();
    let email = id.is_none().then_some(who);
    let mut scope = open(stoa, crate::ids::TenantId(uuid::Uuid::nil())).await?;
    let people = going::people(&mut scope, id.map(|id| id.0), email).await?;
    scope.close().await?;
    Ok(people.into_iter().map(|(id, name, email)| Person { id: UserId(id), name, email }).collect())
}

/// Their name and address, those that are named beside, and every name that the log knows them by: in small letters.
pub async fn values_in(stoa: &Stoa, place: &Place, person: &Person, others: &[String]) -> Result<Vec<String>, AppError> {
    let mut scope = open(stoa, place.tenant).await?;
    let known = going::names_of(&mut scope, place.id, &person.id.to_string()).await?;
    scope.close().await?;
    let own = [&person.name, &person.email].into_iter().chain(others).map(|value| value.trim().to_lowercase());
    let mut values: Vec<String> = own.chain(known).filter(|value| value.chars().count() >= SHORTEST && value != "erased").collect();
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

/// Erases them in a log, or only counts what would be. What waits for its seal or checkpoint is left as it is.
///
/// # Errors
/// The database's; it refuses while a hold is on.
pub async fn erase(
    stoa: &Stoa,
    place: &Place,
    person: &Person,
    values: &[String],
    reason: &str,
    is_look: bool,
) -> Result<Erased, AppError> {
    let (mut done, mut from) = (Erased::default(), Some(0));
    let user = person.id.to_string();
    while let Some(first) = from {
        let mut scope = open(stoa, place.tenant).await?;
        let looked = going::erase(&mut scope, place.id, (&user, values), (first, BATCH), is_look).await?;
        done.rows += looked.touched;
        done.values += looked.erased;
        from = looked.next;
        match (looked.rows, looked.fields) {
            (Some(rows), Some(fields)) if !is_look => {
                let note = removal_note(&looked.origin, &rows, Some(&fields), &stoa.config.secrets.audit_key);
                let event = Event::new(EventKind::AuditLogValuesErased, place.target())
                    .changing("of", None, Some(&user))
                    .changing("rows", None, Some(&rows))
                    .changing("fields", None, Some(&fields))
                    .changing(NOTE, None, Some(&note))
                    .because(reason);
                scope.record_in(place.log, event);
                scope.commit().await?;
            }
            // It looked, or nothing was found: nothing is kept.
            _ => scope.close().await?,
        }
    }
    Ok(done)
}
