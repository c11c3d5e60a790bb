//! The end of a program: places every block, writes the trace, and derives fixed columns and copies.
//!
//! What this is not: a check of the witness; `plonk::check` lists what it violates.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, Zero};
use plonk::{Cell, FixedTrace, Relation, Witness};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::super::gates::{
    self, account_leaf, balance_leaf, eddsa, node, poseidon2, poseidon5, range_table, Fixed, ADVICE, FIXED, LIMBS, R, ROWS, R_WIDTH,
    WIRES,
};
use super::pool::Pool;
use crate::poseidon::trace::{trace_all, Trace};
use super::{Builder, CircuitError, Labels, Layout, Node, Row, ScopeSize, Var};

/// A circuit with its witness.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The relation; the same for every program of a layout.
    pub relation: Relation,
    /// Fixed columns and copies.
    pub fixed: FixedTrace,
    /// Cells and public inputs.
    pub witness: Witness,
    /// Names of cells.
    pub labels: Labels,
    /// Keccak-256 of layout, fixed columns and copies: equal for all witnesses of a program.
    pub digest: [u8; 32],
    /// Blocks of the Poseidon2 pool in use, by lane.
    pub hashes: [usize; 4],
    /// circomlib Poseidon blocks in use.
    pub poseidon5: usize,
    /// Generic rows in use by label.
    pub sizes: Vec<ScopeSize>,
}

impl Finished {
    /// Rows and cells by part: the pool and the regions of the shared columns, then the program's rows by label. A path's parts are
    /// separated by slashes.
    #[must_use]
    pub fn parts(&self) -> Vec<ScopeSize> {
        let layout = self.labels.layout();
        let region = |label: &str, rows: usize, columns: usize| ScopeSize { label: label.into(), rows, cells: rows * columns };
        let mut out = vec![
            region("poseidon2 pool", ROWS, poseidon2::COLUMNS),
            region("eddsa blocks", layout.slots * eddsa::BLOCK, R_WIDTH),
            region("circomlib poseidon blocks", layout.poseidon5 * poseidon5::BLOCK, R_WIDTH),
            region("node rows", (layout.nodes + layout.id_nodes) * node::BLOCK, R_WIDTH),
            region("account records", layout.accounts * account_leaf::BLOCK, R_WIDTH),
            region("balance records", layout.balances, R_WIDTH),
        ];
        out.extend(self.sizes.iter().cloned());
        out
    }
}

/// The cells of a circuit without its structure, which is the same for every witness.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// Cells and public inputs.
    pub witness: Witness,
    /// Cells of hints that this witness leaves free.
    pub hints: std::collections::HashSet<Cell>,
}

/// The 16-bit numbers.
static NUMBERS: LazyLock<Vec<Fr>> = LazyLock::new(|| (0..=u16::MAX).map(Fr::from).collect());

/// Permutations that a task runs together.
const TOGETHER: usize = 64;
/// Signatures that a task runs together.
const SIGNATURES: usize = 16;

impl Builder {
    /// Lays out the rest, checks that it fits, and settles multiplicities.
    fn close(&mut self) -> Result<(Var, Vec<Option<Cell>>, Pool), CircuitError> {
        let zero = self.constant(Fr::ZERO);
        self.shared_points();
        self.idle_eddsa();
        self.host_ranges();
        let firsts = self.anchor_equalities();
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.rows.len() > self.layout.generic_rows() {
            return Err(CircuitError::new(
                "generic rows",
                format!("at most {}", self.layout.generic_rows()),
                self.rows.len(),
            ));
        }
        self.settle();
        let pool = self.demand();
        for (lane, demand) in pool.lanes.iter().enumerate() {
            demand.check(&format!("Poseidon2 lane {lane}"), self.layout.hashes(lane))?;
        }
        Ok((zero, firsts, pool))
    }

