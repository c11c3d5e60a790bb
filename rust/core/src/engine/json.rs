//! The JSON form of an account proof (`docs/spec/state.md`): hashes 0x-hex of 32 bytes, amounts decimal strings.

use crate::primitives::field::{hex, to_bytes};
use crate::primitives::Fr;
use crate::state::proof::Path;
use crate::state::{AccountProof, LeafProof};

/// Writes a proof against `root`.
#[must_use]
pub fn account_proof(root: &Fr, proof: &AccountProof) -> String {
    let leaf = &proof.leaf;
    let optional = |part: &Option<LeafProof>| part.as_ref().map_or_else(|| "null".to_owned(), leaf_proof);
    format!(
        "{{\"root\":{},\"address\":\"{}\",\"included\":{},\"index\":{},\"leaf\":{{\"address\":\"{}\",\"scheme\":{},\
         \"nextAddress\":{},\"key\":[{},{}],\"balance\":\"{}\",\"nonce\":{},\"flags\":{},\"balancesRoot\":{},\
         \"storageRoot\":{}}},\"path\":{},\"token\":{},\"storage\":{}}}",
        element(root),
        proof.address,
        proof.is_inclusion(),
        proof.index,
        leaf.address,
        leaf.scheme,
        element(&leaf.next_address),
        element(&leaf.key.0),
        element(&leaf.key.1),
        leaf.balance,
        leaf.nonce,
        leaf.flags,
        element(&leaf.balances_root),
        element(&leaf.storage_root),
        path(&proof.path),
        optional(&proof.balance),
        optional(&proof.storage),
    )
}

fn leaf_proof(proof: &LeafProof) -> String {
    format!("{{\"position\":{},\"value\":{},\"path\":{}}}", proof.position, element(&proof.value), path(&proof.path))
}

fn element(x: &Fr) -> String {
    format!("\"{}\"", hex(&to_bytes(x)))
}

fn path(path: &Path) -> String {
    let node = |children: &[Fr; 4]| format!("[{}]", children.each_ref().map(element).join(","));
    format!("[{}]", path.iter().map(node).collect::<Vec<_>>().join(","))
}
