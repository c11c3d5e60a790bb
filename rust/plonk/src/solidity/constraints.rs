//! The identities as straight-line Yul, split over as many contracts as the code size limit asks for.
//!
//! A contract reads the evaluation words as its calldata, folds its identities into the running combination by Horner in y, and
//! returns it. Values used twice are kept in memory; everything else is one nested expression. The modulus arrives as a word, so
//! that the compiler keeps it in one place instead of pushing 32 bytes a step; the contract checks it. A sum is reduced only where
//! it could pass 2^256: every value carries a bound in multiples of r.

use std::fmt::Write;

use ark_ff::Zero;

use super::layout::{Layout, WORD_MODULUS, WORD_Y};
use super::{literal, word_hex};
use crate::arithmetization::program::{Op, Program};
use crate::arithmetization::relation::Constraint;
use crate::error::PlonkError;
use crate::keys::VerifyingKey;

/// Code size aimed at, by `estimate`, which is about a sixth too high: the code stays below EIP-170's 24,576.
pub const BUDGET: usize = 26_500;
/// Deepest stack an expression may build before it is cut by a memory slot.
const DEPTH: usize = 9;

/// Bytes of code of a program, estimated from above.
fn estimate(program: &Program) -> usize {
    let uses = program.uses();
    program.ops.iter().zip(&uses).map(|(op, uses)| match op {
        Op::Constant(c) => uses * (literal(c).len() / 2 + 1).min(33),
        Op::Leaf(_) => uses * 4,
        Op::Add(..) | Op::Mul(..) => 2 + if *uses > 1 { 4 + uses * 4 } else { 0 },
        Op::Sub(..) => 4 + if *uses > 1 { 4 + uses * 4 } else { 0 },
    }).sum::<usize>() + program.outputs.len() * 40
}

/// Consecutive identities, compiled for one contract.
pub struct Part {
    /// Number of its first identity.
    pub first: usize,
    pub program: Program,
}

impl Part {
    /// Number after its last identity.
    pub fn end(&self) -> usize {
        self.first + self.program.outputs.len()
    }
}

/// Cuts the identities, in order, into parts of at most `budget` bytes each.
pub fn split(identities: &[Constraint], budget: usize) -> Result<Vec<Part>, PlonkError> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut best: Option<Program> = None;
    let mut end = 0;
    while end < identities.len() {
        let program = Program::compile(&identities[start..=end]);
        if estimate(&program) <= budget {
            best = Some(program);
            end += 1;
        } else if let Some(full) = best.take() {
            parts.push(Part { first: start, program: full });
            start = end;
        } else {
            let what = format!("size of {}", identities[end].label);
            return Err(PlonkError::relation(&what, format!("about {budget} bytes of code"), estimate(&program)));
        }
    }
    parts.extend(best.map(|program| Part { first: start, program }));
    Ok(parts)
}

/// The largest multiple of r that a word holds: 5 r < 2^256 < 6 r.
const LARGEST: usize = 5;

/// A printed expression.
struct Value {
    text: String,
    /// Stack it needs.
    need: usize,
    /// It is at most this many times r.
    bound: usize,
}

impl Value {
    fn new(text: String, need: usize, bound: usize) -> Self {
        Self { text, need, bound }
    }
}

struct Printer<'a> {
    program: &'a Program,
    layout: &'a Layout,
    uses: Vec<usize>,
    /// Memory address and bound of a step's value, once stored.
    stored: Vec<Option<(usize, usize)>>,
    free: Vec<usize>,
    top: usize,
    last_use: Vec<usize>,
    out: String,
}

