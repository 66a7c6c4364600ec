//! What a text can be: a line, several, or a line of a form of its own, such as an e-mail address.

use serde::Deserialize;
use url::Url;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Email,
    /// Of the web: `http` or `https`, without a password in it.
    Url,
    /// Three capital letters, as ISO 4217 has them. Which of them are in use changes with the world, so that no list is kept.
    Currency,
    /// `type/subtype` in lower case, without parameters (RFC 6838 §4.2).
    MediaType,
}

impl Format {
    /// So many characters where the manifest says nothing.
    pub fn max(self) -> i64 {
        match self {
            Self::Email => 254,
            Self::Url => 500,
            Self::Currency => 3,
            Self::MediaType => 255,
        }
    }

    fn fits(self, text: &str) -> bool {
        match self {
            Self::Email => text.parse::<lettre::Address>().is_ok(),
            Self::Url => Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none()
            }),
            Self::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::MediaType => is_media_type(text),
        }
    }

    fn wants(self) -> &'static str {
        match self {
            Self::Email => "is not an e-mail address such as ada@example.com",
            Self::Url => "is not an address of the web such as https://example.com",
            Self::Currency => "is not a currency of ISO 4217 such as EUR",
            Self::MediaType => "is not a media type such as image/png, in lower case and without parameters",
        }
    }

    /// The key of JSON Schema (2020-12) that says it, and its value.
    pub fn schema(self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("format", "email"),
            Self::Url => ("format", "uri"),
            Self::Currency => ("pattern", "^[A-Z]{3}$"),
            Self::MediaType => ("pattern", "^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$"),
        }
    }
}

/// RFC 6838 §4.2, in lower case.
pub fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        (1..=127).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(family, name)| is_name(family) && is_name(name))
}

pub fn line(text: &str, max: usize, format: Option<Format>) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty. Enter a text, or leave it out".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("contains a line break or another control character, and is one line".to_owned());
    }
    within(text, max)?;
    match format {
        Some(format) if !format.fits(text) => Err(format.wants().to_owned()),
        _ => Ok(text.to_owned()),
    }
}

pub fn long(text: &str, max: usize) -> Result<String, String> {
    if text.chars().any(|character| character.is_control() && !['\n', '\r', '\t'].contains(&character)) {
        return Err("contains a control character".to_owned());
    }
    within(text, max).map(|()| text.to_owned())
}

fn within(text: &str, max: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length > max { Err(format!("has {length} characters. Shorten it to {max} or fewer")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_takes_what_it_names_and_nothing_else() {
        for (format, takes, refuses) in [
            (Format::Email, ["ada@example.com", "ada.l+x@mail.example.org"], ["ada", "ada@", "@example.com", "a da@example.com"]),
            (
                Format::Url,
                ["https://example.com/a?b", "http://[::1]:8080"],
                ["example.com", "javascript:alert(1)", "https://", "https://a:b@c.d"],
            ),
            (Format::Currency, ["EUR", "XAU"], ["eur", "EU", "EURO", "E1R"]),
            (Format::MediaType, ["image/png", "image/svg+xml"], ["Image/png", "image/", "text/plain; charset=utf-8", "a/b\"c"]),
        ] {
            for text in takes {
                assert_eq!(line(text, 500, Some(format)).as_deref(), Ok(text), "{format:?}");
            }
            for text in refuses {
                assert_eq!(line(text, 500, Some(format)), Err(format.wants().to_owned()), "{format:?} {text}");
            }
        }
    }
}
