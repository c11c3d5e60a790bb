//! The gates one by one: a true witness passes the checker, and one change a clause is refused under the clause's label.
//!
//! What this is not: the batch circuit's own clauses; see its tests.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use l2rollup_core::circuit::builder::{Builder, CircuitError, EddsaCells, Finished, Fourth, Layout, Node, Tag, Var};
use l2rollup_core::circuit::gates::{eddsa, node, poseidon2, poseidon5, Fixed, ADVICE, R, ROWS, WIRES};
use l2rollup_core::poseidon::{self, permutation};
use l2rollup_core::primitives::babyjubjub::{Affine, Extended, BASE8};
use plonk::arithmetization::check::Checker;
use plonk::{Cell, Violation, Witness};

fn f(x: u64) -> Fr {
    Fr::from(x)
}

const LAYOUT: Layout = Layout { slots: 2, poseidon5: 3, nodes: 4, id_nodes: 2, accounts: 2, publics: 3 };

/// What the fixture's program is run with; nothing of it is structure.
#[derive(Clone, Copy)]
struct Input {
    a: u64,
    b: u64,
    s: u64,
    h: Fr,
    child: u64,
}

const FIRST: Input = Input { a: 77, b: 0, s: 123_456_789, h: Fr::ONE, child: 5 };

/// Every gate and call once.
fn program(b: &mut Builder, input: &Input) -> EddsaCells {
    let x = b.public(0, f(input.a));
    let y = b.public(1, f(input.b));
    let one = b.constant(Fr::ONE);
    let three = b.constant(f(3));
    let product = b.scope("product", |b| {
        let square = b.mul(x, x);
        let many: Vec<(Fr, Var)> = [x, y, one, square, three].iter().map(|v| (f(9), *v)).collect();
        let sum = b.linear(&many, f(4));
        b.mul(sum, y)
    });
    let out = b.public(2, f(9 * (input.a + input.b + 1 + input.a * input.a + 3) + 4) * f(input.b));
    b.assert_equal(product, out);
    b.scope("logic", |b| {
        let zero = b.is_zero(y);
        let both = b.boolean(true);
        let either = b.or(zero, both);
        let none = b.not(either);
        let chosen = b.select(both, x, y);
        b.assert_equal(chosen, x);
        b.assert_equal_when(none, x, y);
        let all = b.and(zero, both);
        b.assert_boolean(all);
        b.assert_nonzero(x);
        let difference = b.sub(x, x);
        b.assert_linear_zero(&[(Fr::ONE, difference)], Fr::ZERO);
        b.add(x, one);
    });
    b.scope("ranges", |b| {
        for bits in [7, 16, 27, 32, 41, 48, 60, 64, 80, 96, 97, 120, 128, 137, 160, 192, 200, 240, 248, 252, 253] {
            let largest = b.witness(f(2).pow([u64::from(bits)]) - Fr::ONE);
            b.range(largest, bits);
        }
        b.range_linear(&[(f(3), x), (-Fr::ONE, one)], f(12), 64);
    });
    b.scope("messages", |b| {
        b.provide(Tag::Change, &[x, y, one]);
        for _ in 0..3 {
            b.send(Tag::Change, &[x, y, one], one);
        }
        b.send(Tag::Data, &[one, three, x, y, one, three, x], one);
        b.receive(Tag::Data, &[one, three, x, y, one, three, x], one);
        // a fourth element without a wire
        let nine = b.witness(f(9));
        b.send_four(Tag::Data, [one, three, x], Fourth::Constant(f(9)), one);
        b.receive_four(Tag::Data, [one, three, x], Fourth::Small(nine), one);
        b.send_four(Tag::Data, [x, y, one], Fourth::Below(f(10), nine), one);
        b.receive(Tag::Data, &[x, y, one, nine], one);
    });
    b.scope("hashes", |b| {
        for lane in 0..4 {
            b.hash(lane, [x, y, one, three]);
            b.hash(lane, [x, y, one, three]);
        }
        let never = b.boolean(false);
        b.hash_when(never, 1, [one, x, y, three]);
        b.poseidon5([x, y, one, three, three]);
    });
    nodes(b, input.child);
    let scalar = f(input.s);
    b.scope("signature", |b| {
        let base = Extended::from(*BASE8);
        let q = base.multiply(&ark_ff::BigInt::new([7, 0, 0, 0])).negate();
        let sum = base.add(&q).to_affine();
        let points = [q.to_affine(), sum].map(|p| [p.x, p.y].map(|c| b.witness(c)));
        b.eddsa_block(0, points, scalar, input.h)
    })
}

