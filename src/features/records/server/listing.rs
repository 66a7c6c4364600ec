//! What a list is asked for: filters by declared fields, words, an order, and where the page begins. Whatever is not
//! understood is refused, so that a misspelt filter never shows everything.

use std::{fmt, str::FromStr};

use chrono::SecondsFormat;

use super::Record;
use crate::{
    error::{AppError, FieldError},
    ids::RecordId,
    server::{
        modules::{Field, Indexed, Kind, Resource, STATUS},
        rest::PageQuery,
    },
};

/// So many are told of at most.
const PROBLEMS_MAX: usize = 20;
const WORDS_MAX: usize = 200;

/// A list, understood.
#[derive(Debug)]
pub struct Listing {
    /// Those that were put away, instead of all others.
    pub archived: bool,
    /// In any of the searched texts.
    pub words: Option<String>,
    /// Each field with what it must be.
    pub filters: Vec<(&'static str, Indexed)>,
    pub order: Order,
    pub after: Option<Place>,
    /// How many rows, one more than the page has.
    pub most: i64,
}

#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// By when they were added.
    Added { newest_first: bool },
    /// Those without a value come last.
    By { field: &'static Field, descending: bool },
}

/// Where a page ended: the record, and its value in the column that the list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: RecordId,
    pub value: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} {value}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (id, value) = text.split_once(' ').map_or((text, None), |(id, value)| (id, Some(value)));
        if value.is_some_and(|value| value.contains('\0')) {
            return Err(());
        }
        Ok(Self { id: id.parse().map_err(|_| ())?, value: value.map(str::to_owned) })
    }
}

impl Listing {
    /// The listing that the query asks for, and its page.
    ///
    /// # Errors
    /// `Invalid`, with everything that is not understood.
    pub fn read(resource: &'static Resource, query: Vec<(String, String)>) -> Result<(Self, PageQuery), AppError> {
        let mut asked = Asked::default();
        for (name, value) in query {
            asked.take(resource, &name, value);
        }
        if !asked.problems.is_empty() {
            return Err(AppError::Invalid(asked.problems));
        }
        let page = PageQuery::new(asked.limit, asked.cursor);
        let order = asked.order.unwrap_or(Order::Added { newest_first: true });
        let after = page.after::<Place>()?;
        if let Some(after) = &after
            && !fits(order, after)
        {
            return Err(AppError::invalid("cursor", "This cursor is none that this list gave. Begin without one."));
        }
        let listing = Self {
            archived: asked.archived.unwrap_or_default(),
            words: asked.words,
            filters: asked.filters,
            order,
            after,
            most: page.limit()? + 1,
        };
        Ok((listing, page))
    }

    /// Where the list goes on behind this record.
    pub fn place_of(&self, record: &Record) -> Place {
        let value = match self.order {
            Order::Added { .. } => None,
            Order::By { field, .. } => record.data.get(field.name).and_then(|value| field.kind.index(value)).map(text_of),
        };
        Place { id: record.id, value }
    }
}

fn fits(order: Order, after: &Place) -> bool {
    match (order, &after.value) {
        (Order::Added { .. }, value) => value.is_none(),
        (Order::By { field, .. }, Some(value)) => field.kind.sorted_from(value).is_some(),
        (Order::By { .. }, None) => true,
    }
}

/// As [`Kind::sorted_from`] reads it.
fn text_of(value: Indexed) -> String {
    match value {
        Indexed::Text(text) => text,
        Indexed::Number(number) => number.to_string(),
        Indexed::Time(moment) => moment.to_rfc3339_opts(SecondsFormat::Millis, true),
    }
}

