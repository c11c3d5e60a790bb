//! Round 3: the quotient of all identities, combined by powers of y, by X^n - 1.
//!
//! A combination of degree < 6n has a quotient of degree < 5n, so five cosets of size n determine it. On the coset g_k H,
//! X^n = c_k = g_k^n is constant; with t = sum_j X^(jn) t_j the coset values are those of sum_j c_k^j t_j, so one inverse FFT a coset
//! and a 5 x 5 Vandermonde system a coefficient give the pieces t_j.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{FftField, Field, Zero};

use super::linear::combine;
use super::Session;
use crate::arithmetization::evaluate::{Evaluator, Source};
use crate::arithmetization::expr::{Leaf, Rotation};
use crate::arithmetization::relation::QUOTIENT_CHUNKS;
use crate::error::PlonkError;
use crate::fft::{Direction, Transform};
use crate::schema::Message;
use crate::transcript::Transcript;

/// Column values of one coset; the memory serves one coset after the other.
struct CosetColumns<'a> {
    /// Polynomials of leaves that read their own row.
    polynomials: Vec<&'a [Fr]>,
    /// Their values.
    values: Vec<Vec<Fr>>,
    /// Where a leaf's values are.
    index: HashMap<Leaf, usize>,
    /// Values of the key's columns on this coset, fixed ones first, if the key keeps them.
    kept: Option<(&'a [Vec<Fr>], usize)>,
    /// X, and the periodic columns.
    points: Vec<Fr>,
    periodic: Vec<Vec<Fr>>,
}

impl CosetColumns<'_> {
    fn own(&self, leaf: Leaf) -> Option<&Vec<Fr>> {
        let kept = self.kept.and_then(|(columns, fixed)| columns.get(of_key(leaf, fixed)?));
        kept.or_else(|| self.index.get(&leaf).map(|i| &self.values[*i]))
    }

    fn source(&self, leaf: Leaf) -> Source<'_> {
        let own = on_own_row(leaf);
        let values = match own {
            Leaf::Point => &self.points,
            Leaf::Periodic(c) => &self.periodic[c],
            own => self.own(own).unwrap_or(&self.points),
        };
        Source { values, next: own != leaf }
    }
}

/// A column that belongs to the key: its place among the fixed columns and, after these, the permutation columns.
const fn of_key(leaf: Leaf, fixed: usize) -> Option<usize> {
    match leaf {
        Leaf::Fixed(c) => Some(c),
        Leaf::Sigma(i) => Some(fixed + i),
        _ => None,
    }
}

/// The leaf that reads the same column on the row itself.
pub(super) fn on_own_row(leaf: Leaf) -> Leaf {
    match leaf {
        Leaf::Advice(c, _) => Leaf::Advice(c, Rotation::Cur),
        Leaf::RunningSum(_) => Leaf::RunningSum(Rotation::Cur),
        Leaf::Product(_) => Leaf::Product(Rotation::Cur),
        other => other,
    }
}