/// A root with one touched child, and an id-tree node of a single touched leaf.
fn nodes(b: &mut Builder, child: u64) {
    b.scope("tree", |b| {
        let lower = Node {
            tree: f(0),
            level: f(1),
            position: f(2),
            old: [f(1), f(2), f(3), f(4)],
            new: [f(1), f(child), f(3), f(4)],
            touched: [false, true, false, false],
            live: true,
        };
        let [below_old, below_new] = [lower.old, lower.new].map(|x| poseidon2::hash(0, &x));
        let upper = Node {
            tree: f(0),
            level: f(0),
            position: f(0),
            old: [f(8), f(9), below_old, f(4)],
            new: [f(8), f(9), below_new, f(4)],
            touched: [false, false, true, false],
            live: true,
        };
        let roots = [upper.old, upper.new].map(|x| poseidon2::hash(0, &x)).map(|x| b.witness(x));
        let [zero, one, two] = [f(0), f(1), f(2)].map(|x| b.constant(x));
        b.receive(Tag::Node, &[zero, roots[0], roots[1], zero, zero], one);
        let [position, new] = [f(9), f(child)].map(|x| b.witness(x));
        b.send(Tag::Node, &[position, two, new, two, zero], one);
        b.node(lower);
        b.node(upper);

        let ids = Node {
            old: [f(0); 4],
            new: [f(0), f(0), f(0), f(child)],
            touched: [false, false, false, true],
            live: true,
            ..Node::default()
        };
        let roots = [ids.old, ids.new].map(|x| poseidon2::hash(3, &x)).map(|x| b.witness(x));
        b.receive(Tag::IdNode, &[zero, roots[0], roots[1], zero, zero], one);
        let three = b.constant(f(3));
        b.send(Tag::IdNode, &[three, zero, new, one, zero], one);
        b.id_node(ids);
    });
}

fn build(input: &Input) -> Finished {
    let mut b = Builder::new(LAYOUT);
    program(&mut b, input);
    b.finish().expect("fits")
}

struct Fixture {
    circuit: Finished,
    checker: Checker,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let circuit = build(&FIRST);
    let checker = Checker::new(&circuit.relation);
    Fixture { circuit, checker }
});

fn check(witness: &Witness) -> Vec<Violation> {
    FIXTURE.checker.check(&FIXTURE.circuit.fixed, witness, 50)
}

/// Adds to cells and returns the labels of what is violated.
fn broken(changes: &[(Cell, Fr)]) -> Vec<String> {
    let mut witness = FIXTURE.circuit.witness.clone();
    for ((column, row), delta) in changes {
        witness.advice[*column][*row] += delta;
    }
    check(&witness).into_iter().map(|v| v.label).collect()
}

#[track_caller]
fn refuses(label: &str, changes: &[(Cell, Fr)]) {
    let labels = broken(changes);
    assert!(labels.iter().any(|l| l == label), "expected {label}, got {labels:?}");
}

/// First row of the generic rows of a label.
fn labelled(circuit: &Finished, label: &str) -> Vec<usize> {
    let wanted = format!("circuit/{label} ");
    (LAYOUT.generic_start()..ROWS).filter(|row| circuit.labels.row(*row).starts_with(&wanted)).collect()
}

/// A cell and all cells it is copied to.
fn class(circuit: &Finished, cell: Cell) -> Vec<Cell> {
    let mut known = HashSet::from([cell]);
    loop {
        let before = known.len();
        for (a, b) in &circuit.fixed.copies {
            if known.contains(a) || known.contains(b) {
                known.extend([*a, *b]);
            }
        }
        if known.len() == before {
            return known.into_iter().collect();
        }
    }
}

/// Changes a variable in all its cells.
fn moved(cell: Cell, delta: Fr) -> Vec<(Cell, Fr)> {
    class(&FIXTURE.circuit, cell).into_iter().map(|c| (c, delta)).collect()
}

fn fixed(column: Fixed, row: usize) -> Fr {
    FIXTURE.circuit.fixed.fixed[column as usize][row]
}

