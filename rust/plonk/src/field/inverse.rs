//! One inversion modulo a BN254 prime, about six times as fast as an extended binary algorithm bit by bit.
//!
//! Bernstein and Yang's division steps (ePrint 2019/266), 62 at a time on the low words alone: each group of steps is a matrix of
//! 62-bit integers, applied to the numbers and, modulo p, to their coefficients. In variable time: nothing here is secret.
//! What it is not: an inversion of many elements, which batches need only one of these for.

use super::modulus::Modulus;

/// Numbers in signed limbs of 62 bits, the top one with the sign.
type Signed = [i64; 5];
const LOW: u64 = u64::MAX >> 2;
/// Steps of a group.
const STEPS: u32 = 62;

/// 2^62 times a group of division steps: (f, g) becomes (u f + v g, q f + r g) / 2^62.
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse of x modulo p, both plain numbers below p; None for zero.
#[must_use]
pub fn invert<M: Modulus>(x: &[u64; 4]) -> Option<[u64; 4]> {
    if *x == [0; 4] {
        return None;
    }
    let p = signed(&M::WORDS);
    // -p^-1 mod 2^62, from the same modulo 2^52 by one step of Newton's iteration.
    let low = M::WORDS[0];
    let negative_inverse = {
        let inverse = M::NEGATIVE_INVERSE.wrapping_neg();
        inverse.wrapping_mul(2u64.wrapping_sub(low.wrapping_mul(inverse))).wrapping_neg() & LOW
    };
    let (mut f, mut g) = (p, signed(x));
    // f = d x and g = e x modulo p, up to a common power of two that the steps divide out.
    let (mut d, mut e): (Signed, Signed) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    while g != [0; 5] {
        let t = steps(&mut eta, low_word(&f), low_word(&g));
        (d, e) = apply_modulo(&t, &d, &e, &p, negative_inverse);
        (f, g) = apply(&t, &f, &g);
    }
    Some(normal(d, f[4] < 0, &p))
}

fn signed(w: &[u64; 4]) -> Signed {
    let cut = |x: u64| (x & LOW) as i64;
    [
        cut(w[0]),
        cut(w[0] >> 62 | w[1] << 2),
        cut(w[1] >> 60 | w[2] << 4),
        cut(w[2] >> 58 | w[3] << 6),
        (w[3] >> 56) as i64,
    ]
}

fn low_word(x: &Signed) -> u64 {
    x[0] as u64 | (x[1] as u64) << 62
}

/// A group of division steps on the low words of f (odd) and g. `eta` is minus the paper's delta.
fn steps(eta: &mut i64, mut f: u64, mut g: u64) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let mut left = STEPS;
    loop {
        // Steps on an even g halve it; the sentinel bit stops at the end of the group.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return Matrix { u: u as i64, v: v as i64, q: q as i64, r: r as i64 };
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // The next eta + 1 steps only add f: w clears up to six bits of g at once. 1/f = f (2 - f^2) modulo 2^6.
        let count = (*eta as u64 + 1).min(u64::from(left)) as u32;
        let w = f.wrapping_mul(g).wrapping_mul(f.wrapping_mul(f).wrapping_sub(2)) & (u64::MAX >> (64 - count)) & 63;
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
}

fn product(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// (u f + v g, q f + r g) / 2^62, exactly.
fn apply(t: &Matrix, f: &Signed, g: &Signed) -> (Signed, Signed) {
    let (mut out_f, mut out_g) = ([0; 5], [0; 5]);
    let mut cf = product(t.u, f[0]) + product(t.v, g[0]);
    let mut cg = product(t.q, f[0]) + product(t.r, g[0]);
    for i in 1..5 {
        cf = (cf >> 62) + product(t.u, f[i]) + product(t.v, g[i]);
        cg = (cg >> 62) + product(t.q, f[i]) + product(t.r, g[i]);
        out_f[i - 1] = (cf as u64 & LOW) as i64;
        out_g[i - 1] = (cg as u64 & LOW) as i64;
    }
    out_f[4] = (cf >> 62) as i64;
    out_g[4] = (cg >> 62) as i64;
    (out_f, out_g)
}

/// The same modulo p for d and e in (-2 p, p): multiples of p make the low 62 bits vanish and keep the range.
fn apply_modulo(t: &Matrix, d: &Signed, e: &Signed, p: &Signed, negative_inverse: u64) -> (Signed, Signed) {
    let (sd, se) = (d[4] >> 63, e[4] >> 63);
    let mut cd = product(t.u, d[0]) + product(t.v, e[0]);
    let mut ce = product(t.q, d[0]) + product(t.r, e[0]);
    let cleared = |c: i128, base: i64| {
        // base + k with (c + (base + k) p) divisible by 2^62 and -2^62 < k <= 0.
        let low = negative_inverse.wrapping_mul(c as u64).wrapping_sub(base as u64) & LOW;
        base + if low == 0 { 0 } else { low as i64 - (1 << 62) }
    };
    let md = cleared(cd, (t.u & sd) + (t.v & se));
    let me = cleared(ce, (t.q & sd) + (t.r & se));
    cd += product(p[0], md);
    ce += product(p[0], me);
    let (mut out_d, mut out_e) = ([0; 5], [0; 5]);
    for i in 1..5 {
        cd = (cd >> 62) + product(t.u, d[i]) + product(t.v, e[i]) + product(p[i], md);
        ce = (ce >> 62) + product(t.q, d[i]) + product(t.r, e[i]) + product(p[i], me);
        out_d[i - 1] = (cd as u64 & LOW) as i64;
        out_e[i - 1] = (ce as u64 & LOW) as i64;
    }
    out_d[4] = (cd >> 62) as i64;
    out_e[4] = (ce >> 62) as i64;
    (out_d, out_e)
}

/// d, or -d, in [0, p), as words.
fn normal(mut d: Signed, negate: bool, p: &Signed) -> [u64; 4] {
    let carry = |x: &mut Signed| {
        for i in 0..4 {
            x[i + 1] += x[i] >> 62;
            x[i] &= LOW as i64;
        }
    };
    if negate {
        d.iter_mut().for_each(|x| *x = -*x);
    }
    carry(&mut d);
    while d[4] < 0 {
        d.iter_mut().zip(p).for_each(|(x, p)| *x += p);
        carry(&mut d);
    }
    loop {
        let mut less = d;
        less.iter_mut().zip(p).for_each(|(x, p)| *x -= p);
        carry(&mut less);
        if less[4] < 0 {
            break;
        }
        d = less;
    }
    let l = d.map(|x| x as u64);
    [l[0] | l[1] << 62, l[1] >> 2 | l[2] << 60, l[2] >> 4 | l[3] << 58, l[3] >> 6 | l[4] << 56]
}
