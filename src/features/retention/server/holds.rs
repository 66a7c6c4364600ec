//! Legal holds: while one is on a log nothing of it goes. The account's owner puts them on its logs, the operator on any; and
//! what the operator put on only the operator lifts.

use super::{
    Holds, Kept, Place, decider,
    store::{self, holds::Hold},
};
use crate::{
    access::tenant::ManageTeam,
    error::AppError,
    features::{
        retention::{NAME_MAX, REASON_MAX},
        workspaces,
    },
    ids::AuditHoldId,
    server::{
        events::{ActorType, Event, EventKind, Target},
        scope::{InTenant, Reach, Scope, ServiceScope, TenantScope},
    },
};

/// On one log at once.
const MOST: usize = 50;
const LIFTED: &str = "This hold is lifted already.";

/// The logs of the account that the scope reaches: its own, and those of its workspaces, archived ones too.
pub async fn of_account<R: Reach + Kept>(scope: &mut Scope<R>) -> Result<Vec<Place>, AppError> {
    let own = R::place(scope);
    let tenant = own.tenant;
    let workspaces = workspaces::server::called(scope, tenant).await?;
    let theirs = workspaces.into_iter().map(|one| Place::of_workspace(tenant, one.id, &one.name));
    Ok(std::iter::once(own).chain(theirs).collect())
}

/// Those that are on, of every log of the account.
pub async fn on<R: Reach + Kept>(scope: &mut Scope<R>) -> Result<Vec<Hold>, AppError> {
    let tenant = R::place(scope).tenant;
    store::holds::of_tenant(scope, tenant).await
}

/// Whether any is on that log.
pub async fn are_on<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<bool, AppError> {
    Ok(store::holds::of_log(scope, place).await?.iter().any(|hold| hold.lifted_at.is_none()))
}

/// Of whichever tenant, on or lifted; for a scope of the installation.
pub async fn all(scope: &mut ServiceScope) -> Result<Vec<Hold>, AppError> {
    store::holds::all(scope).await
}

/// Puts one on a log that the scope reaches.
///
/// # Errors
/// `Invalid` where name or reason are none, `Conflict` where there are enough.
pub async fn place<R: Holds>(scope: &mut Scope<R>, place: &Place, name: &str, reason: &str) -> Result<AuditHoldId, AppError> {
    for (field, text, most) in [("name", name, NAME_MAX), ("reason", reason, REASON_MAX)] {
        if text.is_empty() || text.chars().count() > most {
            return Err(AppError::invalid(field, format!("Say in 1 to {most} characters what the hold is for.")));
        }
    }
    // What goes just now has gone when this comes back, and nothing goes after it.
    store::one_at_a_time(scope, place).await?;
    if store::holds::of_log(scope, place).await?.iter().filter(|hold| hold.lifted_at.is_none()).count() >= MOST {
        return Err(AppError::Conflict(format!("There are {MOST} holds on this log already. Lift one that is over.")));
    }
    let hold = Hold {
        tenant: place.tenant,
        log: place.id,
        id: AuditHoldId(scope.new_id()),
        name: name.to_owned(),
        reason: reason.to_owned(),
        by_operator: scope.actor().kind == ActorType::Operator,
        placed_by: decider(scope),
        placed_at: scope.now(),
        lifted_at: None,
    };
    store::holds::insert(scope, place, &hold).await?;
    let event = Event::new(EventKind::AuditHoldPlaced, target(&hold)).changing("log", None, Some(&place.id.to_string())).because(reason);
    scope.record_in(place.log, event);
    Ok(hold.id)
}

/// Lifts one of the account's own.
///
/// # Errors
/// `NotFound` where the account has no such, `Conflict` where it is lifted already or the operator's.
pub async fn lift(scope: &mut TenantScope<ManageTeam>, id: AuditHoldId, reason: &str) -> Result<(), AppError> {
    let hold = on(scope).await?.into_iter().find(|hold| hold.id == id).ok_or(AppError::NotFound)?;
    if hold.by_operator {
        return Err(AppError::Conflict("Whoever runs this console put this hold on, and they alone lift it.".to_owned()));
    }
    let place =
        of_account::<InTenant<ManageTeam>>(scope).await?.into_iter().find(|place| place.id == hold.log).ok_or(AppError::NotFound)?;
    lift_one(scope, &place, &hold, reason).await
}

/// Lifts any that is on that log.
///
/// # Errors
/// `NotFound` where there is no such, `Conflict` where it is lifted already.
pub async fn lift_as_operator(scope: &mut ServiceScope, place: &Place, id: AuditHoldId, reason: &str) -> Result<(), AppError> {
    let hold = store::holds::of_log(scope, place).await?.into_iter().find(|hold| hold.id == id).ok_or(AppError::NotFound)?;
    lift_one(scope, place, &hold, reason).await
}

async fn lift_one<R: Reach>(scope: &mut Scope<R>, place: &Place, hold: &Hold, reason: &str) -> Result<(), AppError> {
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(AppError::invalid("reason", format!("Say in 1 to {REASON_MAX} characters why it is lifted.")));
    }
    let by = decider(scope);
    if hold.lifted_at.is_some() || !store::holds::lift(scope, hold, &by, reason).await? {
        return Err(AppError::Conflict(LIFTED.to_owned()));
    }
    let event = Event::new(EventKind::AuditHoldLifted, target(hold)).changing("log", Some(&place.id.to_string()), None).because(reason);
    scope.record_in(place.log, event);
    Ok(())
}

fn target(hold: &Hold) -> Target {
    Target { kind: "audit_hold", id: hold.id.to_string(), name: Some(hold.name.clone()) }
}
