//! The batch circuit on the specification's scenarios: every chunk that the leaf shape can hold satisfies the relation, with
//! maximum balances, every outcome, and batches of several chunks.

use std::collections::HashSet;

use l2rollup_core::batch::{Capacity, SealedChunk};
use l2rollup_core::circuit::{assign, compile, Finished};
use l2rollup_core::engine::Engine;
use l2rollup_core::primitives::Fr;
use plonk::check;
use serde_json::Value;

use crate::json::{address, integer, list, load, text};
use crate::transitions::{begin, calls, offer};

fn assert_satisfied(compiled: &Finished, sealed: &SealedChunk, what: &str) {
    let finished = assign(&Capacity::leaf(), &sealed.witness, Fr::from(987_654_321u64)).unwrap();
    let violations = check(&compiled.relation, &compiled.fixed, &finished.witness, 5);
    let named: Vec<String> =
        violations.iter().map(|v| format!("{} at {}", v.label, finished.labels.violation(&v.label, v.row))).collect();
    assert!(named.is_empty(), "{what}: {named:#?}");
    assert_eq!(finished.digest, compiled.digest, "{what}");
}

/// The chunks that the accepted items of one chunk make in the leaf shape: more than one when they do not fit. The members of a
/// group are in one call, so they are offered again together.
fn seal(e: &mut Engine, chunk: &Value) -> Vec<SealedChunk> {
    let mut sealed = Vec::new();
    begin(e, chunk);
    for (items, outcomes) in calls(chunk) {
        let accepted = items.into_iter().zip(outcomes).filter(|(_, o)| text(&o["code"]) == "ok");
        let mut left: Vec<Vec<u8>> = accepted.map(|(item, _)| item).collect();
        left = left.split_off(taken(e, &left));
        if !left.is_empty() {
            sealed.push(e.end_chunk(false).unwrap());
            begin(e, chunk);
            assert_eq!(taken(e, &left), left.len());
        }
    }
    sealed.push(e.end_chunk(chunk["endsBatch"].as_bool().unwrap()).unwrap());
    sealed
}

/// How many of the items, from the first on, the open chunk took; the others have no room.
fn taken(e: &mut Engine, items: &[Vec<u8>]) -> usize {
    let outcomes = offer(e, items);
    let count = outcomes.iter().take_while(|o| o.fault.is_none()).count();
    assert!(outcomes[count..].iter().all(|o| o.fault.as_ref().is_some_and(|f| f.code == "chunk_full")));
    count
}

#[test]
fn scenarios_satisfy_the_circuit() {
    let compiled = compile(&Capacity::leaf()).unwrap();
    let v = load("transitions");
    let (mut chunks, mut slots, mut seen) = (0, 0, HashSet::new());
    for scenario in list(&v["scenarios"]) {
        let mut e = Engine::genesis(integer(&v["chainId"]), address(&v["rollup"]));
        for chunk in list(&scenario["chunks"]) {
            for sealed in seal(&mut e, chunk) {
                // Many scenarios begin with the same chunk.
                if !seen.insert(sealed.witness.to_bytes()) {
                    continue;
                }
                assert_satisfied(&compiled, &sealed, text(&scenario["name"]));
                chunks += 1;
                slots += sealed.items;
            }
        }
    }
    println!("{chunks} chunks, {slots} slots");
    assert!(chunks >= 20 && slots >= 180, "{chunks} chunks, {slots} slots");
}
