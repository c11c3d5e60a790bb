//! linked_transfer: a transfer that happens with all of its group or not at all; alone it is checked and applied as a transfer.
//!
//! What this is not: the group; see [`super::group`] and [`crate::batch::Chunk::apply_group`].

use super::{transfer, Chain, ChunkContext, Execution, Fault, Transaction, Verified};
use crate::state::State;

/// Checks one member, as a transfer.
///
/// # Errors
/// The first failing rule.
pub fn plan(
    chain: &Chain,
    chunk: &ChunkContext,
    state: &State,
    t: &Transaction,
    verified: Option<&Verified>,
) -> Result<Execution, Fault> {
    Ok(Execution { data: t.data, ..transfer::plan(chain, chunk, state, t, verified)? })
}

/// Applies one member.
pub fn apply(state: &mut State, e: &Execution) {
    transfer::apply(state, e);
}
