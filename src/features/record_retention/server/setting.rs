//! Setting, changing and removing a rule. What takes more than before is looked at first and waits for a day; what takes less
//! holds at once, and so does removing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Rule, find, find_of, store};
use crate::{
    access::workspace::ManageSettings,
    error::AppError,
    features::{
        record_retention::GRACE_HOURS,
        reductions::server::{self as reductions, Act, Asked, Preview},
    },
    ids::{ApiKeyId, RetentionRuleId},
    server::{
        events::{Event, EventKind},
        scope::WorkspaceScope,
    },
};

/// What a rule is to do.
#[derive(Clone, Debug)]
pub struct Terms {
    pub days: i32,
    /// The same as it would be done by hand just now.
    pub asked: Asked,
}

impl Terms {
    /// # Errors
    /// `Invalid`, with everything that is wrong.
    pub fn new(act: &str, resource: &str, days: &str, now: DateTime<Utc>) -> Result<Self, AppError> {
        let whole: Option<i32> = days.trim().parse().ok();
        // What is no number of days is named beside whatever else is wrong.
        let before = Asked::days_ago(days, now).unwrap_or(now);
        let asked = Asked::new(act, resource, before, now)?;
        Ok(Self { days: whole.ok_or(AppError::Internal)?, asked })
    }

    /// Whether nobody can undo what it does.
    pub fn is_purge(&self) -> bool {
        self.asked.act == Act::Purge
    }
}

/// What was looked at before it is set: up to when, and the digest of what was shown.
#[derive(Clone, Debug)]
pub struct Seen {
    pub before: DateTime<Utc>,
    pub digest: String,
}

/// Whether the terms take anything that the rule, if there is one, leaves.
pub fn asks_to_look(rule: Option<&Rule>, terms: &Terms) -> bool {
    rule.is_none_or(|rule| rule.resource().is_none() || terms.days < rule.days)
}

/// What whoever has it purge types.
pub fn phrase(terms: &Terms) -> String {
    let days = if terms.days == 1 { "day" } else { "days" };
    format!("purge {} after {} {days}", terms.asked.resource.plural.replace('_', " "), terms.days)
}

/// Sets the rule of a resource and act. `version` is that of the one that was looked at, 0 where there was none. None where it
/// is so already.
///
/// # Errors
/// `Invalid` where it has to be looked at first, `Conflict` where what was looked at is another thing by now, `Stale` where the
/// rule is.
pub async fn set(
    scope: &mut WorkspaceScope<ManageSettings>,
    terms: &Terms,
    seen: Option<Seen>,
    version: Option<i64>,
    key: Option<ApiKeyId>,
) -> Result<Option<Rule>, AppError> {
    let Terms { days, asked } = terms;
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    store::hold(scope, tenant, workspace, (asked.resource.name, asked.act.name())).await?;
    let stood = find_of(scope, asked.resource.name, asked.act).await?;
    if version.is_some_and(|version| version != stood.as_ref().map_or(0, |rule| rule.version)) {
        return Err(AppError::Stale("This rule"));
    }
    let is_more = asks_to_look(stood.as_ref(), terms);
    if !is_more && stood.as_ref().is_some_and(|rule| rule.days == *days) {
        return Ok(None);
    }
    let looked = if is_more { Some(ask_seen(scope, terms, seen).await?) } else { None };
    let next_run_at = match &stood {
        Some(rule) if !is_more => rule.next_run_at,
        _ => now + TimeDelta::hours(GRACE_HOURS),
    };
    let rule = Rule {
        id: stood.as_ref().map_or_else(|| RetentionRuleId(scope.new_id()), |rule| rule.id),
        act: asked.act.name().to_owned(),
        module: asked.resource.module.to_owned(),
        resource: asked.resource.name.to_owned(),
        basis: asked.basis.name().to_owned(),
        days: *days,
        version: stood.as_ref().map_or(1, |rule| rule.version + 1),
        set_by: scope.person().id,
        set_by_key: key,
        set_by_name: scope.actor().name.clone(),
        set_at: now,
        next_run_at,
        last_run_at: stood.as_ref().and_then(|rule| rule.last_run_at),
        last_outcome: stood.as_ref().and_then(|rule| rule.last_outcome.clone()),
        last_reduction: stood.as_ref().and_then(|rule| rule.last_reduction),
        last_status: stood.as_ref().and_then(|rule| rule.last_status.clone()),
        last_done: stood.as_ref().and_then(|rule| rule.last_done),
        last_reason: stood.as_ref().and_then(|rule| rule.last_reason.clone()),
    };
    match &stood {
        Some(_) => store::update(scope, tenant, workspace, &rule, is_more).await?,
        None => store::insert(scope, tenant, workspace, &rule).await?,
    }
    scope.record(changed(stood.as_ref(), &rule, looked.as_ref()));
    Ok(Some(rule))
}

/// What the terms would do today, where that is what was looked at.
async fn ask_seen(scope: &mut WorkspaceScope<ManageSettings>, terms: &Terms, seen: Option<Seen>) -> Result<Preview, AppError> {
    let says =
        "This takes more than there is a rule for. Look at what it would do today, and send before and inventory as the preview gave them.";
    let seen = seen.ok_or_else(|| AppError::invalid("inventory", says))?;
    // Of these days, and not looked at longer ago than a form lives.
    let late = terms.asked.before - seen.before;
    let looked = reductions::preview(scope, Asked { before: seen.before, ..terms.asked.clone() }).await?;
    if late < TimeDelta::zero() || late >= TimeDelta::days(1) || looked.digest() != seen.digest {
        let says = "What this would do has changed since you looked. Look at it again, and then decide. The rule is as it was.";
        return Err(AppError::Conflict(says.to_owned()));
    }
    Ok(looked)
}

fn changed(stood: Option<&Rule>, rule: &Rule, looked: Option<&Preview>) -> Event {
    let before = stood.map(|rule| rule.days.to_string());
    let event = Event::new(EventKind::RecordRetentionSet, rule.target())
        .changing("act", None, Some(&rule.act))
        .changing("module", None, Some(&rule.module))
        .changing("resource", None, Some(&rule.resource))
        .changing("days", before.as_deref(), Some(&rule.days.to_string()))
        .changing("next_run_at", None, Some(&rule.next_run_at.to_rfc3339()));
    match looked {
        Some(looked) => event.changing("records_today", None, Some(&looked.counted.records.to_string())).changing(
            "freed_bytes_today",
            None,
            Some(&looked.freed_bytes().to_string()),
        ),
        None => event,
    }
}

/// Removes one: a reduction that it began ends its batch, and no other begins.
///
/// # Errors
/// `NotFound` where there is none, `Stale` where it is at another version.
pub async fn remove(scope: &mut WorkspaceScope<ManageSettings>, id: RetentionRuleId, version: Option<i64>) -> Result<(), AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let shown = find(scope, id).await?;
    store::hold(scope, tenant, workspace, (&shown.resource, &shown.act)).await?;
    // As it is now that nobody changes it.
    let rule = find(scope, id).await?;
    if version.is_some_and(|version| version != rule.version) {
        return Err(AppError::Stale("This rule"));
    }
    store::delete(scope, tenant, workspace, id).await?;
    let event = Event::new(EventKind::RecordRetentionRemoved, rule.target())
        .changing("act", Some(&rule.act), None)
        .changing("resource", Some(&rule.resource), None)
        .changing("days", Some(&rule.days.to_string()), None);
    scope.record(event);
    Ok(())
}
