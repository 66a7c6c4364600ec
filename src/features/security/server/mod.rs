//! The server's half of security posture.

mod cut_off;
mod entries;
mod mailing;
mod posture;
pub mod rest;
mod store;

pub use cut_off::{CutOff, Person, Review};
pub use entries::read;
pub use mailing::{MAIL, addresses, footer, mail_change, notify};
pub use posture::{Difference, Effective, Extras, Posture, Settings, Source};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    access::{AskTenant, AskWorkspace, WorkspacePermission},
    error::{AppError, Refused},
    features::inbox::{self, server::Notice},
    ids::{TenantId, WorkspaceId},
    paths,
    server::{
        events::{Event, EventKind, Target},
        scope::{HasPerson, InTenant, InWorkspace, Reach, Scope},
        sessions,
    },
};

/// A review is confirmed within this time.
const REVIEW_MINUTES: i64 = 60;

/// Which place's posture it is.
#[derive(Clone, Debug)]
pub struct Place {
    pub tenant: TenantId,
    /// None for the team's own.
    pub workspace: Option<WorkspaceId>,
    pub name: String,
    /// In the address.
    pub slug: String,
    pub version: i64,
}

impl Place {
    /// The page that sets it.
    pub fn page(&self) -> String {
        if self.workspace.is_some() { paths::security(&self.slug) } else { paths::team_security(&self.slug) }
    }

    fn front(&self) -> String {
        if self.workspace.is_some() { paths::overview(&self.slug) } else { paths::workspaces(&self.slug) }
    }

    fn target(&self) -> Target {
        let (kind, id) = match self.workspace {
            Some(workspace) => ("workspace", workspace.to_string()),
            None => ("tenant", self.tenant.to_string()),
        };
        Target { kind, id, name: Some(self.name.clone()) }
    }

    fn ask_version(&self, version: i64) -> Result<(), AppError> {
        if version == self.version { Ok(()) } else { Err(self.stale()) }
    }

    fn stale(&self) -> AppError {
        AppError::Stale(if self.workspace.is_some() { "This workspace" } else { "This team" })
    }

    fn updated(&self) -> EventKind {
        if self.workspace.is_some() { EventKind::WorkspaceUpdated } else { EventKind::TenantUpdated }
    }
}

/// A reach whose place has a posture.
pub trait Postured: Reach + HasPerson {
    fn postured(&self) -> Place;

    /// Whether the person decides who gets in at all. `ManageSettings` is not enough for that: with an admin's own
    /// address as the only network no owner would get in again.
    fn may_limit_entry(&self) -> bool;
}

impl<P: AskWorkspace> Postured for InWorkspace<P> {
    fn postured(&self) -> Place {
        let Self { tenant, workspace, .. } = self;
        Place {
            tenant: tenant.id,
            workspace: Some(workspace.id),
            name: workspace.name.clone(),
            slug: workspace.slug.clone(),
            version: workspace.version,
        }
    }

    fn may_limit_entry(&self) -> bool {
        self.role.may(WorkspacePermission::LimitEntry)
    }
}

impl<P: AskTenant> Postured for InTenant<P> {
    fn postured(&self) -> Place {
        let tenant = &self.tenant;
        Place { tenant: tenant.id, workspace: None, name: tenant.name.clone(), slug: tenant.slug.clone(), version: tenant.version }
    }

    /// Whoever changes a team's posture owns the team.
    fn may_limit_entry(&self) -> bool {
        true
    }
}

/// What is set in the scope's place, and what holds there.
pub async fn find<R: Postured>(scope: &mut Scope<R>) -> Result<(Settings, Effective), AppError> {
    let place = scope.reach().postured();
    let clocks = &scope.stoa().config.sessions;
    let clock = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let (idle, absolute) = (clock(clocks.idle_minutes), clock(clocks.absolute_hours));
    let team = store::of_team(scope, place.tenant).await?;
    let Some(workspace) = place.workspace else {
        let effective = Effective::of(idle, absolute, &team, None);
        return Ok((Settings { posture: team, extras: None }, effective));
    };
    let own = store::of_workspace(scope, place.tenant, workspace).await?;
    let effective = Effective::of(idle, absolute, &team, Some(&own.posture));
    Ok((own, effective))
}

/// What a change would do, as things stood at `as_of`: shown before it is made, and asked again when it is.
///
/// # Errors
/// `Stale` where the place was changed since `version` was shown, `Conflict` where nothing would change, `NotAllowed`
/// where somebody who is no owner would change who gets in at all, `Invalid` where it would cut off who makes it.
pub async fn review<R: Postured>(scope: &mut Scope<R>, wanted: &Settings, version: i64, as_of: DateTime<Utc>) -> Result<Review, AppError> {
    let place = scope.reach().postured();
    place.ask_version(version)?;
    let (current, _) = find(scope).await?;
    if current.differences(wanted).is_empty() {
        return Err(AppError::Conflict("Nothing here differs from what is set now. Change something, then review it.".to_owned()));
    }
    ask_limits(scope, &current, wanted)?;
    cut_off::refuse_own(scope, &wanted.posture).await?;
    found(scope, &place, &current, wanted, as_of).await
}

