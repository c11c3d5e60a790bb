//! A program planned for lanes: registers, constants apart, and reductions only where bounds known now demand them.
//!
//! Every register holds a wide number in R = 2^260. The planner tracks two bounds of each: its value in units of p / 64, so
//! that no product has factors beyond 84 p^2 and no value passes 84 p, and its limbs in units of 2^52, so that none passes
//! 2^62. Sums and differences then cost one instruction a limb, two with the multiple of p that keeps a difference positive.
//! What it is not: the run; see `run.rs`.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::Zero;

use crate::arithmetization::expr::{Challenge, Leaf};
use crate::arithmetization::program::{Op, Program};

/// A step; `a`, `b`, `from`, `to` are registers and `c` constants.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Load {
        leaf: u32,
        to: u32,
    },
    Constant {
        c: u32,
        to: u32,
    },
    Add {
        a: u32,
        b: u32,
        to: u32,
    },
    AddConstant {
        a: u32,
        c: u32,
        to: u32,
    },
    /// a - b + multiple p.
    Sub {
        a: u32,
        b: u32,
        multiple: u32,
        to: u32,
    },
    /// c - b + multiple p.
    SubFromConstant {
        c: u32,
        b: u32,
        multiple: u32,
        to: u32,
    },
    Mul {
        a: u32,
        b: u32,
        to: u32,
    },
    Square {
        a: u32,
        to: u32,
    },
    MulConstant {
        a: u32,
        c: u32,
        to: u32,
    },
    Reduce {
        at: u32,
    },
    Output {
        index: u32,
        from: u32,
    },
}

/// How a constant is made once challenges are known; indices are of earlier constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Constant {
    Fixed(Fr),
    Challenge(Challenge),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
}

/// A program for lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct LanePlan {
    pub(super) steps: Vec<Step>,
    pub(super) registers: usize,
    /// The leaves that `Load` names.
    pub(crate) leaves: Vec<Leaf>,
    constants: Vec<Constant>,
}

/// p in the unit of value bounds.
const P: u64 = 64;
/// Largest value: 2^260 is 84.6 p.
const MAX_VALUE: u64 = 84 * P;
/// Largest product of two factors, in units of (p / 64)^2.
const MAX_PRODUCT: u64 = 84 * P * P;
/// Largest limbs, in units of 2^52.
const MAX_LIMB: u64 = 1 << 10;

/// Bounds of a register.
#[derive(Clone, Copy, Debug)]
struct Bound {
    value: u64,
    limb: u64,
}

const REDUCED: Bound = Bound { value: P + 1, limb: 1 };
const CANONICAL: Bound = Bound { value: P, limb: 1 };

#[derive(Clone, Copy)]
enum Place {
    Register(u32),
    Constant(u32),
}

struct Planner {
    plan: LanePlan,
    place: Vec<Place>,
    bound: Vec<Bound>,
    free: Vec<u32>,
    shared: HashMap<Constant, u32>,
}

impl LanePlan {
    /// Plans a program. Outputs come in order, each as soon as it and all before it are computed.
    pub(crate) fn new(program: &Program) -> Self {
        let last = last_readings(program);
        let mut expiring: HashMap<usize, Vec<usize>> = HashMap::new();
        for (i, l) in last.iter().enumerate() {
            expiring.entry(*l).or_default().push(i);
        }
        let mut p = Planner {
            plan: Self::default(),
            place: Vec::with_capacity(program.ops.len()),
            bound: Vec::new(),
            free: Vec::new(),
            shared: HashMap::new(),
        };
        let mut outputs = program.outputs.iter().enumerate().peekable();
        for (i, op) in program.ops.iter().enumerate() {
            let place = p.step(op);
            p.place.push(place);
            while let Some((index, out)) = outputs.next_if(|(_, out)| **out as usize <= i) {
                p.output(index as u32, *out);
            }
            for dead in expiring.remove(&i).unwrap_or_default() {
                if let Place::Register(r) = p.place[dead] {
                    p.free.push(r);
                }
            }
        }
        p.plan.registers = p.bound.len();
        p.plan
    }

