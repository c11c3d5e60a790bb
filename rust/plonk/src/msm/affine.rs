//! Batches of independent affine additions on lanes, one field inversion a batch (Montgomery's trick).
//!
//! A point is (x, y) with residues below 2.33 p in R = 2^260; the point at infinity has bit 255 of x set. The hot kernel asks
//! only whether an operand is infinity; two operands with one x make the batch's product zero, and the batch then runs
//! through the exact kernel, which doubles equal points and lets opposite ones vanish. Nothing is written before the product
//! is known, so the rerun starts from the same operands.
//! What it is not: bucket bookkeeping (`buckets.rs`).

#![allow(unsafe_code)]

use ark_bn254::Fq;
use ark_ff::{AdditiveGroup, BigInt, Field};

use crate::field::power_of_two;
use crate::field::{invert, Base, Ifma, Kernel, Lanes, LimbRows, Modulus};

/// A point of memory, one cache line: x and y in four words each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(super) struct Line(pub [[u64; 4]; 2]);

/// Bit 255 of x in a line marks the point at infinity; no residue reaches it.
pub(super) const INFINITY: Line = Line([[0, 0, 0, 1 << 63], [0; 4]]);
/// The same bit in limbs.
const INFINITY_LIMB: u64 = 1 << 47;

/// Eight points in limbs.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Block {
    x: LimbRows,
    y: LimbRows,
}

impl Block {
    /// Eight points at infinity.
    pub(super) const INFINITY: Self = Self { x: [[0; 8], [0; 8], [0; 8], [0; 8], [INFINITY_LIMB; 8]], y: [[0; 8]; 5] };
}

/// `out = a + b` of blocks of one arena.
#[derive(Clone, Copy)]
pub(super) struct Addition {
    pub a: u32,
    pub b: u32,
    pub out: u32,
}

type F = Lanes<Base>;

/// 2^512 times 2^8, in R = 2^256.
const RESTORE: [u64; 4] = power_of_two(Base::WORDS, 512 + 8 + 256);

/// Gathers points of lines into a block: `index` names them, its top bit asks for the negative.
pub(super) struct Gather<'a> {
    pub lines: &'a [Line],
    pub index: &'a [[u32; 8]],
    pub out: &'a mut [Block],
}

/// The bit of an index that asks for the negative point.
pub(super) const NEGATIVE: u32 = 1 << 31;
/// How many blocks ahead the lines are asked for.
const AHEAD: usize = 6;

impl Kernel for Gather<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let lines = self.lines;
        for (k, (index, out)) in self.index.iter().zip(self.out).enumerate() {
            if let Some(next) = self.index.get(k + AHEAD) {
                for i in next {
                    // No reference to a line that may not be: a prefetch takes any address.
                    l.prefetch(lines.as_ptr().wrapping_add((i & !NEGATIVE) as usize));
                }
            }
            assert!(index.iter().all(|i| ((i & !NEGATIVE) as usize) < lines.len()), "an index of a line");
            // SAFETY: every index was just compared with the number of lines.
            let line = |j: usize| unsafe { &lines.get_unchecked((index[j] & !NEGATIVE) as usize).0 };
            let p = [line(0), line(1), line(2), line(3), line(4), line(5), line(6), line(7)];
            let x: F = l.gather([&p[0][0], &p[1][0], &p[2][0], &p[3][0], &p[4][0], &p[5][0], &p[6][0], &p[7][0]]);
            let y: F = l.gather([&p[0][1], &p[1][1], &p[2][1], &p[3][1], &p[4][1], &p[5][1], &p[6][1], &p[7][1]]);
            l.store_limbs(x, &mut out.x);
            l.store_limbs(l.select(l.sign_bits(index), y, l.neg::<Base, 3>(y)), &mut out.y);
        }
    }
}

/// Writes blocks back to lines, lane j of block k to `lines[to[k][j]]`; an index at the end of `lines` or beyond is skipped.
pub(super) struct Scatter<'a> {
    pub blocks: &'a [Block],
    pub to: &'a [[u32; 8]],
    pub lines: &'a mut [Line],
}

impl Kernel for Scatter<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        for (block, to) in self.blocks.iter().zip(self.to) {
            let (mut x, mut y) = ([[0; 4]; 8], [[0; 4]; 8]);
            l.store(l.load_limbs::<Base>(&block.x), &mut x);
            l.store(l.load_limbs::<Base>(&block.y), &mut y);
            for j in 0..8 {
                if let Some(line) = self.lines.get_mut(to[j] as usize) {
                    *line = Line([x[j], y[j]]);
                }
            }
        }
    }
}

