//! The door through which something was used.

/// As requests and events spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Console,
    Api,
    Mcp,
    /// Nobody called it: what lies in a workspace is measured by the server.
    System,
}

impl Channel {
    pub const ALL: [Self; 4] = [Self::Console, Self::Api, Self::Mcp, Self::System];

    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Api => "api",
            Self::Mcp => "mcp",
            Self::System => "system",
        }
    }

    /// As people read it.
    pub fn says(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Api => "API",
            Self::Mcp => "MCP",
            Self::System => "The server itself",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}
