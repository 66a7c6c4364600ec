//! One line that says which rows are looked for: words, and qualifiers with what follows them. Reading it is pure: what
//! cannot be understood is named by its part of the line, and what was entered is kept as it was.

mod qualifier;
mod words;

pub use qualifier::{Qualifier, Wants, Who};

use crate::server::credentials::{self, WITHHELD};
use words::{Word, words};

/// Characters of a line at most.
pub const LINE_MAX: usize = 500;
/// Characters of one value at most.
pub const VALUE_MAX: usize = 200;
const TERMS_MAX: usize = 20;
/// Characters of a part that are repeated in what is said of it.
const SHOWN: usize = 40;

/// One condition of the line. All of them have to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// With a `-` in front: the rows that are as it says are left out.
    pub is_left_out: bool,
    pub wants: Wants,
}

/// A line that was understood, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    terms: Vec<Term>,
}

impl Line {
    /// # Errors
    /// A sentence for each part that cannot be understood. None of them holds a secret.
    pub fn read(text: &str) -> Result<Self, Vec<String>> {
        let text = text.trim();
        if credentials::is_like_one(text) || text.contains(WITHHELD) {
            return Err(vec![
                "The line held what looks like a secret, which is not kept. Paste an API key or MCP token whole and send the form, or search for its id."
                    .to_owned(),
            ]);
        }
        let length = text.chars().count();
        if length > LINE_MAX {
            return Err(vec![format!("The line has {length} characters. Shorten it to {LINE_MAX} or fewer.")]);
        }
        let (mut terms, mut problems) = (Vec::new(), Vec::new());
        for word in words(text) {
            match read(&word) {
                Ok(term) => terms.push(term),
                Err(says) => problems.push(format!("In “{}”: {says}", shortened(word.raw))),
            }
        }
        if terms.len() > TERMS_MAX {
            problems.push(format!("The line has {} conditions. Leave out some, so that {TERMS_MAX} or fewer are left.", terms.len()));
        }
        for once in Qualifier::ALL.into_iter().filter(|known| known.is_once()) {
            let is_given = |term: &&Term| !term.is_left_out && term.wants.qualifier() == Some(once);
            if terms.iter().filter(is_given).count() > 1 {
                let name = once.name();
                problems.push(format!(
                    "“{name}:” stands twice, and no row has two. Leave one out, or put a - in front of those you do not want."
                ));
            }
        }
        if problems.is_empty() { Ok(Self { text: text.to_owned(), terms }) } else { Err(problems) }
    }

    /// As it was entered, without the spaces around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}

fn read(word: &Word) -> Result<Term, String> {
    if let Some(says) = word.problem {
        return Err(says.to_owned());
    }
    if word.value.chars().any(char::is_control) {
        return Err("it contains a character that cannot be searched for. Type it again by hand.".to_owned());
    }
    if word.value.chars().count() > VALUE_MAX {
        return Err(format!("it is longer than {VALUE_MAX} characters. Enter a part of it."));
    }
    let wants = match word.qualifier {
        None if word.value.trim().is_empty() => return Err("there is nothing in it to look for.".to_owned()),
        None => Wants::Words(word.value.clone()),
        Some(name) => {
            let known = Qualifier::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| {
                let names = Qualifier::ALL.map(|known| format!("{}:", known.name())).join(" ");
                format!("this is no qualifier. There are {names}. Put it between quotes to look for the text.")
            })?;
            if word.value.trim().is_empty() {
                return Err(format!("nothing follows “{}:”. Write the value right behind it, without a space.", known.name()));
            }
            known.read(word.value.trim())?
        }
    };
    Ok(Term { is_left_out: word.is_left_out, wants })
}

/// A qualifier with its value, as a line spells it.
pub fn spelt(qualifier: Qualifier, value: &str) -> String {
    let is_plain = !value.is_empty() && !value.starts_with('"') && !value.chars().any(char::is_whitespace);
    let value = if is_plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) };
    format!("{}:{value}", qualifier.name())
}

