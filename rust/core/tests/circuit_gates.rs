//! The gates one by one: a true witness passes the checker, and one change a clause is refused under the clause's label.
//!
//! What this is not: the batch circuit's own clauses; see its tests.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use l2rollup_core::circuit::builder::{Builder, CircuitError, EddsaInput, Finished, Fourth, Layout, Node, Tag, Var};
use l2rollup_core::circuit::gates::bilinear::Host;
use l2rollup_core::circuit::gates::{eddsa, node, poseidon2, poseidon5, Fixed, ADVICE, R, ROWS, WIRES};
use l2rollup_core::poseidon::{self, permutation};
use l2rollup_core::eddsa as signing;
use l2rollup_core::primitives::babyjubjub::{Affine, Extended, BASE8};
use plonk::arithmetization::check::Checker;
use plonk::{Cell, Violation, Witness};

#[path = "gates/signature.rs"]
mod signature;

fn f(x: u64) -> Fr {
    Fr::from(x)
}

const LAYOUT: Layout = Layout { slots: 3, poseidon5: 4, nodes: 4, id_nodes: 2, accounts: 2, balances: 1, publics: 3 };

/// What the fixture's program is run with; nothing of it is structure.
#[derive(Clone, Copy, Debug)]
struct Input {
    a: u64,
    b: u64,
    child: u64,
    seed: u8,
    /// Of slot 1, which is not signed.
    key: Affine,
    s: Fr,
    h: Fr,
}

static FIRST: LazyLock<Input> = LazyLock::new(|| {
    let key = times(7);
    let s = -f(5).inverse().unwrap() * f(1 << 40).inverse().unwrap();
    Input { a: 77, b: 0, child: 5, seed: 1, key, s: low_bits(s, 252), h: -f(3) }
});

/// A multiple of B8.
fn times(k: u64) -> Affine {
    Extended::from(*BASE8).multiply(&ark_ff::BigInt::new([k, 0, 0, 0])).to_affine()
}

fn low_bits(x: Fr, count: usize) -> Fr {
    let bits = x.into_bigint().to_bits_le();
    Fr::from_bigint(ark_ff::BigInt::from_bits_le(&bits[..count])).unwrap()
}

/// Every gate and call once.
fn program(b: &mut Builder, input: &Input) {
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
        for bits in [16, 64, 96] {
            b.range_linear(&[(f(3), x), (-Fr::ONE, one)], f(12), bits);
        }
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
        let first = b.poseidon5(0, [x, y, one, three, three].map(|v| b.value(v)));
        b.poseidon5_inputs(0, one, &[x, y, one, three, three]);
        b.poseidon5_inputs(0, never, &[x, y, one, one, three]);
        let third = b.poseidon5(2, [b.value(x), f(3), f(0), f(0), f(0)]);
        b.poseidon5_inputs(2, one, &[x, three]);
        b.add(first, third);
    });
    nodes(b, input.child);
    signatures(b, input);
}

