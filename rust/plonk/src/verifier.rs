//! The verifier: parses strictly, rebuilds the challenges, checks the identity at zeta and one pairing (ePrint 2019/953, section 8.4).
//!
//! Which commitments may be the point at infinity, and why that is sound, is said at `Message::may_be_infinity`. Malformed and
//! false are different errors.

use std::collections::HashMap;

use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective};
use ark_ec::{pairing::Pairing, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, Field, One, PrimeField, Zero};

use crate::arithmetization::expr::{Challenge, Leaf};
use crate::arithmetization::relation::QUOTIENT_CHUNKS;
use crate::error::VerifyError;
use crate::keys::VerifyingKey;
use crate::prover::absorb_statement;
use crate::schema::Message;
use crate::transcript::{point_bytes, scalar_bytes, AnyTranscript, Transcript};

/// A proof taken apart by the schema.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Points by message.
    pub points: HashMap<Message, G1Affine>,
    /// Scalars by message.
    pub scalars: HashMap<Message, Fr>,
}

/// Reads 32 bytes as a canonical scalar.
///
/// # Errors
/// `Malformed` when the value is not below r.
pub fn read_scalar(what: &str, bytes: &[u8]) -> Result<Fr, VerifyError> {
    let x = Fr::from_be_bytes_mod_order(bytes);
    if bytes.len() != 32 || x.into_bigint().to_bytes_be() != bytes {
        return Err(VerifyError::malformed(what, "a 32-byte scalar below r", hex(bytes)));
    }
    Ok(x)
}

fn read_point(what: &str, bytes: &[u8], may_be_infinity: bool) -> Result<G1Affine, VerifyError> {
    let read = |b: &[u8]| {
        let x = Fq::from_be_bytes_mod_order(b);
        if x.into_bigint().to_bytes_be() == b {
            Ok(x)
        } else {
            Err(VerifyError::malformed(what, "coordinates below q", hex(b)))
        }
    };
    let (x, y) = (read(&bytes[..32])?, read(&bytes[32..])?);
    if x.is_zero() && y.is_zero() {
        return match may_be_infinity {
            true => Ok(G1Affine::identity()),
            false => Err(VerifyError::malformed(what, "a finite point", "infinity")),
        };
    }
    let p = G1Affine::new_unchecked(x, y);
    if !p.is_on_curve() {
        return Err(VerifyError::malformed(what, "a point on the curve", hex(bytes)));
    }
    Ok(p)
}

impl Proof {
    /// Parses proof bytes.
    ///
    /// # Errors
    /// `Malformed` naming the field.
    pub fn decode(vk: &VerifyingKey, bytes: &[u8]) -> Result<Self, VerifyError> {
        let expected = vk.schema.proof_bytes();
        if bytes.len() != expected {
            return Err(VerifyError::malformed("length", expected, bytes.len()));
        }
        let mut proof = Self::default();
        let mut at = 0;
        for m in vk.schema.messages() {
            let part = &bytes[at..at + m.bytes()];
            if m.is_scalar() {
                proof.scalars.insert(m, read_scalar(&m.name(), part)?);
            } else {
                proof.points.insert(m, read_point(&m.name(), part, m.may_be_infinity())?);
            }
            at += m.bytes();
        }
        Ok(proof)
    }
}

impl Proof {
    /// The bytes of a proof: the inverse of `decode`.
    #[must_use]
    pub fn encode(&self, vk: &VerifyingKey) -> Vec<u8> {
        let mut out = Vec::with_capacity(vk.schema.proof_bytes());
        for m in vk.schema.messages() {
            if m.is_scalar() {
                out.extend(scalar_bytes(&self.scalars.get(&m).copied().unwrap_or_default()));
            } else {
                out.extend(point_bytes(&self.points.get(&m).copied().unwrap_or_default()));
            }
        }
        out
    }
}

/// The challenges of a proof, in the order they are drawn.
#[derive(Clone, Debug, Default)]
pub struct Challenges {
    /// alpha, gamma, beta, delta.
    pub bus: HashMap<Challenge, Fr>,
    /// Combines identities.
    pub y: Fr,
    /// The evaluation point.
    pub zeta: Fr,
    /// Batches openings: the second coefficient at zeta, of which Keccak's others are powers.
    pub v: Fr,
    /// Coefficients of the claims at zeta, the quotient's last, and of those at zeta * omega.
    pub batch: [Vec<Fr>; 2],
    /// Joins both openings.
    pub u: Fr,
}

/// Replays the transcript.
#[must_use]
pub fn challenges(vk: &VerifyingKey, instance: &[Fr], proof: &Proof) -> Challenges {
    let mut t = vk.transcript.start();
    absorb_statement(&mut t, vk, instance);
    let mut out = Challenges::default();
    let absorb = |t: &mut AnyTranscript, round: usize| {
        for m in &vk.schema.rounds[round] {
            if let Some(p) = proof.points.get(m) {
                t.absorb_point(p);
            } else if let Some(s) = proof.scalars.get(m) {
                t.absorb_scalar(s);
            }
        }
    };
    absorb(&mut t, 0);
    for c in [Challenge::Alpha, Challenge::Gamma, Challenge::Beta, Challenge::Delta] {
        let value = t.challenge();
        out.bus.insert(c, value);
    }
    absorb(&mut t, 1);
    out.y = t.challenge();
    absorb(&mut t, 2);
    out.zeta = t.challenge();
    absorb(&mut t, 3);
    out.batch = t.batch(vk.schema.opened_cur.len() + 1, vk.schema.opened_next.len());
    out.v = out.batch[0].get(1).copied().unwrap_or_default();
    absorb(&mut t, 4);
    out.u = t.coefficient();
    out
}