    /// The constants' values.
    pub(crate) fn constants(&self, challenge: impl Fn(Challenge) -> Fr) -> Vec<Fr> {
        let mut values: Vec<Fr> = Vec::with_capacity(self.constants.len());
        for constant in &self.constants {
            let value = |i: u32| values[i as usize];
            values.push(match *constant {
                Constant::Fixed(x) => x,
                Constant::Challenge(c) => challenge(c),
                Constant::Add(a, b) => value(a) + value(b),
                Constant::Sub(a, b) => value(a) - value(b),
                Constant::Mul(a, b) => value(a) * value(b),
            });
        }
        values
    }
}

/// The step at which each value is read last, folds included; its own step when it is never read.
fn last_readings(program: &Program) -> Vec<usize> {
    let mut last: Vec<usize> = (0..program.ops.len()).collect();
    for (i, op) in program.ops.iter().enumerate() {
        if let Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) = op {
            last[*a as usize] = i;
            last[*b as usize] = i;
        }
    }
    let mut ready = 0;
    for out in &program.outputs {
        ready = ready.max(*out as usize);
        last[*out as usize] = last[*out as usize].max(ready);
    }
    last
}

impl Planner {
    fn step(&mut self, op: &Op) -> Place {
        match *op {
            Op::Constant(x) => self.constant(Constant::Fixed(x)),
            Op::Leaf(Leaf::Challenge(c)) => self.constant(Constant::Challenge(c)),
            Op::Leaf(leaf) => {
                let to = self.register(REDUCED);
                self.plan.steps.push(Step::Load { leaf: self.plan.leaves.len() as u32, to });
                self.plan.leaves.push(leaf);
                Place::Register(to)
            }
            Op::Add(a, b) => match (self.at(a), self.at(b)) {
                (Place::Constant(a), Place::Constant(b)) => self.constant(Constant::Add(a, b)),
                (Place::Register(a), Place::Register(b)) => self.add(a, b),
                (Place::Register(a), Place::Constant(c)) | (Place::Constant(c), Place::Register(a)) => {
                    self.add_constant(a, c)
                }
            },
            Op::Sub(a, b) => match (self.at(a), self.at(b)) {
                (Place::Constant(a), Place::Constant(b)) => self.constant(Constant::Sub(a, b)),
                (Place::Register(a), Place::Register(b)) => self.sub(a, b),
                (Place::Register(a), Place::Constant(c)) => {
                    let zero = self.constant_index(Constant::Fixed(Fr::zero()));
                    let c = self.constant_index(Constant::Sub(zero, c));
                    self.add_constant(a, c)
                }
                (Place::Constant(c), Place::Register(b)) => self.sub_from_constant(c, b),
            },
            Op::Mul(a, b) => match (self.at(a), self.at(b)) {
                (Place::Constant(a), Place::Constant(b)) => self.constant(Constant::Mul(a, b)),
                (Place::Register(a), Place::Register(b)) => self.mul(a, b),
                (Place::Register(a), Place::Constant(c)) | (Place::Constant(c), Place::Register(a)) => {
                    let to = self.register(product(self.bound[a as usize].value, P));
                    self.push(Step::MulConstant { a, c, to }, to)
                }
            },
        }
    }

    fn at(&self, op: u32) -> Place {
        self.place[op as usize]
    }

    fn constant(&mut self, c: Constant) -> Place {
        Place::Constant(self.constant_index(c))
    }

    fn constant_index(&mut self, c: Constant) -> u32 {
        let constants = &mut self.plan.constants;
        *self.shared.entry(c).or_insert_with(|| {
            constants.push(c);
            constants.len() as u32 - 1
        })
    }

    fn register(&mut self, bound: Bound) -> u32 {
        let r = self.free.pop().unwrap_or(self.bound.len() as u32);
        if r as usize == self.bound.len() {
            self.bound.push(bound);
        } else {
            self.bound[r as usize] = bound;
        }
        r
    }

    fn push(&mut self, step: Step, to: u32) -> Place {
        self.plan.steps.push(step);
        Place::Register(to)
    }

