//! What is counted of all that was used: of one dimension, module, credential, member, operation or channel.

use super::channel::Channel;
use crate::{
    ids::{ApiKeyId, UserId},
    server::{http::door::Parameters, modules, plans::Dimension},
};

/// Stands for what has no module, or no credential.
pub const NONE: &str = "none";
/// Stands for every member but the reader.
pub const OTHERS: &str = "others";
/// No operation's name is longer.
const OPERATION_MAX: usize = 120;

/// What lets an event through; all that is given has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub dimension: Option<Dimension>,
    pub module: Option<ModuleFilter>,
    pub credential: Option<CredentialFilter>,
    pub member: Option<MemberFilter>,
    /// By its name: `members.list`. One that is gone still has its figures.
    pub operation: Option<String>,
    pub channel: Option<Channel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleFilter {
    /// The control plane.
    None,
    Of(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialFilter {
    None,
    Of(ApiKeyId),
}

/// Who acted, or answered for the credential that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberFilter {
    None,
    /// Everybody but the reader.
    Others,
    Of(UserId),
}

/// What figures are split by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Nothing,
    Dimension,
    Module,
    Credential,
    Member,
    Operation,
    Channel,
}

impl By {
    pub const ALL: [Self; 7] =
        [Self::Nothing, Self::Dimension, Self::Module, Self::Credential, Self::Member, Self::Operation, Self::Channel];

    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Dimension => "dimension",
            Self::Module => "module",
            Self::Credential => "credential",
            Self::Member => "member",
            Self::Operation => "operation",
            Self::Channel => "channel",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

impl ModuleFilter {
    pub fn named(name: &str) -> Option<Self> {
        if name == NONE { Some(Self::None) } else { modules::find(name).map(|module| Self::Of(module.key())) }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::None => NONE,
            Self::Of(key) => key,
        }
    }
}

impl CredentialFilter {
    pub fn named(name: &str) -> Option<Self> {
        if name == NONE { Some(Self::None) } else { name.parse().ok().map(Self::Of) }
    }

    pub fn name(self) -> String {
        match self {
            Self::None => NONE.to_owned(),
            Self::Of(key) => key.to_string(),
        }
    }

    /// As the statements compare it.
    pub fn stored(self) -> String {
        match self {
            Self::None => NONE.to_owned(),
            Self::Of(key) => key.0.to_string(),
        }
    }
}

impl MemberFilter {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            NONE => Some(Self::None),
            OTHERS => Some(Self::Others),
            _ => name.parse().ok().map(Self::Of),
        }
    }

    pub fn name(self) -> String {
        self.spelt(|user| user.to_string())
    }

    /// As the statements compare it.
    pub fn stored(self) -> String {
        self.spelt(|user| user.0.to_string())
    }

    fn spelt(self, id: impl Fn(UserId) -> String) -> String {
        match self {
            Self::None => NONE.to_owned(),
            Self::Others => OTHERS.to_owned(),
            Self::Of(user) => id(user),
        }
    }
}

/// As operations are spelt: words with points between them.
fn operation(name: &str) -> Option<String> {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let is_one = name.len() <= OPERATION_MAX && name.contains('.') && name.split('.').all(is_word);
    is_one.then(|| name.to_owned())
}

impl Filter {
    /// What narrows figures and events down, as addresses and the API call it.
    pub const FIELDS: [&'static str; 6] = ["dimension", "module", "credential", "member", "operation", "channel"];

    /// What the query names, and the fields of what it names and is not there.
    pub fn read(query: &Parameters) -> (Self, Vec<&'static str>) {
        let mut unknown = Vec::new();
        let filter = Self {
            dimension: read("dimension", query, Dimension::named, &mut unknown),
            module: read("module", query, ModuleFilter::named, &mut unknown),
            credential: read("credential", query, CredentialFilter::named, &mut unknown),
            member: read("member", query, MemberFilter::named, &mut unknown),
            operation: read("operation", query, operation, &mut unknown),
            channel: read("channel", query, Channel::named, &mut unknown),
        };
        (filter, unknown)
    }

    /// As the query spells what is set.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let parts = [
            ("dimension", self.dimension.map(|dimension| dimension.name().to_owned())),
            ("module", self.module.map(|module| module.name().to_owned())),
            ("credential", self.credential.map(CredentialFilter::name)),
            ("member", self.member.map(MemberFilter::name)),
            ("operation", self.operation.clone()),
            ("channel", self.channel.map(|channel| channel.name().to_owned())),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The same, of one part of a split alone. `stored` is the part as the statements give it.
    #[must_use]
    pub fn narrowed(&self, by: By, stored: &str) -> Self {
        let mut filter = self.clone();
        match by {
            By::Nothing => {}
            By::Dimension => filter.dimension = Dimension::named(stored),
            By::Module => filter.module = ModuleFilter::named(stored),
            By::Credential => {
                let key = stored.parse().map(|id| CredentialFilter::Of(ApiKeyId(id)));
                filter.credential = Some(key.unwrap_or(CredentialFilter::None));
            }
            By::Member => {
                let user = stored.parse().map(|id| MemberFilter::Of(UserId(id)));
                filter.member = user.ok().or_else(|| MemberFilter::named(stored));
            }
            By::Operation => filter.operation = Some(stored.to_owned()),
            By::Channel => filter.channel = Channel::named(stored),
        }
        filter
    }
}

fn read<T>(name: &'static str, query: &Parameters, named: impl Fn(&str) -> Option<T>, unknown: &mut Vec<&'static str>) -> Option<T> {
    let entered = query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())?;
    let found = named(entered);
    if found.is_none() {
        unknown.push(name);
    }
    found
}

