//! The protocol's half of the generated verifier: strict parsing, transcript, periodic columns, one pairing. Twin of `verifier.rs`.
//!
//! The text below is the contract; numbers come from the schema, the layout and the key. What it is not: the relation's
//! identities, which `constraints` prints.

use std::fmt::Write;

use ark_ff::Field;
use sha3::{Digest, Keccak256};

use super::constraints::Part;
use super::layout::{index_at_zeta, Layout, Memory, WORD_ALPHA, WORD_FIRST_ROW, WORD_INSTANCE, WORD_MODULUS, WORD_Y, WORD_ZETA};
use super::{literal, word_hex};
use crate::error::PlonkError;
use crate::keys::VerifyingKey;
use crate::transcript::DOMAIN_TAG;

/// r, the order of the scalar field.
pub const MODULUS_R: &str = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
/// q, the order of the base field.
const MODULUS_Q: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

const TEMPLATE: &str = include_str!("verifier.sol.in");

/// Byte offset of every round in a proof, and the length of the whole.
fn offsets(vk: &VerifyingKey) -> [usize; 6] {
    let mut out = [0; 6];
    for (i, round) in vk.schema.rounds.iter().enumerate() {
        out[i + 1] = out[i] + round.iter().map(|m| m.bytes()).sum::<usize>();
    }
    out
}

/// Runs of points with the same rule for infinity: (first byte, end, may be infinity).
fn point_runs(vk: &VerifyingKey) -> Vec<(usize, usize, bool)> {
    let mut runs: Vec<(usize, usize, bool)> = Vec::new();
    let mut at = 0;
    for m in vk.schema.messages() {
        let end = at + m.bytes();
        if !m.is_scalar() {
            match runs.last_mut() {
                Some(run) if run.1 == at && run.2 == m.may_be_infinity() => run.1 = end,
                _ => runs.push((at, end, m.may_be_infinity())),
            }
        }
        at = end;
    }
    runs
}

fn point_checks(vk: &VerifyingKey) -> String {
    point_runs(vk).iter().fold(String::new(), |mut out, (from, to, infinity)| {
        let _ = writeln!(out, "            checkPoints(start, {from}, {to}, {}, point)", u8::from(*infinity));
        out
    })
}

/// Runs of public inputs: first denominator, end, bytes of inputs up to the end, root of the first row, ratio of roots.
fn input_runs(vk: &VerifyingKey, m: &Memory) -> Vec<(usize, usize, usize, String, String)> {
    let mut at = 0;
    let runs = vk.relation.runs().into_iter().map(|run| {
        let (first, root) = (m.denominators + 64 + 32 * at, |x: usize| literal(&vk.omega().pow([x as u64])));
        at += run.count;
        (first, m.denominators + 64 + 32 * at, 32 * at, root(run.row0), root(run.step))
    });
    runs.collect()
}

/// Denominators of the public inputs: zeta - w^row.
fn fill_inputs(vk: &VerifyingKey, m: &Memory) -> String {
    let mut out = String::new();
    for (i, (from, to, _, root, ratio)) in input_runs(vk, m).into_iter().enumerate() {
        let _ = write!(
            out,
            "            {}minusRoot := sub(R, {root})
            for {{ let to := {from} }} lt(to, {to}) {{ to := add(to, 32) }} {{
                product := keep(to, addmod(zeta, minusRoot, R), product)
                minusRoot := mulmod(minusRoot, {ratio}, R)
            }}\n",
            if i == 0 { "let " } else { "" },
        );
    }
    out
}

/// The value of the public inputs at zeta, run by run.
fn sum_inputs(vk: &VerifyingKey, m: &Memory) -> String {
    let mut out = String::new();
    let runs = input_runs(vk, m);
    for (i, (from, to, bytes, root, ratio)) in runs.iter().enumerate() {
        if i > 0 {
            let _ = writeln!(out, "            sum := 0");
        }
        let _ = write!(
            out,
            "            for {{ let at := {to} let input := add(inputs, {bytes}) }} gt(at, {from}) {{ }} {{
                at := sub(at, 32)
                input := sub(input, 32)
                sum := addmod(mulmod(sum, {ratio}, R), mulmod(mload(at), calldataload(input), R), R)
            }}\n",
        );
        let value = format!("mulmod(mulmod(weight, {root}, R), sum, R)");
        let instance = m.words + 32 * WORD_INSTANCE;
        let _ = match i {
            0 => writeln!(out, "            mstore({instance}, {value})"),
            _ => writeln!(out, "            mstore({instance}, addmod(mload({instance}), {value}, R))"),
        };
    }
    out
}