#[test]
fn a_true_witness_passes() {
    assert_eq!(check(&FIXTURE.circuit.witness), vec![]);
    FIXTURE.circuit.relation.validate().expect("degrees");
    assert_eq!(FIXTURE.circuit.hashes, [5, 1, 1, 3]);
}

#[test]
fn the_structure_does_not_follow_the_witness() {
    let other = Input { a: 5, b: 6, s: 0, h: -f(3), child: 2 };
    let second = build(&other);
    assert_eq!(FIXTURE.circuit.digest, second.digest);
    assert_eq!(FIXTURE.circuit.fixed.copies, second.fixed.copies);
    assert_ne!(FIXTURE.circuit.witness.instance, second.witness.instance);
    assert_eq!(check(&second.witness), vec![]);
}

#[test]
fn blocks_equal_the_native_functions() {
    for lane in 0..4 {
        let x = [3, 4, 5, 6].map(|i| f(i).pow([99 + lane as u64]));
        let mut out = x;
        permutation::permute(&mut out);
        let block = poseidon2::fill(lane, &x, Fr::ZERO);
        assert_eq!(block[0][poseidon2::OUTPUT], out[lane]);
        assert_eq!(block[7][poseidon2::OUTPUT], out[lane]);
    }
    let inputs = [1, 2, 3, 4, 5].map(f);
    assert_eq!(poseidon5::fill(&inputs, Fr::ZERO)[0][poseidon5::OUTPUT], poseidon::poseidon5(&inputs));
    let q = Extended::from(*BASE8).multiply(&ark_ff::BigInt::new([11, 0, 0, 0])).negate();
    let sum = Extended::from(*BASE8).add(&q).to_affine();
    let points = [Affine::IDENTITY, *BASE8, q.to_affine(), sum].map(|p| [p.x, p.y]);
    let block = eddsa::fill(&points, f(100), f(9));
    assert!(Extended::from(*BASE8)
        .multiply(&ark_ff::BigInt::new([1, 0, 0, 0]))
        .equals(&Affine { x: block.point[0], y: block.point[1] }));
}

#[test]
fn poseidon2_clauses() {
    for lane in 0..4 {
        let first = poseidon2::BLOCK * poseidon2::block_of(lane, 0);
        for (label, column, row) in [
            ("poseidon2 s1", 4, 0),
            ("poseidon2 s2", 9, 0),
            ("poseidon2 s3", 2, 1),
            ("poseidon2 s4", 7, 1),
            ("poseidon2 partial head", 8, 1),
            ("poseidon2 partial head", 13, 1),
            ("poseidon2 state", 0, 2),
            ("poseidon2 state", 3, 6),
            ("poseidon2 partial", 4, 2),
            ("poseidon2 partial", 13, 6),
            ("poseidon2 f1", 1, 7),
            ("poseidon2 f2", 4, 7),
            ("poseidon2 f3", 11, 7),
            ("poseidon2 output", 14, 7),
            ("poseidon2 carry", 14, 3),
            ("poseidon2 s1", 2, 0),
        ] {
            if lane == 0 || row == 7 {
                refuses(label, &[((column, first + row), f(1))]);
            }
        }
        let whole: Vec<(Cell, Fr)> = (0..8).map(|r| ((poseidon2::OUTPUT, first + r), f(1))).collect();
        refuses("poseidon2 output", &whole);
        refuses("bus hash pool and range table", &[((poseidon2::MULTIPLICITY, first), f(1))]);
    }
    // an idle block states a fact nobody asked for
    let idle = poseidon2::BLOCK * poseidon2::block_of(0, 2000);
    refuses("bus hash pool and range table", &[((poseidon2::MULTIPLICITY, idle), f(1))]);
}

#[test]
fn poseidon5_clauses() {
    let first = LAYOUT.poseidon5_start();
    for (label, column, row) in [
        ("poseidon5 start", 0, 0),
        ("poseidon5 full round", 3, 2),
        ("poseidon5 full round", 5, 4),
        ("poseidon5 first S-box", 6, 4),
        ("poseidon5 second S-box", 7, 23),
        ("poseidon5 partial rounds", 1, 10),
        ("poseidon5 partial rounds", 2, 24),
        ("poseidon5 full round", 4, 28),
        ("poseidon5 output", 0, 28),
        ("poseidon5 carry", 8, 9),
    ] {
        refuses(label, &[((R + column, first + row), f(1))]);
    }
    let carried: Vec<(Cell, Fr)> = (0..=poseidon5::END).map(|r| ((R + poseidon5::OUTPUT, first + r), f(1))).collect();
    refuses("poseidon5 output", &carried);
    refuses("bus poseidon5", &[((R + poseidon5::MULTIPLICITY, first), f(1))]);
    refuses("bus poseidon5", &[((R + poseidon5::MULTIPLICITY, first + poseidon5::BLOCK), f(1))]);
}

