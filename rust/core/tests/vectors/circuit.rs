//! The batch circuit on the specification's scenarios: every chunk that the leaf shape can hold satisfies the relation, with
//! maximum balances, every outcome, and batches of several chunks.

use std::collections::HashSet;

use l2rollup_core::batch::{Capacity, SealedChunk};
use l2rollup_core::circuit::{assign, compile, Finished};
use l2rollup_core::engine::Engine;
use l2rollup_core::primitives::Fr;
use plonk::check;
use serde_json::Value;

use crate::json::{address, bytes, integer, list, load, text};
use crate::transitions::begin;

fn assert_satisfied(compiled: &Finished, sealed: &SealedChunk, what: &str) {
    let finished = assign(&Capacity::leaf(), &sealed.witness, Fr::from(987_654_321u64)).unwrap();
    let violations = check(&compiled.relation, &compiled.fixed, &finished.witness, 5);
    let named: Vec<String> =
        violations.iter().map(|v| format!("{} at {}", v.label, finished.labels.violation(&v.label, v.row))).collect();
    assert!(named.is_empty(), "{what}: {named:#?}");
    assert_eq!(finished.digest, compiled.digest, "{what}");
}

/// The chunks that the accepted items of one chunk make in the leaf shape: more than one when they do not fit.
fn seal(e: &mut Engine, chunk: &Value) -> Vec<SealedChunk> {
    let mut sealed = Vec::new();
    begin(e, chunk);
    for item in list(&chunk["items"]) {
        if text(&item["code"]) != "ok" {
            continue;
        }
        let item = bytes(&item["item"]);
        let fault = e.apply(&[&item]).unwrap()[0].fault.clone();
        if fault.is_some_and(|f| f.code == "chunk_full") {
            sealed.push(e.end_chunk(false).unwrap());
            begin(e, chunk);
            e.apply(&[&item]).unwrap();
        }
    }
    sealed.push(e.end_chunk(chunk["endsBatch"].as_bool().unwrap()).unwrap());
    sealed
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
