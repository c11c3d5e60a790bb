//! The relation of the exit circuit (docs/spec/proof.md, "Exit circuit"): seven columns, 32 blocks of 32 rows an exit.
//!
//! | block | hashes | then |
//! |---|---|---|
//! | 0 | H2(value, 0, 0, 0) | a balance leaf |
//! | 1..8 | H0 of the children on the token's path | the balances root |
//! | 9 | H1(address + 2^160 scheme, next address, A.x, A.y) | the static part |
//! | 10 | H1(static, dynamic, balances root, storage root) | the account leaf |
//! | 11..26 | H0 of the children on the account's path | the state root |
//! | 27..31 | anything | |
//!
//! Columns 0..3: the permutation ([`super::hash`]), on rows 24..31 the block's hash in column 0, on row 31 the two bits of the digit
//! that says where the next block takes it, and on rows 30 and 31 in column 3 digits of a range. Column 4: the input's lane that is
//! added to the output, constant in a block. Column 5: what is left of the position. Column 6: the balances root, then what is left of
//! the nonce and flags. What this is not: who is paid; that is contracts/src/Exits.sol.

use ark_ff::{AdditiveGroup, Field};
use plonk::{Constraint, Expr, FixedTrace, InstanceRun, Relation};

use super::hash::{self, BLOCK, OUT};
use crate::primitives::field::power_of_two;
use crate::primitives::Fr;

/// Blocks of an exit.
pub const BLOCKS: usize = 32;
/// Rows of an exit.
pub const ROWS: usize = BLOCK * BLOCKS;
/// Exits of a proof.
pub const SLOTS: usize = 32;
/// Columns.
pub const COLUMNS: usize = 7;
/// Column of the lane that is fed forward.
pub const FEED: usize = 4;
/// Column of the position.
pub const POSITION: usize = 5;
/// Column of the balances root and of the nonce.
pub const CARRY: usize = 6;
/// Column of range digits.
pub const DIGIT: usize = 3;
/// Block of the balance leaf.
pub const VALUE: usize = 0;
/// Block of the account's static part.
pub const IDENTITY: usize = 9;
/// Block of the account leaf.
pub const LEAF: usize = 10;
/// Last block of the account's path.
pub const TOP: usize = 26;
/// Public inputs of an exit.
pub const INPUTS: usize = 5;
/// Bits of nonce and flags together: two digits of two bits in each of fifteen blocks.
pub const REST_BITS: usize = 60;

/// Blocks whose hash goes into the next one at the place that a digit of the position says, and which take two digits of a range.
#[must_use]
pub fn is_step(block: usize) -> bool {
    block < IDENTITY - 1 || (block > LEAF && block < TOP)
}

/// Lane of a block's hash.
#[must_use]
pub fn lane_of(block: usize) -> usize {
    match block {
        VALUE => 2,
        IDENTITY | LEAF => 1,
        _ => 0,
    }
}

/// Rows of the public inputs in an exit: value, position, owner, native balance, root.
pub const INPUT_ROWS: [usize; INPUTS] =
    [0, 1, IDENTITY * BLOCK, LEAF * BLOCK + BLOCK - 1, TOP * BLOCK + BLOCK - 1];

/// Parts of the relation while it is put together.
#[derive(Default)]
pub(super) struct Parts {
    constraints: Vec<Constraint>,
    periodic: Vec<Vec<Fr>>,
}

impl Parts {
    /// Adds `selector * expr = 0`.
    pub(super) fn constrain(&mut self, label: &str, selector: &Expr, expr: Expr) {
        self.constraints.push(Constraint { label: label.into(), expr: selector.clone() * expr });
    }

    /// A periodic column with these values.
    pub(super) fn periodic(&mut self, values: Vec<Fr>) -> Expr {
        let at = self.periodic.iter().position(|p| *p == values).unwrap_or(self.periodic.len());
        if at == self.periodic.len() {
            self.periodic.push(values);
        }
        Expr::periodic(at)
    }

    /// 1 on one row of each period.
    pub(super) fn indicator(&mut self, period: usize, row: usize) -> Expr {
        self.periodic((0..period).map(|i| if i == row { Fr::ONE } else { Fr::ZERO }).collect())
    }

    /// 1 on one row of one block of each exit.
    fn place(&mut self, block: usize, row: usize) -> Expr {
        self.indicator(ROWS, block * BLOCK + row)
    }
}

fn boolean(x: &Expr) -> Expr {
    x.clone() * (x.clone() - 1u64)
}

/// The hash of a block, fed forward, and carried to its last row.
fn output(p: &mut Parts) {
    let (first, out) = (p.indicator(BLOCK, 0), p.indicator(BLOCK, OUT));
    let (cur, feed) = (Expr::cur, Expr::cur(FEED));
    let mut taken = first * (feed.clone() - cur(0));
    let mut given = out * (Expr::next(0) - cur(0) - feed.clone());
    for block in [VALUE, IDENTITY, LEAF] {
        let lane = lane_of(block);
        taken = taken - p.place(block, 0) * (cur(lane) - cur(0));
        given = given - p.place(block, OUT) * (cur(lane) - cur(0));
    }
    p.constrain("exit feed", &Expr::one(), taken);
    p.constrain("exit hash", &Expr::one(), given);
    let carried = p.periodic((0..BLOCK).map(|row| Fr::from(u64::from(row > OUT && row + 1 < BLOCK))).collect());
    p.constrain("exit hash carried", &carried, Expr::next(0) - cur(0));
    let inside = Expr::one() - p.indicator(BLOCK, BLOCK - 1);
    p.constrain("exit feed carried", &inside, Expr::next(FEED) - feed);
    p.constrain("exit position carried", &inside, Expr::next(POSITION) - cur(POSITION));
}

