//! The server's half of sessions.

mod device;
mod store;

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    server::{
        events::{Event, EventKind},
        scope::UserScope,
        sessions,
    },
};

/// Of one person this many are shown, those that were seen last.
pub const SHOWN_MAX: i64 = 100;

/// A live session, as its owner sees it.
#[derive(Clone, Debug)]
pub struct Live {
    /// What forms and the audit log call it.
    pub handle: String,
    /// The one that asks.
    pub is_this: bool,
    /// "Chrome on Linux".
    pub device: String,
    /// The address that it was started from.
    pub ip: Option<String>,
    pub signed_in_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// What was last done with it, and when.
    pub last_act: Option<(&'static str, DateTime<Utc>)>,
    /// Newest first.
    pub reached: Vec<Reached>,
    /// Workspaces that it reached and its owner may no longer open.
    pub reached_elsewhere: usize,
}

#[derive(Clone, Debug)]
pub struct Reached {
    pub slug: String,
    pub name: String,
}

/// Which of their sessions a person ends.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// By its handle.
    One(&'a str),
    Others,
    All,
}

/// The person's live sessions, those that were seen last first.
/// The slug of the workspace that the person was in last, in any session that still lives.
pub async fn last_workspace(scope: &mut UserScope) -> Result<Option<String>, AppError> {
    let (user, now) = (scope.person().id, scope.now());
    store::last_reached(scope, user, now).await
}

pub async fn list(scope: &mut UserScope) -> Result<Vec<Live>, AppError> {
    let (user, now) = (scope.person().id, scope.now());
    let idle_since = now - scope.stoa().config.sessions.idle();
    let this = scope.session();
    let rows = store::list(scope, user, now, idle_since, SHOWN_MAX).await?;
    let reached = store::reached(scope, user, now).await?;
    Ok(rows.into_iter().map(|row| live(row, this, &reached)).collect())
}

fn live(row: store::Row, this: Option<[u8; 32]>, reached: &[store::Reached]) -> Live {
    let of_it = || reached.iter().filter(|place| place.session_hash == row.id_hash);
    let places: Vec<Reached> =
        of_it().filter_map(|place| place.slug.clone().zip(place.name.clone())).map(|(slug, name)| Reached { slug, name }).collect();
    let act = row.last_act.as_deref().and_then(EventKind::named);
    Live {
        handle: sessions::handle(row.id_hash),
        is_this: this == Some(row.id_hash),
        device: device::in_words(row.user_agent.as_deref()),
        ip: row.ip,
        signed_in_at: row.created_at,
        last_seen_at: row.last_seen_at,
        last_act: act.map(EventKind::says).zip(row.last_act_at),
        reached_elsewhere: of_it().count() - places.len(),
        reached: places,
    }
}

/// Ends sessions of the person's own. Returns how many.
///
/// # Errors
/// `SignedOut` where the session that asks was ended in this very moment; `Conflict` where the one that is named is the
/// one that asks, is over, or is somebody else's.
pub async fn end(scope: &mut UserScope, which: Which<'_>) -> Result<usize, AppError> {
    let (user, now, this) = (scope.person().id, scope.now(), scope.session());
    let idle_since = now - scope.stoa().config.sessions.idle();
    // All of them, and always in one order: two sessions may end each other at the same time.
    let live = store::lock(scope, user, now, idle_since).await?;
    if !live.iter().any(|session| Some(*session) == this) {
        return Err(AppError::SignedOut);
    }
    let chosen: Vec<[u8; 32]> = live
        .into_iter()
        .filter(|session| match which {
            Which::One(handle) => sessions::handle(*session) == handle,
            Which::Others => Some(*session) != this,
            Which::All => true,
        })
        .collect();
    if let Which::One(_) = which {
        refuse_one(&chosen, this)?;
    }
    if chosen.is_empty() {
        return Ok(0);
    }
    store::delete(scope, user, &chosen).await?;
    for session in &chosen {
        let reason = if Some(*session) == this { "signed out everywhere" } else { "ended from another session" };
        scope.record(Event::new(EventKind::SessionEnded, sessions::target(*session)).because(reason));
    }
    Ok(chosen.len())
}

fn refuse_one(chosen: &[[u8; 32]], this: Option<[u8; 32]>) -> Result<(), AppError> {
    match chosen {
        [] => Err(AppError::Conflict("That session is over already. What you see now is what is left.".to_owned())),
        [session] if Some(*session) == this => {
            Err(AppError::Conflict("That is the session you are using. Sign out to end it, or end all of them.".to_owned()))
        }
        _ => Ok(()),
    }
}
