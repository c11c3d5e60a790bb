//! Writing the transaction stream of a chunk: header, data slots, zero padding to a whole word.

use crate::batch::chunk::stream_words;
use crate::batch::Runs;
use crate::parameters::{Kind, DATA_SLOT_BYTES, HEADER_WORDS, STREAM_VERSION, WORD_BYTES};
use crate::primitives::amount::pack;
use crate::primitives::{field, Writer};
use crate::processor::{ChunkContext, Execution};

/// Control code: token and fee token of what follows.
pub const RUN: u16 = 1;
/// Control code: the next operation is executed here.
pub const MARKER: u16 = 3;
/// Control code: an extended kind.
pub const EXTENDED: u16 = 4;

/// The two header words.
#[must_use]
pub fn encode_header(context: &ChunkContext, items: u32) -> [u8; HEADER_WORDS * WORD_BYTES] {
    let [native, one, two, three] = context.listed;
    let mut w = Writer::default();
    w.u16(STREAM_VERSION).u64(context.time).u32(context.fee_account).u16(one.0).u16(two.0).u16(three.0).zeros(2);
    w.u64(native.1).u64(one.1).u64(two.1).u64(three.1).u32(items).zeros(2);
    let mut out = [0u8; HEADER_WORDS * WORD_BYTES];
    out.copy_from_slice(&w.finish());
    out
}

/// The transaction stream of a chunk.
#[must_use]
pub fn encode_transactions(context: &ChunkContext, executions: &[Execution]) -> Vec<u8> {
    let mut w = Writer(encode_header(context, executions.len() as u32).to_vec());
    let mut runs = Runs::default();
    let mut slots = 0;
    for execution in executions {
        let before = w.0.len();
        encode_item(&mut w, runs, execution);
        let (counted, after) = runs.count(execution);
        debug_assert_eq!(w.0.len() - before, counted * DATA_SLOT_BYTES);
        slots += counted;
        runs = after;
    }
    w.0.resize(stream_words(slots) * WORD_BYTES, 0);
    w.finish()
}

/// The operation stream of a chunk.
#[must_use]
pub fn encode_operations(executions: &[Execution]) -> Vec<u8> {
    executions.iter().filter_map(|e| e.record).flat_map(|record| record.to_bytes()).collect()
}

fn control(w: &mut Writer, code: u16, payload: u64) {
    w.zeros(4).u16(code).u48(payload);
}

fn encode_item(w: &mut Writer, runs: Runs, e: &Execution) {
    let after = runs.after(e);
    if after != runs {
        control(w, RUN, u64::from(after.token) << 16 | u64::from(after.fee_token));
    }
    match e.kind {
        Kind::Transfer | Kind::LinkedTransfer => encode_transfer(w, e),
        Kind::SetStorage => {
            control(w, EXTENDED, u64::from(e.kind.code()) << 40 | u64::from(e.sender) << 8);
            w.zeros(4).u16(e.storage_slot()).raw(&field::to_bytes(&e.data[1])[2..]);
        }
        _ => control(w, MARKER, 0),
    }
}

fn encode_transfer(w: &mut Writer, e: &Execution) {
    // An amount without packed form was refused when the transfer was planned.
    let form = pack(e.amount).unwrap_or(crate::primitives::amount::PackedAmount { packed: 0, extension: None });
    w.u32(e.sender).u32(e.receiver).u32(form.packed);
    if let Some(low) = form.extension {
        w.raw(&low.to_be_bytes()[4..]);
    }
    if e.created {
        let address = e.to.0;
        w.zeros(4).raw(&address[..8]).raw(&address[8..]);
    }
}
