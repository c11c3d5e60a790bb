//! Groups of linked transfers: what their members sign together.
//!
//! A group is an ordered list of 2 to 8 linked transfers. From the last to the first, t = Poseidon5(m2, m3, m4, t of the
//! next or 0, 0); the group is t of the first, and every member signs it as m5. So each signature covers every member and
//! their order.
//! What this is not: the execution; a chunk takes a group whole ([`crate::batch::Chunk::apply_group`]).

use ark_ff::AdditiveGroup;

use super::context::Chain;
use super::transaction::Transaction;
use super::Fault;
use crate::parameters::Kind;
use crate::poseidon::poseidon5;
use crate::primitives::Fr;

/// Members of a group.
pub const MEMBERS: core::ops::RangeInclusive<usize> = 2..=8;

/// The hash that every member signs.
#[must_use]
pub fn hash<'a>(chain: &Chain, members: impl DoubleEndedIterator<Item = &'a Transaction>) -> Fr {
    members.rev().fold(Fr::ZERO, |next, t| {
        let [_, m2, m3, m4, _] = t.message(chain);
        poseidon5(&[m2, m3, m4, next, Fr::ZERO])
    })
}

/// How many of the transactions, from the first on, are one whole group; none if they do not begin with one.
#[must_use]
pub fn whole(chain: &Chain, transactions: &[&Transaction]) -> Option<usize> {
    let group = transactions.first().filter(|t| t.kind == Kind::LinkedTransfer)?.data[0];
    let most = transactions
        .iter()
        .take(*MEMBERS.end())
        .take_while(|t| t.kind == Kind::LinkedTransfer && t.data[0] == group)
        .count();
    (*MEMBERS.start()..=most).find(|n| hash(chain, transactions[..*n].iter().copied()) == group)
}

/// Checks that the transactions are one whole group.
///
/// # Errors
/// `incomplete_group`.
pub fn check(chain: &Chain, transactions: &[&Transaction]) -> Result<(), Fault> {
    if whole(chain, transactions) == Some(transactions.len()) {
        return Ok(());
    }
    Err(incomplete(transactions.len()))
}

/// The fault of members without their group.
#[must_use]
pub fn incomplete(got: usize) -> Fault {
    let expected = "2 to 8 linked transfers, all members in their order";
    Fault::compared(
        "incomplete_group",
        "these are not one whole group",
        expected,
        format!("{got} that do not make up their group"),
    )
}

/// The fault of a member whose group fails because of another one.
#[must_use]
pub fn failed(member: usize, fault: &Fault) -> Fault {
    let got = format!("member {} fails with {}", member + 1, fault.code);
    Fault::compared("group_failed", "another member of the group was refused", "every member succeeds", got)
}
