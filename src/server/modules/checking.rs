//! From what a manifest declares to what can be run: every name, reference and route is held against all others, and
//! what cannot be used is refused by file and line.

use std::{collections::HashSet, ops::Range};

use toml::Spanned;

use super::{
    fields,
    manifest::{DeclaredOperation, DeclaredResource, DeclaredTransition, Manifest, ManifestError, is_word},
    resource::{Does, Exposed, Field, Resource, Transition},
};
use crate::server::events::RecordEvent;

/// The first parts of addresses and of operations' names that the control plane has, now or by its plan: no module's
/// operation begins so.
pub const TAKEN: &[&str] = &[
    "api-keys",
    "audit-log",
    "billing",
    "deliveries",
    "environments",
    "invitations",
    "leaked-credentials",
    "mail",
    "mcp",
    "me",
    "members",
    "modules",
    "openapi.json",
    "projects",
    "security",
    "settings",
    "spend-caps",
    "usage",
    "webhooks",
    "workspace",
];

const VERBS: [&str; 5] = ["list", "get", "create", "update", "archive"];

/// What is taken already, by whichever manifest came before.
#[derive(Debug, Default)]
pub struct Seen {
    /// Names of resources, and `operation`s and `tool`s with these words before them.
    names: HashSet<String>,
    routes: HashSet<(String, String)>,
}

/// A manifest with its text, so that what is wrong has a line.
pub struct Checking<'a> {
    pub file: &'a str,
    pub text: &'a str,
    /// The names of every resource of every manifest.
    pub known: &'a HashSet<String>,
}

