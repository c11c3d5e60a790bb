//! Montgomery multiplication and squaring of eight lanes with R = 2^260.
//!
//! 50 `vpmadd52` for a product (30 for a square), 40 to fold its four low limbs at once onto the upper six, 10 for one
//! Montgomery step by 2^52. What it is not: canonical; results are below 3 p or 4 p as `lanes.rs` says.

#![allow(unsafe_code)]

use core::arch::asm;
use core::arch::x86_64::*;

use super::lanes::{Ifma, Lanes};
use super::modulus::{Modulus, LIMBS, MASK};

impl Ifma {
    /// a b / 2^260, normal.
    #[inline(always)]
    pub fn mul<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        let [out] = self.mul_many([a], [b]);
        out
    }

    /// a^2 / 2^260, normal.
    #[inline(always)]
    pub fn sqr<M: Modulus>(self, a: Lanes<M>) -> Lanes<M> {
        let [out] = self.sqr_many([a]);
        out
    }

    /// N independent products, interleaved so that the latencies of one hide behind the other.
    #[inline(always)]
    pub fn mul_many<M: Modulus, const N: usize>(self, a: [Lanes<M>; N], b: [Lanes<M>; N]) -> [Lanes<M>; N] {
        let mut out = self.mul_wide(a, b);
        for x in &mut out {
            *x = self.carry(*x);
        }
        out
    }

    /// N independent squares, interleaved.
    #[inline(always)]
    pub fn sqr_many<M: Modulus, const N: usize>(self, a: [Lanes<M>; N]) -> [Lanes<M>; N] {
        let mut out = self.sqr_wide(a);
        for x in &mut out {
            *x = self.carry(*x);
        }
        out
    }

    /// Products that are read as factors alone.
    #[inline(always)]
    pub fn mul_factor<M: Modulus, const N: usize>(self, a: [Lanes<M>; N], b: [Lanes<M>; N]) -> [Lanes<M>; N] {
        let mut out = self.mul_wide(a, b);
        for x in &mut out {
            *x = self.factor(*x);
        }
        out
    }

    /// Products before carrying: wide, with limbs below 2^58.
    #[inline(always)]
    pub fn mul_wide<M: Modulus, const N: usize>(self, a: [Lanes<M>; N], b: [Lanes<M>; N]) -> [Lanes<M>; N] {
        let mut c = [self.zero_columns(); N];
        for g in 0..N {
            c[g] = self.product(a[g], b[g], c[g]);
        }
        barrier(&mut c);
        self.reduce_products(c)
    }

    /// `addend + a b / 2^260`, wide: the addend, wide too, is where the columns begin.
    #[inline(always)]
    pub fn mul_onto<M: Modulus, const N: usize>(
        self,
        addend: [Lanes<M>; N],
        a: [Lanes<M>; N],
        b: [Lanes<M>; N],
    ) -> [Lanes<M>; N] {
        let mut c = [self.zero_columns(); N];
        for g in 0..N {
            c[g][LIMBS..].copy_from_slice(&addend[g].limb);
            c[g] = self.product(a[g], b[g], c[g]);
        }
        barrier(&mut c);
        self.reduce_products(c)
    }

    /// Squares before carrying: wide, with limbs below 2^58.
    #[inline(always)]
    pub fn sqr_wide<M: Modulus, const N: usize>(self, a: [Lanes<M>; N]) -> [Lanes<M>; N] {
        let mut c = [self.zero_columns(); N];
        for g in 0..N {
            c[g] = self.square(a[g]);
        }
        barrier(&mut c);
        self.reduce_products(c)
    }

    #[inline(always)]
    fn zero_columns(self) -> Wide {
        // SAFETY: a token exists only after the features were detected.
        unsafe { [_mm512_setzero_si512(); 2 * LIMBS] }
    }

    /// `c` plus the ten columns of a b, each below 10 2^52.
    #[inline(always)]
    fn product<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>, mut c: Wide) -> Wide {
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            for i in 0..LIMBS {
                for j in 0..LIMBS {
                    c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.limb[i], b.limb[j]);
                    c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.limb[i], b.limb[j]);
                }
            }
            c
        }
    }

    /// Ten columns of a^2: the products of different limbs once, doubled, then the squares.
    #[inline(always)]
    fn square<M: Modulus>(self, a: Lanes<M>) -> Wide {
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let mut c = self.zero_columns();
            for i in 0..LIMBS {
                for j in i + 1..LIMBS {
                    c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.limb[i], a.limb[j]);
                    c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.limb[i], a.limb[j]);
                }
            }
            for x in &mut c[1..9] {
                *x = _mm512_add_epi64(*x, *x);
            }
            for i in 0..LIMBS {
                c[2 * i] = _mm512_madd52lo_epu64(c[2 * i], a.limb[i], a.limb[i]);
                c[2 * i + 1] = _mm512_madd52hi_epu64(c[2 * i + 1], a.limb[i], a.limb[i]);
            }
            c
        }
    }

    /// Montgomery reduction of ten columns: limbs 0..4 folded at once onto the upper six, then one step by 2^52. Not carried.
    #[inline(always)]
    fn reduce_products<M: Modulus, const N: usize>(self, mut c: [Wide; N]) -> [Lanes<M>; N] {
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            for c in &mut c {
                for i in 0..4 {
                    c[i + 1] = _mm512_add_epi64(c[i + 1], _mm512_srli_epi64::<52>(c[i]));
                }
                for i in 0..4 {
                    for j in 0..LIMBS {
                        let k = self.set(M::FOLD[i][j]);
                        c[4 + j] = _mm512_madd52lo_epu64(c[4 + j], c[i], k);
                        c[5 + j] = _mm512_madd52hi_epu64(c[5 + j], c[i], k);
                    }
                }
            }
            barrier(&mut c);
            for c in &mut c {
                let zero = _mm512_setzero_si512();
                let m = _mm512_madd52lo_epu64(zero, c[4], self.set(M::NEGATIVE_INVERSE));
                // c4 + lo(m p0) is divisible by 2^52: what it carries is c4 / 2^52 rounded up, without multiplying.
                let up = _mm512_srli_epi64::<52>(_mm512_add_epi64(c[4], self.set(MASK)));
                c[5] = _mm512_add_epi64(c[5], up);
                for j in 1..LIMBS {
                    c[4 + j] = _mm512_madd52lo_epu64(c[4 + j], m, self.set(M::P[j]));
                }
                for j in 0..LIMBS {
                    c[5 + j] = _mm512_madd52hi_epu64(c[5 + j], m, self.set(M::P[j]));
                }
            }
        }
        let mut out = [Lanes::new([c[0][5], c[0][6], c[0][7], c[0][8], c[0][9]]); N];
        for g in 0..N {
            out[g] = Lanes::new([c[g][5], c[g][6], c[g][7], c[g][8], c[g][9]]);
        }
        out
    }
}

