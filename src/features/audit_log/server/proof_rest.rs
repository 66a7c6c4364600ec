//! The proof of the workspace's audit log over the API: keys, checkpoints, and evidence to take away.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BUNDLE_ROWS_MAX, Logged as _, bundle, proof_of};
use crate::{
    access::workspace::ReadAudit,
    error::AppError,
    server::{
        Stoa,
        config::AuditPublicKey,
        proof::{self, BundleHead, BundleLine, RowProof, Standing},
        rest::{Answer, Call, Named, Nothing, Operation, instant},
        scope::InWorkspace,
    },
};

pub fn operations() -> Vec<Operation> {
    let scope = Some("audit:read");
    vec![
        Operation::read(
            Named::new("audit_log.keys", "/audit-log/keys", scope, "The public keys that checkpoints of the audit log are checked with."),
            keys,
        ),
        Operation::read(
            Named::new(
                "audit_log.checkpoint",
                "/audit-log/checkpoint",
                scope,
                "How far the audit log is sealed, and its newest signed checkpoint.",
            ),
            checkpoint,
        ),
        Operation::read(
            Named::new(
                "audit_log.consistency",
                "/audit-log/consistency",
                scope,
                "The proof that the audit log of one size begins with that of a smaller one (RFC 6962).",
            ),
            consistency,
        ),
        Operation::search(
            Named::new(
                "audit_log.bundle",
                "/audit-log/bundle",
                scope,
                "Rows of the audit log with the proof of them, by their numbers. Written one value a line, head first, it is a file that can be checked without this server. Taking it is itself a row of the log.",
            ),
            take_bundle,
        )
        .that_may_conflict(),
        Operation::read(
            Named::new(
                "audit_log.proof",
                "/audit-log/{row}/proof",
                scope,
                "One row of the audit log with the proof that it is under the newest checkpoint.",
            ),
            get,
        )
        .that_may_conflict(),
    ]
}

#[derive(Serialize, JsonSchema)]
pub struct AuditKey {
    id: String,
    /// Ed25519, its 32 bytes in base64.
    public_key: String,
    /// Whether it signs now; the others signed before it.
    signs: bool,
}

#[derive(Serialize, JsonSchema)]
struct AuditStanding {
    /// Rows in the tree.
    sealed: i64,
    /// Those that the checkpoint covers.
    size: i64,
    /// C2SP tlog-checkpoint, signed; null while nothing is.
    checkpoint: Option<String>,
    /// Which key signed it.
    key_id: Option<String>,
    /// RFC 3339, UTC.
    signed_at: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sizes {
    /// Rows of the smaller log: 0 where it is left out.
    first: Option<u64>,
    /// Rows of the larger one: those of the newest checkpoint where it is left out.
    second: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct AuditConsistency {
    first: u64,
    second: u64,
    /// Each hash in base64.
    path: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rows {
    /// The number of the first row; where it is left out, these are the newest.
    first: Option<u64>,
    /// How many, 1 to 2000: 500 where it is left out.
    rows: Option<u64>,
}

/// The lines of a bundle's file: the head is the first.
#[derive(Serialize, JsonSchema)]
struct AuditBundle {
    head: BundleHead,
    /// Rows, and the checkpoints that were signed between them.
    lines: Vec<BundleLine>,
}

/// The keys of this installation, the one that signs first.
pub fn published(stoa: &Stoa) -> Vec<AuditKey> {
    let key = |(place, key): (usize, &AuditPublicKey)| AuditKey { id: key.id(), public_key: key.to_string(), signs: place == 0 };
    stoa.config.secrets.audit_keys().enumerate().map(key).collect()
}

async fn keys(call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, Vec<AuditKey>>, AppError> {
    let keys = published(call.scope.stoa());
    Ok(call.answers(keys))
}

async fn checkpoint(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, AuditStanding>, AppError> {
    let source = InWorkspace::source(&mut call.scope).await?;
    let standing = proof::standing(&mut call.scope, source.log.0).await?;
    let Standing { size, signed_size, note, key_id, signed_at } = standing.unwrap_or_default();
    Ok(call.answers(AuditStanding { sealed: size, size: signed_size, checkpoint: note, key_id, signed_at: signed_at.map(instant) }))
}

async fn consistency(mut call: Call<ReadAudit>, sizes: Sizes) -> Result<Answer<ReadAudit, AuditConsistency>, AppError> {
    let source = InWorkspace::source(&mut call.scope).await?;
    let standing = proof::standing(&mut call.scope, source.log.0).await?.unwrap_or_default();
    let (sealed, signed) = (standing.size.unsigned_abs(), standing.signed_size.unsigned_abs());
    let (first, second) = (sizes.first.unwrap_or(0), sizes.second.unwrap_or(signed));
    if second > sealed {
        return Err(AppError::invalid("second", format!("The log has {sealed} sealed rows. Ask for as many at most.")));
    }
    if first > second {
        return Err(AppError::invalid("first", format!("The smaller log has more rows than the larger one. Ask for {second} at most.")));
    }
    let path = proof::consistency(&mut call.scope, source.log.0, first, second).await?;
    let path = path.iter().map(|hash| STANDARD.encode(hash)).collect();
    Ok(call.answers(AuditConsistency { first, second, path }))
}

async fn take_bundle(mut call: Call<ReadAudit>, asked: Rows) -> Result<Answer<ReadAudit, AuditBundle>, AppError> {
    let rows = asked.rows.unwrap_or(500);
    if !(1..=BUNDLE_ROWS_MAX).contains(&rows) {
        return Err(AppError::invalid("rows", format!("Ask for 1 to {BUNDLE_ROWS_MAX} rows.")));
    }
    let source = InWorkspace::source(&mut call.scope).await?;
    let taken = bundle(&mut call.scope, &source, asked.first, rows).await?;
    Ok(call.answers(AuditBundle { head: taken.head, lines: taken.lines }))
}

async fn get(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, RowProof>, AppError> {
    let id = call.named("row")?;
    let source = InWorkspace::source(&mut call.scope).await?;
    let proof = proof_of(&mut call.scope, &source, id).await?;
    Ok(call.answers(proof))
}
