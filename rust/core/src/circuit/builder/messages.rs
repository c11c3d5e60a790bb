//! Messages on the bus from generic rows: sent, received, provided, and the hashes that are asked for by message.
//!
//! A message of up to three elements takes one row, also with a number of 16 bits or a constant as fourth; a longer one two. Payload
//! cells that a tag does not use are tied to zero. What this is not: the other side of a message; what is sent and not received makes
//! the bus unbalanced.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::super::gates::arithmetic::{PAYLOAD, SHORT};
use super::super::gates::{poseidon2, Tag, WIRES};
use super::{Builder, CircuitError, Row, Var};

/// The fourth element of a short message; it takes no wire, so nothing else reads it.
#[derive(Clone, Copy, Debug)]
pub enum Fourth {
    /// A constant.
    Constant(Fr),
    /// The variable's value, shown to be the limit minus a 16-bit number.
    Below(Fr, Var),
    /// The variable's value, shown to be a 16-bit number.
    Small(Var),
}

impl Builder {
    /// A message with numerator `sign` times `numerator`.
    pub(super) fn message(&mut self, tag: Fr, payload: &[Var], sign: Fr, numerator: Var) -> usize {
        self.message_plus(tag, [Fr::ZERO; 2], payload, sign, numerator)
    }

    /// The same with constants added to the first two elements.
    fn message_plus(&mut self, tag: Fr, plus: [Fr; 2], payload: &[Var], sign: Fr, numerator: Var) -> usize {
        if payload.len() > PAYLOAD {
            self.fail(CircuitError::new("payload", format!("at most {PAYLOAD} elements"), payload.len()));
        }
        let zero = self.constant(Fr::ZERO);
        let at = |i: usize| Some(payload.get(i).copied().unwrap_or(zero));
        let [first, second] = plus;
        if payload.len() <= SHORT {
            let wires = [at(0), at(1), at(2), Some(numerator)];
            let q = [first, Fr::ZERO, second, Fr::ONE];
            return self.push(Row { wires, q, qk: tag, qs: sign, ..Row::default() });
        }
        let wires = [[at(0), at(1), at(2), at(3)], [at(4), at(5), at(6), Some(numerator)]];
        let q = [first, Fr::ZERO, second, Fr::ZERO];
        let row = self.push(Row { wires: wires[0], q, qk: tag, qs: sign, ..Row::default() });
        self.push(Row { wires: wires[1], ..Row::default() });
        row
    }

    /// A message of three cells and a fourth element that takes no wire.
    fn message_of_four(&mut self, tag: Tag, payload: [Var; SHORT], fourth: Fourth, sign: Fr, numerator: Var) -> usize {
        let [w0, w1, w2] = payload.map(Some);
        let (qm, scale, var) = match fourth {
            Fourth::Constant(value) => (value, Fr::ZERO, None),
            Fourth::Below(limit, var) => (limit, -Fr::ONE, Some(var)),
            Fourth::Small(var) => (Fr::ZERO, Fr::ONE, Some(var)),
        };
        let q = [Fr::ZERO, scale, Fr::ZERO, Fr::ONE];
        let wires = [w0, w1, w2, Some(numerator)];
        self.push(Row { wires, q, qm, qk: tag.fr(), qs: sign, fourth: var, ..Row::default() })
    }

    /// Sends three cells and a constant, with constants added to the first two.
    pub fn send_plus_four(&mut self, tag: Tag, plus: [Fr; 2], payload: [Var; SHORT], last: Fr, numerator: Var) {
        let row = self.message_of_four(tag, payload, Fourth::Constant(last), Fr::ONE, numerator);
        let q = &mut self.rows[row].q;
        (q[0], q[2]) = (plus[0], plus[1]);
    }

    /// Sends a message with a fourth element that takes no wire, in one row.
    pub fn send_four(&mut self, tag: Tag, payload: [Var; SHORT], fourth: Fourth, numerator: Var) {
        self.message_of_four(tag, payload, fourth, Fr::ONE, numerator);
    }

    /// Receives a message with a fourth element that takes no wire, in one row.
    pub fn receive_four(&mut self, tag: Tag, payload: [Var; SHORT], fourth: Fourth, numerator: Var) {
        self.message_of_four(tag, payload, fourth, -Fr::ONE, numerator);
    }

