//! EdDSA and circomlib Poseidon blocks: one change a clause, and whole blocks that a prover fills to match a false step.
//!
//! What this is not: S < l and h < r, which the slot shows; see `src/circuit/forgeries/signatures.rs`.

use super::*;
use l2rollup_core::primitives::babyjubjub::{A, D};

/// First row of the block of slot 1, whose scalars nothing else of the fixture reads.
const SLOT: usize = eddsa::BLOCK;

fn write(witness: &mut Witness, first: usize, rows: &[[Fr; 10]]) {
    for (r, row) in rows.iter().enumerate() {
        row.iter().enumerate().for_each(|(i, value)| witness.advice[R + i][first + r] = *value);
    }
}

/// Labels violated once the fixture's cells are changed.
fn forged(change: impl FnOnce(&mut Witness)) -> Vec<String> {
    let mut witness = FIXTURE.circuit.witness.clone();
    change(&mut witness);
    check(&witness).into_iter().map(|v| v.label).collect()
}

/// All violations have one of these labels, and each of them occurs.
#[track_caller]
fn only(found: &[String], labels: &[&str]) {
    assert!(labels.iter().all(|l| found.iter().any(|f| f == l)), "{found:?}");
    assert!(found.iter().all(|f| labels.contains(&f.as_str())), "{found:?}");
}

/// Labels that a program of other signatures violates.
fn of_program(input: &Input) -> Vec<String> {
    check(&build(input).witness).into_iter().map(|v| v.label).collect()
}

#[test]
fn poseidon5_clauses() {
    let first = LAYOUT.poseidon5_start();
    for (label, column, row) in [
        ("poseidon5 full round", 3, 2),
        ("poseidon5 full round", 5, 4),
        ("poseidon5 first S-box", 6, 4),
        ("poseidon5 S-box", 7, 15),
        ("poseidon5 S-box", 8, 9),
        ("poseidon5 S-box", 9, 4),
        ("poseidon5 partial rounds", 1, 10),
        ("poseidon5 partial rounds", 2, 16),
        ("poseidon5 full round", 4, 20),
        ("poseidon5 full round", 0, 20),
        ("bus poseidon5", 6, 0),
        ("bus poseidon5", 6, 3),
        ("bus poseidon5", 6, 19),
    ] {
        refuses(label, &[((R + column, first + row), f(1))]);
    }
    // block 3 tells its inputs, but nobody asks
    only(&forged(|w| w.advice[R + 6][LAYOUT.poseidon5_row(3)] = f(1)), &["bus poseidon5"]);
}

#[test]
fn poseidon5_blocks_keep_to_their_number() {
    let [first, third] = [0, 2].map(|block| LAYOUT.poseidon5_row(block));
    let cells = |at: usize| [1, 2, 3, 4, 5].map(|i| FIXTURE.circuit.witness.advice[R + i][at]);
    let (of_first, of_third) = (cells(first), cells(third));
    // true hashes, each in the other's place
    let found = forged(|w| {
        write(w, first, &poseidon5::fill(&of_third, f(1)));
        write(w, third, &poseidon5::fill(&of_first, f(1)));
    });
    assert!(found.iter().any(|l| l == "copy") && found.iter().any(|l| l == "bus poseidon5"), "{found:?}");
    assert!(found.iter().all(|l| l == "copy" || l.starts_with("bus")), "{found:?}");
    // the inputs in place, another's result
    let found = forged(|w| w.advice[R][first + poseidon5::END] = w.advice[R][third + poseidon5::END]);
    only(&found, &["poseidon5 full round", "copy"]);
    // lane 0 of the inputs is zero: else any result had a preimage
    let mut state = [Fr::ONE; 6];
    state[1..].copy_from_slice(&of_first);
    let found = forged(|w| write(w, first, &poseidon5::fill_from(state, f(1))));
    // the other result breaks the copies of this one
    assert!(found.iter().any(|l| l == "bus poseidon5"), "{found:?}");
    assert!(found.iter().all(|l| l == "copy" || l.starts_with("bus")), "{found:?}");
}

