//! Proofs, worked out from what is kept of a log's tree: a few hundred hashes, however long the log.

use std::{collections::HashMap, ops::Range};

use uuid::Uuid;

use super::{
    store,
    tree::{self, Hash, STEP, Subtree},
};
use crate::{
    error::AppError,
    server::scope::{Reach, Scope},
};

/// That the leaf at `index` is in the tree of so many leaves.
pub async fn inclusion<R: Reach>(scope: &mut Scope<R>, log: Uuid, index: u64, size: u64) -> Result<Vec<Hash>, AppError> {
    runs(scope, log, &tree::inclusion(index, size)).await
}

/// That the tree of `second` leaves begins with that of `first`.
pub async fn consistency<R: Reach>(scope: &mut Scope<R>, log: Uuid, first: u64, second: u64) -> Result<Vec<Hash>, AppError> {
    runs(scope, log, &tree::consistency(first, second)).await
}

/// The hashes of the whole subtrees of the first so many leaves, the largest first.
pub async fn edge<R: Reach>(scope: &mut Scope<R>, log: Uuid, size: u64) -> Result<Vec<Hash>, AppError> {
    whole(scope, log, &tree::subtrees(&(0..size))).await
}

/// The hash of each run.
async fn runs<R: Reach>(scope: &mut Scope<R>, log: Uuid, runs: &[Range<u64>]) -> Result<Vec<Hash>, AppError> {
    let subtrees: Vec<Vec<Subtree>> = runs.iter().map(tree::subtrees).collect();
    let hashes = whole(scope, log, &subtrees.concat()).await?;
    let mut rest = hashes.as_slice();
    let mut folded = Vec::with_capacity(runs.len());
    for run in &subtrees {
        let (own, others) = rest.split_at(run.len());
        folded.push(tree::folded(own));
        rest = others;
    }
    Ok(folded)
}

/// The hash of each whole subtree, from those that are kept below it.
async fn whole<R: Reach>(scope: &mut Scope<R>, log: Uuid, subtrees: &[Subtree]) -> Result<Vec<Hash>, AppError> {
    let below: Vec<(u32, u64, u64)> = subtrees
        .iter()
        .map(|subtree| {
            let up = subtree.level % STEP;
            (subtree.level - up, subtree.place << up, (subtree.place + 1) << up)
        })
        .collect();
    let kept: HashMap<Subtree, Hash> = store::hashes(scope, log, &below).await?.into_iter().collect();
    let hashes: Option<Vec<Hash>> = below
        .iter()
        .map(|(level, first, last)| {
            let own: Option<Vec<Hash>> = (*first..*last).map(|place| kept.get(&Subtree { level: *level, place }).copied()).collect();
            own.map(|own| tree::root_over(&own))
        })
        .collect();
    hashes.ok_or_else(|| {
        tracing::error!(%log, "hashes of the log's tree are gone: `stoa audit verify` says which");
        AppError::Internal
    })
}
