//! Addresses as people paste them: one or many, with names or without.

/// As RFC 5321 §4.5.3.1 has it: 64 before the sign, 254 in all.
const LOCAL_MAX: usize = 64;
const ADDRESS_MAX: usize = 254;

/// One piece of what was pasted, and the address in it or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it was written.
    pub written: String,
    pub address: Result<String, &'static str>,
}

/// Lines, commas and semicolons part one entry from the next; not within quotes or angle brackets.
pub fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut start, mut quoted, mut bracketed) = (0, false, false);
    for (at, character) in text.char_indices() {
        let is_end = match character {
            '\n' | '\r' => true,
            ',' | ';' => !quoted && !bracketed,
            _ => false,
        };
        if is_end {
            entries.push(&text[start..at]);
            (start, quoted, bracketed) = (at + 1, false, false);
        }
        match character {
            '"' => quoted = !quoted,
            '<' => bracketed = !quoted,
            '>' => bracketed = false,
            _ => {}
        }
    }
    entries.push(&text[start..]);
    entries.into_iter().map(str::trim).filter(|written| !written.is_empty()).map(entry).collect()
}

/// One address, with a name or without.
pub fn entry(written: &str) -> Entry {
    let written = written.trim();
    let inner = match (written.rfind('<'), written.strip_suffix('>')) {
        (Some(open), Some(before)) if open < before.len() => &before[open + 1..],
        _ => written,
    };
    Entry { written: written.to_owned(), address: address(inner.trim()) }
}

/// The address with its domain in lower case, or why it is none. Whether somebody reads mail there only a mail tells.
pub fn address(text: &str) -> Result<String, &'static str> {
    let (local, domain) = text.rsplit_once('@').ok_or("It has no @. Write it as name@example.com.")?;
    if text.chars().any(|character| character.is_whitespace() || character.is_control() || "<>()[]\\,;:\"".contains(character)) {
        return Err("It has a space or a sign that addresses do not have. Put each address on a line of its own.");
    }
    if local.is_empty() || domain.is_empty() {
        return Err("Something is missing before or after the @.");
    }
    if local.contains('@') {
        return Err("It has more than one @. Put each address on a line of its own.");
    }
    if local.len() > LOCAL_MAX || text.len() > ADDRESS_MAX {
        return Err("It is too long: 64 characters before the @ and 254 in all at most.");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("Before the @ a dot stands where none can.");
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    if !domain.contains('.') || !domain.split('.').all(is_label) {
        return Err("What stands after the @ is not a domain such as example.com.");
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

/// An address as a stranger may see it: whose it is, they know; others learn little.
pub fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        read(text).into_iter().map(|entry| entry.address.unwrap_or_else(|why| format!("! {why}"))).collect()
    }

    #[test]
    fn a_paste_is_read_however_it_was_copied() {
        assert_eq!(addresses("a@x.org"), ["a@x.org"]);
        assert_eq!(addresses("a@x.org, b@x.org;c@x.org\r\n\r\n d@x.org \n,;"), ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]);
        assert_eq!(addresses("Ada Lovelace <ada@X.Org>; <b@x.org>"), ["ada@x.org", "b@x.org"]);
        assert_eq!(addresses("\"Lovelace, Ada\" <ada@x.org>, b@x.org"), ["ada@x.org", "b@x.org"]);
        assert_eq!(addresses("\"open quote <ada@x.org>\nb@x.org"), ["ada@x.org", "b@x.org"], "a line ends a quote");
        assert_eq!(addresses(" \n "), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, says) in [
            ("ada", "no @"),
            ("@x.org", "missing"),
            ("ada@", "missing"),
            ("ada@b@x.org", "more than one"),
            ("ada lovelace@x.org", "space"),
            ("ada@localhost", "not a domain"),
            ("ada@x..org", "not a domain"),
            ("ada@-x.org", "not a domain"),
            (".ada@x.org", "dot"),
            ("a..b@x.org", "dot"),
            ("ada@x.org\u{7f}", "sign"),
        ] {
            assert!(address(text).expect_err(text).contains(says), "{text}: {:?}", address(text));
        }
        assert!(address(&format!("{}@x.org", "a".repeat(65))).expect_err("long").contains("too long"));
        assert!(address(&format!("a@{}org", "x.".repeat(130))).expect_err("long").contains("too long"));
    }

    #[test]
    fn unusual_addresses_are_addresses() {
        for text in ["o'brien+shop@mail.example.co.uk", "ünï@exämple.org", "a_b-c.d@1.example", "UPPER@x.org"] {
            assert!(address(text).is_ok(), "{text}");
        }
        assert_eq!(address("Grace@EXAMPLE.com").expect("an address"), "Grace@example.com");
    }

    #[test]
    fn strangers_see_one_letter() {
        assert_eq!(masked("grace@example.com"), "g…@example.com");
        assert_eq!(masked("é@x.org"), "é…@x.org");
    }
}