#[derive(Default)]
struct Asked {
    limit: Option<String>,
    cursor: Option<String>,
    archived: Option<bool>,
    words: Option<String>,
    order: Option<Order>,
    filters: Vec<(&'static str, Indexed)>,
    problems: Vec<FieldError>,
}

impl Asked {
    fn take(&mut self, resource: &'static Resource, name: &str, value: String) {
        let taken = match name {
            _ if value.contains('\0') => Err(wrong("query", "contains a NUL character")),
            "limit" => once(&mut self.limit, "limit", value),
            "cursor" => once(&mut self.cursor, "cursor", value),
            "archived" => match value.parse() {
                Ok(archived) => once(&mut self.archived, "archived", archived),
                Err(_) => Err(wrong("archived", "is not true or false")),
            },
            "q" if resource.is_searched() => words(&value).and_then(|words| once(&mut self.words, "q", words)),
            "sort" => order(resource, &value).and_then(|order| once(&mut self.order, "sort", order)),
            _ => self.filter(resource, name, &value),
        };
        // Each names all that would be right: a long query full of nonsense must not make a longer answer.
        self.problems.extend(taken.err().filter(|_| self.problems.len() < PROBLEMS_MAX));
    }

    fn filter(&mut self, resource: &'static Resource, name: &str, value: &str) -> Result<(), FieldError> {
        let (name, sought) = if name == STATUS && !resource.states.is_empty() {
            (STATUS, Kind::Enum(resource.states.clone()).sought(value))
        } else {
            match resource.field(name).filter(|field| field.filter) {
                Some(field) => (field.name, field.kind.sought(value)),
                None => return Err(wrong("query", &unknown(resource, name))),
            }
        };
        if self.filters.iter().any(|(other, _)| *other == name) {
            return Err(wrong(name, "is given twice"));
        }
        self.filters.push((name, sought.map_err(|says| wrong(name, &says))?));
        Ok(())
    }
}

fn once<T>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), FieldError> {
    match slot.replace(value) {
        Some(_) => Err(wrong(name, "is given twice")),
        None => Ok(()),
    }
}

fn words(value: &str) -> Result<String, FieldError> {
    let value = value.trim();
    let length = value.chars().count();
    if (1..=WORDS_MAX).contains(&length) { Ok(value.to_owned()) } else { Err(wrong("q", &format!("is not 1 to {WORDS_MAX} characters"))) }
}

fn order(resource: &'static Resource, value: &str) -> Result<Order, FieldError> {
    let (descending, name) = value.strip_prefix('-').map_or((false, value), |name| (true, name));
    if name == "created_at" {
        return Ok(Order::Added { newest_first: descending });
    }
    match resource.field(name).filter(|field| field.sort) {
        Some(field) => Ok(Order::By { field, descending }),
        None => Err(wrong("sort", &format!("is none of {}, each with a - before it for the reverse", sorts(resource).join(", ")))),
    }
}

/// What a list of them can be sorted by.
pub fn sorts(resource: &Resource) -> Vec<&'static str> {
    std::iter::once("created_at").chain(resource.fields.iter().filter(|field| field.sort).map(|field| field.name)).collect()
}

fn unknown(resource: &Resource, name: &str) -> String {
    let shown: String = name.chars().take(80).collect();
    let status = (!resource.states.is_empty()).then_some(STATUS);
    let filters: Vec<&str> =
        status.into_iter().chain(resource.fields.iter().filter(|field| field.filter).map(|field| field.name)).collect();
    format!("has {shown:?}, which is no filter of this list. Filters are {}", filters.join(", "))
}

fn wrong(field: &'static str, says: &str) -> FieldError {
    FieldError { field, message: format!("{field} {says}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nonsense_is_none() {
        let id: RecordId = "rec_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        for value in [None, Some(String::new()), Some("two words".to_owned())] {
            let place = Place { id, value };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for nonsense in ["", "rec_", " rec_01h455vb4pex5vsknk084sn02q", "rec_01h455vb4pex5vsknk084sn02q \0"] {
            assert_eq!(nonsense.parse::<Place>(), Err(()), "{nonsense:?}");
        }
    }
}
