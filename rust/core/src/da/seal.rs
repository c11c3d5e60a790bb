//! From a closed chunk to a sealed one: streams, digests, ids and the prover's witness.

use ark_ff::AdditiveGroup;

use super::digest::{chain_digest, words_of};
use super::encode::{encode_operations, encode_transactions};
use crate::batch::sealed::Payment;
use crate::batch::{ChunkWitness, ClosedChunk, IdTree, SealedChunk, Signature, SlotWitness};
use crate::primitives::{DecodeError, Fr};
use crate::processor::{Chain, Execution};

/// Where a batch stands: what the next chunk continues.
#[derive(Clone, Debug, Default)]
pub struct Position {
    /// Next sequence number.
    pub sequence: u64,
    /// Next queue entry.
    pub queue: u64,
    /// First sequence number of the batch.
    pub batch_first: u64,
    /// Digest chain of the transaction stream.
    pub tx_c: Fr,
    /// Digest chain of the operation stream.
    pub op_c: Fr,
    /// Ids of the batch.
    pub ids: IdTree,
}

impl Position {
    /// Starts the next batch here.
    pub fn end_batch(&mut self) {
        self.batch_first = self.sequence;
        (self.tx_c, self.op_c) = (Fr::ZERO, Fr::ZERO);
        self.ids = IdTree::default();
    }
}

/// Seals a closed chunk and moves the position past it.
///
/// # Errors
/// Never for streams written by this module; the type is that of reading words.
pub fn seal(chain: &Chain, at: &mut Position, closed: ClosedChunk) -> Result<SealedChunk, DecodeError> {
    let transactions = encode_transactions(&closed.context, &closed.executions);
    let operations = encode_operations(&closed.executions);
    let tx_c = chain_digest(&at.tx_c, &words_of(&transactions)?);
    let op_c = chain_digest(&at.op_c, &words_of(&operations)?);
    let ids: Vec<Fr> = closed.executions.iter().map(|e| e.id).collect();
    let id_root_in = at.ids.root();
    let id_nodes = at.ids.append(&ids);
    let payments: Vec<Payment> =
        closed.withdrawals().map(|e| Payment { token: e.token, amount: e.amount, recipient: e.to }).collect();
    let witness = ChunkWitness {
        domain: chain.domain,
        time: closed.context.time,
        fee_account: closed.context.fee_account,
        listed: closed.context.listed,
        listed_count: closed.context.listed_count,
        batch_first: at.batch_first,
        sequence_in: at.sequence,
        queue_in: at.queue,
        root_in: closed.root_in,
        root_out: closed.root_out,
        id_root_in,
        id_root_out: at.ids.root(),
        tx_c_in: at.tx_c,
        tx_c_out: tx_c,
        op_c_in: at.op_c,
        op_c_out: op_c,
        tx_y_in: Fr::ZERO,
        op_y_in: Fr::ZERO,
        slots: closed.executions.iter().map(slot).collect(),
        accounts: closed.touched.accounts,
        balances: closed.touched.balances,
        storage: closed.touched.storage,
        nodes: closed.touched.nodes,
        id_nodes,
    };
    let sealed = SealedChunk {
        transactions,
        operations,
        tx_c,
        op_c,
        old_root: closed.root_in,
        new_root: closed.root_out,
        id_root: at.ids.root(),
        first_sequence: at.sequence,
        end_sequence: at.sequence + ids.len() as u64,
        first_queue: at.queue,
        end_queue: at.queue + closed.queue_entries,
        payments,
        witness,
        items: ids.len() as u32,
    };
    (at.sequence, at.queue, at.tx_c, at.op_c) = (sealed.end_sequence, sealed.end_queue, tx_c, op_c);
    Ok(sealed)
}

fn slot(e: &Execution) -> SlotWitness {
    SlotWitness {
        kind: e.kind,
        sender: e.sender,
        receiver: e.receiver,
        predecessor: e.predecessor,
        created: e.created,
        sender_address: e.sender_address,
        to: e.to,
        token: e.token,
        fee_token: e.fee_token,
        fee_slot: e.fee_slot,
        amount: e.amount,
        nonce: e.nonce,
        gas_limit: e.gas_limit,
        gas_price: e.gas_price,
        valid_until: e.valid_until,
        key: e.key,
        data: e.data,
        signature: e.signature.map(|s| Signature { r8: (s.r8().x, s.r8().y), s: s.s_field() }),
        id: e.id,
    }
}
