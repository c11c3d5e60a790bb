//! The range table: the row number T and T + 2^15 together are the 16-bit numbers, each taken as often as it is asked for.
//!
//! The multiplicities are free; a wrong one leaves the bus unbalanced. What this is not: a check of widths other than 16
//! bits; the generic rows combine limbs.

use plonk::Expr;

use super::{message, Assembly, Fixed, Tag, ADVICE, ROWS};

/// Multiplicity columns, after the advice columns: one for T, one for T + 2^15.
pub const MULTIPLICITIES: usize = 2;

/// Adds the table's two terms.
pub(crate) fn constrain(a: &mut Assembly) {
    for half in 0..MULTIPLICITIES {
        let number = Fixed::Table.expr() + (half * ROWS) as u64;
        a.everywhere(message(-Expr::cur(ADVICE + half), Tag::Range, [number]));
    }
}
