//! Authorization you can hold in your hand: proof that this actor may do this here, and the only way to a
//! tenant's rows.
//!
//! A scope is one transaction. Opening it proves the session, checks the permission and sets how far row-level
//! security lets it reach, in one round trip. What a store changes through it commits only together with the
//! audit events that say so.

mod becoming;
mod calling;
mod denials;
mod errand;
mod opening;
mod reach;
mod transaction;

pub use becoming::became;
pub use calling::{Caller, Presented, call_statement};
pub use denials::{Knocks, Watch, write_denials};
pub use opening::Intent;
pub use reach::{AsService, AsUser, Asks, HasPerson, InArchive, InTenant, InWorkspace, Reach};
pub use transaction::Transaction;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    error::AppError,
    ids::{AuditId, FormId, TenantId, UserId, WorkspaceId},
    server::{
        Stoa, chance, database,
        events::{self, Actor, Event, Log},
        http::request::RequestContext,
        sessions,
        usage::{self, UsageEvent},
    },
};

/// A workspace scope opened for one permission.
pub type WorkspaceScope<P> = Scope<InWorkspace<P>>;
/// An archived workspace's scope, opened for one permission.
pub type ArchiveScope<P> = Scope<InArchive<P>>;
/// A tenant scope opened for one permission.
pub type TenantScope<P> = Scope<InTenant<P>>;
/// A person and what is theirs.
pub type UserScope = Scope<AsUser>;
/// One tenant, for a job of the server's own.
pub type ServiceScope = Scope<AsService>;

/// The signed-in person behind a request.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    /// Whether the provider says that the address is theirs.
    pub email_verified: bool,
    pub time_zone: String,
    pub theme: String,
    pub operator: bool,
    pub version: i64,
    pub authenticated_at: DateTime<Utc>,
}

/// The tenant that a scope reaches.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub version: i64,
    /// A plan of `pricing.toml`.
    pub plan: String,
    pub members_create_workspaces: bool,
}

/// The workspace that a scope reaches.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub slug: String,
    pub name: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

/// A workspace that the person belongs to, for the switcher.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct KnownPlace {
    pub tenant: String,
    pub tenant_slug: String,
    pub tenant_kind: String,
    pub workspace: String,
    pub workspace_slug: String,
    pub role: String,
    /// Whether the person is in the team too, and so may open its pages.
    pub in_team: bool,
}

pub struct Scope<R> {
    transaction: Transaction,
    stoa: Stoa,
    request: RequestContext,
    actor: Actor,
    /// The session that the person was proven by: its hash.
    session: Option<[u8; 32]>,
    reach: R,
    places: Vec<KnownPlace>,
    /// How many of the person's inbox items are unread; zero where places were not asked for.
    unread: i64,
    events: Vec<(Log, Event)>,
    usage: Vec<UsageEvent>,
    /// Changed since the last event.
    dirty: bool,
    /// Something was noted that is worth keeping without an event.
    noted: bool,
    form: Option<(FormId, String)>,
    /// The keyed hash of what was sent, redacted.
    input_hash: Option<[u8; 32]>,
}

impl<R: Reach> Scope<R> {
    /// What stores read through.
    pub fn read(&mut self) -> &mut PgConnection {
        self.transaction.connection()
    }

    /// What stores change through. From here on, only an event makes the scope able to commit.
    pub fn write(&mut self) -> &mut PgConnection {
        self.dirty = true;
        self.transaction.connection()
    }

    /// What stores keep their own books through: a reading mark, a job to be done, how a delivery went. Nobody's act on
    /// anything that others see, so it commits without an event; `tests/walls.rs` names who may
    /// (docs/decisions/0010-notes-are-not-acts.md).
    pub fn note(&mut self) -> &mut PgConnection {
        self.noted = true;
        self.transaction.connection()
    }

    /// What happened, in the log of the place that the scope reaches.
    pub fn record(&mut self, event: Event) {
        let log = self.reach.log();
        self.record_in(log, event);
    }

    /// What happened, in another log that the reach allows (a tenant's, from one of its workspaces' making).
    pub fn record_in(&mut self, log: Log, event: Event) {
        self.dirty = false;
        self.events.push((log, event));
    }

    /// What was used, to be kept with what was changed.
    pub fn meter(&mut self, used: UsageEvent) {
        self.usage.push(used);
    }

    /// What has been recorded and is not written yet.
    pub fn pending(&self) -> &[(Log, Event)] {
        &self.events
    }

    /// Remembers the answer to a form together with what it changed, so that sending it again changes nothing.
    pub fn answer_form(&mut self, form: FormId, location: &str) {
        self.form = Some((form, location.to_owned()));
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.stoa.clock.now()
    }

    /// A new identifier of this moment.
    pub fn new_id(&self) -> uuid::Uuid {
        chance::uuid(self.now())
    }

    pub fn stoa(&self) -> &Stoa {
        &self.stoa
    }

    pub fn reach(&self) -> &R {
        &self.reach
    }

    pub fn places(&self) -> &[KnownPlace] {
        &self.places
    }

    pub fn unread(&self) -> i64 {
        self.unread
    }

    /// The request that this is part of.
    pub fn request(&self) -> &RequestContext {
        &self.request
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The hash of the session that this acts with; none for the server's own work.
    pub fn session(&self) -> Option<[u8; 32]> {
        self.session
    }

    /// Makes the changes and their events permanent, together or not at all.
    ///
    /// # Errors
    /// `Internal` when something was changed and no event says so, `Conflict` where a place would be left without an
    /// owner; nothing is kept then.
    pub async fn commit(mut self) -> Result<(), AppError> {
        if self.dirty {
            tracing::error!(reach = ?R::ASKS, "a change without its audit event was refused");
            return Err(AppError::Internal);
        }
        if self.events.is_empty() && self.usage.is_empty() && !self.noted {
            self.transaction.rollback().await?;
            return Ok(());
        }
        let now = self.now();
        // What follows from an act is recorded after it.
        let act = self.events.first().map(|(_, event)| event.kind);
        let events = std::mem::take(&mut self.events);
        let ids = chance::uuids(now, events.len());
        for ((log, event), id) in events.into_iter().zip(ids) {
            let row = events::Row::new(AuditId(id), &log, event, &self.actor, &self.request, self.input_hash, now);
            events::append(self.transaction.connection(), &log, &row).await?;
        }
        if let (Some((form, location)), Some(user)) = (self.form.take(), self.actor.user) {
            opening::remember_form(self.transaction.connection(), user, form, &self.request.route, &location, now).await?;
        }
        let last_act = self.session.zip(act).map(|(session, act)| sessions::last_act(&session, act, now));
        let used = usage::append_statement(&self.usage)?;
        let last = [used, last_act].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let (is_metered, is_recorded) = (!self.usage.is_empty(), act.is_some());
        self.transaction.commit_with((!last.is_empty()).then_some(last)).await.map_err(database::at_commit)?;
        if is_metered {
            self.stoa.usage().wake();
        }
        if is_recorded {
            self.stoa.sealing().notify_one();
        }
        Ok(())
    }

    /// Ends a scope that changed nothing. Nothing renders before this.
    pub async fn close(self) -> Result<(), AppError> {
        self.transaction.rollback().await?;
        Ok(())
    }
}
