//! Record retention over the API: the rules, setting one that was looked at, and removing it. No pause of billable calls blocks
//! any of it.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Rule, Seen, Terms, find, find_of, list, remove, set};
use crate::{
    access::workspace::{ManageSettings, ReadSettings},
    error::AppError,
    features::reductions::server::rest::{ask_module, moment},
    ids::RetentionRuleId,
    server::rest::{Answer, Call, Named, Nothing, Operation, instant},
};

const READ: Option<&str> = Some("settings:read");
const WRITE: Option<&str> = Some("settings:write");

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            Named::new(
                "record_retention.list",
                "/record-retention",
                READ,
                "The rules by which records of the workspace are put away or go for good by themselves, with what each did last.",
            ),
            all,
        ),
        Operation::read(
            Named::new("record_retention.get", "/record-retention/{rule}", READ, "One rule, what it did last, and when its next turn is."),
            get,
        ),
        Operation::write(
            Method::PUT,
            Named::new(
                "record_retention.set",
                "/record-retention",
                WRITE,
                "Sets the rule of a resource and an act. A new rule, and one of fewer days, has to be looked at with reductions.preview and begins a day later; more days hold at once. Asks for the module's own write scope too.",
            ),
            StatusCode::OK,
            put,
        ),
        Operation::write(
            Method::DELETE,
            Named::new(
                "record_retention.remove",
                "/record-retention/{rule}",
                WRITE,
                "Removes a rule at once. A reduction that it began ends with the batch that is on its way.",
            ),
            StatusCode::OK,
            delete,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetRetentionRule {
    /// `archive` or `purge`. There is one rule of each for a resource.
    act: String,
    /// What its records are: `task`.
    resource: String,
    /// 1 to 36500: since they were archived, last changed (to be archived), or added, where they are only ever added.
    days: u32,
    /// As `reductions.preview` gave it for the same act, resource and days; not asked for where the rule has more days than before.
    before: Option<String>,
    /// The same: what it would do today must be the same still.
    inventory: Option<String>,
}

/// What is done to records of a resource by itself, once a day at most.
#[derive(Serialize, JsonSchema)]
struct RetentionRule {
    /// `rrl_…`
    id: String,
    act: String,
    module: String,
    resource: String,
    /// `archived`, `changed` or `added`: since when the days are counted.
    basis: String,
    days: i32,
    /// RFC 3339, UTC: not before.
    next_run_at: String,
    last_run_at: Option<String>,
    /// What came of its last turn: `began` a reduction; `nothing` was so old; `held` by a legal hold; `busy`, as another reduction
    /// of the resource ran; `rested`, as it had missed turns and waits for a day once more; `undeclared` by its manifest.
    last_outcome: Option<String>,
    /// The reduction that it began last (`rdc_…`).
    last_reduction: Option<String>,
    set_by: String,
    set_at: String,
    version: i64,
}

impl From<Rule> for RetentionRule {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id.to_string(),
            act: rule.act,
            module: rule.module,
            resource: rule.resource,
            basis: rule.basis,
            days: rule.days,
            next_run_at: instant(rule.next_run_at),
            last_run_at: rule.last_run_at.map(instant),
            last_outcome: rule.last_outcome,
            last_reduction: rule.last_reduction.map(|reduction| reduction.to_string()),
            set_by: rule.set_by_name,
            set_at: instant(rule.set_at),
            version: rule.version,
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct RemovedRule {
    id: String,
    removed: bool,
}

async fn all(mut call: Call<ReadSettings>, _: Nothing) -> Result<Answer<ReadSettings, Vec<RetentionRule>>, AppError> {
    let rules = list(&mut call.scope).await?;
    Ok(call.answers(rules.into_iter().map(RetentionRule::from).collect()))
}

async fn get(mut call: Call<ReadSettings>, _: Nothing) -> Result<Answer<ReadSettings, RetentionRule>, AppError> {
    let id = call.named("rule")?;
    let rule = find(&mut call.scope, id).await?;
    let version = rule.version;
    Ok(call.answers(rule.into()).at_version(version))
}

async fn put(mut call: Call<ManageSettings>, input: SetRetentionRule) -> Result<Answer<ManageSettings, RetentionRule>, AppError> {
    let terms = Terms::new(&input.act, &input.resource, &input.days.to_string(), call.scope.now())?;
    ask_module(&call, terms.asked.resource, true)?;
    let seen = match (input.before, input.inventory) {
        (Some(before), Some(digest)) => Some(Seen { before: moment(&before)?, digest }),
        (None, None) => None,
        (None, Some(_)) => return Err(AppError::invalid("before", "Send before with inventory, as the preview gave both.")),
        (Some(_), None) => return Err(AppError::invalid("inventory", "Send inventory with before, as the preview gave both.")),
    };
    let (key, version) = (call.caller.key, call.version());
    set(&mut call.scope, &terms, seen, version, Some(key)).await?;
    let rule = find_of(&mut call.scope, terms.asked.resource.name, terms.asked.act).await?.ok_or(AppError::Internal)?;
    let version = rule.version;
    Ok(call.answers(rule.into()).at_version(version))
}

async fn delete(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, RemovedRule>, AppError> {
    let id: RetentionRuleId = call.named("rule")?;
    let version = call.version();
    remove(&mut call.scope, id, version).await?;
    Ok(call.answers(RemovedRule { id: id.to_string(), removed: true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pause_blocks_any_of_it() {
        for operation in operations() {
            assert!(operation.gate.while_paused && operation.gate.module.is_none(), "{}", operation.id);
        }
    }
}