/// A batch of additions of one arena; `additions` is even in number. `prefix` is scratch of that length.
/// The order allows in place: an addition may write where an earlier one (or itself) read.
struct Batch<'a, const EXACT: bool> {
    blocks: &'a mut [Block],
    additions: &'a [Addition],
    prefix: &'a mut [LimbRows],
}

/// What an addition of eight lanes divides by, and which lanes are special.
#[derive(Clone, Copy)]
struct Denominator {
    value: F,
    infinite: [u8; 2],
}

impl<const EXACT: bool> Batch<'_, EXACT> {
    /// x_b - x_a; one where an operand is infinity; exactly: 2 y where the points are equal, one where they are opposite.
    #[inline(always)]
    fn denominator(&self, l: Ifma, op: Addition) -> Denominator {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let (xa, xb): (F, F) = (l.load_limbs(&a.x), l.load_limbs(&b.x));
        let mut value = l.factor(l.wide_add(l.wide_sub(xb, xa), l.multiple::<Base, 3>()));
        let infinite = [l.top_bits(xa, INFINITY_LIMB), l.top_bits(xb, INFINITY_LIMB)];
        if EXACT {
            let (double, opposite) = self.special(l, op);
            let y: F = l.load_limbs(&a.y);
            value = l.select(double, value, l.double(y));
            value = l.select(opposite, value, l.splat_words(Base::ONE));
        }
        if infinite != [0, 0] {
            value = l.select(infinite[0] | infinite[1], value, l.splat_words(Base::ONE));
        }
        Denominator { value, infinite }
    }

    /// Lanes of finite points that are equal, and opposite.
    #[inline(always)]
    fn special(&self, l: Ifma, op: Addition) -> (u8, u8) {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let (xa, xb): (F, F) = (l.load_limbs(&a.x), l.load_limbs(&b.x));
        let (ya, yb): (F, F) = (l.load_limbs(&a.y), l.load_limbs(&b.y));
        let finite = !(l.top_bits(xa, INFINITY_LIMB) | l.top_bits(xb, INFINITY_LIMB));
        let same_x = finite & l.zeros(l.reduce(l.sub::<Base, 3>(xb, xa)));
        let same_y = l.zeros(l.reduce(l.sub::<Base, 3>(yb, ya)));
        (same_x & same_y, same_x & !same_y)
    }

    /// Product of all denominators of even and of odd additions; `prefix[k]` becomes the product of those after k.
    #[inline(always)]
    fn multiply(&mut self, l: Ifma) -> [F; 2] {
        let mut product = [l.splat_words(Base::ONE); 2];
        for k in (0..self.additions.len() / 2).rev() {
            let d = [
                self.denominator(l, self.additions[2 * k]).value,
                self.denominator(l, self.additions[2 * k + 1]).value,
            ];
            l.store_limbs(product[0], &mut self.prefix[2 * k]);
            l.store_limbs(product[1], &mut self.prefix[2 * k + 1]);
            product = l.mul_many(product, d);
        }
        product
    }

    /// Numerator of the slope: y_b - y_a, or 3 x^2 where the points are equal.
    #[inline(always)]
    fn numerator(&self, l: Ifma, op: Addition) -> F {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let (ya, yb): (F, F) = (l.load_limbs(&a.y), l.load_limbs(&b.y));
        let value = l.factor(l.wide_add(l.wide_sub(yb, ya), l.multiple::<Base, 3>()));
        if EXACT {
            let square = l.sqr::<Base>(l.load_limbs(&a.x));
            let (double, _) = self.special(l, op);
            return l.select(double, value, l.reduce(l.add(square, l.double(square))));
        }
        value
    }

    /// Additions themselves, given the inverses of both products.
    #[inline(always)]
    fn add(&mut self, l: Ifma, mut inverse: [F; 2]) {
        for k in 0..self.additions.len() / 2 {
            let op = [self.additions[2 * k], self.additions[2 * k + 1]];
            let d = [self.denominator(l, op[0]), self.denominator(l, op[1])];
            let prefix = [l.load_limbs(&self.prefix[2 * k]), l.load_limbs(&self.prefix[2 * k + 1])];
            let own = l.mul_many(inverse, prefix);
            inverse = l.mul_many(inverse, [d[0].value, d[1].value]);
            let slope = l.mul_many([self.numerator(l, op[0]), self.numerator(l, op[1])], own);
            let square = l.sqr_many(slope);
            let x = [self.abscissa(l, op[0], square[0]), self.abscissa(l, op[1], square[1])];
            let fall = [self.fall(l, op[0], x[0]), self.fall(l, op[1], x[1])];
            let rise = l.mul_many(slope, fall);
            let y = [self.ordinate(l, op[0], rise[0]), self.ordinate(l, op[1], rise[1])];
            let vanish = if EXACT { [self.special(l, op[0]).1, self.special(l, op[1]).1] } else { [0, 0] };
            // Both results are complete before either is written: the second may write what the first has read.
            let out = [
                self.finish(l, op[0], d[0], vanish[0], (x[0], y[0])),
                self.finish(l, op[1], d[1], vanish[1], (x[1], y[1])),
            ];
            for (op, (x, y)) in op.iter().zip(out) {
                let block = &mut self.blocks[op.out as usize];
                l.store_limbs(x, &mut block.x);
                l.store_limbs(y, &mut block.y);
            }
        }
    }

    /// slope^2 - x_a - x_b.
    #[inline(always)]
    fn abscissa(&self, l: Ifma, op: Addition, square: F) -> F {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let sum = l.wide_add(l.load_limbs(&a.x), l.load_limbs(&b.x));
        l.reduce(l.wide_add(l.wide_sub(square, sum), l.multiple::<Base, 5>()))
    }

    /// x_a - x, a factor.
    #[inline(always)]
    fn fall(&self, l: Ifma, op: Addition, x: F) -> F {
        let xa = l.load_limbs(&self.blocks[op.a as usize].x);
        l.factor(l.wide_add(l.wide_sub(xa, x), l.multiple::<Base, 3>()))
    }

    /// slope (x_a - x) - y_a.
    #[inline(always)]
    fn ordinate(&self, l: Ifma, op: Addition, rise: F) -> F {
        let ya = l.load_limbs(&self.blocks[op.a as usize].y);
        l.reduce(l.wide_add(l.wide_sub(rise, ya), l.multiple::<Base, 4>()))
    }

    /// Puts right the lanes where an operand or the result is infinity.
    #[inline(always)]
    fn finish(&self, l: Ifma, op: Addition, d: Denominator, vanish: u8, point: (F, F)) -> (F, F) {
        let (mut x, mut y) = point;
        if d.infinite != [0, 0] {
            let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
            x = l.select(d.infinite[1], x, l.load_limbs(&a.x));
            y = l.select(d.infinite[1], y, l.load_limbs(&a.y));
            x = l.select(d.infinite[0], x, l.load_limbs(&b.x));
            y = l.select(d.infinite[0], y, l.load_limbs(&b.y));
        }
        if EXACT && vanish != 0 {
            x = l.select(vanish, x, l.load_limbs(&Block::INFINITY.x));
            y = l.select(vanish, y, l.load_limbs(&Block::INFINITY.y));
        }
        (x, y)
    }
}

