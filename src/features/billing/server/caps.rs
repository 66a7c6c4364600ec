//! Spend caps: how much may be spent in a calendar month, by the account, one of its workspaces or one of their keys.

use std::{fmt, str::FromStr};

use super::{hold_plan, pausing::ASSESS, store};
use crate::{
    access::{tenant::ManageBilling, workspace::ManageSettings},
    error::AppError,
    features::{api_keys, workspaces},
    ids::{ApiKeyId, TenantId, WorkspaceId},
    money::Micros,
    server::{
        events::{Event, EventKind, Log, Target},
        http::Fields,
        queue,
        scope::{Reach, Scope, TenantScope, WorkspaceScope},
    },
};

/// What a cap is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapOf {
    Account,
    Workspace(WorkspaceId),
    Key(ApiKeyId),
}

impl fmt::Display for CapOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Workspace(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
        }
    }
}

/// `account`, `ws_…` or `key_…`.
impl FromStr for CapOf {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, AppError> {
        let workspace = || text.parse().ok().map(Self::Workspace);
        let key = || text.parse().ok().map(Self::Key);
        let account = (text == "account").then_some(Self::Account);
        account.or_else(workspace).or_else(key).ok_or_else(|| AppError::invalid("of", "Choose from the list what the cap is of."))
    }
}

/// A cap as it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub micros: Micros,
    /// It refuses; otherwise it tells.
    pub hard: bool,
}

impl Wanted {
    /// # Errors
    /// `Invalid`, naming the field.
    pub fn read(fields: &Fields) -> Result<Self, AppError> {
        let micros = Micros::parse(fields.get("amount")).ok_or_else(|| {
            AppError::invalid(
                "amount",
                "Enter an amount in US dollars such as 25 or 25.50, from 0 to 10000000, with a point and no commas.",
            )
        })?;
        let hard = match fields.get("kind") {
            "hard" => true,
            "soft" => false,
            _ => return Err(AppError::invalid("kind", "Choose whether it refuses or tells.")),
        };
        Ok(Self { micros, hard })
    }

    fn kind(self) -> &'static str {
        if self.hard { "hard" } else { "soft" }
    }
}

/// What a cap is of, found, and how the log names it.
struct Found {
    tenant: TenantId,
    workspace: Option<WorkspaceId>,
    key: Option<ApiKeyId>,
    log: Log,
    target: Target,
}

/// Sets a cap of the account, of one of its live workspaces, or of a key of these: whoever pays may bound each of them.
///
/// # Errors
/// `NotFound` where it is none of this account's.
pub async fn set_as_payer(scope: &mut TenantScope<ManageBilling>, of: CapOf, wanted: Wanted) -> Result<(), AppError> {
    let found = find_in_tenant(scope, of).await?;
    set_found(scope, found, wanted, None).await
}

/// # Errors
/// `NotFound` where there is none, `Stale` where it is another one than was shown.
pub async fn remove_as_payer(scope: &mut TenantScope<ManageBilling>, of: CapOf, version: i64) -> Result<(), AppError> {
    let found = find_in_tenant(scope, of).await?;
    remove_found(scope, found, Some(version)).await
}

/// Sets the cap of the scope's workspace or of one of its keys. With a version only where the cap is still that one.
///
/// # Errors
/// `NotFound` where it is none of this workspace's.
pub async fn set(scope: &mut WorkspaceScope<ManageSettings>, of: CapOf, wanted: Wanted, version: Option<i64>) -> Result<(), AppError> {
    let found = find_in_workspace(scope, of).await?;
    set_found(scope, found, wanted, version).await
}

/// # Errors
/// `NotFound` where there is none, `Stale` where it is another one than was shown.
pub async fn remove(scope: &mut WorkspaceScope<ManageSettings>, of: CapOf, version: Option<i64>) -> Result<(), AppError> {
    let found = find_in_workspace(scope, of).await?;
    remove_found(scope, found, version).await
}

/// Whether the key is held to a hard cap of its own.
pub async fn is_capped<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, key: ApiKeyId) -> Result<bool, AppError> {
    let cap = store::caps::find(scope, tenant, Some(workspace.0), Some(key.0)).await?;
    Ok(cap.is_some_and(|cap| cap.hard))
}

async fn find_in_tenant(scope: &mut TenantScope<ManageBilling>, of: CapOf) -> Result<Found, AppError> {
    let tenant = scope.tenant().clone();
    if of == CapOf::Account {
        let target = Target { kind: "tenant", id: tenant.id.to_string(), name: Some(tenant.name) };
        return Ok(Found { tenant: tenant.id, workspace: None, key: None, log: Log::Tenant(tenant.id), target });
    }
    let key = match of {
        CapOf::Key(id) => {
            let known = api_keys::server::called(scope, tenant.id, None).await?;
            Some(known.into_iter().find(|known| known.id == id).ok_or(AppError::NotFound)?)
        }
        _ => None,
    };
    let wanted = match (of, &key) {
        (CapOf::Workspace(id), _) => id,
        (_, Some(key)) => key.workspace,
        _ => return Err(AppError::NotFound),
    };
    let known = workspaces::server::called(scope, tenant.id).await?;
    let here = known.into_iter().find(|known| known.id == wanted && known.is_live).ok_or(AppError::NotFound)?;
    Ok(found(tenant.id, here.id, &here.name, key))
}

