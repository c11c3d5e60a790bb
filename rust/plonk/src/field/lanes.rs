//! Eight field elements in five 512-bit registers: sums, reductions, selection. Products are in `product.rs`, memory in `memory.rs`.
//!
//! **Layout.** Lane j of `Lanes` is the number sum of `limb_i 2^(52 i)`; limbs lie below 2^52 ("normal") unless a function says
//! "wide": then they are signed 64-bit numbers, good for `reduce`, `carry` and as factors after `factor`.
//! **Bounds.** Values are residues, not canonical. `mul` and `sqr` of factors whose product is at most 35 p^2 give less than
//! 3 p (up to 84 p^2: less than 4 p); sums and differences state theirs. `M::FOLD` is where these numbers come from.
//! **Montgomery.** Products divide by 2^260 while memory holds arkworks' R = 2^256. Three ways, none a conversion pass:
//! a constant in R = 2^260 (`splat260`) times data in R = 2^256 is in R = 2^256; an operand read by `load_shifted` (value times
//! 16, that is R = 2^260) times data in R = 2^256 is in R = 2^256; and `divide16` takes a value in R = 2^260 to R = 2^256.

#![allow(unsafe_code)]

use core::arch::x86_64::*;
use core::marker::PhantomData;

use ark_ff::{BigInt, PrimeField};

use super::modulus::{limbs, Modulus, LIMBS, MASK};

/// Proof that this processor has the lanes: only [`Ifma::detect`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

/// Work to be compiled for the lanes. `run` must be `#[inline(always)]`, as must everything it calls on vectors.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The work.
    fn run(self, lanes: Ifma) -> Self::Output;
}

/// Eight residues modulo M.
#[derive(Clone, Copy, Debug)]
pub struct Lanes<M> {
    /// Limb i of all eight.
    pub(crate) limb: [__m512i; LIMBS],
    modulus: PhantomData<M>,
}

/// Runs a kernel in a function compiled for the features.
///
/// # Safety
/// The processor has the features named.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2,bmi2,adx")]
unsafe fn with_features<K: Kernel>(kernel: K, lanes: Ifma) -> K::Output {
    kernel.run(lanes)
}

impl Ifma {
    /// The token, unless the processor lacks a feature or lanes are switched off.
    #[must_use]
    pub fn detect() -> Option<Self> {
        super::lanes_available().then_some(Self(()))
    }

    /// Runs a kernel.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: a token exists only after the features were detected.
        unsafe { with_features(kernel, self) }
    }

    /// The same number in every lane, as it is (no Montgomery factor).
    #[inline(always)]
    pub fn splat_words<M: Modulus>(self, words: [u64; 4]) -> Lanes<M> {
        self.constant(limbs(words))
    }

    /// An element in every lane, in arkworks' R = 2^256.
    #[inline(always)]
    pub fn splat<M: Modulus>(self, x: &[u64; 4]) -> Lanes<M> {
        self.splat_words(*x)
    }

    #[inline(always)]
    fn constant<M: Modulus>(self, l: [u64; LIMBS]) -> Lanes<M> {
        Lanes::new(each(|i| self.set(l[i])))
    }

    #[inline(always)]
    pub(super) fn set(self, x: u64) -> __m512i {
        // SAFETY: a token exists only after the features were detected.
        unsafe { _mm512_set1_epi64(x as i64) }
    }

    /// An element of arkworks in every lane, in R = 2^260: a constant for data in R = 2^256.
    #[inline(always)]
    pub fn splat260<M: Modulus>(self, x: &M::Element) -> Lanes<M>
    where
        M::Element: PrimeField<BigInt = BigInt<4>>,
    {
        // x 2^260 as a plain number: the canonical form of x times 2^260 mod p.
        let shift = M::Element::from_bigint(BigInt(M::ONE)).unwrap_or_default();
        self.splat_words((*x * shift).into_bigint().0)
    }
}

impl<M: Modulus> Lanes<M> {
    /// From limbs.
    #[inline(always)]
    pub(crate) fn new(limb: [__m512i; LIMBS]) -> Self {
        Self { limb, modulus: PhantomData }
    }
}

