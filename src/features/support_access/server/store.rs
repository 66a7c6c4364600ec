//! The SQL behind support access. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};

use super::Offered;
use crate::{
    access::{AskWorkspace, workspace::GrantSupportAccess},
    error::AppError,
    ids::{ConsentId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope, UserScope, WorkspaceScope},
};

/// A consent, as an owner sees it.
#[derive(Clone, Debug)]
pub struct Consent {
    pub id: ConsentId,
    pub reason: String,
    /// None where they are nobody's colleague any more.
    pub granted_by: Option<String>,
    pub granted_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
}

impl Consent {
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}

/// That an operator entered by a consent.
#[derive(Clone, Debug)]
pub struct Use {
    pub consent: ConsentId,
    pub user_name: String,
    pub used_at: DateTime<Utc>,
}

/// A consent as its mail needs it.
#[derive(Clone, Debug)]
pub struct ToMail {
    pub workspace_name: String,
    pub workspace_slug: String,
    pub reason: String,
    pub granted_by: Option<String>,
    pub expires_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

pub async fn find_to_mail(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ConsentId,
) -> Result<Option<ToMail>, AppError> {
    let found = sqlx::query_as!(
        ToMail,
        r#"select here.name as workspace_name, here.slug as workspace_slug, consent.reason, giver.name as "granted_by?",
                  consent.expires_at, consent.ended_at,
                  (select max(entered.used_at) from support_use as entered
                   where entered.tenant_id = consent.tenant_id and entered.workspace_id = consent.workspace_id
                     and entered.consent_id = consent.id) as last_used_at
           from support_consent as consent
           join workspace as here on here.tenant_id = consent.tenant_id and here.workspace_id = consent.workspace_id
           left join app_user as giver on giver.id = consent.granted_by
           where consent.tenant_id = $1 and consent.workspace_id = $2 and consent.id = $3"#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(found)
}

pub async fn find_live<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Option<(ConsentId, DateTime<Utc>)>, AppError> {
    let live = sqlx::query!(
        "select id, expires_at
         from support_consent
         where tenant_id = $1 and workspace_id = $2 and ended_at is null and expires_at > $3
         order by expires_at desc
         limit 1",
        tenant.0,
        workspace.0,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(live.map(|live| (ConsentId(live.id), live.expires_at)))
}

pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    after: Option<ConsentId>,
    most: usize,
) -> Result<Vec<Consent>, AppError> {
    let consents = sqlx::query_as!(
        Consent,
        r#"select consent.id as "id: ConsentId", consent.reason, giver.name as "granted_by?", consent.granted_at, consent.expires_at,
                  consent.ended_at, ender.name as "ended_by?"
           from support_consent as consent
           left join app_user as giver on giver.id = consent.granted_by
           left join app_user as ender on ender.id = consent.ended_by
           where consent.tenant_id = $1 and consent.workspace_id = $2 and ($3::uuid is null or consent.id < $3)
           order by consent.id desc
           limit $4"#,
        tenant.0,
        workspace.0,
        after.map(|id| id.0),
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(consents)
}

pub async fn list_uses<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    consents: &[Consent],
) -> Result<Vec<Use>, AppError> {
    let ids: Vec<uuid::Uuid> = consents.iter().map(|consent| consent.id.0).collect();
    let uses = sqlx::query_as!(
        Use,
        r#"select consent_id as "consent: ConsentId", user_name, min(used_at) as "used_at!"
           from support_use
           where tenant_id = $1 and workspace_id = $2 and consent_id = any ($3)
           group by consent_id, user_id, user_name
           order by min(used_at)"#,
        tenant.0,
        workspace.0,
        &ids,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(uses)
}

#[expect(clippy::too_many_arguments, reason = "one a column")]
pub async fn insert(
    scope: &mut WorkspaceScope<GrantSupportAccess>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ConsentId,
    owner: UserId,
    reason: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into support_consent (tenant_id, workspace_id, id, granted_by, reason, granted_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        workspace.0,
        id.0,
        owner.0,
        reason,
        now,
        until,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where it was over already.
pub async fn end(
    scope: &mut WorkspaceScope<GrantSupportAccess>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ConsentId,
    owner: UserId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let ended = sqlx::query!(
        "update support_consent
         set ended_at = $5, ended_by = $4
         where tenant_id = $1 and workspace_id = $2 and id = $3 and ended_at is null and expires_at > $5",
        tenant.0,
        workspace.0,
        id.0,
        owner.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Whether the workspace has, or had, this consent.
pub async fn exists(
    scope: &mut WorkspaceScope<GrantSupportAccess>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ConsentId,
) -> Result<bool, AppError> {
    let exists = sqlx::query_scalar!(
        r#"select exists (
               select from support_consent where tenant_id = $1 and workspace_id = $2 and id = $3) as "exists!""#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(exists)
}

pub async fn owners<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, AppError> {
    let owners = sqlx::query_scalar!(
        "select member.user_id
         from workspace_membership as member
         join workspace_grant as granted
           on granted.tenant_id = member.tenant_id and granted.workspace_id = member.workspace_id
          and granted.membership_id = member.id and granted.project_id is null
         where member.tenant_id = $1 and member.workspace_id = $2 and member.status = 'active'
           and (member.ends_at is null or member.ends_at > $3) and granted.role = 'owner'",
        tenant.0,
        workspace.0,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(owners.into_iter().map(UserId).collect())
}

/// Across tenants, through the function that answers operators alone.
pub async fn offered(scope: &mut UserScope, now: DateTime<Utc>, session: &[u8; 32]) -> Result<Vec<Offered>, AppError> {
    let offered = sqlx::query_as!(
        Offered,
        r#"select tenant_id as "tenant!: TenantId", tenant_name as "tenant_name!", workspace_id as "workspace!: WorkspaceId",
                  workspace_slug as "workspace_slug!", workspace_name as "workspace_name!", id as "id!: ConsentId",
                  reason as "reason!", granted_by as "granted_by!", granted_at as "granted_at!", expires_at as "expires_at!",
                  entered as "entered!"
           from live_consents($1, $2)"#,
        now,
        session.as_slice(),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(offered)
}

/// False where it is written down already, or the consent ended in this very moment.
pub async fn insert_use(
    scope: &mut ServiceScope,
    offered: &Offered,
    session: &[u8; 32],
    operator: UserId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let inserted = sqlx::query!(
        "insert into support_use (tenant_id, workspace_id, consent_id, session_hash, user_id, user_name, used_at)
         select consent.tenant_id, consent.workspace_id, consent.id, $4, $5, $6, $7
         from support_consent as consent
         where consent.tenant_id = $1 and consent.workspace_id = $2 and consent.id = $3
           and consent.ended_at is null and consent.expires_at > $7
         on conflict on constraint support_use_pkey do nothing",
        offered.tenant.0,
        offered.workspace.0,
        offered.id.0,
        session.as_slice(),
        operator.0,
        name,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(inserted.rows_affected() == 1)
}
