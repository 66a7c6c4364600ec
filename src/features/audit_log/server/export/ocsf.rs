//! The log as events of the Open Cybersecurity Schema Framework 1.3.0: one object a line, each of the class API Activity
//! (6003). Every act here is a call of the console, the API or the server itself, so that one class holds them all; what
//! the class has no place for stands in `unmapped`. `docs/audit-log.md` says which attribute is made of what.

use serde_json::{Map, Value, json};

use crate::{
    error::AppError,
    features::audit_log::server::{Entry, rest::changes},
};

const VERSION: &str = "1.3.0";
/// Application Activity, and in it API Activity.
const CATEGORY: i64 = 6;
const CLASS: i64 = 6003;
/// What verbs the activities are called by, and where an event's own begins with one of these.
const ACTIVITIES: [(i64, &str, &[&str]); 3] = [
    (1, "Create", &["created", "added", "started", "uploaded", "granted", "link_created", "adopted"]),
    (2, "Read", &["searched", "exported", "export_begun", "used"]),
    (4, "Delete", &["deleted", "removed", "revoked", "purged", "ended", "dropped", "left", "archived"]),
];

pub fn written(entries: &[Entry]) -> Result<Vec<u8>, AppError> {
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, &event(entry)).map_err(|_| AppError::Internal)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn event(entry: &Entry) -> Value {
    let (activity, activity_name) = activity(&entry.action);
    let (status, status_name) = if entry.outcome == "succeeded" { (1, "Success") } else { (2, "Failure") };
    let (severity, severity_name) = if entry.outcome == "succeeded" { (1, "Informational") } else { (2, "Low") };
    without_nothing(json!({
        "category_uid": CATEGORY,
        "category_name": "Application Activity",
        "class_uid": CLASS,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": CLASS * 100 + activity,
        "type_name": format!("API Activity: {activity_name}"),
        "time": entry.occurred_at.timestamp_millis(),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "status_code": entry.outcome,
        "status_detail": entry.reason,
        "metadata": {
            "version": VERSION,
            "product": { "name": "Stoa", "vendor_name": "Stoa", "version": env!("CARGO_PKG_VERSION") },
            "uid": entry.id.to_string(),
            "event_code": entry.action,
            "log_name": "audit",
            "correlation_uid": entry.request_id,
        },
        "actor": actor(entry),
        "api": {
            "operation": entry.action,
            "service": { "name": entry.channel },
            "request": entry.request_id.as_ref().map(|id| json!({ "uid": id })),
        },
        "src_endpoint": source(entry),
        "http_request": entry.user_agent.as_ref().map(|agent| json!({ "user_agent": agent })),
        "resources": [{ "type": entry.target_type, "uid": entry.target_id, "name": entry.target_name }],
        "unmapped": {
            "actor_type": entry.actor_type,
            "on_behalf_of": entry.on_behalf_of_id.as_ref().map(|id| json!({ "uid": id, "name": entry.on_behalf_of_name })),
            "client": entry.client,
            "route": entry.route,
            "client_request_id": entry.client_request_id,
            "changes": entry.changes.is_some().then(|| changes(entry.changes.clone())),
            "input_hash": entry.input(),
            "leaf_version": entry.leaf_version,
            "leaf_hash": entry.leaf(),
            "erased": entry.erased,
        },
    }))
}

/// What the last part of an event's name says of it. What was refused came to nothing.
fn activity(action: &str) -> (i64, &'static str) {
    let verb = action.rsplit('.').next().unwrap_or_default();
    if verb == "denied" {
        return (99, "Other");
    }
    let ends = |known: &&str| verb.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    let found = ACTIVITIES.into_iter().find(|(_, _, verbs)| verbs.iter().any(ends));
    found.map_or((3, "Update"), |(activity, name, _)| (activity, name))
}

fn actor(entry: &Entry) -> Value {
    let is_person = entry.actor_type == "user";
    let session = entry.credential_id.as_ref().filter(|id| id.starts_with("ses_"));
    let key = entry.credential_id.as_ref().filter(|id| !id.starts_with("ses_"));
    json!({
        "user": {
            "uid": entry.actor_id,
            "name": entry.actor_name,
            "type_id": if is_person { 1 } else { 3 },
            "type": if is_person { "User" } else { "System" },
            "credential_uid": key,
        },
        "session": session.map(|id| json!({ "uid": id })),
    })
}