impl Ifma {
    /// Limbs made normal by carrying, signed; the value must be in [0, 2^260).
    #[inline(always)]
    pub fn carry<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        let m = self.set(MASK);
        let mut l = x.limb;
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            for i in 0..LIMBS - 1 {
                l[i + 1] = _mm512_add_epi64(l[i + 1], _mm512_srai_epi64::<52>(l[i]));
                l[i] = _mm512_and_si512(l[i], m);
            }
        }
        Lanes::new(l)
    }

    /// Carried but not masked: good as a factor of `mul` and `sqr` (which read 52 bits a limb) and nothing else.
    #[inline(always)]
    pub fn factor<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        let mut l = x.limb;
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            for i in 0..LIMBS - 1 {
                l[i + 1] = _mm512_add_epi64(l[i + 1], _mm512_srai_epi64::<52>(l[i]));
            }
        }
        Lanes::new(l)
    }

    /// A factor made normal.
    #[inline(always)]
    pub fn mask<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        let m = self.set(MASK);
        // SAFETY: a token exists only after the features were detected.
        Lanes::new(each(|i| unsafe { _mm512_and_si512(x.limb[i], m) }))
    }

    /// a + b, wide.
    #[inline(always)]
    pub fn wide_add<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        Lanes::new(each(|i| unsafe { _mm512_add_epi64(a.limb[i], b.limb[i]) }))
    }

    /// a - b, wide, perhaps negative.
    #[inline(always)]
    pub fn wide_sub<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        Lanes::new(each(|i| unsafe { _mm512_sub_epi64(a.limb[i], b.limb[i]) }))
    }

    /// K p, with limbs up to K 2^52.
    #[inline(always)]
    pub fn multiple<M: Modulus, const K: u64>(self) -> Lanes<M> {
        Lanes::new(each(|i| self.set(M::P[i] * K)))
    }

    /// a + b; the bound is the sum of both.
    #[inline(always)]
    pub fn add<M: Modulus>(self, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        self.carry(self.wide_add(a, b))
    }

    /// 2 a.
    #[inline(always)]
    pub fn double<M: Modulus>(self, a: Lanes<M>) -> Lanes<M> {
        self.add(a, a)
    }

    /// a - b + K p for b at most K p; the bound is a's plus K p.
    #[inline(always)]
    pub fn sub<M: Modulus, const K: u64>(self, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        self.carry(self.wide_add(self.wide_sub(a, b), self.multiple::<M, K>()))
    }

    /// K p - a for a at most K p.
    #[inline(always)]
    pub fn neg<M: Modulus, const K: u64>(self, a: Lanes<M>) -> Lanes<M> {
        self.carry(self.wide_sub(self.multiple::<M, K>(), a))
    }

    /// To less than 2.33 p, normal, from a wide value in [2^220, 10 p] or a normal one in [0, 10 p].
    #[inline(always)]
    pub fn reduce<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        let quotient = unsafe { _mm512_srli_epi64::<46>(x.limb[4]) };
        self.carry(self.wide_sub(x, self.table(&M::COARSE, quotient)))
    }

    /// x + K p to less than 2.33 p, normal, where that sum is in [2^220, 10 p]: for a wide value that may be negative.
    #[inline(always)]
    pub fn reduce_after<M: Modulus, const K: u64>(self, x: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        let quotient = unsafe {
            let top = _mm512_add_epi64(x.limb[LIMBS - 1], self.set(K * M::P[LIMBS - 1]));
            _mm512_srli_epi64::<46>(top)
        };
        let table = const { &less_multiple::<M, K>() };
        self.carry(self.wide_sub(x, self.table(table, quotient)))
    }

    /// `table[limb][quotient]` a lane.
    #[inline(always)]
    fn table<M: Modulus>(self, table: &'static [[u64; 8]; LIMBS], quotient: __m512i) -> Lanes<M> {
        Lanes::new(each(|i| {
            // SAFETY: a token exists only after the features were detected; the load reads 64 bytes of an array of 64 bytes.
            unsafe { _mm512_permutexvar_epi64(quotient, _mm512_loadu_si512(table[i].as_ptr().cast())) }
        }))
    }

    /// To [0, p), from a normal value below 2^256 (5.29 p).
    #[inline(always)]
    pub fn canonical<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let quotient = _mm512_srli_epi64::<45>(x.limb[4]);
            let x = self.carry(self.wide_sub(x, self.table(&M::FINE, quotient))); // < 1.67 p
            let less = self.carry(self.wide_sub(x, self.multiple::<M, 1>()));
            let negative = _mm512_movepi64_mask(less.limb[4]);
            Lanes::new(each(|i| _mm512_mask_mov_epi64(less.limb[i], negative, x.limb[i])))
        }
    }

    /// Lanes of a wide value that are below zero.
    #[inline(always)]
    pub fn negative<M: Modulus>(self, x: Lanes<M>) -> u8 {
        // SAFETY: a token exists only after the features were detected.
        unsafe { _mm512_movepi64_mask(self.factor(x).limb[LIMBS - 1]) }
    }

    /// Lanes that are zero modulo p, for normal values below 2^256.
    #[inline(always)]
    pub fn zeros<M: Modulus>(self, x: Lanes<M>) -> u8 {
        self.all_limbs_zero(self.canonical(x))
    }

    /// Lanes whose top limb has a bit of `bits`.
    #[inline(always)]
    pub fn top_bits<M: Modulus>(self, x: Lanes<M>, bits: u64) -> u8 {
        // SAFETY: a token exists only after the features were detected.
        unsafe { _mm512_test_epi64_mask(x.limb[LIMBS - 1], self.set(bits)) }
    }

    /// Whether a top limb of any of four has a bit of `bits` in any lane.
    #[inline(always)]
    pub fn any_top_bits<M: Modulus>(self, x: [Lanes<M>; 4], bits: u64) -> bool {
        let top = |i: usize| x[i].limb[LIMBS - 1];
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let any = _mm512_or_si512(_mm512_or_si512(top(0), top(1)), _mm512_or_si512(top(2), top(3)));
            _mm512_test_epi64_mask(any, self.set(bits)) != 0
        }
    }

    /// Lanes whose limbs are all zero.
    #[inline(always)]
    pub fn all_limbs_zero<M: Modulus>(self, x: Lanes<M>) -> u8 {
        let l = x.limb;
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let any = _mm512_or_si512(_mm512_or_si512(_mm512_or_si512(l[0], l[1]), _mm512_or_si512(l[2], l[3])), l[4]);
            _mm512_testn_epi64_mask(any, any)
        }
    }

    /// `b` in the lanes of `mask`, `a` elsewhere.
    #[inline(always)]
    pub fn select<M: Modulus>(self, mask: u8, a: Lanes<M>, b: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        Lanes::new(each(|i| unsafe { _mm512_mask_mov_epi64(a.limb[i], mask, b.limb[i]) }))
    }

    /// x / 16 modulo p: R = 2^260 to R = 2^256. Below x / 16 + p, normal.
    #[inline(always)]
    pub fn divide16<M: Modulus>(self, x: Lanes<M>) -> Lanes<M> {
        // SAFETY: a token exists only after the features were detected.
        unsafe {
            let nibble = self.set(15);
            let zero = _mm512_setzero_si512();
            // An exact step of Montgomery's reduction with radix 16: m p + x is divisible by 16.
            let m =
                _mm512_and_si512(_mm512_madd52lo_epu64(zero, x.limb[0], self.set(M::NEGATIVE_INVERSE & 15)), nibble);
            let mut l = x.limb;
            for i in 0..LIMBS {
                l[i] = _mm512_madd52lo_epu64(l[i], m, self.set(M::P[i]));
                if i + 1 < LIMBS {
                    l[i + 1] = _mm512_madd52hi_epu64(l[i + 1], m, self.set(M::P[i]));
                }
            }
            let l = self.carry(Lanes::<M>::new(l)).limb;
            let mask = self.set(MASK);
            let next = |i: usize| if i + 1 < LIMBS { l[i + 1] } else { zero };
            Lanes::new(each(|i| {
                let from_next = _mm512_and_si512(_mm512_slli_epi64::<48>(next(i)), mask);
                _mm512_or_si512(_mm512_srli_epi64::<4>(l[i]), from_next)
            }))
        }
    }
}

/// The multiples of `COARSE` less K p each, limb by limb, as two's complement.
const fn less_multiple<M: Modulus, const K: u64>() -> [[u64; 8]; LIMBS] {
    let mut table = M::COARSE;
    let mut j = 0;
    while j < LIMBS {
        let mut i = 0;
        while i < 8 {
            table[j][i] = table[j][i].wrapping_sub(K * M::P[j]);
            i += 1;
        }
        j += 1;
    }
    table
}

/// An array of five from a function, all inlined.
#[inline(always)]
pub(super) fn each(f: impl Fn(usize) -> __m512i) -> [__m512i; LIMBS] {
    [f(0), f(1), f(2), f(3), f(4)]
}
