//! The reference: what every operation is, takes and answers, made from the same list that routes the calls.

mod index;
mod noun;
mod shape;

pub use index::show_index;
pub use noun::show_noun;
pub use shape::Row;

use http::{Method, StatusCode};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
use url::Url;

use super::{BASE, ENVELOPED, ErrorCode, Gate, Operation};
use crate::server::scope::Asks;
use shape::Shapes;

/// Every operation, by the noun that its name begins with.
#[derive(Debug)]
pub struct Reference {
    /// `https://console.example.com/api/v1`
    pub base: String,
    pub nouns: Vec<Noun>,
}

#[derive(Debug)]
pub struct Noun {
    /// `api_keys`
    pub name: &'static str,
    pub operations: Vec<Shown>,
}

/// One operation, as its section shows it.
#[derive(Debug)]
pub struct Shown {
    pub id: &'static str,
    pub method: Method,
    /// Below the base.
    pub path: &'static str,
    pub says: &'static str,
    pub status: StatusCode,
    pub gate: Gate,
    pub asks: Asks,
    pub query: Vec<Row>,
    /// None where it takes no body.
    pub body: Option<Vec<Row>>,
    pub answer: Vec<Row>,
    /// Whether it answers a page of them.
    pub is_list: bool,
    /// Where it answers a file, what that can be written in.
    pub file: Option<&'static [&'static str]>,
    pub errors: Vec<ErrorCode>,
    /// A call, for a shell.
    pub example: String,
}

impl Reference {
    /// For operations that are served at `console`.
    pub fn of(operations: &[Operation], console: &Url) -> Self {
        let base = console.join(BASE).map_or_else(|_| BASE.to_owned(), |url| url.to_string());
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
        let mut generator = settings.into_generator();
        let schemas: Vec<Schemas> = operations.iter().map(|operation| Schemas::of(operation, &mut generator)).collect();
        let definitions: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
        let shapes = Shapes { definitions: &definitions };
        let mut nouns: Vec<Noun> = Vec::new();
        for (operation, schemas) in operations.iter().zip(&schemas) {
            let name = operation.id.split('.').next().unwrap_or_default();
            let shown = Shown::of(operation, schemas, &shapes, &base);
            match nouns.iter_mut().find(|noun| noun.name == name) {
                Some(noun) => noun.operations.push(shown),
                None => nouns.push(Noun { name, operations: vec![shown] }),
            }
        }
        Self { base, nouns }
    }

    /// The noun of a module's first operation: where its part of the reference begins.
    pub fn noun_of_module(&self, key: &str) -> Option<&'static str> {
        let of_it = |noun: &&Noun| noun.operations.iter().any(|shown| shown.gate.module.is_some_and(|module| module.key() == key));
        self.nouns.iter().find(of_it).map(|noun| noun.name)
    }
}

struct Schemas {
    query: Value,
    input: Option<Value>,
    output: Value,
}

impl Schemas {
    fn of(operation: &Operation, generator: &mut SchemaGenerator) -> Self {
        Self {
            query: (operation.query)(generator).to_value(),
            input: operation.input.as_ref().map(|input| input(generator).to_value()),
            output: (operation.output)(generator).to_value(),
        }
    }
}

impl Shown {
    fn of(operation: &Operation, schemas: &Schemas, shapes: &Shapes<'_>, base: &str) -> Self {
        let items = shapes.items(&schemas.output);
        let body = schemas.input.as_ref().map(|input| shapes.rows(input));
        Self {
            id: operation.id,
            method: operation.method.clone(),
            path: operation.path,
            says: operation.says,
            status: operation.status,
            gate: operation.gate,
            asks: operation.asks,
            query: shapes.rows(&schemas.query),
            answer: shapes.rows(items.unwrap_or(&schemas.output)),
            is_list: items.is_some(),
            file: (operation.kinds != ENVELOPED).then_some(operation.kinds),
            errors: errors(operation),
            example: example(operation, body.as_deref(), base),
            body,
        }
    }

    /// Whether anybody may call it, without a key.
    pub fn is_open(&self) -> bool {
        self.asks == Asks::Nothing
    }
}