/// For as long as the process lives: modules are read once.
pub fn kept(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

impl Checking<'_> {
    pub fn refuse(&self, at: &Range<usize>, problem: impl AsRef<str>) -> ManifestError {
        let line = self.text[..at.start.min(self.text.len())].matches('\n').count() + 1;
        ManifestError::new(self.file, format!("line {line}: {}", problem.as_ref()))
    }

    /// # Errors
    /// Where it is not a word.
    pub fn word(&self, word: &Spanned<String>) -> Result<&'static str, ManifestError> {
        self.word_at(&word.span(), word.get_ref())
    }

    fn word_at(&self, at: &Range<usize>, word: &str) -> Result<&'static str, ManifestError> {
        if is_word(word) {
            Ok(kept(word))
        } else {
            Err(self.refuse(at, format!("{word:?} is not 1 to 40 lower-case letters, digits and _")))
        }
    }

    /// Every resource of the manifest.
    pub fn resources(&self, manifest: &Manifest, seen: &mut Seen) -> Result<Vec<Resource>, ManifestError> {
        let module = kept(manifest.key.clone());
        manifest.declared.iter().map(|declared| self.resource(module, declared, seen)).collect()
    }

    fn resource(&self, module: &'static str, declared: &DeclaredResource, seen: &mut Seen) -> Result<Resource, ManifestError> {
        let name = self.word(&declared.name)?;
        let at = declared.name.span();
        if !seen.names.insert(name.to_owned()) {
            return Err(self.refuse(&at, format!("there is a resource {name} already")));
        }
        let plural = self.word_at(&at, &declared.plural.clone().unwrap_or_else(|| format!("{name}s")))?;
        if declared.says.trim().is_empty() {
            return Err(self.refuse(&at, format!("the resource {name} does not say what it is")));
        }
        let states = self.states(declared)?;
        let fields = fields::check(self, declared)?;
        let transitions = self.transitions(name, declared, &states, &fields)?;
        let operations = self.operations(plural, declared, &transitions, seen)?;
        let event = |verb: &str, says: String| RecordEvent { name: kept(format!("record.{name}.{verb}")), says: kept(says) };
        Ok(Resource {
            module,
            name,
            plural,
            says: kept(declared.says.clone()),
            named_by: kept(declared.named_by.get_ref().clone()),
            append_only: declared.append_only,
            fields,
            states,
            transitions,
            operations,
            created: event("created", format!("A record was added: {name}.")),
            updated: event("updated", format!("A record was changed: {name}.")),
            archived: event("archived", format!("A record was put away: {name}.")),
        })
    }

    fn states(&self, declared: &DeclaredResource) -> Result<Vec<&'static str>, ManifestError> {
        let mut states: Vec<&'static str> = Vec::new();
        for state in &declared.states {
            let word = self.word(state)?;
            if states.contains(&word) {
                return Err(self.refuse(&state.span(), format!("the state {word} is there twice")));
            }
            states.push(word);
        }
        if declared.append_only && !states.is_empty() {
            return Err(self.refuse(&declared.name.span(), "what is only ever added to has no states"));
        }
        Ok(states)
    }

    fn transitions(
        &self,
        resource: &str,
        declared: &DeclaredResource,
        states: &[&'static str],
        fields: &[Field],
    ) -> Result<Vec<Transition>, ManifestError> {
        let mut transitions: Vec<Transition> = Vec::new();
        for given in &declared.transitions {
            let transition = self.transition(resource, given, states, fields)?;
            let is_taken = |other: &Transition| other.name == transition.name || other.event.name == transition.event.name;
            if VERBS.contains(&transition.name) || transitions.iter().any(is_taken) {
                return Err(self.refuse(&given.name.span(), format!("the name {} or its event is taken already", transition.name)));
            }
            transitions.push(transition);
        }
        Ok(transitions)
    }

    fn transition(
        &self,
        resource: &str,
        given: &DeclaredTransition,
        states: &[&'static str],
        fields: &[Field],
    ) -> Result<Transition, ManifestError> {
        let (name, at) = (self.word(&given.name)?, given.name.span());
        let state = |word: &String| {
            let known = states.iter().copied().find(|state| state == word);
            known.ok_or_else(|| self.refuse(&at, format!("{name}: there is no state {word}")))
        };
        let stamp = |word: &String| {
            let known = fields.iter().find(|field| field.name == word && field.by_server).map(|field| field.name);
            known.ok_or_else(|| self.refuse(&at, format!("{name}: there is no field {word} that is by_server")))
        };
        let event = self.word_at(&at, &given.event)?;
        if given.from.is_empty() || ["created", "updated", "archived"].contains(&event) {
            return Err(self.refuse(&at, format!("{name}: it needs a state to begin in, and an event of its own")));
        }
        Ok(Transition {
            name,
            from: given.from.iter().map(state).collect::<Result<_, _>>()?,
            to: state(&given.to)?,
            stamps: given.stamps.as_ref().map(stamp).transpose()?,
            clears: given.clears.iter().map(stamp).collect::<Result<_, _>>()?,
            event: RecordEvent { name: kept(format!("record.{resource}.{event}")), says: kept(given.event_says.clone()) },
        })
    }

    fn operations(
        &self,
        plural: &str,
        declared: &DeclaredResource,
        transitions: &[Transition],
        seen: &mut Seen,
    ) -> Result<Vec<Exposed>, ManifestError> {
        let mut operations = Vec::new();
        for given in &declared.operations {
            let does = self.does(given, transitions)?;
            let at = given.does.span();
            if declared.append_only && !matches!(does, Does::List | Does::Get | Does::Create) {
                return Err(self.refuse(&at, format!("{}: the resource is only ever added to", does.name())));
            }
            let exposed = exposed(plural, given, does);
            self.ask_address(&at, &exposed)?;
            let is_new = seen.routes.insert((does.method().to_string(), exposed.path.to_owned()))
                && seen.names.insert(format!("operation {}", exposed.id))
                && seen.names.insert(format!("tool {}", exposed.tool));
            if !is_new {
                return Err(self.refuse(&at, format!("{} {}: route, id or tool is taken already", does.method(), exposed.path)));
            }
            operations.push(exposed);
        }
        Ok(operations)
    }

    fn does(&self, given: &DeclaredOperation, transitions: &[Transition]) -> Result<Does, ManifestError> {
        Ok(match given.does.get_ref().as_str() {
            "list" => Does::List,
            "get" => Does::Get,
            "create" => Does::Create,
            "update" => Does::Update,
            "archive" => Does::Archive,
            other => {
                let Some(transition) = transitions.iter().find(|transition| transition.name == other) else {
                    let says = format!("{other:?} is none of {}, and no transition", VERBS.join(", "));
                    return Err(self.refuse(&given.does.span(), says));
                };
                Does::Transition(transition.name)
            }
        })
    }

    fn ask_address(&self, at: &Range<usize>, exposed: &Exposed) -> Result<(), ManifestError> {
        let parts: Vec<&str> = exposed.path.split('/').skip(1).collect();
        let is_word = |part: &str| is_word(&part.replace('-', "_"));
        let names_one = !matches!(exposed.does, Does::List | Does::Create);
        let is_right = exposed.path.starts_with('/')
            && parts[0] != "{record}"
            && parts.iter().all(|part| *part == "{record}" || is_word(part))
            && parts.iter().filter(|part| **part == "{record}").count() == usize::from(names_one);
        if !is_right {
            let says = format!("{:?} is no address: words, and {{record}} where one record is meant", exposed.path);
            return Err(self.refuse(at, says));
        }
        if TAKEN.contains(&parts[0]) {
            return Err(self.refuse(at, format!("/{} is the control plane's", parts[0])));
        }
        if let Some(noun) = exposed.id.split('.').next().filter(|noun| TAKEN.contains(&noun.replace('_', "-").as_str())) {
            return Err(self.refuse(at, format!("{}: operations called {noun}.… are the control plane's", exposed.id)));
        }
        let is_id = exposed.id.split('.').count() == 2 && exposed.id.split('.').all(is_word);
        if !is_id || !is_word(exposed.tool) || exposed.says.trim().is_empty() {
            return Err(self.refuse(at, format!("{}: id, tool or says cannot be used", exposed.id)));
        }
        Ok(())
    }
}

fn exposed(plural: &str, given: &DeclaredOperation, does: Does) -> Exposed {
    let noun = plural.replace('_', "-");
    let path = match does {
        Does::List | Does::Create => format!("/{noun}"),
        Does::Get | Does::Update => format!("/{noun}/{{record}}"),
        Does::Archive | Does::Transition(_) => format!("/{noun}/{{record}}/{}", does.name().replace('_', "-")),
    };
    let id = given.id.clone().unwrap_or_else(|| format!("{plural}.{}", does.name()));
    Exposed {
        does,
        path: kept(given.path.clone().unwrap_or(path)),
        tool: kept(given.tool.clone().unwrap_or_else(|| id.replace('.', "_"))),
        id: kept(id),
        says: kept(given.says.clone()),
        meter: given.meter,
        while_paused: given.while_paused,
    }
}
