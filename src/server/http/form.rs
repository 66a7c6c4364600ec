//! Reading what a form sent: strictly, so that nothing unreadable is guessed at.

use percent_encoding::percent_decode;

use crate::{error::AppError, ids::FormId, server::credentials};

/// A form's body at most.
pub const BODY_MAX: usize = 64 * 1024;
const FIELDS_MAX: usize = 200;
const FORM_AGE_MAX_HOURS: i64 = 24;
const CLOCK_SKEW_MINUTES: i64 = 5;

/// The hidden field that holds the form's idempotency key.
pub const KEY: &str = "form";
/// The hidden field that names the place the form was rendered for.
pub const PLACE: &str = "place";

/// Fields whose names hold one of these are left out of every hash.
const SECRET_WORDS: [&str; 5] = ["secret", "token", "password", "code", "key"];
/// What forms carry and nobody enters; and what is typed to confirm, which is typed anew each time.
const NOT_ENTERED: [&str; 12] =
    [KEY, PLACE, "version", "inventory", "shown", "outside", "was", "to", "newest", "session", "show", "phrase"];

/// What was sent, in order; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded` (WHATWG URL §5). Bytes that are not UTF-8, and NUL, are refused.
    pub fn parse(body: &[u8]) -> Result<Self, AppError> {
        let pairs: Vec<&[u8]> = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > FIELDS_MAX {
            return Err(AppError::Malformed("it has too many fields"));
        }
        pairs
            .into_iter()
            .map(|pair| {
                let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                    Some(at) => (&pair[..at], &pair[at + 1..]),
                    None => (pair, &[][..]),
                };
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Those that came another way than in a form's body.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The first value of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of that name, in order: what was ticked of a group.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// The form's key, and whether it is too old to act on.
    pub fn key(&self, now: chrono::DateTime<chrono::Utc>) -> Result<FormId, AppError> {
        let key: FormId =
            self.get(KEY).parse().map_err(|_| AppError::Malformed("the form's key is missing or damaged; open the page again"))?;
        let made = key
            .0
            .get_timestamp()
            .and_then(|time| {
                let (seconds, nanos) = time.to_unix();
                chrono::DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
            })
            .ok_or(AppError::Malformed("the form's key is damaged; open the page again"))?;
        let age = now - made;
        if age > chrono::TimeDelta::hours(FORM_AGE_MAX_HOURS) || age < chrono::TimeDelta::minutes(-CLOCK_SKEW_MINUTES) {
            return Err(AppError::FormExpired);
        }
        Ok(key)
    }

    /// A line of text: trimmed, of `1..=max` characters, without control characters.
    pub fn line(&self, field: &'static str, label: &str, max: usize) -> Result<String, AppError> {
        line_of(field, label, max, self.get(field))
    }

    /// What a person entered and may want back, by the fields' names, in order.
    pub fn entered(&self) -> Vec<(String, String)> {
        let is_entered = |(name, value): &&(String, String)| {
            !value.trim().is_empty()
                && !NOT_ENTERED.contains(&name.as_str())
                && !SECRET_WORDS.iter().any(|word| name.contains(word))
                && !credentials::is_like_one(value)
        };
        self.0.iter().filter(is_entered).cloned().collect()
    }

    /// All but what holds a secret: what is shown again.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        self.0.retain(|(_, value)| !credentials::is_like_one(value));
        self
    }

    /// What the audit row's input hash is taken of: no keys of forms, no secrets.
    pub fn redacted(&self) -> String {
        self.0
            .iter()
            .filter(|(name, _)| name != KEY && !SECRET_WORDS.iter().any(|word| name.contains(word)))
            .fold(String::new(), |text, (name, value)| text + name + "\0" + value + "\0")
    }
}

