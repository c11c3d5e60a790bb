//! The EdDSA block: S B8 + h Q with Q = -8A, by a joint ladder over windows of two bits; 132 rows a slot, columns 14..24.
//!
//! | row | R0, R1 | R2, R3 | R4, R5 | R6, R7 | R8 | R9 |
//! |---|---|---|---|---|---|---|
//! | 0..126 (window) | p | S and h so far | d = 2 p | q = 2 d | s.x | s.y |
//! | 126 (result) | R8 | S, h | 1 / R8.x, unused | unused | unused | unused |
//! | 127 (key) | A | signed, id | 2A | 4A | 4A.x | 4A.y |
//! | 128 + j (table, j < 4) | 8A - j B8 | 16A - j B8 | 24A - j B8 | m1, m2 | m3 | 1 / 8A.x on row 128 |
//!
//! On a window row p' = q + s, and s is the point j B8 + k Q of the digits j = S' - 4 S and k = h' - 4 h: the lookup of
//! (slot k, j, k, s) binds digits and point at once. The points of k = 0 are shared by all slots, the others are told by the slot's
//! own table rows, as the negatives of their cells. Row 0 starts at a point of the table with S = 0 and h its digit k, so S has
//! 126 digits and h 127. The key row is a step of the ladder with s = q, so row 128 starts with 8A. The result row asks that block
//! 2 slot + 1 of circomlib's Poseidon has the inputs (R8, A, id), if `signed`; rows 0 .. 128 hold `S`, `h`, A, `signed` and `id` in
//! copy columns, tied to cells of the program.
//! Addition is the complete law of a x^2 + y^2 = 1 + d x^2 y^2 (a is a square, d is not); doubling the same law with the curve's equation
//! put in; 24A the dual law (Hisil et al., eprint 2008/522, section 3.2), complete for P + 2P with P not the identity and of odd
//! order. What this is not: S < l and h < r; `circuit/signature.rs` shows these.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};
use plonk::Expr;

use super::{cur, elsewhere, message, next, Assembly, Fixed, Tag, R_WIDTH};
use crate::primitives::babyjubjub::{A, BASE8, D};

#[cfg(target_arch = "x86_64")]
mod lanes;

/// The curve's coefficients as elements.
const CURVE_A: Fr = Fr::new(BigInt::new([A, 0, 0, 0]));
const CURVE_D: Fr = Fr::new(BigInt::new([D, 0, 0, 0]));
/// The digits as elements.
const NUMBERS: [Fr; DIGITS] = [
    Fr::new(BigInt::new([0, 0, 0, 0])),
    Fr::new(BigInt::new([1, 0, 0, 0])),
    Fr::new(BigInt::new([2, 0, 0, 0])),
    Fr::new(BigInt::new([3, 0, 0, 0])),
];

/// Window rows.
pub const WINDOWS: usize = 126;
/// Row of R8, S and h.
pub const RESULT: usize = WINDOWS;
/// Row of A, `signed` and the id.
pub const KEY: usize = RESULT + 1;
/// First table row.
pub const TABLE: usize = KEY + 1;
/// Digits of a window, and table rows.
pub const DIGITS: usize = 4;
/// Rows of a block.
pub const BLOCK: usize = TABLE + DIGITS;
/// Rows whose h is told outside: it has 43 and 85 of the 127 digits there.
pub const PARTS: [usize; 2] = [42, 84];

/// Marks of a row by fixed columns.
pub(crate) mod mark {
    use super::{elsewhere, Expr, Fixed};

    /// Window and key rows.
    pub(crate) const STEP: Fixed = Fixed::SelEddsa;
    /// Of these the first of a block.
    pub(crate) const START: Fixed = Fixed::Q0;
    /// Of these the key row.
    pub(crate) const KEY: Fixed = Fixed::Q1;
    /// Of the rows without a selector the result row.
    pub(crate) const RESULT: Fixed = Fixed::Q0;
    /// Of the rows without a selector the table rows.
    pub(crate) const TABLE: Fixed = Fixed::Q1;
    /// Digit j of a table row.
    pub(crate) const DIGIT: Fixed = Fixed::Ql;

