//! The values: fixed columns and copies of a circuit, advice and public inputs of a proof.

use ark_bn254::Fr;

use super::relation::Relation;

/// A cell of the advice trace: (column, row).
pub type Cell = (usize, usize);

/// What a circuit fixes: committed fixed columns (n values each) and copy constraints between cells of copy columns.
#[derive(Clone, Debug, Default)]
pub struct FixedTrace {
    /// Fixed columns, n values each.
    pub fixed: Vec<Vec<Fr>>,
    /// Pairs of cells that must be equal; columns are advice columns listed in `Relation::copy_columns`.
    pub copies: Vec<(Cell, Cell)>,
}

/// What a prover fills in.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// Advice columns, then multiplicity columns, n values each.
    pub advice: Vec<Vec<Fr>>,
    /// Public inputs, `instance_len` of them.
    pub instance: Vec<Fr>,
}

impl Witness {
    /// The public inputs as a column: each on its row, zero elsewhere.
    #[must_use]
    pub(crate) fn instance_column(&self, relation: &Relation) -> Vec<Fr> {
        let mut column = vec![Fr::from(0u64); relation.n()];
        for (row, x) in relation.instance_rows().into_iter().zip(&self.instance) {
            column[row] = *x;
        }
        column
    }
}
