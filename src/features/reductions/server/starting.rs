//! Beginning a reduction, and stopping one.

use serde_json::json;

use super::{Act, Asked, Preview, Reduction, asked::hanging_on, find, preview, store, target, working::REDUCE};
use crate::{
    access::workspace::ManageSettings,
    error::AppError,
    ids::{ApiKeyId, ReductionId, RetentionRuleId, UserId},
    server::{
        events::{Event, EventKind},
        queue,
        scope::WorkspaceScope,
    },
};

pub const HELD: &str = "A legal hold is on this workspace's log: nothing is purged until the account's owner or the operator lifts it.";

/// Begins what was looked at; `digest` is of what was shown.
///
/// # Errors
/// `Conflict` where it would do something else by now, where nothing is left to do, where one of the resource runs, and for a
/// purge under a legal hold.
pub async fn start(
    scope: &mut WorkspaceScope<ManageSettings>,
    asked: Asked,
    digest: &str,
    key: Option<ApiKeyId>,
) -> Result<Reduction, AppError> {
    let looked = preview(scope, asked).await?;
    let (asked, counted) = (&looked.asked, &looked.counted);
    if looked.is_held && asked.act == Act::Purge {
        return Err(AppError::Conflict(HELD.to_owned()));
    }
    if looked.digest() != digest {
        let says = "What this would do has changed since you looked. Look at it again, and then decide. Nothing was done.";
        return Err(AppError::Conflict(says.to_owned()));
    }
    if counted.records == 0 {
        return Err(AppError::Conflict("There is nothing that old. Nothing was done.".to_owned()));
    }
    let by = By { user: scope.person().id, key, name: scope.actor().name.clone(), rule: None };
    begin(scope, &looked, by).await
}

/// In whose name it is done: of a person or their key, or by a rule of that version, which somebody had set.
pub struct By {
    pub user: UserId,
    pub key: Option<ApiKeyId>,
    pub name: String,
    pub rule: Option<(RetentionRuleId, i64)>,
}

/// Begins it as it was looked at within the same scope: whatever there is to ask was asked.
///
/// # Errors
/// `Conflict` where one of the resource runs.
pub async fn begin(scope: &mut WorkspaceScope<ManageSettings>, looked: &Preview, by: By) -> Result<Reduction, AppError> {
    let Preview { asked, counted, .. } = looked;
    let now = scope.now();
    let reduction = Reduction {
        id: ReductionId(scope.new_id()),
        act: asked.act.name().to_owned(),
        module: asked.resource.module.to_owned(),
        resource: asked.resource.name.to_owned(),
        basis: asked.basis.name().to_owned(),
        before: asked.before,
        expected: counted.records,
        done: 0,
        kept: 0,
        parts: 0,
        freed_bytes: 0,
        cursor: None,
        status: "running".to_owned(),
        reason: None,
        user: by.user,
        key: by.key,
        rule: by.rule.map(|(rule, _)| rule),
        rule_version: by.rule.map(|(_, version)| version),
        asked_by: by.name,
        started_at: now,
        touched_at: now,
        ended_at: None,
    };
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let (parts, _) = hanging_on(asked.resource);
    store::insert(scope, tenant, workspace, &reduction, &parts).await?;
    let number = |number: i64| number.to_string();
    let event = Event::new(EventKind::ReductionStarted, target(reduction.id, &reduction.resource))
        .changing("act", None, Some(&reduction.act))
        .changing("module", None, Some(&reduction.module))
        .changing("resource", None, Some(&reduction.resource))
        .changing(format!("{}_before", reduction.basis), None, Some(&reduction.before.to_rfc3339()))
        .changing("records", None, Some(&number(counted.records)))
        .changing("parts", None, Some(&number(counted.parts)))
        .changing("files", None, Some(&number(counted.files)))
        .changing("bytes", None, Some(&number(counted.bytes + counted.part_bytes + counted.file_bytes)));
    let event = match reduction.rule {
        Some(rule) => event.changing("rule", None, Some(&rule.to_string())),
        None => event,
    };
    scope.record(event);
    let payload = json!({ "workspace": workspace, "reduction": reduction.id });
    queue::enqueue(scope, tenant, REDUCE, &payload, now).await?;
    Ok(reduction)
}

/// Stops one: the batch that is on its way ends, and no other begins.
///
/// # Errors
/// `NotFound` where there is none, `Conflict` where it is over.
pub async fn stop(scope: &mut WorkspaceScope<ManageSettings>, id: ReductionId) -> Result<Reduction, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    find(scope, id).await?;
    let Some(stopped) = store::end(scope, tenant, workspace, id, "stopped", None).await? else {
        return Err(AppError::Conflict("This reduction is over already.".to_owned()));
    };
    let event = Event::new(EventKind::ReductionStopped, stopped.target()).changing("done", None, Some(&stopped.done.to_string())).changing(
        "of",
        None,
        Some(&stopped.expected.to_string()),
    );
    scope.record(event);
    Ok(stopped)
}
