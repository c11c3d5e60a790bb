//! Identities compiled to a straight-line program with common subexpressions shared.
//!
//! One program serves three readers: the prover on cosets (in blocks of rows, registers reused), the verifier at one point, and
//! the Solidity generator. What it is not: an optimiser beyond sharing.

use std::collections::HashMap;
use std::sync::Arc;

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use sha3::{Digest, Keccak256};

use super::expr::{Challenge, Expr, Leaf, Rotation};
use super::relation::Constraint;

/// One step; operands are indices of earlier steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A constant.
    Constant(Fr),
    /// A value from outside.
    Leaf(Leaf),
    /// Sum.
    Add(u32, u32),
    /// Difference.
    Sub(u32, u32),
    /// Product.
    Mul(u32, u32),
}

/// The program: `outputs[i]` is the step that holds identity i.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Steps in order.
    pub ops: Vec<Op>,
    /// Step of each identity, increasing within what each identity adds.
    pub outputs: Vec<u32>,
}

/// A step of the register form.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Compute into a register; operands are registers.
    Compute(Op, u32),
    /// acc := acc * y + register.
    Fold(u32),
}

/// The program with registers reused after the last reading.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Number of registers.
    pub registers: usize,
}

struct Compiler {
    program: Program,
    shared: HashMap<Op, u32>,
    seen: HashMap<usize, u32>,
}

impl Compiler {
    fn push(&mut self, op: Op) -> u32 {
        if let Some(i) = self.shared.get(&op) {
            return *i;
        }
        let i = self.program.ops.len() as u32;
        self.program.ops.push(op);
        self.shared.insert(op, i);
        i
    }

    fn pair(&mut self, p: &Arc<(Expr, Expr)>, make: fn(u32, u32) -> Op) -> u32 {
        let key = Arc::as_ptr(p) as usize;
        if let Some(i) = self.seen.get(&key) {
            return *i;
        }
        let (a, b) = (self.visit(&p.0), self.visit(&p.1));
        let i = self.push(make(a, b));
        self.seen.insert(key, i);
        i
    }

    fn visit(&mut self, e: &Expr) -> u32 {
        match e {
            Expr::Constant(c) => self.push(Op::Constant(*c)),
            Expr::Leaf(l) => self.push(Op::Leaf(*l)),
            Expr::Add(p) => self.pair(p, |a, b| Op::Add(a.min(b), a.max(b))),
            Expr::Sub(p) => self.pair(p, Op::Sub),
            Expr::Mul(p) => self.pair(p, |a, b| Op::Mul(a.min(b), a.max(b))),
        }
    }
}

impl Program {
    /// Compiles identities in order. The expressions stay alive while compiling, so node addresses are unique.
    #[must_use]
    pub fn compile(identities: &[Constraint]) -> Self {
        Self::compile_exprs(identities.iter().map(|c| &c.expr))
    }

    /// Compiles expressions in order.
    #[must_use]
    pub fn compile_exprs<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Self {
        let mut c = Compiler { program: Self::default(), shared: HashMap::new(), seen: HashMap::new() };
        for expr in exprs {
            let out = c.visit(expr);
            c.program.outputs.push(out);
        }
        c.program
    }

    /// Every step's value at one point.
    pub fn values(&self, leaf: impl Fn(Leaf) -> Fr) -> Vec<Fr> {
        let mut v = Vec::new();
        self.values_into(&mut v, leaf);
        v
    }

    /// Every step's value at one point, into a buffer that is cleared first: row after row needs no allocation.
    pub fn values_into(&self, v: &mut Vec<Fr>, leaf: impl Fn(Leaf) -> Fr) {
        v.clear();
        v.reserve(self.ops.len());
        for op in &self.ops {
            let x = match op {
                Op::Constant(c) => *c,
                Op::Leaf(l) => leaf(*l),
                Op::Add(a, b) => v[*a as usize] + v[*b as usize],
                Op::Sub(a, b) => v[*a as usize] - v[*b as usize],
                Op::Mul(a, b) => v[*a as usize] * v[*b as usize],
            };
            v.push(x);
        }
    }

    /// sum_i y^(k-1-i) identity_i, by Horner, at one point.
    pub fn combine(&self, y: Fr, leaf: impl Fn(Leaf) -> Fr) -> Fr {
        let v = self.values(leaf);
        self.outputs.iter().fold(Fr::zero(), |acc, o| acc * y + v[*o as usize])
    }

