//! Inviting one or many: what can be done is done, and every address gets an answer of its own.

use std::collections::HashMap;

use super::{Terms, expiry, mailing, mint, store, target};
use crate::{
    access::workspace::ManageMembers,
    error::{AppError, FieldError},
    features::{
        invitations::{AT_ONCE, model::Entry},
        members::{self, model::judge},
        teams,
    },
    ids::InvitationId,
    server::{
        events::{Event, EventKind},
        mail::Spent,
        scope::WorkspaceScope,
    },
};

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address, or what was written where there is none in it.
    pub written: String,
    pub outcome: Outcome,
}

impl Answer {
    /// For where nobody at all could be invited.
    pub fn fault(&self) -> FieldError {
        FieldError { field: "addresses", message: format!("{}: {}", self.written, self.outcome.says()) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The link is there only where no mail carries one.
    Invited {
        id: InvitationId,
        link: Option<String>,
        /// Why no mail goes to this address, where others are sent.
        unmailed: Option<Spent>,
    },
    Member,
    /// Before, and still pending.
    AlreadyInvited {
        id: InvitationId,
        expired: bool,
    },
    /// Entered twice.
    Repeated,
    OutsideDomains,
    NotAnAddress(&'static str),
}

impl Outcome {
    pub fn is_invited(&self) -> bool {
        matches!(self, Self::Invited { .. })
    }

    /// What became of the address, in a sentence.
    pub fn says(&self) -> String {
        match self {
            Self::Invited { link: Some(_), unmailed: Some(spent), .. } => format!("{} Or pass this link on.", spent.says()),
            Self::Invited { link: Some(_), .. } => "Pass this link on.".to_owned(),
            Self::Invited { link: None, .. } => "A mail with the link is on its way.".to_owned(),
            Self::Member => "Is a member already.".to_owned(),
            Self::AlreadyInvited { expired: false, .. } => "Is invited already. Resend that invitation instead.".to_owned(),
            Self::AlreadyInvited { expired: true, .. } => {
                "Was invited, and the link has expired. Resend that invitation instead.".to_owned()
            }
            Self::Repeated => "Stands here twice.".to_owned(),
            Self::OutsideDomains => "Is outside the domains that this team allows.".to_owned(),
            Self::NotAnAddress(why) => (*why).to_owned(),
        }
    }
}

/// Invites whoever can be invited.
///
/// # Errors
/// `NotAllowed` above one's own level; `Conflict` in a personal account; `Invalid` with more entries than go at once, or
/// with none.
pub async fn invite(scope: &mut WorkspaceScope<ManageMembers>, entries: Vec<Entry>, terms: Terms) -> Result<Vec<Answer>, AppError> {
    judge(scope.role(), None, Some(terms.role)).map_err(AppError::NotAllowed)?;
    if scope.tenant().kind == teams::server::PERSONAL {
        return Err(AppError::Conflict("A personal account has one person. Make it a team first, then invite people.".to_owned()));
    }
    if entries.is_empty() {
        return Err(AppError::invalid("addresses", "There is no address. Enter one, or several on lines of their own."));
    }
    if entries.len() > AT_ONCE {
        let says = format!("These are {} addresses. Invite {AT_ONCE} at a time at most.", entries.len());
        return Err(AppError::invalid("addresses", says));
    }
    let known = Known::load(scope, &entries).await?;
    let mut seen = std::collections::HashSet::new();
    let mut answers = Vec::new();
    for entry in entries {
        let answer = match entry.address {
            Err(why) => Answer { written: entry.written, outcome: Outcome::NotAnAddress(why) },
            Ok(address) => {
                let outcome =
                    if seen.insert(address.to_lowercase()) { one(scope, &known, &address, terms).await? } else { Outcome::Repeated };
                Answer { written: address, outcome }
            }
        };
        answers.push(answer);
    }
    Ok(answers)
}

/// What is known of the addresses before any is invited.
struct Known {
    members: Vec<String>,
    pending: HashMap<String, Outcome>,
    domains: Vec<String>,
}

impl Known {
    async fn load(scope: &mut WorkspaceScope<ManageMembers>, entries: &[Entry]) -> Result<Self, AppError> {
        let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
        let addresses: Vec<String> =
            entries.iter().filter_map(|entry| entry.address.as_ref().ok()).map(|address| address.to_lowercase()).collect();
        let pending = store::pending_for(scope, tenant, workspace, &addresses).await?;
        Ok(Self {
            members: members::server::addresses_in(scope, &addresses).await?,
            pending: pending
                .into_iter()
                .map(|(email, id, expires_at)| (email, Outcome::AlreadyInvited { id, expired: expires_at <= now }))
                .collect(),
            domains: teams::server::allowed_domains(scope, tenant).await?,
        })
    }
}

async fn one(scope: &mut WorkspaceScope<ManageMembers>, known: &Known, address: &str, terms: Terms) -> Result<Outcome, AppError> {
    let lower = address.to_lowercase();
    if known.members.contains(&lower) {
        return Ok(Outcome::Member);
    }
    if let Some(already) = known.pending.get(&lower) {
        return Ok(already.clone());
    }
    if !teams::server::domains::admit(&known.domains, address) {
        return Ok(Outcome::OutsideDomains);
    }
    let (tenant, workspace, id) = (scope.tenant().id, scope.workspace().id, InvitationId(scope.new_id()));
    let unmailed = mailing::spent(scope, address).await?;
    let (link, kept) = new_link(scope, id, unmailed.is_none());
    if !store::insert(scope, tenant, workspace, id, address, &terms, &kept).await? {
        // Somebody else invited them while this was being decided.
        let pending = store::pending_for(scope, tenant, workspace, &[lower]).await?;
        return Ok(pending.into_iter().next().map_or(Outcome::Repeated, |(_, id, _)| Outcome::AlreadyInvited { id, expired: false }));
    }
    if kept.hash.is_none() {
        mailing::queue(scope, id, address).await?;
    }
    let mut event = Event::new(EventKind::InvitationCreated, target(id, address)).changing("role", None, Some(terms.role.name())).changing(
        "expires_at",
        None,
        Some(&kept.expires_at.to_rfc3339()),
    );
    if let Some(end) = terms.ends_at {
        event = event.changing("ends_at", None, Some(&end.to_rfc3339()));
    }
    scope.record(event);
    Ok(Outcome::Invited { id, link, unmailed })
}

/// A mail makes its own link when it is sent, so that no secret waits anywhere; where none goes it is made here and shown.
fn new_link(scope: &WorkspaceScope<ManageMembers>, id: InvitationId, may_mail: bool) -> (Option<String>, store::Link) {
    let stoa = scope.stoa();
    if may_mail && stoa.config.mail.is_some() {
        return (None, store::Link { hash: None, expires_at: expiry(stoa) });
    }
    let (link, kept) = mint(stoa, id);
    (Some(link), kept)
}
