//! From a tool's arguments to the call of the API that they mean.

use axum::body::Body;
use http::{HeaderMap, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{
    generic::{FILTERS, Generic, RESOURCE},
    tools::{Called, DRY_RUN, IF_VERSION},
};
use crate::{error::AppError, server::http::request::RequestContext};

/// Of an address, in bytes; what a tool that writes takes goes into a body.
const ADDRESS_MAX: usize = 16 * 1024;

pub type Arguments = Map<String, Value>;

/// The call that these arguments mean, in the name of whoever sent `head`.
///
/// # Errors
/// `Invalid`, naming the argument.
pub fn request(called: &Called, mut arguments: Arguments, head: &HeaderMap, context: &RequestContext) -> Result<Request<Body>, AppError> {
    if let Some(unknown) = arguments.keys().find(|name| !called.takes.contains(*name)) {
        return Err(unknown_argument(unknown, called.takes.iter().map(String::as_str)));
    }
    arguments.retain(|_, value| called.writes() || !value.is_null());
    let mut path = String::new();
    for part in called.path.split('/').skip(1) {
        path.push('/');
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => path.push_str(part),
            Some(name) => match arguments.remove(name) {
                Some(Value::String(id)) if !id.is_empty() => path.extend(utf8_percent_encode(&id, NON_ALPHANUMERIC)),
                _ => return Err(AppError::invalid("arguments", format!("{name} is the id of one, and has to be there as a text."))),
            },
        }
    }
    let mut request = Request::builder().method(called.method.clone());
    if let Some(authorization) = head.get(header::AUTHORIZATION) {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let body = if called.writes() {
        if taken_bool(&mut arguments, DRY_RUN)? {
            path.push_str("?dry_run=true");
        }
        if let Some(version) = taken_version(&mut arguments)? {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        request = request.header(header::CONTENT_TYPE, "application/json");
        Body::from(Value::Object(arguments).to_string())
    } else {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &arguments {
            query.append_pair(name, &flat(name, value)?);
        }
        let query = query.finish();
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        Body::empty()
    };
    if path.len() > ADDRESS_MAX {
        return Err(AppError::invalid("arguments", format!("These arguments are longer than {ADDRESS_MAX} bytes together.")));
    }
    request.uri(path).extension(context.clone()).body(body).map_err(|_| AppError::Internal)
}

/// Which operation of a generic tool is meant, and its arguments.
///
/// # Errors
/// `Invalid`, naming the argument.
pub fn resolved(generic: &Generic, mut arguments: Arguments) -> Result<(&Called, Arguments), AppError> {
    if let Some(unknown) = arguments.keys().find(|name| !generic.takes(name)) {
        return Err(unknown_argument(unknown, generic.described(|_| true).iter().flat_map(|tool| names(&tool.input_schema))));
    }
    let resource = match arguments.remove(RESOURCE) {
        Some(Value::String(resource)) => resource,
        _ => String::new(),
    };
    let called = generic.over.get(resource.as_str()).ok_or_else(|| {
        let known: Vec<&str> = generic.over.keys().copied().collect();
        AppError::invalid("arguments", format!("resource names no kind of record. These are: {}.", known.join(", ")))
    })?;
    match arguments.remove(FILTERS) {
        None | Some(Value::Null) => {}
        Some(Value::Object(filters)) => {
            for (name, value) in filters {
                if arguments.insert(name.clone(), value).is_some() {
                    return Err(AppError::invalid("arguments", format!("{name} is there twice, once among the filters.")));
                }
            }
        }
        Some(_) => return Err(AppError::invalid("arguments", "filters is an object: a value for each name.")),
    }
    Ok((called, arguments))
}

fn names(schema: &Map<String, Value>) -> Vec<&str> {
    schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect()
}

fn unknown_argument<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> AppError {
    let shown: String = name.chars().take(80).collect();
    let known: Vec<&str> = known.collect();
    let says = if known.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", known.join(", ")) };
    AppError::invalid("arguments", format!("There is no argument {shown:?}: {says}."))
}

fn taken_bool(arguments: &mut Arguments, name: &str) -> Result<bool, AppError> {
    match arguments.remove(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(value),
        Some(_) => Err(AppError::invalid("arguments", format!("{name} is true or false."))),
    }
}

fn taken_version(arguments: &mut Arguments) -> Result<Option<u64>, AppError> {
    match arguments.remove(IF_VERSION) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            value.as_u64().map(Some).ok_or_else(|| AppError::invalid("arguments", format!("{IF_VERSION} is a whole number, such as 3.")))
        }
    }
}

/// As it stands in a query.
fn flat(name: &str, value: &Value) -> Result<String, AppError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Array(items) => items.iter().map(|item| flat(name, item)).collect::<Result<Vec<_>, _>>().map(|items| items.join(",")),
        _ => Err(AppError::invalid("arguments", format!("{name} is a text, a number, true or false."))),
    }
}
