//! Addresses that carry something: where to come back to, or what is asked of a page.

use std::fmt::Write as _;

use super::{HOME, SIGN_IN, SIGN_IN_START};

/// Signing in again although signed in, and then on to `back`.
pub fn sign_in_anew(back: &str) -> String {
    format!("{SIGN_IN_START}?anew=1&back={}", url_component(back))
}

/// The same, with a second factor.
pub fn sign_in_with_second_factor(back: &str) -> String {
    format!("{SIGN_IN_START}?anew=factor&back={}", url_component(back))
}

/// Signing in, and then on to `back`, an address of this console.
pub fn sign_in_and_back(back: &str) -> String {
    format!("{SIGN_IN}?back={}", url_component(back))
}

/// Leaving for the identity provider, to come back to `back`.
pub fn sign_in_start(back: &str) -> String {
    format!("{SIGN_IN_START}?back={}", url_component(back))
}

/// An address of this console, or home: nothing that leads elsewhere gets through, and no secret that was pasted into it.
pub fn local(address: &str) -> String {
    let is_local = address.starts_with('/')
        && !address.starts_with("//")
        && address.len() <= 2000
        && !address.contains("_live_")
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { address.to_owned() } else { HOME.to_owned() }
}

/// An address with what is asked of it. What is empty is left out.
pub fn asking(path: &str, query: &[(&str, &str)]) -> String {
    let asked: Vec<String> = query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{}={}", url_component(name), url_component(value)))
        .collect();
    if asked.is_empty() { path.to_owned() } else { format!("{path}?{}", asked.join("&")) }
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3) and the slash.
fn url_component(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leaves_the_console() {
        assert_eq!(local("/w/ada-7f3k2q/settings?x=1"), "/w/ada-7f3k2q/settings?x=1");
        for hostile in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nb",
            "w/a",
            "/w/a?q=stoa_key_live_x",
        ] {
            assert_eq!(local(hostile), HOME, "{hostile}");
        }
    }

    #[test]
    fn what_is_asked_of_a_page_survives_its_address() {
        assert_eq!(asking("/t/a/people", &[("q", ""), ("role", "")]), "/t/a/people");
        assert_eq!(asking("/t/a/people", &[("q", "ü & 1"), ("role", "owner")]), "/t/a/people?q=%C3%BC%20%26%201&role=owner");
    }

    #[test]
    fn the_way_back_survives_its_own_query() {
        assert_eq!(sign_in_and_back("/w/a?x=1&y=ü"), "/sign-in?back=/w/a%3Fx%3D1%26y%3D%C3%BC");
    }
}
