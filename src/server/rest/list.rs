//! Which list a cursor belongs to: an address with its filters. A cursor of another list is refused, since where it
//! points there is nowhere.

use std::borrow::Cow;

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

/// A list by its address.
pub struct List<'a>(&'a Uri);

impl<'a> List<'a> {
    pub fn of(uri: &'a Uri) -> Self {
        Self(uri)
    }

    /// Stands in front of each of the list's cursors. Made when a cursor comes or goes: most answers know none.
    fn mark(&self) -> String {
        let mut filters: Vec<_> = pairs(self.0).filter(|(name, _)| !NOT_FILTERS.contains(&name.as_str())).collect();
        filters.sort();
        let mut hash = Sha256::new();
        hash.update(self.0.path());
        for (name, value) in filters {
            for part in [name, value] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..MARK_BYTES])
    }

    /// The address as the operation reads it, with the cursor as it gave it.
    ///
    /// # Errors
    /// `Invalid` for a cursor of another list.
    pub fn asked(&self) -> Result<Cow<'a, Uri>, AppError> {
        if !pairs(self.0).any(|(name, _)| name == CURSOR) {
            return Ok(Cow::Borrowed(self.0));
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs(self.0) {
            if name == CURSOR {
                query.append_pair(&name, self.unmarked(&value)?);
            } else {
                query.append_pair(&name, &value);
            }
        }
        Uri::try_from(format!("/?{}", query.finish())).map(Cow::Owned).map_err(|_| AppError::Internal)
    }

    fn unmarked<'c>(&self, cursor: &'c str) -> Result<&'c str, AppError> {
        cursor.split_at_checked(MARK_CHARACTERS).filter(|(mark, _)| *mark == self.mark()).map(|(_, rest)| rest).ok_or_else(|| {
            AppError::invalid(CURSOR, "This cursor is not of this list with these filters. Begin without one, or keep the filters.")
        })
    }

    pub fn marked(&self, cursor: &str) -> String {
        format!("{}{cursor}", self.mark())
    }
}

fn pairs(uri: &Uri) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_alone() {
        let given = List::of(&Uri::from_static("/members?role=admin&q=a&limit=5")).marked("abc");
        let next = |address: &str| {
            let uri: Uri = format!("{address}&cursor={given}").parse().expect("an address");
            List::of(&uri).asked().ok().and_then(|asked| asked.query().map(str::to_owned))
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
            assert!(List::of(&uri).asked().is_err(), "{cursor}");
        }
    }

    #[test]
    fn an_address_without_a_cursor_is_read_as_it_is() {
        for text in ["/members", "/members?", "/members?q=a%20b&limit=5"] {
            let uri: Uri = text.parse().expect("an address");
            assert_eq!(List::of(&uri).asked().as_deref().ok(), Some(&uri), "{text}");
        }
    }
}
