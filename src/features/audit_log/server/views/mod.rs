//! Saved views: what somebody looks for again and again, under a name. One's own, which nobody else sees, and those of
//! everybody who reads the log.

mod keeping;
pub mod rest;
mod store;
mod wanted;

pub use keeping::{Keeping, Shelf};
pub use store::View;
pub use wanted::Wanted;

use super::bound::Within;
use crate::{
    error::AppError,
    ids::{AuditViewId, UserId},
    server::{
        events::{Event, EventKind, Target},
        scope::Scope,
    },
};

/// Views of one person in one log, and of everybody.
const OWN_MAX: i64 = 50;
const SHARED_MAX: i64 = 100;
const STALE: AppError = AppError::Stale("This view");

impl View {
    pub fn is_shared(&self) -> bool {
        self.user_id.is_none()
    }

    /// The filters of the list that it stands for, as an address spells them.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        Wanted::of(self).parts()
    }

    /// When the rows happened, in words.
    pub fn says_when(&self) -> String {
        let known = Within::ALL.into_iter().find(|within| self.within.as_deref() == Some(within.name()));
        match (known, self.from_day, self.to_day) {
            (Some(within), ..) => within.says().to_owned(),
            (None, Some(from), Some(to)) => format!("{from} to {to}"),
            (None, Some(from), None) => format!("From {from}"),
            (None, None, Some(to)) => format!("To {to}"),
            (None, None, None) => "Any time".to_owned(),
        }
    }
}

/// The person's own, and everybody's.
pub async fn list<R: Keeping>(scope: &mut Scope<R>) -> Result<Vec<View>, AppError> {
    let (shelf, user) = (R::shelf(scope), scope.person().id);
    store::list(scope, &shelf, Some(user)).await
}

/// Everybody's alone.
async fn list_shared<R: Keeping>(scope: &mut Scope<R>) -> Result<Vec<View>, AppError> {
    let shelf = R::shelf(scope);
    store::list(scope, &shelf, None).await
}

/// One of those that are kept through this reach.
///
/// # Errors
/// `NotFound` also for somebody else's own.
pub async fn find<R: Keeping>(scope: &mut Scope<R>, id: AuditViewId) -> Result<View, AppError> {
    let (shelf, owner) = (R::shelf(scope), owner(scope));
    store::find(scope, &shelf, owner, id).await?.ok_or(AppError::NotFound)
}

/// # Errors
/// `Invalid` where the name is taken, `Conflict` where there are enough.
pub async fn create<R: Keeping>(scope: &mut Scope<R>, wanted: &Wanted) -> Result<AuditViewId, AppError> {
    R::ask_keeps(scope)?;
    let (shelf, owner) = (R::shelf(scope), owner(scope));
    let most = if R::IS_SHARED { SHARED_MAX } else { OWN_MAX };
    store::one_at_a_time(scope, &shelf, owner).await?;
    if store::count(scope, &shelf, owner).await? >= most {
        return Err(AppError::Conflict(format!("There are {most} views already. Delete one that is not needed any more.")));
    }
    let id = AuditViewId(scope.new_id());
    store::insert(scope, &shelf, owner, id, wanted).await?;
    let fields = wanted.said().into_iter().filter_map(|(field, value)| Some((field, value?)));
    let event = fields.fold(
        Event::new(EventKind::AuditViewCreated, target(id, &wanted.name)).changing("shared", None, Some(said(R::IS_SHARED))),
        |event, (field, value)| event.changing(field, None, Some(&value)),
    );
    scope.record(event);
    Ok(id)
}

/// Whether anything differs from what was there.
///
/// # Errors
/// `Stale` where the version has moved on, `Invalid` where the name is taken.
pub async fn change<R: Keeping>(scope: &mut Scope<R>, id: AuditViewId, wanted: &Wanted, version: i64) -> Result<bool, AppError> {
    R::ask_keeps(scope)?;
    let (shelf, owner) = (R::shelf(scope), owner(scope));
    let view = store::find(scope, &shelf, owner, id).await?.ok_or(AppError::NotFound)?;
    if view.version != version {
        return Err(STALE);
    }
    let before = Wanted::of(&view);
    if before == *wanted {
        return Ok(false);
    }
    if !store::update(scope, &shelf, owner, id, wanted, version).await? {
        return Err(STALE);
    }
    let fields = before.said().into_iter().zip(wanted.said()).filter(|((_, before), (_, after))| before != after);
    let event = fields.fold(Event::new(EventKind::AuditViewUpdated, target(id, &wanted.name)), |event, ((field, before), (_, after))| {
        event.changing(field, before.as_deref(), after.as_deref())
    });
    scope.record(event);
    Ok(true)
}

/// # Errors
/// `Stale` where the version has moved on.
pub async fn delete<R: Keeping>(scope: &mut Scope<R>, id: AuditViewId, version: i64) -> Result<View, AppError> {
    R::ask_keeps(scope)?;
    let (shelf, owner) = (R::shelf(scope), owner(scope));
    let view = store::find(scope, &shelf, owner, id).await?.ok_or(AppError::NotFound)?;
    if !store::delete(scope, &shelf, owner, id, version).await? {
        return Err(STALE);
    }
    let fields = Wanted::of(&view).said().into_iter().filter_map(|(field, value)| Some((field, value?)));
    let event = fields.fold(
        Event::new(EventKind::AuditViewDeleted, target(id, &view.name)).changing("shared", Some(said(R::IS_SHARED)), None),
        |event, (field, value)| event.changing(field, Some(&value), None),
    );
    scope.record(event);
    Ok(view)
}

fn owner<R: Keeping>(scope: &Scope<R>) -> Option<UserId> {
    (!R::IS_SHARED).then(|| scope.person().id)
}

fn said(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

fn target(id: AuditViewId, name: &str) -> Target {
    Target { kind: "audit_view", id: id.to_string(), name: Some(name.to_owned()) }
}
