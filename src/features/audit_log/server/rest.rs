//! The workspace's audit log over the API: the same rows, filters and records of a search as in the console.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, Cursor, Entry, Filter, Format, LINE, LOOKED_AT, Logged as _, Reading, export, find, list_of, search};
use crate::{
    access::workspace::ReadAudit,
    error::AppError,
    server::{
        http::door::Parameters,
        plans::Dimension,
        rest::{Answer, Call, Named, Nothing, Operation, PageQuery, Streamed, cursor},
        scope::InWorkspace,
    },
};

/// Of the files.
const KINDS: &[&str] = &["text/csv; charset=utf-8", "application/x-ndjson"];

pub fn operations() -> Vec<Operation> {
    let scope = Some("audit:read");
    vec![
        Operation::search(
            Named::new(
                "audit_log.list",
                "/audit-log",
                scope,
                "The workspace's audit log, newest first. A search with any filter is itself a row of it. Of what no index is for, 50,000 rows are looked at for a page: it may be short, and next_cursor goes on.",
            ),
            list,
        ),
        Operation::stream(
            Named::new(
                "audit_log.export",
                "/audit-log/export",
                scope,
                "All rows of the workspace's audit log that are asked for, newest first, as one file however long it is. It ends with an error where it was cut off.",
            ),
            KINDS,
            export_rows,
        ),
        Operation::read(Named::new("audit_log.get", "/audit-log/{row}", scope, "One row of the workspace's audit log."), get),
    ]
}

