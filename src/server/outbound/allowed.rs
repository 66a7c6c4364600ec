//! What the operator lets user-given addresses reach beside the public internet.

use std::fmt;

use ipnet::IpNet;
use serde::Deserialize;
use url::{Origin, Url};

use crate::server::config::is_loopback;

/// One thing that is let through, written as `https://siem.example.com:8443` or as `10.20.0.0/16`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Allowed {
    /// Exactly this scheme, host and port, wherever its name leads. Plain http on this machine alone.
    Origin(Origin),
    /// Addresses that a name may lead to.
    Network(IpNet),
}

const WHAT: &str = "is neither a network (10.20.0.0/16) nor scheme, host and port (https://siem.example.com:8443)";

impl TryFrom<String> for Allowed {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        let url: Url = text.parse().map_err(|_| WHAT)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !is_bare || url.password().is_some() || url.host().is_none() {
            return Err(WHAT);
        }
        match url.scheme() {
            "https" => Ok(Self::Origin(url.origin())),
            "http" if is_loopback(&url) => Ok(Self::Origin(url.origin())),
            "http" => Err("is plain http on a host that is not this machine; use https"),
            _ => Err(WHAT),
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(origin) => f.write_str(&origin.ascii_serialization()),
            Self::Network(network) => network.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_origins_are_read() {
        for text in [
            "10.20.0.0/16",
            "fd12::/16",
            "https://siem.example.com",
            "https://10.0.0.5:8443",
            "http://127.0.0.1:8080",
            "http://localhost:1",
        ] {
            let read = Allowed::try_from(text.to_owned()).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn what_says_more_or_less_is_refused() {
        for text in [
            "",
            "siem.example.com",
            "10.0.0.5",
            "10.0.0.0/33",
            "https://siem.example.com/path",
            "https://siem.example.com?x",
            "https://user@siem.example.com",
            "https://",
            "http://siem.example.com",
            "http://10.0.0.5",
            "ftp://127.0.0.1",
        ] {
            assert!(Allowed::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
