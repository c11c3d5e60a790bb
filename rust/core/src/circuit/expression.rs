//! Linear expressions over circuit cells, so that a clause reads like its formula.
//!
//! An expression is not a cell: it costs nothing until a gate asks for it. What it is not: a constraint system of its
//! own; every gate here ends in the builder.

use std::ops::{Add, Mul, Neg, Sub};
use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::builder::{Builder, Var};

/// A sum of scaled cells plus a constant.
#[derive(Clone, Debug, Default)]
pub struct Expr {
    terms: Vec<(Fr, Var)>,
    constant: Fr,
}

impl Expr {
    /// The constant expression.
    #[must_use]
    pub fn constant(value: Fr) -> Self {
        Self { terms: Vec::new(), constant: value }
    }

    /// The value under the builder's present assignment.
    #[must_use]
    pub fn value(&self, b: &Builder) -> Fr {
        self.terms.iter().fold(self.constant, |sum, (c, v)| sum + *c * b.value(*v))
    }

    fn push(&mut self, coefficient: Fr, var: Var) {
        if let Some(slot) = self.terms.iter_mut().find(|(_, v)| *v == var) {
            slot.0 += coefficient;
        } else {
            self.terms.push((coefficient, var));
        }
    }

    /// The scaled cells.
    #[must_use]
    pub fn terms(&self) -> &[(Fr, Var)] {
        &self.terms
    }

    /// The constant part.
    #[must_use]
    pub fn offset(&self) -> Fr {
        self.constant
    }

    /// One cell that equals the expression; free when it is a cell already.
    pub fn cell(&self, b: &mut Builder) -> Var {
        match self.terms.as_slice() {
            [] => b.constant(self.constant),
            [(c, v)] if *c == Fr::ONE && self.constant.is_zero() => *v,
            _ => b.linear(&self.terms, self.constant),
        }
    }

    /// Asserts that the expression is zero.
    pub fn assert_zero(&self, b: &mut Builder) {
        b.assert_linear_zero(&self.terms, self.constant);
    }
}

impl From<Var> for Expr {
    fn from(var: Var) -> Self {
        Self { terms: vec![(Fr::ONE, var)], constant: Fr::ZERO }
    }
}

impl From<&Expr> for Expr {
    fn from(expr: &Expr) -> Self {
        expr.clone()
    }
}

impl From<Fr> for Expr {
    fn from(value: Fr) -> Self {
        Self::constant(value)
    }
}

impl From<u64> for Expr {
    fn from(value: u64) -> Self {
        Self::constant(Fr::from(value))
    }
}

impl<T: Into<Expr>> Add<T> for Expr {
    type Output = Expr;
    fn add(mut self, other: T) -> Expr {
        let other = other.into();
        self.constant += other.constant;
        for (c, v) in other.terms {
            self.push(c, v);
        }
        self
    }
}

impl<T: Into<Expr>> Sub<T> for Expr {
    type Output = Expr;
    fn sub(self, other: T) -> Expr {
        self + -other.into()
    }
}

impl Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        self * -Fr::ONE
    }
}

impl Mul<Fr> for Expr {
    type Output = Expr;
    fn mul(mut self, factor: Fr) -> Expr {
        self.constant *= factor;
        for (c, _) in &mut self.terms {
            *c *= factor;
        }
        self
    }
}

impl Mul<u64> for Expr {
    type Output = Expr;
    fn mul(self, factor: u64) -> Expr {
        self * Fr::from(factor)
    }
}

/// A cell as an expression.
#[must_use]
pub fn e(var: Var) -> Expr {
    var.into()
}

/// The powers of two below 2^254.
static POWERS: LazyLock<[Fr; 254]> = LazyLock::new(|| {
    let mut power = Fr::ONE;
    core::array::from_fn(|_| {
        let this = power;
        power.double_in_place();
        this
    })
});

/// 2^k as a field element, k < 254.
#[must_use]
pub fn pow2(k: u64) -> Fr {
    usize::try_from(k).ok().and_then(|k| POWERS.get(k)).copied().unwrap_or_else(|| Fr::from(2u64).pow([k]))
}

/// k a c + rest = 0.
pub fn quadratic(b: &mut Builder, k: Fr, a: Var, c: Var, rest: &Expr) {
    b.assert_quadratic(k, a, c, rest.terms(), rest.offset());
}

/// A new cell x y.
pub fn product(b: &mut Builder, x: &Expr, y: &Expr) -> Var {
    product_plus(b, x, y, &Expr::default())
}

/// A new cell x y + rest. Constants in x and y cost nothing: they move into the linear part of the gate.
pub fn product_plus(b: &mut Builder, x: &Expr, y: &Expr, rest: &Expr) -> Var {
    let value = x.value(b) * y.value(b) + rest.value(b);
    let out = b.witness(value);
    assert_product(b, x, y, &(rest.clone() - out));
    out
}

/// x y + rest = 0.
fn assert_product(b: &mut Builder, x: &Expr, y: &Expr, rest: &Expr) {
    let (x, y) = if x.terms().len() <= y.terms().len() { (x, y) } else { (y, x) };
    let (cx, vx, ox) = scaled(b, x);
    let outside = rest.clone() + y.clone() * ox;
    match vx {
        // (cx vx + ox) y + rest
        Some(vx) => {
            let inside = y.clone() * cx;
            b.assert_bilinear(vx, (inside.terms(), inside.offset()), (outside.terms(), outside.offset()));
        }
        None => outside.assert_zero(b),
    }
}

/// An expression as c v + o with one cell v.
fn scaled(b: &mut Builder, x: &Expr) -> (Fr, Option<Var>, Fr) {
    match x.terms() {
        [] => (Fr::ZERO, None, x.offset()),
        [(c, v)] => (*c, Some(*v), x.offset()),
        _ => (Fr::ONE, Some(x.cell(b)), Fr::ZERO),
    }
}

/// x y = 0.
pub fn assert_zero_product(b: &mut Builder, x: &Expr, y: &Expr) {
    assert_product(b, x, y, &Expr::default());
}

/// x y = z.
pub fn product_is(b: &mut Builder, x: &Expr, y: &Expr, z: &Expr) {
    assert_product(b, x, y, &-z.clone());
}

/// x = 0 where the flag is 1.
pub fn assert_when(b: &mut Builder, flag: Var, x: &Expr) {
    assert_zero_product(b, &e(flag), x);
}

/// x has an inverse.
pub fn assert_nonzero(b: &mut Builder, x: &Expr) {
    let inverse = b.witness(x.value(b).inverse().unwrap_or_default());
    assert_product(b, x, &e(inverse), &Expr::constant(-Fr::ONE));
}

/// A boolean cell: 1 exactly if x = 0.
pub fn is_zero(b: &mut Builder, x: &Expr) -> Var {
    let value = x.value(b);
    let inverse = b.hint(value.inverse().unwrap_or_default());
    // flag = 1 - x inverse, and x flag = 0
    let flag = product_plus(b, &-x.clone(), &e(inverse), &Expr::from(1u64));
    assert_zero_product(b, x, &e(flag));
    flag
}

/// x in [0, 2^bits).
pub fn range(b: &mut Builder, x: &Expr, bits: u32) {
    b.range_linear(x.terms(), x.offset(), bits);
}
