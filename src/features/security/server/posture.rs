//! The rules of a posture, and which of two holds.

use ipnet::IpNet;

/// What a place asks of a session. None and empty ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posture {
    pub idle_minutes: Option<i32>,
    pub absolute_hours: Option<i32>,
    pub require_multi_factor: bool,
    pub allowed_networks: Vec<IpNet>,
}

impl Posture {
    /// Whether it asks the same of the network and of the second factor: what no sign-in of one's own can mend.
    pub fn limits_as(&self, other: &Self) -> bool {
        self.require_multi_factor == other.require_multi_factor && self.allowed_networks == other.allowed_networks
    }
}

/// What a workspace decides beside that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extras {
    /// Credentials live this long at most.
    pub credential_days: i32,
    /// Told beside the owners and admins, by mail.
    pub notify: Vec<String>,
}

/// All that one page sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub posture: Posture,
    /// Of a workspace; a team has none.
    pub extras: Option<Extras>,
}

/// Who asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Installation,
    Team,
    Workspace,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Team => "team",
            Self::Workspace => "workspace",
        }
    }

    pub fn says(self) -> &'static str {
        match self {
            Self::Installation => "set by the operator for all of this console",
            Self::Team => "set by the team",
            Self::Workspace => "set by this workspace",
        }
    }
}

/// What holds in a place, and who asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    pub idle_minutes: (i32, Source),
    pub absolute_hours: (i32, Source),
    pub multi_factor: Option<Source>,
    /// Each list must hold the address.
    pub networks: Vec<(Vec<IpNet>, Source)>,
}

impl Effective {
    /// The strictest of all; of two that ask the same, the wider one is named.
    pub fn of(idle_minutes: i32, absolute_hours: i32, team: &Posture, workspace: Option<&Posture>) -> Self {
        let asking =
            || [(Some(team), Source::Team), (workspace, Source::Workspace)].into_iter().filter_map(|(posture, by)| Some((posture?, by)));
        let strictest = |of_all: i32, asked: fn(&Posture) -> Option<i32>| {
            asking()
                .filter_map(|(posture, by)| Some((asked(posture)?, by)))
                .fold((of_all, Source::Installation), |strictest, next| if next.0 < strictest.0 { next } else { strictest })
        };
        Self {
            idle_minutes: strictest(idle_minutes, |posture| posture.idle_minutes),
            absolute_hours: strictest(absolute_hours, |posture| posture.absolute_hours),
            multi_factor: asking().find(|(posture, _)| posture.require_multi_factor).map(|(_, by)| by),
            networks: asking()
                .filter(|(posture, _)| !posture.allowed_networks.is_empty())
                .map(|(posture, by)| (posture.allowed_networks.clone(), by))
                .collect(),
        }
    }
}

/// One field that a change touches, as events and the review name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub field: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Settings {
    /// Every field by name, as text; None where nothing is asked.
    fn fields(&self) -> Vec<(&'static str, Option<String>)> {
        let listed = |values: Vec<String>| (!values.is_empty()).then(|| values.join(", "));
        let posture = &self.posture;
        let mut fields = vec![
            ("idle_minutes", posture.idle_minutes.map(|minutes| minutes.to_string())),
            ("absolute_hours", posture.absolute_hours.map(|hours| hours.to_string())),
            ("require_multi_factor", posture.require_multi_factor.then(|| "yes".to_owned())),
            ("allowed_networks", listed(posture.allowed_networks.iter().map(ToString::to_string).collect())),
        ];
        if let Some(extras) = &self.extras {
            fields.push(("credential_days", Some(extras.credential_days.to_string())));
            fields.push(("notify", listed(extras.notify.clone())));
        }
        fields
    }

    /// What is written where in a form; the values that `entries` reads back.
    pub fn entered(&self) -> Vec<(&'static str, String)> {
        self.fields().into_iter().map(|(field, value)| (field, value.unwrap_or_default())).collect()
    }

    /// The addresses of both, each once.
    pub fn named_beside(&self, other: &Self) -> Vec<String> {
        let of = |settings: &Self| settings.extras.as_ref().map(|extras| extras.notify.clone()).unwrap_or_default();
        let mut named = of(self);
        named.extend(of(other).into_iter().filter(|address| !of(self).contains(address)));
        named
    }

    pub fn differences(&self, wanted: &Self) -> Vec<Difference> {
        self.fields()
            .into_iter()
            .zip(wanted.fields())
            .filter(|((_, before), (_, after))| before != after)
            .map(|((field, before), (_, after))| Difference { field, before, after })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posture(idle: Option<i32>, hours: Option<i32>, factor: bool, networks: &[&str]) -> Posture {
        let allowed_networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
        Posture { idle_minutes: idle, absolute_hours: hours, require_multi_factor: factor, allowed_networks }
    }

    #[test]
    fn the_strictest_holds_whoever_asks_for_it() {
        let choices = [None, Some(5), Some(60), Some(10_000)];
        for team in choices {
            for workspace in choices {
                for (one, other) in [(false, false), (false, true), (true, false), (true, true)] {
                    let (of_team, of_workspace) = (posture(team, team, one, &[]), posture(workspace, workspace, other, &[]));
                    let effective = Effective::of(480, 168, &of_team, Some(&of_workspace));
                    let expected = |of_all| [Some(of_all), team, workspace].into_iter().flatten().min();
                    assert_eq!(Some(effective.idle_minutes.0), expected(480), "{team:?} {workspace:?}");
                    assert_eq!(Some(effective.absolute_hours.0), expected(168), "{team:?} {workspace:?}");
                    assert_eq!(effective.multi_factor.is_some(), one || other);
                }
            }
        }
    }

    #[test]
    fn who_asks_is_named() {
        let team = posture(Some(30), None, true, &["10.0.0.0/8"]);
        let workspace = posture(Some(60), Some(12), true, &["10.1.0.0/16"]);
        let effective = Effective::of(480, 168, &team, Some(&workspace));
        assert_eq!(effective.idle_minutes, (30, Source::Team));
        assert_eq!(effective.absolute_hours, (12, Source::Workspace));
        assert_eq!(effective.multi_factor, Some(Source::Team));
        assert_eq!(effective.networks.iter().map(|(_, by)| *by).collect::<Vec<_>>(), [Source::Team, Source::Workspace]);
        let alone = Effective::of(480, 168, &Posture::default(), None);
        assert_eq!(alone.idle_minutes, (480, Source::Installation));
    }

    #[test]
    fn a_change_names_what_it_touches_and_nothing_else() {
        let before = Settings { posture: posture(None, Some(12), false, &[]), extras: None };
        let after = Settings { posture: posture(Some(30), Some(12), true, &["10.0.0.0/8", "2001:db8::/32"]), extras: None };
        let found: Vec<(&str, Option<String>, Option<String>)> =
            before.differences(&after).into_iter().map(|found| (found.field, found.before, found.after)).collect();
        assert_eq!(
            found,
            [
                ("idle_minutes", None, Some("30".to_owned())),
                ("require_multi_factor", None, Some("yes".to_owned())),
                ("allowed_networks", None, Some("10.0.0.0/8, 2001:db8::/32".to_owned())),
            ]
        );
        assert_eq!(after.differences(&after), []);
    }
}
