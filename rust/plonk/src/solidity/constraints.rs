//! The identities as straight-line Yul, split over as many contracts as the code size limit asks for.
//!
//! A contract reads the evaluation words as its calldata, folds its identities into the running combination by Horner in y, and
//! returns it. Values used twice are kept in memory; everything else is one nested expression. The modulus arrives as a word, so
//! that the compiler keeps it in one place instead of pushing 32 bytes a step; the contract checks it.

use std::fmt::Write;

use ark_ff::Zero;

use super::layout::{Layout, WORD_MODULUS, WORD_Y};
use super::{literal, word_hex};
use crate::arithmetization::program::{Op, Program};
use crate::arithmetization::relation::Constraint;
use crate::error::PlonkError;
use crate::keys::VerifyingKey;

/// Code size aimed at, by the estimate of `estimate`; well below EIP-170's 24,576.
const BUDGET: usize = 21_500;
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

/// Cuts the identities, in order, into programs that each fit a contract.
pub fn split(identities: &[Constraint]) -> Result<Vec<Program>, PlonkError> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut best: Option<Program> = None;
    let mut end = 0;
    while end < identities.len() {
        let program = Program::compile(&identities[start..=end]);
        if estimate(&program) <= BUDGET {
            best = Some(program);
            end += 1;
        } else if let Some(full) = best.take() {
            parts.push(full);
            start = end;
        } else {
            let what = format!("size of {}", identities[end].label);
            return Err(PlonkError::relation(&what, format!("about {BUDGET} bytes of code"), estimate(&program)));
        }
    }
    parts.extend(best);
    Ok(parts)
}

struct Printer<'a> {
    program: &'a Program,
    layout: &'a Layout,
    uses: Vec<usize>,
    /// Memory address of a step's value, once stored.
    stored: Vec<Option<usize>>,
    free: Vec<usize>,
    top: usize,
    last_use: Vec<usize>,
    out: String,
}

impl Printer<'_> {
    /// The expression of a step and the stack it needs; inner values that are shared or deep are stored first.
    fn expression(&mut self, step: u32) -> Result<(String, usize), PlonkError> {
        let i = step as usize;
        if let Some(at) = self.stored[i] {
            return Ok((format!("mload({at})"), 1));
        }
        let (text, need) = match self.program.ops[i] {
            Op::Constant(c) => return Ok((literal(&c), 1)),
            Op::Leaf(leaf) => {
                let word = self
                    .layout
                    .word_of(leaf)
                    .ok_or_else(|| PlonkError::relation("evaluation word", "a leaf of the schema", format!("{leaf:?}")))?;
                return Ok((format!("calldataload({})", 32 * word), 1));
            }
            Op::Add(a, b) => self.binary("addmod", a, b, true)?,
            Op::Mul(a, b) => self.binary("mulmod", a, b, true)?,
            // A negation may read r itself for zero: every reader reduces, and r - r is zero.
            Op::Sub(a, b) if matches!(self.program.ops[a as usize], Op::Constant(c) if c.is_zero()) => {
                let (inner, need) = self.expression(b)?;
                (format!("sub(r, {inner})"), need + 1)
            }
            Op::Sub(a, b) => self.binary("addmod", a, b, false)?,
        };
        if self.uses[i] > 1 || need > DEPTH {
            let at = self.free.pop().unwrap_or_else(|| {
                self.top += 32;
                self.top - 32
            });
            let _ = writeln!(self.out, "                mstore({at}, {text})");
            self.stored[i] = Some(at);
            return Ok((format!("mload({at})"), 1));
        }
        Ok((text, need))
    }

    /// Operands are evaluated right to left: the modulus, then the second, then the first.
    fn binary(&mut self, op: &str, a: u32, b: u32, commutes: bool) -> Result<(String, usize), PlonkError> {
        let (mut left, mut left_need) = self.expression(a)?;
        let (mut right, mut right_need) = self.expression(b)?;
        if commutes && left_need > right_need {
            std::mem::swap(&mut left, &mut right);
            std::mem::swap(&mut left_need, &mut right_need);
        }
        let right = if commutes { right } else { format!("sub(r, {right})") };
        Ok((format!("{op}({left}, {right}, r)"), (left_need + 2).max(right_need + 1 + usize::from(!commutes))))
    }

    /// Frees the memory of values that identity `k` was the last to read.
    fn release(&mut self, k: usize) {
        for i in 0..self.stored.len() {
            if self.last_use[i] == k {
                if let Some(at) = self.stored[i].take() {
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
pub fn print(vk: &VerifyingKey, contract: &str, index: usize, program: &Program, layout: &Layout) -> Result<String, PlonkError> {
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
        let _ = writeln!(printer.out, "            function identity{k}(r) {{");
        let (text, _) = printer.expression(*out)?;
        let folded = format!("mulmod(mload(0), calldataload({}), r)", 32 * WORD_Y);
        let _ = writeln!(printer.out, "                mstore(0, addmod({folded}, {text}, r))");
        let _ = writeln!(printer.out, "            }}");
        printer.release(k);
    }
    let calls: String = (0..program.outputs.len()).map(|k| format!("            identity{k}(modulus)\n")).collect();
    Ok(format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated by the plonk crate's solidity::generate from the relation \"{name}\"; edit the relation, not this file.
pragma solidity ^0.8.28;

/// @title Identities of a PLONK verifier, part {index}.
/// @notice Called by the verifier only: calldata are the evaluation words, the answer is the running combination after this part's
/// identities. With empty calldata it answers the verifying key's digest and its own number.
contract {contract} {{
    uint256 private constant R = {modulus};
    bytes32 private constant VK_DIGEST = {digest};

    fallback() external {{
        assembly {{
{body}            if iszero(calldatasize()) {{
                mstore(0, VK_DIGEST)
                mstore(32, {index})
                return(0, 64)
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
        size = 32 * layout.words,
        modulus_at = 32 * WORD_MODULUS,
        body = printer.out,
    ))
}
