//! The server's half of invitations.

mod accepting;
mod inviting;
mod mailing;
mod managing;
pub mod rest;
mod store;
mod waiting;
mod withdrawing;

pub use accepting::{Accepted, Found, State, accept, admits, look};
pub use inviting::{Answer, Outcome, invite};
pub use mailing::{MAIL, mail_invitation};
pub use managing::{copy_link, find, hand_over, list, made_by, resend, revoke, revoke_of, some, status};
pub use waiting::{PATIENCE_DAYS, Waiting, waiting};
pub use withdrawing::{count_pending, withdraw};

use chrono::{DateTime, TimeDelta, Utc};

use super::LIFE_DAYS;
use crate::{
    access::WorkspaceRole,
    ids::{InvitationId, MailId, UserId},
    paths,
    server::{
        Stoa,
        credentials::{Credential, Kind},
        events::Target,
        http::Cursor,
        mail::Status,
    },
};

/// A pending invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: WorkspaceRole,
    /// When the membership that comes of it is to end.
    pub ends_at: Option<DateTime<Utc>>,
    pub invited_by: UserId,
    /// None where they left the team.
    pub inviter: Option<String>,
    pub has_link: bool,
    pub link_mail: Option<MailId>,
    /// How it is with that mail; read from the list of mails.
    pub mail: Option<Status>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub version: i64,
    /// What the list is sorted by.
    pub sort_key: String,
}

/// Where the way from an invitation to its person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Expired,
    None,
    /// The mail that makes it was not sent yet.
    Queued,
    Mailed,
    /// The mail could not be sent, and is not tried again.
    MailFailed,
    Copied,
}

impl Invitation {
    pub fn link_state(&self, now: DateTime<Utc>) -> LinkState {
        match self.mail {
            _ if self.expires_at <= now => LinkState::Expired,
            Some(Status::Queued) => LinkState::Queued,
            Some(Status::Sent) => LinkState::Mailed,
            Some(Status::Failed) => LinkState::MailFailed,
            Some(Status::Superseded) | None if self.has_link => LinkState::Copied,
            Some(Status::Superseded) | None => LinkState::None,
        }
    }

    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.sort_key.clone(), id: self.id.0 }
    }
}

/// What somebody is invited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub role: WorkspaceRole,
    /// For auditors alone.
    pub ends_at: Option<DateTime<Utc>>,
}

/// A new secret for an invitation, and what is kept of it.
fn mint(stoa: &Stoa, id: InvitationId) -> (String, store::Link) {
    let credential = Credential::mint(Kind::Invitation, id.0);
    let hash = Some(credential.hash(&stoa.config.secrets.pepper));
    let link = store::Link { hash, expires_at: expiry(stoa) };
    (address_of(stoa, &credential), link)
}

/// The link as it goes to the person.
fn address_of(stoa: &Stoa, credential: &Credential) -> String {
    stoa.config.public_urls.console_url(&paths::invitation_link(credential.reveal())).to_string()
}

fn expiry(stoa: &Stoa) -> DateTime<Utc> {
    stoa.clock.now() + TimeDelta::days(LIFE_DAYS)
}

fn target(id: InvitationId, email: &str) -> Target {
    Target { kind: "invitation", id: id.to_string(), name: Some(email.to_owned()) }
}
