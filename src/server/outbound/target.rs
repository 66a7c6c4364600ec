//! What an address looks like that may be called at all, before any name is looked up.

use url::{Host, Url};

use super::{Allowed, Refused};

const HTTPS: u16 = 443;
/// Below are the well-known services of a host, none of which but one speaks https.
const FREE_PORTS: u16 = 1024;

/// An address that may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub url: Url,
    /// Whether the operator named this very host: then it is not asked where its name leads.
    pub is_named_by_operator: bool,
}

impl Target {
    /// # Errors
    /// The first check that refuses it.
    pub fn read(text: &str, allowed: &[Allowed]) -> Result<Self, Refused> {
        let url: Url = text.trim().parse().map_err(|_| Refused::NotAnAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Refused::Fragment);
        }
        let origin = url.origin();
        if allowed.iter().any(|allowed| matches!(allowed, Allowed::Origin(known) if *known == origin)) {
            return Ok(Self { url, is_named_by_operator: true });
        }
        if url.scheme() != "https" {
            return Err(Refused::Scheme(format!("{}:", url.scheme())));
        }
        match url.host() {
            Some(Host::Domain(name)) if !name.trim_end_matches('.').is_empty() => {}
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Refused::Literal),
            _ => return Err(Refused::NotAnAddress),
        }
        match url.port_or_known_default() {
            Some(port) if port == HTTPS || port >= FREE_PORTS => Ok(Self { url, is_named_by_operator: false }),
            port => Err(Refused::Port(port.unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Target, Refused> {
        let allowed = ["http://127.0.0.1:8080", "https://10.0.0.5:22"].map(|text| Allowed::try_from(text.to_owned()).expect(text));
        Target::read(text, &allowed)
    }

    #[test]
    fn https_by_name_is_called() {
        for text in
            ["https://siem.example.com", "https://siem.example.com:8443/in?a=b", "https://xn--bcher-kva.example./x", " https://a.b "]
        {
            assert!(read(text).is_ok_and(|target| !target.is_named_by_operator), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_by_the_check_that_it_fails() {
        let scheme = |text: &str| Refused::Scheme(text.to_owned());
        for (text, refused) in [
            ("", Refused::NotAnAddress),
            ("siem.example.com", Refused::NotAnAddress),
            ("https://", Refused::NotAnAddress),
            ("https://.", Refused::NotAnAddress),
            ("http://siem.example.com", scheme("http:")),
            ("file:///etc/passwd", scheme("file:")),
            ("gopher://siem.example.com", scheme("gopher:")),
            ("https://user@siem.example.com", Refused::Credentials),
            ("https://:hush@siem.example.com", Refused::Credentials),
            ("https://siem.example.com/#part", Refused::Fragment),
            ("https://8.8.8.8", Refused::Literal),
            ("https://127.1", Refused::Literal),
            ("https://0x7f000001", Refused::Literal),
            ("https://2130706433", Refused::Literal),
            ("https://0177.0.0.1", Refused::Literal),
            ("https://[::1]", Refused::Literal),
            ("https://[::ffff:169.254.169.254]", Refused::Literal),
            ("https://１２７.0.0.1", Refused::Literal),
            ("https://siem.example.com:22", Refused::Port(22)),
            ("https://siem.example.com:25", Refused::Port(25)),
            ("https://siem.example.com:80", Refused::Port(80)),
            ("https://siem.example.com:1023", Refused::Port(1023)),
        ] {
            assert_eq!(read(text), Err(refused), "{text}");
        }
    }

    #[test]
    fn the_operator_names_exactly_one_host_and_port() {
        assert!(read("http://127.0.0.1:8080/in").is_ok_and(|target| target.is_named_by_operator));
        assert!(read("https://10.0.0.5:22/in").is_ok_and(|target| target.is_named_by_operator));
        for text in
            ["http://127.0.0.1:8081", "https://127.0.0.1:8080", "http://localhost:8080", "https://10.0.0.5", "http://user@127.0.0.1:8080"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
