//! The hooks of the CMS: every writing of an entry is kept as a revision, and an entry is written again as it was once.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{Asked, Change, Done, OperationHook, ResourceHook, Writing, resource};
use crate::{
    error::AppError,
    features::records::server::{
        Listing, Order, Record,
        changing::{self, held_live},
        entry::problem,
        list, schemas,
    },
    ids::RecordId,
    server::modules::{Indexed, Resource},
};

const ARCHIVED: &str = "archived";
/// What of an entry a revision keeps, and gives back.
const WRITTEN: [&str; 4] = ["title", "slug", "body", "data"];

pub struct Entry;

#[async_trait]
impl ResourceHook for Entry {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        let stays_archived = change.before.as_ref().is_some_and(|before| before.status.as_deref() == Some(ARCHIVED));
        if stays_archived && change.after.status.as_deref() == Some(ARCHIVED) {
            return Err(AppError::Conflict("This entry is archived, and does not change. Restore it first.".to_owned()));
        }
        ask_slug(scope, change).await?;
        let revision = change.before.as_ref().and_then(|before| before.data.get("revision")?.as_i64()).unwrap_or_default();
        change.set("revision", Some(json!(revision + 1)))
    }

    async fn after(&self, scope: &mut Writing, change: &Change) -> Result<(), AppError> {
        let mut body = Map::new();
        body.insert("entry".to_owned(), json!(change.after.id));
        body.insert("state".to_owned(), json!(change.after.status));
        body.insert("custom_fields".to_owned(), json!(*change.after.custom_fields));
        for name in ["revision"].iter().chain(&WRITTEN) {
            body.extend(change.value(name).map(|value| ((*name).to_owned(), value.clone())));
        }
        changing::create(scope, resource("entry_revision")?, body).await.map(drop)
    }
}

/// A word is one entry's in its collection, which is held so that nobody else takes it meanwhile.
async fn ask_slug(scope: &mut Writing, change: &Change) -> Result<(), AppError> {
    if !change.changes("slug") && !change.changes("collection") {
        return Ok(());
    }
    let slug = change.text("slug").unwrap_or_default().to_lowercase();
    let is_word = slug.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !is_word || change.text("slug") != Some(&slug) {
        let says = "is not lower-case letters and digits, with single hyphens between them";
        return Err(AppError::Invalid(vec![problem("slug", says)]));
    }
    let collection: RecordId = change.text("collection").and_then(|text| text.parse().ok()).ok_or(AppError::Internal)?;
    held_live(scope, resource("collection")?, collection, None).await.map_err(|error| match error {
        AppError::Conflict(_) => AppError::Invalid(vec![problem("collection", "was put away. Move the entry to another one first")]),
        error => error,
    })?;
    let same = found(scope, change.resource, vec![("slug", Indexed::Text(slug)), ("collection", Indexed::Text(collection.to_string()))], 2);
    if same.await?.iter().any(|other| other.id != change.after.id) {
        return Err(AppError::Invalid(vec![problem("slug", "is that of another entry of the collection. Choose another one")]));
    }
    Ok(())
}

async fn found(
    scope: &mut Writing,
    resource: &'static Resource,
    filters: Vec<(&'static str, Indexed)>,
    most: i64,
) -> Result<Vec<Record>, AppError> {
    let listing = Listing { archived: false, words: None, filters, order: Order::Added { newest_first: true }, after: None, most };
    list(scope, resource, &listing).await
}

pub struct RevertEntry;

#[async_trait]
impl OperationHook for RevertEntry {
    fn input(&self) -> Value {
        json!({
            "type": "object",
            "required": ["revision"],
            "additionalProperties": false,
            "properties": { "revision": { "type": "integer", "minimum": 1, "description": "Which of its revisions it is to be like." } },
        })
    }

    fn output(&self) -> Value {
        resource("entry").map(schemas::record).unwrap_or_default()
    }

    async fn run(&self, scope: &mut Writing, mut asked: Asked) -> Result<Done, AppError> {
        let entry = asked.hold(scope).await?;
        let revision = asked.body.remove("revision").and_then(|value| value.as_i64()).filter(|revision| *revision > 0);
        let revision = revision.ok_or_else(|| AppError::Invalid(vec![problem("revision", "is not a whole number from 1 on")]))?;
        if let Some(name) = asked.body.keys().next() {
            let shown: String = name.chars().take(80).collect();
            return Err(AppError::invalid("body", format!("There is no field {shown:?}: revision is the only one.")));
        }
        let filters = vec![("entry", Indexed::Text(entry.id.to_string())), ("revision", Indexed::Number(revision))];
        let kept = found(scope, resource("entry_revision")?, filters, 1).await?;
        let kept = kept.first().ok_or_else(|| AppError::Invalid(vec![problem("revision", "is none that this entry has")]))?;
        let body = WRITTEN.iter().map(|name| ((*name).to_owned(), kept.data.get(*name).cloned().unwrap_or_default())).collect();
        let written = changing::change(scope, asked.resource, entry.id, None, body).await?;
        Ok(Done { data: written.shown(asked.resource), version: written.version, once: None })
    }
}
