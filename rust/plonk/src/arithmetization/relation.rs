//! A relation: columns, constraints and the bus, and the full list of polynomial identities they amount to.
//!
//! The bus is one multiset equation by logarithmic derivatives (logUp, ePrint 2022/1530): every term contributes
//! numerator / (gamma - sum_i alpha^i payload_i), helper columns hold partial sums and the running sum over all rows is cyclic,
//! so the total is zero. What it is not: values; see `trace`.

use ark_bn254::Fr;
use ark_ff::Field;

use super::expr::{Challenge, Expr, Leaf, Rotation};
use super::program::Program;
use crate::error::PlonkError;

/// Highest degree of an identity, in units of n.
pub const MAX_DEGREE: usize = 6;
/// Quotient pieces of degree below n.
pub const QUOTIENT_CHUNKS: usize = MAX_DEGREE - 1;

/// An expression that is zero on every row.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Name used in errors.
    pub label: String,
    /// The expression.
    pub expr: Expr,
}

/// One contribution to the bus.
#[derive(Clone, Debug)]
pub struct BusTerm {
    /// Signed multiplicity: +1 sends, -1 receives.
    pub numerator: Expr,
    /// The message; its first element is the tag.
    pub payload: Vec<Expr>,
}

/// Terms that share rows: on rows where `selector` is 1 the helper equals their sum.
#[derive(Clone, Debug)]
pub struct BusGroup {
    /// Name used in errors.
    pub label: String,
    /// A fixed or periodic expression with values 0 and 1.
    pub selector: Expr,
    /// The terms.
    pub terms: Vec<BusTerm>,
}

/// A helper column: groups with disjoint selectors; zero where none is selected.
#[derive(Clone, Debug, Default)]
pub struct Helper {
    /// The groups.
    pub groups: Vec<BusGroup>,
}

/// Public inputs that stand `step` rows apart from `row0` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceRun {
    /// Row of the first.
    pub row0: usize,
    /// Rows from one to the next, at least 1.
    pub step: usize,
    /// How many.
    pub count: usize,
}

/// A relation over a trace of 2^log_n rows.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// Name, part of the key digest.
    pub name: String,
    /// log2 of the number of rows.
    pub log_n: usize,
    /// Advice columns.
    pub advice: usize,
    /// Multiplicity columns, addressed as advice columns from `advice` on.
    pub multiplicity: usize,
    /// Committed fixed columns.
    pub fixed: usize,
    /// Periodic columns: one period of values each, its length a power of two dividing n.
    pub periodic: Vec<Vec<Fr>>,
    /// Number of public inputs.
    pub instance_len: usize,
    /// Row of the first public input, where `instance_runs` says nothing else.
    pub instance_row0: usize,
    /// Where the public inputs stand, in order; empty: on consecutive rows from `instance_row0` on.
    pub instance_runs: Vec<InstanceRun>,
    /// Advice columns that take part in copy constraints.
    pub copy_columns: Vec<usize>,
    /// Constraints.
    pub constraints: Vec<Constraint>,
    /// Helper columns of the bus.
    pub helpers: Vec<Helper>,
}

impl Relation {
    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> usize {
        1 << self.log_n
    }
    /// The runs of public inputs.
    #[must_use]
    pub fn runs(&self) -> Vec<InstanceRun> {
        if self.instance_runs.is_empty() {
            return vec![InstanceRun { row0: self.instance_row0, step: 1, count: self.instance_len }];
        }
        self.instance_runs.clone()
    }
    /// The row of every public input, in order.
    #[must_use]
    pub fn instance_rows(&self) -> Vec<usize> {
        self.runs().iter().flat_map(|run| (0..run.count).map(|i| run.row0 + i * run.step)).collect()
    }
    /// All columns committed in the first round.
    #[must_use]
    pub fn witness_columns(&self) -> usize {
        self.advice + self.multiplicity
    }
    /// Multiplier of the identity permutation on copy column `i`: 5^i, 5 generating the multiplicative group.
    #[must_use]
    pub fn coset_shift(i: usize) -> Fr {
        Fr::from(5u64).pow([i as u64])
    }