#[test]
fn eddsa_clauses() {
    for (label, column, row) in [
        ("eddsa start", 0, 0),
        ("eddsa start", 1, 0),
        ("eddsa start", 8, 0),
        ("eddsa start", 9, 0),
        ("eddsa double", 2, 240),
        ("eddsa double", 3, 240),
        ("eddsa add", 0, 250),
        ("eddsa add", 1, 250),
        ("eddsa bit boolean", 6, 200),
        ("eddsa bit boolean", 7, 253),
        ("eddsa accumulate", 8, 100),
        ("eddsa accumulate", 9, 254),
        ("bus eddsa point", 4, 253),
        ("bus eddsa point", 5, 20),
    ] {
        refuses(label, &[((R + column, row), f(2))]);
    }
    // a bit moved without its point: the digit has no such point
    refuses("bus eddsa point", &[((R + 6, 253), f(1))]);
    // the result, with nobody to receive it
    for column in [0, 1, 8, 9] {
        refuses("bus eddsa result", &[((R + column, eddsa::BITS), f(1))]);
    }
}

/// Replaces an idle slot's block (all points the identity) by one of other scalars, as a prover would.
fn with_block(s: &[bool], h: &[bool]) -> Vec<Violation> {
    let mut witness = FIXTURE.circuit.witness.clone();
    let mut acc = [Fr::ZERO; 2];
    for row in 0..=eddsa::BITS {
        let at = eddsa::BLOCK + row;
        for k in 0..2 {
            witness.advice[R + 8 + k][at] = acc[k];
            if row < eddsa::BITS {
                let bit = f(u64::from([s, h][k][row]));
                witness.advice[R + 6 + k][at] = bit;
                acc[k] = acc[k].double() + bit;
            }
        }
    }
    check(&witness)
}

#[test]
fn eddsa_scalars_beyond_their_ranges() {
    use ark_ff::{BigInteger, PrimeField};
    let zero = [false; eddsa::BITS];
    let mut r = Fr::MODULUS.to_bits_be();
    let r = r.split_off(r.len() - eddsa::BITS);
    // h = r is h = 0 for the accumulator; only the message of its high half tells it apart (the slot compares)
    let found = with_block(&zero, &r);
    assert!(found.iter().any(|v| v.label == "bus eddsa result"), "{found:?}");
    assert!(found.iter().all(|v| v.label.starts_with("bus")), "{found:?}");
    // S with one of its three highest bits
    for top in 0..eddsa::ZERO_BITS {
        let mut s = zero;
        s[top] = true;
        assert!(with_block(&s, &zero).iter().any(|v| v.label == "eddsa S below 2^251"));
    }
    // S = r needs those bits
    assert!(with_block(&r, &zero).iter().any(|v| v.label == "eddsa S below 2^251"));
}

