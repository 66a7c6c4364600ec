//! Where the next page of a list begins: after a row, named by what the list is sorted by and the row's id.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Rows of one page of a list.
pub const PAGE_ROWS: i64 = 50;
const ID_BYTES: usize = 16;
const KEY_MAX: usize = 400;

/// Opaque in addresses: people pass it on, nobody makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's value in the column that the list is sorted by.
    pub key: String,
    pub id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode([self.id.as_bytes(), self.key.as_bytes()].concat()))
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
        let (id, key) = bytes.split_at_checked(ID_BYTES).ok_or(())?;
        let key = std::str::from_utf8(key).ok().filter(|key| key.len() <= KEY_MAX && !key.contains('\0')).ok_or(())?;
        Ok(Self { key: key.to_owned(), id: Uuid::from_slice(id).map_err(|_| ())? })
    }
}

/// Splits off the row too many that was asked for to learn whether there is a next page.
pub fn page_of<T>(mut rows: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> (Vec<T>, Option<Cursor>) {
    let size = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let has_more = rows.len() > size;
    rows.truncate(size);
    let next = if has_more { rows.last().map(cursor) } else { None };
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nonsense_is_not_one() {
        let cursor = Cursor { key: "ünï & co".to_owned(), id: Uuid::max() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for nonsense in ["", "x", "!!!", "AAAA", &"A".repeat(2000)] {
            assert_eq!(nonsense.parse::<Cursor>(), Err(()), "{nonsense}");
        }
    }

    #[test]
    fn the_row_too_many_is_not_shown() {
        let cursor = |row: &u128| Cursor { key: String::new(), id: Uuid::from_u128(*row) };
        let (rows, next) = page_of((0..51).collect(), cursor);
        assert_eq!((rows.len(), next.map(|next| next.id)), (50, Some(Uuid::from_u128(49))));
        assert_eq!(page_of((0..50).collect(), cursor).1, None);
    }
}