    /// Denominator of a message: gamma - sum_i alpha^i payload_i.
    #[must_use]
    pub fn denominator(term: &BusTerm) -> Expr {
        let alpha = Expr::challenge(Challenge::Alpha);
        let fingerprint =
            term.payload.iter().rev().fold(Expr::zero(), |acc, part| acc * alpha.clone() + part.clone());
        Expr::challenge(Challenge::Gamma) - fingerprint
    }

    fn helper_identities(&self, out: &mut Vec<Constraint>) {
        for (k, helper) in self.helpers.iter().enumerate() {
            let h = Expr::Leaf(Leaf::Helper(k));
            let mut covered = Expr::zero();
            for group in &helper.groups {
                let dens: Vec<Expr> = group.terms.iter().map(Self::denominator).collect();
                let product = dens.iter().fold(Expr::one(), |a, d| a * d.clone());
                let mut sum = Expr::zero();
                for (i, term) in group.terms.iter().enumerate() {
                    let others = dens.iter().enumerate().filter(|(j, _)| *j != i);
                    sum = sum + others.fold(term.numerator.clone(), |a, (_, d)| a * d.clone());
                }
                out.push(Constraint {
                    label: format!("bus {}", group.label),
                    expr: group.selector.clone() * (h.clone() * product - sum),
                });
                covered = covered + group.selector.clone();
            }
            if covered.as_constant() != Some(Fr::ONE) {
                out.push(Constraint { label: format!("helper {k} idle"), expr: (Expr::one() - covered) * h });
            }
        }
    }

    /// Every identity of the protocol: constraints, helpers, running sum and permutation (ePrint 2019/953, section 8.3).
    #[must_use]
    pub fn identities(&self) -> Vec<Constraint> {
        let mut out = self.constraints.clone();
        self.helper_identities(&mut out);
        if !self.helpers.is_empty() {
            let step = (0..self.helpers.len()).map(|k| Expr::Leaf(Leaf::Helper(k)));
            let next = Expr::Leaf(Leaf::RunningSum(Rotation::Next));
            let cur = Expr::Leaf(Leaf::RunningSum(Rotation::Cur));
            out.push(Constraint { label: "running sum".into(), expr: next - cur - Expr::sum(step) });
        }
        if !self.copy_columns.is_empty() {
            let (beta, delta) = (Expr::challenge(Challenge::Beta), Expr::challenge(Challenge::Delta));
            let mut left = Expr::Leaf(Leaf::Product(Rotation::Next));
            let mut right = Expr::Leaf(Leaf::Product(Rotation::Cur));
            for (i, column) in self.copy_columns.iter().enumerate() {
                let w = Expr::cur(*column) + delta.clone();
                left = left * (w.clone() + beta.clone() * Expr::Leaf(Leaf::Sigma(i)));
                let id = Expr::Leaf(Leaf::Point) * Self::coset_shift(i);
                right = right * (w + beta.clone() * id);
            }
            out.push(Constraint { label: "permutation".into(), expr: left - right });
            let first = Expr::Leaf(Leaf::FirstRow) * (Expr::Leaf(Leaf::Product(Rotation::Cur)) - Expr::one());
            out.push(Constraint { label: "permutation start".into(), expr: first });
        }
        out
    }