/// Where it came from: an address, or the server itself.
fn source(entry: &Entry) -> Value {
    // An address that was erased is none: the class asks for one of the two.
    let ip = entry.ip.as_ref().filter(|_| !entry.is_erased("ip"));
    ip.map_or_else(|| json!({ "svc_name": "stoa" }), |ip| json!({ "ip": ip }))
}

/// An attribute that has no value is left out, at every depth; but not from what changed, where none is a value.
fn without_nothing(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| if name == "changes" { (name, value) } else { (name, kept_of(value)) }).collect::<Map<_, _>>())
}

fn kept_of(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(without_nothing).collect()),
        other => without_nothing(other),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{ids::AuditId, server::events::EventKind};

    fn entry() -> Entry {
        Entry {
            id: AuditId(Uuid::max()),
            occurred_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).expect("a time"),
            action: "api_key.created".to_owned(),
            actor_type: "user".to_owned(),
            actor_id: "usr_1".to_owned(),
            actor_name: "Ada".to_owned(),
            on_behalf_of_id: None,
            on_behalf_of_name: None,
            credential_id: Some("ses_1".to_owned()),
            client: None,
            channel: "console".to_owned(),
            route: Some("/w/{workspace}/api-keys/new".to_owned()),
            target_type: "api_key".to_owned(),
            target_id: "key_1".to_owned(),
            target_name: None,
            outcome: "succeeded".to_owned(),
            reason: None,
            request_id: Some("req_1".to_owned()),
            client_request_id: None,
            ip: Some("192.0.2.7".to_owned()),
            user_agent: None,
            input_hash: None,
            changes: Some(r#"[{"field":"name","before":null,"after":"Nightly"}]"#.to_owned()),
            leaf_version: 1,
            leaf_hash: vec![1; 32],
            erased: None,
        }
    }

    /// What the schema asks of every event of this class (`schema.ocsf.io/1.3.0/classes/api_activity`).
    const REQUIRED: [&str; 10] =
        ["activity_id", "actor", "api", "category_uid", "class_uid", "metadata", "severity_id", "src_endpoint", "time", "type_uid"];

    #[test]
    fn an_event_has_what_its_class_asks_for() {
        let system = Entry { ip: None, request_id: None, credential_id: None, actor_type: "system".to_owned(), ..entry() };
        for event in [event(&entry()), event(&system)] {
            for name in REQUIRED {
                assert!(!event[name].is_null(), "{name}: {event}");
            }
            assert!(event["metadata"]["version"] == "1.3.0" && event["metadata"]["product"]["vendor_name"] == "Stoa", "{event}");
            assert!(event["api"]["operation"].is_string() && event["actor"]["user"]["uid"].is_string(), "{event}");
            assert_eq!(event["type_uid"].as_i64(), event["activity_id"].as_i64().map(|activity| 600_300 + activity));
            assert!(event["src_endpoint"]["ip"].is_string() || event["src_endpoint"]["svc_name"].is_string(), "{event}");
            assert!(!event.to_string().replace("\"before\":null", "").contains("null"), "{event}");
        }
        let event = event(&entry());
        assert_eq!((event["time"].as_i64(), &event["activity_name"]), (Some(1_790_000_000_123), &json!("Create")));
        assert_eq!(event["unmapped"]["changes"], json!([{ "field": "name", "before": null, "after": "Nightly" }]));
        assert_eq!(event["actor"]["session"]["uid"], "ses_1");
    }

    #[test]
    fn events_are_activities_by_their_verb() {
        for (action, expected) in [
            ("record.task.created", "Create"),
            ("tenant.member_added", "Create"),
            ("audit_log.searched", "Read"),
            ("members.exported", "Read"),
            ("workspace.renamed", "Update"),
            ("tenant.member_removed", "Delete"),
            ("api_key.revoked", "Delete"),
            ("access.denied", "Other"),
        ] {
            assert_eq!(activity(action).1, expected, "{action}");
        }
        assert!(EventKind::every().any(|kind| activity(kind.name()).0 == 3));
    }
}
