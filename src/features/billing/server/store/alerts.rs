//! The SQL behind alerts.

use chrono::NaiveDate;

use crate::{
    error::AppError,
    features::billing::server::alerts::{Alert, Limit, Told},
    ids::TenantId,
    money::Nanos,
    server::scope::{Reach, Scope, ServiceScope},
};

/// Those of a month that the scope reaches, the latest first: of the whole tenant, or of one workspace.
pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, month: NaiveDate) -> Result<Vec<Alert>, AppError> {
    let alerts = sqlx::query_as!(
        Alert,
        "select kind, workspace_id as workspace, credential_id as credential, limit_micros as micros, threshold, spent_nanos as spent,
                reached_at, told
         from spend_alert
         where tenant_id = $1 and month = $2
         order by reached_at desc, threshold desc, id desc",
        tenant.0,
        month,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(alerts)
}

/// Whether it is the first time. What nobody is told of is no act: it is written down, and that is all. The constraint decides, of however many that find it at once.
pub async fn insert(
    scope: &mut ServiceScope,
    tenant: TenantId,
    month: NaiveDate,
    limit: &Limit,
    threshold: i16,
    spent: Nanos,
    told: Told,
) -> Result<bool, AppError> {
    let (id, now) = (scope.new_id(), scope.now());
    let done = sqlx::query!(
        "insert into spend_alert (
             tenant_id, id, month, kind, workspace_id, credential_id, limit_micros, threshold, spent_nanos, reached_at, told)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint spend_alert_once do nothing",
        tenant.0,
        id,
        month,
        limit.kind.name(),
        limit.workspace,
        limit.credential,
        limit.micros,
        threshold,
        spent.0,
        now,
        told != Told::Not,
    )
    .execute(if told == Told::Now { scope.write() } else { scope.note() })
    .await?;
    Ok(done.rows_affected() == 1)
}