impl<const EXACT: bool> Kernel for Batch<'_, EXACT> {
    /// Whether the product was invertible; if not, nothing was written.
    type Output = bool;
    #[inline(always)]
    fn run(mut self, l: Ifma) -> bool {
        let product = self.multiply(l);
        let mut words = [[0; 4]; 8];
        l.store_canonical(l.mul(product[0], product[1]), &mut words);
        if !invert_all(&mut words) {
            return false;
        }
        let inverse = l.load(&words);
        let inverses = l.mul_many([inverse; 2], [product[1], product[0]]);
        self.add(l, inverses);
        true
    }
}

/// Inverts canonical words in R = 2^260, all or none: false if one is zero.
fn invert_all(words: &mut [[u64; 4]; 8]) -> bool {
    let mut prefix = [Fq::ZERO; 8];
    let mut product = Fq::ONE;
    for (before, w) in prefix.iter_mut().zip(words.iter()) {
        *before = product;
        product *= Fq::new_unchecked(BigInt(*w));
    }
    // arkworks reads words of v in R = 2^260 as 16 v, in R = 2^256. `invert` takes words for plain numbers: 2^512 too little;
    // and 1/16 comes where 16 is wanted.
    let Some(plain) = invert::<Base>(&product.0 .0) else { return false };
    let mut inverse = Fq::new_unchecked(BigInt(plain)) * Fq::new_unchecked(BigInt(RESTORE));
    for (before, w) in prefix.iter().zip(words.iter_mut()).rev() {
        let x = Fq::new_unchecked(BigInt(*w));
        *w = (inverse * before).0 .0;
        inverse *= x;
    }
    true
}

/// Runs a batch. `additions` must be even in number and at most `prefix` long.
pub(super) fn add_batch(l: Ifma, blocks: &mut [Block], additions: &[Addition], prefix: &mut [LimbRows]) {
    debug_assert_eq!(additions.len() % 2, 0);
    debug_assert!(additions.len() <= prefix.len());
    let done = l.run(Batch::<false> { blocks: &mut *blocks, additions, prefix: &mut *prefix });
    if !done {
        let exact = l.run(Batch::<true> { blocks, additions, prefix });
        debug_assert!(exact, "every denominator of the exact kernel is invertible");
    }
}
