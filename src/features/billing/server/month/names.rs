//! How what figures are about is called.

use std::collections::HashMap;

use uuid::Uuid;

use super::{CapLine, Line, PauseLine};
use crate::{
    error::{AppError, PauseReason},
    features::{
        api_keys::server::{self as api_keys, Called},
        billing::server::{
            caps::CapOf,
            pausing::{Cap, Sums},
            store::sums::PauseRow,
        },
        workspaces,
    },
    ids::{ApiKeyId, TenantId, WorkspaceId},
    money::{Micros, Nanos},
    server::scope::{Reach, Scope},
};

/// How everything that figures can be about is called.
pub struct Names {
    account: String,
    workspaces: HashMap<Uuid, workspaces::server::Called>,
    pub keys: HashMap<Uuid, Called>,
}

impl Names {
    pub async fn load<R: Reach>(
        scope: &mut Scope<R>,
        tenant: TenantId,
        account: &str,
        workspace: Option<WorkspaceId>,
    ) -> Result<Self, AppError> {
        let workspaces = workspaces::server::called(scope, tenant).await?;
        let keys = api_keys::called(scope, tenant, workspace).await?;
        Ok(Self {
            account: account.to_owned(),
            workspaces: workspaces.into_iter().map(|called| (called.id.0, called)).collect(),
            keys: keys.into_iter().map(|called| (called.id.0, called)).collect(),
        })
    }

    pub fn workspace_line(&self, id: Uuid, spent: Nanos) -> Line {
        let known = self.workspaces.get(&id);
        let state = match known {
            Some(known) if known.is_live => "live",
            Some(_) => "archived",
            None => "moved away",
        };
        Line { name: self.workspace_name(id), id: WorkspaceId(id).to_string(), state, spent }
    }

    /// Live workspaces that used nothing.
    pub fn unused(&self, lines: &[Line]) -> Vec<Line> {
        let used: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        let lines = self.workspaces.iter().filter(|(_, known)| known.is_live).map(|(id, _)| self.workspace_line(*id, Nanos(0)));
        lines.filter(|line| !used.contains(&line.id.as_str())).collect()
    }

    fn workspace_name(&self, id: Uuid) -> String {
        self.workspaces.get(&id).map_or_else(|| "A workspace that moved away".to_owned(), |known| known.name.clone())
    }

    pub fn key_line(&self, id: Option<Uuid>, spent: Nanos) -> Line {
        let known = id.and_then(|id| self.keys.get(&id));
        let name = match (id, known) {
            (None, _) => "Without a key".to_owned(),
            (Some(_), Some(known)) => known.name.clone(),
            (Some(_), None) => "A key that is gone".to_owned(),
        };
        let is_ended = id.is_some() && known.is_none_or(|known| !known.is_live);
        let state = if is_ended { "ended" } else { "live" };
        Line { name, id: id.map(|id| ApiKeyId(id).to_string()).unwrap_or_default(), state, spent }
    }

    pub fn cap_line(&self, cap: &Cap, sums: &Sums) -> CapLine {
        let of = match (cap.workspace, cap.credential) {
            (None, _) => CapOf::Account,
            (Some(workspace), None) => CapOf::Workspace(WorkspaceId(workspace)),
            (Some(_), Some(key)) => CapOf::Key(ApiKeyId(key)),
        };
        CapLine {
            of,
            name: self.called(cap.workspace, cap.credential),
            limit: Micros(cap.micros),
            hard: cap.hard,
            spent: sums.spent(cap.workspace, cap.credential),
            version: cap.version,
        }
    }

    pub fn pause_line(&self, row: &PauseRow) -> Option<PauseLine> {
        Some(PauseLine {
            name: self.called(row.workspace, row.credential),
            reason: PauseReason::named(&row.reason)?,
            limit: Some(Micros(row.limit_micros)),
            since: row.since,
            ended_at: row.ended_at,
        })
    }

    pub fn called(&self, workspace: Option<Uuid>, credential: Option<Uuid>) -> String {
        let Some(workspace) = workspace else { return self.account.clone() };
        let workspace = self.workspace_name(workspace);
        let Some(credential) = credential else { return workspace };
        let key = self.keys.get(&credential).map_or("a key that is gone", |known| known.name.as_str());
        format!("{key} (key in {workspace})")
    }
}