    pub(super) fn step(kind: Fixed) -> Expr {
        STEP.expr() * kind.expr()
    }

    pub(super) fn other(kind: Fixed) -> Expr {
        elsewhere() * kind.expr()
    }
}

/// The fixed columns of a row of slot `slot`'s block; `challenge` is the tag under which the inputs of its Poseidon block are told.
#[must_use]
pub fn fixed(row: usize, slot: u64, challenge: Fr) -> Vec<(Fixed, Fr)> {
    let slot = (Fixed::Qk, Fr::from(slot));
    match row {
        RESULT => vec![(mark::RESULT, Fr::ONE), (Fixed::Qk, challenge)],
        KEY => vec![(mark::STEP, Fr::ONE), (mark::KEY, Fr::ONE)],
        0 => vec![(mark::STEP, Fr::ONE), (mark::START, Fr::ONE), slot],
        _ if row < RESULT => vec![(mark::STEP, Fr::ONE), slot],
        _ => {
            let j = row - TABLE;
            vec![(mark::TABLE, Fr::ONE), (mark::DIGIT, Fr::from(j as u64)), slot]
        }
    }
}

type Pair = [Expr; 2];

/// Adds constraints, lookups and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    window(a);
    key(a);
    table(a);
    let result = mark::other(mark::RESULT);
    a.constrain("eddsa R8 not the identity", &result, cur(0) * cur(4) - 1u64);
    // R8, then A and the id of the key row
    let inputs = [cur(0), cur(1), next(0), next(1), next(3)];
    a.first("eddsa challenge", result, vec![message(next(2), Fixed::Qk.expr(), inputs)]);
}

fn window(a: &mut Assembly) {
    let (on, first) = (mark::STEP.expr(), mark::step(mark::START));
    let slot = || Fixed::Qk.expr();
    let (p, d, q, s) = ([cur(0), cur(1)], [cur(4), cur(5)], [cur(6), cur(7)], [cur(8), cur(9)]);
    double(a, "eddsa double", &on, &p, &d);
    double(a, "eddsa double again", &on, &d, &q);
    let cross = [q[0].clone() * s[1].clone(), q[1].clone() * s[0].clone()];
    let straight = [q[0].clone() * s[0].clone(), q[1].clone() * s[1].clone()];
    let t = cross[0].clone() * cross[1].clone() * D;
    let sum = [cross[0].clone() + cross[1].clone(), straight[1].clone() - straight[0].clone() * A];
    a.constrain("eddsa add", &on, next(0) * (Expr::one() + t.clone()) - sum[0].clone());
    a.constrain("eddsa add", &on, next(1) * (Expr::one() - t) - sum[1].clone());

    let digits = [2, 3].map(|i| next(i) - cur(i) * 4u64);
    let [j, k] = digits;
    let looked =
        message(Expr::one() - mark::KEY.expr(), Tag::EddsaPoint, [slot() * k.clone(), j, k].into_iter().chain(s));
    a.first("eddsa point", on, vec![looked]);
    a.constrain("eddsa S starts at 0", &first, cur(2));
    let k = cur(3);
    let start = message(Expr::one(), Tag::EddsaPoint, [slot() * k.clone(), Expr::zero(), k].into_iter().chain(p));
    a.second("eddsa start", first, vec![start]);
}

