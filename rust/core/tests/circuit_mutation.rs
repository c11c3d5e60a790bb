//! Every cell of a small batch, changed alone, is refused; cells that no constraint reads are listed by label.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use ark_ff::Field;
use common::{every_kind, seal_items};
use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::{assign, compile};
use l2rollup_core::primitives::Fr;
use plonk::arithmetization::mutation::Mutator;
use rayon::prelude::*;

#[test]
fn every_assigned_cell_is_bound() {
    let (mut engine, items) = every_kind();
    let sealed = seal_items(&mut engine, &[(0, 3), (5, 2)], &items);
    let compiled = compile(&Capacity::leaf()).unwrap();
    let finished = assign(&Capacity::leaf(), &sealed.witness, Fr::from(12_345u64)).unwrap();
    assert!(plonk::check(&compiled.relation, &compiled.fixed, &finished.witness, 1).is_empty());
    let mutator = Mutator::new(&compiled.relation, &compiled.fixed, &finished.witness);
    let (columns, rows) = (compiled.relation.witness_columns(), compiled.relation.n());
    let free: Vec<(usize, usize)> = (0..columns * rows)
        .into_par_iter()
        .map(|i| (i / rows, i % rows))
        .filter(|(c, r)| {
            let value = finished.witness.advice[*c][*r];
            // another value, and for what may be a flag the other boolean
            let others = [value + Fr::from(7u64), Fr::ONE - value];
            !others.into_iter().all(|other| other == value || mutator.is_refused((*c, *r), other))
        })
        .collect();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    for cell in &free {
        let label = finished.labels.cell(*cell);
        let why = if finished.labels.is_unused(*cell) {
            "cells of blocks that no constraint reads"
        } else if finished.labels.free_hints().contains(cell) {
            "hints that nothing reads in this witness, such as inverses of zero"
        } else if label.contains("idle node") || label.contains("idle id node") {
            "place and hashes of idle nodes: their live flag, which multiplies them, is 0"
        } else if label.contains("unused account record") || label.contains("unused balance record") {
            "fields of unused leaf records: their live flag, which multiplies them, is 0"
        } else {
            surprises.push(label);
            continue;
        };
        *named.entry(why).or_default() += 1;
    }
    println!("{} cells, {} free: {named:#?}", columns * rows, free.len());
    surprises.truncate(40);
    assert!(surprises.is_empty(), "{surprises:#?}");
    // what is called unused is not read at all
    let cells = (0..columns * rows).map(|i| (i / rows, i % rows));
    let unused = cells.filter(|c| finished.labels.is_unused(*c)).count();
    assert_eq!(named.get("cells of blocks that no constraint reads"), Some(&unused));
}
