//! The workspace itself over the API.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    access::workspace::{ReadWorkspace, RenameWorkspace},
    error::AppError,
    features::workspaces::NAME_MAX,
    server::{
        modules::{self, Module},
        rest::{Answer, Call, Named, Nothing, Operation, instant, line},
        scope::Workspace as Place,
        standing::Standing,
    },
};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(Named::new("workspace.get", "/workspace", None, "The workspace that the key belongs to."), get),
        Operation::write(
            Method::PATCH,
            Named::new(
                "workspace.rename",
                "/workspace",
                Some("settings:write"),
                "Gives the workspace another display name. Its id and slug never change.",
            ),
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
    /// The keys of the modules whose calls run: live, entitled and switched on.
    enabled_modules: Vec<&'static str>,
    /// RFC 3339, UTC.
    created_at: String,
    version: i64,
}

impl Workspace {
    fn of(place: &Place, tenant_id: String, standing: &Standing) -> Self {
        Self {
            id: place.id.to_string(),
            slug: place.slug.clone(),
            name: place.name.clone(),
            tenant_id,
            enabled_modules: modules::list().iter().filter(|module| standing.runs(module)).map(Module::key).collect(),
            created_at: instant(place.created_at),
            version: place.version,
        }
    }
}

async fn get(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Workspace>, AppError> {
    let (place, tenant) = (call.scope.workspace().clone(), call.scope.tenant().id.to_string());
    let workspace = Workspace::of(&place, tenant, &call.standing);
    Ok(call.answers(workspace).at_version(place.version))
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
    let workspace = Workspace::of(&after, tenant, &call.standing);
    Ok(call.answers(workspace).at_version(version))
}