/// A line of text from wherever it came: trimmed, of `1..=max` characters, without control characters.
pub fn line_of(field: &'static str, label: &str, max: usize, value: &str) -> Result<String, AppError> {
    let value = value.trim();
    if value.chars().all(is_blank) {
        return Err(AppError::invalid(field, format!("{label} is empty. Enter 1 to {max} characters.")));
    }
    let length = value.chars().count();
    if length > max {
        return Err(AppError::invalid(field, format!("{label} has {length} characters. Shorten it to {max} or fewer.")));
    }
    if value.chars().any(is_unprintable) {
        return Err(AppError::invalid(field, format!("{label} contains a character that cannot be shown. Type it again by hand.")));
    }
    if credentials::is_like_one(value) {
        return Err(AppError::invalid(
            field,
            format!("{label} holds what looks like a secret, which would be shown to others. Leave it out."),
        ));
    }
    Ok(value.to_owned())
}

/// What is there and not to be seen: a name of these alone would be a link without a text. Among others they are right,
/// such as the joiners in emoji and in Persian.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Control characters, and those that change the direction of the text around them.
fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn decode(text: &[u8]) -> Result<String, AppError> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).decode_utf8().map_err(|_| AppError::Malformed("it is not valid UTF-8"))?.into_owned();
    if decoded.contains('\0') {
        return Err(AppError::Malformed("it contains a NUL character"));
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_spaces_are_read() {
        let fields = Fields::parse(b"name=Ada+Lovelace&note=1%2B1%3D2&flag&name=again").expect("fields");
        assert_eq!(fields.get("name"), "Ada Lovelace");
        assert_eq!(fields.get("note"), "1+1=2");
        assert_eq!(fields.get("flag"), "");
        assert_eq!(fields.get("absent"), "");
        assert_eq!(fields.all("name"), ["Ada Lovelace", "again"]);
        assert!(fields.all("absent").is_empty());
    }

    #[test]
    fn invalid_utf8_and_nul_are_refused_and_not_replaced() {
        assert!(Fields::parse(b"name=%ff%fe").is_err());
        assert!(Fields::parse(b"name=\xff").is_err());
        assert!(Fields::parse(b"name=a%00b").is_err());
    }

    #[test]
    fn what_nobody_sees_is_no_name() {
        for blank in ["\u{200b}", "\u{200f}\u{200f}", "\u{2800}", "\u{3164} \u{ad}"] {
            assert!(line_of("name", "The name", 80, blank).is_err(), "{blank:?}");
        }
        for name in ["👩‍💻", "می‌خواهم", "a\u{200b}b"] {
            assert!(line_of("name", "The name", 80, name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_line_says_what_is_wrong_with_it() {
        let long = format!("name={}", "a".repeat(81));
        for (body, says) in [("name=++", "is empty"), (long.as_str(), "has 81 characters"), ("name=a%E2%80%AEb", "cannot be shown")] {
            let fields = Fields::parse(body.as_bytes()).expect("fields");
            let Err(AppError::Invalid(errors)) = fields.line("name", "The name", 80) else { panic!("{body} was taken") };
            assert!(errors[0].message.contains(says), "{}", errors[0].message);
        }
    }

    #[test]
    fn what_was_entered_is_without_what_the_form_carried_and_without_secrets() {
        let body = b"form=frm_1&place=shop&version=3&phrase=delete+shop&name=New&note=&api_key=x&secret=s&scopes=a&scopes=b\
                     &reason=stoa_key_live_01h455vb4pex5vsknk084sn02q_SECRET";
        let entered = Fields::parse(body).expect("fields").entered();
        let entered: Vec<(&str, &str)> = entered.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(entered, [("name", "New"), ("scopes", "a"), ("scopes", "b")]);
    }

    #[test]
    fn a_form_lives_for_a_day() {
        let made = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let key = FormId(crate::server::chance::uuid(made));
        let fields = Fields::parse(format!("form={key}").as_bytes()).expect("fields");
        assert_eq!(fields.key(made + chrono::TimeDelta::hours(23)), Ok(key));
        assert_eq!(fields.key(made + chrono::TimeDelta::hours(25)), Err(AppError::FormExpired));
        assert_eq!(fields.key(made - chrono::TimeDelta::hours(1)), Err(AppError::FormExpired));
    }
}
