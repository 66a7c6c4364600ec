//! The pages of API keys, and of MCP clients by their tokens: the list, a new one, one of them, its end, and what they show alike.

mod changing;
mod connecting;
mod create;
mod key;
mod list;
mod once;
mod revoke;

pub use changing::{hand_over, lift, limit, narrow, quarantine, rotate};
pub use create::{create, show_new};
pub use key::{show_key, show_managing};
pub use list::{export, show};
pub use revoke::{revoke, show_revoking};

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

use super::server::{Key, list_page};
use crate::{
    error::AppError,
    server::{Reader, credentials::Kind, http::door::RefusedForm},
    ui::{Time, Tone},
};

/// From so many days before its end on, a key's status says when it comes.
const SOON_DAYS: i64 = 30;

const REVOKED: &str = "revoked";

/// Where one of a kind is made.
fn new_page(kind: Kind, workspace: &str) -> String {
    format!("{}/new", list_page(kind, workspace))
}

/// Whether the key is ended for good, by somebody or by time.
fn is_over(key: &Key) -> bool {
    key.status == REVOKED || key.status == "expired"
}

/// A key's state in a word or two.
fn status(key: &Key, now: DateTime<Utc>) -> (Tone, String) {
    let left = key.expires_at - now;
    match key.status.as_str() {
        "quarantined" => (Tone::Danger, "quarantined".to_owned()),
        "active" if left < TimeDelta::days(1) => (Tone::Warning, "expires within a day".to_owned()),
        "active" if left < TimeDelta::days(2) => (Tone::Warning, "expires in 1 day".to_owned()),
        "active" if left <= TimeDelta::days(SOON_DAYS) => (Tone::Warning, format!("expires in {} days", left.num_days())),
        "active" => (Tone::Success, "active".to_owned()),
        over => (Tone::Neutral, over.to_owned()),
    }
}

fn moment(at: DateTime<Utc>, reader: &Reader) -> impl IntoView + use<> {
    let shown = reader.shown(at);
    view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=shown.relative/> }
}

/// When, and from which network.
fn last_use(at: Option<DateTime<Utc>>, network: Option<String>, reader: &Reader) -> impl IntoView + use<> {
    let network = network.map(|network| view! { " from " <code>{network}</code> });
    at.map_or_else(|| "never".into_any(), |at| view! { {moment(at, reader)} {network} }.into_any())
}

/// What to say above a form that was refused for another reason than a field.
fn refusal(refused: &RefusedForm) -> Option<String> {
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::WorkspaceRole,
        ids::{ApiKeyId, UserId},
    };

    #[test]
    fn a_status_says_when_the_end_is_near() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let shown = |status_word: &str, left| {
            let key = Key {
                kind: Kind::Key,
                id: ApiKeyId(uuid::Uuid::nil()),
                name: String::new(),
                steward: UserId(uuid::Uuid::nil()),
                steward_name: String::new(),
                max_role: WorkspaceRole::Member,
                scopes: Vec::new(),
                status: status_word.to_owned(),
                reason: None,
                last_four: String::new(),
                created_at: now,
                expires_at: now + left,
                handed_over_at: None,
                last_used_at: None,
                last_used_network: None,
                last_used_agent: None,
                calls_per_minute: None,
                version: 1,
            };
            status(&key, now).1
        };
        assert_eq!(shown("active", TimeDelta::days(90)), "active");
        assert_eq!(shown("active", TimeDelta::days(30)), "expires in 30 days");
        assert_eq!(shown("active", TimeDelta::hours(25)), "expires in 1 day");
        assert_eq!(shown("active", TimeDelta::hours(23)), "expires within a day");
        assert_eq!(shown("quarantined", TimeDelta::hours(23)), "quarantined");
        assert_eq!(shown("revoked", TimeDelta::hours(-23)), "revoked");
    }
}
