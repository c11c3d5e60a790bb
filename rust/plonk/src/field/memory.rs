//! Between memory and lanes: elements of four 64-bit words, transposed and cut into limbs of 52 bits, and back.
//!
//! What it is not: a conversion of Montgomery forms but for the factor 16 of the shifted loads; see `lanes.rs`.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::lanes::{each, Ifma, Lanes};
use super::modulus::{Modulus, LIMBS, MASK};

impl Ifma {
    /// Eight elements of memory, contiguous, as they are.
    #[inline(always)]
    pub fn load<M: Modulus>(self, from: &[[u64; 4]; 8]) -> Lanes<M> {
        self.unpack(self.transpose(refs(from)))
    }

    /// Eight elements of memory from anywhere, as they are.
    #[inline(always)]
    pub fn gather<M: Modulus>(self, from: [&[u64; 4]; 8]) -> Lanes<M> {
        self.unpack(self.transpose(from))
    }

    /// Eight contiguous elements times 16: R = 2^256 becomes R = 2^260. Values below 16 p.
    #[inline(always)]
    pub fn load_shifted<M: Modulus>(self, from: &[[u64; 4]; 8]) -> Lanes<M> {
        self.unpack_shifted(self.transpose(refs(from)))
    }

    /// `load_shifted` from anywhere.
    #[inline(always)]
    pub fn gather_shifted<M: Modulus>(self, from: [&[u64; 4]; 8]) -> Lanes<M> {
        self.unpack_shifted(self.transpose(from))
    }

    /// Word i of eight elements in register i.
    #[inline(always)]
    pub(crate) fn transpose(self, from: [&[u64; 4]; 8]) -> [__m512i; 4] {
        // SAFETY: a token exists only after the features were detected; every load reads 32 bytes behind a reference to 32 bytes.
        unsafe {
            let half = |i: usize| _mm256_loadu_si256(from[i].as_ptr().cast());
            let pair = |i: usize| _mm512_inserti64x4::<1>(_mm512_castsi256_si512(half(i)), half(i + 1));
            let (a, b, c, d) = (pair(0), pair(2), pair(4), pair(6));
            let even = [_mm512_unpacklo_epi64(a, b), _mm512_unpacklo_epi64(c, d)];
            let odd = [_mm512_unpackhi_epi64(a, b), _mm512_unpackhi_epi64(c, d)];
            let low = _mm512_setr_epi64(0, 4, 1, 5, 8, 12, 9, 13);
            let high = _mm512_setr_epi64(2, 6, 3, 7, 10, 14, 11, 15);
            [
                _mm512_permutex2var_epi64(even[0], low, even[1]),
                _mm512_permutex2var_epi64(odd[0], low, odd[1]),
                _mm512_permutex2var_epi64(even[0], high, even[1]),
                _mm512_permutex2var_epi64(odd[0], high, odd[1]),
            ]
        }
    }

