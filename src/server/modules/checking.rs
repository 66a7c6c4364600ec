//! From what a manifest declares to what can be run: every name, reference and route is held against all others, and
//! what cannot be used is refused by file and line.

use std::{collections::HashSet, ops::Range};

use toml::Spanned;

use super::{
    fields,
    hooks::{Hook, Of},
    manifest::{DeclaredEvent, DeclaredResource, DeclaredTransition, Manifest, ManifestError, is_word},
    operations::VERBS,
    resource::{Exposed, Field, Resource, Transition},
};
use crate::server::events::RecordEvent;

/// The first parts of addresses and of operations' names that the control plane has, now or by its plan: no module's
/// operation begins so.
pub const TAKEN: &[&str] = &[
    "agent-policy",
    "api-keys",
    "audit-holds",
    "audit-log",
    "audit-retention",
    "audit-streams",
    "audit-views",
    "billing",
    "deliveries",
    "environments",
    "invitations",
    "invoice-lines",
    "leaked-credentials",
    "mail",
    "mcp",
    "mcp-clients",
    "me",
    "members",
    "modules",
    "openapi.json",
    "projects",
    "record-retention",
    "reductions",
    "security",
    "settings",
    "spend-alerts",
    "spend-caps",
    "storage",
    "usage",
    "webhooks",
    "workspace",
];

/// Tools that reach records of every kind.
pub const GENERIC_TOOLS: [&str; 3] = ["search_records", "get_record", "list_records"];

/// The events that every record can have.
const EVERY: [&str; 3] = ["created", "updated", "archived"];

/// What is taken already, by whichever manifest came before.
#[derive(Debug, Default)]
pub struct Seen {
    /// Names of resources, and `operation`s and `tool`s with these words before them.
    names: HashSet<String>,
    routes: HashSet<(String, String)>,
}

impl Seen {
    /// Whether nothing before it has its route, its id or its tool.
    pub fn is_new(&mut self, exposed: &Exposed) -> bool {
        self.routes.insert((exposed.does.method().to_string(), exposed.path.to_owned()))
            && self.names.insert(format!("operation {}", exposed.id))
            && self.names.insert(format!("tool {}", exposed.tool))
    }
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

    pub fn word_at(&self, at: &Range<usize>, word: &str) -> Result<&'static str, ManifestError> {
        if is_word(word) {
            Ok(kept(word))
        } else {
            Err(self.refuse(at, format!("{word:?} is not 1 to 40 lower-case letters, digits and _")))
        }
    }

    /// Every resource of the manifest.
    pub fn resources(&self, manifest: &Manifest, seen: &mut Seen) -> Result<Vec<Resource>, ManifestError> {
        let module = kept(manifest.key.clone());
        let hooks = self.hooks(manifest)?;
        let set = hooks.iter().flat_map(|(_, hook)| hook.sets.iter().copied()).collect();
        let resources = manifest.declared.iter().map(|declared| self.resource(module, declared, &set, seen)).collect::<Result<_, _>>()?;
        let missing = |hook: &Hook| hook.sets.iter().find(|path| !manifest.has_by_server(path));
        match hooks.iter().find_map(|(at, hook)| Some((at, hook, missing(hook)?))) {
            Some((at, hook, missing)) => {
                Err(self.refuse(at, format!("the hook {} sets {missing}, and there is no such field that is by_server", hook.name)))
            }
            None => Ok(resources),
        }
    }

    /// Every hook that the manifest names, with where it does.
    fn hooks(&self, manifest: &Manifest) -> Result<Vec<(Range<usize>, &'static Hook)>, ManifestError> {
        let of_resources = manifest.declared.iter().filter_map(|declared| Some((declared, declared.hook.as_ref()?, Of::Resource)));
        let operations = manifest.declared.iter().flat_map(|declared| declared.operations.iter().map(move |given| (declared, given)));
        let of_operations = operations.filter_map(|(declared, given)| Some((declared, given.hook.as_ref()?, Of::Operation)));
        let named = of_resources.chain(of_operations).map(|(declared, named, of)| {
            let hook = self.hook(named, of)?;
            if hook.resource == declared.name.get_ref() {
                Ok((named.span(), hook))
            } else {
                Err(self.refuse(&named.span(), format!("the hook {} is made for the resource {}, and no other", hook.name, hook.resource)))
            }
        });
        named.collect()
    }

    fn resource(
        &self,
        module: &'static str,
        declared: &DeclaredResource,
        set: &HashSet<&'static str>,
        seen: &mut Seen,
    ) -> Result<Resource, ManifestError> {
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
        let fields = fields::check(self, declared, set)?;
        let transitions = self.transitions(name, declared, &states, &fields)?;
        let own_events = self.own_events(name, declared, &transitions)?;
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
            hook: declared.hook.as_ref().map(|named| self.hook(named, Of::Resource)).transpose()?,
            own_events,
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
        if given.from.is_empty() || EVERY.contains(&event) {
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

    /// What a hook makes of a change: events beside those of every record.
    fn own_events(
        &self,
        resource: &str,
        declared: &DeclaredResource,
        transitions: &[Transition],
    ) -> Result<Vec<RecordEvent>, ManifestError> {
        let mut events: Vec<RecordEvent> = Vec::new();
        for DeclaredEvent { name, says } in &declared.events {
            let word = self.word(name)?;
            let event = RecordEvent { name: kept(format!("record.{resource}.{word}")), says: kept(says.clone()) };
            let is_taken = EVERY.contains(&word)
                || events.iter().chain(transitions.iter().map(|transition| &transition.event)).any(|other| other.name == event.name);
            if is_taken || says.trim().is_empty() {
                return Err(self.refuse(&name.span(), format!("the event {word} is taken already, or says nothing")));
            }
            events.push(event);
        }
        Ok(events)
    }
}