    /// Checks sizes and degrees.
    ///
    /// # Errors
    /// `PlonkError::Relation` naming the part that does not fit.
    pub fn validate(&self) -> Result<(), PlonkError> {
        let n = self.n();
        for (i, p) in self.periodic.iter().enumerate() {
            if !p.len().is_power_of_two() || p.len() > n {
                return Err(PlonkError::relation(&format!("periodic column {i}"), "a power of two dividing n", p.len()));
            }
        }
        if self.copy_columns.len() > MAX_DEGREE - 1 {
            return Err(PlonkError::relation("copy columns", MAX_DEGREE - 1, self.copy_columns.len()));
        }
        if let Some(c) = self.copy_columns.iter().find(|c| **c >= self.advice) {
            return Err(PlonkError::relation("copy column", format!("below {}", self.advice), c));
        }
        self.validate_instance()?;
        for (i, c) in self.copy_columns.iter().enumerate() {
            if self.copy_columns[..i].contains(c) {
                return Err(PlonkError::relation("copy columns", "different columns", format!("column {c} twice")));
            }
        }
        self.validate_leaves()?;
        let identities = self.identities();
        let program = Program::compile(&identities);
        // Without one the second opening would be of nothing, and the rows would have nothing to do with each other.
        let is_next = |l: &Leaf| {
            matches!(
                l,
                Leaf::Advice(_, Rotation::Next) | Leaf::RunningSum(Rotation::Next) | Leaf::Product(Rotation::Next)
            )
        };
        if !program.leaves().iter().any(is_next) {
            return Err(PlonkError::relation("arguments", "a bus helper, a copy column or a next row", "none"));
        }
        let degrees = program.degrees();
        for (c, out) in identities.iter().zip(&program.outputs) {
            let degree = degrees[*out as usize];
            if degree > MAX_DEGREE {
                return Err(PlonkError::relation(&format!("degree of {}", c.label), MAX_DEGREE, degree));
            }
        }
        Ok(())
    }

    fn validate_instance(&self) -> Result<(), PlonkError> {
        let (n, runs) = (self.n(), self.runs());
        let count: usize = runs.iter().map(|run| run.count).sum();
        if count != self.instance_len {
            return Err(PlonkError::relation("public inputs", self.instance_len, format!("{count} in runs")));
        }
        let last = |run: &InstanceRun| {
            (run.count - 1).checked_mul(run.step).and_then(|rows| rows.checked_add(run.row0)).unwrap_or(usize::MAX)
        };
        if runs.iter().any(|run| run.step == 0 || (run.count > 0 && last(run) >= n)) {
            return Err(PlonkError::relation("public inputs", format!("rows below {n}"), self.instance_len));
        }
        let mut rows = self.instance_rows();
        rows.sort_unstable();
        match rows.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(PlonkError::relation("public inputs", "different rows", format!("row {} twice", pair[0]))),
            None => Ok(()),
        }
    }

    /// A circuit reads columns that exist, and nothing that belongs to the protocol; selectors read nothing a prover chooses.
    fn validate_leaves(&self) -> Result<(), PlonkError> {
        let known = |leaf: Leaf| match leaf {
            Leaf::Advice(c, _) => c < self.witness_columns(),
            Leaf::Fixed(c) => c < self.fixed,
            Leaf::Periodic(c) => c < self.periodic.len(),
            Leaf::Instance => true,
            _ => false,
        };
        let refuse = |label: &str, expected: &str, program: &Program, allowed: &dyn Fn(Leaf) -> bool| {
            match program.leaves().into_iter().find(|l| !allowed(*l)) {
                Some(leaf) => Err(PlonkError::relation(label, expected, format!("{leaf:?}"))),
                None => Ok(()),
            }
        };
        for c in &self.constraints {
            refuse(&c.label, "columns of the relation", &Program::compile(std::slice::from_ref(c)), &known)?;
        }
        for group in self.helpers.iter().flat_map(|h| &h.groups) {
            let parts = group.terms.iter().flat_map(|t| std::iter::once(&t.numerator).chain(&t.payload));
            refuse(&group.label, "columns of the relation", &Program::compile_exprs(parts), &known)?;
            let chosen = |l: Leaf| known(l) && matches!(l, Leaf::Fixed(_) | Leaf::Periodic(_));
            let selector = Program::compile_exprs(std::iter::once(&group.selector));
            refuse(&format!("selector of {}", group.label), "fixed and periodic columns", &selector, &chosen)?;
        }
        Ok(())
    }
}
