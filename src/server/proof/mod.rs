//! The proof of the audit logs: each row's leaf in a Merkle tree of its log, signed checkpoints of the tree, and proofs that
//! anybody can check without this server (docs/audit-proof.md).

mod bundle;
mod check;
mod evidence;
mod note;
mod prover;
mod removals;
mod rows;
mod sealer;
mod store;
mod tree;
mod verify;
mod witness;

pub use bundle::{Bundling, Seal, row_proof, seals};
pub use check::{Known, Report, evidence as check};
pub use evidence::{BundleHead, BundleLine, ProvenRecord, RowProof};
pub use note::{Checkpoint, NoteError, origin};
pub use prover::consistency;
pub use removals::{NOTE, Removals, removal_note};
pub use sealer::{Sealed, keep_sealing, seal, seal_now};
pub use store::{Leaf, Log, Standing, logs, standing};
pub use tree::{Hash, is_consistent, is_included};
pub use verify::{database, rows_of};
pub use witness::{hand_over, notes};
