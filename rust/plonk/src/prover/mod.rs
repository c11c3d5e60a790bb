//! The prover, round by round (ePrint 2019/953, section 8.3, with the logUp bus of ePrint 2022/1530 in round 2).
//!
//! 1 witness commitments; 2 bus helpers, running sum and permutation product; 3 quotient; 4 evaluations; 5 openings.
//! What it is not: zero-knowledge. Nothing is blinded.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};

use crate::arithmetization::check::Checker;
use crate::arithmetization::expr::{Challenge, Leaf};
use crate::arithmetization::trace::Witness;
use crate::error::{CudaError, PlonkError};
use crate::fft::{Direction, Transform};
use crate::keys::{ProvingKey, VerifyingKey};
use crate::msm::Bases;
use crate::schema::Message;
use crate::transcript::{point_bytes, scalar_bytes, AnyTranscript, Transcript};
use crate::verifier::verify;

#[cfg_attr(not(feature = "cuda"), path = "no_device.rs")]
mod device;
mod linear;
mod round1;
mod round2;
mod round3;
mod round4;
mod round5;
mod switch;

use device::ProverDevice;

/// Takes the name of the device that computes, or why none does.
pub type DeviceHook<'a> = dyn Fn(Result<&str, &CudaError>) + Sync + 'a;

/// How the prover reports and is stopped.
#[derive(Clone, Copy, Default)]
pub struct Progress<'a> {
    /// Called with the round just begun (1 to 5).
    pub report: Option<&'a (dyn Fn(usize) + Sync)>,
    /// Set to stop at the next step.
    pub cancel: Option<&'a AtomicBool>,
    /// Return the proof as it is: of a witness that violates a clause the verifier will refuse it.
    pub skip_check: bool,
    /// Called with the name of each phase when it ends: for profiles. A phase may end several times.
    pub phase: Option<&'a (dyn Fn(&'static str) + Sync)>,
    /// Where `L2ROLLUP_CUDA=1` asks for a GPU: called with its name when it computes, or with why the processor does instead.
    pub device: Option<&'a DeviceHook<'a>>,
}

impl Progress<'_> {
    fn step(&self, round: usize) -> Result<(), PlonkError> {
        if let Some(report) = self.report {
            report(round);
        }
        self.poll()
    }
    fn ended(&self, phase: &'static str) {
        if let Some(hook) = self.phase {
            hook(phase);
        }
    }
    fn computes(&self, device: Result<&str, &CudaError>) {
        if let Some(hook) = self.device {
            hook(device);
        }
    }
    fn poll(&self) -> Result<(), PlonkError> {
        match self.cancel {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(PlonkError::Cancelled),
            _ => Ok(()),
        }
    }
}

/// Everything the rounds build up.
pub(crate) struct Session<'a> {
    pk: &'a ProvingKey,
    witness: &'a Witness,
    progress: Progress<'a>,
    /// Values on the rows to coefficients.
    inverse: Arc<Transform>,
    /// The public inputs as a column.
    instance: Vec<Fr>,
    /// X on every row.
    points_of_rows: Vec<Fr>,
    transcript: AnyTranscript,
    challenges: HashMap<Challenge, Fr>,
    /// Coefficients of every committed witness-dependent polynomial.
    advice_polys: Vec<Vec<Fr>>,
    helper_polys: Vec<Vec<Fr>>,
    sum_poly: Vec<Fr>,
    product_poly: Vec<Fr>,
    quotient: Vec<Vec<Fr>>,
    points: HashMap<Message, G1Affine>,
    scalars: HashMap<Message, Fr>,
    /// The GPU, where one is wanted, found and working.
    device: Option<ProverDevice>,
}

