//! Products of one element at a time by `mulx`, `adcx` and `adox`: for chains, which leave nothing for lanes to do.
//!
//! **Numbers** are four 64-bit words, any value below 2^256 = 5.28 p, residues and not canonical. Bounds are stated with each
//! function; products need no comparison with p, as long as their factors are small.
//! **Montgomery.** R = 2^256 as arkworks has it in memory, so elements are read as they lie and written after `canonical`.
//! What it is not: constant time (nothing here is secret), nor faster than lanes where eight elements wait.
//!
//! Source: Montgomery's product word by word (coarsely integrated operand scanning: Koc, Acar, Kaliski, IEEE Micro 16(3), 1996);
//! the two carry chains are what the instructions are made for (Ozturk, Guilford, Gopal, "Large integer squaring", Intel 2012).

#![allow(unsafe_code)]

use core::arch::asm;
use core::marker::PhantomData;

use super::modulus::Modulus;

/// A number below 2^256 in words, the lowest first.
pub type Words = [u64; 4];

/// Proof that this processor has the instructions, for arithmetic modulo M: only [`Adx::detect`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Adx<M>(PhantomData<M>);

/// t += a b_i of four words t, the fifth in h; b_i stands at this byte of b.
macro_rules! take {
    ($byte:literal) => {
        concat!(
            "xor eax, eax\nmov rdx, [{b} + ", $byte, "]\n",
            "mulx {h}, rax, [{a}]\nadox {t0}, rax\nadcx {t1}, {h}\n",
            "mulx {h}, rax, [{a} + 8]\nadox {t1}, rax\nadcx {t2}, {h}\n",
            "mulx {h}, rax, [{a} + 16]\nadox {t2}, rax\nadcx {t3}, {h}\n",
            "mulx {h}, rax, [{a} + 24]\nadox {t3}, rax\n",
            "mov eax, 0\nadcx {h}, rax\nadox {h}, rax"
        )
    };
}

/// (t + m p) / 2^64 of five words t, with the m that makes it whole.
macro_rules! reduce {
    () => {
        concat!(
            "mov rdx, {t0}\nimul rdx, [{k} + 32]\nxor eax, eax\n",
            "mulx {c}, rax, [{k}]\nadcx rax, {t0}\nmov {t0}, {c}\n",
            "adcx {t0}, {t1}\nmulx {t1}, rax, [{k} + 8]\nadox {t0}, rax\n",
            "adcx {t1}, {t2}\nmulx {t2}, rax, [{k} + 16]\nadox {t1}, rax\n",
            "adcx {t2}, {t3}\nmulx {t3}, rax, [{k} + 24]\nadox {t2}, rax\n",
            "mov eax, 0\nadcx {t3}, rax\nadox {t3}, {h}"
        )
    };
}

impl<M: Modulus> Adx<M> {
    /// The token, unless the processor lacks an instruction.
    #[must_use]
    pub fn detect() -> Option<Self> {
        let found = std::is_x86_feature_detected!("bmi2") && std::is_x86_feature_detected!("adx");
        found.then_some(Self(PhantomData))
    }

    /// a b / 2^256 for a below 4 p and any b: below p + 0.19 a b / p.
    #[inline(always)]
    #[must_use]
    pub fn mul(self, a: &Words, b: &Words) -> Words {
        let (t0, t1, t2, t3): (u64, u64, u64, u64);
        // After i words of b the five words t stay below a + p < 2^256 (times 2^64 while a word is being taken in), so no carry is
        // lost where a chain ends.
        // SAFETY: a token exists only after the features were detected; a, b and the table are read, five words at most.
        unsafe {
            asm!(
                "xor eax, eax", "mov rdx, [{b}]",
                "mulx {t1}, {t0}, [{a}]",
                "mulx {t2}, rax, [{a} + 8]", "adox {t1}, rax",
                "mulx {t3}, rax, [{a} + 16]", "adox {t2}, rax",
                "mulx {h}, rax, [{a} + 24]", "adox {t3}, rax",
                "mov eax, 0", "adox {h}, rax",
                reduce!(),
                take!("8"), reduce!(),
                take!("16"), reduce!(),
                take!("24"), reduce!(),
                a = in(reg) a.as_ptr(),
                b = in(reg) b.as_ptr(),
                k = in(reg) core::ptr::from_ref(M::REDUCTION),
                t0 = out(reg) t0,
                t1 = out(reg) t1,
                t2 = out(reg) t2,
                t3 = out(reg) t3,
                h = out(reg) _,
                c = out(reg) _,
                out("rax") _,
                out("rdx") _,
                options(pure, readonly, nostack)
            );
        }
        [t0, t1, t2, t3]
    }

    /// a^5 / 2^1024 for a below 3 p: below 2.4 p.
    #[inline(always)]
    #[must_use]
    pub fn fifth_power(self, a: &Words) -> Words {
        let square = self.mul(a, a);
        self.mul(a, &self.mul(&square, &square))
    }

    /// a + b, which together are below 2^256.
    #[inline(always)]
    #[must_use]
    pub fn add(self, a: &Words, b: &Words) -> Words {
        let [mut s0, mut s1, mut s2, mut s3] = *a;
        // SAFETY: b is read, four words.
        unsafe {
            asm!(
                "add {s0}, [{b}]", "adc {s1}, [{b} + 8]", "adc {s2}, [{b} + 16]", "adc {s3}, [{b} + 24]",
                b = in(reg) b.as_ptr(),
                s0 = inout(reg) s0,
                s1 = inout(reg) s1,
                s2 = inout(reg) s2,
                s3 = inout(reg) s3,
                options(pure, readonly, nostack)
            );
        }
        [s0, s1, s2, s3]
    }

    /// a + b, which together are below 2^256, less 2 p where that is not negative: below 2 p for a + b below 4 p.
    #[inline(always)]
    #[must_use]
    pub fn sum(self, a: &Words, b: &Words) -> Words {
        self.reduce(&self.add(a, b))
    }

    /// a less 2 p where that is not negative: below 2 p for a below 4 p.
    #[inline(always)]
    #[must_use]
    pub fn reduce(self, a: &Words) -> Words {
        less(*a, M::TWICE)
    }

    /// The canonical form of a number below 4 p.
    #[inline(always)]
    #[must_use]
    pub fn canonical(self, a: &Words) -> Words {
        less(self.reduce(a), &M::REDUCTION.modulus)
    }
}

/// a less b, or a where that is negative. By moves, not by a branch, which would be taken at random.
#[inline(always)]
fn less(a: Words, b: &Words) -> Words {
    let [mut a0, mut a1, mut a2, mut a3] = a;
    // SAFETY: b is read, four words.
    unsafe {
        asm!(
            "mov {d0}, {a0}", "mov {d1}, {a1}", "mov {d2}, {a2}", "mov {d3}, {a3}",
            "sub {d0}, [{b}]", "sbb {d1}, [{b} + 8]", "sbb {d2}, [{b} + 16]", "sbb {d3}, [{b} + 24]",
            "cmovnc {a0}, {d0}", "cmovnc {a1}, {d1}", "cmovnc {a2}, {d2}", "cmovnc {a3}, {d3}",
            b = in(reg) b.as_ptr(),
            a0 = inout(reg) a0,
            a1 = inout(reg) a1,
            a2 = inout(reg) a2,
            a3 = inout(reg) a3,
            d0 = out(reg) _,
            d1 = out(reg) _,
            d2 = out(reg) _,
            d3 = out(reg) _,
            options(pure, readonly, nostack)
        );
    }
    [a0, a1, a2, a3]
}
