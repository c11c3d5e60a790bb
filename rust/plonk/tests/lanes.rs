//! Every lane function equals arkworks bit for bit, on random inputs, edges and values at the documented bounds.

use ark_bn254::{Fq, Fr};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};
use ark_std::rand::RngCore;
use plonk::field::{decode, invert, lanes_available, set_lanes, Base, Modulus, Scalar};

/// Serialises the tests that switch lanes.
static SWITCH: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn bytes_not_below_the_modulus_are_refused() {
    fn refuses<M: Modulus<Element: PrimeField<BigInt = BigInt<4>>>>() {
        let bytes = |words: BigInt<4>| -> [u8; 32] { words.to_bytes_le().try_into().expect("32 bytes") };
        let (mut below, mut above) = (M::Element::MODULUS, M::Element::MODULUS);
        below.0[0] -= 1;
        above.0[0] += 1;
        let good = [[0; 32], bytes(below)];
        assert_eq!(decode::<M>(&good).expect("canonical"), [M::Element::ZERO, -M::Element::ONE]);
        for bad in [bytes(M::Element::MODULUS), bytes(above), [0xff; 32]] {
            let error = decode::<M>(&[[0; 32], [0; 32], bad]).expect_err("not canonical");
            assert_eq!((error.index, error.got), (2, bad));
            assert!(error.to_string().contains("field element 2: expected a number below the modulus, got 0x"));
        }
    }
    refuses::<Base>();
    refuses::<Scalar>();
}

#[test]
fn inverses() {
    fn agree<M: Modulus<Element: PrimeField<BigInt = BigInt<4>>>>() {
        let mut rng = ark_std::test_rng();
        assert_eq!(invert::<M>(&[0; 4]), None);
        let mut minus_one = M::WORDS;
        minus_one[0] -= 1;
        let powers = (0..254).map(|i| M::Element::from(2u64).pow([i]).into_bigint().0);
        let randoms = (0..5000).map(|_| M::Element::from_le_bytes_mod_order(&rng.next_u64().to_le_bytes().repeat(4)));
        let edges = [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], minus_one, [u64::MAX, 0, 0, 0], [0, 0, 0, 1 << 60]];
        for x in edges.into_iter().chain(powers).chain(randoms.map(|x| x.into_bigint().0)) {
            let element = M::Element::from_bigint(BigInt(x)).expect("below p");
            assert_eq!(invert::<M>(&x), element.inverse().map(|y| y.into_bigint().0), "{x:?}");
        }
    }
    agree::<Base>();
    agree::<Scalar>();
}

#[test]
fn lanes_switch_off_and_on() {
    let _guard = SWITCH.lock();
    let before = lanes_available();
    assert!(!set_lanes(false) && !lanes_available());
    assert_eq!(set_lanes(true), lanes_available());
    set_lanes(before);
}

#[cfg(target_arch = "x86_64")]
mod on_lanes {
    use super::*;
    use plonk::field::{Ifma, Kernel, Lanes};

    type Words = [[u64; 4]; 8];

