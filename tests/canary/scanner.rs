//! Finds a secret, or a good part of one, however it is written: as it is, in hexadecimal digits, percent-encoded or in
//! Base64.

use std::collections::{BTreeSet, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use sqlx::AssertSqlSafe;

use crate::support::TestDatabase;

/// So many characters of the random part are a leak.
const PART: usize = 16;
/// As many, in Base64.
const PART_ENCODED: usize = 20;
const HEAD: usize = 8;

/// Every spelling of every part of every secret that was given to it.
#[derive(Default)]
pub struct Scanner {
    /// Which three bytes a spelling begins with.
    begins: Vec<u64>,
    by_head: HashMap<[u8; HEAD], Vec<(Vec<u8>, &'static str)>>,
}

/// The random part of a credential's text: its secret, without the id before it and the check after it.
pub fn random_part(credential: &str) -> &str {
    let secret = credential.rsplit('_').next().expect("a secret");
    &secret[..secret.len() - 6]
}

impl Scanner {
    /// A secret that is random from its first character to its last.
    pub fn watch(&mut self, name: &'static str, secret: &str) {
        assert!(secret.is_ascii() && secret.len() > PART, "{name} is too short to be told from chance: {secret}");
        for part in secret.as_bytes().windows(PART) {
            self.spelled(name, part);
            self.spelled(name, hex(part).as_bytes());
            self.spelled(name, hex(part).to_uppercase().as_bytes());
            let percent: String = part.iter().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
            self.spelled(name, percent.as_bytes());
        }
        // Three ways, as it may begin at any of the three bytes that four characters stand for.
        for from in 0..3 {
            for part in STANDARD_NO_PAD.encode(&secret[from..]).as_bytes().windows(PART_ENCODED) {
                self.spelled(name, part);
            }
        }
    }

    /// The secret of a credential of this console, as text and as the number that the text stands for.
    pub fn watch_credential(&mut self, name: &'static str, credential: &str) {
        let random = random_part(credential);
        self.watch(name, random);
        self.watch_bytes(name, &number_of(random));
    }

    /// Bytes, in the spellings that bytes have.
    pub fn watch_bytes(&mut self, name: &'static str, bytes: &[u8]) {
        let hex = hex(bytes);
        for spelling in [hex.clone(), hex.to_uppercase()] {
            spelling.as_bytes().windows(PART * 2).step_by(2).for_each(|part| self.spelled(name, part));
        }
        for from in 0..3 {
            let encoded = STANDARD_NO_PAD.encode(&bytes[from..]);
            for alphabet in [encoded.clone(), encoded.replace('+', "-").replace('/', "_")] {
                alphabet.as_bytes().windows(PART_ENCODED).for_each(|part| self.spelled(name, part));
            }
        }
    }

    fn spelled(&mut self, name: &'static str, spelling: &[u8]) {
        self.begins.resize(1 << 18, 0);
        let begin = begin(spelling);
        self.begins[begin >> 6] |= 1 << (begin & 63);
        let head = spelling[..HEAD].try_into().expect("long enough");
        self.by_head.entry(head).or_default().push((spelling.to_vec(), name));
    }

    /// The names of the secrets that are in it.
    pub fn found_in(&self, text: &[u8]) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for at in 0..text.len().saturating_sub(HEAD - 1) {
            let begin = begin(&text[at..]);
            if self.begins.get(begin >> 6).is_none_or(|word| word >> (begin & 63) & 1 == 0) {
                continue;
            }
            let known = self.by_head.get(&text[at..at + HEAD]).into_iter().flatten();
            found.extend(known.filter(|(spelling, _)| text[at..].starts_with(spelling)).map(|(_, name)| *name));
        }
        found
    }

    /// Every table and column that holds one, partitions and views of the schema among them: as the superuser, who sees all.
    pub async fn found_in_database(&self, database: &TestDatabase) -> Vec<(String, &'static str)> {
        let mut superuser = database.connect("postgres").await;
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "select table_schema::text, table_name::text, column_name::text from information_schema.columns
             where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, ordinal_position",
        )
        .fetch_all(&mut superuser)
        .await
        .expect("columns");
        assert!(columns.len() > 200, "only {} columns", columns.len());
        let mut found = Vec::new();
        for (schema, table, column) in columns {
            let sql = format!(r#"select coalesce(string_agg("{column}"::text, chr(10)), '') from "{schema}"."{table}""#);
            let text: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut superuser).await.expect("a column");
            found.extend(self.found_in(text.as_bytes()).into_iter().map(|name| (format!("{table}.{column}"), name)));
        }
        found
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn begin(text: &[u8]) -> usize {
    // Letters, digits and their like have no eighth bit, and what has one is in no spelling.
    let [one, two, three] = [text[0], text[1], text[2]].map(|byte| usize::from(byte & 0x3f));
    one << 12 | two << 6 | three
}

/// Base62, most significant digit first.
fn number_of(digits: &str) -> [u8; 32] {
    let mut number = [0_u8; 32];
    for digit in digits.bytes() {
        let mut carry = match digit {
            b'0'..=b'9' => u32::from(digit - b'0'),
            b'A'..=b'Z' => u32::from(digit - b'A') + 10,
            _ => u32::from(digit - b'a') + 36,
        };
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * 62 + carry;
            *byte = u8::try_from(value & 0xff).expect("a byte");
            carry = value >> 8;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_in_every_spelling_and_chance_is_not() {
        let secret = "q7Zp0aXk3Vd9LmT2RbY6wHs8NcEf4JgU1oKiDvQxPzS";
        let mut scanner = Scanner::default();
        scanner.watch("secret", secret);
        scanner.watch_bytes("bytes", &number_of(secret));
        let part = &secret[9..25];
        for text in [
            format!("x{part}y"),
            format!(r"\x00{}", hex(part.as_bytes())),
            hex(part.as_bytes()).to_uppercase(),
            part.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}")),
            STANDARD_NO_PAD.encode(format!("user:{secret}")),
            STANDARD_NO_PAD.encode(format!("user1:{secret}")),
            STANDARD_NO_PAD.encode(format!("user12:{secret}")),
        ] {
            assert_eq!(scanner.found_in(text.as_bytes()), ["secret"].into(), "{text}");
        }
        for text in [hex(&number_of(secret)), STANDARD_NO_PAD.encode(number_of(secret))] {
            assert_eq!(scanner.found_in(text.as_bytes()), ["bytes"].into(), "{text}");
        }
        for text in [&secret[..15], &secret.to_lowercase(), "", "short"] {
            assert!(scanner.found_in(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