    /// Sends a message `numerator` times (a boolean, unless the caller knows better).
    pub fn send(&mut self, tag: Tag, payload: &[Var], numerator: Var) {
        self.message(tag.fr(), payload, Fr::ONE, numerator);
    }

    /// Receives a message `numerator` times.
    pub fn receive(&mut self, tag: Tag, payload: &[Var], numerator: Var) {
        self.message(tag.fr(), payload, -Fr::ONE, numerator);
    }

    /// Sends a message with constants added to its first two elements.
    pub fn send_plus(&mut self, tag: Tag, plus: [Fr; 2], payload: &[Var], numerator: Var) {
        self.message_plus(tag.fr(), plus, payload, Fr::ONE, numerator);
    }

    /// Receives a message with constants added to its first two elements.
    pub fn receive_plus(&mut self, tag: Tag, plus: [Fr; 2], payload: &[Var], numerator: Var) {
        self.message_plus(tag.fr(), plus, payload, -Fr::ONE, numerator);
    }

    /// States a fact that others may ask for as often as they like; the number is free and filled in at the end.
    pub fn provide(&mut self, tag: Tag, payload: &[Var]) {
        self.provide_plus(tag, [Fr::ZERO; 2], payload);
    }

    /// The same with constants added to the first two elements.
    pub fn provide_plus(&mut self, tag: Tag, plus: [Fr; 2], payload: &[Var]) {
        let count = self.witness(Fr::ZERO);
        let row = self.message_plus(tag.fr(), plus, payload, -Fr::ONE, count);
        self.providers.push((row, count));
    }

    /// The same of three elements and a constant.
    pub fn provide_four(&mut self, tag: Tag, payload: [Var; SHORT], last: Fr) {
        let count = self.witness(Fr::ZERO);
        let row = self.message_of_four(tag, payload, Fourth::Constant(last), -Fr::ONE, count);
        self.providers.push((row, count));
    }

    /// H_lane(x), the lane being 0 to 3: asks the Poseidon2 pool.
    pub fn hash(&mut self, lane: u8, x: [Var; 4]) -> Var {
        let one = self.constant(Fr::ONE);
        self.hash_when(one, lane, x)
    }

    /// H_lane(x) where the boolean flag is 1; bound by nothing where it is 0.
    pub fn hash_when(&mut self, flag: Var, lane: u8, x: [Var; 4]) -> Var {
        let lane = usize::from(lane);
        if lane > 3 {
            self.fail(CircuitError::new("lane", "0 to 3", lane));
        }
        let out = self.witness(poseidon2::hash(lane.min(3), &x.map(|v| self.value(v))));
        self.send(Tag::hash(lane), &[x[0], x[1], x[2], x[3], out], flag);
        out
    }

    /// Tag, payload and signed numerator of the message on a row.
    pub(super) fn message_at(&self, row: usize) -> Option<(Fr, [Fr; PAYLOAD], Fr)> {
        let first = self.rows.get(row)?;
        if first.qs == Fr::ZERO {
            return None;
        }
        let value = |v: &Option<Var>| v.map_or(Fr::ZERO, |v| self.value(v));
        if first.q[SHORT] == Fr::ONE {
            let mut payload = [Fr::ZERO; PAYLOAD];
            for (x, wire) in payload.iter_mut().zip(&first.wires[..SHORT]) {
                *x = value(wire);
            }
            payload[0] += first.q[0];
            payload[1] += first.q[2];
            payload[SHORT] = first.qm + first.q[1] * Fr::from(self.limbs(first)[0]);
            return Some((first.qk, payload, first.qs * value(&first.wires[SHORT])));
        }
        let second = self.rows.get(row + 1)?;
        let wire = |i: usize| value(if i < WIRES { &first.wires[i] } else { &second.wires[i - WIRES] });
        let mut payload: [Fr; PAYLOAD] = core::array::from_fn(wire);
        payload[0] += first.q[0];
        payload[1] += first.q[2];
        Some((first.qk, payload, first.qs * wire(PAYLOAD)))
    }
}
