//! Invitations over the API: the same operations as in the console.

mod writing;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Invitation as Stored, LinkState, find, some};
use crate::{
    access::{AskWorkspace, workspace::ReadWorkspace},
    error::AppError,
    ids::InvitationId,
    server::{
        http::Cursor,
        rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant},
    },
};

pub fn operations() -> Vec<Operation> {
    let (read, write) = (Some("members:read"), Some("members:write"));
    let named = |id, path, scope, says| Named::new(id, path, scope, says);
    vec![
        Operation::read(named("invitations.list", "/invitations", read, "The pending invitations, by address; expired ones too."), list),
        Operation::read(named("invitations.get", "/invitations/{invitation}", read, "One pending invitation."), get),
        Operation::write(
            Method::POST,
            named("invitations.create", "/invitations", write, "Invites up to 50 addresses, with an answer for each."),
            StatusCode::CREATED,
            writing::create,
        ),
        Operation::write(
            Method::POST,
            named("invitations.resend", "/invitations/{invitation}/resend", write, "Has a new link mailed. The one before opens nothing."),
            StatusCode::OK,
            writing::resend,
        ),
        Operation::write(
            Method::POST,
            named(
                "invitations.make_link",
                "/invitations/{invitation}/link",
                write,
                "Makes a new link to pass on. It is in this answer and in no other; the one before opens nothing.",
            ),
            StatusCode::OK,
            writing::make_link,
        ),
        Operation::write(
            Method::POST,
            named("invitations.revoke", "/invitations/{invitation}/revoke", write, "Takes an invitation back for good."),
            StatusCode::OK,
            writing::revoke,
        ),
    ]
}

/// A pending invitation, without its link.
#[derive(Serialize, JsonSchema)]
pub struct Invitation {
    /// `inv_…`
    id: String,
    email: String,
    /// What the person becomes: `owner`, `admin`, `member` or `readonly`.
    role: String,
    /// When the membership that comes of it ends. RFC 3339, UTC.
    ends_at: Option<String>,
    /// In whose name it stands, `usr_…`.
    invited_by: String,
    /// `none`, `queued`, `mailed`, `mail_failed`, `copied` or `expired`.
    link_state: &'static str,
    created_at: String,
    /// From then on its link opens nothing.
    expires_at: String,
    version: i64,
}

impl Invitation {
    fn of(stored: &Stored, now: DateTime<Utc>) -> Self {
        Self {
            id: stored.id.to_string(),
            email: stored.email.clone(),
            role: stored.role.name().to_owned(),
            ends_at: stored.ends_at.map(instant),
            invited_by: stored.invited_by.to_string(),
            link_state: match stored.link_state(now) {
                LinkState::Expired => "expired",
                LinkState::None => "none",
                LinkState::Queued => "queued",
                LinkState::Mailed => "mailed",
                LinkState::MailFailed => "mail_failed",
                LinkState::Copied => "copied",
            },
            created_at: instant(stored.created_at),
            expires_at: instant(stored.expires_at),
            version: stored.version,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ListInvitations {
    #[serde(flatten)]
    page: PageQuery,
}

async fn list(mut call: Call<ReadWorkspace>, query: ListInvitations) -> Result<Answer<ReadWorkspace, Vec<Invitation>>, AppError> {
    let (after, most) = (query.page.after::<Cursor>()?, query.page.limit()? + 1);
    let invitations = some(&mut call.scope, after.as_ref(), most).await?;
    let (invitations, next) = query.page.cut(invitations, |invitation| invitation.cursor().to_string())?;
    let now = call.scope.now();
    Ok(call.answers(invitations.iter().map(|invitation| Invitation::of(invitation, now)).collect::<Vec<_>>()).continued(next))
}

async fn get(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Invitation>, AppError> {
    let id = call.named("invitation")?;
    answer(call, id).await
}

/// The invitation as it is now.
async fn answer<P: AskWorkspace>(mut call: Call<P>, id: InvitationId) -> Result<Answer<P, Invitation>, AppError> {
    let invitation = find(&mut call.scope, id).await?;
    let now = call.scope.now();
    Ok(call.answers(Invitation::of(&invitation, now)).at_version(invitation.version))
}
