//! Assets: what is announced fits this installation, what is kept is what was sent, and addresses are signed.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{
    super::{changing::advance, schemas},
    Asked, Change, Done, Once, OperationHook, Reading, ReadingHook, Record, ResourceHook, Writing,
};
use crate::{
    error::AppError,
    features::assets::server::{self as assets, Grant, Place},
    server::{modules::Resource, rest::instant},
};

const UPLOAD: &str = "upload";
/// What a file is stays as it was announced: the store holds that, and nothing else.
const FIXED: [&str; 2] = ["content_type", "size_bytes"];

pub struct Asset;

#[async_trait]
impl ResourceHook for Asset {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if change.is_new() {
            let (content_type, length) = announced(&change.after)?;
            return assets::why_not(scope.stoa(), content_type, length);
        }
        match FIXED.into_iter().find(|field| change.changes(field)) {
            Some(field) => Err(AppError::invalid(field, format!("{field} does not change any more. Create another asset."))),
            None => Ok(()),
        }
    }

    fn once(&self, scope: &Writing, record: &Record) -> Result<Option<Once>, AppError> {
        let remedy = "POST /assets/{id}/upload gives a new address.";
        Ok(Some(Once { field: UPLOAD, value: upload(scope, record)?, remedy }))
    }

    fn once_schema(&self) -> Option<(&'static str, Value)> {
        Some((UPLOAD, upload_schema()))
    }
}

/// A new address for a file that was announced.
pub struct Upload;

#[async_trait]
impl OperationHook for Upload {
    fn input(&self) -> Value {
        json!({ "type": "object", "additionalProperties": false })
    }

    fn output(&self) -> Value {
        upload_schema()
    }

    async fn run(&self, scope: &mut Writing, asked: Asked) -> Result<Done, AppError> {
        let record = asked.hold(scope).await?;
        ask_only(&asked.body, None)?;
        if record.status.as_deref() != Some("uploading") {
            return Err(completed());
        }
        let once = Some(("url", "Ask again with another idempotency key."));
        Ok(Done { data: upload(scope, &record)?, version: record.version, once })
    }
}

/// What was sent is what the asset holds.
pub struct Complete;

#[async_trait]
impl OperationHook for Complete {
    fn input(&self) -> Value {
        let says = "What the file's SHA-256 has to be, in hexadecimal digits; where it is not, nothing is completed.";
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": { "sha256": { "type": ["string", "null"], "pattern": "^[0-9a-fA-F]{64}$", "description": says } },
        })
    }

    fn output(&self) -> Value {
        crate::server::modules::resources().find(|resource| resource.name == "asset").map_or_else(|| json!({}), schemas::record)
    }

    async fn run(&self, scope: &mut Writing, asked: Asked) -> Result<Done, AppError> {
        let record = asked.hold(scope).await?;
        let wanted = sha256(&asked.body)?;
        if record.status.as_deref() == Some("ready") {
            return same_again(asked.resource, &record, wanted);
        }
        let (_, length) = announced(&record)?;
        let length = i64::try_from(length).map_err(|_| AppError::Internal)?;
        let kept = assets::keep(scope, place(scope, &record), length, wanted).await?;
        let transition = asked.resource.transition("complete").ok_or(AppError::Internal)?;
        let done = advance(scope, asked.resource, record, Some(transition), &[("sha256", json!(kept.sha256))]).await?;
        Ok(Done { data: done.shown(asked.resource), version: done.version, once: None })
    }
}

/// Where it may be fetched.
pub struct Download;

#[async_trait]
impl ReadingHook for Download {
    fn output(&self) -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["url", "expires_at"],
            "properties": { "url": { "type": "string", "format": "uri" }, "expires_at": { "type": "string", "format": "date-time" } },
        })
    }

    async fn read(&self, scope: &mut Reading, record: &Record) -> Result<Value, AppError> {
        if record.archived_at.is_some() {
            return Err(AppError::Conflict("This asset was put away, and its file is not given any more.".to_owned()));
        }
        if record.status.as_deref() != Some("ready") {
            return Err(AppError::Conflict("The file of this asset was not uploaded and completed yet.".to_owned()));
        }
        let place = Place { tenant: scope.tenant().id, workspace: scope.workspace().id, asset: record.id };
        let (url, expires_at) = assets::sign(&scope.stoa().config, place, &Grant::Get, scope.now());
        Ok(json!({ "url": url, "expires_at": instant(expires_at) }))
    }
}

fn place(scope: &Writing, record: &Record) -> Place {
    Place { tenant: scope.tenant().id, workspace: scope.workspace().id, asset: record.id }
}

/// The type and length of what is to come.
fn announced(record: &Record) -> Result<(&str, u64), AppError> {
    let content_type = record.data.get("content_type").and_then(Value::as_str);
    let length = record.data.get("size_bytes").and_then(Value::as_u64);
    content_type.zip(length).ok_or(AppError::Internal)
}

fn upload(scope: &Writing, record: &Record) -> Result<Value, AppError> {
    let (content_type, length) = announced(record)?;
    let grant = Grant::Put { length, content_type: content_type.to_owned() };
    let (url, expires_at) = assets::sign(&scope.stoa().config, place(scope, record), &grant, scope.now());
    let headers = json!({ "Content-Type": content_type, "Content-Length": length.to_string() });
    Ok(json!({ "method": "PUT", "url": url, "headers": headers, "expires_at": instant(expires_at) }))
}

fn upload_schema() -> Value {
    json!({
        "type": "object",
        "description": "Send exactly the announced bytes there, with these headers and without a key.",
        "additionalProperties": false,
        "required": ["method", "url", "headers", "expires_at"],
        "properties": {
            "method": { "type": "string", "enum": ["PUT"] },
            "url": { "type": "string", "format": "uri" },
            "headers": { "type": "object", "additionalProperties": { "type": "string" } },
            "expires_at": { "type": "string", "format": "date-time" },
        },
    })
}

fn sha256(body: &Map<String, Value>) -> Result<Option<&str>, AppError> {
    ask_only(body, Some("sha256"))?;
    match body.get("sha256") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(Some(text)),
        Some(_) => Err(AppError::invalid("sha256", "sha256 is not 64 hexadecimal digits.")),
    }
}

/// Whatever else is sent is named.
fn ask_only(body: &Map<String, Value>, known: Option<&str>) -> Result<(), AppError> {
    match body.keys().find(|name| Some(name.as_str()) != known) {
        Some(name) => {
            let shown: String = name.chars().take(80).collect();
            Err(AppError::invalid("body", format!("There is no field {shown:?} of this operation.")))
        }
        None => Ok(()),
    }
}

/// Completed once more, it stays as it is, if that is what is meant.
fn same_again(resource: &Resource, record: &Record, wanted: Option<&str>) -> Result<Done, AppError> {
    let found = record.data.get("sha256").and_then(Value::as_str).unwrap_or_default();
    match wanted {
        Some(wanted) if !wanted.eq_ignore_ascii_case(found) => Err(completed()),
        _ => Ok(Done { data: record.shown(resource), version: record.version, once: None }),
    }
}

fn completed() -> AppError {
    AppError::Conflict("This asset was completed already, and its file does not change any more. Create another asset.".to_owned())
}
