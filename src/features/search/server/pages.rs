//! Finding pages, acts and workspaces: what the registry and the switcher offer, by the words that were written.

use super::{OF_ONE_KIND, Wants, group};
use crate::{
    destinations::{ACCOUNT, Destination, OWN, Standing, WORKSPACE},
    paths,
    server::scope::KnownPlace,
    ui::{Found, FoundGroup, Icon},
};

/// What stands in an entry's own name counts for more than what else it is called.
const BY_NAME: u8 = 0;
const BY_A_WORD_OF_IT: u8 = 1;
const BY_ANOTHER_WORD: u8 = 2;
const WITHIN: u8 = 3;

pub fn groups(standing: &Standing, places: &[KnownPlace], wants: &Wants) -> Vec<FoundGroup> {
    let text: &str = match wants {
        Wants::Everything => "",
        Wants::Anything(text) => text,
        Wants::Members(_) | Wants::Keys(_) | Wants::Named(_) | Wants::Secret => return Vec::new(),
    };
    let chords = standing.chords();
    let letter = |href: &str| chords.iter().find(|(_, offer)| offer.href == href).map(|(letter, _)| *letter);
    let of = |place: &'static [Destination]| -> Vec<Found> {
        let offers = standing.offers_of(place).into_iter();
        let fitting = offers.filter_map(|offer| Some((fit(text, offer.destination.label, offer.destination.words)?, offer)));
        sorted(fitting.collect())
            .into_iter()
            .map(|offer| Found {
                label: offer.destination.label.to_owned(),
                detail: String::new(),
                icon: offer.destination.icon,
                letter: letter(&offer.href),
                href: offer.href,
                is_recorded: false,
            })
            .collect()
    };
    vec![
        group("This workspace", of(WORKSPACE)),
        group("Account", of(ACCOUNT)),
        group("Yours", of(OWN)),
        group("Switch to", workspaces(standing, places, text)),
    ]
}

fn workspaces(standing: &Standing, places: &[KnownPlace], text: &str) -> Vec<Found> {
    let is_here = |place: &KnownPlace| standing.workspace.as_ref().is_some_and(|(slug, _)| *slug == place.workspace_slug);
    let fitting = places.iter().filter(|place| !is_here(place)).filter_map(|place| {
        let words = format!("{} {}", place.tenant, place.workspace_slug).to_lowercase();
        Some((fit(text, &place.workspace, &words)?, place))
    });
    sorted(fitting.collect()).into_iter().take(OF_ONE_KIND).map(workspace).collect()
}

fn workspace(place: &KnownPlace) -> Found {
    Found {
        label: place.workspace.clone(),
        detail: format!("{} · {} · {}", place.tenant, place.workspace_slug, place.role),
        icon: Icon::Workspaces,
        href: paths::overview(&place.workspace_slug),
        letter: None,
        is_recorded: false,
    }
}

/// The best first, and otherwise in the order that they have.
fn sorted<T>(mut fitting: Vec<(u8, T)>) -> Vec<T> {
    fitting.sort_by_key(|(fit, _)| *fit);
    fitting.into_iter().map(|(_, found)| found).collect()
}

/// How far from its name what is asked is found, the least by the name itself. None where one of the words is nowhere.
fn fit(asked: &str, label: &str, words: &str) -> Option<u8> {
    let (asked, label) = (asked.to_lowercase(), label.to_lowercase());
    if label.starts_with(&asked) {
        return Some(BY_NAME);
    }
    let begins = |text: &str, part: &str| text.split([' ', '-']).any(|word| word.starts_with(part));
    let fit_of = |part: &str| {
        if begins(&label, part) {
            Some(BY_A_WORD_OF_IT)
        } else if begins(words, part) {
            Some(BY_ANOTHER_WORD)
        } else {
            (label.contains(part) || words.contains(part)).then_some(WITHIN)
        }
    };
    asked.split_whitespace().map(fit_of).try_fold(BY_NAME, |worst, fit| Some(worst.max(fit?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::WorkspaceRole;

    fn labels(role: WorkspaceRole, text: &str) -> Vec<String> {
        let standing = Standing { workspace: Some(("shop-1".to_owned(), role)), ..Standing::default() };
        let wants = Wants::Anything(text.to_owned());
        groups(&standing, &[], &wants).into_iter().flat_map(|group| group.found).map(|found| found.label).collect()
    }

    #[test]
    fn the_name_goes_before_what_else_it_is_called() {
        assert_eq!(fit("api", "API Keys", ""), Some(BY_NAME));
        assert_eq!(fit("", "API Keys", ""), Some(BY_NAME));
        assert_eq!(fit("keys", "API Keys", ""), Some(BY_A_WORD_OF_IT));
        assert_eq!(fit("key api", "API Keys", ""), Some(BY_A_WORD_OF_IT));
        assert_eq!(fit("cred", "API Keys", "secrets credentials"), Some(BY_ANOTHER_WORD));
        assert_eq!(fit("7f3k2q", "Shop", "acme shop-7f3k2q"), Some(BY_ANOTHER_WORD));
        assert_eq!(fit("edential", "API Keys", "credentials"), Some(WITHIN));
        assert_eq!(fit("api nothing", "API Keys", "credentials"), None);
        assert_eq!(labels(WorkspaceRole::Owner, "invit"), ["Invitations", "Invite people"]);
    }

    #[test]
    fn whoever_may_not_do_it_does_not_find_it() {
        assert_eq!(labels(WorkspaceRole::Readonly, "create"), Vec::<String>::new());
        assert_eq!(labels(WorkspaceRole::Admin, "create"), ["Create API key", "Create MCP token"]);
        assert_eq!(labels(WorkspaceRole::Member, "audit"), Vec::<String>::new());
        assert_eq!(labels(WorkspaceRole::Readonly, "audit"), ["Audit Log", "Audit streams"]);
    }

    #[test]
    fn one_does_not_switch_to_where_one_is() {
        let place = |slug: &str| KnownPlace {
            tenant: "Acme".to_owned(),
            tenant_slug: "acme".to_owned(),
            tenant_kind: "team".to_owned(),
            workspace: "Shop".to_owned(),
            workspace_slug: slug.to_owned(),
            role: "owner".to_owned(),
            in_team: true,
        };
        let standing = Standing { workspace: Some(("shop-1".to_owned(), WorkspaceRole::Member)), ..Standing::default() };
        let places = [place("shop-1"), place("shop-2")];
        let hrefs = |text| workspaces(&standing, &places, text).into_iter().map(|found| found.href).collect::<Vec<_>>();
        assert_eq!(hrefs("shop"), ["/w/shop-2"]);
        assert_eq!(hrefs("shop-1"), Vec::<String>::new());
        assert_eq!(hrefs("ACME"), ["/w/shop-2"]);
    }
}
