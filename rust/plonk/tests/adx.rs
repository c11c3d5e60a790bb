//! Every function on words equals arkworks, on random inputs, edges and values at the documented bounds.
#![cfg(target_arch = "x86_64")]

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use ark_std::rand::RngCore;
use plonk::field::{Adx, Base, Modulus, Scalar, Words};

/// k p + x in words.
fn lifted<M: Modulus>(k: u64, x: Words) -> Words {
    let mut out = BigInt(x);
    for _ in 0..k {
        assert!(!out.add_with_carry(&BigInt(M::WORDS)), "below 2^256");
    }
    out.0
}

/// Edges, then random numbers, each below p.
fn numbers<M: Modulus>() -> Vec<Words> {
    let mut minus_one = M::WORDS;
    minus_one[0] -= 1;
    let half = M::WORDS[3] >> 1;
    let mut out = vec![[0; 4], [1, 0, 0, 0], minus_one, [u64::MAX, u64::MAX, u64::MAX, half], [0, u64::MAX, 0, half]];
    let mut rng = ark_std::test_rng();
    out.extend((0..60).map(|_| [rng.next_u64(), rng.next_u64(), rng.next_u64(), rng.next_u64() % M::WORDS[3]]));
    out
}

fn agrees<M: Modulus>(element: impl Fn(Words) -> M::Element, words: impl Fn(M::Element) -> Words)
where
    M::Element: PrimeField<BigInt = BigInt<4>>,
{
    let Some(adx) = Adx::<M>::detect() else {
        println!("no ADX");
        return;
    };
    let at_most = |x: &Words, k: u64| BigInt(*x) < BigInt(lifted::<M>(k, [0; 4]));
    let all = numbers::<M>();
    for x in &all {
        for y in &all {
            for (i, j) in [(0, 0), (1, 2), (2, 3), (3, 4), (3, 0)] {
                let (a, b) = (lifted::<M>(i, *x), lifted::<M>(j, *y));
                let product = adx.mul(&a, &b);
                assert!(at_most(&product, if (i + 1) * (j + 1) <= 9 { 3 } else { 5 }));
                if at_most(&product, 4) {
                    assert_eq!(adx.canonical(&product), words(element(*x) * element(*y)), "{a:?} {b:?}");
                }
            }
            for (i, j) in [(0, 0), (1, 1), (2, 0), (0, 2)] {
                let (a, b) = (lifted::<M>(i, *x), lifted::<M>(j, *y));
                let sum = adx.sum(&a, &b);
                assert!(at_most(&sum, 2));
                assert_eq!(adx.canonical(&sum), words(element(*x) + element(*y)));
                assert_eq!(adx.canonical(&adx.add(&a, &b)), words(element(*x) + element(*y)));
            }
        }
        for k in 0..3 {
            let power = adx.fifth_power(&lifted::<M>(k, *x));
            assert!(at_most(&power, 3));
            assert_eq!(adx.canonical(&power), words(element(*x).pow([5u64])));
        }
        for k in 0..4 {
            assert_eq!(adx.canonical(&lifted::<M>(k, *x)), *x);
        }
    }
    // The largest first factor the bound allows with the largest second one there is.
    let mut largest = lifted::<M>(4, [0; 4]);
    largest[0] -= 1;
    let product = adx.mul(&largest, &[u64::MAX; 4]);
    let wide = M::Element::from_le_bytes_mod_order(&[0xff; 32]);
    let shift = M::Element::from(2u64).pow([256]);
    let wanted = -wide / shift;
    assert_eq!(M::Element::from_le_bytes_mod_order(&BigInt(product).to_bytes_le()), wanted);
}

#[test]
fn words_modulo_both_primes() {
    agrees::<Scalar>(|w| Fr::new_unchecked(BigInt(w)), |x| x.0 .0);
    agrees::<Base>(|w| Fq::new_unchecked(BigInt(w)), |x| x.0 .0);
}
