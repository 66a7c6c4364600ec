//! What is counted: the dimensions of usage, each with its unit.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! dimensions {
    ($($name:ident = $text:literal, $unit:literal, $says:literal;)+) => {
        /// One thing that is counted and has a rate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Dimension { $(#[serde(rename = $text)] $name,)+ }

        impl Dimension {
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$name,)+];

            /// As stored, and in the API: `rest.read`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What one of it is: "call".
            pub fn unit(self) -> &'static str {
                match self { $(Self::$name => $unit,)+ }
            }

            /// As people read it: "API reads".
            pub fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)+ }
            }

            /// The dimension of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|dimension| dimension.name() == name)
            }
        }
    };
}

dimensions! {
    RestRead = "rest.read", "call", "API reads";
    RestWrite = "rest.write", "call", "API writes";
    McpCall = "mcp.call", "call", "MCP calls";
    WebhookAttempt = "webhook.attempt", "attempt", "Webhook attempts";
    AssetUpload = "asset.upload", "upload", "Uploads";
    StorageGbDay = "storage.gb_day", "GB-day", "Storage";
    EgressGb = "egress.gb", "GB", "Egress";
    InsightRefresh = "insight.refresh", "refresh", "Insight refreshes";
    CredentialOperation = "credential.operation", "operation", "Credential operations";
    WorkspaceOperation = "workspace.operation", "operation", "Workspace operations";
    BulkOperation = "bulk.operation", "operation", "Bulk operations";
}

impl Dimension {
    /// Whether what is counted leaves something behind.
    pub fn is_written(self) -> bool {
        matches!(self, Self::RestWrite | Self::AssetUpload)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
