//! Opening scopes: one round trip that proves the session, finds the place and sets the reach.

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::{AsService, KnownPlace, Person, Reach, Scope, Tenant, Transaction, Workspace, denials, reach::Opened};
use crate::{
    access::{TenantRole, WorkspaceRole},
    error::{AppError, Block},
    ids::{FormId, TenantId, UserId, WorkspaceId},
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        sessions::{self, Reached},
    },
};

/// Sent again within this time, a form gets its first answer.
const FORM_ANSWER_HOURS: i64 = 24;
const SLUG_MAX: usize = 64;

/// What a scope is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The database itself refuses changes.
    Read,
    Write,
}

impl<R: Reach> Scope<R> {
    /// Opens a scope for the person of the request's session, at the place that `slug` names.
    ///
    /// # Errors
    /// `SignedOut` without a live session, `NotFound` where the place is not the person's to see, `NotAllowed`
    /// naming the permission.
    pub async fn open(
        stoa: &Stoa,
        request: &RequestContext,
        slug: Option<&str>,
        intent: Intent,
        with_places: bool,
    ) -> Result<Self, AppError> {
        let session = request.session.ok_or(AppError::SignedOut)?;
        let now = stoa.clock.now();
        let statement = format!(
            "begin{}; select * from open_console('{}'::bytea, '{}', '{}', '{}'::timestamptz, interval '{} minutes', {with_places}, {})",
            if intent == Intent::Read { " read only" } else { "" },
            sessions::literal(&session),
            R::PLACE,
            quotable(slug),
            now.to_rfc3339_opts(SecondsFormat::Micros, true),
            stoa.config.sessions.idle_minutes,
            // Written by the standard library from an address it has read: nothing else can be in it.
            request.ip.map_or_else(|| "null".to_owned(), |ip| format!("'{ip}'::inet")),
        );
        let (transaction, rows) = Transaction::open(&stoa.db, statement).await?;
        let row = rows.first().ok_or(AppError::Internal)?;
        let opened = read(row)?.ok_or(AppError::SignedOut)?;
        let last_seen_at: DateTime<Utc> = row.try_get("last_seen_at")?;
        let places = match row.try_get::<Option<String>, _>("places")? {
            Some(json) => serde_json::from_str::<Vec<KnownPlace>>(&json).unwrap_or_default(),
            None => Vec::new(),
        };
        let unread: Option<i64> = row.try_get("unread")?;
        let blocked: Option<String> = row.try_get("blocked_by")?;
        let reach_known: Option<bool> = row.try_get("reach_known")?;
        let reached = match (&opened.tenant, &opened.workspace) {
            (Some((tenant, _)), Some((workspace, _))) if reach_known.is_some() => {
                Some(Reached { tenant: tenant.id, workspace: workspace.id, known: reach_known == Some(true) })
            }
            _ => None,
        };
        let actor = if opened.support_until.is_some() { Actor::support(&opened.person) } else { Actor::user(&opened.person) };
        let actor = actor.proven_by(sessions::handle(session));
        let log = opened.log();
        let admitted = R::admit(opened).and_then(|reach| match blocked {
            Some(rule) => Err(AppError::Blocked(Block::named(&rule))),
            None => Ok(reach),
        });
        let reach = match admitted {
            Ok(reach) => reach,
            Err(error) => {
                // Given back before the next is asked for: nobody waits for a second connection holding a first.
                let _ = transaction.rollback().await;
                denials::note(stoa, request, &actor, log, R::ASKS, &error).await;
                return Err(error);
            }
        };
        if !request.prefetch {
            sessions::touch(stoa, session, last_seen_at, reached, now);
        }
        Ok(Self {
            places,
            unread: unread.unwrap_or_default(),
            session: Some(session),
            ..Self::with(stoa, request, transaction, actor, reach)
        })
    }

    pub(super) fn with(stoa: &Stoa, request: &RequestContext, transaction: Transaction, actor: Actor, reach: R) -> Self {
        Self {
            transaction,
            stoa: stoa.clone(),
            request: request.clone(),
            actor,
            session: None,
            reach,
            places: Vec::new(),
            unread: 0,
            events: Vec::new(),
            usage: Vec::new(),
            dirty: false,
            noted: false,
            form: None,
            input_hash: request.input_hash,
        }
    }

    /// Where a form that was already answered led to.
    pub async fn answered(&mut self, form: FormId) -> Result<Option<String>, AppError> {
        let Some(user) = self.actor.user else { return Ok(None) };
        let route = self.request.route.clone();
        let answer = sqlx::query!("select route, location from form_answer where user_id = $1 and form_id = $2", user.0, form.0,)
            .fetch_optional(self.transaction.connection())
            .await?;
        match answer {
            Some(answer) if answer.route == route => Ok(Some(answer.location)),
            Some(_) => Err(AppError::Malformed("this form was already used for something else")),
            None => Ok(None),
        }
    }
}

