//! What somebody looks for, read from what they wrote or pasted.

use crate::{
    features::api_keys::server::search,
    ids::{ApiKeyId, AuditId, InvitationId, MembershipId, RequestId},
    server::credentials::WITHHELD,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As it may stand in an address: never a secret.
    pub text: String,
    pub wants: Wants,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Nothing was written: whatever there is to go to.
    Everything,
    Anything(String),
    /// After an `@`; all of them where nothing follows.
    Members(String),
    /// After a `#`.
    Keys(String),
    Named(Named),
    /// A secret other than a whole API key, or a part of one: it was not kept.
    Secret,
}

/// What an id names that was pasted whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Key(ApiKeyId),
    Member(MembershipId),
    Invitation(InvitationId),
    Row(AuditId),
    Request(RequestId),
}

impl Named {
    fn read(text: &str) -> Option<Self> {
        text.parse()
            .map(Self::Key)
            .or_else(|_| text.parse().map(Self::Member))
            .or_else(|_| text.parse().map(Self::Invitation))
            .or_else(|_| text.parse().map(Self::Row))
            .or_else(|_| text.parse().map(Self::Request))
            .ok()
    }
}

impl Asked {
    /// A whole API key stands for its id.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let prefix = text.chars().next().filter(|first| ['@', '#'].contains(first));
        let rest = prefix.map_or(text, |prefix| text.trim_start_matches(prefix).trim_start());
        let Some(rest) = search::asked(rest) else {
            return Self { text: WITHHELD.to_owned(), wants: Wants::Secret };
        };
        if let Some(named) = Named::read(&rest) {
            return Self { text: rest, wants: Wants::Named(named) };
        }
        let text = prefix.map(String::from).unwrap_or_default() + &rest;
        let wants = match prefix {
            Some('@') => Wants::Members(rest),
            Some(_) => Wants::Keys(rest),
            None if rest.is_empty() => Wants::Everything,
            None => Wants::Anything(rest),
        };
        Self { text, wants }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        features::api_keys::server::hint,
        server::credentials::{Credential, Kind},
    };

    fn read(text: &str) -> (String, Wants) {
        let asked = Asked::read(text);
        // What stands in the address asks for the same again.
        assert_eq!(Asked::read(&asked.text), asked, "{text}");
        (asked.text, asked.wants)
    }

    #[test]
    fn a_sign_in_front_says_what_is_looked_for() {
        assert_eq!(read("  "), (String::new(), Wants::Everything));
        assert_eq!(read(" Api keys "), ("Api keys".to_owned(), Wants::Anything("Api keys".to_owned())));
        assert_eq!(read("@ ada"), ("@ada".to_owned(), Wants::Members("ada".to_owned())));
        assert_eq!(read("@"), ("@".to_owned(), Wants::Members(String::new())));
        assert_eq!(read("#nightly"), ("#nightly".to_owned(), Wants::Keys("nightly".to_owned())));
        assert_eq!(read("ada@example.com").1, Wants::Anything("ada@example.com".to_owned()));
    }

    #[test]
    fn an_id_says_by_itself_what_it_names() {
        let id = Uuid::max();
        for (text, named) in [
            (ApiKeyId(id).to_string(), Named::Key(ApiKeyId(id))),
            (MembershipId(id).to_string(), Named::Member(MembershipId(id))),
            (InvitationId(id).to_string(), Named::Invitation(InvitationId(id))),
            (AuditId(id).to_string(), Named::Row(AuditId(id))),
            (RequestId(id).to_string(), Named::Request(RequestId(id))),
        ] {
            assert_eq!(read(&format!(" {text}\n")), (text.clone(), Wants::Named(named)));
        }
        assert_eq!(read("req_cut").1, Wants::Anything("req_cut".to_owned()));
    }

    #[test]
    fn no_secret_is_left_in_what_is_asked() {
        let secret = |kind| Credential::mint(kind, Uuid::max()).reveal();
        let named = Wants::Named(Named::Key(ApiKeyId(Uuid::max())));
        for text in [secret(Kind::Key), secret(Kind::Mcp), format!("#{}", secret(Kind::Key))] {
            assert_eq!(read(&text), (ApiKeyId(Uuid::max()).to_string(), named.clone()));
        }
        assert_eq!(read(&hint(Kind::Key, "a1b2")).1, Wants::Anything("a1b2".to_owned()));
        for text in
            [secret(Kind::Invitation), secret(Kind::RefreshToken), secret(Kind::Key)[..50].to_owned(), format!("@{}", secret(Kind::Scim))]
        {
            assert_eq!(read(&text), (WITHHELD.to_owned(), Wants::Secret), "{text}");
        }
    }
}