/// Denominators of the indicator columns: y - w^k for every one.
fn fill_denominators(vk: &VerifyingKey, layout: &Layout, m: &Memory) -> String {
    let mut out = String::new();
    let mut at = m.denominators + 32 * (2 + vk.relation.instance_len);
    for g in layout.groups.iter().filter(|g| g.indicator) {
        let power = vk.relation.log_n - g.period.ilog2() as usize;
        let end = at + 32 * g.columns.len();
        let _ = writeln!(
            out,
            "            product := shifted({at}, {end}, mload({}), {}, product)",
            m.powers + 32 * power,
            m.key + 32 * g.key_word
        );
        at = end;
    }
    out
}

fn periodic_values(vk: &VerifyingKey, layout: &Layout, m: &Memory) -> String {
    let mut out = String::new();
    let mut at = m.denominators + 32 * (2 + vk.relation.instance_len);
    for g in &layout.groups {
        let (word, key) = (m.words + 32 * g.word, m.key + 32 * g.key_word);
        let end = word + 32 * g.columns.len();
        if g.indicator {
            let _ = writeln!(out, "            indicators({word}, {end}, {at}, {key}, vanishing)");
            at += 32 * g.columns.len();
        } else {
            let power = vk.relation.log_n - g.period.ilog2() as usize;
            let y = m.powers + 32 * power;
            let function = if g.period % 8 == 0 { "hornerByEight" } else { "horner" };
            let _ = writeln!(out, "            {function}({word}, {end}, mload({y}), {key}, {})", 32 * g.period);
        }
    }
    out
}

/// Horner over evaluation words, the last first.
fn fold_claim(name: &str, m: &Memory, first_word: usize, count: usize) -> String {
    (0..count).rev().fold(String::new(), |mut out, i| {
        let _ = writeln!(out, "            {name} := add(mulmod({name}, v, R), mload({}))", m.words + 32 * (first_word + i));
        out
    })
}

/// One line a commitment opened at zeta, in order of the powers of v: those of the proof, then those of the key.
fn add_commitments(vk: &VerifyingKey, m: &Memory) -> Result<String, PlonkError> {
    let in_proof = vk.schema.rounds[0].len() + vk.schema.rounds[1].len();
    let next = vk
        .schema
        .opened_next
        .iter()
        .map(|l| index_at_zeta(vk, *l).ok_or_else(|| PlonkError::relation("opening", "a committed column", format!("{l:?}"))))
        .collect::<Result<Vec<_>, _>>()?;
    if !next.is_sorted() {
        return Err(PlonkError::relation("openings at the next row", "the order of those at zeta", format!("{next:?}")));
    }
    let mut out = String::new();
    for (i, leaf) in vk.schema.opened_cur.iter().enumerate() {
        let opened_next = next.contains(&i);
        let scalar = match (i, opened_next) {
            (0, true) => "next",
            (_, true) => "addmod(power, next, R)",
            (_, false) => "power",
        };
        let copy = if i < in_proof {
            format!("calldatacopy({}, add(start, {}), 64)", m.sum + 64, 64 * i)
        } else {
            format!("mcopy({}, {}, 64)", m.sum + 64, m.key + 64 * (i - in_proof))
        };
        if i > 0 || opened_next {
            let _ = writeln!(out, "            {copy} // {leaf:?}\n            good := addScaled({scalar}, good)");
        }
        if opened_next {
            let _ = writeln!(out, "            next := mulmod(next, v, R)");
        }
        let _ = writeln!(out, "            power := mulmod(power, v, R)");
    }
    Ok(out)
}

/// Draws y after round 2, or, where a relation has no bus and no copies, after nothing: a fifth challenge in a row.
fn draw_y(m: &Memory, at: [usize; 6]) -> String {
    let (y, length) = (m.words + 32 * WORD_Y, at[2] - at[1]);
    if length == 0 {
        return format!("            drawAgain({y}, 4)\n");
    }
    let (hash, from) = (m.hash, at[1]);
    format!(
        "            calldatacopy(add({hash}, 32), add(start, {from}), {length})
            draw({y}, {length})\n"
    )
}

fn constructor_parts(parts: &[Part]) -> [String; 4] {
    let mut out: [String; 4] = Default::default();
    for (i, part) in parts.iter().enumerate() {
        let (first, end) = (part.first, part.end());
        let _ = writeln!(out[0], "    address private immutable _constraints{i};");
        let _ = write!(out[1], ", address constraints{i}");
        let _ = writeln!(out[2], "        _constraints{i} = _checked(constraints{i}, {first}, {end});");
        let _ = writeln!(out[3], "        _fold(_constraints{i});");
    }
    out
}