#[test]
fn node_clauses() {
    let row = |k: usize| LAYOUT.node_start() + node::BLOCK * k;
    let lower = row(0);
    let touched = |c: usize, k: usize| (R + c, row(k) + 1);
    refuses("node touched boolean", &[(touched(1, 0), f(1))]);
    refuses("node touched boolean", &[(touched(0, 0), -f(1))]);
    refuses("node live boolean", &[((R + 4, lower + 1), f(1))]);
    refuses("node live boolean", &[((R + 4, lower + 1), -f(2))]);
    // an idle node that takes a message
    refuses("node touched at most live", &[(touched(2, 3), f(1))]);
    // a node that is switched off but keeps its touched child
    refuses("node touched at most live", &[((R + 4, lower + 1), -f(1))]);
    // switched off altogether: its messages are missing
    refuses("bus node children", &[((R + 4, lower + 1), -f(1)), (touched(1, 0), -f(1))]);
    // an untouched child changed, in a live and in an idle node
    refuses("node untouched child", &[((R + 4, lower), f(1))]);
    refuses("node untouched child", &[((R + 7, row(3)), f(1))]);
    // a child without a message changed while nobody touches it
    refuses("node untouched child", &[(touched(1, 0), -f(1))]);
    // a child claimed as touched that nobody sends
    refuses("bus node children", &[(touched(0, 0), f(1))]);
    // tree, level, position, hashes
    for cell in [(R + 8, lower), (R + 9, lower), (R + 5, lower + 1), (R + 6, lower + 1), (R + 7, lower + 1)] {
        let labels = broken(&[(cell, f(1))]);
        assert!(labels.iter().any(|l| l.starts_with("bus")), "{labels:?}");
    }
    // the id tree's messages are its own
    assert_ne!(fixed(Fixed::Q0, row(0)), fixed(Fixed::Q0, row(4)));
    assert_ne!(fixed(Fixed::Qk, row(0)), fixed(Fixed::Qk, row(4)));
    refuses("node untouched child", &[((R + 4, row(4)), f(1))]);
    refuses("bus node children", &[((R + 5, row(4) + 1), f(1))]);
}

#[test]
fn arithmetic_clauses() {
    let circuit = &FIXTURE.circuit;
    for label in ["product", "logic", "constants"] {
        for row in labelled(circuit, label) {
            let wire = (0..WIRES).find(|i| fixed([Fixed::Q0, Fixed::Q1, Fixed::Q2, Fixed::Q3][*i], row) != Fr::ZERO);
            let Some(wire) = wire else { continue };
            if circuit.labels.free_hints().contains(&(R + wire, row)) {
                continue;
            }
            // the same variable everywhere: only equations and messages can refuse
            let labels = broken(&moved((R + wire, row), f(1)));
            assert!(labels.iter().any(|l| l == "arithmetic" || l.starts_with("bus")), "{label} row {row}: {labels:?}");
        }
    }
    let row = labelled(circuit, "product")[0];
    refuses("copy", &[((R, row), f(1))]);
    // a wire that nothing uses is tied to zero, on idle rows too
    refuses("copy", &[((R + 3, ROWS - 1), f(1))]);
}

#[test]
fn limbs_and_table() {
    let circuit = &FIXTURE.circuit;
    let ranges = labelled(circuit, "ranges");
    let wide = ranges.iter().copied().find(|r| fixed(Fixed::Ql, *r) == f(6)).unwrap();
    let narrow = ranges.iter().copied().find(|r| fixed(Fixed::Ql, *r) == f(1)).unwrap();
    let limb = |i: usize| R + WIRES + i;
    // 2^16 moved between limbs keeps the sum: only the lookup refuses
    let moved_carry = [((limb(0), wide), f(1 << 16)), ((limb(1), wide), -f(1))];
    let labels = broken(&moved_carry);
    assert!(!labels.is_empty() && labels.iter().all(|l| l.starts_with("bus")), "{labels:?}");
    for i in 1..6 {
        refuses("unused limb", &[((limb(i), narrow), f(1))]);
    }
    refuses("arithmetic", &[((limb(0), narrow), -f(1))]);
    // an idle row's limb is looked up as well
    let labels = broken(&[((limb(0), ROWS - 1), f(70_000))]);
    assert!(labels.iter().any(|l| l.starts_with("bus")), "{labels:?}");
    for (column, row) in [(ADVICE, 0), (ADVICE, 9), (ADVICE + 1, 0), (ADVICE + 1, ROWS - 1)] {
        let labels = broken(&[((column, row), f(1))]);
        assert!(labels.iter().all(|l| l.starts_with("bus")) && !labels.is_empty(), "{labels:?}");
    }
}

#[test]
fn messages() {
    let rows = labelled(&FIXTURE.circuit, "messages");
    let starts: Vec<usize> = rows.into_iter().filter(|r| fixed(Fixed::Qs, *r) != Fr::ZERO).collect();
    assert_eq!(starts.len(), 10);
    for row in starts {
        // a payload cell of either row, and the numerator: each alone breaks its copy, and the bus
        let short = fixed(Fixed::Q3, row) == Fr::ONE;
        let long = [(R, row + 1), (R + 2, row + 1), (R + 3, row + 1)];
        for cell in [(R, row), (R + 2, row), (R + 3, row)].into_iter().chain(long.into_iter().filter(|_| !short)) {
            let labels = broken(&[(cell, f(1))]);
            assert!(labels.iter().any(|l| l.starts_with("bus")), "{cell:?} {labels:?}");
        }
    }
    // a provided fact's number is free, but not wrong
    let provided = labelled(&FIXTURE.circuit, "messages")[0];
    assert_eq!(FIXTURE.circuit.witness.advice[R + 3][provided], f(3));
    refuses("bus limbs and message", &[((R + 3, provided), f(1))]);
}