    /// Limbs of words.
    #[inline(always)]
    pub(crate) fn unpack<M: Modulus>(self, w: [__m512i; 4]) -> Lanes<M> {
        let m = self.set(MASK);
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            Lanes::new([
                _mm512_and_si512(w[0], m),
                _mm512_and_si512(_mm512_shrdi_epi64::<52>(w[0], w[1]), m),
                _mm512_and_si512(_mm512_shrdi_epi64::<40>(w[1], w[2]), m),
                _mm512_and_si512(_mm512_shrdi_epi64::<28>(w[2], w[3]), m),
                _mm512_srli_epi64::<16>(w[3]),
            ])
        }
    }

    #[inline(always)]
    fn unpack_shifted<M: Modulus>(self, w: [__m512i; 4]) -> Lanes<M> {
        let m = self.set(MASK);
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            Lanes::new([
                _mm512_and_si512(_mm512_slli_epi64::<4>(w[0]), m),
                _mm512_and_si512(_mm512_shrdi_epi64::<48>(w[0], w[1]), m),
                _mm512_and_si512(_mm512_shrdi_epi64::<36>(w[1], w[2]), m),
                _mm512_and_si512(_mm512_shrdi_epi64::<24>(w[2], w[3]), m),
                _mm512_srli_epi64::<12>(w[3]),
            ])
        }
    }

    /// Words of normal limbs; values below 2^256.
    #[inline(always)]
    pub(crate) fn pack<M: Modulus>(self, x: Lanes<M>) -> [__m512i; 4] {
        let l = x.limb;
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            [
                _mm512_or_si512(l[0], _mm512_slli_epi64::<52>(l[1])),
                _mm512_or_si512(_mm512_srli_epi64::<12>(l[1]), _mm512_slli_epi64::<40>(l[2])),
                _mm512_or_si512(_mm512_srli_epi64::<24>(l[2]), _mm512_slli_epi64::<28>(l[3])),
                _mm512_or_si512(_mm512_srli_epi64::<36>(l[3]), _mm512_slli_epi64::<16>(l[4])),
            ]
        }
    }

    /// Writes values below 2^256 (5.29 p) as they are: not canonical, readable by `load` and `gather` alone.
    #[inline(always)]
    pub fn store<M: Modulus>(self, x: Lanes<M>, to: &mut [[u64; 4]; 8]) {
        let [a, b, c, d, e, f, g, h] = to;
        self.scatter(x, [a, b, c, d, e, f, g, h]);
    }

    /// `store` to anywhere.
    #[inline(always)]
    pub fn scatter<M: Modulus>(self, x: Lanes<M>, to: [&mut [u64; 4]; 8]) {
        let [a, b, c, d, e, f, g, h] = to;
        // SAFETY: every pointer is an exclusive reference to what is written.
        unsafe { self.scatter_to(x, [a, b, c, d, e, f, g, h]) }
    }

    /// `scatter` through pointers, in order: where two are equal the later one stays.
    ///
    /// # Safety
    /// Every pointer is valid for a write of 32 bytes.
    #[inline(always)]
    pub(crate) unsafe fn scatter_to<M: Modulus>(self, x: Lanes<M>, to: [*mut [u64; 4]; 8]) {
        let w = self.pack(x);
        // SAFETY: a token exists only after the features were detected; the caller vouches for the pointers.
        unsafe {
            let low = [_mm512_unpacklo_epi64(w[0], w[1]), _mm512_unpacklo_epi64(w[2], w[3])];
            let high = [_mm512_unpackhi_epi64(w[0], w[1]), _mm512_unpackhi_epi64(w[2], w[3])];
            let first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
            let second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
            let rows = [
                _mm512_permutex2var_epi64(low[0], first, low[1]),
                _mm512_permutex2var_epi64(high[0], first, high[1]),
                _mm512_permutex2var_epi64(low[0], second, low[1]),
                _mm512_permutex2var_epi64(high[0], second, high[1]),
            ];
            let [e0, e1, e2, e3, e4, e5, e6, e7] = to;
            for (row, even, odd) in [(rows[0], e0, e2), (rows[1], e1, e3), (rows[2], e4, e6), (rows[3], e5, e7)] {
                _mm256_storeu_si256(even.cast(), _mm512_castsi512_si256(row));
                _mm256_storeu_si256(odd.cast(), _mm512_extracti64x4_epi64::<1>(row));
            }
        }
    }

    /// Writes canonical elements: values below 5.29 p (2^256) and normal.
    #[inline(always)]
    pub fn store_canonical<M: Modulus>(self, x: Lanes<M>, to: &mut [[u64; 4]; 8]) {
        self.store(self.canonical(x), to);
    }
}

impl Ifma {
    /// Limbs as `store_limbs` wrote them: no transposition.
    #[inline(always)]
    pub fn load_limbs<M: Modulus>(self, from: &LimbRows) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected; every load reads 64 bytes of a row of 64 bytes.
        Lanes::new(each(|i| unsafe { _mm512_loadu_si512(from[i].as_ptr().cast()) }))
    }

    /// Writes limbs without transposition, for scratch memory.
    #[inline(always)]
    pub fn store_limbs<M: Modulus>(self, x: Lanes<M>, to: &mut LimbRows) {
        for (row, limb) in to.iter_mut().zip(x.limb) {
            // SAFETY: a token exists only after the features were detected; the store writes 64 bytes to a row of 64 bytes.
            unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), limb) }
        }
    }

    /// Asks for the cache line of a value that will be read soon.
    #[inline(always)]
    pub fn prefetch<T>(self, value: *const T) {
        // SAFETY: a prefetch reads nothing that the program sees and ignores addresses that it cannot read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(value.cast()) }
    }

    /// The top bits of eight words, the first one lowest.
    #[inline(always)]
    pub fn sign_bits(self, words: &[u32; 8]) -> u8 {
        // SAFETY: a token exists only after the features were detected; the load reads 32 bytes of an array of 32 bytes.
        unsafe { _mm256_movepi32_mask(_mm256_loadu_si256(words.as_ptr().cast())) }
    }
}

/// Limb i of eight elements in row i.
pub type LimbRows = [[u64; 8]; LIMBS];

/// Eight references, in order.
#[inline(always)]
fn refs(from: &[[u64; 4]; 8]) -> [&[u64; 4]; 8] {
    let [a, b, c, d, e, f, g, h] = from;
    [a, b, c, d, e, f, g, h]
}
