//! The SQL behind limits: shares of a minute.

use sqlx::PgPool;
use uuid::Uuid;

use super::Moment;
use crate::{error::AppError, ids::TenantId};

/// What a node asks for: of each, its limit and how many calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub tenant: TenantId,
    pub limits: Vec<(Uuid, u32, u32)>,
}

/// What it was given, and what all nodes were given in this minute and in the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub granted: u32,
    pub before: u32,
    pub given: u32,
}

pub async fn take(db: &PgPool, asked: &Asked, moment: Moment) -> Result<Vec<Share>, AppError> {
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let (mut ids, mut limits, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    for (id, limit, many) in &asked.limits {
        ids.push(*id);
        limits.push(whole(*limit));
        wanted.push(whole(*many));
    }
    let rows = sqlx::query!(
        r#"select granted as "granted!", before as "before!", given as "given!" from take_calls($1, $2, $3, $4, $5, $6)"#,
        asked.tenant.0,
        &ids,
        &limits,
        &wanted,
        moment.minute,
        whole(moment.second),
    )
    .fetch_all(db)
    .await?;
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    Ok(rows.iter().map(|row| Share { granted: count(row.granted), before: count(row.before), given: count(row.given) }).collect())
}