    fn reduce(&mut self, at: u32) {
        self.plan.steps.push(Step::Reduce { at });
        self.bound[at as usize] = REDUCED;
    }

    /// Bound of a sum, if it is one that a register may hold.
    fn sum(a: Bound, b: Bound) -> Option<Bound> {
        let sum = Bound { value: a.value + b.value, limb: a.limb + b.limb };
        (sum.value <= MAX_VALUE && sum.limb <= MAX_LIMB).then_some(sum)
    }

    /// What a subtrahend adds: the multiple of p that keeps the difference positive, as a bound.
    fn negated(b: Bound) -> (u32, Bound) {
        let multiple = b.value.div_ceil(P);
        (multiple as u32, Bound { value: multiple * P, limb: b.limb + multiple })
    }

    fn larger(&self, a: u32, b: u32) -> u32 {
        let weight = |r: u32| {
            let bound = self.bound[r as usize];
            (bound.value * MAX_LIMB).max(bound.limb * MAX_VALUE)
        };
        if weight(a) >= weight(b) {
            a
        } else {
            b
        }
    }

    fn add(&mut self, a: u32, b: u32) -> Place {
        let bound = loop {
            match Self::sum(self.bound[a as usize], self.bound[b as usize]) {
                Some(bound) => break bound,
                None => self.reduce(self.larger(a, b)),
            }
        };
        let to = self.register(bound);
        self.push(Step::Add { a, b, to }, to)
    }

    fn add_constant(&mut self, a: u32, c: u32) -> Place {
        let bound = loop {
            match Self::sum(self.bound[a as usize], CANONICAL) {
                Some(bound) => break bound,
                None => self.reduce(a),
            }
        };
        let to = self.register(bound);
        self.push(Step::AddConstant { a, c, to }, to)
    }

    fn sub(&mut self, a: u32, b: u32) -> Place {
        let (multiple, bound) = loop {
            let (multiple, negated) = Self::negated(self.bound[b as usize]);
            match Self::sum(self.bound[a as usize], negated) {
                Some(bound) => break (multiple, bound),
                None => self.reduce(self.larger(a, b)),
            }
        };
        let to = self.register(bound);
        self.push(Step::Sub { a, b, multiple, to }, to)
    }

    fn sub_from_constant(&mut self, c: u32, b: u32) -> Place {
        let (multiple, bound) = loop {
            let (multiple, negated) = Self::negated(self.bound[b as usize]);
            match Self::sum(CANONICAL, negated) {
                Some(bound) => break (multiple, bound),
                None => self.reduce(b),
            }
        };
        let to = self.register(bound);
        self.push(Step::SubFromConstant { c, b, multiple, to }, to)
    }

    fn mul(&mut self, a: u32, b: u32) -> Place {
        while self.bound[a as usize].value * self.bound[b as usize].value > MAX_PRODUCT {
            self.reduce(self.larger(a, b));
        }
        let to = self.register(product(self.bound[a as usize].value, self.bound[b as usize].value));
        let step = if a == b { Step::Square { a, to } } else { Step::Mul { a, b, to } };
        self.push(step, to)
    }

    fn output(&mut self, index: u32, out: u32) {
        let from = match self.at(out) {
            Place::Register(r) => r,
            Place::Constant(c) => {
                // A register of its own for a moment.
                let to = self.register(CANONICAL);
                self.plan.steps.push(Step::Constant { c, to });
                self.free.push(to);
                to
            }
        };
        // Whoever takes it may add one more product to it.
        if self.bound[from as usize].value > MAX_OUTPUT * P || self.bound[from as usize].limb > MAX_LIMB / 2 {
            self.reduce(from);
        }
        self.plan.steps.push(Step::Output { index, from });
    }
}

/// Outputs are below this many p.
const MAX_OUTPUT: u64 = 31;

/// Bound of a product: below 3 p up to 35 p^2, below 4 p up to 84 p^2 (`field/lanes.rs`).
fn product(a: u64, b: u64) -> Bound {
    Bound { value: if a * b <= 35 * P * P { 3 * P } else { 4 * P }, limb: 64 }
}