/// A is on the curve; 8A, 16A, 24A from it.
fn key(a: &mut Assembly) {
    let on = mark::step(mark::KEY);
    let square = |x: Expr| x.clone() * x;
    let (x2, y2) = (square(cur(0)), square(cur(1)));
    a.constrain("eddsa key on the curve", &on, x2.clone() * A + y2.clone() - 1u64 - x2 * y2 * D);
    for i in 0..2 {
        a.constrain("eddsa key times eight", &on, cur(8 + i) - cur(6 + i));
    }
    a.constrain("eddsa key not of small order", &on, next(0) * next(9) - 1u64);
    let (one, two) = ([next(0), next(1)], [next(2), next(3)]);
    double(a, "eddsa key times sixteen", &on, &one, &two);
    let ([x1, y1], [x2, y2]) = (one, two);
    let own = [x1.clone() * y1.clone(), x2.clone() * y2.clone()];
    let cross = x1.clone() * y2.clone() - x2.clone() * y1.clone();
    let straight = y1 * y2 + x1 * x2 * A;
    let label = "eddsa key times twenty-four";
    a.constrain(label, &on, next(4) * straight - own[0].clone() - own[1].clone());
    a.constrain(label, &on, next(5) * cross - own[0].clone() + own[1].clone());
}

/// The next row's points are this row's minus B8, and each row tells three points.
fn table(a: &mut Assembly) {
    // all but the last row
    let step = mark::other(mark::TABLE) * (Expr::from(DIGITS as u64 - 1) - mark::DIGIT.expr());
    let (bx, by) = (-BASE8.x, BASE8.y);
    let mut told = Vec::with_capacity(3);
    for (k, i) in (1u64..).zip([0, 2, 4]) {
        let (x, y) = (cur(i), cur(i + 1));
        let t = x.clone() * y.clone() * (Fr::from(D) * bx * by);
        let sum = [x.clone() * by + y.clone() * bx, y.clone() * by - x.clone() * (Fr::from(A) * bx)];
        a.constrain("eddsa table", &step, next(i) * (Expr::one() + t.clone()) - sum[0].clone());
        a.constrain("eddsa table", &step, next(i + 1) * (Expr::one() - t) - sum[1].clone());
        let payload = [Fixed::Qk.expr() * k, mark::DIGIT.expr(), Expr::from(k), -x, y];
        told.push(message(-cur(5 + k as usize), Tag::EddsaPoint, payload));
    }
    a.second("eddsa table", mark::other(mark::TABLE), told);
}

/// x' u = 2 x y and y' (2 - u) = y^2 - a x^2 with u = a x^2 + y^2: the complete law where (x, y) is on the curve.
fn double(a: &mut Assembly, label: &str, on: &Expr, [x, y]: &Pair, [dx, dy]: &Pair) {
    let (ax2, y2) = (x.clone() * x.clone() * A, y.clone() * y.clone());
    let (u, xy) = (ax2.clone() + y2.clone(), x.clone() * y.clone());
    a.constrain(label, on, dx.clone() * u.clone() - xy.clone() - xy);
    a.constrain(label, on, dy.clone() * (Expr::from(2u64) - u) - y2 + ax2);
}

/// A point in projective coordinates X/Z, Y/Z with T = XY/Z; the twin of `primitives::babyjubjub::Extended`, kept here because
/// every intermediate point is a cell and all are normalised together. Each formula is the rational function of its constraint, on
/// the curve or not.
#[derive(Clone, Copy)]
struct Projective {
    x: Fr,
    y: Fr,
    z: Fr,
    t: Fr,
}

impl Projective {
    fn affine([x, y]: [Fr; 2]) -> Self {
        Self { x, y, z: Fr::ONE, t: x * y }
    }

    fn combine(e: Fr, f: Fr, g: Fr, h: Fr) -> Self {
        Self { x: e * f, y: g * h, z: f * g, t: e * h }
    }

    fn add(&self, q: &Self) -> Self {
        let (a, b) = (self.x * q.x, self.y * q.y);
        let (c, d) = (self.t * q.t * CURVE_D, self.z * q.z);
        let e = (self.x + self.y) * (q.x + q.y) - a - b;
        Self::combine(e, d - c, d + c, b - a * CURVE_A)
    }

