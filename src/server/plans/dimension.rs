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
    StorageGbDay = "storage.gb_day", "byte-day", "Storage";
    EgressGb = "egress.gb", "GB", "Egress";
    InsightRefresh = "insight.refresh", "refresh", "Insight refreshes";
    CredentialOperation = "credential.operation", "operation", "Credential operations";
    WorkspaceOperation = "workspace.operation", "operation", "Workspace operations";
    BulkOperation = "bulk.operation", "operation", "Bulk operations";
}

/// Bytes in a gigabyte, as it is priced.
const GIGABYTE: i64 = 1_000_000_000;

impl Dimension {
    /// What a rate is for, and how many of what is counted that is. Bytes are counted one by one, so that no workspace is too
    /// small to be counted, and priced by the gigabyte.
    pub fn priced(self) -> (i64, &'static str) {
        match self {
            Self::StorageGbDay => (GIGABYTE, "GB-day"),
            other => (1, other.unit()),
        }
    }

    /// So many, as people read it: in what it is priced by, to the last byte.
    pub fn said(self, quantity: i64) -> String {
        match self.priced() {
            (1, _) => quantity.to_string(),
            (parts, unit) => {
                let decimals = format!("{:09}", quantity % parts);
                let point = if quantity % parts == 0 { "" } else { "." };
                format!("{}{point}{} {unit}s", quantity / parts, decimals.trim_end_matches('0'))
            }
        }
    }

    /// What so many cost at a rate, in nano-dollars: rounded once, half up.
    pub fn cost(self, quantity: i64, rate: i64) -> i64 {
        let (parts, _) = self.priced();
        let parts = i128::from(parts);
        i64::try_from((i128::from(quantity) * i128::from(rate) + parts / 2) / parts).unwrap_or(i64::MAX)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_in_bytes_is_priced_by_the_gigabyte_and_rounded_once() {
        let cost = |bytes| Dimension::StorageGbDay.cost(bytes, 4_000_000);
        assert_eq!([0, 124, 125, 250, 374, 375].map(cost), [0, 0, 1, 1, 1, 2]);
        assert_eq!(cost(1_000_000_000), 4_000_000);
        assert_eq!(cost(5_000_000_000_000_000), 20_000_000_000_000, "five petabytes are no overflow");
        let said = [0, 48_213, 1_000_000_000, 2_500_000_000].map(|bytes| Dimension::StorageGbDay.said(bytes));
        assert_eq!(said, ["0 GB-days", "0.000048213 GB-days", "1 GB-days", "2.5 GB-days"]);
        assert_eq!(Dimension::RestWrite.said(1_234), "1234");
        assert_eq!(Dimension::RestWrite.cost(3, 100_000), 300_000, "everything else is priced as it is counted");
    }
}
