//! Batches of independent affine additions on lanes, one field inversion a batch (Montgomery's trick).
//!
//! The hot kernel asks only whether an operand is infinity; two operands with one x make the batch's product zero, and the batch then runs
//! through the exact kernel, which doubles equal points and lets opposite ones vanish. Nothing is written before the product
//! is known, so the rerun starts from the same operands.
//! What it is not: bucket bookkeeping (`buckets.rs`).

use ark_bn254::Fq;
use ark_ff::{AdditiveGroup, BigInt, Field};

use super::lines::{Block, INFINITY_LIMB};
use crate::field::{invert, power_of_two, Base, Ifma, Kernel, Lanes, LimbRows, Modulus};

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

/// Additions of points with different x, which the kernel does not check.
const PLAIN: u8 = 0;
/// Additions of any points.
const EXACT: u8 = 1;
/// Additions of a point to itself: both operands of an addition are the same block.
const DOUBLE: u8 = 2;

/// A batch of additions of one arena; `additions` is even in number. `prefix` is scratch of that length.
/// The order allows in place: an addition may write where an earlier one (or itself) read.
struct Batch<'a, const KIND: u8> {
    blocks: &'a mut [Block],
    additions: &'a [Addition],
    prefix: &'a mut [LimbRows],
}

/// Two additions whose slopes are known.
struct Started {
    op: [Addition; 2],
    /// Whether an operand is infinity.
    infinite: bool,
    slope: [F; 2],
}

