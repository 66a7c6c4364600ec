//! The workspace itself over the API.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    access::workspace::{ReadWorkspace, RenameWorkspace},
    error::AppError,
    features::workspaces::NAME_MAX,
    server::{
        rest::{Answer, Call, Named, Nothing, Operation, instant, line},
        scope::Workspace as Place,
    },
};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            Named { id: "workspace.get", path: "/workspace", scope: Some("settings:read"), says: "The workspace that the key belongs to." },
            get,
        ),
        Operation::write(
            Method::PATCH,
            Named {
                id: "workspace.rename",
                path: "/workspace",
                scope: Some("settings:write"),
                says: "Gives the workspace another display name. Its id and slug never change.",
            },
            StatusCode::OK,
            rename,
        ),
    ]
}

#[derive(Serialize, JsonSchema)]
struct Workspace {
    /// `ws_…`
    id: String,
    slug: String,
    name: String,
    tenant_id: String,
    /// RFC 3339, UTC.
    created_at: String,
    version: i64,
}

impl Workspace {
    fn of(place: &Place, tenant_id: String) -> Self {
        Self {
            id: place.id.to_string(),
            slug: place.slug.clone(),
            name: place.name.clone(),
            tenant_id,
            created_at: instant(place.created_at),
            version: place.version,
        }
    }
}

async fn get(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Workspace>, AppError> {
    let (place, tenant) = (call.scope.workspace().clone(), call.scope.tenant().id.to_string());
    Ok(call.answers(Workspace::of(&place, tenant)).at_version(place.version))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// 1 to 80 characters.
    name: String,
}

async fn rename(mut call: Call<RenameWorkspace>, input: Rename) -> Result<Answer<RenameWorkspace, Workspace>, AppError> {
    let name = line("name", "The name", NAME_MAX, &input.name)?;
    let (before, tenant) = (call.scope.workspace().clone(), call.scope.tenant().id.to_string());
    let expected = call.version_or(before.version);
    super::rename(&mut call.scope, &name, expected).await?;
    let version = if name == before.name { before.version } else { before.version + 1 };
    let after = Place { name, version, ..before };
    Ok(call.answers(Workspace::of(&after, tenant)).at_version(version))
}
