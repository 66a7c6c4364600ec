//! The bound of a write: the same statements in the same round trips, with what one real call left behind as their
//! arguments.

use std::sync::Arc;

use anyhow::Context as _;
use axum::{Router, body::Bytes, extract::State, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json as value};
use uuid::Uuid;

use super::{Place, json, statements};
use crate::{
    error::AppError,
    ids::{AuditId, RecordId, RequestId},
    server::{
        chance,
        http::Problem,
        plans::Dimension,
        scope::{Intent, Transaction, call_statement},
        usage::{self, UsageEvent},
    },
};

struct Bare {
    place: Place,
    used: UsageEvent,
    /// Of the call that everything is like.
    answer: String,
    data: Value,
    audit: Audit,
    is_audited: bool,
    envelope: String,
}

/// What a row of the audit log says that is not of its own moment.
#[derive(sqlx::FromRow)]
struct Audit {
    log_id: Uuid,
    action: String,
    actor_type: String,
    actor_id: String,
    actor_name: String,
    on_behalf_of_id: Option<String>,
    on_behalf_of_name: Option<String>,
    credential_id: Option<String>,
    channel: String,
    route: String,
    target_type: String,
    target_id: Option<String>,
    target_name: Option<String>,
    outcome: String,
    reason: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    input_hash: Option<Vec<u8>>,
    changes: Option<String>,
    salts: Vec<u8>,
    leaf_version: i16,
    leaf_hash: Vec<u8>,
}

/// With the row of the audit log, or without it for what it costs.
pub async fn bound(place: &Place, like: &Value, is_audited: bool) -> anyhow::Result<Router> {
    let owner = place.stoa.config.database.owner_url.as_ref().context("database.owner_url: is needed to look at one call")?;
    let owner = crate::server::database::pool(owner, 1)?;
    let record: RecordId = like["data"]["id"].as_str().context("an id")?.parse()?;
    let audit: Audit = sqlx::query_as(
        "select log_id, action, actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id, channel, route,
                target_type, target_id, target_name, outcome, reason, ip, user_agent, input_hash, changes::text, salts, leaf_version, leaf_hash
         from audit_event
         where tenant_id = $1 and target_id = $2",
    )
    .bind(place.tenant.0)
    .bind(record.to_string())
    .fetch_one(&owner)
    .await?;
    let (data, envelope): (Value, String) = sqlx::query_as(
        "select record.data, outbox.envelope
         from record, outbox
         where record.tenant_id = $1 and record.id = $2 and outbox.tenant_id = $1 and outbox.envelope like '%' || $3 || '%'",
    )
    .bind(place.tenant.0)
    .bind(record.0)
    .bind(record.to_string())
    .fetch_one(&owner)
    .await?;
    owner.close().await;
    let used = UsageEvent::like_a_call(place.tenant, place.workspace, Dimension::RestWrite, "tasks.create", &place.stoa.clock);
    let answer = like.to_string();
    let bare = Bare { place: place.clone(), used, answer, data, audit, is_audited, envelope };
    Ok(Router::new().fallback(answered).with_state(Arc::new(bare)))
}

async fn answered(State(bare): State<Arc<Bare>>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let _: Value = serde_json::from_slice(&body).map_err(|_| AppError::Internal)?;
    create(&bare, key).await?;
    Ok(json(StatusCode::CREATED, bare.answer.clone()))
}

async fn create(bare: &Bare, key: &str) -> Result<(), AppError> {
    let stoa = &bare.place.stoa;
    let now = stoa.clock.now();
    let opening = call_statement(&bare.place.request, &bare.place.presented, Intent::Write, now);
    let (mut transaction, _) = Transaction::open(&stoa.db, opening).await?;
    hold(bare, &mut transaction, key, now).await?;
    insert(bare, &mut transaction, now).await?;
    keep_answer(bare, &mut transaction, key, now).await?;
    let id = AuditId(chance::uuid(now));
    if bare.is_audited {
        record(bare, &mut transaction, id, now).await?;
    }
    send(bare, &mut transaction, id, now).await?;
    let used = usage::append_statement(&[bare.place.used(&bare.used)])?;
    transaction.commit_with(used).await?;
    stoa.usage().wake();
    Ok(())
}

