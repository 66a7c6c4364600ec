//! Every place to go to from a page of the console, said once: the rail, the search, the palette, the chords and their
//! sheet are made of it. Each is offered to those alone whom the door at its address lets in.

mod table;

pub use table::{ACCOUNT, OWN, WORKSPACE};

use crate::{
    access::{TenantPermission, TenantRole, WorkspacePermission, WorkspaceRole},
    ui::Icon,
};

/// What somebody must be to be offered a destination; the door at its address asks for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    SignedIn,
    /// Signed in, and one of the operator's own people.
    Operator,
    Account(TenantPermission),
    Workspace(WorkspacePermission),
    /// Being in the workspace oneself, as support that looks in is not. Its door asks for reading it.
    Membership,
}

/// The groups of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Account,
    Observe,
    Access,
    Configure,
    Operator,
}

impl Heading {
    /// In the order of the rail.
    pub const ALL: [Self; 5] = [Self::Account, Self::Observe, Self::Access, Self::Configure, Self::Operator];

    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Observe => "Observe",
            Self::Access => "Access",
            Self::Configure => "Configure",
            Self::Operator => "Operator",
        }
    }
}

/// The kinds of account that a destination is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    All,
    Teams,
    Personal,
}

/// A page, or the page on which an act is begun: the same that its button leads to.
#[derive(Clone, Copy, Debug)]
pub struct Destination {
    pub label: &'static str,
    /// What else people call it, in lower case, with spaces between.
    pub words: &'static str,
    pub icon: Icon,
    pub needs: Needs,
    /// What is pressed after `g` to go there.
    pub letter: Option<char>,
    /// Where in the rail it stands; not at all without one.
    pub heading: Option<Heading>,
    pub accounts: Accounts,
    address: fn(&str) -> String,
}

impl Destination {
    /// Its address in the place of this slug.
    pub fn address(&self, slug: &str) -> String {
        (self.address)(slug)
    }

    fn href(&self, standing: &Standing) -> Option<String> {
        match self.needs {
            Needs::SignedIn => Some(self.address("")),
            Needs::Operator => standing.is_operator.then(|| self.address("")),
            Needs::Account(permission) => {
                let account = standing.account.as_ref()?;
                (account.role.may(permission) && self.is_for(account)).then(|| self.address(&account.slug))
            }
            Needs::Workspace(permission) => {
                let (slug, role) = standing.workspace.as_ref()?;
                role.may(permission).then(|| self.address(slug))
            }
            Needs::Membership => {
                let (slug, _) = standing.workspace.as_ref()?;
                (!standing.is_support).then(|| self.address(slug))
            }
        }
    }

    fn is_for(&self, account: &Account) -> bool {
        match self.accounts {
            Accounts::All => true,
            Accounts::Teams => !account.is_personal,
            Accounts::Personal => account.is_personal,
        }
    }
}

/// Where somebody is and what they are there, which decides what they are offered.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The workspace's slug, and the role in it.
    pub workspace: Option<(String, WorkspaceRole)>,
    pub account: Option<Account>,
    pub is_operator: bool,
    /// In the workspace by an owner's consent alone.
    pub is_support: bool,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub slug: String,
    pub role: TenantRole,
    pub is_personal: bool,
}

/// A destination that somebody may go to from where they are.
#[derive(Clone, Debug)]
pub struct Offer {
    pub destination: &'static Destination,
    pub href: String,
}

impl Standing {
    /// All that may be gone to: of the workspace first, then of the account, then one's own.
    pub fn offers(&self) -> Vec<Offer> {
        [WORKSPACE, ACCOUNT, OWN].into_iter().flat_map(|place| self.offers_of(place)).collect()
    }

    /// Those of one of the tables.
    pub fn offers_of(&self, place: &'static [Destination]) -> Vec<Offer> {
        place.iter().filter_map(|destination| Some(Offer { destination, href: destination.href(self)? })).collect()
    }

