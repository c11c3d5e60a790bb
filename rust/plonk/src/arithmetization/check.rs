//! The row-by-row checker: lists violated constraints, copies and bus messages of a witness, without any commitment.
//!
//! Whether the bus balances is asked of its fractions at a point; an imbalance is then listed as an exact multiset keyed by
//! payload, so that it is reported with its message.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::evaluate::{Evaluator, Source};
use super::expr::{Challenge, Leaf, Rotation};
use super::fractions;
use super::program::Program;
use super::relation::Relation;
use super::trace::{FixedTrace, Witness};

/// One violated clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Label of the constraint, "copy" or "bus".
    pub label: String,
    /// Row, or the first row that mentions the message.
    pub row: usize,
    /// Values that show it.
    pub values: String,
}

/// A relation compiled for repeated checks.
pub struct Checker {
    relation: Relation,
    program: Program,
    bus: Program,
    terms: Vec<(String, usize)>,
    /// Numerator and denominator of every term.
    fractions: Program,
}

impl Checker {
    /// Compiles the row program and the bus program.
    #[must_use]
    pub fn new(relation: &Relation) -> Self {
        let program = Program::compile(&relation.constraints);
        let mut list = Vec::new();
        let mut terms = Vec::new();
        let mut fractions = Vec::new();
        for group in relation.helpers.iter().flat_map(|h| &h.groups) {
            for term in &group.terms {
                list.push(group.selector.clone() * term.numerator.clone());
                fractions.extend([group.selector.clone() * term.numerator.clone(), Relation::denominator(term)]);
                list.extend(term.payload.iter().cloned());
                terms.push((group.label.clone(), term.payload.len()));
            }
        }
        let (bus, fractions) = (Program::compile_exprs(&list), Program::compile_exprs(&fractions));
        Self { relation: relation.clone(), program, bus, terms, fractions }
    }

    /// Where the rows' values come from.
    fn source<'a>(&'a self, fixed: &'a FixedTrace, w: &'a Witness, instance: &'a [Fr], l: Leaf) -> Source<'a> {
        match l {
            Leaf::Advice(c, Rotation::Cur) => Source::cur(&w.advice[c]),
            Leaf::Advice(c, Rotation::Next) => Source::next(&w.advice[c]),
            Leaf::Fixed(c) => Source::cur(&fixed.fixed[c]),
            Leaf::Periodic(c) => Source::cur(&self.relation.periodic[c]),
            Leaf::Instance => Source::cur(instance),
            _ => Source::cur(&[Fr::ZERO]),
        }
    }

    fn leaf(&self, fixed: &FixedTrace, w: &Witness, row: usize, l: Leaf) -> Fr {
        let n = self.relation.n();
        match l {
            Leaf::Advice(c, Rotation::Cur) => w.advice[c][row],
            Leaf::Advice(c, Rotation::Next) => w.advice[c][(row + 1) % n],
            Leaf::Fixed(c) => fixed.fixed[c][row],
            Leaf::Periodic(c) => {
                let p = &self.relation.periodic[c];
                p[row % p.len()]
            }
            Leaf::Instance => {
                let i = self.relation.instance_rows().iter().position(|at| *at == row).unwrap_or(usize::MAX);
                w.instance.get(i).copied().unwrap_or_else(Fr::zero)
            }
            _ => Fr::zero(),
        }
    }

    /// Every violation, at most `max`.
    #[must_use]
    pub fn check(&self, fixed: &FixedTrace, w: &Witness, max: usize) -> Vec<Violation> {
        if let Some(violation) = self.dimensions(fixed, w) {
            return vec![violation];
        }
        let instance = w.instance_column(&self.relation);
        let source = |l| self.source(fixed, w, &instance, l);
        let rows = Evaluator::new(&self.program, |_| Fr::ZERO).nonzero_rows(source, self.relation.n());
        let mut out = Vec::new();
        let mut v = Vec::new();
        for row in rows.into_iter().take(max) {
            self.program.values_into(&mut v, |l| source(l).at(row));
            let bad = self.program.outputs.iter().enumerate().map(|(k, o)| (k, v[*o as usize]));
            let bad: Vec<(usize, Fr)> = bad.filter(|(_, x)| !x.is_zero()).collect();
            out.extend(bad.into_iter().map(|(k, value)| self.describe(fixed, w, k, row, value)));
        }
        out.truncate(max);
        for (a, b) in &fixed.copies {
            if w.advice[a.0][a.1] != w.advice[b.0][b.1] {
                out.push(Violation {
                    label: "copy".into(),
                    row: a.1,
                    values: format!(
                        "column {} = {}, column {} row {} = {}",
                        a.0, w.advice[a.0][a.1], b.0, b.1, w.advice[b.0][b.1]
                    ),
                });
            }
        }
        if !self.adds_up(source) {
            out.extend(self.bus_violations(fixed, w));
        }
        out.truncate(max);
        out
    }