/// Columns of a product, column k at weight 2^(52 k).
type Wide = [__m512i; 2 * LIMBS];

/// Keeps the compiler from running one group after the other: both pass here together. Emits nothing.
#[inline(always)]
fn barrier<const N: usize>(c: &mut [Wide; N]) {
    if N == 2 {
        let (a, b) = c.split_at_mut(1);
        // SAFETY: called by functions of the token alone, which exists only after the features were detected.
        unsafe { barrier_pair(&mut a[0], &mut b[0]) }
    }
}

/// # Safety
/// The processor has AVX-512F.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn barrier_pair(a: &mut Wide, b: &mut Wide) {
    let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9] = a;
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9] = b;
    // SAFETY: the template is a comment; it names registers and touches nothing.
    unsafe {
        asm!(
            "/* {0} {1} {2} {3} {4} {5} {6} {7} {8} {9} {10} {11} {12} {13} {14} {15} {16} {17} {18} {19} */",
            inout(zmm_reg) * a0,
            inout(zmm_reg) * a1,
            inout(zmm_reg) * a2,
            inout(zmm_reg) * a3,
            inout(zmm_reg) * a4,
            inout(zmm_reg) * a5,
            inout(zmm_reg) * a6,
            inout(zmm_reg) * a7,
            inout(zmm_reg) * a8,
            inout(zmm_reg) * a9,
            inout(zmm_reg) * b0,
            inout(zmm_reg) * b1,
            inout(zmm_reg) * b2,
            inout(zmm_reg) * b3,
            inout(zmm_reg) * b4,
            inout(zmm_reg) * b5,
            inout(zmm_reg) * b6,
            inout(zmm_reg) * b7,
            inout(zmm_reg) * b8,
            inout(zmm_reg) * b9,
            options(nomem, nostack, preserves_flags)
        );
    }
}
