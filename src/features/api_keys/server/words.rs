//! API keys and MCP tokens live alike: one table, the same bounds, the same ends. What tells them apart is whom they are made for,
//! what they are called, and which events tell of them.

use crate::{
    ids::ApiKeyId,
    paths,
    server::{
        credentials::Kind,
        events::{EventKind, Target},
    },
};

/// A kind of credential, as a type: of which kind a page or an operation is.
pub trait Of: Send + Sync + 'static {
    const KIND: Kind;
    /// What stands for one in an address.
    const NAMED: &'static str;
}

/// What applications call the API with.
pub struct ApiKeys;

/// What agents come to the MCP endpoint with.
pub struct McpTokens;

impl Of for ApiKeys {
    const KIND: Kind = Kind::Key;
    const NAMED: &'static str = "key";
}

impl Of for McpTokens {
    const KIND: Kind = Kind::Mcp;
    const NAMED: &'static str = "client";
}

/// What a kind is called.
#[derive(Debug)]
pub struct Words {
    /// In a sentence that began with the whole name.
    pub noun: &'static str,
    pub name: &'static str,
    /// With its article.
    pub a_name: &'static str,
    /// Of the page that lists them.
    pub title: &'static str,
    /// As the audit log names what was changed.
    pub target: &'static str,
}

const KEY: Words = Words { noun: "key", name: "API key", a_name: "an API key", title: "API Keys", target: "api_key" };
const TOKEN: Words = Words { noun: "token", name: "MCP token", a_name: "an MCP token", title: "MCP Clients", target: "mcp_client" };

pub fn words(kind: Kind) -> &'static Words {
    if kind == Kind::Mcp { &TOKEN } else { &KEY }
}

pub fn target(kind: Kind, id: ApiKeyId, name: &str) -> Target {
    Target { kind: words(kind).target, id: id.to_string(), name: Some(name.to_owned()) }
}

/// The page of those of a kind.
pub fn list_page(kind: Kind, workspace: &str) -> String {
    if kind == Kind::Mcp { paths::mcp_clients(workspace) } else { paths::api_keys(workspace) }
}

/// The page of one.
pub fn page_of(kind: Kind, workspace: &str, id: ApiKeyId) -> String {
    format!("{}/{id}", list_page(kind, workspace))
}

/// What may be shown of a secret: its kind and its end.
pub fn hint(kind: Kind, last_four: &str) -> String {
    format!("stoa_{}_live_…{last_four}", kind.word())
}

/// What becomes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Created,
    Narrowed,
    Rotated,
    Limited,
    HandedOver,
    Quarantined,
    Lifted,
    Revoked,
    Expiring,
    Leaked,
    Exported,
}

/// The event that tells of it.
pub fn event(kind: Kind, act: Act) -> EventKind {
    use EventKind as E;
    let (of_key, of_token) = match act {
        Act::Created => (E::ApiKeyCreated, E::McpClientCreated),
        Act::Narrowed => (E::ApiKeyNarrowed, E::McpClientNarrowed),
        Act::Rotated => (E::ApiKeyRotated, E::McpClientRotated),
        Act::Limited => (E::ApiKeyLimited, E::McpClientLimited),
        Act::HandedOver => (E::ApiKeyHandedOver, E::McpClientHandedOver),
        Act::Quarantined => (E::ApiKeyQuarantined, E::McpClientQuarantined),
        Act::Lifted => (E::ApiKeyLifted, E::McpClientLifted),
        Act::Revoked => (E::ApiKeyRevoked, E::McpClientRevoked),
        Act::Expiring => (E::ApiKeyExpiring, E::McpClientExpiring),
        Act::Leaked => (E::ApiKeyLeaked, E::McpClientLeaked),
        Act::Exported => (E::ApiKeysExported, E::McpClientsExported),
    };
    if kind == Kind::Mcp { of_token } else { of_key }
}