#[test]
fn eddsa_clauses() {
    let (result, key, table) = (eddsa::RESULT, eddsa::KEY, eddsa::TABLE);
    for (label, column, row) in [
        ("eddsa S starts at 0", 2, 0),
        ("bus eddsa start", 3, 0),
        ("eddsa double", 4, 100),
        ("eddsa double", 5, 0),
        ("eddsa double again", 6, 100),
        ("eddsa double again", 7, 125),
        ("eddsa add", 0, 120),
        ("eddsa add", 1, result),
        ("bus eddsa point", 2, 100),
        ("bus eddsa point", 3, result),
        ("eddsa add", 8, 125),
        ("eddsa add", 9, 20),
        ("eddsa R8 not the identity", 4, result),
        ("eddsa key on the curve", 0, key),
        ("eddsa key on the curve", 1, key),
        ("bus eddsa challenge", 2, key),
        ("eddsa double", 4, key),
        ("eddsa double", 5, key),
        ("eddsa double again", 6, key),
        ("eddsa double again", 7, key),
        ("eddsa key times eight", 8, key),
        ("eddsa key times eight", 9, key),
        ("eddsa add", 0, table),
        ("eddsa add", 1, table),
        ("eddsa key not of small order", 9, table),
        ("eddsa key times sixteen", 2, table),
        ("eddsa key times sixteen", 3, table),
        ("eddsa key times twenty-four", 4, table),
        ("eddsa key times twenty-four", 5, table),
    ] {
        refuses(label, &[((R + column, SLOT + row), f(2))]);
    }
    for row in 1..4 {
        (0..6).for_each(|column| refuses("eddsa table", &[((R + column, SLOT + table + row), f(1))]));
    }
    for (row, column) in [(0, 6), (1, 7), (2, 8), (3, 6)] {
        let labels = broken(&[((R + column, SLOT + table + row), f(1))]);
        assert!(!labels.is_empty() && labels.iter().all(|l| l.starts_with("bus eddsa")), "{labels:?}");
    }
    // slot 0 is signed: its challenge is asked for, with its R8, key and id
    for column in [0, 1, 3] {
        let labels = broken(&[((R + column, key), f(1))]);
        assert!(labels.iter().any(|l| l == "bus eddsa challenge"), "{labels:?}");
    }
}

#[test]
fn windows_start_at_zero() {
    // S with a digit more than it has windows; nothing else of the fixture reads it
    let found = forged(|w| {
        let mut more = f(1);
        for row in 0..=eddsa::RESULT {
            w.advice[R + 2][SLOT + row] += more;
            more *= f(4);
        }
    });
    only(&found, &["eddsa S starts at 0"]);
}

/// Slot 1 with digits of any integers, and the point that belongs to them; `point` may give another.
fn with_digits(js: &[i64], ks: &[i64], point: impl Fn(usize, i64, i64) -> Extended) -> Vec<String> {
    let cells = |p: &Extended| {
        let p = p.to_affine();
        [p.x, p.y]
    };
    let number = |x: i64| if x < 0 { -f(x.unsigned_abs()) } else { f(x.unsigned_abs()) };
    forged(|w| {
        let mut acc = [Fr::ZERO, number(ks[0])];
        let mut p = point(0, 0, ks[0]);
        for row in 0..eddsa::WINDOWS {
            let (d, s) = (p.double(), point(row + 1, js[row + 1], ks[row + 1]));
            let q = d.double();
            let [[px, py], [dx, dy], [qx, qy], [sx, sy]] = [cells(&p), cells(&d), cells(&q), cells(&s)];
            write(w, SLOT + row, &[[px, py, acc[0], acc[1], dx, dy, qx, qy, sx, sy]]);
            p = q.add(&s);
            acc = [acc[0] * f(4) + number(js[row + 1]), acc[1] * f(4) + number(ks[row + 1])];
        }
        let at = SLOT + eddsa::RESULT;
        let [x, y] = cells(&p);
        for (i, value) in [x, y, acc[0], acc[1], x.inverse().unwrap()].into_iter().enumerate() {
            w.advice[R + i][at] = value;
        }
    })
}

/// j B8 + k Q of slot 1.
fn sum(j: i64, k: i64) -> Extended {
    let times = |p: Extended, n: i64| {
        let p = if n < 0 { p.negate() } else { p };
        p.multiply(&ark_ff::BigInt::new([n.unsigned_abs(), 0, 0, 0]))
    };
    times(Extended::from(*BASE8), j).add(&times(Extended::from(FIRST.key), -8 * k))
}

fn fixture_digits() -> [Vec<i64>; 2] {
    [FIRST.s, FIRST.h].map(|x| eddsa::digits(&x.into_bigint()).into_iter().map(|d| d as i64).collect())
}

