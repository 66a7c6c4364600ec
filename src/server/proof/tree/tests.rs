//! The tree against the published vectors, and against the definitions of RFC 6962 written down as they stand there.

use std::collections::HashMap;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;

/// The inputs and roots that implementations of Certificate Transparency are tested with.
const INPUTS: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Index, size, path.
const INCLUSIONS: [(u64, u64, &[&str]); 4] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
];
/// First size, second size, path.
const CONSISTENCIES: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

fn hash(hex: &str) -> Hash {
    bytes(hex).try_into().expect("32 bytes")
}

fn leaf(input: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(input).finalize().into()
}

fn published() -> Vec<Hash> {
    INPUTS.iter().map(|input| leaf(&bytes(input))).collect()
}

/// Leaves of which no two are the same.
fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|index| leaf(&index.to_be_bytes())).collect()
}

/// MTH of RFC 6962 §2.1, over leaves that are hashed already.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        many => {
            let (left, right) = many.split_at(naive_split(many.len()));
            node(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(count: usize) -> usize {
    let mut split = 1;
    while split * 2 < count {
        split *= 2;
    }
    split
}

/// PATH of RFC 6962 §2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let split = naive_split(leaves.len());
    let (left, right) = leaves.split_at(split);
    if index < split {
        [naive_path(index, left), vec![naive_root(right)]].concat()
    } else {
        [naive_path(index - split, right), vec![naive_root(left)]].concat()
    }
}