#[test]
fn public_inputs() {
    for i in 0..LAYOUT.publics {
        let mut witness = FIXTURE.circuit.witness.clone();
        witness.instance[i] += f(1);
        let found = check(&witness);
        assert!(found.iter().any(|v| v.label == "arithmetic" && v.row == LAYOUT.generic_start() + i), "{found:?}");
    }
}

/// Ranges of one value in every width, each under its own label; returns the widths that were refused.
fn refused_widths(value: impl Fn(u32) -> Fr, widths: &[u32]) -> Vec<u32> {
    let mut b = Builder::new(LAYOUT);
    for bits in widths {
        b.scope(&format!("width {bits}"), |b| {
            let x = b.witness(value(*bits));
            b.range(x, *bits);
        });
    }
    let circuit = b.finish().unwrap();
    let found = plonk::check(&circuit.relation, &circuit.fixed, &circuit.witness, 10_000);
    let rows: Vec<String> = found.iter().map(|v| circuit.labels.row(v.row)).collect();
    widths.iter().copied().filter(|w| rows.iter().any(|r| r.starts_with(&format!("circuit/width {w} ")))).collect()
}

#[test]
fn ranges_are_exact() {
    let widths: Vec<u32> = (0..=253).collect();
    let power = |bits: u32| f(2).pow([u64::from(bits)]);
    assert_eq!(refused_widths(|bits| power(bits) - f(1), &widths), Vec::<u32>::new());
    assert_eq!(refused_widths(power, &widths), widths);
    assert_eq!(refused_widths(|_| -f(1), &widths), widths);
    assert_eq!(refused_widths(|bits| power(bits).inverse().unwrap() * f(3), &widths[2..]), widths[2..]);
}

#[test]
fn programs_that_do_not_fit() {
    let error = |f: &dyn Fn(&mut Builder)| -> CircuitError {
        let mut b = Builder::new(LAYOUT);
        f(&mut b);
        b.finish().unwrap_err()
    };
    assert_eq!(error(&|b| (0..5).for_each(|_| b.node(Node::default()))).what, "nodes");
    assert_eq!(error(&|b| (0..3).for_each(|_| b.id_node(Node::default()))).what, "id-tree nodes");
    assert_eq!(error(&|b| (0..40_000).for_each(|_| _ = b.boolean(true))).what, "generic rows");
    let calls = |b: &mut Builder| {
        for i in 0..4 {
            let x = [1, 2, 3, 4, 5 + i].map(|x| b.constant(f(x)));
            b.poseidon5(x);
        }
    };
    let full = error(&calls);
    assert_eq!((full.what.as_str(), full.got.as_str()), ("circomlib Poseidon", "4"));
    let many = |b: &mut Builder| {
        for i in 0..513u64 {
            let x = b.witness(f(i));
            b.hash(2, [x; 4]);
        }
    };
    assert_eq!(error(&many).what, "Poseidon2 lane 2");
    assert_eq!(error(&|b| _ = b.public(3, f(0))).what, "public input");
    assert_eq!(
        error(&|b| {
            let x = b.witness(f(0));
            b.range(x, 254)
        })
        .what,
        "bits of a range"
    );
    let block = |b: &mut Builder, slot: u64| {
        let p = [0, 1].map(|x| b.constant(f(x)));
        b.eddsa_block(slot, [p; 2], f(0), f(0));
    };
    assert_eq!(error(&|b| block(b, 2)).what, "EdDSA block");
    assert_eq!(
        error(&|b| {
            block(b, 1);
            block(b, 1)
        })
        .what,
        "EdDSA block"
    );
    let tall = Layout { slots: 128, ..LAYOUT };
    assert_eq!(Builder::new(tall).finish().unwrap_err().what, "rows of the layout");
}
