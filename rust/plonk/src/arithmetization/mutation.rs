//! Whether a true witness stays true when one cell changes: the question of every mutation test, answered from the rows the cell
//! touches alone.
//!
//! A change is refused if a constraint on its row or the row before no longer holds, a copy breaks, or the messages of those
//! rows are others than before. Exact for a witness that satisfies the relation; equal to [`super::check::Checker`] on it
//! (tests/mutation.rs). What this is not: a check of a whole witness.

use std::collections::{HashMap, HashSet};

use ark_bn254::Fr;
use ark_ff::Zero;

use super::expr::{Leaf, Rotation};
use super::program::Program;
use super::relation::{Constraint, Relation};
use super::trace::{Cell, FixedTrace, Witness};

/// What one column takes part in through one rotation.
struct Uses {
    constraints: Program,
    /// Per term: numerator times selector, then the payload.
    bus: Program,
    lengths: Vec<usize>,
}

/// A satisfied trace, prepared for questions about single cells.
pub struct Mutator<'a> {
    relation: &'a Relation,
    fixed: &'a FixedTrace,
    witness: &'a Witness,
    /// The public inputs as a column.
    instance: Vec<Fr>,
    uses: Vec<[Uses; 2]>,
    copied: HashSet<Cell>,
}

fn program(list: impl IntoIterator<Item = Constraint>) -> Program {
    Program::compile(&list.into_iter().collect::<Vec<_>>())
}

impl<'a> Mutator<'a> {
    /// Prepares; the witness must satisfy the relation.
    #[must_use]
    pub fn new(relation: &'a Relation, fixed: &'a FixedTrace, witness: &'a Witness) -> Self {
        let reads = |program: &Program, leaf: Leaf| program.leaves().contains(&leaf);
        let constraints: Vec<(Program, &Constraint)> =
            relation.constraints.iter().map(|c| (Program::compile(std::slice::from_ref(c)), c)).collect();
        let mut terms: Vec<(Program, Vec<Constraint>)> = Vec::new();
        for group in relation.helpers.iter().flat_map(|h| &h.groups) {
            for term in &group.terms {
                let first = group.selector.clone() * term.numerator.clone();
                let all = std::iter::once(first).chain(term.payload.iter().cloned());
                let list: Vec<Constraint> = all.map(|expr| Constraint { label: String::new(), expr }).collect();
                terms.push((Program::compile(&list), list));
            }
        }
        let uses = |column: usize, rotation: Rotation| {
            let leaf = Leaf::Advice(column, rotation);
            let mine: Vec<&Vec<Constraint>> = terms.iter().filter(|(p, _)| reads(p, leaf)).map(|(_, l)| l).collect();
            Uses {
                constraints: program(constraints.iter().filter(|(p, _)| reads(p, leaf)).map(|(_, c)| (*c).clone())),
                lengths: mine.iter().map(|list| list.len()).collect(),
                bus: program(mine.into_iter().flatten().cloned()),
            }
        };
        Self {
            relation,
            fixed,
            witness,
            instance: witness.instance_column(relation),
            uses: (0..relation.witness_columns()).map(|c| [uses(c, Rotation::Cur), uses(c, Rotation::Next)]).collect(),
            copied: fixed.copies.iter().flat_map(|(a, b)| [*a, *b]).collect(),
        }
    }

    fn leaf(&self, row: usize, leaf: Leaf, changed: (Cell, Fr)) -> Fr {
        let n = self.relation.n();
        let advice = |cell: Cell| if cell == changed.0 { changed.1 } else { self.witness.advice[cell.0][cell.1] };
        match leaf {
            Leaf::Advice(c, Rotation::Cur) => advice((c, row)),
            Leaf::Advice(c, Rotation::Next) => advice((c, (row + 1) % n)),
            Leaf::Fixed(c) => self.fixed.fixed[c][row],
            Leaf::Periodic(c) => self.relation.periodic[c][row % self.relation.periodic[c].len()],
            Leaf::Instance => self.instance[row],
            _ => Fr::zero(),
        }
    }

    /// True when the witness with `cell` set to `value` is refused.
    #[must_use]
    pub fn is_refused(&self, cell: Cell, value: Fr) -> bool {
        let (column, row) = cell;
        let before = self.witness.advice[column][row];
        if value == before {
            return false;
        }
        if self.copied.contains(&cell) {
            return true;
        }
        let n = self.relation.n();
        let places = [(row, &self.uses[column][0]), ((row + n - 1) % n, &self.uses[column][1])];
        let broken = places.iter().any(|(row, uses)| {
            let values = uses.constraints.values(|l| self.leaf(*row, l, (cell, value)));
            uses.constraints.outputs.iter().any(|o| !values[*o as usize].is_zero())
        });
        broken || self.changes_bus(&places, cell, before, value)
    }

    fn changes_bus(&self, places: &[(usize, &Uses); 2], cell: Cell, before: Fr, after: Fr) -> bool {
        let mut total: HashMap<Vec<Fr>, Fr> = HashMap::new();
        for (row, uses) in places {
            for (value, sign) in [(before, Fr::from(1u64)), (after, -Fr::from(1u64))] {
                let values = uses.bus.values(|l| self.leaf(*row, l, (cell, value)));
                let mut outputs = uses.bus.outputs.iter().map(|o| values[*o as usize]);
                for length in &uses.lengths {
                    let numerator = outputs.next().unwrap_or_default();
                    let mut payload: Vec<Fr> = outputs.by_ref().take(length - 1).collect();
                    while payload.last().is_some_and(Zero::is_zero) {
                        payload.pop();
                    }
                    *total.entry(payload).or_default() += numerator * sign;
                }
            }
        }
        total.values().any(|sum| !sum.is_zero())
    }
}