impl Printer<'_> {
    /// The expression of a step; inner values that are shared or deep are stored first.
    fn expression(&mut self, step: u32) -> Result<Value, PlonkError> {
        let i = step as usize;
        if let Some((at, bound)) = self.stored[i] {
            return Ok(Value::new(format!("mload({at})"), 1, bound));
        }
        let value = match self.program.ops[i] {
            Op::Constant(c) => return Ok(Value::new(literal(&c), 1, 1)),
            Op::Leaf(leaf) => {
                let word = self
                    .layout
                    .word_of(leaf)
                    .ok_or_else(|| PlonkError::relation("evaluation word", "a leaf of the schema", format!("{leaf:?}")))?;
                return Ok(Value::new(format!("calldataload({})", 32 * word), 1, 1));
            }
            Op::Add(a, b) => {
                let (left, right) = (self.expression(a)?, self.expression(b)?);
                Self::sum(left, right)
            }
            Op::Mul(a, b) => {
                let (left, right) = (self.expression(a)?, self.expression(b)?);
                let (text, need) = Self::modular("mulmod", &left, &right);
                Value::new(text, need, 1)
            }
            Op::Sub(a, b) if matches!(self.program.ops[a as usize], Op::Constant(c) if c.is_zero()) => Self::negated(self.expression(b)?),
            Op::Sub(a, b) => {
                let (left, right) = (self.expression(a)?, self.expression(b)?);
                Self::sum(left, Self::negated(right))
            }
        };
        if self.uses[i] > 1 || value.need > DEPTH {
            let at = self.free.pop().unwrap_or_else(|| {
                self.top += 32;
                self.top - 32
            });
            let _ = writeln!(self.out, "                mstore({at}, {})", value.text);
            self.stored[i] = Some((at, value.bound));
            return Ok(Value::new(format!("mload({at})"), 1, value.bound));
        }
        Ok(value)
    }

    /// r - x, at most r.
    fn negated(x: Value) -> Value {
        let text = if x.bound > 1 { format!("sub(r, mod({}, r))", x.text) } else { format!("sub(r, {})", x.text) };
        Value::new(text, x.need + 2, 1)
    }

    fn sum(left: Value, right: Value) -> Value {
        let bound = left.bound + right.bound;
        if bound > LARGEST {
            let (text, need) = Self::modular("addmod", &left, &right);
            return Value::new(text, need, 1);
        }
        // Operands are evaluated right to left; the deeper one goes first.
        let (first, second) = if left.need > right.need { (right, left) } else { (left, right) };
        Value::new(format!("add({}, {})", first.text, second.text), (first.need + 1).max(second.need), bound)
    }

    /// Operands are evaluated right to left: the modulus, then the second, then the first.
    fn modular(op: &str, left: &Value, right: &Value) -> (String, usize) {
        let (first, second) = if left.need > right.need { (right, left) } else { (left, right) };
        (format!("{op}({}, {}, r)", first.text, second.text), (first.need + 2).max(second.need + 1))
    }

    /// Frees the memory of values that identity `k` was the last to read.
    fn release(&mut self, k: usize) {
        for i in 0..self.stored.len() {
            if self.last_use[i] == k {
                if let Some((at, _)) = self.stored[i].take() {
                    self.free.push(at);
                }
            }
        }
    }
}

/// For each step the last identity that reaches it.
fn last_uses(program: &Program) -> Vec<usize> {
    let mut last = vec![usize::MAX; program.ops.len()];
    for (k, out) in program.outputs.iter().enumerate() {
        let mut stack = vec![*out];
        while let Some(step) = stack.pop() {
            let i = step as usize;
            if last[i] == k {
                continue;
            }
            last[i] = k;
            if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = program.ops[i] {
                stack.extend([a, b]);
            }
        }
    }
    last
}

/// Source of one constraint contract.
pub fn print(vk: &VerifyingKey, contract: &str, index: usize, part: &Part, layout: &Layout) -> Result<String, PlonkError> {
    let program = &part.program;
    let mut printer = Printer {
        program,
        layout,
        uses: program.uses(),
        stored: vec![None; program.ops.len()],
        free: Vec::new(),
        top: 0x80,
        last_use: last_uses(program),
        out: String::new(),
    };
    for (k, out) in program.outputs.iter().enumerate() {
        let start = printer.out.len();
        let value = printer.expression(*out)?;
        let folded = Value::new(format!("mulmod(mload(0), calldataload({}), r)", 32 * WORD_Y), 4, 1);
        let steps = printer.out.split_off(start);
        let before = if steps.is_empty() { " ".to_string() } else { format!("\n{steps}                ") };
        let result = Printer::sum(folded, value).text;
        let _ = writeln!(printer.out, "            function identity{k}(r) {{{before}mstore(0, {result}) }}");
        printer.release(k);
    }
    let calls: Vec<String> = (0..program.outputs.len()).map(|k| format!("identity{k}(modulus)")).collect();
    let calls: String = calls.chunks(6).map(|line| format!("            {}\n", line.join(" "))).collect();
    Ok(format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated by the plonk crate's solidity::generate from the relation \"{name}\"; edit the relation, not this file.
pragma solidity ^0.8.28;

/// @title Identities of a PLONK verifier, part {index}.
/// @notice Called by the verifier only: calldata are the evaluation words, the answer is the running combination after this part's
/// identities. With empty calldata it answers the verifying key's digest, its first identity and the one after its last.
contract {contract} {{
    uint256 private constant R = {modulus};
    bytes32 private constant VK_DIGEST = {digest};

    fallback() external {{
        assembly {{
{body}            if iszero(calldatasize()) {{
                mstore(0, VK_DIGEST)
                mstore(32, {first})
                mstore(64, {end})
                return(0, 96)
            }}
            if iszero(and(eq(calldatasize(), {size}), eq(calldataload({modulus_at}), R))) {{ revert(0, 0) }}
            let modulus := calldataload({modulus_at})
            mstore(0, calldataload(0))
{calls}            return(0, 32)
        }}
    }}
}}
",
        name = vk.relation.name.escape_default(),
        modulus = super::verifier::MODULUS_R,
        digest = word_hex(&vk.digest),
        first = part.first,
        end = part.end(),
        size = 32 * layout.words,
        modulus_at = 32 * WORD_MODULUS,
        body = printer.out,
    ))
}