    fn double(&self) -> Self {
        let (d, b) = (self.x.square() * CURVE_A, self.y.square());
        let (e, g) = ((self.x * self.y).double(), d + b);
        Self::combine(e, g - self.z.square().double(), g, d - b)
    }
}

fn normalised(points: &[Projective]) -> Vec<[Fr; 2]> {
    let mut inverse: Vec<Fr> = points.iter().map(|p| p.z).collect();
    ark_ff::batch_inversion(&mut inverse);
    points.iter().zip(inverse).map(|(p, z)| [p.x * z, p.y * z]).collect()
}

fn inverse(x: Fr) -> Fr {
    x.inverse().unwrap_or_default()
}

/// P + Q by the dual law.
fn dual([x1, y1]: [Fr; 2], [x2, y2]: [Fr; 2]) -> [Fr; 2] {
    let (first, second) = (x1 * y1, x2 * y2);
    let cross = (x1 * y2 - x2 * y1).inverse();
    [(first + second) * inverse(y1 * y2 + x1 * x2 * CURVE_A), cross.map_or(Fr::ONE, |c| (first - second) * c)]
}

/// What a block is run on.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// The key A.
    pub key: [Fr; 2],
    /// 1 where the challenge is asked for.
    pub signed: Fr,
    /// The signed message.
    pub message: Fr,
    /// S; its lowest 252 bits count.
    pub s: Fr,
    /// h.
    pub h: Fr,
}

/// 2A, 4A, and the cells of the table rows: 8A, 16A, 24A minus j B8 on row j.
fn multiples(key: [Fr; 2]) -> ([[Fr; 2]; 2], [[[Fr; 2]; 3]; DIGITS]) {
    let two = Projective::affine(key).double();
    let start = normalised(&[two, two.double()]);
    let four = Projective::affine(start[1]);
    let eight = four.add(&four);
    let first = normalised(&[eight, eight.double()]);
    let minus_base = Projective::affine([-BASE8.x, BASE8.y]);
    let mut rows = vec![[first[0], first[1], dual(first[0], first[1])]];
    while rows.len() < DIGITS {
        let before = rows[rows.len() - 1];
        let after = normalised(&before.map(|p| Projective::affine(p).add(&minus_base)));
        rows.push(core::array::from_fn(|k| after[k]));
    }
    ([start[0], start[1]], core::array::from_fn(|j| rows[j]))
}

/// The base-4 digits of a number below 2^254, highest of 127 first.
#[must_use]
pub fn digits(x: &BigInt<4>) -> Vec<usize> {
    let bits = x.to_bits_le();
    (0..=WINDOWS).rev().map(|i| usize::from(bits[2 * i]) + 2 * usize::from(bits[2 * i + 1])).collect()
}

/// The points j B8 by j.
#[must_use]
pub fn shared_points() -> [[Fr; 2]; DIGITS] {
    *SHARED
}

static SHARED: LazyLock<[[Fr; 2]; DIGITS]> = LazyLock::new(|| {
    let base = Projective::affine([BASE8.x, BASE8.y]);
    let all = normalised(&[base, base.add(&base), base.add(&base).add(&base)]);
    [[Fr::ZERO, Fr::ONE], all[0], all[1], all[2]]
});

impl Input {
    /// The base-4 digits of S and h, highest of 127 first; the highest of S does not count.
    fn digits(&self) -> [Vec<usize>; 2] {
        [self.s, self.h].map(|x| digits(&x.into_bigint()))
    }

    /// S as far as it counts, and the highest digits of h, to those of the rows `PARTS`.
    #[must_use]
    pub fn told(&self) -> [Fr; 1 + PARTS.len()] {
        let [js, ks] = self.digits();
        let number = |digits: &[usize]| {
            let mut x = BigInt::new([0; 4]);
            for digit in digits {
                x <<= 2;
                x.0[0] |= *digit as u64;
            }
            Fr::from_bigint(x).unwrap_or_default()
        };
        [number(&js[1..]), number(&ks[..=PARTS[0]]), number(&ks[..=PARTS[1]])]
    }

