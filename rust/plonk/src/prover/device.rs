//! The heavy work of a proof on a GPU: commitments, interpolation, and the identities on cosets.
//!
//! A column goes to the device once: it is committed and interpolated there, its coefficients stay for the cosets of round 3, and
//! a copy comes back for the openings. `no_device.rs` is the twin of builds without the feature.
//! What it is not: a decision; `Session::on_device` falls back to the processor when anything here fails.

use std::collections::HashMap;

use ark_bn254::{Fr, G1Projective};
use ark_ff::Field;

use super::round3::on_own_row;
use super::{switch, Session};
use crate::arithmetization::expr::Leaf;
use crate::cuda::{Bases, Columns, Device, Identities, Source, Transform};
use crate::error::CudaError;
use crate::fft::Direction;
use crate::keys::ProvingKey;

/// A device with the bases of a key, and the columns of one proof.
pub(super) struct ProverDevice {
    device: &'static Device,
    lagrange: Bases,
    powers: Bases,
    /// Coefficients of committed columns, and where each leaf's are.
    polynomials: Vec<Columns>,
    index: HashMap<Leaf, (usize, usize)>,
}

impl ProverDevice {
    /// The device, if one is wanted: or why there is none.
    pub(super) fn start(pk: &ProvingKey) -> Option<Result<Self, CudaError>> {
        switch::wants_device().then(|| {
            let device = Device::get()?;
            let (lagrange, powers) = (Bases::new(device, &pk.lagrange)?, Bases::new(device, &pk.powers)?);
            Ok(Self { device, lagrange, powers, polynomials: Vec::new(), index: HashMap::new() })
        })
    }

    pub(super) fn name(&self) -> &str {
        self.device.name()
    }

    /// Commitments to columns of values, and their coefficients, which stay on the device as those of the leaves.
    pub(super) fn commit_values(
        &mut self,
        leaves: &[Leaf],
        columns: &[&[Fr]],
    ) -> Result<(Vec<G1Projective>, Vec<Vec<Fr>>), CudaError> {
        if columns.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let values = Columns::upload(self.device, columns)?;
        let points = self.lagrange.msm(&values)?;
        let inverse = Transform::cached(self.device, values.n(), Direction::Inverse, Fr::ONE)?;
        let polynomials = inverse.apply(&values)?;
        let copies = polynomials.download()?;
        self.keep(leaves, polynomials);
        Ok((points, copies))
    }

    fn keep(&mut self, leaves: &[Leaf], polynomials: Columns) {
        let group = self.polynomials.len();
        self.index.extend(leaves.iter().enumerate().map(|(i, leaf)| (*leaf, (group, i))));
        self.polynomials.push(polynomials);
    }

    /// Commitments to polynomials given by coefficients.
    pub(super) fn commit_coefficients(&self, columns: &[&[Fr]]) -> Result<Vec<G1Projective>, CudaError> {
        self.powers.msm(&Columns::upload(self.device, columns)?)
    }

    /// For each coset, by shift and scale: the interpolation of scale times the folded identities. Columns that are not here yet
    /// come from the session and from `passing`.
    pub(super) fn coset_quotients(
        &self,
        session: &Session<'_>,
        passing: &[(Leaf, Vec<Fr>)],
        y: Fr,
        cosets: &[(Fr, Fr)],
    ) -> Result<Vec<Vec<Fr>>, CudaError> {
        let vk = &session.pk.vk;
        let n = vk.relation.n();
        let mut identities = Identities::new(self.device, &vk.program, |c| session.challenge(c), y);
        let (more, more_index) = self.missing(session, passing, identities.leaves())?;
        let polynomials: Vec<&Columns> = self.polynomials.iter().chain(&more).collect();
        let mut out = Vec::with_capacity(cosets.len());
        for (shift, scale) in cosets {
            let extend = Transform::cached(self.device, n, Direction::Forward, *shift)?;
            let values: Vec<Columns> = polynomials.iter().map(|p| extend.apply(p)).collect::<Result<_, _>>()?;
            let points: Vec<Fr> = session.points_of_rows.iter().map(|x| *x * shift).collect();
            let points = Columns::upload(self.device, &[points])?;
            let periodic = self.periodic(session, *shift)?;
            let source = |leaf: &Leaf| {
                let own = on_own_row(*leaf);
                let (columns, column) = match own {
                    Leaf::Periodic(c) => (&periodic[c], 0),
                    own => match (self.index.get(&own), more_index.get(&own)) {
                        (Some((group, column)), _) => (&values[*group], *column),
                        (None, Some(column)) => (&values[self.polynomials.len()], *column),
                        (None, None) => (&points, 0),
                    },
                };
                Source { columns, column, next: own != *leaf }
            };
            let sources: Vec<Source<'_>> = identities.leaves().iter().map(source).collect();
            let evaluations = identities.fold(&sources, n, *scale)?;
            let interpolate = Transform::cached(self.device, n, Direction::Inverse, *shift)?;
            out.extend(interpolate.apply(&evaluations)?.download()?);
        }
        Ok(out)
    }

    /// Polynomials that the identities read and that were not committed in this proof, in one group (or none), by leaf.
    fn missing(
        &self,
        session: &Session<'_>,
        passing: &[(Leaf, Vec<Fr>)],
        leaves: &[Leaf],
    ) -> Result<(Vec<Columns>, HashMap<Leaf, usize>), CudaError> {
        let (mut index, mut columns): (HashMap<Leaf, usize>, Vec<&[Fr]>) = Default::default();
        for leaf in leaves.iter().map(|leaf| on_own_row(*leaf)) {
            if self.index.contains_key(&leaf) || index.contains_key(&leaf) {
                continue;
            }
            let passing = passing.iter().find(|(l, _)| *l == leaf).map(|(_, p)| p.as_slice());
            if let Some(polynomial) = passing.or_else(|| session.polynomial(leaf)) {
                index.insert(leaf, columns.len());
                columns.push(polynomial);
            }
        }
        let groups = if columns.is_empty() { Vec::new() } else { vec![Columns::upload(self.device, &columns)?] };
        Ok((groups, index))
    }

    /// Periodic columns on a coset: one of period p is a polynomial in X^(n/p), and has period p there too.
    fn periodic(&self, session: &Session<'_>, shift: Fr) -> Result<Vec<Columns>, CudaError> {
        let relation = &session.pk.vk.relation;
        let extend = |values: &Vec<Fr>| {
            let p = values.len();
            let interpolate = Transform::cached(self.device, p, Direction::Inverse, Fr::ONE)?;
            let small = shift.pow([(relation.n() / p) as u64]);
            let extend = Transform::cached(self.device, p, Direction::Forward, small)?;
            extend.apply(&interpolate.apply(&Columns::upload(self.device, &[values])?)?)
        };
        relation.periodic.iter().map(extend).collect()
    }
}