/// Slot 0 with a signature, slot 1 with any scalars.
fn signatures(b: &mut Builder, input: &Input) {
    b.scope("signature", |b| {
        let (seed, message) = ([input.seed; 32], f(9_999));
        let (key, form) = (signing::public_key(&seed), signing::sign(&seed, &message));
        let r8 = form.r8();
        let h = b.poseidon5(1, [r8.x, r8.y, key.x, key.y, message]);
        let [x, y, message, signed] = [key.x, key.y, message, Fr::ONE].map(|v| b.witness(v));
        b.eddsa_block(0, &EddsaInput { key: [x, y], signed, message, h }, form.s_field());
        let [x, y, message, signed, h] = [input.key.x, input.key.y, f(3), Fr::ZERO, input.h].map(|v| b.witness(v));
        b.eddsa_block(1, &EddsaInput { key: [x, y], signed, message, h }, input.s);
    });
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
            hashes: None,
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
            hashes: None,
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
            hashes: None,
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
    let other = Input { a: 5, b: 6, child: 2, seed: 2, key: times(3), s: f(1), h: f(0) };
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
    assert_eq!(poseidon5::fill(&inputs, Fr::ZERO)[poseidon5::END][0], poseidon::poseidon5(&inputs));
    // 100 B8 - 8 h A with A = 3 B8
    let key = times(3);
    let input = |h: u64| eddsa::Input { key: [key.x, key.y], signed: f(0), message: f(0), s: f(100), h: f(h) };
    for h in [0, 1, 2, 3, 4] {
        let rows = eddsa::fill(&input(h));
        let expected = times(100 - 24 * h);
        assert_eq!([0, 1].map(|i| rows[eddsa::RESULT][i]), [expected.x, expected.y]);
        assert_eq!([2, 3].map(|i| rows[eddsa::RESULT][i]), [f(100), f(h)]);
    }
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
            ("poseidon2 partial head", 12, 1),
            ("poseidon2 next S-box", 12, 2),
            ("poseidon2 next S-box", 12, 7),
            ("poseidon2 state", 0, 2),
            ("poseidon2 state", 2, 6),
            ("poseidon2 partial", 3, 2),
            ("poseidon2 partial", 11, 6),
            ("poseidon2 f1", 1, 7),
            ("poseidon2 f1", 3, 7),
            ("poseidon2 f2", 4, 7),
            ("poseidon2 f3", 11, 7),
            ("poseidon2 output", 13, 7),
            ("poseidon2 carry", 13, 3),
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
fn node_clauses() {
    let row = |k: usize| LAYOUT.node_start() + node::BLOCK * k;
    let lower = row(0);
    let touched = |c: usize, k: usize| (R + c, row(k) + 1);
    refuses("node touched is 0 or live", &[(touched(1, 0), f(1))]);
    refuses("node touched is 0 or live", &[(touched(0, 0), -f(1))]);
    refuses("node live boolean", &[((R + 4, lower + 1), f(1))]);
    refuses("node live boolean", &[((R + 4, lower + 1), -f(2))]);
    // an idle node that takes a message
    refuses("node touched is 0 or live", &[(touched(2, 3), f(1))]);
    // a node that is switched off but keeps its touched child
    refuses("node touched is 0 or live", &[((R + 4, lower + 1), -f(1))]);
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
            assert!(labels.iter().any(|l| ["arithmetic", "bilinear"].contains(&l.as_str()) || l.starts_with("bus")), "{label} row {row}: {labels:?}");
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
fn hosted_ranges() {
    let bilinear = |r: &usize| fixed(Fixed::SelBilinear, *r) == f(1);
    let hosts = |host: Host| (0..ROWS).filter(bilinear).filter(move |r| fixed(Fixed::Host, *r) == f(host as u64));
    let cell = |row: usize, limb: usize| (R + WIRES + limb, row);
    for host in [Host::Bits96, Host::Bits128, Host::Bits64And32, Host::Bits48And16] {
        let row = hosts(host).next().unwrap();
        for (wire, (first, count)) in [3, 2].into_iter().zip(host.limbs()).filter(|(_, (_, count))| *count > 0) {
            let label = format!("hosted range of wire {wire}");
            // the variable everywhere, and each limb that shows it
            refuses(&label, &moved((R + wire, row), f(1)));
            for limb in first..first + count {
                refuses(&label, &[(cell(row, limb), f(1))]);
            }
            // a carry between limbs keeps the sum: only the lookup refuses
            if count > 1 {
                let labels = broken(&[(cell(row, first), f(1 << 16)), (cell(row, first + 1), -f(1))]);
                assert!(!labels.is_empty() && labels.iter().all(|l| l.starts_with("bus")), "{labels:?}");
            }
        }
    }
    for row in hosts(Host::Bits128) {
        // the highest limbs stand in the next row, which looks them up and shows nothing else with them
        let below = fixed(Fixed::Host, row + 1);
        assert!(fixed(Fixed::SelBilinear, row + 1) == f(1) && (below == f(0) || below == f(Host::Bits48And16 as u64)));
        for limb in 0..2 {
            refuses("hosted range of wire 3", &[(cell(row + 1, limb), f(1))]);
            refuses("bus hosted limbs", &[(cell(row + 1, limb), f(1))]);
        }
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
    let rows: Vec<String> = found.iter().map(|v| circuit.labels.violation(&v.label, v.row)).collect();
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
    assert_eq!(error(&|b| _ = b.poseidon5(4, [f(0); 5])).what, "circomlib Poseidon");
    assert_eq!(error(&|b| (0..2).for_each(|_| _ = b.poseidon5(3, [f(0); 5]))).what, "circomlib Poseidon");
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
        let [x, y] = [0, 1].map(|x| b.constant(f(x)));
        b.eddsa_block(slot, &EddsaInput { key: [x, y], signed: x, message: x, h: x }, f(0));
    };
    assert_eq!(error(&|b| block(b, 3)).what, "EdDSA block");
    assert_eq!(error(&|b| { block(b, 1); block(b, 1) }).what, "EdDSA block");
    let tall = Layout { slots: 249, ..LAYOUT };
    assert_eq!(Builder::new(tall).finish().unwrap_err().what, "rows of the layout");
}
