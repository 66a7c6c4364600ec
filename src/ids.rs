//! One type per identifier, so that a workspace's id never passes for a tenant's.
//!
//! Text form: `TypeID`, a prefix, `_`, and 26 characters of Crockford base32 over the 128 bits of a `UUIDv7`
//! (<https://github.com/jetify-com/typeid/tree/main/spec>). In the database: `uuid`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LENGTH: usize = 26;

/// Why a text is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    #[error("does not start with the expected prefix")]
    Prefix,
    #[error("is not 26 characters of base32")]
    Encoding,
}

fn encode(id: Uuid) -> String {
    let bits = id.as_u128();
    (0..ENCODED_LENGTH).rev().map(|place| char::from(ALPHABET[usize::from(((bits >> (place * 5)) & 31) as u8)])).collect()
}

fn decode(text: &str) -> Option<Uuid> {
    // 26 × 5 = 130 bits: the first character may only carry three.
    if text.len() != ENCODED_LENGTH || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, character| {
            let value = ALPHABET.iter().position(|known| *known == character)?;
            Some((bits << 5) | value as u128)
        })
        .map(Uuid::from_u128)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let rest = text
                    .strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .ok_or(ParseIdError::Prefix)?;
                decode(rest).map(Self).ok_or(ParseIdError::Encoding)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A person, known by issuer and subject at the identity provider.
    UserId = "usr";
    /// An account: one person's own, or a team's.
    TenantId = "ten";
    /// The operational boundary inside a tenant.
    WorkspaceId = "ws";
    /// One person's place in a workspace or in a team.
    MembershipId = "mem";
    /// One answered request, minted by the server.
    RequestId = "req";
    /// One row of an audit log.
    AuditId = "aud";
    /// A saved view of an audit log.
    AuditViewId = "avw";
    /// Where the rows of an audit log are sent.
    AuditStreamId = "ast";
    /// One event in the outbox, as webhooks will carry it.
    EventId = "evt";
    /// One rendering of a form: its idempotency key, whose time says how old the form is.
    FormId = "frm";
    /// One audit log: of a workspace, of a tenant, or of the installation.
    LogId = "log";
    /// An API key, or a token at the MCP endpoint: its non-secret name.
    ApiKeyId = "key";
    /// An invitation into a workspace or a team.
    InvitationId = "inv";
    /// One thing that a person was told.
    InboxItemId = "inb";
    /// One piece of work that is done later.
    JobId = "job";
    /// One mail.
    MailId = "mail";
    /// What an archiving stopped.
    ReceiptId = "rct";
    /// An owner's consent to support access.
    ConsentId = "sup";
    /// A change of plan that waits for its day.
    PlanChangeId = "plc";
    /// Prepaid credit that somebody went to pay for.
    TopUpId = "top";
    /// A legal hold on an audit log.
    AuditHoldId = "ahd";
    /// What the operator allows beside a plan.
    EntitlementId = "ent";
    /// A boundary for runtime access inside a workspace.
    ProjectId = "prj";
    /// Records that are put away or go for good, by resource and age.
    ReductionId = "rdc";
    /// A rule by which records are put away or go by themselves.
    RetentionRuleId = "rrl";
    /// One record of a module.
    RecordId = "rec";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_typeid_specification_hold() {
        let nil = UserId(Uuid::nil());
        assert_eq!(nil.to_string(), "usr_00000000000000000000000000");
        let max = UserId(Uuid::max());
        assert_eq!(max.to_string(), "usr_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        let valid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("a uuid");
        assert_eq!(UserId(valid).to_string(), "usr_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn a_foreign_prefix_or_a_value_past_128_bits_is_refused() {
        let tenant = TenantId(Uuid::max()).to_string();
        assert_eq!(tenant.parse::<UserId>(), Err(ParseIdError::Prefix));
        assert_eq!("usr_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<UserId>(), Err(ParseIdError::Encoding));
        assert_eq!("usr_short".parse::<UserId>(), Err(ParseIdError::Encoding));
        assert_eq!("usr_0000000000000000000000000é".parse::<UserId>(), Err(ParseIdError::Encoding));
    }
}