    /// Writes the cells alone, for a prover who has the structure.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn finish_cells(mut self) -> Result<Assigned, CircuitError> {
        let (_, _, pool) = self.close()?;
        let instance = self.publics.iter().map(|v| self.value(*v)).collect();
        Ok(Assigned { hints: self.free_hints(), witness: Witness { advice: self.columns(&pool), instance } })
    }

    /// Lays out the rest and writes the trace.
    ///
    /// # Errors
    /// [`CircuitError`] where the program did not fit: rows, blocks, nodes, or a wrong argument of an earlier call.
    pub fn finish(mut self) -> Result<Finished, CircuitError> {
        let (zero, firsts, pool) = self.close()?;
        let fixed = FixedTrace { fixed: self.fixed_columns(), copies: self.copies(zero, &firsts) };
        let digest = digest(&self.layout, &fixed);
        let mut labels = Labels::new(self.layout, &self.scopes, self.rows.iter().map(|r| r.scope).collect());
        labels.hints = self.free_hints();
        labels.live = [self.nodes.len(), self.id_nodes.len()];
        labels.records = self.accounts.len();
        labels.guests = self.rows.iter().map(|r| r.guests).collect();
        labels.custom = self.rows.iter().map(|r| r.custom.is_some()).collect();
        labels.balances = self.balances.len();
        let instance = self.publics.iter().map(|v| self.value(*v)).collect();
        Ok(Finished {
            relation: gates::relation(self.layout.generic_start(), self.layout.publics),
            witness: Witness { advice: self.columns(&pool), instance },
            fixed,
            labels,
            digest,
            hashes: [0, 1, 2, 3].map(|lane| pool.lanes[lane].list.len()),
            poseidon5: self.poseidon5.iter().flatten().count(),
            sizes: self.cells(),
        })
    }

    /// First cell of each variable; variables of equalities that no gate uses get a row without coefficients.
    fn anchor_equalities(&mut self) -> Vec<Option<Cell>> {
        let mut firsts = self.first_cells();
        for (a, c) in self.equalities.clone() {
            for var in [a, c] {
                if firsts[var.index()].is_none() {
                    let row = self.push(Row { wires: [Some(var), None, None, None], ..Row::default() });
                    firsts[var.index()] = Some((R, self.layout.generic_start() + row));
                }
            }
        }
        firsts
    }

    fn first_cells(&self) -> Vec<Option<Cell>> {
        let mut firsts = vec![None; self.values.len()];
        for (cell, var) in self.wires() {
            firsts[var.index()].get_or_insert(cell);
        }
        firsts
    }

    /// Every cell that holds a variable.
    fn wires(&self) -> impl Iterator<Item = (Cell, Var)> + '_ {
        let start = self.layout.generic_start();
        let rows = self.rows.iter().enumerate().flat_map(move |(r, row)| {
            row.wires.iter().enumerate().filter_map(move |(i, v)| v.map(|v| ((R + i, start + r), v)))
        });
        self.block_wires.iter().copied().chain(rows)
    }

    /// Copies: the cells of a variable in a chain, equal variables, and every unused wire tied to zero.
    fn copies(&self, zero: Var, firsts: &[Option<Cell>]) -> Vec<(Cell, Cell)> {
        let mut last: Vec<Option<Cell>> = vec![None; self.values.len()];
        let mut out = Vec::new();
        let mut tie = |cell: Cell, var: Var| {
            if let Some(before) = last[var.index()].replace(cell) {
                out.push((before, cell));
            }
        };
        self.wires().for_each(|(cell, var)| tie(cell, var));
        for row in self.layout.generic_start()..ROWS {
            let wires = self.rows.get(row - self.layout.generic_start()).map_or([None; WIRES], |r| r.wires);
            wires.iter().enumerate().filter(|(_, v)| v.is_none()).for_each(|(i, _)| tie((R + i, row), zero));
        }
        let equal = self.equalities.iter().filter_map(|(a, c)| Some((firsts[a.index()]?, firsts[c.index()]?)));
        out.extend(equal);
        out
    }

    fn free_hints(&self) -> std::collections::HashSet<Cell> {
        let free: std::collections::HashSet<Var> =
            self.hints.iter().copied().filter(|v| self.value(*v).is_zero()).collect();
        self.wires().filter(|(_, v)| free.contains(v)).map(|(cell, _)| cell).collect()
    }

    fn fixed_columns(&self) -> Vec<Vec<Fr>> {
        let mut out = vec![vec![Fr::ZERO; ROWS]; FIXED];
        let mut set = |column: Fixed, row: usize, value: Fr| out[column as usize][row] = value;
        let layout = &self.layout;
        for row in 0..layout.poseidon5_start() {
            let (slot, r) = (row / eddsa::BLOCK, row % eddsa::BLOCK);
            let challenge = poseidon5::tag(layout.poseidon5_row(2 * slot + 1));
            eddsa::fixed(r, slot as u64, challenge).into_iter().for_each(|(column, value)| set(column, row, value));
        }
        for row in layout.poseidon5_start()..layout.node_start() {
            let r = (row - layout.poseidon5_start()) % poseidon5::BLOCK;
            poseidon5::fixed(r).into_iter().for_each(|(column, value)| set(column, row, value));
        }
        for k in 0..layout.nodes + layout.id_nodes {
            let row = layout.node_start() + node::BLOCK * k;
            let (tag, hash) = node::tags(k >= layout.nodes);
            set(Fixed::SelNode, row, Fr::ONE);
            set(Fixed::Q0, row, tag.fr());
            set(Fixed::Qk, row, hash.fr());
        }
        for k in 0..layout.accounts {
            let row = layout.account_start() + account_leaf::BLOCK * k;
            set(account_leaf::MARK, row, Fr::ONE);
            set(account_leaf::SUBTREES, row + 1, Fr::ONE);
        }
        for k in 0..layout.balances {
            set(balance_leaf::MARK, layout.balance_start() + k, Fr::ONE);
        }
        for row in layout.generic_start()..ROWS {
            let row_of = self.rows.get(row - layout.generic_start());
            let custom = row_of.is_some_and(|r| r.custom.is_some());
            let bilinear = row_of.is_some_and(|r| r.outside.is_some());
            let selector = if bilinear { Fixed::SelBilinear } else { Fixed::SelGeneric };
            set(selector, row, Fr::from(u64::from(!custom)));
        }
        for (r, row) in self.rows.iter().enumerate() {
            let at = layout.generic_start() + r;
            if let Some(custom) = &row.custom {
                custom.fixed.iter().for_each(|(column, value)| set(*column, at, *value));
                continue;
            }
            for (column, q) in [Fixed::Q0, Fixed::Q1, Fixed::Q2, Fixed::Q3].into_iter().zip(row.q) {
                set(column, at, q);
            }
            let [qm, ql, qs] = row.outside.unwrap_or([row.qm, Fr::from(row.width as u64), row.qs]);
            set(Fixed::Qm, at, qm);
            set(Fixed::Qk, at, row.qk);
            set(Fixed::Ql, at, ql);
            set(Fixed::Qs, at, qs);
            set(Fixed::Host, at, Fr::from(row.host as u64));
        }
        for row in 0..ROWS {
            set(Fixed::Table, row, Fr::from(row as u64));
        }
        out
    }

    /// All witness columns.
    fn columns(&self, pool: &Pool) -> Vec<Vec<Fr>> {
        let mut out = vec![vec![Fr::ZERO; ROWS]; ADVICE + range_table::MULTIPLICITIES];
        self.write_pool(&mut out, pool);
        let layout = &self.layout;
        let mut write = |first: usize, rows: &[[Fr; R_WIDTH]]| {
            for (r, row) in rows.iter().enumerate() {
                row.iter().enumerate().for_each(|(i, value)| out[R + i][first + r] = *value);
            }
        };
        let inputs: Vec<eddsa::Input> = self.eddsa.iter().flatten().copied().collect();
        let signatures: Vec<Box<eddsa::Rows>> = inputs.par_chunks(SIGNATURES).flat_map_iter(eddsa::fill_all).collect();
        for (slot, rows) in signatures.iter().enumerate() {
            write(slot * eddsa::BLOCK, &rows[..]);
        }
        let asked = self.poseidon5_demand(&signatures);
        let inputs: Vec<([Fr; 5], Fr)> =
            self.poseidon5.iter().zip(asked).map(|(inputs, times)| (inputs.unwrap_or_default(), times)).collect();
        let blocks: Vec<poseidon5::Block> = inputs.par_chunks(TOGETHER).flat_map_iter(poseidon5::fill_all).collect();
        for (k, block) in blocks.iter().enumerate() {
            write(layout.poseidon5_row(k), block);
        }
        let idle = Node::default();
        for k in 0..layout.nodes + layout.id_nodes {
            let (list, k_in, lane) =
                if k < layout.nodes { (&self.nodes, k, 0) } else { (&self.id_nodes, k - layout.nodes, 3) };
            let cells = node::fill(list.get(k_in).unwrap_or(&idle), lane);
            write(layout.node_start() + k * node::BLOCK, &cells);
        }
        for k in 0..layout.accounts {
            write(layout.account_start() + k * account_leaf::BLOCK, &account_leaf::fill(self.accounts.get(k)));
        }
        for k in 0..layout.balances {
            write(layout.balance_start() + k, &balance_leaf::fill(self.balances.get(k)));
        }
        self.write_generic(&mut out);
        out
    }

    fn write_pool(&self, out: &mut [Vec<Fr>], pool: &Pool) {
        let mut blocks: Vec<Option<([Fr; 4], Fr)>> = vec![None; ROWS / poseidon2::BLOCK];
        for (lane, demand) in pool.lanes.iter().enumerate() {
            for (k, entry) in demand.list.iter().enumerate() {
                blocks[poseidon2::block_of(lane, k)] = Some(*entry);
            }
        }
        let fill = |blocks: &[Option<([Fr; 4], Fr)>]| {
            // unused blocks permute zeros
            let states: Vec<[Fr; 4]> = blocks.iter().map(|entry| entry.map_or([Fr::ZERO; 4], |(x, _)| x)).collect();
            let times = blocks.iter().map(|entry| entry.map_or(Fr::ZERO, |(_, times)| times));
            trace_all(&states).into_iter().zip(states).zip(times).map(|((trace, x), times)| (x, trace, times)).collect()
        };
        let traced: Vec<Vec<([Fr; 4], Trace, Fr)>> = blocks.par_chunks(TOGETHER).map(fill).collect();
        for (block, (x, trace, times)) in traced.iter().flatten().enumerate() {
            let rows = poseidon2::fill_from(poseidon2::lane_of(block), x, trace, *times);
            for (r, row) in rows.iter().enumerate() {
                row.iter().enumerate().for_each(|(i, value)| out[i][block * poseidon2::BLOCK + r] = *value);
            }
        }
    }

    /// Wires, limbs, and how often each 16-bit number is asked for.
    fn write_generic(&self, out: &mut [Vec<Fr>]) {
        let start = self.layout.generic_start();
        let mut counts = vec![0u64; range_table::MULTIPLICITIES * ROWS];
        let mut above = [0; 2];
        for (r, row) in self.rows.iter().enumerate() {
            for (i, var) in row.wires.iter().enumerate() {
                out[R + i][start + r] = var.map_or(Fr::ZERO, |v| self.value(v));
            }
            if let Some(custom) = &row.custom {
                for (i, cell) in custom.cells.iter().enumerate() {
                    out[R + WIRES + i][start + r] = cell.map_or(Fr::ZERO, |v| self.value(v));
                }
                continue;
            }
            let limbs = match row.outside {
                Some(_) => row.hosted_limbs(above, |v| self.value(v)),
                None => self.limbs(row),
            };
            above = row.handed_down(|v| self.value(v));
            for (i, limb) in limbs.iter().enumerate() {
                out[R + WIRES + i][start + r] = NUMBERS[usize::from(*limb)];
                counts[usize::from(*limb)] += 1;
            }
        }
        counts[0] += ((ROWS - start - self.rows.len()) * LIMBS) as u64;
        for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            out[ADVICE + number / ROWS][number % ROWS] = Fr::from(count);
        }
    }
}

/// Keccak-256 of the structure; zeros of fixed columns are left out, as their places follow from the others.
fn digest(layout: &Layout, trace: &FixedTrace) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    let number = |hasher: &mut Keccak256, x: usize| hasher.update((x as u64).to_be_bytes());
    let Layout { slots, poseidon5, nodes, id_nodes, accounts, balances, publics } = *layout;
    for x in [slots, poseidon5, nodes, id_nodes, accounts, balances, publics] {
        number(&mut hasher, x);
    }
    for (c, column) in trace.fixed.iter().enumerate() {
        for (row, value) in column.iter().enumerate().filter(|(_, v)| !v.is_zero()) {
            number(&mut hasher, c);
            number(&mut hasher, row);
            hasher.update(value.into_bigint().to_bytes_be());
        }
    }
    for ((a, r), (b, s)) in &trace.copies {
        for x in [*a, *r, *b, *s] {
            number(&mut hasher, x);
        }
    }
    hasher.finalize().into()
}