impl Scope<AsService> {
    /// Opens a scope over one tenant for the server's own work. The nil tenant is the installation.
    pub async fn open_service(
        stoa: &Stoa,
        request: &RequestContext,
        actor: Actor,
        tenant: TenantId,
        job: &'static str,
    ) -> Result<Self, AppError> {
        let statement =
            format!("begin; select set_config('app.reach', 'service', true), set_config('app.tenant_id', '{}', true)", tenant.0);
        let (transaction, _) = Transaction::open(&stoa.db, statement).await?;
        Ok(Self::with(stoa, request, transaction, actor, AsService { tenant, job }))
    }

    /// From now on the events are this person's: they were just identified.
    pub fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// As `act_as`, for a person whose session was proven just before. What is theirs is in reach too, so that a form
    /// of theirs is answered together with what it changes here.
    pub async fn act_for(&mut self, person: &Person) -> Result<(), AppError> {
        sqlx::query!("select set_config('app.user_id', $1::text, true)", person.id.0.to_string())
            .fetch_one(self.transaction.connection())
            .await?;
        self.actor = Actor::user(person);
        if let Some(session) = self.request.session {
            self.act_with(self.actor.clone(), session);
        }
        Ok(())
    }

    /// The same, with this session: it is named in the events, and remembers what was last done with it.
    pub fn act_with(&mut self, actor: Actor, session: [u8; 32]) {
        self.actor = actor.proven_by(sessions::handle(session));
        self.session = Some(session);
    }
}

pub(super) async fn remember_form(
    connection: &mut PgConnection,
    user: UserId,
    form: FormId,
    route: &str,
    location: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into form_answer (user_id, form_id, route, location, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        user.0,
        form.0,
        route,
        location,
        now,
        now + chrono::TimeDelta::hours(FORM_ANSWER_HOURS),
    )
    .execute(connection)
    .await
    .map_err(|error| match error.as_database_error() {
        // The twin of this form got here first; the caller answers as it did.
        Some(refused) if refused.constraint() == Some("form_answer_pkey") => AppError::Stale("This"),
        _ => error.into(),
    })?;
    Ok(())
}

/// The slug as it may stand between quotes; what cannot be a slug becomes one that nobody has.
pub(super) fn quotable(slug: Option<&str>) -> &str {
    match slug {
        Some(slug)
            if slug.len() <= SLUG_MAX && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') =>
        {
            slug
        }
        _ => "",
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn read(row: &PgRow) -> sqlx::Result<Option<Opened>> {
    let Some(person) = person(row)? else { return Ok(None) };
    let tenant = match row.try_get::<Option<uuid::Uuid>, _>("tenant_id")? {
        Some(id) => Some((
            Tenant {
                id: TenantId(id),
                slug: row.try_get("tenant_slug")?,
                name: row.try_get("tenant_name")?,
                kind: row.try_get("tenant_kind")?,
                version: row.try_get("tenant_version")?,
                plan: row.try_get("tenant_plan")?,
                members_create_workspaces: row.try_get("members_create_workspaces")?,
            },
            row.try_get::<Option<TenantRole>, _>("tenant_role")?,
        )),
        None => None,
    };
    let workspace = match row.try_get::<Option<uuid::Uuid>, _>("workspace_id")? {
        Some(id) => Some((
            Workspace {
                id: WorkspaceId(id),
                slug: row.try_get("workspace_slug")?,
                name: row.try_get("workspace_name")?,
                version: row.try_get("workspace_version")?,
                created_at: row.try_get("workspace_created_at")?,
            },
            row.try_get::<WorkspaceRole, _>("workspace_role")?,
        )),
        None => None,
    };
    Ok(Some(Opened { person, tenant, workspace, support_until: row.try_get("support_until")?, max_role: None }))
}

/// Who it is, where anybody was proven.
pub(super) fn person(row: &PgRow) -> sqlx::Result<Option<Person>> {
    let Some(id) = row.try_get::<Option<uuid::Uuid>, _>("user_id")? else { return Ok(None) };
    Ok(Some(Person {
        id: UserId(id),
        name: row.try_get("user_name")?,
        email: row.try_get("user_email")?,
        email_verified: row.try_get("user_email_verified")?,
        time_zone: row.try_get("time_zone")?,
        theme: row.try_get("theme")?,
        operator: row.try_get("operator")?,
        version: row.try_get("user_version")?,
        authenticated_at: row.try_get("authenticated_at")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_slug_gets_between_the_quotes() {
        assert_eq!(quotable(Some("ada-7f3k2q")), "ada-7f3k2q");
        for hostile in ["'; drop table session; --", "a'b", "A", "é", "a\\", &"a".repeat(65)] {
            assert_eq!(quotable(Some(hostile)), "");
        }
    }
}