#[test]
fn digits_are_windows() {
    let [js, ks] = fixture_digits();
    assert_eq!(with_digits(&js, &ks, |_, j, k| sum(j, k)), Vec::<String>::new());
    // 0 = 4 - 4: the scalars stay, one digit is beyond a window
    let at = |digits: &[i64], wanted: i64| (2..100).find(|i| digits[*i] == wanted).unwrap();
    for (wanted, up) in [(0, 1), (3, -1)] {
        let mut other = js.clone();
        let i = at(&js, wanted);
        (other[i], other[i + 1]) = (js[i] + up, js[i + 1] - 4 * up);
        let found = with_digits(&other, &ks, |_, j, k| sum(j, k));
        assert!(
            found.iter().any(|l| l == "bus eddsa point") && found.iter().all(|l| l.starts_with("bus")),
            "{found:?}"
        );
        let mut other = ks.clone();
        let i = at(&ks, wanted);
        (other[i], other[i + 1]) = (ks[i] + up, ks[i + 1] - 4 * up);
        let found = with_digits(&js, &other, |_, j, k| sum(j, k));
        assert!(
            found.iter().any(|l| l == "bus eddsa point") && found.iter().all(|l| l.starts_with("bus")),
            "{found:?}"
        );
    }
}

#[test]
fn points_are_those_of_the_digits() {
    let [js, ks] = fixture_digits();
    let refused = |point: &dyn Fn(usize, i64, i64) -> Extended| {
        let found = with_digits(&js, &ks, point);
        assert!(
            found.iter().any(|l| l == "bus eddsa point") && found.iter().all(|l| l.starts_with("bus")),
            "{found:?}"
        );
    };
    let with_key = (90..127).find(|i| ks[*i] > 0).unwrap();
    // another point of the table, a point of the table of slot 2, the negative, a shared point
    refused(&|i, j, k| sum(if i == with_key { (j + 1) % 4 } else { j }, k));
    let other = |k: i64| Extended::from(*BASE8).multiply(&ark_ff::BigInt::new([8 * k as u64, 0, 0, 0])).negate();
    refused(&|i, j, k| if i == with_key { sum(j, 0).add(&other(k)) } else { sum(j, k) });
    refused(&|i, j, k| if i == with_key { sum(j, k).negate() } else { sum(j, k) });
    refused(&|i, j, k| sum(j, if i == with_key { 0 } else { k }));
    // the first point as well
    assert!(ks[0] > 0);
    let found = with_digits(&js, &ks, |i, j, k| sum(j, if i == 0 { k - 1 } else { k }));
    assert!(found.iter().any(|l| l == "bus eddsa start") && found.iter().all(|l| l.starts_with("bus")), "{found:?}");
}

#[test]
fn keys_that_are_refused() {
    let off = Affine { x: f(1), y: f(2) };
    assert_ne!(off.x * off.x * f(A) + off.y * off.y, f(1) + off.x * off.x * off.y * off.y * f(D));
    only(&of_program(&Input { key: off, ..*FIRST }), &["eddsa key on the curve"]);
    for small in [Affine::IDENTITY, Affine { x: f(0), y: -f(1) }] {
        only(&of_program(&Input { key: small, ..*FIRST }), &["eddsa key not of small order"]);
    }
    // R8 the identity: 24 B8 - 8 (3 B8)
    only(&of_program(&Input { key: times(3), s: f(24), h: f(1), ..*FIRST }), &["eddsa R8 not the identity"]);
}

#[test]
fn table_points_belong_to_the_key() {
    // 24A replaced, and the three points from it: R8 follows, only the way from A is broken
    let (one, wrong) = (FIRST.key, times(55));
    let h = f(3);
    let input = eddsa::Input { key: [one.x, one.y], signed: f(0), message: f(3), s: f(1), h };
    let mut rows = eddsa::fill(&input);
    let expected = Extended::from(wrong).negate().add(&Extended::from(*BASE8)).to_affine();
    // h = 3 in the last window only, with j = 1
    for j in 0..4u64 {
        let minus = Extended::from(*BASE8).multiply(&ark_ff::BigInt::new([j, 0, 0, 0])).negate();
        let p = Extended::from(wrong).add(&minus).to_affine();
        rows[eddsa::TABLE + j as usize][4..6].copy_from_slice(&[p.x, p.y]);
    }
    let last = eddsa::WINDOWS - 1;
    rows[last][8..].copy_from_slice(&[expected.x, expected.y]);
    rows[eddsa::RESULT][..2].copy_from_slice(&[expected.x, expected.y]);
    rows[eddsa::RESULT][4] = expected.x.inverse().unwrap();
    let circuit = build(&Input { s: f(1), h, ..*FIRST });
    let mut witness = circuit.witness;
    write(&mut witness, SLOT, &rows[..]);
    let found: Vec<String> = check(&witness).into_iter().map(|v| v.label).collect();
    only(&found, &["eddsa key times twenty-four"]);
}
