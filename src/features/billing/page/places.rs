//! Where a line of the books leads: to the events of its workspace, for whoever is in that.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use crate::{
    access::AskTenant,
    error::AppError,
    features::workspaces::server as workspaces,
    ids::WorkspaceId,
    paths,
    server::{http::Visit, scope::InTenant},
};

/// How the account's workspaces are called, and which of them the reader may open.
#[derive(Clone, Debug, Default)]
pub struct Places(HashMap<Uuid, Place>);

#[derive(Clone, Debug)]
struct Place {
    name: String,
    /// The address of its usage; none where the reader is not in it, or it is archived.
    usage: Option<String>,
}

impl Places {
    pub async fn load<P: AskTenant>(visit: &mut Visit<InTenant<P>>) -> Result<Self, AppError> {
        let tenant = visit.scope.tenant().id;
        let known = workspaces::called(&mut visit.scope, tenant).await?;
        let own: Vec<String> = visit.scope.places().iter().map(|place| place.workspace_slug.clone()).collect();
        let place = |called: workspaces::Called| {
            let is_open = called.is_live && own.contains(&called.slug);
            (called.id.0, Place { name: called.name, usage: is_open.then(|| paths::usage(&called.slug)) })
        };
        Ok(Self(known.into_iter().map(place).collect()))
    }

    pub fn name(&self, workspace: Uuid) -> String {
        self.0.get(&workspace).map_or_else(|| format!("{} (moved away)", WorkspaceId(workspace)), |place| place.name.clone())
    }

    /// The events of a dimension that were used there between two moments, which are whole hours.
    pub fn events(&self, workspace: Uuid, dimension: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<String> {
        let usage = self.0.get(&workspace)?.usage.as_deref()?;
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (from, until) = (moment(from), moment(until));
        let asked = [("range", "custom"), ("from", from.as_str()), ("to", until.as_str()), ("dimension", dimension)];
        Some(paths::asking(&paths::usage_events(usage), &asked))
    }
}