    /// How often the block asks for each shared point j B8.
    #[must_use]
    pub fn asked(&self) -> [u64; DIGITS] {
        let [js, ks] = self.digits();
        asked(&js, &ks).map(|by_k| by_k[0])
    }
}

/// How often the rows ask for the point of digits (j, k).
fn asked(js: &[usize], ks: &[usize]) -> [[u64; DIGITS]; DIGITS] {
    let mut out = [[0u64; DIGITS]; DIGITS];
    out[0][ks[0]] += 1;
    js[1..].iter().zip(&ks[1..]).for_each(|(j, k)| out[*j][*k] += 1);
    out
}

/// The cells of a block.
pub type Rows = [[Fr; R_WIDTH]; BLOCK];

/// Fills a block. On a wrong input the cells still satisfy all that the input does not decide.
#[must_use]
pub fn fill(input: &Input) -> Box<Rows> {
    let digits = input.digits();
    let mut rows = Box::new([[Fr::ZERO; R_WIDTH]; BLOCK]);
    write_points(&mut rows, input.key, &digits);
    let inverses = [rows[RESULT][0], rows[TABLE][0]].map(inverse);
    complete(&mut rows, input, &digits, inverses);
    rows
}

/// [`fill`] of every input, on lanes where the processor has them.
#[must_use]
pub fn fill_all(inputs: &[Input]) -> Vec<Box<Rows>> {
    let digits: Vec<[Vec<usize>; 2]> = inputs.iter().map(Input::digits).collect();
    let mut blocks: Vec<Box<Rows>> = inputs.iter().map(|_| Box::new([[Fr::ZERO; R_WIDTH]; BLOCK])).collect();
    let mut left: Vec<usize> = (0..inputs.len()).collect();
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = plonk::field::Ifma::detect() {
        left = l.run(lanes::Points { inputs, digits: &digits, out: &mut blocks });
    }
    for i in left {
        write_points(&mut blocks[i], inputs[i].key, &digits[i]);
    }
    let mut inverses: Vec<Fr> = blocks.iter().flat_map(|rows| [rows[RESULT][0], rows[TABLE][0]]).collect();
    ark_ff::batch_inversion(&mut inverses);
    let pairs = inverses.as_chunks::<2>().0;
    for (((rows, input), digits), inverses) in blocks.iter_mut().zip(inputs).zip(&digits).zip(pairs) {
        complete(rows, input, digits, *inverses);
    }
    blocks
}

/// Writes the points: the key's multiples, the table, and the ladder's, but for those that are looked up.
fn write_points(rows: &mut Rows, key: [Fr; 2], [js, ks]: &[Vec<usize>; 2]) {
    let ([two, four], table) = multiples(key);
    rows[KEY][4..8].copy_from_slice([two, four].as_flattened());
    for (j, points) in table.iter().enumerate() {
        rows[TABLE + j][..6].copy_from_slice(points.as_flattened());
    }
    let mut chain = vec![Projective::affine(point(rows, 0, ks[0]))];
    for i in 1..=WINDOWS {
        let d = chain[chain.len() - 1].double();
        let q = d.double();
        chain.extend([d, q, q.add(&Projective::affine(point(rows, js[i], ks[i])))]);
    }
    let chain = normalised(&chain);
    for i in 0..WINDOWS {
        rows[i][..2].copy_from_slice(&chain[3 * i]);
        rows[i][4..8].copy_from_slice(chain[3 * i + 1..3 * i + 3].as_flattened());
    }
    rows[RESULT][..2].copy_from_slice(&chain[3 * WINDOWS]);
}