/// What helps whoever entered something that is not there.
pub fn remedy(field: &str) -> String {
    match field {
        "dimension" => {
            let known: Vec<&str> = Dimension::ALL.into_iter().map(Dimension::name).collect();
            format!("This dimension is not known. These are: {}.", known.join(", "))
        }
        "module" => {
            let known: Vec<&str> = modules::list().iter().map(|module| module.manifest.key.as_str()).collect();
            format!("This module is not known. These are: {}; and {NONE} for the control plane.", known.join(", "))
        }
        "member" => format!("This is no member's id. It begins with usr_; {OTHERS} is everybody else, {NONE} what nobody answered for."),
        "channel" => {
            let known: Vec<&str> = Channel::ALL.into_iter().map(Channel::name).collect();
            format!("This channel is not known. These are: {}.", known.join(", "))
        }
        "operation" => "This is no operation's name. Write one as the API's reference does: members.list.".to_owned(),
        _ => format!("This is no credential's id. It begins with key_; {NONE} is what was used without one."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(query: &[(&str, &str)]) -> (Filter, Vec<&'static str>) {
        Filter::read(&query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_filter_is_spelt_as_it_was_read() {
        let (key, user) = (ApiKeyId(uuid::Uuid::max()).to_string(), UserId(uuid::Uuid::max()).to_string());
        for query in [
            vec![("dimension", "rest.read"), ("module", "tasks"), ("credential", key.as_str())],
            vec![("module", "none"), ("credential", "none"), ("member", "none"), ("operation", "records.contact.list"), ("channel", "mcp")],
            vec![("member", user.as_str())],
            vec![("member", "others")],
            vec![],
        ] {
            let (filter, unknown) = read_all(&query);
            let spelt = filter.parts();
            assert_eq!(spelt.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(), query);
            assert_eq!(unknown, Vec::<&str>::new());
        }
        let wrong = Filter::FIELDS.map(|field| (field, "Y")).to_vec();
        assert_eq!(read_all(&wrong).1, Filter::FIELDS, "each is named");
        for wrong in ["list", "members.", "members..list", "members list", "Members.list"] {
            assert_eq!(read_all(&[("operation", wrong)]).1, ["operation"], "{wrong}");
        }
        assert_eq!(read_all(&[("dimension", " ")]), (Filter::default(), vec![]));
    }

    #[test]
    fn a_part_narrows_to_itself() {
        let whole = Filter::default();
        let id = uuid::Uuid::max();
        assert_eq!(whole.narrowed(By::Nothing, ""), whole);
        assert_eq!(whole.narrowed(By::Dimension, "mcp.call").dimension, Some(Dimension::McpCall));
        assert_eq!(whole.narrowed(By::Module, "none").module, Some(ModuleFilter::None));
        assert_eq!(whole.narrowed(By::Credential, &id.to_string()).credential, Some(CredentialFilter::Of(ApiKeyId(id))));
        assert_eq!(whole.narrowed(By::Credential, "none").credential, Some(CredentialFilter::None));
        assert_eq!(whole.narrowed(By::Member, &id.to_string()).member, Some(MemberFilter::Of(UserId(id))));
        assert_eq!(whole.narrowed(By::Member, "others").member, Some(MemberFilter::Others));
        assert_eq!(whole.narrowed(By::Channel, "system").channel, Some(Channel::System));
        assert_eq!(whole.narrowed(By::Operation, "tasks.list").operation.as_deref(), Some("tasks.list"));
    }
}
