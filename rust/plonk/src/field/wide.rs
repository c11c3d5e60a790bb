//! Wide arithmetic: constants, differences, and the reduction of any value below 2^260.
//!
//! A wide number has signed limbs, up to some multiple of 2^52; sums and differences of such cost one instruction a limb.
//! Products (`mul_wide`) skip their last carry; only factors are carried, and only as far as multiplication reads them. Callers keep the value in [0, 84 p] and the limbs
//! below 2^62, by bounds known when the code is written (`fft/`) or planned (`arithmetization/lanes.rs`).
//! What it is not: normal arithmetic; see `lanes.rs`.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::lanes::{each, Ifma, Lanes};
use super::modulus::{Modulus, LIMBS, MASK};

impl Ifma {
    /// Limbs of one number in every lane.
    #[inline(always)]
    pub fn splat_limbs<M: Modulus>(self, limbs: &[u64; LIMBS]) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        Lanes::new(each(|i| unsafe { _mm512_set1_epi64(limbs[i] as i64) }))
    }

    /// k p with limbs up to k 2^52; k at most 84.
    #[inline(always)]
    pub fn multiple_of<M: Modulus>(self, k: u64) -> Lanes<M> {
        Lanes::new(each(|i| self.set(M::P[i] * k)))
    }

    /// Zero.
    #[inline(always)]
    pub fn zero<M: Modulus>(self) -> Lanes<M> {
        self.splat_limbs(&[0; LIMBS])
    }

    /// a - b + multiple, wide; `multiple` is K p with b at most K p.
    #[inline(always)]
    pub fn wide_sub_from<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>, multiple: Lanes<M>) -> Lanes<M> {
        self.wide_add(self.wide_sub(a, b), multiple)
    }

    /// To less than (1 + 2^-44) p, normal, from any wide value in [0, 2^260).
    ///
    /// Barrett's quotient from the top limb: q = floor(x_4 floor(2^305 / p) / 2^97) is floor(x / p) or one less, and is one
    /// less only where x mod p is below 2^-44 p.
    #[inline(always)]
    pub fn reduce_any<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        let x = self.carry(x);
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let set = |v: u64| _mm512_set1_epi64(v as i64);
            let zero = _mm512_setzero_si512();
            let q = _mm512_srli_epi64::<45>(_mm512_madd52hi_epu64(zero, x.limb[4], set(M::RECIPROCAL)));
            let mut l = x.limb;
            // x + q (2^260 - p), modulo 2^260.
            for i in 0..LIMBS {
                l[i] = _mm512_madd52lo_epu64(l[i], q, set(M::NEGATIVE[i]));
                if i + 1 < LIMBS {
                    l[i + 1] = _mm512_madd52hi_epu64(l[i + 1], q, set(M::NEGATIVE[i]));
                }
            }
            let mut out = self.carry(Lanes::<M>::new(l));
            out.limb[4] = _mm512_and_si512(out.limb[4], set(MASK));
            out
        }
    }

    /// To [0, p), normal, from any wide value in [0, 2^260).
    #[inline(always)]
    pub fn canonical_any<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        let x = self.reduce_any(x);
        let less = self.carry(self.wide_sub(x, self.multiple::<M, 1>()));
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let negative = _mm512_movepi64_mask(less.limb[4]);
            Lanes::new(each(|i| _mm512_mask_mov_epi64(less.limb[i], negative, x.limb[i])))
        }
    }
}