/// The point of digits (j, k): j B8 + k Q.
fn point(rows: &Rows, j: usize, k: usize) -> [Fr; 2] {
    match k {
        0 => SHARED[j],
        _ => [-rows[TABLE + j][2 * k - 2], rows[TABLE + j][2 * k - 1]],
    }
}

/// Writes what is no point, and the points that are looked up. The inverses are those of R8.x and 8A.x.
fn complete(rows: &mut Rows, input: &Input, [js, ks]: &[Vec<usize>; 2], inverses: [Fr; 2]) {
    let mut sums = [Fr::ZERO, NUMBERS[ks[0]]];
    for i in 0..WINDOWS {
        let (j, k) = (js[i + 1], ks[i + 1]);
        rows[i][2..4].copy_from_slice(&sums);
        let looked = point(rows, j, k);
        rows[i][8..].copy_from_slice(&looked);
        sums = [(sums[0], j), (sums[1], k)].map(|(x, digit)| x.double().double() + NUMBERS[digit]);
    }
    rows[RESULT][2..5].copy_from_slice(&[sums[0], sums[1], inverses[0]]);
    let [a, b] = input.key;
    rows[KEY][..4].copy_from_slice(&[a, b, input.signed, input.message]);
    let four = [rows[KEY][6], rows[KEY][7]];
    rows[KEY][8..].copy_from_slice(&four);
    for (j, asked) in asked(js, ks).into_iter().enumerate() {
        (1..DIGITS).for_each(|k| rows[TABLE + j][5 + k] = Fr::from(asked[k]));
    }
    rows[TABLE][9] = inverses[1];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::babyjubjub::{Affine, Extended};

    fn times(k: u64) -> [Fr; 2] {
        let p = Extended::from(*BASE8).multiply(&BigInt::new([k, 7 * k, 3, 0])).to_affine();
        [p.x, p.y]
    }

    /// Keys of the subgroup with scalars of every size, and keys on which a denominator is zero: off the curve, of small order.
    fn inputs() -> Vec<Input> {
        let element = |k: u64| Fr::from(k).pow([1_000 + k]);
        let scalars = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(3u64), element(5)];
        let small = [[0, 1], [0, 0], [1, 0], [1, 1]].map(|k| k.map(Fr::from));
        let order = Affine { x: Fr::ZERO, y: -Fr::ONE };
        let root = -Fr::from(A).inverse().expect("not zero");
        let mut keys = vec![[order.x, order.y], [root, Fr::ZERO], [BASE8.x, BASE8.y], [-BASE8.x, BASE8.y], [BASE8.y, BASE8.x]];
        keys.extend(small);
        keys.extend((1..40).map(times));
        keys.extend((1..4).map(|k| [element(k), element(k + 9)]));
        let mut out = Vec::new();
        for (i, key) in (0u64..).zip(keys) {
            let (s, h) = (scalars[i as usize % 5], scalars[i as usize / 5 % 5]);
            out.push(Input { key, signed: Fr::from(i % 2), message: element(i + 2), s, h });
            out.push(Input { key, signed: Fr::ONE, message: Fr::ONE, s: element(i + 3), h: element(i + 4) });
        }
        out
    }

    #[test]
    fn blocks_together_are_the_blocks_one_by_one() {
        let inputs = inputs();
        let one_by_one: Vec<Box<Rows>> = inputs.iter().map(fill).collect();
        for from in [0, 1, 7] {
            for count in [0, 1, 2, 7, 8, 9, 15, 16, 17, 40] {
                assert!(fill_all(&inputs[from..from + count]) == one_by_one[from..from + count], "{from} {count}");
            }
        }
        assert!(fill_all(&inputs) == one_by_one);
    }

    #[test]
    fn what_a_block_tells_stands_in_its_cells() {
        for input in inputs() {
            let rows = fill(&input);
            let cells = [rows[RESULT][2], rows[PARTS[0]][3], rows[PARTS[1]][3]];
            assert_eq!(input.told(), cells);
        }
    }
}
