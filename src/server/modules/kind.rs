//! What a field can hold: which values are taken, how they are kept where lists find them, and what of them a caller may
//! look for.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, SecondsFormat, SubsecRound as _, Utc};
use serde_json::{Value, json};

use super::text::{Format, line, long};
use crate::ids::{RecordId, UserId};

/// A field's type with its bounds. Lengths are in characters, that of `Json` in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Text {
        max: usize,
        format: Option<Format>,
    },
    LongText {
        max: usize,
    },
    Integer {
        min: i64,
        max: i64,
    },
    Boolean,
    /// Kept in UTC, to the millisecond.
    Instant,
    Date,
    Enum(Vec<&'static str>),
    /// Someone in the workspace.
    Member,
    /// Of one resource, or of any.
    Record(Option<&'static str>),
    Json {
        max: usize,
    },
}

/// A value as lists find and sort it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indexed {
    /// In lower case.
    Text(String),
    Number(i64),
    Time(DateTime<Utc>),
}

impl Indexed {
    /// The column of `record_value` that holds it.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Text(_) => "text_value",
            Self::Number(_) => "number_value",
            Self::Time(_) => "time_value",
        }
    }
}

impl Kind {
    /// The value as it is kept.
    ///
    /// # Errors
    /// What is wrong and what would be right, to follow the field's name.
    pub fn read(&self, value: &Value) -> Result<Value, String> {
        match (self, value) {
            (Self::Text { max, format }, Value::String(text)) => line(text, *max, *format).map(Value::String),
            (Self::LongText { max }, Value::String(text)) => long(text, *max).map(Value::String),
            (Self::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
                Some(number) if (*min..=*max).contains(&number) => Ok(json!(number)),
                _ => Err(format!("is not a whole number from {min} to {max}")),
            },
            (Self::Boolean, Value::Bool(_)) => Ok(value.clone()),
            (Self::Instant, Value::String(text)) => instant(text).map(Value::String),
            (Self::Date, Value::String(text)) => date(text).map(|date| json!(date.to_string())).ok_or_else(|| self.wants()),
            (Self::Enum(values), Value::String(text)) if values.contains(&text.as_str()) => Ok(value.clone()),
            (Self::Member, Value::String(text)) => text.parse().map(|id: UserId| json!(id)).map_err(|_| self.wants()),
            (Self::Record(_), Value::String(text)) => text.parse().map(|id: RecordId| json!(id)).map_err(|_| self.wants()),
            (Self::Json { max }, _) => {
                let length = value.to_string().len();
                if length > *max { Err(format!("is {length} bytes of JSON. Shorten it to {max} or fewer")) } else { Ok(value.clone()) }
            }
            _ => Err(self.wants()),
        }
    }

    /// What would be right, to follow a field's name.
    fn wants(&self) -> String {
        match self {
            Self::Text { .. } | Self::LongText { .. } => "is not a text".to_owned(),
            Self::Integer { min, max } => format!("is not a whole number from {min} to {max}"),
            Self::Boolean => "is not true or false".to_owned(),
            Self::Instant => "is not a time in RFC 3339, such as 2027-01-31T18:00:00Z".to_owned(),
            Self::Date => "is not a date such as 2027-01-31".to_owned(),
            Self::Enum(values) => format!("is none of {}", values.join(", ")),
            Self::Member => "is not the id of a person, usr_…".to_owned(),
            Self::Record(_) => "is not the id of a record, rec_…".to_owned(),
            Self::Json { .. } => "is not JSON".to_owned(),
        }
    }

    /// Whether values of it can be looked for and sorted by.
    pub fn can_be_indexed(&self) -> bool {
        !matches!(self, Self::LongText { .. } | Self::Json { .. })
    }

    /// The value as lists find it; none for what they do not.
    pub fn index(&self, value: &Value) -> Option<Indexed> {
        match (self, value) {
            (Self::Instant, Value::String(text)) => DateTime::parse_from_rfc3339(text).ok().map(|moment| Indexed::Time(moment.to_utc())),
            (Self::Date, Value::String(text)) => date(text).map(|date| Indexed::Time(date.and_time(NaiveTime::MIN).and_utc())),
            (Self::Integer { .. }, Value::Number(number)) => number.as_i64().map(Indexed::Number),
            (Self::Boolean, Value::Bool(is)) => Some(Indexed::Text(is.to_string())),
            (Self::Text { .. } | Self::Enum(_) | Self::Member | Self::Record(_), Value::String(text)) => {
                Some(Indexed::Text(text.to_lowercase()))
            }
            _ => None,
        }
    }

