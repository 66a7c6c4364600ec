//! What a set would change of what was declared before, as questions about the records that there are: what would leave
//! them as nobody declares them is refused, and what is only gone is told.

use super::past::{Field, Manifest, Past, Resource};
use crate::server::modules::{Module, line_of_name};

/// What is counted, in all workspaces together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    Records {
        resource: String,
    },
    BesideStates {
        resource: String,
        states: Vec<String>,
    },
    /// Those that hold something in the field, other than these values.
    Holding {
        resource: String,
        field: String,
        besides: Vec<String>,
    },
    Without {
        resource: String,
        field: String,
    },
    Keys {
        noun: String,
    },
}

/// Matters where the count is not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub counted: Counted,
    /// `FILE: line 3`; none of what is declared nowhere any more.
    pub place: Option<String>,
    /// `{n}` stands for the count.
    pub says: String,
}

impl Question {
    /// The sentence for that count.
    pub fn answer(&self, count: i64) -> String {
        let says = self.says.replace("{n}", &count.to_string());
        self.place.as_ref().map_or_else(|| says.clone(), |place| format!("{place}: {says}"))
    }
}

/// What these modules would leave as nobody declares it.
pub fn refusals(past: &Past, modules: &[Module]) -> Vec<Question> {
    modules.iter().flat_map(|module| of_module(past, module)).collect()
}

fn of_module(past: &Past, module: &Module) -> Vec<Question> {
    let manifest = Manifest::read(&module.source.text);
    let mut questions = Vec::new();
    if let Some(before) = past.nouns.get(&manifest.noun).filter(|before| **before != manifest.key) {
        questions.push(Question {
            counted: Counted::Keys { noun: manifest.noun.clone() },
            place: Some(module.source.place_of("noun")),
            says: format!(
                "noun: {:?} was that of the module {before}, and {{n}} API key(s) or MCP token(s) hold its scopes: they would reach what is in {}. \
                 Take another noun, or revoke them",
                manifest.noun, manifest.key
            ),
        });
    }
    for resource in &manifest.resources {
        let place = |name: &str| Some(line_of_name(module, &resource.name, name));
        questions.extend(of_resource(past, &manifest.key, resource).into_iter().map(|(name, counted, says)| Question {
            counted,
            place: place(&name),
            says,
        }));
    }
    questions
}

/// By the name of the field, or of the resource.
fn of_resource(past: &Past, module: &str, now: &Resource) -> Vec<(String, Counted, String)> {
    let Some(known) = past.resources.get(&now.name) else { return Vec::new() };
    let resource = now.name.clone();
    let mut found = Vec::new();
    if known.module != module {
        let says =
            format!("the resource {resource} was of the module {}, and {{n}} record(s) of it are there: they stay with it", known.module);
        found.push((resource.clone(), Counted::Records { resource: resource.clone() }, says));
    }
    // What is added or put in another order leaves nobody out, and nothing is counted for it.
    let is_lost = known.states.is_empty() != now.states.is_empty() || known.states.iter().any(|state| !now.states.contains(state));
    if is_lost {
        let says = format!("{{n}} record(s) of {resource} are in none of its states. Keep the state that they are in, or move them first");
        found.push((resource.clone(), Counted::BesideStates { resource: resource.clone(), states: now.states.clone() }, says));
    }
    for field in &now.fields {
        found.extend(of_field(&resource, known.fields.get(&field.name), field).map(|(counted, says)| (field.name.clone(), counted, says)));
    }
    found
}

fn of_field(resource: &str, before: Option<&Field>, now: &Field) -> Option<(Counted, String)> {
    let (resource, field) = (resource.to_owned(), now.name.clone());
    if let Some(before) = before {
        match fit(before, now) {
            Fit::All => {}
            Fit::Only(values) => {
                let says = format!("{field}: {{n}} record(s) of {resource} hold a value that is not among its values any more. Keep it");
                return Some((Counted::Holding { resource, field, besides: values }, says));
            }
            Fit::None => {
                let says = format!(
                    "{field}: {{n}} record(s) of {resource} hold what was {} in it, and it would be {}. Give the new field another name",
                    named(before),
                    named(now)
                );
                return Some((Counted::Holding { resource, field, besides: Vec::new() }, says));
            }
        }
    }
    (now.required && !before.is_some_and(|before| before.required)).then(|| {
        let says = format!(
            "{field}: it is required now, and {{n}} record(s) of {resource} hold nothing in it. Leave it optional, or fill it first"
        );
        (Counted::Without { resource, field }, says)
    })
}

fn named(field: &Field) -> String {
    field.resource.as_ref().map_or_else(|| field.kind.clone(), |resource| format!("{} ({resource})", field.kind))
}

/// Which of the values that a field could hold it can still hold. Narrower bounds do not count: what is kept stays, and is
/// held to them when it is changed.
enum Fit {
    All,
    Only(Vec<String>),
    None,
}

fn fit(before: &Field, now: &Field) -> Fit {
    match (before.kind.as_str(), now.kind.as_str()) {
        ("enum", "enum") if before.values.iter().any(|value| !now.values.contains(value)) => Fit::Only(now.values.clone()),
        ("record", "record") if now.resource.is_some() && now.resource != before.resource => Fit::None,
        ("text", "long_text") | ("enum", "text" | "long_text") => Fit::All,
        (before, now) if before == now => Fit::All,
        _ => Fit::None,
    }
}

/// What was declared once and is not any more: its records stay, and are told of.
pub fn gone(past: &Past, modules: &[Module]) -> Vec<Question> {
    let now: Vec<Manifest> = modules.iter().map(|module| Manifest::read(&module.source.text)).collect();
    let mut questions = Vec::new();
    for (name, known) in &past.resources {
        let declared = now.iter().flat_map(|manifest| &manifest.resources).find(|resource| resource.name == *name);
        let Some(declared) = declared else {
            let has_module = now.iter().any(|manifest| manifest.key == known.module);
            let what = if has_module {
                format!("the resource {name} of the module {}", known.module)
            } else {
                format!("the module {}", known.module)
            };
            let says =
                format!("{what} is gone: {{n}} record(s) of {name} stay, are reached by nobody, and come back when it is declared again");
            questions.push(Question { counted: Counted::Records { resource: name.clone() }, place: None, says });
            continue;
        };
        let lost = known.fields.keys().filter(|field| declared.fields.iter().all(|other| other.name != **field));
        questions.extend(lost.map(|field| Question {
            counted: Counted::Holding { resource: name.clone(), field: field.clone(), besides: Vec::new() },
            place: None,
            says: format!(
                "the field {field} of {name} is gone: {{n}} record(s) keep what they hold in it, unshown until it is declared again"
            ),
        }));
    }
    questions
}
