//! What stops when a workspace is archived: shown before, digested in the form, and kept in the receipt.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::stops;
use crate::{
    error::AppError,
    features::{
        api_keys::server::{self as api_keys, Stewarded},
        audit_streams::server as audit_streams,
        billing::server::entitlements::{self, Entitlement},
        members::server::suspension,
        modules::server as modules,
    },
    ids::{TenantId, WorkspaceId},
    server::{
        credentials::Kind,
        scope::{Reach, Scope},
    },
};

/// The kinds of things that stop, as receipts spell them. Grants and webhooks join here as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    Member,
    Invitation,
    SupportConsent,
    ApiKey,
    McpClient,
    Module,
    AuditStream,
    /// What the operator allowed, or did not allow, the workspace beside its plan.
    Entitlement,
}

/// One thing that stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// In text form: `mem_…`.
    pub id: String,
    /// As people know it: a name, an e-mail address.
    pub name: String,
    /// What it is beyond that: a role, a reason.
    pub detail: String,
}

/// Everything of one kind that stops, in a stable order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub kind: StopKind,
    pub things: Vec<Stop>,
}

/// What an archiving would stop, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory(pub Vec<Stopped>);

impl Inventory {
    pub fn of(&self, kind: StopKind) -> &[Stop] {
        self.0.iter().find(|stopped| stopped.kind == kind).map_or(&[], |stopped| &stopped.things)
    }

    /// Differs where anything else would stop. A new display name alone stops nothing else.
    pub fn digest(&self) -> String {
        let things = self.0.iter().flat_map(|stopped| stopped.things.iter().map(|thing| (stopped.kind, thing)));
        digest(&things.fold(String::new(), |text, (kind, thing)| text + &format!("{kind:?}\0{}\0{}\0", thing.id, thing.detail)))
    }
}

/// What a page showed, in 64 characters: two are alike only where everything in them is.
pub fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text).iter().fold(String::new(), |mut digest, byte| {
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}

/// What is there to be stopped in a workspace now.
pub async fn take<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Inventory, AppError> {
    let members = suspension::in_place(scope, tenant, workspace).await?;
    let (tokens, keys): (Vec<Stewarded>, Vec<Stewarded>) =
        api_keys::all_of_workspace(scope, tenant, workspace).await?.into_iter().partition(|key| key.kind == Kind::Mcp);
    let running = modules::switched_on(scope, tenant, workspace).await?;
    let streams = audit_streams::live_in(scope, tenant, workspace).await?;
    let overrides = entitlements::of_workspace(scope, tenant, workspace).await?;
    Ok(Inventory(vec![
        Stopped { kind: StopKind::Member, things: members.iter().map(stop).collect() },
        Stopped { kind: StopKind::Invitation, things: stops::pending_invitations(scope, tenant, workspace).await? },
        Stopped { kind: StopKind::SupportConsent, things: stops::live_consents(scope, tenant, workspace).await? },
        Stopped { kind: StopKind::ApiKey, things: keys.into_iter().map(key).collect() },
        Stopped { kind: StopKind::McpClient, things: tokens.into_iter().map(key).collect() },
        Stopped { kind: StopKind::Module, things: running.into_iter().map(module).collect() },
        Stopped { kind: StopKind::AuditStream, things: streams.into_iter().map(stream).collect() },
        Stopped { kind: StopKind::Entitlement, things: overrides.into_iter().map(entitlement).collect() },
    ]))
}

fn module(module: modules::Running) -> Stop {
    Stop { id: module.manifest.key.clone(), name: module.manifest.name.clone(), detail: "switched on".to_owned() }
}

fn stream(stream: audit_streams::Live) -> Stop {
    Stop { id: stream.id.to_string(), name: stream.name, detail: audit_streams::host_of(&stream.url) }
}

fn entitlement(held: Entitlement) -> Stop {
    Stop { id: held.id.to_string(), name: held.key, detail: held.reason }
}

fn key(key: Stewarded) -> Stop {
    Stop { id: key.id.to_string(), name: key.name, detail: key.scopes.join(" ") }
}

fn stop(member: &suspension::Affected) -> Stop {
    Stop { id: member.id.to_string(), name: member.name.clone(), detail: member.role.name().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(name: &str, role: &str, invited: &[&str]) -> Inventory {
        let stop = |id: &str, name: &str, detail: &str| Stop { id: id.to_owned(), name: name.to_owned(), detail: detail.to_owned() };
        Inventory(vec![
            Stopped { kind: StopKind::Member, things: vec![stop("mem_1", name, role)] },
            Stopped { kind: StopKind::Invitation, things: invited.iter().map(|email| stop(email, email, "member")).collect() },
        ])
    }

    #[test]
    fn the_digest_moves_with_what_stops_and_not_with_names() {
        let digest = inventory("Ada", "owner", &[]).digest();
        assert_eq!(digest, inventory("Ada L.", "owner", &[]).digest());
        assert_ne!(digest, inventory("Ada", "admin", &[]).digest());
        assert_ne!(digest, inventory("Ada", "owner", &["grace@example.com"]).digest());
        assert_eq!(digest.len(), 64);
    }
}