async fn hold(bare: &Bare, transaction: &mut Transaction, key: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    let name = format!("idempotent {} {} {key}", bare.place.presented.id, bare.audit.route);
    sqlx::query(statements::HOLD).bind(name).fetch_one(transaction.connection()).await?;
    sqlx::query(statements::FIND_ANSWER)
        .bind(bare.place.tenant.0)
        .bind(bare.place.workspace.0)
        .bind(bare.place.presented.id)
        .bind(&bare.audit.route)
        .bind(key)
        .bind(now)
        .fetch_optional(transaction.connection())
        .await?;
    Ok(())
}

async fn insert(bare: &Bare, transaction: &mut Transaction, now: DateTime<Utc>) -> Result<(), AppError> {
    let title = bare.data["title"].as_str().unwrap_or_default();
    let description = bare.data["description"].as_str().unwrap_or_default();
    sqlx::query(statements::INSERT)
        .bind(bare.place.tenant.0)
        .bind(bare.place.workspace.0)
        .bind(chance::uuid(now))
        .bind("tasks")
        .bind("task")
        .bind("open")
        .bind(&bare.data)
        .bind(value!({}))
        .bind(format!("{title}\n{description}"))
        .bind(&bare.audit.actor_type)
        .bind(&bare.audit.actor_id)
        .bind(now)
        .bind(vec!["status", "title"])
        .bind(vec![Some("open".to_owned()), Some(title.to_lowercase())])
        .bind(vec![None::<i64>; 2])
        .bind(vec![None::<DateTime<Utc>>; 2])
        .bind("")
        .fetch_one(transaction.connection())
        .await?;
    Ok(())
}

async fn keep_answer(bare: &Bare, transaction: &mut Transaction, key: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query(statements::INSERT_ANSWER)
        .bind(bare.place.tenant.0)
        .bind(bare.place.workspace.0)
        .bind(bare.place.presented.id)
        .bind(&bare.audit.route)
        .bind(key)
        .bind(bare.audit.leaf_hash.as_slice())
        .bind(201_i16)
        .bind(&bare.answer)
        .bind(now)
        .bind(now + TimeDelta::hours(24))
        .execute(transaction.connection())
        .await?;
    Ok(())
}

async fn record(bare: &Bare, transaction: &mut Transaction, id: AuditId, now: DateTime<Utc>) -> Result<(), AppError> {
    let audit = &bare.audit;
    sqlx::query(statements::INSERT_AUDIT)
        .bind(bare.place.tenant.0)
        .bind(now)
        .bind(id.0)
        .bind(audit.log_id)
        .bind(bare.place.workspace.0)
        .bind(&audit.action)
        .bind(&audit.actor_type)
        .bind(&audit.actor_id)
        .bind(&audit.actor_name)
        .bind(&audit.on_behalf_of_id)
        .bind(&audit.on_behalf_of_name)
        .bind(&audit.credential_id)
        .bind(&audit.channel)
        .bind(&audit.route)
        .bind(&audit.target_type)
        .bind(&audit.target_id)
        .bind(&audit.target_name)
        .bind(&audit.outcome)
        .bind(&audit.reason)
        .bind(RequestId(chance::uuid(now)).to_string())
        .bind(None::<String>)
        .bind(&audit.ip)
        .bind(&audit.user_agent)
        .bind(&audit.input_hash)
        .bind(&audit.changes)
        .bind(&audit.salts)
        .bind(audit.leaf_version)
        .bind(&audit.leaf_hash)
        .bind(None::<String>)
        .execute(transaction.connection())
        .await?;
    Ok(())
}

async fn send(bare: &Bare, transaction: &mut Transaction, id: AuditId, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query(statements::INSERT_OUTBOX)
        .bind(bare.place.tenant.0)
        .bind(id.0)
        .bind(bare.place.workspace.0)
        .bind(&bare.audit.action)
        .bind(now)
        .bind(&bare.envelope)
        .execute(transaction.connection())
        .await?;
    Ok(())
}