    /// Runs a closure of lane functions on two octets.
    struct Apply<'a, F> {
        f: F,
        a: &'a Words,
        b: &'a Words,
    }

    impl<F: Fn(Ifma, &Words, &Words) -> Words> Kernel for Apply<'_, F> {
        type Output = Words;
        #[inline(always)]
        fn run(self, lanes: Ifma) -> Words {
            (self.f)(lanes, self.a, self.b)
        }
    }

    trait Field254: Modulus<Element: PrimeField<BigInt = BigInt<4>>> {}
    impl Field254 for Base {}
    impl Field254 for Scalar {}

    /// Residues as stored: canonical ones, and the same plus multiples of p up to the 2^256 that memory holds.
    fn inputs<M: Field254>() -> Vec<Words> {
        let mut rng = ark_std::test_rng();
        let p = M::Element::MODULUS;
        let mut minus_one = p;
        minus_one.0[0] -= 1;
        let mut edges =
            vec![BigInt::zero(), BigInt::one(), minus_one, p, BigInt([u64::MAX; 4]), BigInt([0, 0, 0, 1 << 62])];
        edges.extend((1..=5).map(|k| {
            (0..k).fold(BigInt::zero(), |mut sum, _| {
                sum.add_with_carry(&p);
                sum
            })
        }));
        edges.push(BigInt([(1 << 52) - 1, 0, 0, 0]));
        edges.push(BigInt([0, 0, u64::MAX, 0]));
        let mut out: Vec<Words> = edges.chunks(8).map(|c| core::array::from_fn(|i| c[i % c.len()].0)).collect();
        for _ in 0..500 {
            out.push(core::array::from_fn(|_| core::array::from_fn(|_| rng.next_u64())));
        }
        out
    }

    /// The residue of words, as a plain number.
    fn residue<M: Field254>(words: [u64; 4]) -> M::Element {
        M::Element::from_le_bytes_mod_order(&BigInt(words).to_bytes_le())
    }

    /// Checks `f` on pairs of inputs against `expected` on residues; `limit` is the bound of the result in multiples of p.
    fn compare<M: Field254>(
        limit: u64,
        f: impl Fn(Ifma, &Words, &Words) -> Words + Copy,
        expected: impl Fn(M::Element, M::Element) -> M::Element,
    ) {
        let Some(lanes) = Ifma::detect() else {
            println!("no lanes on this processor: nothing compared");
            return;
        };
        let inputs = inputs::<M>();
        for (i, a) in inputs.iter().enumerate() {
            for b in [a, &inputs[(i + 1) % inputs.len()], &inputs[0]] {
                let got = lanes.run(Apply { f, a, b });
                for j in 0..8 {
                    assert_eq!(
                        residue::<M>(got[j]),
                        expected(residue::<M>(a[j]), residue::<M>(b[j])),
                        "{a:?} {b:?} lane {j}"
                    );
                    assert!(below::<M>(got[j], limit), "lane {j} exceeds {limit} p");
                }
            }
        }
    }

    /// By the top words alone, which is exact to 2^-58.
    fn below<M: Field254>(words: [u64; 4], limit: u64) -> bool {
        u128::from(words[3]) <= u128::from(M::WORDS[3] + 1) * u128::from(limit)
    }

    fn out<M: Modulus>(lanes: Ifma, x: Lanes<M>) -> Words {
        let mut words = [[0; 4]; 8];
        lanes.store(x, &mut words);
        words
    }

    fn canonical<M: Modulus>(lanes: Ifma, x: Lanes<M>) -> Words {
        let mut words = [[0; 4]; 8];
        lanes.store_canonical(x, &mut words);
        words
    }

    fn r260<F: PrimeField>() -> F {
        F::from(2u64).pow([260])
    }

    fn products<M: Field254>() {
        let over = r260::<M::Element>().inverse().expect("not zero");
        compare::<M>(3, |l, a, b| out::<M>(l, l.mul(l.load(a), l.load(b))), |a, b| a * b * over);
        compare::<M>(3, |l, a, _| out::<M>(l, l.sqr(l.load(a))), |a, _| a * a * over);
        compare::<M>(
            3,
            |l, a, b| out::<M>(l, l.mul_many([l.load(b), l.load(a)], [l.load(b), l.load(b)])[1]),
            |a, b| a * b * over,
        );
        compare::<M>(3, |l, a, b| out::<M>(l, l.sqr_many([l.load(a), l.load(b)])[0]), |a, _| a * a * over);
        // A canonical operand times 16 and one of 5.29 p: 84 p^2, the largest product allowed.
        let sixteen = M::Element::from(16u64);
        compare::<M>(
            4,
            |l, a, b| out::<M>(l, l.mul(l.load_shifted(&canonical::<M>(l, l.load(a))), l.load(b))),
            |a, b| a * b * over * sixteen,
        );
    }

    fn sums<M: Field254>() {
        let low = |l: Ifma, a: &Words| -> Lanes<M> { l.canonical(l.load(a)) };
        compare::<M>(2, move |l, a, b| out(l, l.add(low(l, a), low(l, b))), |a, b| a + b);
        compare::<M>(2, move |l, a, b| out(l, l.sub::<M, 1>(low(l, a), low(l, b))), |a, b| a - b);
        compare::<M>(2, move |l, a, _| out(l, l.double(low(l, a))), |a, _| a + a);
        compare::<M>(1, move |l, a, _| out(l, l.neg::<M, 1>(low(l, a))), |a, _| -a);
        compare::<M>(3, |l, a, b| out::<M>(l, l.reduce(l.add(l.load(a), low(l, b)))), |a, b| a + b);
        compare::<M>(3, |l, a, b| out::<M>(l, l.reduce(l.sub::<M, 4>(low(l, a), l.reduce(l.load(b))))), |a, b| a - b);
        let wide = |l: Ifma, a: &Words, b: &Words| -> Lanes<M> {
            l.wide_add(l.wide_sub(low(l, a), low(l, b)), l.multiple::<M, 2>())
        };
        compare::<M>(3, move |l, a, b| out(l, l.reduce(wide(l, a, b))), |a, b| a - b);
        let over = r260::<M::Element>().inverse().expect("not zero");
        compare::<M>(3, move |l, a, b| out(l, l.mul(l.factor(wide(l, a, b)), l.load(b))), |a, b| (a - b) * b * over);
        let sixteenth = M::Element::from(16u64).inverse().expect("not zero");
        compare::<M>(2, |l, a, _| out::<M>(l, l.divide16(l.load(a))), |a, _| a * sixteenth);
    }

    /// Products left wide, begun from an addend, or good as factors only; signs and marks of lanes.
    fn wide_forms<M: Field254>() {
        let low = |l: Ifma, a: &Words| -> Lanes<M> { l.canonical(l.load(a)) };
        let over = r260::<M::Element>().inverse().expect("not zero");
        compare::<M>(3, |l, a, b| out::<M>(l, l.carry(l.mul_wide([l.load(a)], [l.load(b)])[0])), |a, b| a * b * over);
        compare::<M>(3, |l, a, _| out::<M>(l, l.carry(l.sqr_wide([l.load(a); 2])[1])), |a, _| a * a * over);
        compare::<M>(3, |l, a, b| out::<M>(l, l.mask(l.mul_factor([l.load(a)], [l.load(b)])[0])), |a, b| a * b * over);
        let fused = move |l: Ifma, a: &Words, b: &Words| {
            let addend = l.wide_sub(l.multiple::<M, 4>(), low(l, b));
            out(l, l.reduce(l.mul_onto([addend], [l.load(a)], [l.load(b)])[0]))
        };
        compare::<M>(3, fused, |a, b| a * b * over - b);
        let after = move |l: Ifma, a: &Words, b: &Words| {
            out(l, l.reduce_after::<M, 5>(l.wide_sub(low(l, a), l.double(low(l, b)))))
        };
        compare::<M>(3, after, |a, b| a - b - b);
        let Some(lanes) = Ifma::detect() else { return };
        let inputs = inputs::<M>();
        for pair in inputs.windows(2) {
            let signs = |l: Ifma, a: &Words, b: &Words| {
                let (a, b) = (low(l, a), low(l, b));
                let negative = l.negative(l.wide_sub(a, b));
                let marked = l.load::<M>(&[[0, 0, 0, 1 << 63]; 8]);
                assert!(l.any_top_bits([a, b, b, marked], 1 << 47) && !l.any_top_bits([a, b, a, b], 1 << 47));
                assert_eq!(
                    (l.top_bits(marked, 1 << 47), l.top_bits(a, 1 << 47), l.all_limbs_zero(l.wide_sub(a, a))),
                    (255, 0, 255)
                );
                [[u64::from(negative), 0, 0, 0]; 8]
            };
            let got = lanes.run(Apply { f: signs, a: &pair[0], b: &pair[1] })[0][0];
            for (j, (a, b)) in pair[0].iter().zip(pair[1]).enumerate() {
                assert_eq!(got >> j & 1 == 1, residue::<M>(*a) < residue::<M>(b));
            }
        }
    }

    /// Canonical forms are the numbers themselves: compared as words, not as residues.
    fn memory<M: Field254>() {
        let Some(lanes) = Ifma::detect() else { return };
        for a in inputs::<M>() {
            let exact: Words = core::array::from_fn(|i| residue::<M>(a[i]).into_bigint().0);
            let zeros = (0..8).filter(|i| exact[*i] == [0; 4]).fold(0u8, |m, i| m | 1 << i);
            let f = |l: Ifma, a: &Words, _: &Words| {
                assert_eq!(l.zeros::<M>(l.load(a)), zeros);
                canonical::<M>(l, l.load(a))
            };
            assert_eq!(lanes.run(Apply { f, a: &a, b: &a }), exact);
            let unchanged = |l: Ifma, a: &Words, _: &Words| out::<M>(l, l.load(a));
            assert_eq!(lanes.run(Apply { f: unchanged, a: &a, b: &a }), a);
            let reversed = |l: Ifma, a: &Words, _: &Words| {
                let [p, q, r, s, t, u, v, w] = a;
                out::<M>(l, l.gather([w, v, u, t, s, r, q, p]))
            };
            let mut back = a;
            back.reverse();
            assert_eq!(lanes.run(Apply { f: reversed, a: &a, b: &a }), back);
            let chosen = |l: Ifma, a: &Words, b: &Words| out::<M>(l, l.select(0b0101_0110, l.load(a), l.load(b)));
            let mixed = lanes.run(Apply { f: chosen, a: &a, b: &back });
            assert!((0..8).all(|i| mixed[i] == if 0b0101_0110 >> i & 1 == 1 { back[i] } else { a[i] }));
        }
    }

    /// arkworks' own Montgomery words times a constant in R = 2^260, and the two other ways of the module's text.
    fn montgomery<M: Field254>(words: fn(&M::Element) -> [u64; 4]) {
        let Some(lanes) = Ifma::detect() else { return };
        let mut rng = ark_std::test_rng();
        for _ in 0..100 {
            let x: [M::Element; 8] = core::array::from_fn(|_| ark_ff::UniformRand::rand(&mut rng));
            let y: [M::Element; 8] = core::array::from_fn(|_| ark_ff::UniformRand::rand(&mut rng));
            let (a, b): (Words, Words) =
                (core::array::from_fn(|i| words(&x[i])), core::array::from_fn(|i| words(&y[i])));
            let c = y[0];
            let by_constant = |l: Ifma, a: &Words, _: &Words| canonical::<M>(l, l.mul(l.load(a), l.splat260(&c)));
            assert_eq!(lanes.run(Apply { f: by_constant, a: &a, b: &b }), core::array::from_fn(|i| words(&(x[i] * c))));
            let shifted = |l: Ifma, a: &Words, b: &Words| canonical::<M>(l, l.mul(l.load_shifted(a), l.load(b)));
            assert_eq!(lanes.run(Apply { f: shifted, a: &a, b: &b }), core::array::from_fn(|i| words(&(x[i] * y[i]))));
            let back = |l: Ifma, a: &Words, b: &Words| {
                canonical::<M>(l, l.divide16(l.mul(l.load_shifted(a), l.load_shifted(b))))
            };
            assert_eq!(lanes.run(Apply { f: back, a: &a, b: &b }), core::array::from_fn(|i| words(&(x[i] * y[i]))));
        }
    }

    #[test]
    fn products_and_squares() {
        let _guard = SWITCH.lock();
        products::<Base>();
        products::<Scalar>();
    }

    #[test]
    fn sums_differences_and_reductions() {
        let _guard = SWITCH.lock();
        sums::<Base>();
        sums::<Scalar>();
    }

    #[test]
    fn wide_products_and_marks() {
        let _guard = SWITCH.lock();
        wide_forms::<Base>();
        wide_forms::<Scalar>();
    }

    #[test]
    fn loads_stores_and_canonical_forms() {
        let _guard = SWITCH.lock();
        memory::<Base>();
        memory::<Scalar>();
    }

    #[test]
    fn montgomery_forms_of_arkworks() {
        let _guard = SWITCH.lock();
        montgomery::<Base>(|x: &Fq| x.0 .0);
        montgomery::<Scalar>(|x: &Fr| x.0 .0);
    }

    #[test]
    fn no_token_when_switched_off() {
        let _guard = SWITCH.lock();
        let before = lanes_available();
        set_lanes(false);
        assert!(Ifma::detect().is_none());
        set_lanes(before);
    }
}
