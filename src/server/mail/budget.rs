//! How many mails a tenant may send. Whoever gets them did not ask for them: an address was entered by somebody, and
//! anyone may be who can sign up.

use chrono::TimeDelta;

use super::store;
use crate::{
    error::AppError,
    ids::TenantId,
    server::scope::{Reach, Scope},
};

/// Mails of one kind to one address within `WINDOW_MINUTES`, of one tenant.
const TO_RECIPIENT: i64 = 3;
const WINDOW_MINUTES: i64 = 10;
const DAY_HOURS: i64 = 24;

/// The budget that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// The tenant's, which is so many in 24 hours.
    OfDay(u32),
    /// The address's.
    OfRecipient,
}

impl Spent {
    /// Why none goes, and when one will: whole sentences, for whoever wanted it.
    pub fn says(self) -> String {
        match self {
            Self::OfDay(most) => format!("This team had {most} mails sent in a day, and no more go. Try again in some hours."),
            Self::OfRecipient => {
                format!(
                    "{TO_RECIPIENT} mails like it went to this address just now, and no more go. Try again in {WINDOW_MINUTES} minutes."
                )
            }
        }
    }
}

/// The budget that keeps a mail from being put on the list now; None where there is room, or no mail is configured.
///
/// It counts what is on the list, this scope's own included. Scopes that are open at the same time do not see each other's,
/// so that a budget can be passed by what they put down together: it bounds a flood, and nobody waits for it.
pub async fn spent<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, kind: &str, recipient: &str) -> Result<Option<Spent>, AppError> {
    let Some(most) = scope.stoa().config.mail.as_ref().map(|mail| mail.daily_per_tenant) else { return Ok(None) };
    let now = scope.now();
    let since = (now - TimeDelta::hours(DAY_HOURS), now - TimeDelta::minutes(WINDOW_MINUTES));
    let (of_day, to_recipient) = store::so_far(scope, tenant, kind, recipient, since, most.into()).await?;
    Ok(if of_day >= i64::from(most) { Some(Spent::OfDay(most)) } else { (to_recipient >= TO_RECIPIENT).then_some(Spent::OfRecipient) })
}
