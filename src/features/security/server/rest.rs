//! A workspace's security posture over the API: what holds, and whom a change would cut off. The change itself is a
//! person's, in the console.

use http::{Method, StatusCode};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Effective, Review, Settings, Source, entries, find, foresee};
use crate::{
    access::workspace::{ManageSettings, ReadSecurity},
    error::AppError,
    paths,
    server::{
        http::Fields,
        rest::{Answer, Call, Named, Nothing, Operation},
    },
};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            Named::new(
                "security.get",
                "/workspace/security",
                Some("settings:read"),
                "What the workspace asks of whoever comes in, what holds here, and who asks for it.",
            ),
            get,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "security.review",
                "/workspace/security/review",
                Some("settings:write"),
                "Whom a change of the workspace's posture would cut off. Nothing is changed; a person makes it, in the console.",
            ),
            StatusCode::OK,
            review,
        ),
    ]
}

#[derive(Serialize, JsonSchema)]
struct Security {
    /// The strictest of what the installation, the team and the workspace ask for.
    in_force: InForce,
    /// What the workspace asks for itself.
    own: Own,
    /// The workspace's.
    version: i64,
    /// Where a person changes it.
    page: String,
}

#[derive(Serialize, JsonSchema)]
struct InForce {
    /// So many minutes without a request end a session here.
    idle_minutes: Clock,
    /// So many hours after it began a session ends here.
    absolute_hours: Clock,
    require_multi_factor: bool,
    /// Who asks for a second factor: `team` or `workspace`.
    multi_factor_set_by: Option<String>,
    /// An address must be in each of these lists. Keys are asked too.
    allowed_networks: Vec<Networks>,
}

#[derive(Serialize, JsonSchema)]
struct Clock {
    value: i32,
    /// `installation`, `team` or `workspace`.
    set_by: String,
}

#[derive(Serialize, JsonSchema)]
struct Networks {
    networks: Vec<String>,
    /// `team` or `workspace`.
    set_by: String,
}

/// What a workspace asks for, whole: what is left out asks for nothing.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {
    /// 5 to 43,200.
    idle_minutes: Option<i32>,
    /// 1 to 2,160.
    absolute_hours: Option<i32>,
    #[serde(default)]
    require_multi_factor: bool,
    /// Up to 100 networks in CIDR notation; empty for anywhere.
    #[serde(default)]
    allowed_networks: Vec<String>,
    /// The latest expiry of a new credential, 1 to 366.
    credential_days: i32,
    /// Up to 10 addresses that are mailed when these settings change.
    #[serde(default)]
    notify: Vec<String>,
}

impl Own {
    /// As a form holds it, so that both are read by the same rules.
    fn fields(&self) -> Fields {
        let number = |value: Option<i32>| value.map(|value| value.to_string()).unwrap_or_default();
        let asks = if self.require_multi_factor { "yes" } else { "" };
        Fields::of(
            [
                ("idle_minutes", number(self.idle_minutes)),
                ("absolute_hours", number(self.absolute_hours)),
                ("require_multi_factor", asks.to_owned()),
                ("allowed_networks", self.allowed_networks.join("\n")),
                ("credential_days", self.credential_days.to_string()),
                ("notify", self.notify.join("\n")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        )
    }
}

fn texts(networks: &[IpNet]) -> Vec<String> {
    networks.iter().map(ToString::to_string).collect()
}

impl From<Settings> for Own {
    fn from(Settings { posture, extras }: Settings) -> Self {
        let (credential_days, notify) = extras.map(|extras| (extras.credential_days, extras.notify)).unwrap_or_default();
        Self {
            idle_minutes: posture.idle_minutes,
            absolute_hours: posture.absolute_hours,
            require_multi_factor: posture.require_multi_factor,
            allowed_networks: texts(&posture.allowed_networks),
            credential_days,
            notify,
        }
    }
}

impl From<Effective> for InForce {
    fn from(effective: Effective) -> Self {
        let by = |source: Source| source.name().to_owned();
        let clock = |(value, source)| Clock { value, set_by: by(source) };
        Self {
            idle_minutes: clock(effective.idle_minutes),
            absolute_hours: clock(effective.absolute_hours),
            require_multi_factor: effective.multi_factor.is_some(),
            multi_factor_set_by: effective.multi_factor.map(by),
            allowed_networks: effective
                .networks
                .into_iter()
                .map(|(list, source)| Networks { networks: texts(&list), set_by: by(source) })
                .collect(),
        }
    }
}

async fn get(mut call: Call<ReadSecurity>, _: Nothing) -> Result<Answer<ReadSecurity, Security>, AppError> {
    let (settings, effective) = find(&mut call.scope).await?;
    let workspace = call.scope.workspace();
    let version = workspace.version;
    let page = call.scope.stoa().config.public_urls.console_url(&paths::security(&workspace.slug)).to_string();
    let security = Security { in_force: effective.into(), own: settings.into(), version, page };
    Ok(call.answers(security).at_version(version))
}

#[derive(Serialize, JsonSchema)]
struct Reviewed {
    /// What differs from what is set now; empty where nothing does.
    changes: Vec<Changed>,
    /// By name. They are signed in now, and would not get in any more.
    cut_off: Vec<Affected>,
    /// Where a person makes the change.
    page: String,
}

#[derive(Serialize, JsonSchema)]
struct Changed {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Affected {
    /// `usr_…`
    user: String,
    name: String,
    sessions: usize,
    /// Of these, the sessions that would be over everywhere, having reached nothing else.
    ending: usize,
}

impl Reviewed {
    fn of(review: Review, page: String) -> Self {
        let changes = review.differences.into_iter();
        let people = review.cut_off.people.into_iter();
        Self {
            changes: changes
                .map(|difference| Changed { field: difference.field.to_owned(), before: difference.before, after: difference.after })
                .collect(),
            cut_off: people
                .map(|person| Affected {
                    user: person.id.to_string(),
                    sessions: person.sessions.len(),
                    ending: person.sessions.iter().filter(|session| session.ends).count(),
                    name: person.name,
                })
                .collect(),
            page,
        }
    }
}

async fn review(mut call: Call<ManageSettings>, wanted: Own) -> Result<Answer<ManageSettings, Reviewed>, AppError> {
    let wanted = entries::read(&wanted.fields(), true)?;
    let workspace = call.scope.workspace();
    let version = workspace.version;
    let page = call.scope.stoa().config.public_urls.console_url(&paths::security(&workspace.slug)).to_string();
    let expected = call.version_or(version);
    let review = foresee(&mut call.scope, &wanted, expected).await?;
    Ok(call.answers(Reviewed::of(review, page)).at_version(version))
}
