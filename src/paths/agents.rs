//! What belongs to agents: where they connect to, with what, and whether they may.

use std::fmt::Display;

/// Where agents connect to.
pub fn mcp(workspace: impl Display) -> String {
    format!("/mcp/{workspace}")
}

/// What agents connect with.
pub fn mcp_clients(workspace: impl Display) -> String {
    format!("/w/{workspace}/mcp-clients")
}

pub fn new_mcp_client(workspace: impl Display) -> String {
    format!("/w/{workspace}/mcp-clients/new")
}

/// Where all of them are paused, or let in again.
pub fn pause_agents(workspace: impl Display) -> String {
    format!("/w/{workspace}/mcp-clients/pause")
}
