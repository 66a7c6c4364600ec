//! Secrets within other text: pasted by mistake, or sent to the wrong place. What is kept or said of such text is without them.

use std::borrow::Cow;

/// Stands where something looked like a secret.
pub const WITHHELD: &str = "(a secret, not kept)";

const BEGINS: &str = "stoa_";
/// After the kind: of a live environment, or of a sandbox.
const MARKS: [&str; 2] = ["_live_", "_test_"];

/// Whether the text holds what a credential of this console looks like, whole or cut: `stoa_{kind}_live_a1b2`. The hint
/// that pages show for one (`stoa_key_live_…a1b2`) is none.
pub fn is_like_one(text: &str) -> bool {
    text.match_indices(BEGINS).any(|(at, _)| length(&text[at + BEGINS.len()..]).is_some())
}

/// What is looked for, as it may be written down: without NUL, which no row holds, and without secrets.
pub fn searchable(text: &str, most: usize) -> String {
    if is_like_one(text) {
        return WITHHELD.to_owned();
    }
    text.replace('\0', "").chars().take(most).collect()
}

/// The text with [`WITHHELD`] in the place of every credential that it holds, whole or cut. The hint that the pages show
/// for one (`stoa_key_live_…a1b2`) stays.
pub fn withholding(text: &str) -> Cow<'_, str> {
    if !is_like_one(text) {
        return Cow::Borrowed(text);
    }
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(BEGINS) {
        kept += before;
        let length = length(after);
        kept += if length.is_some() { WITHHELD } else { BEGINS };
        rest = &after[length.unwrap_or_default()..];
    }
    Cow::Owned(kept + rest)
}

/// How far a credential goes that begins before this; none where it is none.
fn length(after: &str) -> Option<usize> {
    let run = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let kind = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let mark = MARKS.into_iter().find(|mark| after[kind..].starts_with(mark))?;
    let begins = kind + mark.len();
    (run(&after[begins..]) > 0).then(|| begins + run(&after[begins..]))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        super::{Credential, Kind},
        *,
    };

    #[test]
    fn a_search_holds_no_secret_whole_or_cut() {
        let key = Credential::mint(Kind::Key, Uuid::nil()).reveal();
        for text in [key.clone(), key[..30].to_owned(), format!("Bearer {key}"), format!("{}{key}", "x".repeat(300))] {
            assert_eq!(searchable(&text, 200), WITHHELD, "{text}");
        }
        assert_eq!(searchable("stoa_live", 200), "stoa_live");
        assert_eq!(searchable("a\0da", 2), "ad");
        for text in [WITHHELD, "replaced stoa_key_live_…a1b2", "stoa_ docs, see go_live_plan", "stoa_key_live_"] {
            assert!(!is_like_one(text), "{text}");
        }
    }

    #[test]
    fn what_is_around_a_secret_stays() {
        for kind in Kind::ALL {
            let key = Credential::mint(kind, Uuid::max()).reveal();
            for secret in [key.clone(), key[..50].to_owned(), key.replace("_live_", "_test_"), format!("{key}x")] {
                let text = format!("Bearer {secret}, stoa_ and „{secret}“ stoa_key_live_…a1b2 stoa_x_live_");
                let expected = format!("Bearer {WITHHELD}, stoa_ and „{WITHHELD}“ stoa_key_live_…a1b2 stoa_x_live_");
                assert_eq!(withholding(&text), expected);
            }
        }
        assert_eq!(withholding("It was stoa_ all the time"), "It was stoa_ all the time");
    }
}