impl Session<'_> {
    /// What the device computes; `None` where there is none or it fails, and then the processor does the rest of the proof.
    fn on_device<T>(&mut self, work: impl FnOnce(&mut ProverDevice) -> Result<T, CudaError>) -> Option<T> {
        match work(self.device.as_mut()?) {
            Ok(result) => Some(result),
            Err(error) => {
                self.progress.computes(Err(&error));
                self.device = None;
                None
            }
        }
    }

    /// Commits to columns of values (Lagrange basis) in schema order; gives their coefficients.
    fn commit_values(&mut self, columns: &[(Message, Leaf, &[Fr])]) -> Result<Vec<Vec<Fr>>, PlonkError> {
        let pk = self.pk;
        let values: Vec<&[Fr]> = columns.iter().map(|(_, _, values)| *values).collect();
        let leaves: Vec<Leaf> = columns.iter().map(|(_, leaf, _)| *leaf).collect();
        let messages: Vec<Message> = columns.iter().map(|(message, _, _)| *message).collect();
        self.progress.poll()?;
        if let Some((points, coefficients)) = self.on_device(|d| d.commit_values(&leaves, &values)) {
            self.absorb_points(&messages, &points)?;
            return Ok(coefficients);
        }
        let points = self.multiply(&pk.lagrange, &values)?;
        self.absorb_points(&messages, &points)?;
        let coefficients = self.inverse.apply_all(&values);
        self.progress.ended("interpolation");
        Ok(coefficients)
    }

    /// Commits to polynomials given by coefficients, in schema order.
    fn commit_coefficients(&mut self, columns: &[(Message, &[Fr])]) -> Result<(), PlonkError> {
        let pk = self.pk;
        let values: Vec<&[Fr]> = columns.iter().map(|(_, values)| *values).collect();
        let messages: Vec<Message> = columns.iter().map(|(message, _)| *message).collect();
        self.progress.poll()?;
        let points = match self.on_device(|d| d.commit_coefficients(&values)) {
            Some(points) => points,
            None => self.multiply(&pk.powers, &values)?,
        };
        self.absorb_points(&messages, &points)
    }

    /// Sums of bases on the processor. Groups of columns keep every thread busy and leave places to stop at.
    fn multiply(&self, bases: &[G1Affine], columns: &[&[Fr]]) -> Result<Vec<G1Projective>, PlonkError> {
        let mut points = Vec::with_capacity(columns.len());
        let bases = Bases::new(bases);
        for group in columns.chunks(8 * rayon::current_num_threads()) {
            self.progress.poll()?;
            points.extend(bases.msm_columns(group));
        }
        Ok(points)
    }

    /// Remembers commitments and absorbs them.
    fn absorb_points(&mut self, messages: &[Message], points: &[G1Projective]) -> Result<(), PlonkError> {
        for (message, point) in messages.iter().zip(G1Projective::normalize_batch(points)) {
            if point.is_zero() && !message.may_be_infinity() {
                return Err(PlonkError::relation(&message.name(), "a trace that is not constant", "infinity"));
            }
            self.transcript.absorb_point(&point);
            self.points.insert(*message, point);
        }
        self.progress.ended("commitments");
        Ok(())
    }

    fn challenge(&self, c: Challenge) -> Fr {
        self.challenges.get(&c).copied().unwrap_or_default()
    }

    /// Coefficients of the polynomial a leaf reads.
    fn polynomial(&self, leaf: Leaf) -> Option<&[Fr]> {
        Some(match leaf {
            Leaf::Advice(c, _) => &self.advice_polys[c],
            Leaf::Helper(k) => &self.helper_polys[k],
            Leaf::RunningSum(_) => &self.sum_poly,
            Leaf::Product(_) => &self.product_poly,
            Leaf::Fixed(c) => &self.pk.fixed_polys[c],
            Leaf::Sigma(i) => &self.pk.sigma_polys[i],
            _ => return None,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.pk.vk.schema.proof_bytes());
        for m in self.pk.vk.schema.messages() {
            if let Some(p) = self.points.get(&m) {
                out.extend(point_bytes(p));
            } else if let Some(s) = self.scalars.get(&m) {
                out.extend(scalar_bytes(s));
            }
        }
        out
    }
}

