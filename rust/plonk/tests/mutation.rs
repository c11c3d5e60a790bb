//! The quick question about one cell and the checker of whole witnesses agree on every cell of the small circuit.

use plonk::arithmetization::mutation::Mutator;
use plonk::{check, small, Fr};

#[test]
fn quick_and_full_answers_agree() {
    let (relation, trace, witness) = (small::relation(), small::trace(), small::witness(5, 9));
    let mutator = Mutator::new(&relation, &trace, &witness);
    let (mut refused, mut free) = (0, 0);
    for column in 0..relation.witness_columns() {
        for row in 0..relation.n() {
            for step in [1u64, 77] {
                let mut bad = witness.clone();
                bad.advice[column][row] += Fr::from(step);
                let full = !check(&relation, &trace, &bad, 1).is_empty();
                let quick = mutator.is_refused((column, row), bad.advice[column][row]);
                assert_eq!(full, quick, "column {column} row {row}");
                refused += usize::from(full);
                free += usize::from(!full);
            }
        }
    }
    assert!(refused > 100, "{refused} refused, {free} free");
}
