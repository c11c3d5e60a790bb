//! From the sums of buckets to a point: the weighted sum by repeated halving, then doublings.
//!
//! Bucket i (digit i + 1) of a window at bit s counts (i + 1) 2^s times. Folding the upper half of the buckets onto the lower
//! leaves the sum of the upper half as the coefficient of the index's top bit, and the lower half as the same problem
//! with one bit less; both are dense runs of affine additions, two per bucket in all, without the chain of a running sum.
//! The last eight of every vector go through the bucket forest, one bucket per bit. What it is not: the filling of buckets.

use ark_bn254::{Fq, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};

use super::buckets::{accumulate, Rows, Workspace};
use super::lines::{Line, INFINITY};
use super::scalars::Window;
use crate::field::Ifma;

/// Points that count 2^position times, collected over windows.
#[derive(Default)]
pub(super) struct Tails {
    lines: Vec<Line>,
    digits: Vec<i32>,
    positions: Vec<u32>,
}

impl Tails {
    /// Adds a vector of points of one position.
    fn push(&mut self, position: u32, points: impl IntoIterator<Item = Line>) {
        self.positions.push(position);
        for line in points {
            self.lines.push(line);
            self.digits.push(self.positions.len() as i32);
        }
    }

    /// Reduces the bucket sums of a window, which the workspace holds.
    pub(super) fn reduce(&mut self, l: Ifma, ws: &mut Workspace, window: Window) {
        let buckets = window.buckets();
        let mut rows = Rows::of_sums(l, ws, buckets);
        let blocks = buckets / 8;
        let mut length = blocks;
        // The vector of a bit begins where the upper half began and halves along with the rest.
        let mut vectors: Vec<usize> = vec![0];
        while length > 1 {
            let half = length / 2;
            for base in &vectors {
                for k in 0..half {
                    rows.add(base + k, base + half + k);
                }
            }
            rows.flush();
            vectors.push(half);
            length = half;
        }
        let levels = vectors.len() as u32 - 1;
        for (j, base) in vectors.iter().enumerate().skip(1) {
            self.push(window.start + 3 + levels - j as u32, rows.block(*base));
        }
        let last = rows.block(0);
        for bit in 0..3 {
            self.push(window.start + bit, (0..8).filter(|i| i >> bit & 1 == 1).map(|i| last[i]));
        }
        self.push(window.start, last);
    }

    /// Sums of the vectors with their positions.
    pub(super) fn sums(mut self, l: Ifma, ws: &mut Workspace) -> Vec<(u32, G1Affine)> {
        let origin: Vec<u32> = (0..self.lines.len() as u32).collect();
        self.lines.push(INFINITY);
        accumulate(l, ws, &self.lines, &origin, &self.digits, self.positions.len());
        let points = ws.sums.iter().map(point);
        self.positions.into_iter().zip(points).collect()
    }
}

/// arkworks' form of a line.
pub(super) fn point(line: &Line) -> G1Affine {
    let [x, y] = line.0;
    if x[3] >> 63 == 1 {
        return G1Affine::zero();
    }
    G1Affine::new_unchecked(element(x), element(y))
}

/// An element from words below 2.33 p in R = 2^260.
fn element(words: [u64; 4]) -> Fq {
    let mut value = BigInt(words);
    while value >= Fq::MODULUS {
        value.sub_with_borrow(&Fq::MODULUS);
    }
    // arkworks reads R = 2^256, sixteen times what is meant; 2^252 is the word form of a sixteenth.
    Fq::new_unchecked(value) * Fq::new_unchecked(BigInt([0, 0, 0, 1 << 60]))
}

/// Sum of 2^position times point, by doubling from the highest position down.
pub(super) fn horner(mut terms: Vec<(u32, G1Affine)>) -> G1Projective {
    terms.sort_unstable_by_key(|t| std::cmp::Reverse(t.0));
    let mut sum = G1Projective::ZERO;
    let mut at = terms.first().map_or(0, |t| t.0);
    for (position, point) in terms {
        while at > position {
            sum.double_in_place();
            at -= 1;
        }
        sum += point;
    }
    for _ in 0..at {
        sum.double_in_place();
    }
    sum
}
