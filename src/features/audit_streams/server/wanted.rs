//! What a stream is to be, as it was entered and understood.

use url::Url;

use crate::{
    error::AppError,
    features::audit_streams::{NAME_MAX, URL_MAX},
    server::{http::form::line_of, outbound::Outbound},
};

/// Where a new stream begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// With the log's first row.
    #[default]
    Beginning,
    /// With what is sealed from now on.
    Now,
}

impl Start {
    pub const ALL: [Self; 2] = [Self::Beginning, Self::Now];

    pub fn name(self) -> &'static str {
        match self {
            Self::Beginning => "beginning",
            Self::Now => "now",
        }
    }

    /// # Errors
    /// `Invalid` where it is neither.
    pub fn read(text: &str) -> Result<Self, AppError> {
        let known = Self::ALL.into_iter().find(|start| start.name() == text);
        known.ok_or_else(|| AppError::invalid("start", "This is no place to start. Choose beginning or now."))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub url: String,
}

impl Wanted {
    /// # Errors
    /// `Invalid` with every field that cannot be taken.
    pub fn read(outbound: Option<&Outbound>, name: &str, url: &str) -> Result<Self, AppError> {
        let name = line_of("name", "The name", NAME_MAX, name);
        let url = line_of("url", "The endpoint", URL_MAX, url).and_then(|url| {
            let judged = outbound.ok_or(AppError::Unavailable)?.judge(&url);
            judged.map(|target| target.url.to_string()).map_err(|refused| AppError::invalid("url", refused.to_string()))
        });
        match (name, url) {
            (Ok(name), Ok(url)) => Ok(Self { name, url }),
            (Err(AppError::Invalid(name)), Err(AppError::Invalid(url))) => Err(AppError::Invalid([name, url].concat())),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }
}

/// Scheme, host and port: what is said of an address whose path may hold a secret.
pub fn host_of(url: &str) -> String {
    url.parse::<Url>().map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, url: &str) -> Result<Wanted, AppError> {
        drop(rustls::crypto::ring::default_provider().install_default());
        Wanted::read(Some(&Outbound::new(&[]).expect("a client")), name, url)
    }

    fn fields(result: Result<Wanted, AppError>) -> Vec<&'static str> {
        let Err(AppError::Invalid(errors)) = result else { panic!("{result:?}") };
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn every_field_that_cannot_be_taken_is_named() {
        let wanted = read(" SIEM ", "https://siem.example.com/in?token=a").expect("a stream");
        assert_eq!((wanted.name.as_str(), host_of(&wanted.url).as_str()), ("SIEM", "https://siem.example.com"));
        assert_eq!(fields(read("", "")), ["name", "url"]);
        assert_eq!(fields(read("SIEM", "http://siem.example.com")), ["url"]);
        assert_eq!(fields(read("SIEM", &format!("https://siem.example.com/{}", "x".repeat(2000)))), ["url"]);
        assert_eq!(fields(read(&"x".repeat(61), "https://siem.example.com")), ["name"]);
    }
}
