//! What is kept of an error: one line, not too long, and nothing that opens anything.

use crate::server::telemetry;

/// Characters of an error that are kept.
pub const KEPT: usize = 400;
/// Our secrets have 43 characters and identifiers 36 at most.
const SECRET_LENGTH: usize = 40;

/// An error with everything that caused it, as it may be stored.
pub fn says(error: &dyn std::error::Error) -> String {
    storable(&telemetry::chain(error))
}

/// A text as it may be stored and shown: words that look like secrets, and what addresses hold beside their host, are
/// left out.
pub fn storable(text: &str) -> String {
    let words: Vec<String> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).map(word).collect();
    words.join(" ").chars().take(KEPT).collect()
}

fn word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        return format!("{scheme}://{host}/…");
    }
    let mut longest = 0;
    let mut run = 0;
    for c in word.chars() {
        run = if c.is_ascii_alphanumeric() || "-_+/=".contains(c) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if longest >= SECRET_LENGTH { "…".to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_left_out() {
        let secret = crate::server::chance::secret();
        let link = format!("550 5.7.1 refused https://user:pass@console.example.com/invitations/{secret}?x={secret} because {secret}.");
        assert_eq!(storable(&link), "550 5.7.1 refused https://console.example.com/… because …");
        let id = "inv_01h455vb4pex5vsknk084sn02q 01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(storable(id), id, "identifiers stay");
    }

    #[test]
    fn it_is_one_line_and_not_too_long() {
        assert_eq!(storable(" a\r\n\u{0} b\t c "), "a b c");
        assert_eq!(storable(&"ä ".repeat(900)).chars().count(), KEPT);
    }
}
