//! Members over the API: read, and made something else. Removing one, and making one an owner, ask for a recent sign-in,
//! and a key has none.

mod bounds;

pub use bounds::too_wide;

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Filter, Member, change, find, place, some, take_turn};
use crate::{
    access::{
        WorkspaceRole,
        workspace::{ManageMembers, ReadWorkspace},
    },
    error::AppError,
    features::members::model::{judge, role_named},
    ids::MembershipId,
    server::{
        credentials,
        http::Cursor,
        rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant, moment},
    },
};

/// An end that is nearer would be a removal, and that is the console's alone.
const END_HOURS: i64 = 24;

pub fn operations() -> Vec<Operation> {
    let read = Some("members:read");
    vec![
        Operation::read(Named::new("members.list", "/members", read, "The people of the workspace and their roles, by name."), list),
        Operation::read(Named::new("members.get", "/members/{member}", read, "One member."), get),
        Operation::write(
            Method::PATCH,
            Named::new(
                "members.change_role",
                "/members/{member}",
                Some("members:write"),
                "Gives a member another role, and an auditor an end.",
            ),
            StatusCode::OK,
            change_role,
        ),
    ]
}

/// Someone who is in the workspace.
#[derive(Serialize, JsonSchema)]
struct Membership {
    /// `mem_…`
    id: String,
    /// The person, `usr_…`.
    user: String,
    name: String,
    email: String,
    /// `owner`, `admin`, `member` or `readonly`.
    role: String,
    /// `active`, or `ended` from the moment of `ends_at` until the membership leaves the list.
    status: &'static str,
    /// RFC 3339, UTC.
    joined_at: String,
    /// From then on they are no member.
    ends_at: Option<String>,
    version: i64,
}

impl Membership {
    fn of(member: Member, now: DateTime<Utc>) -> Self {
        Self {
            status: if member.has_ended(now) { "ended" } else { "active" },
            id: member.id.to_string(),
            user: member.user.to_string(),
            name: member.name,
            email: member.email,
            role: member.role.name().to_owned(),
            joined_at: instant(member.joined_at),
            ends_at: member.ends_at.map(instant),
            version: member.version,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListMembers {
    #[serde(flatten)]
    page: PageQuery,
    /// Part of the name or the address.
    #[serde(default)]
    q: String,
    /// `owner`, `admin`, `member` or `readonly`.
    role: Option<String>,
}

async fn list(mut call: Call<ReadWorkspace>, query: ListMembers) -> Result<Answer<ReadWorkspace, Vec<Membership>>, AppError> {
    if credentials::is_like_one(&query.q) {
        return Err(AppError::invalid("q", "This looks like a secret. Search for a part of a name or an address."));
    }
    let filter = Filter::of(&query.q, query.role.as_deref().map(read_role).transpose()?);
    let (after, most) = (query.page.after::<Cursor>()?, query.page.limit()? + 1);
    let members = some(&mut call.scope, &filter, after.as_ref(), most).await?;
    let (members, next) = query.page.cut(members, |member| member.cursor().to_string())?;
    let now = call.scope.now();
    Ok(call.answers(members.into_iter().map(|member| Membership::of(member, now)).collect::<Vec<_>>()).continued(next))
}

async fn get(mut call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Membership>, AppError> {
    let id = call.named("member")?;
    let member = find(&mut call.scope, id).await?;
    let (version, now) = (member.version, call.scope.now());
    Ok(call.answers(Membership::of(member, now)).at_version(version))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRole {
    /// `admin`, `member` or `readonly`; at most the role of the key's steward. Nobody is made an `owner` by a key: that asks
    /// for a recent sign-in.
    role: String,
    /// For `readonly` alone: RFC 3339, a day ahead at least. Null for no end; where it is left out it stays as it is.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    ends_at: End,
}

/// What is said about an end.
#[derive(Default, Deserialize)]
#[serde(from = "Option<String>")]
enum End {
    #[default]
    AsItIs,
    Never,
    At(String),
}

impl From<Option<String>> for End {
    fn from(said: Option<String>) -> Self {
        said.map_or(Self::Never, Self::At)
    }
}

async fn change_role(mut call: Call<ManageMembers>, input: ChangeRole) -> Result<Answer<ManageMembers, Membership>, AppError> {
    let id: MembershipId = call.named("member")?;
    let role = read_role(&input.role)?;
    let (tenant, workspace) = place(&call.scope);
    take_turn(&mut call.scope, tenant, workspace).await?;
    let member = find(&mut call.scope, id).await?;
    judge(call.scope.role(), Some(member.role), Some(role)).map_err(AppError::NotAllowed)?;
    bounds::check(&mut call, &member, role).await?;
    let ends_at = read_end(&member, role, &input.ends_at, call.scope.now())?;
    let expected = call.version_or(member.version);
    change(&mut call.scope, id, expected, Change { role, ends_at }).await?;
    let member = find(&mut call.scope, id).await?;
    let (version, now) = (member.version, call.scope.now());
    Ok(call.answers(Membership::of(member, now)).at_version(version))
}

/// When the membership is to end. What is stored may stay, however near it is.
fn read_end(member: &Member, role: WorkspaceRole, said: &End, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, AppError> {
    let wrong = |says: String| Err(AppError::invalid("ends_at", says));
    let ends_at = match said {
        End::Never => return Ok(None),
        End::AsItIs if role != WorkspaceRole::Readonly => return Ok(None),
        End::AsItIs => member.ends_at,
        End::At(_) if role != WorkspaceRole::Readonly => {
            return wrong(format!("A membership as {role} has no end. Leave ends_at out, or make it readonly."));
        }
        End::At(text) => Some(moment("ends_at", text)?),
    };
    if member.has_ended(now) && ends_at.is_some_and(|end| end <= now) {
        return wrong("This membership is over. Give it a later end, or null.".to_owned());
    }
    if ends_at != member.ends_at && ends_at.is_some_and(|end| end < now + TimeDelta::hours(END_HOURS)) {
        return wrong(format!(
            "A key sets an end {END_HOURS} hours ahead at least. To end a membership sooner, remove the member in the console."
        ));
    }
    Ok(ends_at)
}

/// # Errors
/// `Invalid`, with the roles that there are.
pub fn read_role(name: &str) -> Result<WorkspaceRole, AppError> {
    role_named(name).ok_or_else(|| {
        let known: Vec<&str> = WorkspaceRole::ALL.into_iter().map(WorkspaceRole::name).collect();
        AppError::invalid("role", format!("This is not a role. These are: {}.", known.join(", ")))
    })
}