impl Session<'_> {
    /// Coefficients of the polynomials that are made for the quotient alone: public inputs and first row.
    fn passing_polynomials(&self) -> [(Leaf, Vec<Fr>); 2] {
        let mut first = vec![Fr::zero(); self.pk.vk.relation.n()];
        first[0] = Fr::ONE;
        [(Leaf::Instance, self.inverse.apply(&self.instance)), (Leaf::FirstRow, self.inverse.apply(&first))]
    }

    /// The columns that the identities read, not evaluated yet.
    fn coset_columns<'a>(&'a self, passing: &'a [(Leaf, Vec<Fr>)], kept: bool) -> CosetColumns<'a> {
        let mut leaves: Vec<Leaf> = self.pk.vk.program.leaves().into_iter().map(on_own_row).collect();
        leaves.sort_unstable();
        leaves.dedup();
        leaves.retain(|leaf| !kept || of_key(*leaf, 0).is_none());
        let polynomial = |leaf: &Leaf| {
            let passing = passing.iter().find(|(l, _)| l == leaf).map(|(_, p)| p.as_slice());
            passing.or_else(|| self.polynomial(*leaf))
        };
        let (leaves, polynomials): (Vec<Leaf>, Vec<&[Fr]>) =
            leaves.into_iter().filter_map(|leaf| polynomial(&leaf).map(|p| (leaf, p))).unzip();
        let index = leaves.iter().enumerate().map(|(i, leaf)| (*leaf, i)).collect();
        CosetColumns { polynomials, values: Vec::new(), index, kept: None, points: Vec::new(), periodic: Vec::new() }
    }

    /// The key's columns on every coset, if the key keeps them.
    fn kept_columns(&self, cosets: &[(Fr, Fr)]) -> Result<Option<&[Vec<Vec<Fr>>]>, PlonkError> {
        let n = self.pk.vk.relation.n();
        let columns: Vec<&[Fr]> = self.pk.fixed_polys.iter().chain(&self.pk.sigma_polys).map(Vec::as_slice).collect();
        self.pk.cosets.get(&columns, cosets.len(), |k, columns| {
            self.progress.poll()?;
            let mut values = Vec::new();
            Transform::cached_coset(n, Direction::Forward, cosets[k].0)?.apply_all_to(columns, &mut values);
            Ok(values)
        })
    }

    /// Evaluates the columns on the coset of `shift`.
    fn fill(&self, columns: &mut CosetColumns<'_>, shift: Fr) -> Result<(), PlonkError> {
        let (relation, n) = (&self.pk.vk.relation, self.pk.vk.relation.n());
        Transform::cached_coset(n, Direction::Forward, shift)?.apply_all_to(&columns.polynomials, &mut columns.values);
        columns.points = combine(&[&self.points_of_rows], &[shift], n);
        columns.periodic.clear();
        // A periodic column of period p is a polynomial in X^(n/p): on the coset it has period p too.
        for p in &relation.periodic {
            let coefficients = Transform::cached(p.len(), Direction::Inverse)?.apply(p);
            let small = Transform::new(p.len(), Direction::Forward, shift.pow([(n / p.len()) as u64]))?;
            columns.periodic.push(small.apply(&coefficients));
        }
        Ok(())
    }

    /// For each coset, by shift and scale: the interpolation of scale times the identities folded by y.
    fn coset_quotients(
        &mut self,
        passing: &[(Leaf, Vec<Fr>)],
        y: Fr,
        cosets: &[(Fr, Fr)],
    ) -> Result<Vec<Vec<Fr>>, PlonkError> {
        // The device reads the session, so it is taken out of it for the time.
        if let Some(device) = self.device.take() {
            let values = device.coset_quotients(self, passing, y, cosets);
            self.device = Some(device);
            if let Some(values) = self.on_device(|_| values) {
                self.progress.ended("identities");
                return Ok(values);
            }
        }
        let n = self.pk.vk.relation.n();
        let evaluator = Evaluator::new(&self.pk.vk.program, |c| self.challenge(c));
        let kept = self.kept_columns(cosets)?;
        let mut columns = self.coset_columns(passing, kept.is_some());
        let mut values = Vec::new();
        for (k, (shift, scale)) in cosets.iter().enumerate() {
            self.progress.poll()?;
            columns.kept = kept.map(|by_coset| (by_coset[k].as_slice(), self.pk.fixed_polys.len()));
            self.fill(&mut columns, *shift)?;
            self.progress.ended("coset evaluation");
            let evaluations = evaluator.fold(|leaf| columns.source(leaf), n, y, *scale);
            self.progress.ended("identities");
            values.push(Transform::cached_coset(n, Direction::Inverse, *shift)?.apply(&evaluations));
        }
        Ok(values)
    }

    pub(super) fn round3(&mut self) -> Result<(), PlonkError> {
        let y = self.transcript.challenge();
        let n = self.pk.vk.relation.n();
        let passing = self.passing_polynomials();
        // c_k = (5 w^k)^n with w of order 8n: five different n-th powers, none of them 1.
        let w = Fr::get_root_of_unity(8 * n as u64).ok_or_else(|| PlonkError::shape("rows", "at most 2^25", n))?;
        let (mut cosets, mut c) = (Vec::new(), Vec::new());
        for k in 0..QUOTIENT_CHUNKS {
            let shift = Fr::from(5u64) * w.pow([k as u64]);
            let ck = shift.pow([n as u64]);
            let vanishing =
                (ck - Fr::ONE).inverse().ok_or_else(|| PlonkError::ZeroDenominator("vanishing polynomial".into()))?;
            cosets.push((shift, vanishing));
            c.push(ck);
        }
        let values = self.coset_quotients(&passing, y, &cosets)?;
        let inverse = vandermonde_inverse(&c)?;
        let values: Vec<&[Fr]> = values.iter().map(Vec::as_slice).collect();
        let quotient: Vec<Vec<Fr>> = inverse.iter().map(|row| combine(&values, row, n)).collect();
        self.progress.ended("quotient pieces");
        let columns: Vec<(Message, &[Fr])> =
            quotient.iter().enumerate().map(|(j, q)| (Message::Quotient(j), q.as_slice())).collect();
        self.commit_coefficients(&columns)?;
        self.quotient = quotient;
        Ok(())
    }
}

/// Inverse of V[k][j] = c_k^j by Gauss-Jordan elimination.
fn vandermonde_inverse(c: &[Fr]) -> Result<Vec<Vec<Fr>>, PlonkError> {
    let m = c.len();
    let mut a: Vec<Vec<Fr>> = c
        .iter()
        .enumerate()
        .map(|(k, ck)| {
            let mut row: Vec<Fr> = (0..m).map(|j| ck.pow([j as u64])).collect();
            row.extend((0..m).map(|j| Fr::from(u64::from(j == k))));
            row
        })
        .collect();
    for col in 0..m {
        let pivot = (col..m)
            .find(|r| !a[*r][col].is_zero())
            .ok_or_else(|| PlonkError::ZeroDenominator("Vandermonde matrix".into()))?;
        a.swap(col, pivot);
        let inv = a[col][col].inverse().ok_or_else(|| PlonkError::ZeroDenominator("Vandermonde matrix".into()))?;
        for x in &mut a[col] {
            *x *= inv;
        }
        let pivot_row = a[col].clone();
        for (r, row) in a.iter_mut().enumerate() {
            if r != col {
                let f = row[col];
                for (x, p) in row.iter_mut().zip(&pivot_row) {
                    *x -= f * p;
                }
            }
        }
    }
    Ok(a.into_iter().map(|row| row[m..].to_vec()).collect())
}
