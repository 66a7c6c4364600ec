//! The fields of a resource, as its manifest declares them: each type with the options that it may have.

use std::collections::HashSet;

use super::{
    Kind,
    checking::{Checking, kept},
    manifest::{DeclaredField, DeclaredResource, DeclaredType, ManifestError, is_word},
    resource::{Field, Preset, RESERVED},
    text::Format,
};

const TEXT_MAX: i64 = 200;
const LONG_TEXT_MAX: i64 = 10_000;
const JSON_MAX: i64 = 16 * 1024;
/// What an index of the database can hold, at four bytes a character.
const INDEXED_MAX: i64 = 500;
/// Well within a call's body.
const LENGTH_MAX: i64 = 50_000;

/// The fields, in their order. `set` are those that hooks set, each as `resource.field`.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub fn check(checking: &Checking<'_>, declared: &DeclaredResource, set: &HashSet<&'static str>) -> Result<Vec<Field>, ManifestError> {
    let mut fields: Vec<Field> = Vec::new();
    for given in &declared.fields {
        let is_set = set.contains(format!("{}.{}", declared.name.get_ref(), given.name.get_ref()).as_str());
        let field = read(checking, given, is_set)?;
        let at = given.name.span();
        if RESERVED.contains(&field.name) {
            return Err(checking.refuse(&at, format!("{}: every record has that already", field.name)));
        }
        if fields.iter().any(|other| other.name == field.name) {
            return Err(checking.refuse(&at, format!("the field {} is there twice", field.name)));
        }
        if field.unique && fields.iter().any(|other| other.unique) {
            return Err(checking.refuse(&at, format!("{}: one field of a resource is unique, and no further one", field.name)));
        }
        fields.push(field);
    }
    let (named_by, at) = (declared.named_by.get_ref(), declared.named_by.span());
    let names = |field: &&Field| field.name == named_by && field.required && matches!(field.kind, Kind::Text { .. });
    if !fields.iter().any(|field| names(&field)) {
        return Err(checking.refuse(&at, format!("named_by: there is no required text field {named_by}")));
    }
    Ok(fields)
}

fn read(checking: &Checking<'_>, given: &DeclaredField, is_set: bool) -> Result<Field, ManifestError> {
    let (name, at) = (checking.word(&given.name)?, given.name.span());
    let refuse = |problem: String| checking.refuse(&at, format!("{name}: {problem}"));
    let kind = kind(checking, given).map_err(&refuse)?;
    let preset = preset(given, &kind).map_err(&refuse)?;
    let field = Field {
        name,
        says: kept(given.says.clone()),
        required: given.required,
        default: preset,
        filter: given.filter,
        sort: given.sort,
        search: given.search,
        unique: given.unique,
        by_server: given.by_server,
        kind,
    };
    rules(&field, is_set).map_or(Ok(field), |problem| Err(refuse(problem)))
}

/// What is wrong with its options taken together.
fn rules(field: &Field, is_set: bool) -> Option<String> {
    let is_text = matches!(field.kind, Kind::Text { .. } | Kind::LongText { .. });
    let is_too_long = matches!(field.kind, Kind::Text { max, .. } if i64::try_from(max).unwrap_or(i64::MAX) > INDEXED_MAX);
    let problem = if field.says.trim().is_empty() {
        "it does not say what it is".to_owned()
    } else if field.search && !is_text {
        "only texts are searched".to_owned()
    } else if field.is_indexed() && (!field.kind.can_be_indexed() || is_too_long) {
        format!("nothing longer than {INDEXED_MAX} characters can be filtered or sorted by")
    } else if field.required && field.default.is_some() {
        "what is required has no default".to_owned()
    } else if field.unique && !(field.required && field.filter && matches!(field.kind, Kind::Text { .. })) {
        "what is unique is a text, required and filtered by".to_owned()
    } else if field.by_server && (field.required || field.default.is_some()) {
        "what the server says is not required, and without a default".to_owned()
    } else if field.by_server && !is_set && field.kind != Kind::Instant {
        "what the server stamps is an instant; anything else is set by a hook that the manifest names".to_owned()
    } else {
        return None;
    };
    Some(problem)
}

fn kind(checking: &Checking<'_>, given: &DeclaredField) -> Result<Kind, String> {
    use DeclaredType as T;
    let has_length = matches!(given.kind, T::Text | T::LongText | T::Json);
    if given.max.is_some() && !has_length && given.kind != T::Integer || given.min.is_some() && given.kind != T::Integer {
        return Err("a type without length or size has no max, and only an integer has a min".to_owned());
    }
    if given.format.is_some() && given.kind != T::Text {
        return Err("only a text has a format".to_owned());
    }
    if given.values.is_empty() == (given.kind == T::Enum) {
        return Err("an enum names its values, and nothing else does".to_owned());
    }
    if given.resource.is_some() && given.kind != T::Record {
        return Err("only a record names a resource".to_owned());
    }
    Ok(match given.kind {
        T::Text => Kind::Text { max: length(given, given.format.map_or(TEXT_MAX, Format::max))?, format: given.format },
        T::LongText => Kind::LongText { max: length(given, LONG_TEXT_MAX)? },
        T::Json => Kind::Json { max: length(given, JSON_MAX)? },
        T::Integer => {
            let (min, max) = (given.min.unwrap_or(i64::MIN), given.max.unwrap_or(i64::MAX));
            if min > max {
                return Err("min is above max".to_owned());
            }
            Kind::Integer { min, max }
        }
        T::Boolean => Kind::Boolean,
        T::Instant => Kind::Instant,
        T::Date => Kind::Date,
        T::Enum => Kind::Enum(values(given)?),
        T::Member => Kind::Member,
        T::Record => match &given.resource {
            Some(resource) if !checking.known.contains(resource) => return Err(format!("there is no resource {resource}")),
            resource => Kind::Record(resource.clone().map(|resource| kept(resource))),
        },
    })
}

fn length(given: &DeclaredField, default: i64) -> Result<usize, String> {
    let max = given.max.unwrap_or(default);
    let within = (1..=LENGTH_MAX).contains(&max).then(|| usize::try_from(max).ok()).flatten();
    within.ok_or_else(|| format!("max is not a number from 1 to {LENGTH_MAX}"))
}

fn values(given: &DeclaredField) -> Result<Vec<&'static str>, String> {
    let mut values: Vec<&'static str> = Vec::new();
    for value in &given.values {
        if !is_word(value) || values.contains(&value.as_str()) {
            return Err(format!("the value {value:?} is not a word, or is there twice"));
        }
        values.push(kept(value.clone()));
    }
    Ok(values)
}

fn preset(given: &DeclaredField, kind: &Kind) -> Result<Option<Preset>, String> {
    let Some(value) = &given.default else { return Ok(None) };
    if *kind == Kind::Instant && value == "now" {
        return Ok(Some(Preset::Now));
    }
    if matches!(kind, Kind::Member | Kind::Record(_)) {
        return Err("what is somebody's has no default".to_owned());
    }
    kind.read(value).map(|value| Some(Preset::Value(value))).map_err(|problem| format!("default {problem}"))
}
