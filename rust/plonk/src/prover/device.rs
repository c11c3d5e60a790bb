//! The heavy work of a proof on a GPU: commitments, interpolation, and the identities on cosets.
//!
//! The key's columns stay there from proof to proof. A column of the proof goes to the device once: it is committed and interpolated there, its coefficients stay for the cosets of round 3, and
//! a copy comes back for the openings. `no_device.rs` is the twin of builds without the feature.
//! What it is not: a decision; `Session::on_device` falls back to the processor when anything here fails.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ark_bn254::{Fr, G1Projective};
use ark_ff::Field;

use super::round3::on_own_row;
use super::{switch, Session};
use crate::arithmetization::expr::Leaf;
use crate::cuda::{Bases, Columns, Device, Identities, Source, Transform};
use crate::error::CudaError;
use crate::fft::Direction;
use crate::keys::ProvingKey;

/// Keys whose bases and columns stay on the device, at most.
const KEYS: usize = 4;
/// What the device holds of keys, by digest: it commits to the setup, the relation and the columns.
static HELD: LazyLock<Mutex<HashMap<[u8; 32], Arc<KeyColumns>>>> = LazyLock::new(Mutex::default);

/// Bases, and coefficients of fixed and permutation columns, of one key.
struct KeyColumns {
    lagrange: Bases,
    powers: Bases,
    /// One group, or none where the relation has no such column.
    polynomials: Vec<Columns>,
    leaves: Vec<Leaf>,
    /// Coefficients of periodic columns, those of one period in one group, and where each is.
    periodic: Vec<Columns>,
    periodic_index: Vec<(usize, usize)>,
}

impl KeyColumns {
    fn held(device: &'static Device, pk: &ProvingKey) -> Result<Arc<Self>, CudaError> {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = held.get(&pk.vk.digest) {
            return Ok(key.clone());
        }
        if held.len() == KEYS {
            held.clear();
        }
        let key = Arc::new(Self::new(device, pk)?);
        held.insert(pk.vk.digest, key.clone());
        Ok(key)
    }

    fn new(device: &'static Device, pk: &ProvingKey) -> Result<Self, CudaError> {
        let fixed = pk.fixed_polys.iter().enumerate().map(|(c, p)| (Leaf::Fixed(c), p));
        let sigma = pk.sigma_polys.iter().enumerate().map(|(i, p)| (Leaf::Sigma(i), p));
        let (leaves, columns): (Vec<Leaf>, Vec<&Vec<Fr>>) = fixed.chain(sigma).unzip();
        let mut periods: BTreeMap<usize, Vec<&Vec<Fr>>> = BTreeMap::new();
        for p in &pk.vk.relation.periodic {
            periods.entry(p.len()).or_default().push(p);
        }
        let mut next: Vec<usize> = vec![0; periods.len()];
        let place = |p: &Vec<Fr>| {
            let group = periods.keys().position(|period| *period == p.len()).unwrap_or_default();
            next[group] += 1;
            (group, next[group] - 1)
        };
        let periodic_index = pk.vk.relation.periodic.iter().map(place).collect();
        let interpolated = |(period, columns): (&usize, &Vec<&Vec<Fr>>)| {
            let inverse = Transform::cached(device, *period, Direction::Inverse, Fr::ONE)?;
            inverse.apply(&Columns::upload(device, columns)?)
        };
        Ok(Self {
            periodic: periods.iter().map(interpolated).collect::<Result<_, _>>()?,
            periodic_index,
            lagrange: Bases::new(device, &pk.lagrange)?,
            powers: Bases::new(device, &pk.powers)?,
            polynomials: if columns.is_empty() { Vec::new() } else { vec![Columns::upload(device, &columns)?] },
            leaves,
        })
    }
}

/// A device with a key, and the columns of one proof.
pub(super) struct ProverDevice {
    device: &'static Device,
    key: Arc<KeyColumns>,
    /// Coefficients of committed columns, in groups.
    polynomials: Vec<Columns>,
    /// Where each leaf's coefficients are: group and column, the key's group first.
    index: HashMap<Leaf, (usize, usize)>,
}

impl ProverDevice {
    /// The device, if one is wanted: or why there is none.
    pub(super) fn start(pk: &ProvingKey) -> Option<Result<Self, CudaError>> {
        switch::wants_device().then(|| {
            let device = Device::get()?;
            let key = KeyColumns::held(device, pk)?;
            let index = key.leaves.iter().enumerate().map(|(i, leaf)| (*leaf, (0, i))).collect();
            Ok(Self { device, key, polynomials: Vec::new(), index })
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
        let points = self.key.lagrange.msm(&values)?;
        let inverse = Transform::cached(self.device, values.n(), Direction::Inverse, Fr::ONE)?;
        let polynomials = inverse.apply(&values)?;
        let copies = polynomials.download()?;
        self.keep(leaves, polynomials);
        Ok((points, copies))
    }

    fn keep(&mut self, leaves: &[Leaf], polynomials: Columns) {
        let group = self.key.polynomials.len() + self.polynomials.len();
        self.index.extend(leaves.iter().enumerate().map(|(i, leaf)| (*leaf, (group, i))));
        self.polynomials.push(polynomials);
    }

    /// Commitments to polynomials given by coefficients.
    pub(super) fn commit_coefficients(&self, columns: &[&[Fr]]) -> Result<Vec<G1Projective>, CudaError> {
        self.key.powers.msm(&Columns::upload(self.device, columns)?)
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
        let polynomials: Vec<&Columns> = self.key.polynomials.iter().chain(&self.polynomials).chain(&more).collect();
        let mut out = Vec::with_capacity(cosets.len());
        for (shift, scale) in cosets {
            let extend = Transform::cached(self.device, n, Direction::Forward, *shift)?;
            let values: Vec<Columns> = polynomials.iter().map(|p| extend.apply(p)).collect::<Result<_, _>>()?;
            let points = Columns::powers(self.device, vk.omega(), *shift, n)?;
            let periodic = self.periodic(n, *shift)?;
            let source = |leaf: &Leaf| {
                let own = on_own_row(*leaf);
                let (columns, column) = match own {
                    Leaf::Periodic(c) => {
                        let (group, column) = self.key.periodic_index[c];
                        (&periodic[group], column)
                    }
                    own => match (self.index.get(&own), more_index.get(&own)) {
                        (Some((group, column)), _) => (&values[*group], *column),
                        (None, Some(column)) => (&values[values.len() - 1], *column),
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

    /// Polynomials that the identities read and that are neither the key's nor committed, in one group (or none), by leaf.
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
    fn periodic(&self, n: usize, shift: Fr) -> Result<Vec<Columns>, CudaError> {
        let extend = |coefficients: &Columns| {
            let period = coefficients.n();
            let shift = shift.pow([(n / period) as u64]);
            Transform::cached(self.device, period, Direction::Forward, shift)?.apply(coefficients)
        };
        self.key.periodic.iter().map(extend).collect()
    }
}
