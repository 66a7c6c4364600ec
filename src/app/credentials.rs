//! The addresses of API keys and of MCP clients: the same pages, each with its own kind.

use crate::{
    features::{
        agents,
        api_keys::{
            page,
            server::{ApiKeys, McpTokens},
        },
    },
    server::http::Door,
};

/// What applications prove themselves with, and agents.
pub fn doors() -> Vec<Door> {
    vec![
        Door::page("/w/{workspace}/api-keys", page::show::<ApiKeys>),
        Door::download("/w/{workspace}/api-keys.csv", page::export::<ApiKeys>),
        Door::page("/w/{workspace}/api-keys/new", page::show_new::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/new", page::create::<ApiKeys>, page::show_new::<ApiKeys>),
        Door::page("/w/{workspace}/api-keys/{key}", page::show_key::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/narrow", page::narrow::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/rotate", page::rotate::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/limits", page::limit::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/steward", page::hand_over::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/quarantine", page::quarantine::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/lift", page::lift::<ApiKeys>, page::show_managing::<ApiKeys>),
        Door::page("/w/{workspace}/api-keys/{key}/revoke", page::show_revoking::<ApiKeys>),
        Door::form("/w/{workspace}/api-keys/{key}/revoke", page::revoke::<ApiKeys>, page::show_revoking::<ApiKeys>),
        Door::page("/w/{workspace}/mcp-clients", page::show::<McpTokens>),
        Door::download("/w/{workspace}/mcp-clients.csv", page::export::<McpTokens>),
        Door::page("/w/{workspace}/mcp-clients/new", page::show_new::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/new", page::create::<McpTokens>, page::show_new::<McpTokens>),
        Door::page("/w/{workspace}/mcp-clients/pause", agents::page::show),
        Door::form("/w/{workspace}/mcp-clients/pause", agents::page::set_paused, agents::page::show),
        Door::page("/w/{workspace}/mcp-clients/{client}", page::show_key::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/narrow", page::narrow::<McpTokens>, page::show_managing::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/rotate", page::rotate::<McpTokens>, page::show_managing::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/limits", page::limit::<McpTokens>, page::show_managing::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/steward", page::hand_over::<McpTokens>, page::show_managing::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/quarantine", page::quarantine::<McpTokens>, page::show_managing::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/lift", page::lift::<McpTokens>, page::show_managing::<McpTokens>),
        Door::page("/w/{workspace}/mcp-clients/{client}/revoke", page::show_revoking::<McpTokens>),
        Door::form("/w/{workspace}/mcp-clients/{client}/revoke", page::revoke::<McpTokens>, page::show_revoking::<McpTokens>),
    ]
}