    /// Those with a letter. Where two have the same one it leads to the nearer: the settings of the workspace, and only
    /// outside of one those of the account.
    pub fn chords(&self) -> Vec<(char, Offer)> {
        let mut chords: Vec<(char, Offer)> = Vec::new();
        for offer in self.offers() {
            if let Some(letter) = offer.destination.letter.filter(|letter| chords.iter().all(|(taken, _)| taken != letter)) {
                chords.push((letter, offer));
            }
        }
        chords
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn standing(role: WorkspaceRole, tenant_role: TenantRole) -> Standing {
        let account = Account { slug: "acme".to_owned(), role: tenant_role, is_personal: false };
        Standing { workspace: Some(("shop".to_owned(), role)), account: Some(account), ..Standing::default() }
    }

    fn offered(standing: &Standing) -> Vec<String> {
        standing.offers().into_iter().map(|offer| offer.href).collect()
    }

    #[test]
    fn no_two_of_one_place_share_a_letter() {
        for place in [WORKSPACE, ACCOUNT, OWN] {
            let letters: Vec<char> = place.iter().filter_map(|destination| destination.letter).collect();
            assert_eq!(letters.iter().collect::<HashSet<_>>().len(), letters.len(), "{letters:?}");
            // `g` begins a chord.
            assert!(letters.iter().all(|letter| letter.is_ascii_lowercase() && *letter != 'g'), "{letters:?}");
        }
    }

    #[test]
    fn one_s_own_letters_lead_there_from_everywhere() {
        let taken = |letter| [WORKSPACE, ACCOUNT].concat().iter().any(|destination| destination.letter == Some(letter));
        for destination in OWN {
            assert!(!destination.letter.is_some_and(taken), "{}", destination.label);
        }
    }

    #[test]
    fn a_letter_leads_to_the_nearer_of_two() {
        let of = |standing: &Standing, letter| standing.chords().into_iter().find(|(of, _)| *of == letter).map(|(_, offer)| offer.href);
        let mut here = standing(WorkspaceRole::Owner, TenantRole::Owner);
        assert_eq!(of(&here, 's').as_deref(), Some("/w/shop/settings"));
        here.workspace = None;
        assert_eq!(of(&here, 's').as_deref(), Some("/t/acme/settings"));
        here.account = None;
        assert_eq!(of(&here, 's'), None);
        assert_eq!(of(&here, 'i').as_deref(), Some("/inbox"));
        // Whoever may not read the workspace's log gets to the account's, where they may read that one.
        let elsewhere = standing(WorkspaceRole::Member, TenantRole::Billing);
        assert_eq!(of(&elsewhere, 'a').as_deref(), Some("/t/acme/audit-log"));
    }

    #[test]
    fn each_is_offered_to_the_roles_that_may_and_to_no_other() {
        for (role, tenant_role) in WorkspaceRole::ALL.into_iter().flat_map(|role| TenantRole::ALL.map(|tenant_role| (role, tenant_role))) {
            let offers = offered(&standing(role, tenant_role));
            for destination in [WORKSPACE, ACCOUNT, OWN].concat() {
                let (may, slug) = match destination.needs {
                    Needs::SignedIn => (true, ""),
                    Needs::Operator => (false, ""),
                    Needs::Account(permission) => (tenant_role.may(permission) && destination.accounts != Accounts::Personal, "acme"),
                    Needs::Workspace(permission) => (role.may(permission), "shop"),
                    Needs::Membership => (true, "shop"),
                };
                let is_offered = offers.contains(&destination.address(slug));
                assert_eq!(is_offered, may, "{} to {role} and {tenant_role}", destination.label);
            }
        }
    }

    #[test]
    fn nothing_of_a_place_is_offered_outside_of_it() {
        let nowhere = Standing::default();
        assert!(offered(&nowhere).iter().all(|href| !href.starts_with("/w/") && !href.starts_with("/t/")));
        let operator = Standing { is_operator: true, ..nowhere };
        assert!(offered(&operator).contains(&"/support".to_owned()));
    }
}
