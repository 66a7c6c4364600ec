//! The SQL behind profiles.

use chrono::{DateTime, Utc};

use super::Profile;
use crate::{error::AppError, ids::UserId, server::scope::UserScope};

/// False where the version has moved on.
pub async fn update(scope: &mut UserScope, user: UserId, profile: &Profile, version: i64, now: DateTime<Utc>) -> Result<bool, AppError> {
    let updated = sqlx::query!(
        "update app_user
         set name = $2, time_zone = $3, theme = $4, version = version + 1, updated_at = $6
         where id = $1 and version = $5",
        user.0,
        profile.name,
        profile.time_zone,
        profile.theme.name(),
        version,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() == 1)
}