/// SUBPROOF of RFC 6962 §2.1.2.
fn naive_subproof(first: usize, leaves: &[Hash], is_known: bool) -> Vec<Hash> {
    if first == leaves.len() {
        return if is_known { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let split = naive_split(leaves.len());
    let (left, right) = leaves.split_at(split);
    if first <= split {
        [naive_subproof(first, left, is_known), vec![naive_root(right)]].concat()
    } else {
        [naive_subproof(first - split, right, false), vec![naive_root(left)]].concat()
    }
}

/// The hashes of runs, from whole subtrees as they are kept.
fn hashes_of(runs: &[Range<u64>], leaves: &[Hash]) -> Vec<Hash> {
    let whole = |subtree: &Subtree| {
        let at = |place: u64| usize::try_from(place << subtree.level).expect("small");
        naive_root(&leaves[at(subtree.place)..at(subtree.place + 1)])
    };
    runs.iter().map(|run| folded(&subtrees(run).iter().map(whole).collect::<Vec<_>>())).collect()
}

fn edge_of(leaves: &[Hash]) -> Edge {
    let mut edge = Edge::default();
    for leaf in leaves {
        edge.push(*leaf);
    }
    edge
}

#[test]
fn the_published_trees_have_the_published_roots() {
    assert_eq!(Edge::default().root(), hash(NOTHING));
    let leaves = published();
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(edge_of(&leaves[..size]).root(), hash(root), "{size}");
        assert_eq!(naive_root(&leaves[..size]), hash(root), "{size}");
    }
}

#[test]
fn the_published_proofs_are_made_and_hold() {
    let leaves = published();
    let root = |size: u64| hash(ROOTS[usize::try_from(size).expect("small") - 1]);
    for (index, size, path) in INCLUSIONS {
        let path: Vec<Hash> = path.iter().map(|hex| hash(hex)).collect();
        assert_eq!(hashes_of(&inclusion(index, size), &leaves), path, "{index} in {size}");
        assert!(is_included(&leaves[usize::try_from(index).expect("small")], index, size, &path, &root(size)), "{index} in {size}");
    }
    for (first, second, path) in CONSISTENCIES {
        let path: Vec<Hash> = path.iter().map(|hex| hash(hex)).collect();
        assert_eq!(hashes_of(&consistency(first, second), &leaves), path, "{first} to {second}");
        assert!(is_consistent((first, &root(first)), (second, &root(second)), &path), "{first} to {second}");
    }
}

#[test]
fn what_is_kept_is_every_whole_subtree_of_its_level() {
    let leaves = leaves(66_000);
    let (mut edge, mut kept) = (Edge::default(), HashMap::new());
    for leaf in &leaves {
        kept.extend(edge.push(*leaf));
    }
    assert_eq!(kept.len(), 66_000 / 256 + 1);
    for (subtree, found) in [(8, 0), (8, 256), (16, 0)].map(|(level, place)| {
        let subtree = Subtree { level, place };
        (subtree, kept[&subtree])
    }) {
        let at = |place: u64| usize::try_from(place << subtree.level).expect("small");
        assert_eq!(found, naive_root(&leaves[at(subtree.place)..at(subtree.place + 1)]), "{subtree:?}");
    }
    let again = Edge::from_bytes(edge.size(), &edge.to_bytes()).expect("an edge");
    assert_eq!(again, edge);
    assert_eq!(Edge::from_bytes(edge.size() + 1, &edge.to_bytes()).map(|edge| edge.size()), None);
    assert_eq!(Edge::from_bytes(1, &[0; 31]), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_root_is_that_of_the_definition(size in 0_u64..600) {
        let leaves = leaves(size);
        prop_assert_eq!(edge_of(&leaves).root(), naive_root(&leaves));
    }

    #[test]
    fn a_leaf_is_in_its_tree_at_its_place_alone(size in 1_u64..300, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let leaves = leaves(size);
        let index = at.index(leaves.len());
        let (leaf, place, root) = (leaves[index], index as u64, naive_root(&leaves));
        let path = hashes_of(&inclusion(place, size), &leaves);
        prop_assert_eq!(&path, &naive_path(index, &leaves));
        prop_assert!(is_included(&leaf, place, size, &path, &root));

        let flipped = |hash: &Hash| {
            let mut flipped = *hash;
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        };
        prop_assert!(!is_included(&flipped(&leaf), place, size, &path, &root));
        prop_assert!(!is_included(&leaf, place, size, &path, &flipped(&root)));
        prop_assert!(!is_included(&leaf, size, size, &path, &root));
        for other in (0..size).filter(|other| *other != place) {
            prop_assert!(!is_included(&leaf, other, size, &path, &root), "also at {}", other);
        }
        for step in 0..path.len() {
            let mut wrong = path.clone();
            wrong[step] = flipped(&path[step]);
            prop_assert!(!is_included(&leaf, place, size, &wrong, &root));
            wrong.remove(step);
            prop_assert!(!is_included(&leaf, place, size, &wrong, &root));
        }
        prop_assert!(!is_included(&leaf, place, size, &[path.clone(), vec![root]].concat(), &root));
    }

    #[test]
    fn a_tree_begins_with_every_smaller_one_and_no_other(second in 1_u64..300, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let leaves = leaves(second);
        let first = at.index(leaves.len() + 1) as u64;
        let (old, new) = (naive_root(&leaves[..usize::try_from(first).expect("small")]), naive_root(&leaves));
        let path = hashes_of(&consistency(first, second), &leaves);
        let expected = if first == 0 { Vec::new() } else { naive_subproof(usize::try_from(first).expect("small"), &leaves, true) };
        prop_assert_eq!(&path, &expected);
        prop_assert!(is_consistent((first, &old), (second, &new), &path));

        let mut other = old;
        other[bit / 8] ^= 1 << (bit % 8);
        if first > 0 {
            prop_assert!(!is_consistent((first, &other), (second, &new), &path), "another first tree");
            let mut newer = new;
            newer[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!is_consistent((first, &old), (second, &newer), &path), "another second tree");
        }
        if first < second {
            prop_assert!(!is_consistent((second, &new), (first, &old), &path), "backwards");
        }
        prop_assert!(!is_consistent((first, &old), (second, &new), &[path.clone(), vec![other]].concat()), "a hash too many");
        for step in 0..path.len() {
            let mut wrong = path.clone();
            wrong.remove(step);
            prop_assert!(!is_consistent((first, &old), (second, &new), &wrong), "a hash too few");
        }
    }
}
