//! The operations that change invitations, as the API takes and answers them.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Invitation, Stored, answer};
use crate::{
    access::{WorkspaceRole, workspace::ManageMembers},
    error::AppError,
    features::{
        invitations::{
            model,
            server::{self, Outcome, Terms},
        },
        members::{
            model::judge,
            server::rest::{read_role, too_wide},
        },
    },
    ids::InvitationId,
    server::rest::{Answer, Call, Nothing, moment},
};

const LOST: &str = "Make another link to get a new one.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// 1 to 50, each with a name or without: `ada@example.com`, `Ada <ada@example.com>`.
    addresses: Vec<String>,
    /// `admin`, `member` or `readonly`; at most the role of the key's steward. Nobody is invited as `owner` by a key: that
    /// asks for a recent sign-in.
    role: String,
    /// For `readonly` alone: when the membership ends. RFC 3339.
    ends_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct Invited {
    /// One for each address, in the order of the addresses.
    answers: Vec<Line>,
    /// A link for each who was invited and gets no mail, once: the console sends none, or the team had too many sent.
    links: Vec<Link>,
}

/// What became of one address.
#[derive(Serialize, JsonSchema)]
struct Line {
    /// The address, or what was sent where there is none in it.
    address: String,
    /// `invited`, `member`, `already_invited`, `repeated`, `outside_domains` or `not_an_address`.
    outcome: &'static str,
    /// The new invitation, or the one from before: `inv_…`.
    invitation: Option<String>,
    message: String,
}

#[derive(Serialize, JsonSchema)]
struct Link {
    invitation: String,
    link: String,
}

/// Where nobody could be invited nothing is made, and the error says why for each address.
pub async fn create(mut call: Call<ManageMembers>, input: Invite) -> Result<Answer<ManageMembers, Invited>, AppError> {
    let role = read_role(&input.role)?;
    judge(call.scope.role(), None, Some(role)).map_err(AppError::NotAllowed)?;
    if let Some(says) = too_wide(&call.caller.scopes, role, &call.standing) {
        return Err(AppError::invalid("role", says));
    }
    let ends_at = read_end(role, input.ends_at.as_deref(), call.scope.now())?;
    let entries = input.addresses.iter().map(|address| model::entry(address)).collect();
    let answers = server::invite(&mut call.scope, entries, Terms { role, ends_at }).await?;
    if !answers.iter().any(|answer| answer.outcome.is_invited()) {
        return Err(AppError::Invalid(answers.iter().map(server::Answer::fault).collect()));
    }
    let links: Vec<Link> = answers.iter().filter_map(|answer| link_of(&answer.outcome)).collect();
    let has_links = !links.is_empty();
    let answer = call.answers(Invited { answers: answers.into_iter().map(line).collect(), links });
    Ok(if has_links { answer.once("links", LOST) } else { answer })
}

fn read_end(role: WorkspaceRole, said: Option<&str>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, AppError> {
    let Some(text) = said else { return Ok(None) };
    if role != WorkspaceRole::Readonly {
        let says = format!("A membership as {role} has no end. Leave ends_at out, or invite as readonly.");
        return Err(AppError::invalid("ends_at", says));
    }
    let end = moment("ends_at", text)?;
    if end <= now {
        return Err(AppError::invalid("ends_at", "This time is over. Give a later one, or leave ends_at out."));
    }
    Ok(Some(end))
}

fn line(answer: server::Answer) -> Line {
    let message = answer.outcome.says();
    let (outcome, invitation) = match answer.outcome {
        Outcome::Invited { id, .. } => ("invited", Some(id)),
        Outcome::Member => ("member", None),
        Outcome::AlreadyInvited { id, .. } => ("already_invited", Some(id)),
        Outcome::Repeated => ("repeated", None),
        Outcome::OutsideDomains => ("outside_domains", None),
        Outcome::NotAnAddress(_) => ("not_an_address", None),
    };
    Line { address: answer.written, outcome, invitation: invitation.map(|id| id.to_string()), message }
}

fn link_of(outcome: &Outcome) -> Option<Link> {
    match outcome {
        Outcome::Invited { id, link: Some(link), .. } => Some(Link { invitation: id.to_string(), link: link.clone() }),
        _ => None,
    }
}

pub async fn resend(mut call: Call<ManageMembers>, _: Nothing) -> Result<Answer<ManageMembers, Invitation>, AppError> {
    let (stored, version) = aimed(&mut call).await?;
    server::resend(&mut call.scope, stored.id, version).await?;
    answer(call, stored.id).await
}

#[derive(Serialize, JsonSchema)]
pub struct NewLink {
    #[serde(flatten)]
    invitation: Invitation,
    /// The link, once.
    link: String,
}

pub async fn make_link(mut call: Call<ManageMembers>, _: Nothing) -> Result<Answer<ManageMembers, NewLink>, AppError> {
    let (stored, version) = aimed(&mut call).await?;
    let (_, link) = server::copy_link(&mut call.scope, stored.id, version).await?;
    let (renewed, now) = (server::find(&mut call.scope, stored.id).await?, call.scope.now());
    let data = NewLink { invitation: Invitation::of(&renewed, now), link };
    Ok(call.answers(data).at_version(renewed.version).once("link", LOST))
}

/// An invitation that opens nothing any more.
#[derive(Serialize, JsonSchema)]
pub struct Revoked {
    id: String,
    email: String,
    /// `revoked`
    status: &'static str,
}

pub async fn revoke(mut call: Call<ManageMembers>, _: Nothing) -> Result<Answer<ManageMembers, Revoked>, AppError> {
    let (id, version) = (call.named("invitation")?, call.version());
    let revoked = server::revoke(&mut call.scope, id, version).await?;
    Ok(call.answers(Revoked { id: revoked.id.to_string(), email: revoked.email, status: "revoked" }))
}

/// The invitation that the address names, and the version that the caller means. A new link renews it in the name of the
/// key's steward, so it is held to what the key could invite to.
async fn aimed(call: &mut Call<ManageMembers>) -> Result<(Stored, i64), AppError> {
    let id: InvitationId = call.named("invitation")?;
    let stored = server::find(&mut call.scope, id).await?;
    judge(call.scope.role(), None, Some(stored.role)).map_err(AppError::NotAllowed)?;
    if let Some(says) = too_wide(&call.caller.scopes, stored.role, &call.standing) {
        return Err(AppError::Conflict(says));
    }
    let version = call.version_or(stored.version);
    Ok((stored, version))
}
