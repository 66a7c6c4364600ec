//! Finding a team's people.

use std::collections::HashMap;

use super::store::{self, Colleague};
use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    features::members::server::places,
    ids::{MembershipId, UserId},
    server::scope::TenantScope,
};

/// People on one page.
const PAGE: usize = 50;
/// People offered in a list to choose from.
const OFFERED: i64 = 500;

/// Who is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// In names and addresses; empty finds everyone.
    pub words: String,
    pub role: Option<TenantRole>,
    pub after: Option<Cursor>,
}

/// The place after one of the people: their membership and what they are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    id: MembershipId,
    sort_key: String,
}

impl Cursor {
    /// From an address; None where it is none, and then the list begins at its beginning.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, sort_key) = text.split_once('~')?;
        Some(Self { id: id.parse().ok()?, sort_key: sort_key.to_owned() })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.id, self.sort_key)
    }
}

/// One page of a team's people.
#[derive(Clone, Debug)]
pub struct Found {
    pub people: Vec<Colleague>,
    /// In how many live workspaces each of them is.
    pub workspaces: HashMap<UserId, i64>,
    pub next: Option<Cursor>,
}

pub async fn people<P: AskTenant>(scope: &mut TenantScope<P>, search: &Search) -> Result<Found, AppError> {
    let tenant = scope.tenant().id;
    let after = search.after.as_ref().map(|cursor| (cursor.sort_key.as_str(), cursor.id));
    // One more than is shown tells whether there are more.
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut people = store::people::list(scope, tenant, &search.words, search.role, after, most).await?;
    let more = people.len() > PAGE;
    people.truncate(PAGE);
    let next = people.last().filter(|_| more).map(|last| Cursor { id: last.id, sort_key: last.sort_key.clone() });
    let users: Vec<UserId> = people.iter().map(|person| person.user).collect();
    let workspaces = places::count(scope, &users).await?;
    Ok(Found { people, workspaces, next })
}

/// One of the people.
///
/// # Errors
/// `NotFound` where nobody of this team is meant.
pub async fn colleague<P: AskTenant>(scope: &mut TenantScope<P>, id: MembershipId) -> Result<Colleague, AppError> {
    let tenant = scope.tenant().id;
    store::people::find(scope, tenant, id).await?.ok_or(AppError::NotFound)
}

/// Whether nobody else owns the team.
pub async fn is_only_owner<P: AskTenant>(scope: &mut TenantScope<P>, person: &Colleague) -> Result<bool, AppError> {
    let tenant = scope.tenant().id;
    let owners = store::people::owners(scope, tenant).await?;
    Ok(matches!(owners.as_slice(), [only] if only.id == person.id))
}

/// Everyone but the person who asks, to choose one of; the first by name where they are very many.
pub async fn colleagues<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Colleague>, AppError> {
    let (tenant, me) = (scope.tenant().id, scope.person().id);
    let mut people = store::people::list(scope, tenant, "", None, None, OFFERED).await?;
    people.retain(|person| person.user != me);
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_address_and_any_name() {
        let cursor = Cursor { id: MembershipId(uuid::Uuid::max()), sort_key: "o~brien ü".to_owned() };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for broken in ["", "~", "mem_x~a", "ada"] {
            assert_eq!(Cursor::parse(broken), None, "{broken}");
        }
    }
}