/// Which of the next block's inputs the digit of the last row says.
fn chosen() -> Expr {
    let (low, high) = (Expr::cur(1), Expr::cur(2));
    let between = |a: Expr, b: Expr, bit: &Expr| a.clone() + bit.clone() * (b - a);
    between(
        between(Expr::next(0), Expr::next(1), &low),
        between(Expr::next(2), Expr::next(3), &low),
        &high,
    )
}

/// From a block to the next: paths, and the digits of position and range.
fn steps(p: &mut Parts) {
    let step = Expr::fixed(0);
    let (before, last) = (p.indicator(BLOCK, BLOCK - 2), p.indicator(BLOCK, BLOCK - 1));
    let leaf = p.place(LEAF, BLOCK - 1);
    let (hash, low, high, digit) = (Expr::cur(0), Expr::cur(1), Expr::cur(2), Expr::cur(DIGIT));
    let (left, next_left) = (Expr::cur(POSITION), Expr::next(POSITION));
    p.constrain("exit digit low", &last, boolean(&low));
    p.constrain("exit digit high", &last, boolean(&high));
    let taken = low + high.clone() + high;
    let up = step.clone() * last.clone();
    p.constrain("exit path", &(up.clone() + leaf.clone()), hash - chosen());
    p.constrain("exit position", &up, left.clone() - next_left.clone() * 4u64 - taken.clone());
    // between token and index stands the bit that says whether the balance is the native one
    let native = digit.clone();
    p.constrain("exit native bit", &leaf, boolean(&native));
    p.constrain("exit position at the leaf", &leaf, left - native - taken * 2u64 - next_left * 8u64);

    let four = boolean(&digit) * (digit.clone() - 2u64) * (digit.clone() - 3u64);
    p.constrain("exit range digit", &step, four);
    let (carry, next_carry) = (Expr::cur(CARRY), Expr::next(CARRY));
    let same = carry.clone() - next_carry.clone();
    p.constrain("exit carry", &(Expr::one() - before.clone() - last.clone()), same.clone());
    // rows 30: one digit less where there is a step, the same value elsewhere
    let shrink = next_carry.clone() * 3u64 + digit.clone();
    p.constrain("exit carry before the end", &before, same - step * shrink);
    p.constrain("exit range", &up, carry - next_carry * 4u64 - digit);
}

/// What stands at the ends: public inputs, the account's parts, nothing left over.
fn ends(p: &mut Parts) {
    let (cur, next, input) = (Expr::cur, Expr::next, Expr::instance);
    let at = |p: &mut Parts, block: usize| p.place(block, BLOCK - 1);
    let value = p.place(VALUE, 0);
    p.constrain("exit value", &value, cur(0) - input());
    (1..4).for_each(|i| p.constrain("exit value alone", &value, cur(i)));
    let position = p.place(VALUE, 1);
    p.constrain("exit position given", &position, cur(POSITION) - input());

    let balances = at(p, IDENTITY - 1);
    p.constrain("exit balances root kept", &balances, next(CARRY) - cur(0));
    p.constrain("exit position kept", &balances, next(POSITION) - cur(POSITION));
    let owner = p.place(IDENTITY, 0);
    let word = cur(0) - input();
    p.constrain("exit owner", &owner, word.clone() * (word - power_of_two(160)));
    let identity = at(p, IDENTITY);
    p.constrain("exit static part", &identity, next(0) - cur(0));
    p.constrain("exit balances root", &identity, next(2) - cur(CARRY));
    p.constrain("exit position kept too", &identity, next(POSITION) - cur(POSITION));

    let leaf = at(p, LEAF);
    let dynamic = cur(FEED) - input() - next(CARRY) * power_of_two(128);
    p.constrain("exit native balance", &leaf, cur(DIGIT) * dynamic);
    let top = at(p, TOP);
    p.constrain("exit position used up", &top, cur(POSITION));
    p.constrain("exit range used up", &top, cur(CARRY));
    p.constrain("exit root", &top, input() * (cur(0) - input()));
}

/// The relation over `slots` exits, a power of two up to [`SLOTS`].
#[must_use]
pub fn relation(slots: usize) -> Relation {
    let mut p = Parts::default();
    hash::constrain(&mut p);
    output(&mut p);
    steps(&mut p);
    ends(&mut p);
    Relation {
        name: "l2rollup exit".into(),
        log_n: (slots * ROWS).ilog2() as usize,
        advice: COLUMNS,
        fixed: 1,
        periodic: p.periodic,
        instance_len: INPUTS * slots,
        instance_runs: INPUT_ROWS.map(|row0| InstanceRun { row0, step: ROWS, count: slots }).to_vec(),
        constraints: p.constraints,
        ..Relation::default()
    }
}

/// The fixed column: 1 on the last two rows of the blocks that are steps.
#[must_use]
pub fn fixed(slots: usize) -> FixedTrace {
    let of = |row: usize| is_step(row / BLOCK % BLOCKS) && row % BLOCK >= BLOCK - 2;
    let column = (0..slots * ROWS).map(|row| if of(row) { Fr::ONE } else { Fr::ZERO }).collect();
    FixedTrace { fixed: vec![column], copies: Vec::new() }
}