/// Absorbs what is fixed before the first message: key digest, number of public inputs, the inputs.
pub(crate) fn absorb_statement(t: &mut impl Transcript, vk: &VerifyingKey, instance: &[Fr]) {
    t.absorb_bytes(&vk.digest);
    t.absorb_scalar(&Fr::from(instance.len() as u64));
    for x in instance {
        t.absorb_scalar(x);
    }
}

/// omega^row on every row.
fn rows_of(vk: &VerifyingKey) -> Vec<Fr> {
    let omega = vk.omega();
    std::iter::successors(Some(Fr::from(1u64)), |x| Some(*x * omega)).take(vk.relation.n()).collect()
}

/// Proves. Unless `progress.skip_check` the proof is verified, which costs a fraction of checking the witness; only where it does not
/// hold, or there is none, the witness is checked, to say why.
///
/// # Errors
/// `Shape` for a witness of other dimensions, `Unsatisfied` naming the first violated clause, `ZeroDenominator`, `Cancelled`.
pub fn prove(pk: &ProvingKey, witness: &Witness, progress: Progress<'_>) -> Result<Vec<u8>, PlonkError> {
    let relation = &pk.vk.relation;
    let n = relation.n();
    if witness.advice.len() != relation.witness_columns() || witness.advice.iter().any(|c| c.len() != n) {
        let expected = format!("{} columns of {n}", relation.witness_columns());
        return Err(PlonkError::shape("witness", expected, format!("{} columns", witness.advice.len())));
    }
    if witness.instance.len() != relation.instance_len {
        return Err(PlonkError::shape("public inputs", relation.instance_len, witness.instance.len()));
    }
    let made = run(pk, witness, progress);
    if progress.skip_check || matches!(made, Err(PlonkError::Cancelled)) {
        return made;
    }
    let rejected = match &made {
        Ok(proof) => match verify(&pk.vk, &witness.instance, proof) {
            Ok(()) => {
                progress.ended("verification");
                return made;
            }
            Err(error) => PlonkError::Unsatisfied { label: "proof".into(), detail: error.to_string() },
        },
        Err(error) => error.clone(),
    };
    let violation = Checker::new(relation).check(&pk.trace, witness, 1).into_iter().next();
    Err(violation.map_or(rejected, |v| PlonkError::Unsatisfied {
        label: v.label,
        detail: format!("row {}: {}", v.row, v.values),
    }))
}

/// The five rounds, over a witness of the right dimensions.
fn run(pk: &ProvingKey, witness: &Witness, progress: Progress<'_>) -> Result<Vec<u8>, PlonkError> {
    let relation = &pk.vk.relation;
    let n = relation.n();
    let device = ProverDevice::start(pk).and_then(|device| {
        progress.computes(device.as_ref().map(ProverDevice::name));
        device.ok()
    });
    let mut s = Session {
        pk,
        witness,
        progress,
        inverse: Transform::cached(n, Direction::Inverse)?,
        instance: witness.instance_column(relation),
        points_of_rows: rows_of(&pk.vk),
        transcript: pk.vk.transcript.start(),
        challenges: HashMap::new(),
        advice_polys: Vec::new(),
        helper_polys: Vec::new(),
        sum_poly: Vec::new(),
        product_poly: Vec::new(),
        quotient: Vec::new(),
        points: HashMap::new(),
        scalars: HashMap::new(),
        device,
    };
    absorb_statement(&mut s.transcript, &pk.vk, &witness.instance);
    progress.step(1)?;
    s.round1()?;
    progress.step(2)?;
    s.round2()?;
    progress.step(3)?;
    s.round3()?;
    progress.step(4)?;
    let zeta = s.round4()?;
    progress.step(5)?;
    s.round5(zeta)?;
    Ok(s.encode())
}