async fn find_in_workspace(scope: &mut WorkspaceScope<ManageSettings>, of: CapOf) -> Result<Found, AppError> {
    let (tenant, here) = (scope.tenant().id, scope.workspace().clone());
    let key = match of {
        CapOf::Workspace(id) if id == here.id => None,
        CapOf::Key(id) => {
            let known = api_keys::server::called(scope, tenant, Some(here.id)).await?;
            Some(known.into_iter().find(|known| known.id == id).ok_or(AppError::NotFound)?)
        }
        CapOf::Workspace(_) | CapOf::Account => return Err(AppError::NotFound),
    };
    Ok(found(tenant, here.id, &here.name, key))
}

fn found(tenant: TenantId, workspace: WorkspaceId, name: &str, key: Option<api_keys::server::Called>) -> Found {
    let target = match &key {
        Some(key) => api_keys::server::target(key.kind, key.id, &key.name),
        None => Target { kind: "workspace", id: workspace.to_string(), name: Some(name.to_owned()) },
    };
    let key = key.map(|key| key.id);
    Found { tenant, workspace: Some(workspace), key, log: Log::Workspace(tenant, workspace), target }
}

async fn set_found<R: Reach>(scope: &mut Scope<R>, found: Found, wanted: Wanted, version: Option<i64>) -> Result<(), AppError> {
    let Found { tenant, workspace, key, log, target } = found;
    let (workspace, key) = (workspace.map(|id| id.0), key.map(|id| id.0));
    // One after the other, so that each says what was there before it.
    hold_plan(scope, tenant).await?;
    let now = scope.now();
    let before = store::caps::find(scope, tenant, workspace, key).await?;
    if version.is_some() && version != before.map(|cap| cap.version) {
        return Err(AppError::Stale("This cap"));
    }
    let stood = before.map(|cap| Wanted { micros: Micros(cap.micros), hard: cap.hard });
    if stood == Some(wanted) {
        return Ok(());
    }
    match before {
        Some(cap) => store::caps::update(scope, tenant, cap.id, wanted, now).await?,
        None => store::caps::insert(scope, tenant, workspace, key, wanted, now).await?,
    }
    scope.record_in(log, changed(Event::new(EventKind::SpendCapSet, target), stood, Some(wanted)));
    assess_soon(scope, tenant).await
}

async fn remove_found<R: Reach>(scope: &mut Scope<R>, found: Found, version: Option<i64>) -> Result<(), AppError> {
    let Found { tenant, workspace, key, log, target } = found;
    hold_plan(scope, tenant).await?;
    let cap = store::caps::find(scope, tenant, workspace.map(|id| id.0), key.map(|id| id.0)).await?.ok_or(AppError::NotFound)?;
    if version.is_some_and(|version| version != cap.version) {
        return Err(AppError::Stale("This cap"));
    }
    store::caps::delete(scope, tenant, cap.id).await?;
    let stood = Wanted { micros: Micros(cap.micros), hard: cap.hard };
    scope.record_in(log, changed(Event::new(EventKind::SpendCapRemoved, target), Some(stood), None));
    assess_soon(scope, tenant).await
}

fn changed(event: Event, before: Option<Wanted>, after: Option<Wanted>) -> Event {
    let micros = |cap: Option<Wanted>| cap.map(|cap| cap.micros.0.to_string());
    event.changing("cap_micros", micros(before).as_deref(), micros(after).as_deref()).changing(
        "kind",
        before.map(Wanted::kind),
        after.map(Wanted::kind),
    )
}

/// What the change does to pauses is decided from all of the tenant's sums, which this scope may not see: at once, by
/// whichever node.
async fn assess_soon<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(), AppError> {
    let now = scope.now();
    queue::enqueue(scope, tenant, ASSESS, &serde_json::json!({}), now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(amount: &str, kind: &str) -> Result<Wanted, AppError> {
        Wanted::read(&Fields::of([("amount", amount), ("kind", kind)].map(|(name, value)| (name.to_owned(), value.to_owned()))))
    }

    #[test]
    fn a_cap_is_read_or_its_field_is_named() {
        assert_eq!(read("12.50", "hard"), Ok(Wanted { micros: Micros(12_500_000), hard: true }));
        assert_eq!(read("0", "soft"), Ok(Wanted { micros: Micros(0), hard: false }));
        for (amount, kind, field) in [("", "hard", "amount"), ("-1", "hard", "amount"), ("1,000", "soft", "amount"), ("5", "", "kind")] {
            let Err(AppError::Invalid(errors)) = read(amount, kind) else { panic!("{amount} {kind} was taken") };
            assert_eq!(errors[0].field, field);
        }
    }

    #[test]
    fn what_a_cap_is_of_survives_its_text() {
        let id = uuid::Uuid::from_u128(7);
        for of in [CapOf::Account, CapOf::Workspace(WorkspaceId(id)), CapOf::Key(ApiKeyId(id))] {
            assert_eq!(of.to_string().parse::<CapOf>(), Ok(of));
        }
        assert!("everything".parse::<CapOf>().is_err());
    }
}