    /// The leaves the program reads.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut out: Vec<Leaf> =
            self.ops.iter().filter_map(|op| if let Op::Leaf(l) = op { Some(*l) } else { None }).collect();
        out.sort_unstable();
        out
    }

    /// Multiplications, and additions with subtractions, of one evaluation.
    #[must_use]
    pub fn cost(&self) -> (usize, usize) {
        let muls = self.ops.iter().filter(|op| matches!(op, Op::Mul(..))).count();
        let linear = self.ops.iter().filter(|op| matches!(op, Op::Add(..) | Op::Sub(..))).count();
        (muls, linear)
    }

    /// How often each step is read, outputs included.
    #[must_use]
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.ops.len()];
        for op in &self.ops {
            if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = op {
                uses[*a as usize] += 1;
                uses[*b as usize] += 1;
            }
        }
        for out in &self.outputs {
            uses[*out as usize] += 1;
        }
        uses
    }

    /// Degree of every step in units of n: columns count one, constants and challenges none.
    #[must_use]
    pub fn degrees(&self) -> Vec<usize> {
        let mut d: Vec<usize> = Vec::with_capacity(self.ops.len());
        for op in &self.ops {
            let x = match op {
                Op::Constant(_) | Op::Leaf(Leaf::Challenge(_)) => 0,
                Op::Leaf(_) => 1,
                Op::Add(a, b) | Op::Sub(a, b) => d[*a as usize].max(d[*b as usize]),
                Op::Mul(a, b) => d[*a as usize] + d[*b as usize],
            };
            d.push(x);
        }
        d
    }

    /// Register form.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let mut last = vec![0usize; self.ops.len()];
        let mut folds: HashMap<usize, Vec<usize>> = HashMap::new();
        for (i, op) in self.ops.iter().enumerate() {
            if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = op {
                last[*a as usize] = i;
                last[*b as usize] = i;
            }
        }
        // Identity k is folded once every identity up to k is computed.
        let mut ready = 0usize;
        for (k, out) in self.outputs.iter().enumerate() {
            ready = ready.max(*out as usize);
            folds.entry(ready).or_default().push(k);
            last[*out as usize] = last[*out as usize].max(ready);
        }
        let mut register = vec![0u32; self.ops.len()];
        let mut free: Vec<u32> = Vec::new();
        let mut registers = 0u32;
        let mut expiring: HashMap<usize, Vec<usize>> = HashMap::new();
        for (i, l) in last.iter().enumerate() {
            expiring.entry((*l).max(i)).or_default().push(i);
        }
        let mut steps = Vec::with_capacity(self.ops.len());
        for (i, op) in self.ops.iter().enumerate() {
            let r = free.pop().unwrap_or_else(|| {
                registers += 1;
                registers - 1
            });
            let at = |x: u32| register[x as usize];
            let op = match op {
                Op::Add(a, b) => Op::Add(at(*a), at(*b)),
                Op::Sub(a, b) => Op::Sub(at(*a), at(*b)),
                Op::Mul(a, b) => Op::Mul(at(*a), at(*b)),
                other => *other,
            };
            register[i] = r;
            steps.push(Step::Compute(op, r));
            for k in folds.remove(&i).unwrap_or_default() {
                steps.push(Step::Fold(register[self.outputs[k] as usize]));
            }
            for dead in expiring.remove(&i).unwrap_or_default() {
                free.push(register[dead]);
            }
        }
        Plan { steps, registers: registers as usize }
    }

    /// Keccak digest of the program: part of the verifying key.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut h = Keccak256::new();
        h.update((self.ops.len() as u64).to_be_bytes());
        h.update((self.outputs.len() as u64).to_be_bytes());
        for op in &self.ops {
            match op {
                Op::Constant(c) => {
                    h.update([0]);
                    h.update(c.into_bigint().to_bytes_be());
                }
                Op::Leaf(l) => {
                    h.update([1]);
                    h.update(leaf_code(*l));
                }
                Op::Add(a, b) => hash_pair(&mut h, 2, *a, *b),
                Op::Sub(a, b) => hash_pair(&mut h, 3, *a, *b),
                Op::Mul(a, b) => hash_pair(&mut h, 4, *a, *b),
            }
        }
        for o in &self.outputs {
            h.update(o.to_be_bytes());
        }
        h.finalize().into()
    }
}

fn hash_pair(h: &mut Keccak256, code: u8, a: u32, b: u32) {
    h.update([code]);
    h.update(a.to_be_bytes());
    h.update(b.to_be_bytes());
}

fn leaf_code(l: Leaf) -> [u8; 10] {
    let rot = |r: Rotation| u8::from(r == Rotation::Next);
    let (kind, index, rotation) = match l {
        Leaf::Advice(c, r) => (0u8, c as u64, rot(r)),
        Leaf::Fixed(c) => (1, c as u64, 0),
        Leaf::Periodic(c) => (2, c as u64, 0),
        Leaf::Instance => (3, 0, 0),
        Leaf::Sigma(c) => (4, c as u64, 0),
        Leaf::Helper(c) => (5, c as u64, 0),
        Leaf::RunningSum(r) => (6, 0, rot(r)),
        Leaf::Product(r) => (7, 0, rot(r)),
        Leaf::Challenge(Challenge::Alpha) => (8, 0, 0),
        Leaf::Challenge(Challenge::Gamma) => (8, 1, 0),
        Leaf::Challenge(Challenge::Beta) => (8, 2, 0),
        Leaf::Challenge(Challenge::Delta) => (8, 3, 0),
        Leaf::Point => (9, 0, 0),
        Leaf::FirstRow => (10, 0, 0),
    };
    let mut out = [0u8; 10];
    out[0] = kind;
    out[1..9].copy_from_slice(&index.to_be_bytes());
    out[9] = rotation;
    out
}