fn shortened(part: &str) -> String {
    if part.chars().count() <= SHOWN {
        return part.to_owned();
    }
    part.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::server::events::Outcome;

    fn terms(text: &str) -> Vec<Term> {
        Line::read(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}")).terms
    }

    fn problem(text: &str) -> String {
        Line::read(text).expect_err(text).join("\n")
    }

    fn wanted(text: &str) -> Vec<(bool, Wants)> {
        terms(text).into_iter().map(|term| (term.is_left_out, term.wants)).collect()
    }

    #[test]
    fn words_and_qualifiers_stand_beside_each_other() {
        let words = |text: &str| Wants::Words(text.to_owned());
        assert_eq!(wanted(""), []);
        assert_eq!(
            wanted("  shop outcome:denied -channel:api\t-\"two words\" "),
            [(false, words("shop")), (false, Wants::Outcome(Outcome::Denied)), (true, Wants::Channel("api")), (true, words("two words"))]
        );
        assert_eq!(wanted("actor:\"Ada \\\"the\\\" \\\\ L\""), [(false, Wants::Actor(Who::Named("Ada \"the\" \\ L".to_owned())))]);
        assert_eq!(wanted("ACTION:member."), [(false, Wants::Action("member.".to_owned()))]);
        // What begins no qualifier means itself.
        assert_eq!(wanted("12:30 --x a\"b"), [(false, words("12:30")), (true, words("-x")), (false, words("a\"b"))]);
    }

    #[test]
    fn what_cannot_be_understood_is_named_by_its_part() {
        for (text, part, says) in [
            ("x colour:red", "colour:red", "no qualifier"),
            ("https://example.com", "https://example.com", "between quotes"),
            ("actor: ada", "actor:", "nothing follows"),
            ("actor:\"\"", "actor:\"\"", "nothing follows"),
            ("\"\"", "\"\"", "nothing in it"),
            ("-", "-", "nothing follows"),
            ("a \"b c", "\"b c", "not closed"),
            ("\"a\"b", "\"a\"b", "a space"),
            ("outcome:fine", "outcome:fine", "succeeded, denied or failed"),
            ("channel:web", "channel:web", "console, api"),
            ("module:golf", "module:golf", "tasks"),
            ("request:req_x", "request:req_x", "req_"),
            ("credential:ada", "credential:ada", "key_"),
            ("ip:300.1.1.1", "ip:300.1.1.1", "address"),
            ("action:Member", "action:Member", "member.added"),
            ("a\u{1}b", "a\u{1}b", "cannot be searched for"),
        ] {
            let said = problem(text);
            assert!(said.starts_with(&format!("In “{part}”: ")) && said.contains(says), "{text}: {said}");
        }
        assert_eq!(problem("outcome:x ip:y").lines().count(), 2, "each is named");
        assert!(problem("outcome:denied outcome:failed").contains("stands twice"));
        assert_eq!(terms("-outcome:denied -outcome:failed action:a. action:a.b").len(), 4);
        assert!(problem(&"a ".repeat(TERMS_MAX + 1)).contains("21 conditions"));
        assert!(problem(&"é".repeat(LINE_MAX + 1)).contains("501 characters"));
        assert!(problem(&format!("actor:{}", "x".repeat(VALUE_MAX + 1))).contains("longer than 200"));
    }

    #[test]
    fn a_secret_is_refused_and_not_repeated() {
        let said = problem("ada target:stoa_key_live_01h455vb4pex5vsknk084sn02q_SECRET");
        assert!(said.contains("looks like a secret") && !said.contains("01h455"), "{said}");
        assert!(problem(WITHHELD).contains("looks like a secret"));
    }

    #[test]
    fn what_is_spelt_is_read_as_it_was_meant() {
        assert_eq!(spelt(Qualifier::Request, "req_1"), "request:req_1");
        for value in ["Ada Lovelace", "\"quoted\"", "a\\b c", "back\\slash", "-x", "a:b"] {
            assert_eq!(wanted(&spelt(Qualifier::After, value)), [(false, Wants::After(value.to_owned()))], "{value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_entered_is_kept_or_named(text in "[ \\PC\"\\\\:-]{0,80}") {
            match Line::read(&text) {
                Ok(line) => prop_assert_eq!(line.text(), text.trim()),
                Err(problems) => prop_assert!(!problems.is_empty() && problems.iter().all(|says| !says.is_empty())),
            }
        }

        #[test]
        fn what_is_made_of_known_parts_is_understood(
            parts in prop::collection::vec((any::<bool>(), 0..Qualifier::ALL.len(), "[a-z \"\\\\:üÖ_-]{1,12}"), 0..8)
        ) {
            let taking = [Qualifier::Actor, Qualifier::Target, Qualifier::Before, Qualifier::After];
            let parts: Vec<_> = parts.into_iter().filter(|(_, _, value)| !value.trim().is_empty()).collect();
            let sign = |left_out| if left_out { "-" } else { "" };
            let qualifier = |place: usize| taking[place % taking.len()];
            let text = parts.iter().map(|(left_out, place, value)| format!("{}{}", sign(*left_out), spelt(qualifier(*place), value)));
            let line = Line::read(&text.collect::<Vec<_>>().join(" "));
            let expected: Vec<_> = parts.iter().map(|(left_out, place, value)| Term {
                is_left_out: *left_out,
                wants: qualifier(*place).read(value.trim()).expect("any text"),
            }).collect();
            prop_assert_eq!(line.map(|line| line.terms), Ok(expected));
        }
    }
}
