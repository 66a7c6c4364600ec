//! A line cut into its parts: where each begins and ends, what is quoted, and what stands in front.

/// One part, as it stands in the line and as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Letter by letter, with sign and quotes.
    pub raw: &'a str,
    pub is_left_out: bool,
    /// What stands before the colon, whether it is known or not.
    pub qualifier: Option<&'a str>,
    pub value: String,
    /// To follow the part in a sentence.
    pub problem: Option<&'static str>,
}

/// Parts are separated by white space, which between quotes is part of the value. There `\"` is a quote and `\\` a backslash.
pub fn words(line: &str) -> Vec<Word<'_>> {
    let (mut found, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() {
        let (word, length) = word(rest);
        found.push(word);
        rest = rest[length..].trim_start();
    }
    found
}

/// The part that a text begins with, and how many bytes it takes.
fn word(text: &str) -> (Word<'_>, usize) {
    let is_left_out = text.starts_with('-');
    let begins = usize::from(is_left_out);
    let qualifier = qualifier(&text[begins..]);
    let begins = begins + qualifier.map_or(0, |name| name.len() + 1);
    let (value, length, problem) = value(&text[begins..]);
    let problem =
        problem.or((is_left_out && begins + length == 1).then_some("nothing follows it. Write what is left out right behind it."));
    let length = begins + length;
    (Word { raw: &text[..length], is_left_out, qualifier, value, problem }, length)
}

/// Letters and a colon. A time of day or an address of version 6 begins otherwise, or is given between quotes.
fn qualifier(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count();
    (length > 0 && text[length..].starts_with(':')).then(|| &text[..length])
}

/// What is meant, how many bytes it takes, and what is wrong with it.
fn value(text: &str) -> (String, usize, Option<&'static str>) {
    let bare = |text: &str| text.find(char::is_whitespace).unwrap_or(text.len());
    let Some(quoted) = text.strip_prefix('"') else {
        let length = bare(text);
        return (text[..length].to_owned(), length, None);
    };
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, character) in quoted.char_indices() {
        match (is_escaped, character) {
            (true, '"' | '\\') => {
                value.push(character);
                is_escaped = false;
            }
            (true, other) => {
                value.extend(['\\', other]);
                is_escaped = false;
            }
            (false, '\\') => is_escaped = true,
            (false, '"') => {
                let end = at + 2;
                let behind = bare(&text[end..]);
                let problem = (behind > 0).then_some("something follows the closing quote. Put a space between them.");
                return (value, end + behind, problem);
            }
            (false, other) => value.push(other),
        }
    }
    (value, text.len(), Some("the quote is not closed. Put another \" at its end."))
}
