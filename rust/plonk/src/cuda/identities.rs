//! Identities of a relation on the rows of a coset, folded by powers of y, on the device.
//!
//! Twin of `arithmetization::evaluate`; see `cuda/identities.cu`. Leaves and constants are operands, so registers hold only results.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::columns::Columns;
use super::kernels::Device;
pub(crate) use super::kernels::Source;
use super::memory::Buffer;
use crate::arithmetization::expr::{Challenge, Leaf};
use crate::arithmetization::program::{Op, Program};
use crate::error::CudaError;

const ADD: u32 = 0;
const SUBTRACT: u32 = 1;
const MULTIPLY: u32 = 2;
const FOLD: u32 = 3;
const SOURCE: u32 = 1 << 30;
const CONSTANT: u32 = 2 << 30;

/// Steps of the kernel, and how much of everything they use. Every operand is below these bounds.
pub(super) struct Plan {
    pub(super) steps: Vec<[u32; 4]>,
    pub(super) registers: usize,
    pub(super) sources: usize,
    pub(super) constants: usize,
}

/// A program ready for many cosets.
pub(crate) struct Identities {
    device: &'static Device,
    plan: Plan,
    constants: Vec<Fr>,
    leaves: Vec<Leaf>,
}

/// Registers that are free, and those taken until the step that reads them last.
#[derive(Default)]
struct Registers {
    free: Vec<u32>,
    count: u32,
}

impl Registers {
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }
}

impl Identities {
    /// Plans a program for given challenges and y.
    pub(crate) fn new(device: &'static Device, program: &Program, challenge: impl Fn(Challenge) -> Fr, y: Fr) -> Self {
        // y and the scale come first.
        let (mut constants, mut leaves) = (vec![y, Fr::ZERO], Vec::new());
        let mut operands: Vec<u32> = Vec::with_capacity(program.ops.len());
        let mut steps = Vec::new();
        let (last, mut folds) = (last_readings(program), folds(program));
        let mut registers = Registers::default();
        let mut expiring: HashMap<usize, Vec<u32>> = HashMap::new();
        for (i, op) in program.ops.iter().enumerate() {
            let mut compute = |code: u32, a: u32, b: u32| {
                let to = registers.take();
                steps.push([code, operands[a as usize], operands[b as usize], to]);
                expiring.entry(last[i]).or_default().push(to);
                to
            };
            let operand = match op {
                Op::Constant(c) => constant(&mut constants, *c),
                Op::Leaf(Leaf::Challenge(c)) => constant(&mut constants, challenge(*c)),
                Op::Leaf(leaf) => {
                    leaves.push(*leaf);
                    SOURCE | (leaves.len() - 1) as u32
                }
                Op::Add(a, b) => compute(ADD, *a, *b),
                Op::Sub(a, b) => compute(SUBTRACT, *a, *b),
                Op::Mul(a, b) => compute(MULTIPLY, *a, *b),
            };
            operands.push(operand);
            for output in folds.remove(&i).unwrap_or_default() {
                steps.push([FOLD, operands[output as usize], 0, 0]);
            }
            registers.free.extend(expiring.remove(&i).unwrap_or_default());
        }
        let plan =
            Plan { steps, registers: registers.count as usize, sources: leaves.len(), constants: constants.len() };
        Self { device, plan, constants, leaves }
    }

    /// What `fold` reads, in its order.
    pub(crate) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// On each of n rows, scale times the sum over i of y^(k-1-i) output i: one column.
    pub(crate) fn fold(&mut self, sources: &[Source<'_>], n: usize, scale: Fr) -> Result<Columns, CudaError> {
        self.constants[1] = scale;
        let constants = Buffer::from_host(self.device, &self.constants)?;
        let mut values = Buffer::new(self.device, n)?;
        self.device.identities(&self.plan, &constants, sources, &mut values)?;
        Ok(Columns { values, count: 1, n })
    }
}

fn constant(constants: &mut Vec<Fr>, value: Fr) -> u32 {
    constants.push(value);
    CONSTANT | (constants.len() - 1) as u32
}

/// Identities that are folded after each step: identity k once every identity up to k is computed.
fn folds(program: &Program) -> HashMap<usize, Vec<u32>> {
    let mut out: HashMap<usize, Vec<u32>> = HashMap::new();
    let mut ready = 0;
    for output in &program.outputs {
        ready = ready.max(*output as usize);
        out.entry(ready).or_default().push(*output);
    }
    out
}

/// The step after which each step's value is read no more.
fn last_readings(program: &Program) -> Vec<usize> {
    let mut last: Vec<usize> = (0..program.ops.len()).collect();
    for (i, op) in program.ops.iter().enumerate() {
        if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = op {
            last[*a as usize] = i;
            last[*b as usize] = i;
        }
    }
    for (ready, outputs) in folds(program) {
        for output in outputs {
            last[output as usize] = last[output as usize].max(ready);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;

    use super::*;
    use crate::arithmetization::evaluate::{self, Evaluator};
    use crate::arithmetization::expr::{Expr, Rotation};

    fn column(n: usize, seed: u64) -> Vec<Fr> {
        let mut rng = ark_std::test_rng();
        let edges = [Fr::ZERO, Fr::from(1u64), -Fr::from(1u64)];
        (0..n).map(|i| edges.get((i + seed as usize) % 5).copied().unwrap_or_else(|| Fr::rand(&mut rng))).collect()
    }

    /// Every operation, operand and rotation; outputs that are leaves, constants, one another, or read again later.
    #[test]
    fn identities_equal_the_evaluator() {
        let device = match Device::get() {
            Ok(device) => device,
            Err(error) => return println!("{error}"),
        };
        let (a, b, next) = (Expr::cur(0), Expr::cur(1), Expr::next(1));
        let alpha = Expr::challenge(Challenge::Alpha);
        let product = a.clone() * b.clone();
        let list = [
            product.clone() - next.clone(),
            a.clone(),
            Expr::from(7u64),
            (product.clone() + alpha.clone()) * (next - a.clone()) * Expr::periodic(0),
            product.clone() * product.clone() - product,
            Expr::fixed(0) - alpha,
            a.clone() - a,
            b.pow5(),
        ];
        for count in [1, 2, list.len()] {
            let program = Program::compile_exprs(&list[..count]);
            for n in [1, 2, 8, 256, 512] {
                let columns = [column(n, 0), column(n, 1), column(n, 2), column(n.min(4), 3)];
                let (challenge, y, scale) = (Fr::from(11u64), -Fr::from(3u64), Fr::from(5u64));
                let at = |leaf: Leaf| match leaf {
                    Leaf::Advice(c, rotation) => (c, rotation == Rotation::Next),
                    Leaf::Fixed(_) => (2, false),
                    _ => (3, false),
                };
                let source = |leaf| {
                    let (c, next) = at(leaf);
                    evaluate::Source { values: &columns[c], next }
                };
                let expected = Evaluator::new(&program, |_| challenge).fold(source, n, y, scale);
                let on_device: Vec<Columns> =
                    columns.iter().map(|c| Columns::upload(device, &[c]).expect("columns")).collect();
                let mut identities = Identities::new(device, &program, |_| challenge, y);
                let sources: Vec<Source<'_>> = identities
                    .leaves()
                    .iter()
                    .map(|leaf| {
                        let (c, next) = at(*leaf);
                        Source { columns: &on_device[c], column: 0, next }
                    })
                    .collect();
                let got = identities.fold(&sources, n, scale).and_then(|c| c.download()).expect("a column");
                assert_eq!(got, [expected], "{count} identities on {n} rows");
            }
        }
    }
}