    /// A constraint's violation with the cells it reads.
    fn describe(&self, fixed: &FixedTrace, w: &Witness, k: usize, row: usize, value: Fr) -> Violation {
        let constraint = &self.relation.constraints[k];
        let leaves = Program::compile(std::slice::from_ref(constraint)).leaves();
        let cells: Vec<String> = leaves.iter().map(|l| format!("{l:?} = {}", self.leaf(fixed, w, row, *l))).collect();
        Violation { label: constraint.label.clone(), row, values: format!("{value}; {}", cells.join(", ")) }
    }

    /// A trace of other dimensions than the relation's is one violation; nothing else can be said of it.
    fn dimensions(&self, fixed: &FixedTrace, w: &Witness) -> Option<Violation> {
        let (r, n) = (&self.relation, self.relation.n());
        let full = |columns: &[Vec<Fr>], count: usize| columns.len() == count && columns.iter().all(|c| c.len() == n);
        let cell = |c: &(usize, usize)| c.0 < r.witness_columns() && c.1 < n;
        let what = if !full(&w.advice, r.witness_columns()) {
            format!("{} witness columns of {n} rows", r.witness_columns())
        } else if !full(&fixed.fixed, r.fixed) {
            format!("{} fixed columns of {n} rows", r.fixed)
        } else if w.instance.len() != r.instance_len {
            format!("{} public inputs", r.instance_len)
        } else if !fixed.copies.iter().all(|(a, b)| cell(a) && cell(b)) {
            "copies between cells of the trace".to_string()
        } else {
            return None;
        };
        Some(Violation { label: "dimensions".into(), row: 0, values: format!("expected {what}") })
    }

    /// Whether the bus balances, by the argument the proof makes (logUp, ePrint 2022/1530): fractions with random challenges add
    /// up to zero. A multiset that does not balance passes with a probability below 2^-200 over the challenges; these are
    /// fixed hashes, which nobody needs to fool who can skip the check. The exact list is made only of what fails here.
    fn adds_up<'a>(&self, source: impl Fn(Leaf) -> Source<'a> + Sync) -> bool {
        let challenge = |c: Challenge| {
            let digest: [u8; 32] = Keccak256::digest(format!("l2rollup witness check {c:?}")).into();
            Fr::from_be_bytes_mod_order(&digest)
        };
        let evaluator = Evaluator::new(&self.fractions, challenge);
        let sums = fractions::sums(&evaluator, self.terms.len(), source, self.relation.n());
        sums.is_ok_and(|sums| sums.iter().sum::<Fr>().is_zero())
    }

    fn bus_violations(&self, fixed: &FixedTrace, w: &Witness) -> Vec<Violation> {
        let n = self.relation.n();
        let rows: Vec<Vec<(Vec<Fr>, Fr, usize)>> = (0..n)
            .into_par_iter()
            .map_init(Vec::new, |v, row| {
                self.bus.values_into(v, |l| self.leaf(fixed, w, row, l));
                let mut at = 0;
                let mut list = Vec::new();
                for (t, (_, len)) in self.terms.iter().enumerate() {
                    let get = |i: usize| v[self.bus.outputs[at + i] as usize];
                    let numerator = get(0);
                    if !numerator.is_zero() {
                        let mut payload: Vec<Fr> = (1..=*len).map(get).collect();
                        while payload.last().is_some_and(Zero::is_zero) {
                            payload.pop();
                        }
                        list.push((payload, numerator, t));
                    }
                    at += len + 1;
                }
                list
            })
            .collect();
        let mut total: HashMap<Vec<Fr>, (Fr, usize, usize)> = HashMap::new();
        for (row, list) in rows.into_iter().enumerate() {
            for (payload, numerator, t) in list {
                total.entry(payload).or_insert((Fr::zero(), row, t)).0 += numerator;
            }
        }
        let mut bad: Vec<Violation> = total
            .into_iter()
            .filter(|(_, (sum, _, _))| !sum.is_zero())
            .map(|(payload, (sum, row, t))| Violation {
                label: format!("bus {}", self.terms[t].0),
                row,
                values: format!(
                    "{} x ({})",
                    sum,
                    payload.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                ),
            })
            .collect();
        bad.sort_by_key(|v| v.row);
        bad
    }
}

/// Every violation of a witness, at most `max`.
#[must_use]
pub fn check(relation: &Relation, fixed: &FixedTrace, witness: &Witness, max: usize) -> Vec<Violation> {
    Checker::new(relation).check(fixed, witness, max)
}
