//! What can be asked of a row by name, and how each value is read.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{
    ids::RequestId,
    server::{events::Outcome, modules},
};

const CHANNELS: [&str; 6] = ["console", "api", "mcp", "cli", "idp", "system"];
/// Characters of an id behind its prefix (`crate::ids`), and of a session's, which is a part of a hash.
const ID_LENGTH: usize = 26;
const SESSION_LENGTH: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    Actor,
    Action,
    Target,
    Credential,
    Channel,
    Outcome,
    Module,
    Request,
    Ip,
    Before,
    After,
}

/// Who or what a row names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A whole id, which an index leads to.
    Id(String),
    /// An id of another form, or a part of the name.
    Named(String),
}

/// What a row has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Anywhere in what people read of it.
    Words(String),
    Actor(Who),
    /// A whole name, or its beginning up to a dot.
    Action(String),
    Target(Who),
    Credential(String),
    Channel(&'static str),
    Outcome(Outcome),
    /// The key of a module.
    Module(&'static str),
    Request(RequestId),
    /// An address, as a network of one, or a network.
    Ip(IpNet),
    /// A part of what a field was before.
    Before(String),
    After(String),
}

impl Wants {
    pub fn qualifier(&self) -> Option<Qualifier> {
        Some(match self {
            Self::Words(_) => return None,
            Self::Actor(_) => Qualifier::Actor,
            Self::Action(_) => Qualifier::Action,
            Self::Target(_) => Qualifier::Target,
            Self::Credential(_) => Qualifier::Credential,
            Self::Channel(_) => Qualifier::Channel,
            Self::Outcome(_) => Qualifier::Outcome,
            Self::Module(_) => Qualifier::Module,
            Self::Request(_) => Qualifier::Request,
            Self::Ip(_) => Qualifier::Ip,
            Self::Before(_) => Qualifier::Before,
            Self::After(_) => Qualifier::After,
        })
    }
}

impl Qualifier {
    pub const ALL: [Self; 11] = [
        Self::Actor,
        Self::Action,
        Self::Target,
        Self::Credential,
        Self::Channel,
        Self::Outcome,
        Self::Module,
        Self::Request,
        Self::Ip,
        Self::Before,
        Self::After,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Action => "action",
            Self::Target => "target",
            Self::Credential => "credential",
            Self::Channel => "channel",
            Self::Outcome => "outcome",
            Self::Module => "module",
            Self::Request => "request",
            Self::Ip => "ip",
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// Whether a row has one of it at most, so that asking for two finds nothing.
    pub fn is_once(self) -> bool {
        matches!(self, Self::Credential | Self::Channel | Self::Outcome | Self::Request)
    }

    /// # Errors
    /// What is expected instead, as the end of a sentence about the part, or as one of its own.
    pub fn read(self, value: &str) -> Result<Wants, String> {
        match self {
            Self::Actor => Ok(Wants::Actor(who(value))),
            Self::Target => Ok(Wants::Target(who(value))),
            Self::Before => Ok(Wants::Before(value.to_owned())),
            Self::After => Ok(Wants::After(value.to_owned())),
            Self::Action => action(value).map(Wants::Action),
            Self::Credential if is_id(value) => Ok(Wants::Credential(value.to_owned())),
            Self::Credential => {
                Err("this is no credential's id. It begins with key_ for an API key and with ses_ for a session.".to_owned())
            }
            Self::Channel => {
                let known = CHANNELS.into_iter().find(|known| *known == value);
                known.map(Wants::Channel).ok_or_else(|| format!("this channel is not known. Choose one of {}.", CHANNELS.join(", ")))
            }
            Self::Outcome => {
                let known = Outcome::ALL.into_iter().find(|known| known.name() == value);
                known.map(Wants::Outcome).ok_or_else(|| "this outcome is not known. Choose succeeded, denied or failed.".to_owned())
            }
            Self::Module => {
                let keys = || modules::list().iter().map(modules::Module::key).collect::<Vec<_>>().join(", ");
                modules::find(value)
                    .map(|module| Wants::Module(module.key()))
                    .ok_or_else(|| format!("this module is not known. There are {}.", keys()))
            }
            Self::Request => value
                .parse()
                .map(Wants::Request)
                .map_err(|_| "this is no request id. It begins with req_ and stands on every error page.".to_owned()),
            Self::Ip => network(value)
                .map(Wants::Ip)
                .ok_or_else(|| "this is no address. Write one as 192.0.2.7, or a network as 192.0.2.0/24.".to_owned()),
        }
    }
}

fn who(value: &str) -> Who {
    if is_id(value) { Who::Id(value.to_owned()) } else { Who::Named(value.to_owned()) }
}

fn action(value: &str) -> Result<String, String> {
    if value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte)) {
        return Ok(value.to_owned());
    }
    Err("this is no action. Write one as member.added, or the beginning of several as member. with its dot.".to_owned())
}

/// Whether the text is a whole id, of whatever kind.
pub fn is_id(value: &str) -> bool {
    let Some((prefix, rest)) = value.split_once('_') else { return false };
    let length = if prefix == "ses" { SESSION_LENGTH } else { ID_LENGTH };
    (2..=4).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.len() == length
        && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn network(value: &str) -> Option<IpNet> {
    let address = value.parse::<IpAddr>().map(IpNet::from).ok();
    address.or_else(|| value.parse().ok()).map(|network: IpNet| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{chance, clock::Clock, sessions};

    #[test]
    fn whole_ids_are_told_from_names() {
        let id = chance::uuid(Clock::system().now());
        assert!(is_id(&RequestId(id).to_string()) && is_id(&sessions::handle([7; 32])));
        for other in ["ada", "ws_two", "ReadAudit", "usr_", "_x", "operator", "Usr_01h455vb4pex5vsknk084sn02q"] {
            assert!(!is_id(other), "{other}");
        }
    }

    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(network("192.0.2.7").map(|net| net.to_string()).as_deref(), Some("192.0.2.7/32"));
        assert_eq!(network("192.0.2.7/24").map(|net| net.to_string()).as_deref(), Some("192.0.2.0/24"));
        assert_eq!(network("2001:DB8::1").map(|net| net.to_string()).as_deref(), Some("2001:db8::1/128"));
        assert_eq!(network("192.0.2"), None);
    }
}
