//! Bilinear rows: one equation in which a cell multiplies a sum, for the rows of the program that show no range and no message.
//!
//! w0 (q0 + q1 w1 + q2 w2 + q3 w3) + qm w1 + ql w2 + qs w3 + qk = 0, over the four copy columns; the other six are not read.
//! Selection, products of sums and "zero where a flag is 1" take one row. What this is not: the choice of coefficients.

use super::{cur, Assembly, Fixed};

/// Adds the equation.
pub(crate) fn constrain(a: &mut Assembly) {
    let factor = [Fixed::Q1, Fixed::Q2, Fixed::Q3].into_iter().zip(1..);
    let factor = factor.fold(Fixed::Q0.expr(), |sum, (q, i)| sum + q.expr() * cur(i));
    let linear = [Fixed::Qm, Fixed::Ql, Fixed::Qs].into_iter().zip(1..);
    let linear = linear.fold(Fixed::Qk.expr(), |sum, (q, i)| sum + q.expr() * cur(i));
    a.constrain("bilinear", &Fixed::SelBilinear.expr(), cur(0) * factor + linear);
}
