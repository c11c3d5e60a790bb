//! Groups among the items offered: where one begins, and all of its members at once.

use super::Prepared;
use crate::batch::{Chunk, IdTree};
use crate::parameters::{Kind, RECORD_BYTES};
use crate::primitives::Fr;
use crate::processor::{group, Chain, Execution, Fault, Item, Transaction, Verified};
use crate::state::State;

/// What items begin with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Group {
    /// An item that is in no group.
    None,
    /// A whole group of so many members.
    Whole(usize),
    /// A member that begins no whole group, the first of so many of one group.
    Stray(usize),
}

impl Group {
    /// Items it takes up.
    pub(super) const fn members(self) -> usize {
        match self {
            // what follows a stray may begin a whole group
            Self::None | Self::Stray(_) => 1,
            Self::Whole(members) => members,
        }
    }
}

fn linked(prepared: &Prepared) -> Option<&Transaction> {
    match &prepared.item {
        Ok(Item::Transaction(t)) if t.kind == Kind::LinkedTransfer => Some(t),
        _ => None,
    }
}

/// The group that items begin with.
pub(super) fn leading(chain: &Chain, items: &[Prepared]) -> Group {
    let same = |t: &&Transaction, first: &Transaction| t.data[0] == first.data[0];
    let Some(first) = items.first().and_then(linked) else { return Group::None };
    let most = items.iter().take(group::MEMBERS.end() + 1);
    let members: Vec<&Transaction> = most.map_while(linked).take_while(|t| same(t, first)).collect();
    group::whole(chain, &members).map_or(Group::Stray(members.len()), Group::Whole)
}

/// What is told of an accepted item.
pub(super) struct Accepted {
    pub id: Fr,
    pub record: Option<[u8; RECORD_BYTES]>,
}

impl Accepted {
    pub(super) fn of(e: &Execution) -> Self {
        Self { id: e.id, record: e.record.map(|r| r.to_bytes()) }
    }
}

/// Takes all members, or says of each why not.
pub(super) fn apply(
    chunk: &mut Chunk,
    chain: &Chain,
    state: &mut State,
    ids: &IdTree,
    members: &[Prepared],
) -> Vec<Result<Accepted, Fault>> {
    let items: Vec<(&Item, Option<&Verified>)> =
        members.iter().filter_map(|m| Some((m.item.as_ref().ok()?, m.verified.as_ref()))).collect();
    match chunk.apply_group(chain, state, ids, &items) {
        Ok(executions) => executions.into_iter().map(|e| Ok(Accepted::of(e))).collect(),
        Err((_, fault)) if fault.code == "chunk_full" => members.iter().map(|_| Err(fault.clone())).collect(),
        Err((at, fault)) => {
            let of = |k: usize| if k == at { fault.clone() } else { group::failed(at, &fault) };
            (0..members.len()).map(|k| Err(of(k))).collect()
        }
    }
}
