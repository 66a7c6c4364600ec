//! Which list a cursor belongs to: an address with its filters. A cursor of another list is refused, since where it
//! points there is nowhere.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Uri;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::error::AppError;

const CURSOR: &str = "cursor";
/// What does not change what a list holds.
const NOT_FILTERS: [&str; 2] = [CURSOR, "limit"];
/// Enough to tell lists apart; it keeps no secret.
const MARK_BYTES: usize = 6;
const MARK_CHARACTERS: usize = MARK_BYTES * 4 / 3;

/// The mark of a list, in front of each of its cursors.
pub struct List(String);

impl List {
    pub fn of(uri: &Uri) -> Self {
        let mut filters: Vec<_> = pairs(uri).filter(|(name, _)| !NOT_FILTERS.contains(&name.as_str())).collect();
        filters.sort();
        let mut hash = Sha256::new();
        hash.update(uri.path());
        for (name, value) in filters {
            for part in [name, value] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        Self(URL_SAFE_NO_PAD.encode(&hash.finalize()[..MARK_BYTES]))
    }

    /// The query as the operation reads it, with the cursor as it gave it.
    ///
    /// # Errors
    /// `Invalid` for a cursor of another list.
    pub fn query(&self, uri: &Uri) -> Result<String, AppError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs(uri) {
            if name == CURSOR {
                query.append_pair(&name, self.unmarked(&value)?);
            } else {
                query.append_pair(&name, &value);
            }
        }
        Ok(query.finish())
    }

    fn unmarked<'a>(&self, cursor: &'a str) -> Result<&'a str, AppError> {
        cursor.split_at_checked(MARK_CHARACTERS).filter(|(mark, _)| *mark == self.0).map(|(_, rest)| rest).ok_or_else(|| {
            AppError::invalid(CURSOR, "This cursor is not of this list with these filters. Begin without one, or keep the filters.")
        })
    }

    pub fn marked(&self, cursor: &str) -> String {
        format!("{}{cursor}", self.0)
    }
}

fn pairs(uri: &Uri) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> List {
        List::of(&text.parse().expect("an address"))
    }

    #[test]
    fn a_cursor_is_good_for_its_list_alone() {
        let given = list("/members?role=admin&q=a&limit=5").marked("abc");
        let next = |address: &str| {
            let uri: Uri = format!("{address}&cursor={given}").parse().expect("an address");
            List::of(&uri).query(&uri).ok()
        };
        assert_eq!(next("/members?q=a&role=admin&limit=50").as_deref(), Some("q=a&role=admin&limit=50&cursor=abc"));
        for other in ["/members?q=b&role=admin", "/members?role=admin", "/invitations?q=a&role=admin", "/members?q=arole&=admin"] {
            assert_eq!(next(other), None, "{other}");
        }
    }

    #[test]
    fn what_was_never_given_is_refused() {
        for cursor in ["", "a", "%00", "AAAAAAAA%00", "%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9", "AAAAAAAAabc"] {
            let uri: Uri = format!("/members?cursor={cursor}").parse().expect("an address");
            assert!(List::of(&uri).query(&uri).is_err(), "{cursor}");
        }
    }
}
