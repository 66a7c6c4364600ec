//! What a downloaded file is called: a name that people chose, made harmless for every system that saves it.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a name for what may not.
const INSTEAD: char = '_';
const NAMELESS: &str = "file";
/// `attr-char` of RFC 8187 §3.2.1 stays as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `attachment` with the name in ASCII, and whole for who reads RFC 6266.
pub fn disposition(file_name: &str) -> HeaderValue {
    let name = harmless(file_name);
    let ascii: String = name.chars().map(|c| if c.is_ascii() && c != '%' { c } else { INSTEAD }).collect();
    let value = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ENCODED));
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Without what leads to another folder, ends the quotes, hides what the name ends with, or is not written at all.
fn harmless(file_name: &str) -> String {
    let is_harmful = |c: char| c.is_control() || is_direction(c) || "\"\\/:*?<>|".contains(c);
    let name: String = file_name.chars().map(|c| if is_harmful(c) { INSTEAD } else { c }).collect();
    let name = name.trim().trim_matches('.');
    if name.is_empty() { NAMELESS.to_owned() } else { name.to_owned() }
}

/// Marks that turn the direction of a text around: `gpj.exe` would read `exe.jpg`.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_whole_and_harmless() {
        for (name, given) in [
            ("report.pdf", "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf"),
            ("two words.txt", "attachment; filename=\"two words.txt\"; filename*=UTF-8''two%20words.txt"),
            ("Zoë's.txt", "attachment; filename=\"Zo_'s.txt\"; filename*=UTF-8''Zo%C3%AB%27s.txt"),
            ("a\"; filename=\"b", "attachment; filename=\"a_; filename=_b\"; filename*=UTF-8''a_%3B%20filename%3D_b"),
            ("a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie_ b\"; filename*=UTF-8''a__Set-Cookie_%20b"),
            ("../../etc/passwd", "attachment; filename=\"_.._etc_passwd\"; filename*=UTF-8''_.._etc_passwd"),
            ("photo\u{202e}gpj.exe", "attachment; filename=\"photo_gpj.exe\"; filename*=UTF-8''photo_gpj.exe"),
            ("50%20.txt", "attachment; filename=\"50_20.txt\"; filename*=UTF-8''50%2520.txt"),
            ("..", "attachment; filename=\"file\"; filename*=UTF-8''file"),
            ("\u{7f}", "attachment; filename=\"_\"; filename*=UTF-8''_"),
        ] {
            assert_eq!(disposition(name), given, "{name:?}");
        }
    }
}