    /// What a filter in an address looks for.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn sought(&self, text: &str) -> Result<Indexed, String> {
        let value = match self {
            Self::Integer { .. } => text.parse::<i64>().map_or(Value::Null, |number| json!(number)),
            Self::Boolean => text.parse::<bool>().map_or(Value::Null, Value::Bool),
            _ => Value::String(text.to_owned()),
        };
        self.index(&self.read(&value)?).ok_or_else(|| self.wants())
    }

    /// Where a sorted list goes on, from what its cursor says.
    pub fn sorted_from(&self, text: &str) -> Option<Indexed> {
        match self {
            Self::Integer { .. } => text.parse().ok().map(Indexed::Number),
            Self::Instant | Self::Date => {
                let moment = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
                (1..=9999).contains(&moment.year()).then_some(Indexed::Time(moment))
            }
            _ => Some(Indexed::Text(text.to_owned())),
        }
    }

    /// As a list's column is called that is sorted by it.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "number_value",
            Self::Instant | Self::Date => "time_value",
            _ => "text_value",
        }
    }

    /// JSON Schema (2020-12).
    pub fn schema(&self) -> Value {
        match self {
            Self::Text { max, format } => {
                let mut schema = json!({ "type": "string", "minLength": 1, "maxLength": max });
                if let Some((key, value)) = format.map(Format::schema) {
                    schema[key] = json!(value);
                }
                schema
            }
            Self::LongText { max } => json!({ "type": "string", "maxLength": max }),
            Self::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Instant => json!({ "type": "string", "format": "date-time" }),
            Self::Date => json!({ "type": "string", "format": "date" }),
            Self::Enum(values) => json!({ "type": "string", "enum": values }),
            Self::Member => json!({ "type": "string", "pattern": "^usr_[0-9a-z]{26}$" }),
            Self::Record(_) => json!({ "type": "string", "pattern": "^rec_[0-9a-z]{26}$" }),
            Self::Json { .. } => json!({}),
        }
    }
}

fn instant(text: &str) -> Result<String, String> {
    let moment = DateTime::parse_from_rfc3339(text).map_err(|_| Kind::Instant.wants())?.to_utc().trunc_subsecs(3);
    if (1..=9999).contains(&moment.year()) {
        Ok(moment.to_rfc3339_opts(SecondsFormat::Millis, true))
    } else {
        Err("is outside the years 1 to 9999".to_owned())
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && (1..=9999).contains(&date.year())).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(max: usize) -> Kind {
        Kind::Text { max, format: None }
    }

    #[test]
    fn what_is_taken_is_kept_in_one_form() {
        for (kind, value, kept) in [
            (text(5), json!("  añb "), json!("añb")),
            (Kind::LongText { max: 5 }, json!("a\nb"), json!("a\nb")),
            (Kind::Integer { min: -1, max: 5 }, json!(5), json!(5)),
            (Kind::Boolean, json!(false), json!(false)),
            (Kind::Instant, json!("2027-01-31T18:00:00.1234+02:00"), json!("2027-01-31T16:00:00.123Z")),
            (Kind::Date, json!("2028-02-29"), json!("2028-02-29")),
            (Kind::Enum(vec!["a", "b"]), json!("b"), json!("b")),
            (Kind::Member, json!("usr_01h455vb4pex5vsknk084sn02q"), json!("usr_01h455vb4pex5vsknk084sn02q")),
            (Kind::Record(None), json!("rec_01h455vb4pex5vsknk084sn02q"), json!("rec_01h455vb4pex5vsknk084sn02q")),
            (Kind::Json { max: 20 }, json!({ "a": [1, null] }), json!({ "a": [1, null] })),
        ] {
            assert_eq!(kind.read(&value), Ok(kept.clone()), "{kind:?}");
            assert_eq!(kind.read(&kept), Ok(kept), "{kind:?} twice");
        }
    }

    #[test]
    fn what_is_not_taken_is_said() {
        for (kind, value, says) in [
            (text(5), json!("abcdef"), "6 characters"),
            (text(5), json!(" "), "empty"),
            (text(5), json!("a\nb"), "line break"),
            (text(5), json!(1), "not a text"),
            (Kind::LongText { max: 5 }, json!("a\u{1b}"), "control"),
            (Kind::Integer { min: 0, max: 5 }, json!(6), "from 0 to 5"),
            (Kind::Integer { min: 0, max: 5 }, json!(1.0), "whole number"),
            (Kind::Integer { min: i64::MIN, max: i64::MAX }, json!(u64::MAX), "whole number"),
            (Kind::Boolean, json!("true"), "true or false"),
            (Kind::Instant, json!("2027-01-31"), "RFC 3339"),
            (Kind::Instant, json!("0001-01-01T00:00:00+23:00"), "years 1 to 9999"),
            (Kind::Date, json!("2027-02-29"), "date"),
            (Kind::Date, json!("2027-2-3"), "date"),
            (Kind::Date, json!("+262142-01-01"), "date"),
            (Kind::Enum(vec!["a", "b"]), json!("c"), "none of a, b"),
            (Kind::Member, json!("rec_01h455vb4pex5vsknk084sn02q"), "usr_"),
            (Kind::Record(None), json!("rec_"), "rec_"),
            (Kind::Json { max: 3 }, json!("abc"), "5 bytes"),
        ] {
            let problem = kind.read(&value).expect_err(says);
            assert!(problem.contains(says), "{kind:?} {value}: {problem}");
        }
    }

    #[test]
    fn a_filter_finds_what_is_kept() {
        for (kind, value, text) in [
            (text(9), json!("Order 7"), "order 7"),
            (Kind::Integer { min: 0, max: 9 }, json!(7), "7"),
            (Kind::Boolean, json!(true), "true"),
            (Kind::Date, json!("2027-01-31"), "2027-01-31"),
            (Kind::Instant, json!("2027-01-31T16:00:00.000Z"), "2027-01-31T18:00:00+02:00"),
            (Kind::Enum(vec!["a"]), json!("a"), "a"),
        ] {
            assert_eq!(kind.sought(text).ok(), kind.index(&value), "{kind:?}");
            assert_eq!(kind.index(&value).map(|indexed| indexed.column()), Some(kind.column()), "{kind:?}");
        }
        assert!(Kind::Boolean.sought("yes").is_err() && Kind::Integer { min: 0, max: 9 }.sought("7.0").is_err());
    }
}
