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

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};
use plonk::Expr;

use super::{cur, elsewhere, message, next, Assembly, Fixed, Tag, R_WIDTH};
use crate::primitives::babyjubjub::{A, BASE8, D};

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
        let (c, d) = (self.t * q.t * Fr::from(D), self.z * q.z);
        let e = (self.x + self.y) * (q.x + q.y) - a - b;
        Self::combine(e, d - c, d + c, b - a * Fr::from(A))
    }

    fn double(&self) -> Self {
        let (d, b) = (self.x.square() * Fr::from(A), self.y.square());
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
    [(first + second) * inverse(y1 * y2 + x1 * x2 * Fr::from(A)), cross.map_or(Fr::ONE, |c| (first - second) * c)]
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

/// The cells of a block, and what it tells.
#[derive(Clone, Debug)]
pub struct Block {
    /// 132 rows of ten.
    pub rows: Vec<[Fr; R_WIDTH]>,
    /// How often it asks for each shared point j B8.
    pub shared: [u64; DIGITS],
}

impl Block {
    /// A cell of the block, by row and column of the group.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Fr {
        self.rows[row][column]
    }
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
    let base = Projective::affine([BASE8.x, BASE8.y]);
    let all = normalised(&[base, base.add(&base), base.add(&base).add(&base)]);
    [[Fr::ZERO, Fr::ONE], all[0], all[1], all[2]]
}

/// Fills a block. On a wrong input the cells still satisfy all that the input does not decide.
#[must_use]
pub fn fill(input: &Input) -> Block {
    fill_digits(input, &digits(&input.s.into_bigint()), &digits(&input.h.into_bigint()))
}

/// The same with digits of S and h that need not be those of the input; the highest of S does not count.
#[must_use]
pub fn fill_digits(input: &Input, js: &[usize], ks: &[usize]) -> Block {
    let ([two, four], table) = multiples(input.key);
    let shared = shared_points();
    let point = |j: usize, k: usize| match k {
        0 => shared[j],
        _ => [-table[j][k - 1][0], table[j][k - 1][1]],
    };
    let mut chain = vec![Projective::affine(point(0, ks[0]))];
    for i in 1..=WINDOWS {
        let d = chain[chain.len() - 1].double();
        let q = d.double();
        chain.extend([d, q, q.add(&Projective::affine(point(js[i], ks[i])))]);
    }
    let chain = normalised(&chain);
    let mut rows = vec![[Fr::ZERO; R_WIDTH]; BLOCK];
    let mut asked = [[0u64; DIGITS]; DIGITS];
    asked[0][ks[0]] += 1;
    let mut acc = [Fr::ZERO, Fr::from(ks[0] as u64)];
    for i in 0..WINDOWS {
        let ([p, d, q], s) = ([0, 1, 2].map(|k| chain[3 * i + k]), point(js[i + 1], ks[i + 1]));
        rows[i] = [p[0], p[1], acc[0], acc[1], d[0], d[1], q[0], q[1], s[0], s[1]];
        asked[js[i + 1]][ks[i + 1]] += 1;
        acc = [(acc[0], js[i + 1]), (acc[1], ks[i + 1])].map(|(x, digit)| x.double().double() + Fr::from(digit as u64));
    }
    let [x, y] = chain[3 * WINDOWS];
    rows[RESULT][..5].copy_from_slice(&[x, y, acc[0], acc[1], inverse(x)]);
    let [a, b] = input.key;
    rows[KEY] = [a, b, input.signed, input.message, two[0], two[1], four[0], four[1], four[0], four[1]];
    for (j, points) in table.iter().enumerate() {
        rows[TABLE + j][..6].copy_from_slice(points.as_flattened());
        (0..3).for_each(|k| rows[TABLE + j][6 + k] = Fr::from(asked[j][k + 1]));
    }
    rows[TABLE][9] = inverse(table[0][0][0]);
    Block { rows, shared: asked.map(|by_k| by_k[0]) }
}
