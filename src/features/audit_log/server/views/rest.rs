//! Saved views over the API: those of everybody. One's own are a person's, and a key is nobody's session.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{View, Wanted, change, create, delete, find, list_shared};
use crate::{
    access::workspace::{ManageSettings, ReadAudit},
    error::AppError,
    ids::AuditViewId,
    server::rest::{Answer, Call, Named, Nothing, Operation, instant},
};

pub fn operations() -> Vec<Operation> {
    let (read, write) = (Some("audit:read"), Some("settings:write"));
    vec![
        Operation::read(
            Named::new(
                "audit_views.list",
                "/audit-views",
                read,
                "The saved views of the audit log that everybody who reads it has, by name.",
            ),
            list,
        ),
        Operation::write(
            Method::POST,
            Named::new("audit_views.create", "/audit-views", write, "Saves a view of the audit log for everybody who reads it."),
            StatusCode::CREATED,
            add,
        ),
        Operation::write(
            Method::PUT,
            Named::new("audit_views.update", "/audit-views/{view}", write, "Changes a saved view, as a whole."),
            StatusCode::OK,
            set,
        ),
        Operation::write(
            Method::DELETE,
            Named::new("audit_views.delete", "/audit-views/{view}", write, "Deletes a saved view."),
            StatusCode::OK,
            remove,
        ),
    ]
}

/// A saved view: what the audit log is narrowed down to.
#[derive(Serialize, JsonSchema)]
struct SavedView {
    /// `avw_…`
    id: String,
    name: String,
    /// As `q` of `audit_log.list` takes it.
    q: Option<String>,
    /// `today`, `7d`, `30d` or `90d`.
    range: Option<String>,
    /// The first day, `2026-11-22`: of whoever looks, in their own time zone.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    version: i64,
    updated_at: String,
}

impl From<View> for SavedView {
    fn from(view: View) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name,
            q: Some(view.line).filter(|line| !line.is_empty()),
            range: view.within,
            from: view.from_day.map(|day| day.to_string()),
            to: view.to_day.map(|day| day.to_string()),
            version: view.version,
            updated_at: instant(view.updated_at),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SaveView {
    /// 1 to 60 characters, which no other view here has.
    #[schemars(length(min = 1, max = 60))]
    name: String,
    /// As `q` of `audit_log.list` takes it.
    #[schemars(length(max = 500))]
    q: Option<String>,
    /// `today`, `7d`, `30d` or `90d`; without `from` and `to`.
    range: Option<String>,
    /// The first day, `2026-11-22`.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
}

impl SaveView {
    fn wanted(&self, call: &Call<ManageSettings>) -> Result<Wanted, AppError> {
        Wanted::read(&call.scope, |field| {
            let given = match field {
                "name" => Some(&self.name),
                "q" => self.q.as_ref(),
                "range" => self.range.as_ref(),
                "from" => self.from.as_ref(),
                _ => self.to.as_ref(),
            };
            given.cloned().unwrap_or_default()
        })
    }
}

async fn list(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, Vec<SavedView>>, AppError> {
    let views = list_shared(&mut call.scope).await?;
    Ok(call.answers(views.into_iter().map(SavedView::from).collect::<Vec<_>>()))
}

async fn add(mut call: Call<ManageSettings>, input: SaveView) -> Result<Answer<ManageSettings, SavedView>, AppError> {
    let wanted = input.wanted(&call)?;
    let id = create(&mut call.scope, &wanted).await?;
    saved(call, id).await
}

async fn set(mut call: Call<ManageSettings>, input: SaveView) -> Result<Answer<ManageSettings, SavedView>, AppError> {
    let id = call.named("view")?;
    let current = find(&mut call.scope, id).await?;
    let wanted = input.wanted(&call)?;
    let version = call.version_or(current.version);
    change(&mut call.scope, id, &wanted, version).await?;
    saved(call, id).await
}

async fn saved(mut call: Call<ManageSettings>, id: AuditViewId) -> Result<Answer<ManageSettings, SavedView>, AppError> {
    let view = find(&mut call.scope, id).await?;
    let version = view.version;
    Ok(call.answers(SavedView::from(view)).at_version(version))
}

#[derive(Serialize, JsonSchema)]
struct Deleted {
    id: String,
    deleted: bool,
}

async fn remove(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, Deleted>, AppError> {
    let id: AuditViewId = call.named("view")?;
    let current = find(&mut call.scope, id).await?;
    let version = call.version_or(current.version);
    delete(&mut call.scope, id, version).await?;
    Ok(call.answers(Deleted { id: id.to_string(), deleted: true }))
}