impl<const KIND: u8> Batch<'_, KIND> {
    /// What a pair of additions divides by, and whether an operand is infinity: x_b - x_a, but one where an operand is
    /// infinity; exactly: 2 y where the points are equal, one where they are opposite.
    #[inline(always)]
    fn denominators(&self, l: Ifma, op: [Addition; 2]) -> ([F; 2], bool) {
        let x = |k: u32| -> F { l.load_limbs(&self.blocks[k as usize].x) };
        let (a, b) = ([x(op[0].a), x(op[1].a)], [x(op[0].b), x(op[1].b)]);
        let infinite = l.any_top_bits([a[0], a[1], b[0], b[1]], INFINITY_LIMB);
        let mut values = a;
        for g in 0..2 {
            let y: F = l.load_limbs(&self.blocks[op[g].a as usize].y);
            if KIND == DOUBLE {
                values[g] = l.factor(l.wide_add(y, y));
                continue;
            }
            values[g] = l.factor(l.wide_add(l.wide_sub(b[g], a[g]), l.multiple::<Base, 3>()));
            if KIND == EXACT {
                let (double, opposite) = self.special(l, op[g]);
                values[g] = l.select(double, values[g], l.double(y));
                values[g] = l.select(opposite, values[g], l.splat_words(Base::ONE));
            }
        }
        if infinite {
            for g in 0..2 {
                let lanes = l.top_bits(a[g], INFINITY_LIMB) | l.top_bits(b[g], INFINITY_LIMB);
                values[g] = l.select(lanes, values[g], l.splat_words(Base::ONE));
            }
        }
        (values, infinite)
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
            let (d, _) = self.denominators(l, [self.additions[2 * k], self.additions[2 * k + 1]]);
            l.store_limbs(product[0], &mut self.prefix[2 * k]);
            l.store_limbs(product[1], &mut self.prefix[2 * k + 1]);
            product = l.mul_factor(product, d);
        }
        product
    }

    /// Numerators of the slopes of a pair: y_b - y_a, or 3 x^2 where the points are equal.
    #[inline(always)]
    fn numerators(&self, l: Ifma, op: [Addition; 2]) -> [F; 2] {
        let block = |k: u32| &self.blocks[k as usize];
        if KIND == DOUBLE {
            let mut squares = l.sqr_wide::<Base, 2>([l.load_limbs(&block(op[0].a).x), l.load_limbs(&block(op[1].a).x)]);
            for x in &mut squares {
                *x = l.factor(l.wide_add(*x, l.wide_add(*x, *x)));
            }
            return squares;
        }
        [self.numerator(l, op[0]), self.numerator(l, op[1])]
    }

    #[inline(always)]
    fn numerator(&self, l: Ifma, op: Addition) -> F {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let (ya, yb): (F, F) = (l.load_limbs(&a.y), l.load_limbs(&b.y));
        let value = l.factor(l.wide_add(l.wide_sub(yb, ya), l.multiple::<Base, 3>()));
        if KIND == EXACT {
            let square = l.sqr::<Base>(l.load_limbs(&a.x));
            let (double, _) = self.special(l, op);
            return l.select(double, value, l.reduce(l.add(square, l.double(square))));
        }
        value
    }

    /// Slopes of pair k, and the inverses moved on by its denominators.
    #[inline(always)]
    fn start(&self, l: Ifma, k: usize, inverse: [F; 2]) -> (Started, [F; 2]) {
        let op = [self.additions[2 * k], self.additions[2 * k + 1]];
        let (d, infinite) = self.denominators(l, op);
        let prefix = [l.load_limbs(&self.prefix[2 * k]), l.load_limbs(&self.prefix[2 * k + 1])];
        let own = l.mul_factor(inverse, prefix);
        let next = l.mul_factor(inverse, d);
        let slope = l.mul_factor(self.numerators(l, op), own);
        (Started { op, infinite, slope }, next)
    }

    /// Additions themselves, given the inverses of both products. The chain of one pair is longer than the processor looks
    /// ahead, so the first half of the next pair runs between the steps of this one's second half.
    #[inline(always)]
    fn add(&mut self, l: Ifma, inverse: [F; 2]) {
        let pairs = self.additions.len() / 2;
        let (mut now, mut inverse) = self.start(l, 0, inverse);
        for k in 0..pairs {
            // After the last pair there is nothing to start; its own start once more is ignored.
            let next = (k + 1).min(pairs - 1);
            let op = [self.additions[2 * next], self.additions[2 * next + 1]];
            let prefix = [l.load_limbs(&self.prefix[2 * next]), l.load_limbs(&self.prefix[2 * next + 1])];
            let own = l.mul_factor(inverse, prefix);
            let square = l.sqr_wide(now.slope);
            let (d, infinite) = self.denominators(l, op);
            inverse = l.mul_factor(inverse, d);
            let x = [self.abscissa(l, now.op[0], square[0]), self.abscissa(l, now.op[1], square[1])];
            let slope = l.mul_factor(self.numerators(l, op), own);
            let fall = [self.fall(l, now.op[0], x[0]), self.fall(l, now.op[1], x[1])];
            let y = l.mul_onto([self.below(l, now.op[0]), self.below(l, now.op[1])], now.slope, fall);
            self.write(l, &now, x, [l.reduce(y[0]), l.reduce(y[1])]);
            now = Started { op, infinite, slope };
        }
    }

    /// Completes and writes a pair.
    #[inline(always)]
    fn write(&mut self, l: Ifma, pair: &Started, x: [F; 2], y: [F; 2]) {
        let op = pair.op;
        let vanish = if KIND == EXACT { [self.special(l, op[0]).1, self.special(l, op[1]).1] } else { [0, 0] };
        // Both results are complete before either is written: the second may write what the first has read.
        let first = self.finish(l, op[0], pair.infinite, vanish[0], (x[0], y[0]));
        let second = self.finish(l, op[1], pair.infinite, vanish[1], (x[1], y[1]));
        for (op, (x, y)) in op.iter().zip([first, second]) {
            let block = &mut self.blocks[op.out as usize];
            l.store_limbs(x, &mut block.x);
            l.store_limbs(y, &mut block.y);
        }
    }

    /// slope^2 - x_a - x_b.
    #[inline(always)]
    fn abscissa(&self, l: Ifma, op: Addition, square: F) -> F {
        let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
        let sum = l.wide_add(l.load_limbs(&a.x), l.load_limbs(&b.x));
        l.reduce_after::<Base, 5>(l.wide_sub(square, sum))
    }

    /// x_a - x, a factor.
    #[inline(always)]
    fn fall(&self, l: Ifma, op: Addition, x: F) -> F {
        let xa = l.load_limbs(&self.blocks[op.a as usize].x);
        l.factor(l.wide_add(l.wide_sub(xa, x), l.multiple::<Base, 3>()))
    }

    /// -y_a, which slope (x_a - x) is added to.
    #[inline(always)]
    fn below(&self, l: Ifma, op: Addition) -> F {
        l.wide_sub(l.multiple::<Base, 4>(), l.load_limbs(&self.blocks[op.a as usize].y))
    }

    /// Puts right the lanes where an operand or the result is infinity.
    #[inline(always)]
    fn finish(&self, l: Ifma, op: Addition, infinite: bool, vanish: u8, point: (F, F)) -> (F, F) {
        let (mut x, mut y) = point;
        if infinite {
            let (a, b) = (&self.blocks[op.a as usize], &self.blocks[op.b as usize]);
            let (xa, xb): (F, F) = (l.load_limbs(&a.x), l.load_limbs(&b.x));
            let lanes = [l.top_bits(xa, INFINITY_LIMB), l.top_bits(xb, INFINITY_LIMB)];
            x = l.select(lanes[1], x, xa);
            y = l.select(lanes[1], y, l.load_limbs(&a.y));
            x = l.select(lanes[0], x, xb);
            y = l.select(lanes[0], y, l.load_limbs(&b.y));
        }
        if KIND == EXACT && vanish != 0 {
            x = l.select(vanish, x, l.load_limbs(&Block::INFINITY.x));
            y = l.select(vanish, y, l.load_limbs(&Block::INFINITY.y));
        }
        (x, y)
    }
}

