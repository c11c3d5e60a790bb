//! Points in memory: lines of 64 bytes, blocks of eight points in limbs, and the ways between them.
//!
//! A coordinate is a residue below 2.33 p in R = 2^260 (3 p for a negated y). The point at infinity has bit 255 of x set.
//! What it is not: arithmetic on points (`affine.rs`).

#![allow(unsafe_code)]

use ark_bn254::Fq;

use crate::field::{Base, Ifma, Kernel, Lanes, LimbRows};

type F = Lanes<Base>;

/// A point of memory, one cache line: x and y in four words each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(super) struct Line(pub [[u64; 4]; 2]);

/// Bit 255 of x in a line marks the point at infinity; no residue reaches it.
pub(super) const INFINITY: Line = Line([[0, 0, 0, 1 << 63], [0; 4]]);
/// The same bit in limbs.
pub(super) const INFINITY_LIMB: u64 = 1 << 47;

/// Eight points in limbs.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Block {
    pub x: LimbRows,
    pub y: LimbRows,
}

impl Block {
    /// Eight points at infinity.
    pub(super) const INFINITY: Self = Self { x: [[0; 8], [0; 8], [0; 8], [0; 8], [INFINITY_LIMB; 8]], y: [[0; 8]; 5] };
}

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
        let (count, first) = (self.lines.len(), self.lines.as_mut_ptr());
        let mut void = INFINITY;
        let skipped = std::ptr::from_mut(&mut void);
        for (block, to) in self.blocks.iter().zip(self.to) {
            // SAFETY: every pointer is to one of the `count` lines or to the one for what is skipped; x comes first in a line.
            unsafe {
                let line = |j: usize| if (to[j] as usize) < count { first.add(to[j] as usize) } else { skipped };
                let lines = [line(0), line(1), line(2), line(3), line(4), line(5), line(6), line(7)];
                let half = |k: usize| lines.map(|p| p.cast::<[u64; 4]>().add(k));
                l.scatter_to(l.load_limbs::<Base>(&block.x), half(0));
                l.scatter_to(l.load_limbs::<Base>(&block.y), half(1));
            }
        }
    }
}

/// The endomorphism (x, y) to (beta x, y) of lines: it multiplies a point by a cube root of unity.
pub(super) struct Endomorphism<'a> {
    pub from: &'a [Line],
    pub to: &'a mut [Line],
}

impl Kernel for Endomorphism<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let beta = l.splat260::<Base>(&BETA);
        for (from, to) in self.from.chunks(8).zip(self.to.chunks_mut(8)) {
            let mut x = [[0; 4]; 8];
            for (x, line) in x.iter_mut().zip(from) {
                *x = line.0[0];
            }
            l.store(l.reduce(l.mul(l.load::<Base>(&x), beta)), &mut x);
            for (j, (to, from)) in to.iter_mut().zip(from).enumerate() {
                *to = if from.0[0][3] >> 63 == 1 { *from } else { Line([x[j], from.0[1]]) };
            }
        }
    }
}

/// The cube root of unity of the endomorphism.
const BETA: Fq = <ark_bn254::g1::Config as ark_ec::scalar_mul::glv::GLVConfig>::ENDO_COEFFS[0];