/// Source of the verifier contract.
pub fn print(vk: &VerifyingKey, name: &str, layout: &Layout, parts: &[Part], key: &[u8]) -> Result<String, PlonkError> {
    let r = &vk.relation;
    let m = Memory::new(vk, layout, key.len() - 1);
    let at = offsets(vk);
    let n = ark_bn254::Fr::from(r.n() as u64);
    let n_inverse = n.inverse().ok_or_else(|| PlonkError::relation("rows", "not zero", 0))?;
    let first_next = layout.first_evaluation + vk.schema.opened_cur.len();
    let evaluations = vk.schema.rounds[3].len();
    let key_hash: [u8; 32] = Keccak256::digest(key).into();
    let [fields, arguments, assign, fold] = constructor_parts(parts);
    let number = |x: usize| x.to_string();
    let word = |w: usize| number(m.words + 32 * w);
    let values: Vec<(&str, String)> = vec![
        ("NAME", name.into()),
        ("RELATION", r.name.escape_default().to_string()),
        ("MODULUS_R", MODULUS_R.into()),
        ("MODULUS_Q", MODULUS_Q.into()),
        ("VK_DIGEST", word_hex(&vk.digest)),
        ("KEY_HASH", word_hex(&key_hash)),
        ("DOMAIN_TAG", word_hex(DOMAIN_TAG)),
        ("KEY_BYTES", number(key.len() - 1)),
        ("PROOF_BYTES", number(at[5])),
        ("INPUTS", number(r.instance_len)),
        ("DRAW_Y", draw_y(&m, at)),
        ("ROUND3_AT", number(at[2])),
        ("ROUND4_AT", number(at[3])),
        ("ROUND5_AT", number(at[4])),
        ("ROUND1_BYTES", number(at[1])),
        ("ROUND3_BYTES", number(at[3] - at[2])),
        ("EVALUATION_BYTES", number(at[4] - at[3])),
        ("MEM_KEY", number(m.key)),
        ("MEM_WORDS", number(m.words)),
        ("WORDS_BYTES", number(32 * layout.words)),
        ("MEM_MODULUS", word(WORD_MODULUS)),
        ("MEM_ALPHA", word(WORD_ALPHA)),
        ("MEM_GAMMA", word(WORD_ALPHA + 1)),
        ("MEM_BETA", word(WORD_ALPHA + 2)),
        ("MEM_DELTA", word(WORD_ALPHA + 3)),
        ("MEM_ZETA", word(WORD_ZETA)),
        ("MEM_FIRST_ROW", word(WORD_FIRST_ROW)),
        ("MEM_INSTANCE", word(WORD_INSTANCE)),
        ("MEM_EVALUATIONS", word(layout.first_evaluation)),
        ("MEM_POWERS", number(m.powers)),
        ("MEM_DENOMINATORS", number(m.denominators)),
        ("MEM_PREFIXES", number(m.prefixes)),
        ("PREFIX_GAP", number(m.prefixes - m.denominators)),
        ("FILL_INPUTS", fill_inputs(vk, &m)),
        ("SUM_INPUTS", sum_inputs(vk, &m)),
        ("MEM_POWER_N", number(m.powers + 32 * r.log_n)),
        ("MEM_SUM", number(m.sum)),
        ("MEM_TERM", number(m.sum + 64)),
        ("MEM_SCALAR", number(m.sum + 128)),
        ("MEM_PAIR", number(m.pair)),
        ("MEM_RIGHT", number(m.pair + 192)),
        ("MEM_V", number(m.v)),
        ("MEM_U", number(m.u)),
        ("MEM_CLAIM", number(m.claim)),
        ("MEM_HASH", number(m.hash)),
        ("N_INVERSE", literal(&n_inverse)),
        ("OMEGA", literal(&vk.omega())),
        ("EVALUATIONS", number(evaluations)),
        ("KEY_G2", number(m.key + 64 * (vk.fixed.len() + vk.sigma.len()))),
        ("POINT_CHECKS", point_checks(vk)),
        ("FILL_DENOMINATORS", fill_denominators(vk, layout, &m)),
        ("PERIODIC_VALUES", periodic_values(vk, layout, &m)),
        ("CLAIM_CUR", fold_claim("claim", &m, layout.first_evaluation, vk.schema.opened_cur.len())),
        ("CLAIM_NEXT", fold_claim("claimNext", &m, first_next, vk.schema.opened_next.len())),
        ("ADD_COMMITMENTS", add_commitments(vk, &m)?),
        ("FIELDS", fields),
        ("ARGUMENTS", arguments),
        ("ASSIGN", assign),
        ("FOLD", fold),
    ];
    Ok(fill(TEMPLATE, &values))
}

/// Replaces every `{{NAME}}` by its value.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_string(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}
