//! The bounds of a read: the same statements in the same round trips under row-level security with the same usage, and the
//! select alone.

use std::sync::Arc;

use anyhow::Context as _;
use axum::{Router, extract::State, response::Response};
use http::StatusCode;
use serde_json::value::RawValue;
use sqlx::{
    PgPool, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query,
    types::Json,
};

use super::{Place, json, statements};
use crate::{
    error::AppError,
    ids::RecordId,
    server::{
        database,
        http::Problem,
        plans::Dimension,
        scope::{Intent, Transaction, call_statement},
        usage::UsageEvent,
    },
};

struct Bare {
    place: Place,
    record: RecordId,
    used: UsageEvent,
}

/// Opens as a call does, reads, ends, and waits for its usage to be kept.
pub fn bound(place: &Place, record: RecordId) -> Router {
    Router::new().fallback(within_reach).with_state(Arc::new(Bare::new(place, record)))
}

/// The statement by itself, on as many connections: the tables' owner sees every row without a reach.
pub fn alone(place: &Place, record: RecordId) -> anyhow::Result<Router> {
    let database = &place.stoa.config.database;
    let owner = database.owner_url.as_ref().context("database.owner_url: is needed to read without a reach")?;
    let db = database::pool(owner, database.max_connections)?;
    Ok(Router::new().fallback(by_itself).with_state(Arc::new((db, Bare::new(place, record)))))
}

impl Bare {
    fn new(place: &Place, record: RecordId) -> Self {
        let used = UsageEvent::like_a_call(place.tenant, place.workspace, Dimension::RestRead, "tasks.get", &place.stoa.clock);
        Self { place: place.clone(), record, used }
    }
}

async fn within_reach(State(bare): State<Arc<Bare>>) -> Result<Response, Problem> {
    Ok(read(&bare).await?)
}

async fn read(bare: &Bare) -> Result<Response, AppError> {
    let stoa = &bare.place.stoa;
    let opening = call_statement(&bare.place.request, &bare.place.presented, Intent::Read, stoa.clock.now());
    let (mut transaction, _) = Transaction::open(&stoa.db, opening).await?;
    let row = select(bare).fetch_one(transaction.connection()).await?;
    transaction.rollback().await?;
    stoa.usage().append(bare.place.used(&bare.used)).await?;
    Ok(json(StatusCode::OK, data(&row)?))
}

async fn by_itself(State(alone): State<Arc<(PgPool, Bare)>>) -> Result<Response, Problem> {
    let row = select(&alone.1).fetch_one(&alone.0).await.map_err(AppError::from)?;
    Ok(json(StatusCode::OK, data(&row)?))
}

fn select(bare: &Bare) -> Query<'_, Postgres, PgArguments> {
    let place = &bare.place;
    sqlx::query(statements::READ).bind(place.tenant.0).bind(place.workspace.0).bind(bare.record.0).bind("task")
}

/// As it is stored.
fn data(row: &PgRow) -> Result<String, AppError> {
    let data: Json<Box<RawValue>> = row.try_get(2)?;
    Ok(data.0.get().to_owned())
}
