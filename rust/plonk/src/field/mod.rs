//! Field arithmetic on eight lanes at once (AVX-512 IFMA, radix 2^52), chosen at run time.
//!
//! A kernel implements [`Kernel`] with `#[inline(always)]` on `run` and is started by [`Ifma::run`], which compiles it
//! for the features; [`Ifma::detect`] gives `None` where they are missing and the caller takes arkworks' scalar path.
//! Every lane function is safe to call: the token [`Ifma`] exists only where the features were found.
//! What it is not: a field type for general use (that is arkworks') nor constant time: nothing here is secret.
//!
//! Source of the reduction: folds of the low limbs as in Y. Domb's note "Fast modular multiplication" (2022), one
//! Montgomery step at the end; radix 2^52 for `vpmadd52` as in S. Gueron and V. Krasnov (ARITH 2016).

use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(target_arch = "x86_64")]
mod adx;
mod inverse;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod memory;
mod modulus;
#[cfg(target_arch = "x86_64")]
mod product;
#[cfg(target_arch = "x86_64")]
mod wide;
mod words;

#[cfg(target_arch = "x86_64")]
pub use adx::{Adx, Words};
pub use inverse::invert;
#[cfg(target_arch = "x86_64")]
pub use lanes::{Ifma, Kernel, Lanes};
#[cfg(target_arch = "x86_64")]
pub use memory::LimbRows;
pub(crate) use modulus::power_of_two;
pub use modulus::{limbs260, Base, Modulus, Reduction, Scalar, LIMBS};
pub use words::{decode, NotCanonical};

const UNKNOWN: u8 = 0;
const ON: u8 = 1;
const OFF: u8 = 2;
static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Whether kernels run on lanes: the processor has them and the environment does not say `L2ROLLUP_LANES=off`.
#[must_use]
pub fn lanes_available() -> bool {
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => {
            let wanted = std::env::var("L2ROLLUP_LANES").map_or(true, |v| v != "off");
            set_lanes(wanted)
        }
        state => state == ON,
    }
}

/// Switches lanes on (where the processor has them) or off for the whole process; returns whether they are on now.
/// Tests and benchmarks compare both paths with it; results are equal either way.
pub fn set_lanes(wanted: bool) -> bool {
    let on = wanted && detected();
    STATE.store(if on { ON } else { OFF }, Ordering::Relaxed);
    on
}

#[cfg(target_arch = "x86_64")]
fn detected() -> bool {
    std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512dq")
        && std::is_x86_feature_detected!("avx512bw")
        && std::is_x86_feature_detected!("avx512vl")
        && std::is_x86_feature_detected!("avx512ifma")
        && std::is_x86_feature_detected!("avx512vbmi2")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("adx")
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> bool {
    false
}