/// The codes that it can be refused with, in the order in which they are asked. Any call can meet the last two.
fn errors(operation: &Operation) -> Vec<ErrorCode> {
    use ErrorCode as E;
    let gate = operation.gate;
    if operation.asks == Asks::Nothing {
        return vec![E::InternalError, E::Unavailable];
    }
    let writes = operation.input.is_some();
    let mut codes = vec![E::Unauthorized, E::PolicyDenied, E::RateLimited];
    let found = [
        (gate.module.is_some(), &[E::ModuleNotEntitled, E::ModuleNotEnabled][..]),
        (gate.scope.is_some(), &[E::MissingRequiredScope]),
        (!gate.while_paused, &[E::BillingPaused]),
        (operation.path.contains('{'), &[E::ResourceNotFound]),
        (true, &[E::ValidationFailed]),
        (operation.may_conflict, &[E::Conflict]),
        (writes, &[E::VersionConflict, E::IdempotencyConflict, E::PayloadTooLarge]),
        (true, &[E::InternalError, E::Unavailable]),
    ];
    codes.extend(found.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, codes)| codes));
    codes
}

/// What is in the address is a variable of the shell; the body is what is required, or the first field where nothing is.
fn example(operation: &Operation, body: Option<&[Row]>, base: &str) -> String {
    let address: Vec<String> = operation
        .path
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => format!("${}", name.to_uppercase()),
            None => part.to_owned(),
        })
        .collect();
    let method = if operation.method == Method::GET { String::new() } else { format!(" -X {}", operation.method) };
    let key = if operation.asks == Asks::Nothing { "" } else { " -H \"Authorization: Bearer $STOA_KEY\"" };
    let body = body.map(|rows| {
        let sent: Vec<&Row> = rows.iter().filter(|row| !row.name.contains(['.', '['])).collect();
        let required: Vec<&Row> = sent.iter().copied().filter(|row| row.required).collect();
        let chosen = if required.is_empty() { sent.into_iter().take(1).collect() } else { required };
        let fields: Map<String, Value> = chosen.into_iter().map(|row| (row.name.clone(), row.sample.clone())).collect();
        format!(" \\\n  -H \"Content-Type: application/json\" -d '{}'", Value::Object(fields))
    });
    format!("curl{method}{key}{} \\\n  \"{base}{}\"", body.unwrap_or_default(), address.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app;

    fn reference() -> Reference {
        Reference::of(&app::operations(), &"https://console.example.com".parse().expect("an address"))
    }

    #[test]
    fn every_operation_is_there_once_with_what_it_takes() {
        let reference = reference();
        let mut shown: Vec<&str> = reference.nouns.iter().flat_map(|noun| &noun.operations).map(|shown| shown.id).collect();
        let mut known: Vec<&str> = app::operations().iter().map(|operation| operation.id).collect();
        shown.sort_unstable();
        known.sort_unstable();
        assert_eq!(shown, known);
        for shown in reference.nouns.iter().flat_map(|noun| &noun.operations) {
            assert_eq!(shown.answer.is_empty(), shown.file.is_some(), "{} answers nothing that is described", shown.id);
            for row in shown.query.iter().chain(shown.body.iter().flatten()).chain(&shown.answer) {
                assert!(!row.kind.is_empty() && !row.says.contains('\n'), "{} {row:?}", shown.id);
            }
        }
    }

    #[test]
    fn an_example_could_be_sent() {
        let reference = reference();
        let find = |id: &str| reference.nouns.iter().flat_map(|noun| &noun.operations).find(|shown| shown.id == id).expect("an operation");
        let create = find("tasks.create");
        assert!(create.example.contains("-d '{\"title\":\"…\"}'"), "{}", create.example);
        assert!(create.example.ends_with("\"https://console.example.com/api/v1/tasks\""), "{}", create.example);
        assert!(find("tasks.complete").example.contains("/tasks/$RECORD/complete"));
        assert!(!find("leaked_credentials.report").example.contains("Authorization"));
        assert!(create.errors.contains(&ErrorCode::BillingPaused) && !find("me.get").errors.contains(&ErrorCode::MissingRequiredScope));
        assert_eq!(reference.noun_of_module("tasks"), Some("tasks"));
    }
}