/// One row of the log, whole.
#[derive(Serialize, JsonSchema)]
pub(super) struct AuditRow {
    /// `aud_…`
    id: String,
    /// RFC 3339, UTC, to the microsecond.
    occurred_at: String,
    /// `noun.verb`, in the past: `member.added`.
    action: String,
    /// `succeeded`, `denied` or `failed`.
    outcome: String,
    /// Why, where somebody or something said so.
    reason: Option<String>,
    actor: Actor,
    /// The steward, where a key acted.
    on_behalf_of: Option<Behalf>,
    /// The session (`ses_…`) or key (`key_…`) that it was done with.
    credential_id: Option<String>,
    client: Option<String>,
    /// `console`, `api`, `mcp`, `cli`, `idp` or `system`.
    channel: String,
    route: Option<String>,
    target: Target,
    /// The fields that differ, before and after. Secrets are never written down.
    changes: Vec<Change>,
    request_id: Option<String>,
    client_request_id: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    /// Keyed, of what was sent, in hex.
    input_hash: Option<String>,
    leaf_version: i16,
    /// In hex.
    leaf_hash: String,
    /// The fields in which something of a person stood that was erased: `actor_name`, `on_behalf_of_name`, `target_name`,
    /// `reason`, `ip`, `user_agent`, `changes`. The word `erased` stands there now.
    erased: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Actor {
    /// `user`, `agent`, `system` or `operator`.
    #[serde(rename = "type")]
    kind: String,
    id: String,
    /// As it was then.
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct Behalf {
    id: String,
    name: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Target {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    /// As it was then.
    name: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Change {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

/// From the text that was hashed; one that is no list of changes is given as it is.
pub(super) fn changes(text: Option<String>) -> Vec<Change> {
    let Some(text) = text else { return Vec::new() };
    serde_json::from_str(&text).unwrap_or_else(|_| vec![Change { field: "changes".to_owned(), before: None, after: Some(text) }])
}

impl From<Entry> for AuditRow {
    fn from(entry: Entry) -> Self {
        let (input_hash, leaf_hash) = (entry.input(), entry.leaf());
        Self {
            id: entry.id.to_string(),
            occurred_at: entry.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            action: entry.action,
            outcome: entry.outcome,
            reason: entry.reason,
            actor: Actor { kind: entry.actor_type, id: entry.actor_id, name: entry.actor_name },
            on_behalf_of: entry.on_behalf_of_id.map(|id| Behalf { id, name: entry.on_behalf_of_name }),
            credential_id: entry.credential_id,
            client: entry.client,
            channel: entry.channel,
            route: entry.route,
            target: Target { kind: entry.target_type, id: entry.target_id, name: entry.target_name },
            changes: changes(entry.changes),
            request_id: entry.request_id,
            client_request_id: entry.client_request_id,
            ip: entry.ip,
            user_agent: entry.user_agent,
            input_hash,
            leaf_version: entry.leaf_version,
            leaf_hash,
            erased: entry.erased.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListRows {
    #[serde(flatten)]
    page: PageQuery,
    #[serde(flatten)]
    filters: Filters,
}

#[derive(Deserialize, JsonSchema)]
struct ExportRows {
    /// `csv`, `jsonl` (one row a line, as `audit_log.get` gives it) or `ocsf` (one event of OCSF 1.3.0 a line).
    format: Option<String>,
    #[serde(flatten)]
    filters: Filters,
}

/// What narrows the log down. All that is given has to hold.
#[derive(Deserialize, JsonSchema)]
struct Filters {
    /// Words, and qualifiers with what follows them, as in the console: `outcome:denied -channel:api "two words"`. What is
    /// asked for here is not asked for by a parameter of its own too.
    #[schemars(length(max = 500))]
    q: Option<String>,
    /// The whole id, or a part of the name, of who acted or for whom they did.
    actor: Option<String>,
    /// A whole name (`member.added`), or the beginning of several with its dot (`member.`).
    action: Option<String>,
    /// The whole id, or a part of the name, of what it was done to.
    target: Option<String>,
    /// `succeeded`, `denied` or `failed`.
    outcome: Option<String>,
    /// The request that it was part of, `req_…`.
    request: Option<String>,
    /// `today`, `7d`, `30d` or `90d`, in days of UTC; without `from` and `to`.
    range: Option<String>,
    /// RFC 3339; rows of this moment and later ones.
    from: Option<String>,
    /// RFC 3339; rows before this moment.
    to: Option<String>,
}

impl Filters {
    /// # Errors
    /// `Invalid` with all that cannot be understood: nobody takes a list for narrower than it is.
    fn filter(&self, now: DateTime<Utc>) -> Result<Filter, AppError> {
        let given = [
            (LINE, &self.q),
            ("actor", &self.actor),
            ("action", &self.action),
            ("target", &self.target),
            ("outcome", &self.outcome),
            ("request", &self.request),
            ("range", &self.range),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let query: Parameters = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
        let Asked { filter, problems, .. } = Asked::read_exact(&query, now);
        if problems.is_empty() { Ok(filter) } else { Err(AppError::Invalid(problems)) }
    }
}

async fn export_rows(mut call: Call<ReadAudit>, query: ExportRows) -> Result<Streamed<ReadAudit>, AppError> {
    let asked = query.format.as_deref().unwrap_or(Format::Csv.name());
    let format = Format::ALL.into_iter().find(|format| format.name() == asked);
    let format = format.ok_or_else(|| AppError::invalid("format", "This format is not known. Choose csv, jsonl or ocsf."))?;
    let filter = query.filters.filter(call.scope.now())?;
    let source = InWorkspace::source(&mut call.scope).await?;
    let export = export(&mut call.scope, &source, &filter, format).await?;
    call.counts_as(Dimension::BulkOperation);
    let again = call.again();
    Ok(call.streams(format.content_type(), move || export.into_body(again)))
}

async fn list(mut call: Call<ReadAudit>, query: ListRows) -> Result<Answer<ReadAudit, Vec<AuditRow>>, AppError> {
    let filter = query.filters.filter(call.scope.now())?;
    let (after, most) = (query.page.after::<Cursor>()?, usize::try_from(query.page.limit()?).unwrap_or_default());
    let source = InWorkspace::source(&mut call.scope).await?;
    let listed = list_of(&mut call.scope, &source, &filter, after, Reading { most, looked_at: LOOKED_AT }).await?;
    search(&mut call.scope, &source, &filter).await?;
    let next = listed.next.map(|next| cursor(&next.to_string()));
    Ok(call.answers(listed.entries.into_iter().map(AuditRow::from).collect::<Vec<_>>()).continued(next))
}

async fn get(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, AuditRow>, AppError> {
    let id = call.named("row")?;
    let source = InWorkspace::source(&mut call.scope).await?;
    let entry = find(&mut call.scope, &source, id).await?;
    Ok(call.answers(AuditRow::from(entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_cannot_be_read_are_given_whole() {
        let read = changes(Some(r#"[{"field":"name","before":"Shop","after":null}]"#.to_owned()));
        assert_eq!((read.len(), read[0].field.as_str(), read[0].before.as_deref()), (1, "name", Some("Shop")));
        assert_eq!(changes(Some("{}".to_owned()))[0].after.as_deref(), Some("{}"));
        assert_eq!(changes(None).len(), 0);
    }
}
