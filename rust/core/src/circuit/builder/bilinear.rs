//! Bilinear equations over any number of variables: x y + rest = 0 with one cell x and sums y, rest.
//!
//! One row holds x and three more variables; what does not fit is summed first. What this is not: ranges or messages.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::super::gates::WIRES;
use super::linear::collect;
use super::{Builder, Row, Var};

/// Scaled cells and a constant.
pub type Sum<'a> = (&'a [(Fr, Var)], Fr);

impl Builder {
    /// Asserts x (sum of y) + (sum of rest) = 0.
    pub fn assert_bilinear(&mut self, x: Var, y: Sum<'_>, rest: Sum<'_>) {
        const OTHERS: usize = WIRES - 1;
        let mut factor = collect(y.0);
        let mut linear = collect(rest.0);
        // terms in x outside the product are a constant of the factor
        let own = linear.iter().filter(|(_, v)| *v == x).map(|(c, _)| *c).sum::<Fr>();
        linear.retain(|(_, v)| *v != x);
        let shared = |linear: &[(Fr, Var)], factor: &[(Fr, Var)]| {
            linear.iter().filter(|(_, v)| factor.iter().any(|(_, w)| w == v)).count()
        };
        if factor.len() + linear.len() - shared(&linear, &factor) > OTHERS && factor.len() > 1 {
            // the sum that saves most: of what only the rest has, unless the factor alone is too long
            let outside = linear.len() - shared(&linear, &factor);
            if factor.len() > OTHERS || (outside > 0 && factor.len() == OTHERS) {
                factor = self.shorten(&factor, 1);
            }
        }
        let room = OTHERS - factor.len();
        let (both, outside): (Vec<_>, Vec<_>) =
            linear.into_iter().partition(|(_, v)| factor.iter().any(|(_, w)| w == v));
        let outside = self.shorten(&outside, room);
        let mut row = Row { q: [y.1 + own, Fr::ZERO, Fr::ZERO, Fr::ZERO], qk: rest.1, ..Row::default() };
        let mut out = [Fr::ZERO; OTHERS];
        row.wires[0] = Some(x);
        let coefficient = |v: &Var| both.iter().find(|(_, w)| w == v).map_or(Fr::ZERO, |(c, _)| *c);
        let inside = factor.iter().map(|(c, v)| (*c, coefficient(v), *v));
        let others = outside.iter().map(|(c, v)| (Fr::zero(), *c, *v));
        for (i, (q, c, v)) in inside.chain(others).enumerate() {
            row.q[i + 1] = q;
            out[i] = c;
            row.wires[i + 1] = Some(v);
        }
        row.outside = Some(out);
        self.push(row);
    }
}
