//! How long the workspace's audit log is kept, and the holds on it, over the API. Holds are put on by people alone.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hold, Kept as _, Standing, choose, standing};
use crate::{
    access::workspace::{ManageSettings, ReadAudit},
    error::AppError,
    server::{
        rest::{Answer, Call, Named, Nothing, Operation, instant},
        scope::InWorkspace,
    },
};

pub fn operations() -> Vec<Operation> {
    let read = Some("audit:read");
    vec![
        Operation::read(
            Named::new("audit_retention.get", "/audit-retention", read, "For how long rows of the workspace's audit log are kept."),
            get,
        ),
        Operation::write(
            Method::PUT,
            Named::new(
                "audit_retention.set",
                "/audit-retention",
                Some("settings:write"),
                "Chooses for how long rows of the workspace's audit log are kept. A shorter time is in force 30 days later, a longer one at once.",
            ),
            StatusCode::OK,
            set,
        ),
        Operation::read(
            Named::new(
                "audit_holds.list",
                "/audit-holds",
                read,
                "The legal holds on the workspace's audit log. While there is one, nothing of the log goes.",
            ),
            list,
        ),
    ]
}

#[derive(Serialize, JsonSchema)]
struct AuditRetention {
    /// For so many days rows are kept now; null for ever.
    days: Option<i32>,
    /// What the plan, or an exception to it, allows at most; null for ever.
    allowed_days: Option<i32>,
    /// What is chosen for this log, in force or not yet; null for as long as the plan allows.
    chosen_days: Option<i32>,
    /// What is to come, where that is decided.
    next: Option<NextRetention>,
    /// Whether a legal hold keeps everything.
    held: bool,
    version: i64,
}

#[derive(Serialize, JsonSchema)]
struct NextRetention {
    /// Null for ever.
    days: Option<i32>,
    /// RFC 3339, UTC.
    from: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetRetention {
    /// 30 to 36500; null for as long as the plan allows.
    days: Option<i32>,
}

#[derive(Serialize, JsonSchema)]
struct AuditHold {
    /// `ahd_…`
    id: String,
    /// The matter that it is for.
    name: String,
    reason: String,
    /// `operator`, or `owner` of the account.
    placed_by: &'static str,
    /// RFC 3339, UTC.
    placed_at: String,
}

impl From<Hold> for AuditHold {
    fn from(hold: Hold) -> Self {
        Self {
            id: hold.id.to_string(),
            name: hold.name,
            reason: hold.reason,
            placed_by: if hold.by_operator { "operator" } else { "owner" },
            placed_at: instant(hold.placed_at),
        }
    }
}

fn written(standing: &Standing, now: chrono::DateTime<chrono::Utc>) -> AuditRetention {
    AuditRetention {
        days: standing.days(now),
        allowed_days: standing.allowed.wanted(),
        chosen_days: standing.wanted(),
        next: standing.coming(now).map(|(days, from)| NextRetention { days, from: instant(from) }),
        held: !standing.holds.is_empty(),
        version: standing.version(),
    }
}

async fn get(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, AuditRetention>, AppError> {
    let place = InWorkspace::place(&call.scope);
    let standing = standing(&mut call.scope, &place).await?;
    let kept = written(&standing, call.scope.now());
    Ok(call.answers(kept).at_version(standing.version()))
}

async fn set(mut call: Call<ManageSettings>, input: SetRetention) -> Result<Answer<ManageSettings, AuditRetention>, AppError> {
    let place = InWorkspace::place(&call.scope);
    let version = call.version();
    choose(&mut call.scope, &place, input.days, version).await?;
    let standing = standing(&mut call.scope, &place).await?;
    let kept = written(&standing, call.scope.now());
    Ok(call.answers(kept).at_version(standing.version()))
}

async fn list(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, Vec<AuditHold>>, AppError> {
    let place = InWorkspace::place(&call.scope);
    let standing = standing(&mut call.scope, &place).await?;
    Ok(call.answers(standing.holds.into_iter().map(AuditHold::from).collect::<Vec<_>>()))
}
