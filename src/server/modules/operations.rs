//! The operations of a resource, as its manifest declares them: what each does, and the address, id and tool that it has.

use std::ops::Range;

use super::{
    checking::{Checking, GENERIC_TOOLS, Seen, TAKEN, kept},
    hooks::{self, Of},
    manifest::{DeclaredOperation, DeclaredResource, ManifestError, is_word},
    resource::{Does, Exposed, Transition},
};

/// What every resource can do without a word of its own.
pub const VERBS: [&str; 5] = ["list", "get", "create", "update", "archive"];

impl Checking<'_> {
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn operations(
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
            if declared.append_only && !matches!(does, Does::List | Does::Get | Does::Create | Does::Hook { .. }) {
                return Err(self.refuse(&at, format!("{}: the resource is only ever added to", does.name())));
            }
            let exposed = exposed(plural, given, does);
            self.ask_address(&at, &exposed)?;
            if !seen.is_new(&exposed) {
                return Err(self.refuse(&at, format!("{} {}: route, id or tool is taken already", does.method(), exposed.path)));
            }
            operations.push(exposed);
        }
        Ok(operations)
    }

    fn does(&self, given: &DeclaredOperation, transitions: &[Transition]) -> Result<Does, ManifestError> {
        let verb = given.does.get_ref().as_str();
        if let Some(hook) = &given.hook {
            if VERBS.contains(&verb) {
                return Err(self.refuse(&hook.span(), format!("{verb}: what a hook does has a name of its own")));
            }
            let name = self.word(&given.does)?;
            return Ok(Does::Hook { name, hook: self.hook(hook, Of::Operation)? });
        }
        Ok(match verb {
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

    /// The hook of that name.
    ///
    /// # Errors
    /// Where there is none, with those that there are.
    pub fn hook(&self, named: &toml::Spanned<String>, of: Of) -> Result<&'static hooks::Hook, ManifestError> {
        hooks::find(named.get_ref(), of).ok_or_else(|| {
            let known: Vec<&str> = hooks::HOOKS.iter().filter(|hook| hook.of.says() == of.says()).map(|hook| hook.name).collect();
            let says = format!("there is no hook {:?} of {}. There are {}", named.get_ref(), of.says(), known.join(", "));
            self.refuse(&named.span(), says)
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
        // Tools of the control plane are called as its operations are, and begin with their nouns.
        let begins_so = |noun: &str| exposed.tool.strip_prefix(noun.replace('-', "_").as_str()).is_some_and(|rest| rest.starts_with('_'));
        if GENERIC_TOOLS.contains(&exposed.tool) || TAKEN.iter().any(|noun| begins_so(noun)) {
            return Err(self.refuse(at, format!("{}: a tool called so is the control plane's", exposed.tool)));
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
        Does::Archive | Does::Transition(_) | Does::Hook { .. } => format!("/{noun}/{{record}}/{}", does.name().replace('_', "-")),
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
