//! The chosen word that a workspace's slug begins with: what it may be, and what a name makes of itself.

use crate::error::AppError;

pub const WORD_MIN: usize = 2;
pub const WORD_MAX: usize = 24;

/// What a slug begins with where a name holds nothing to make one of.
const FALLBACK: &str = "workspace";

/// Checks a word that a person chose.
///
/// # Errors
/// `Invalid` naming the field `word`, what is wrong and what would be right.
pub fn check(word: &str) -> Result<(), AppError> {
    let length = word.chars().count();
    if !(WORD_MIN..=WORD_MAX).contains(&length) {
        let says = format!("The short name has {length} characters. Choose {WORD_MIN} to {WORD_MAX}, or leave it empty.");
        return Err(AppError::invalid("word", says));
    }
    if !word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(AppError::invalid("word", "The short name is made of lower-case letters a to z, digits and hyphens alone."));
    }
    if word.starts_with('-') || word.ends_with('-') || word.contains("--") {
        return Err(AppError::invalid("word", "In the short name a hyphen stands between letters or digits, one at a time."));
    }
    Ok(())
}

/// What a name makes of itself. Never made from an e-mail address: a slug outlives who it was named for.
pub fn of_name(name: &str) -> String {
    if name.contains('@') {
        return FALLBACK.to_owned();
    }
    let mut word = String::new();
    for character in name.to_lowercase().chars() {
        match plain(character) {
            Some(letters) => word += letters.as_str(),
            // A letter that ASCII has nothing for is left out; anything else parts two words.
            None if character.is_alphabetic() => {}
            None if word.is_empty() || word.ends_with('-') => {}
            None => word.push('-'),
        }
    }
    word.truncate(WORD_MAX);
    let word = word.trim_end_matches('-');
    if word.len() < WORD_MIN { FALLBACK.to_owned() } else { word.to_owned() }
}

/// A lower-case letter or digit in ASCII, where it has one.
fn plain(character: char) -> Option<String> {
    let letters = match character {
        'a'..='z' | '0'..='9' => return Some(character.to_string()),
        'à'..='ã' | 'å' => "a",
        'ä' | 'æ' => "ae",
        'ç' => "c",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ñ' => "n",
        'ò'..='õ' | 'ø' => "o",
        'ö' | 'œ' => "oe",
        'ß' => "ss",
        'ù'..='û' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        _ => return None,
    };
    Some(letters.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_a_word_of_itself() {
        for (name, word) in [
            ("Acme Shop", "acme-shop"),
            ("  Büro & Café – Søn  ", "buero-cafe-son"),
            ("Payments (EU) 2026!", "payments-eu-2026"),
            ("A workspace whose name is very long", "a-workspace-whose-name-i"),
            ("Twenty-three letters ab cd", "twenty-three-letters-ab"),
            ("日本", "workspace"),
            ("x", "workspace"),
            ("🏛", "workspace"),
            ("ada@example.com", "workspace"),
        ] {
            assert_eq!(of_name(name), word, "{name}");
            assert_eq!(check(&of_name(name)), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_chosen_word_is_taken_as_it_is_or_refused() {
        for good in ["ab", "shop", "shop-2", "2-shops", &"a".repeat(24)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "a", "Shop", "sh op", "shøp", "-shop", "shop-", "sh--op", "a@b", "sh.op", &"a".repeat(25)] {
            assert!(matches!(check(bad), Err(AppError::Invalid(_))), "{bad}");
        }
    }
}
