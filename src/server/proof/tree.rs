//! The Merkle tree of a log as RFC 6962 §2.1 defines it: the hash of a node, the tree's right edge, and which subtrees the
//! two kinds of proof are made of.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

pub type Hash = [u8; 32];

/// Of every subtree this many levels up one hash is kept: what lies between is worked out from at most 256 of them.
pub const STEP: u32 = 8;

/// `SHA-256(0x01 || left || right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// A whole subtree: of `2^level` leaves, the `place`-th of that size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    pub level: u32,
    pub place: u64,
}

/// The right edge of a tree: its whole subtrees, the largest first. Enough to go on, and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    hashes: Vec<Hash>,
}

impl Edge {
    /// None where so many leaves make another number of subtrees.
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (u32::try_from(hashes.len()) == Ok(size.count_ones())).then_some(Self { size, hashes })
    }

    /// From the hashes one after the other.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() { Self::new(size, hashes.to_vec()) } else { None }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.concat()
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. Returns the subtrees that are whole now and are kept, the smallest first.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Subtree, Hash)> {
        let (mut hash, mut whole) = (leaf, Vec::new());
        for level in 0..self.size.trailing_ones() {
            let Some(left) = self.hashes.pop() else { break };
            hash = node(&left, &hash);
            if (level + 1).is_multiple_of(STEP) {
                whole.push((Subtree { level: level + 1, place: self.size >> (level + 1) }, hash));
            }
        }
        self.hashes.push(hash);
        self.size += 1;
        whole
    }

    pub fn root(&self) -> Hash {
        folded(&self.hashes)
    }
}

/// The hash over subtrees that lie side by side, the largest first; of nothing, that of nothing.
pub fn folded(subtrees: &[Hash]) -> Hash {
    let mut from_right = subtrees.iter().rev();
    let Some(last) = from_right.next() else { return Sha256::digest([]).into() };
    from_right.fold(*last, |right, left| node(left, &right))
}

/// The root over hashes of subtrees of one size.
pub fn root_over(hashes: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    for hash in hashes {
        edge.push(*hash);
    }
    edge.root()
}

/// The whole subtrees that a run of leaves falls into, the largest first. The run is one of a proof: it begins at a multiple
/// of a power of two that is not smaller than it.
pub fn subtrees(run: &Range<u64>) -> Vec<Subtree> {
    let (mut start, mut left) = (run.start, run.end - run.start);
    let mut found = Vec::new();
    while left > 0 {
        let level = left.ilog2();
        found.push(Subtree { level, place: start >> level });
        start += 1 << level;
        left -= 1 << level;
    }
    found
}

/// The runs whose hashes prove that the leaf at `index` is in the tree of that size, the nearest first (RFC 6962 §2.1.1).
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut low, mut high, mut runs) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + below(high - low);
        if index < middle {
            runs.push(middle..high);
            high = middle;
        } else {
            runs.push(low..middle);
            low = middle;
        }
    }
    runs.reverse();
    runs
}

/// The runs whose hashes prove that the tree of `second` leaves begins with that of `first` (RFC 6962 §2.1.2).
pub fn consistency(first: u64, second: u64) -> Vec<Range<u64>> {
    if first == 0 || first >= second {
        return Vec::new();
    }
    let (mut low, mut high, mut runs) = (0, second, Vec::new());
    while high != first {
        let middle = low + below(high - low);
        if first <= middle {
            runs.push(middle..high);
            high = middle;
        } else {
            runs.push(low..middle);
            low = middle;
        }
    }
    // What the verifier has already is left out: the whole of the first tree.
    if low > 0 {
        runs.push(low..high);
    }
    runs.reverse();
    runs
}

/// The largest power of two below a number that is greater than one.
fn below(number: u64) -> u64 {
    1 << (number - 1).ilog2()
}

/// Whether the path leads from the leaf to the root (RFC 9162 §2.1.3.2).
pub fn is_included(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node(beside, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the second tree begins with the first (RFC 9162 §2.1.4.2). A tree of nothing begins every other.
pub fn is_consistent(first: (u64, &Hash), second: (u64, &Hash), path: &[Hash]) -> bool {
    let ((first, first_root), (second, second_root)) = (first, second);
    if first == second {
        return path.is_empty() && first_root == second_root;
    }
    if first == 0 {
        return path.is_empty();
    }
    if first > second {
        return false;
    }
    // The whole first tree is not sent where it is one subtree.
    let known = first.is_power_of_two().then_some(first_root);
    let mut hashes = known.into_iter().chain(path);
    let Some(begin) = hashes.next() else { return false };
    let (mut place, mut last) = (first - 1, second - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*begin, *begin);
    for beside in hashes {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old = node(beside, &old);
            new = node(beside, &new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node(&new, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old == *first_root && new == *second_root
}

#[cfg(test)]
mod tests;
