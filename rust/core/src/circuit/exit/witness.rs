//! Fills the exit circuit's cells. Takes any [`Exit`]: a wrong one is laid out too and violates constraints.

use ark_ff::Zero;
use plonk::Witness;

use super::hash::{self, BLOCK, OUT};
use super::relation::{
    is_step, lane_of, BLOCKS, CARRY, COLUMNS, DIGIT, FEED, IDENTITY, INPUTS, LEAF, POSITION, ROWS, TOP,
};
use super::statement::{Exit, ExitError};
use crate::poseidon::{hash_account, hash_node, hash_value};
use crate::primitives::Fr;

/// What a block hashes.
fn inputs_of(exit: &Exit, block: usize) -> [Fr; 4] {
    let zero = Fr::zero();
    match block {
        0 => [exit.value, zero, zero, zero],
        1..IDENTITY => exit.balances[block - 1],
        IDENTITY => exit.identity,
        LEAF => {
            let balances = hash_node(&exit.balances[7]);
            [hash_account(&exit.identity), exit.dynamic, balances, exit.storage_root]
        }
        11..=TOP => exit.accounts[block - 11],
        _ => [zero; 4],
    }
}

/// The exit of a slot that nobody uses: no account, token 0 without the native bit, any root.
fn unused() -> Exit {
    let zero = Fr::zero();
    let mut balances = [[zero; 4]; 8];
    let mut hash = hash_value(zero);
    for children in &mut balances {
        children[0] = hash;
        hash = hash_node(children);
    }
    let mut accounts = [[zero; 4]; 16];
    hash = hash_account(&[hash_account(&[zero; 4]), zero, hash, zero]);
    for children in &mut accounts {
        children[0] = hash;
        hash = hash_node(children);
    }
    Exit {
        identity: [zero; 4],
        dynamic: zero,
        storage_root: zero,
        index: 0,
        token: 0,
        value: zero,
        balances,
        accounts,
    }
}

/// Fills one slot's rows. `position`: token, native bit and index.
fn fill(columns: &mut [Vec<Fr>], start: usize, exit: &Exit, position: u64, native: bool) {
    let mut left = position;
    let mut carry = Fr::zero();
    let mut rest = 0u128;
    for block in 0..BLOCKS {
        let (first, last) = (start + block * BLOCK, start + block * BLOCK + BLOCK - 1);
        let x = inputs_of(exit, block);
        let (rows, out) = hash::fill(&x);
        for (row, cells) in rows.iter().enumerate() {
            cells.iter().enumerate().for_each(|(c, value)| columns[c][first + row] = *value);
        }
        let lane = lane_of(block);
        let digest = out[lane] + x[lane];
        columns[0][first + OUT + 1..=last].fill(digest);
        let kept = if (LEAF + 1..=TOP).contains(&block) { Fr::from(rest) } else { carry };
        for (column, value) in [(FEED, x[lane]), (POSITION, Fr::from(left)), (CARRY, kept)] {
            columns[column][first..=last].fill(value);
        }
        if block == LEAF {
            columns[DIGIT][last] = Fr::from(left & 1);
            rest = if native { exit.rest() } else { 0 };
            left >>= 1;
        }
        if is_step(block) || block == LEAF {
            columns[1][last] = Fr::from(left & 1);
            columns[2][last] = Fr::from(left >> 1 & 1);
            left >>= 2;
        }
        if is_step(block) && block > LEAF {
            for row in [last - 1, last] {
                columns[CARRY][row] = Fr::from(rest);
                columns[DIGIT][row] = Fr::from((rest & 3) as u64);
                rest >>= 2;
            }
        }
        if block == IDENTITY - 1 {
            carry = digest;
        } else if block == LEAF {
            carry = Fr::zero();
        }
        if block == TOP {
            left = 0;
        }
    }
}

/// Lays out up to `slots` exits against a root; the slots left over are unused, with public inputs 0.
///
/// # Errors
/// [`ExitError`] when there are more exits than slots.
pub fn assign(slots: usize, exits: &[Exit], root: Fr) -> Result<Witness, ExitError> {
    if exits.is_empty() || exits.len() > slots {
        let (expected, got) = (format!("1 to {slots}"), exits.len().to_string());
        return Err(ExitError { what: "count", expected, got });
    }
    let mut columns = vec![vec![Fr::zero(); slots * ROWS]; COLUMNS];
    let mut instance = vec![Fr::zero(); INPUTS * slots];
    let idle = unused();
    for slot in 0..slots {
        match exits.get(slot) {
            Some(exit) => {
                fill(&mut columns, slot * ROWS, exit, exit.position(), exit.is_native());
                for (i, value) in exit.inputs(root).into_iter().enumerate() {
                    instance[i * slots + slot] = value;
                }
            }
            None => fill(&mut columns, slot * ROWS, &idle, 0, false),
        }
    }
    Ok(Witness { advice: columns, instance })
}