impl<const KIND: u8> Kernel for Batch<'_, KIND> {
    /// Whether the product was invertible; if not, nothing was written.
    type Output = bool;
    #[inline(always)]
    fn run(mut self, l: Ifma) -> bool {
        let product = self.multiply(l);
        let product = [l.mask(product[0]), l.mask(product[1])];
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

/// Additions of a part of a batch in which two points met.
const PART: usize = 64;

/// Runs a batch. `additions` must be even in number and at most `prefix` long.
pub(super) fn add_batch(l: Ifma, blocks: &mut [Block], additions: &[Addition], prefix: &mut [LimbRows]) {
    debug_assert_eq!(additions.len() % 2, 0);
    debug_assert!(additions.len() <= prefix.len());
    if l.run(Batch::<PLAIN> { blocks: &mut *blocks, additions, prefix: &mut *prefix }) {
        return;
    }
    // Somewhere two points met: only the part where they did runs exactly.
    for part in additions.chunks(PART) {
        let plain = additions.len() > PART
            && l.run(Batch::<PLAIN> { blocks: &mut *blocks, additions: part, prefix: &mut *prefix });
        if !plain {
            let exact = l.run(Batch::<EXACT> { blocks: &mut *blocks, additions: part, prefix: &mut *prefix });
            debug_assert!(exact, "every denominator of the exact kernel is invertible");
        }
    }
}

/// Doubles blocks; `doublings` are additions of a block to itself, otherwise as for `add_batch`. No point of the curve has
/// y = 0, so every denominator is invertible.
pub(super) fn double_batch(l: Ifma, blocks: &mut [Block], doublings: &[Addition], prefix: &mut [LimbRows]) {
    debug_assert!(doublings.iter().all(|d| d.a == d.b));
    let done = l.run(Batch::<DOUBLE> { blocks, additions: doublings, prefix });
    debug_assert!(done, "no point has order two");
}