/// Value at `x` of the Lagrange polynomial of row `row` of the subgroup of order `p` generated by `omega`.
fn lagrange_at(p: usize, omega: Fr, row: usize, x: Fr) -> Option<Fr> {
    let w = omega.pow([row as u64]);
    let den = (Fr::from(p as u64) * (x - w)).inverse()?;
    Some(w * (x.pow([p as u64]) - Fr::ONE) * den)
}

fn periodic_at(vk: &VerifyingKey, column: usize, zeta: Fr) -> Option<Fr> {
    let form = &vk.periodic[column];
    let step = [(vk.relation.n() / form.period()) as u64];
    form.evaluate(zeta.pow(step), vk.omega().pow(step))
}

/// Verifies a proof of `instance`.
///
/// # Errors
/// `Malformed` for bytes that are no proof, `Rejected` for a proof that does not hold.
pub fn verify(vk: &VerifyingKey, instance: &[Fr], bytes: &[u8]) -> Result<(), VerifyError> {
    let relation = &vk.relation;
    if instance.len() != relation.instance_len {
        return Err(VerifyError::malformed("public inputs", relation.instance_len, instance.len()));
    }
    let proof = Proof::decode(vk, bytes)?;
    let ch = challenges(vk, instance, &proof);
    let n = relation.n();
    let zeta_n = ch.zeta.pow([n as u64]);
    if zeta_n.is_one() {
        return Err(VerifyError::Rejected("zeta lies in the row domain".into()));
    }
    let in_domain = || VerifyError::Rejected("zeta lies in the row domain".into());
    let omega = vk.omega();
    let first_row = lagrange_at(n, omega, 0, ch.zeta).ok_or_else(in_domain)?;
    let mut instance_value = Fr::zero();
    for (row, x) in relation.instance_rows().into_iter().zip(instance) {
        instance_value += *x * lagrange_at(n, omega, row, ch.zeta).ok_or_else(in_domain)?;
    }
    let periodic = (0..relation.periodic.len())
        .map(|c| periodic_at(vk, c, ch.zeta).ok_or_else(in_domain))
        .collect::<Result<Vec<_>, _>>()?;
    let evaluation = |leaf: Leaf| proof.scalars.get(&Message::Evaluation(leaf)).copied().unwrap_or_default();
    let combined = vk.program.combine(ch.y, |leaf| match leaf {
        Leaf::Periodic(c) => periodic[c],
        Leaf::Instance => instance_value,
        Leaf::Challenge(c) => ch.bus.get(&c).copied().unwrap_or_default(),
        Leaf::Point => ch.zeta,
        Leaf::FirstRow => first_row,
        other => evaluation(other),
    });
    let vanishing = (zeta_n - Fr::ONE).inverse().ok_or_else(in_domain)?;
    let quotient = combined * vanishing;
    check_openings(vk, &proof, &ch, quotient, zeta_n)
}

/// One pairing for both points: e(W + u W', tau h) = e(zeta W + u zeta omega W' + F - E G, h).
fn check_openings(vk: &VerifyingKey, proof: &Proof, ch: &Challenges, quotient: Fr, zeta_n: Fr) -> Result<(), VerifyError> {
    let point = |m: Message| proof.points.get(&m).copied().unwrap_or_default();
    let commitment = |leaf: Leaf| match leaf {
        Leaf::Advice(c, _) => point(Message::Advice(c)),
        Leaf::Helper(k) => point(Message::Helper(k)),
        Leaf::RunningSum(_) => point(Message::RunningSum),
        Leaf::Product(_) => point(Message::Product),
        Leaf::Fixed(c) => vk.fixed[c],
        Leaf::Sigma(i) => vk.sigma[i],
        _ => G1Affine::identity(),
    };
    let value = |leaf: Leaf| proof.scalars.get(&Message::Evaluation(leaf)).copied().unwrap_or_default();
    let mut points = Vec::new();
    let mut scalars = Vec::new();
    let mut constant = Fr::zero();
    let [cur, next] = &ch.batch;
    for (leaf, coefficient) in vk.schema.opened_cur.iter().zip(cur) {
        points.push(commitment(*leaf));
        scalars.push(*coefficient);
        constant += *coefficient * value(*leaf);
    }
    let mut power = cur.last().copied().unwrap_or_default();
    constant += power * quotient;
    for j in 0..QUOTIENT_CHUNKS {
        points.push(point(Message::Quotient(j)));
        scalars.push(power);
        power *= zeta_n;
    }
    for (leaf, coefficient) in vk.schema.opened_next.iter().zip(next) {
        points.push(commitment(*leaf));
        scalars.push(ch.u * coefficient);
        constant += ch.u * coefficient * value(*leaf);
    }
    let (w, w_next) = (point(Message::OpeningCur), point(Message::OpeningNext));
    points.extend([w, w_next, <G1Affine as ark_ec::AffineRepr>::generator()]);
    scalars.extend([ch.zeta, ch.u * ch.zeta * vk.omega(), -constant]);
    let right = G1Projective::msm_unchecked(&points, &scalars).into_affine();
    let left = (w + w_next * ch.u).into_affine();
    let product = Bn254::multi_pairing([left, -right], [vk.g2[1], vk.g2[0]]);
    if product.is_zero() {
        Ok(())
    } else {
        Err(VerifyError::Rejected("the pairing does not hold".into()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
