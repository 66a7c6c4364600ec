//! Finding a team's people.

use std::collections::HashMap;

use super::store::{self, Colleague};
use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    features::members::server::places,
    ids::{MembershipId, TenantId, UserId},
    server::{
        http::{
            Cursor,
            cursor::{PAGE_ROWS, page_of},
        },
        scope::{Reach, Scope, TenantScope},
    },
};

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
    let rows = store::people::list(scope, tenant, &search.words, search.role, search.after.as_ref(), PAGE_ROWS + 1).await?;
    let (people, next) = page_of(rows, Colleague::cursor);
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

/// Owners and billing people of a tenant: those who are told about money.
pub async fn payers<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<UserId>, AppError> {
    store::people::payers(scope, tenant).await
}