/// What a change would do, whichever session makes it. Nothing comes of asking.
///
/// # Errors
/// `Stale` where the place was changed since `version`, `NotAllowed` as for `review`.
pub async fn foresee<R: Postured>(scope: &mut Scope<R>, wanted: &Settings, version: i64) -> Result<Review, AppError> {
    let (place, now) = (scope.reach().postured(), scope.now());
    place.ask_version(version)?;
    let (current, _) = find(scope).await?;
    ask_limits(scope, &current, wanted)?;
    found(scope, &place, &current, wanted, now).await
}

fn ask_limits<R: Postured>(scope: &Scope<R>, current: &Settings, wanted: &Settings) -> Result<(), AppError> {
    if scope.reach().may_limit_entry() || current.posture.limits_as(&wanted.posture) {
        return Ok(());
    }
    Err(AppError::NotAllowed(Refused::Workspace(WorkspacePermission::LimitEntry)))
}

async fn found<R: Postured>(
    scope: &mut Scope<R>,
    place: &Place,
    current: &Settings,
    wanted: &Settings,
    as_of: DateTime<Utc>,
) -> Result<Review, AppError> {
    let cut_off = cut_off::find(scope, place, &wanted.posture, as_of).await?;
    let digest = cut_off.digest(place, wanted);
    Ok(Review { differences: current.differences(wanted), cut_off, as_of, digest, notify: current.named_beside(wanted) })
}

/// Makes a change that was reviewed: cuts off whom the review showed, ends what can end, and tells them.
///
/// # Errors
/// As `review`; `FormExpired` where that was too long ago; `Conflict` where it would cut off others than it showed.
pub async fn change<R: Postured>(
    scope: &mut Scope<R>,
    wanted: &Settings,
    version: i64,
    as_of: DateTime<Utc>,
    digest: &str,
) -> Result<Review, AppError> {
    let (place, now) = (scope.reach().postured(), scope.now());
    if !(TimeDelta::zero()..=TimeDelta::minutes(REVIEW_MINUTES)).contains(&(now - as_of)) {
        return Err(AppError::FormExpired);
    }
    let review = review(scope, wanted, version, as_of).await?;
    if review.digest != digest {
        return Err(AppError::Conflict("Others than you were shown would be cut off by now. Review the change again.".to_owned()));
    }
    if !store::update(scope, &place, wanted, now).await? {
        return Err(place.stale());
    }
    let event = review.differences.iter().fold(Event::new(place.updated(), place.target()), |event, difference| {
        event.changing(difference.field, difference.before.as_deref(), difference.after.as_deref())
    });
    scope.record(event);
    end(scope, &place, &review.cut_off).await?;
    tell(scope, &place, &review.cut_off).await?;
    if let Some(workspace) = place.workspace {
        // Those that were named before are told as well, and first of all of that.
        mailing::notify(scope, place.tenant, workspace, MAIL, &review.notify, workspace.0).await?;
    }
    Ok(review)
}

async fn end<R: Postured>(scope: &mut Scope<R>, place: &Place, cut_off: &CutOff) -> Result<(), AppError> {
    let ending: Vec<[u8; 32]> = cut_off.ending().map(|(_, session)| session).collect();
    if ending.is_empty() {
        return Ok(());
    }
    store::end_sessions(scope, &ending).await?;
    for (person, session) in cut_off.ending() {
        let target = Target { name: Some(person.name.clone()), ..sessions::target(session) };
        scope
            .record(Event::new(EventKind::SessionEnded, target).because(format!("no longer meets the security posture of {}", place.name)));
    }
    Ok(())
}

async fn tell<R: Postured>(scope: &mut Scope<R>, place: &Place, cut_off: &CutOff) -> Result<(), AppError> {
    let by = scope.person().name.clone();
    let notice = Notice {
        kind: place.updated().name(),
        tenant: Some(place.tenant),
        workspace: place.workspace,
        title: format!("{} asks more of sign-ins", place.name),
        body: format!(
            "{by} changed what {} asks of whoever comes in, and where you are signed in does not meet it.\n\nOpen it: its page says what it asks for, and how to go on.",
            place.name
        ),
        link: Some(place.front()),
    };
    for person in &cut_off.people {
        inbox::server::tell(scope, person.id, &notice).await?;
    }
    Ok(())
}
