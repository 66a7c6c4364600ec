//! Why an address that somebody entered is not called, and what helps.

/// The check that refused. None says which address a name led to: that would map the network for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("This is not a whole address. Enter it with scheme, host and path, as in https://siem.example.com/stoa.")]
    NotAnAddress,
    #[error("The address begins with {0}. Only https is called: enter one that begins with https://.")]
    Scheme(String),
    #[error("The address holds a user name or a password, which would be shown to others. Leave them out.")]
    Credentials,
    #[error("The address has a part behind #, which no server is sent. Leave it out.")]
    Fragment,
    #[error("The address names its host by number. Enter the host's name, for which it has a certificate.")]
    Literal,
    #[error("The address names port {0}, at which other services than https listen. Use 443, or one from 1024 on.")]
    Port(u16),
    #[error("The host {0} is not known. Look for a slip in its name.")]
    Unknown(String),
    #[error(
        "The host {host} leads to {kind}, which is not called. Use a host of the public internet, or ask the operator of this \
         console to allow this one (outbound.allowed)."
    )]
    Inner { host: String, kind: &'static str },
}
