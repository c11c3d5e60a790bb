//! The byte form of an engine between chunks: chain, position and state.

use super::Engine;
use crate::da::Position;
use crate::primitives::{DecodeError, Fr, Reader, Writer};
use crate::processor::{Chain, Fault};
use crate::state::State;

const MAGIC: &[u8; 4] = b"l2sn";
const VERSION: u16 = 1;

impl Engine {
    /// The snapshot.
    ///
    /// # Errors
    /// `not_ready` while a chunk is open.
    pub fn snapshot(&self) -> Result<Vec<u8>, Fault> {
        if self.chunk.is_some() {
            return Err(Fault::compared("not_ready", "a chunk is open", "a closed chunk", "an open one"));
        }
        let p = &self.position;
        let mut w = Writer::default();
        w.raw(MAGIC).u16(VERSION).u64(self.chain.chain_id).address(self.chain.rollup);
        w.u64(p.sequence).u64(p.queue).u64(p.batch_first).field(&p.tx_c).field(&p.op_c);
        w.count(p.ids.leaves().len());
        p.ids.leaves().iter().for_each(|id| _ = w.field(id));
        self.state.write(&mut w);
        Ok(w.finish())
    }

    /// An engine from a snapshot; the caller compares its root with one it trusts.
    ///
    /// # Errors
    /// [`DecodeError`] naming what is not of the form.
    pub fn restore(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new("snapshot", bytes);
        let (magic, version) = (r.array::<4>()?, r.u16()?);
        if &magic != MAGIC || version != VERSION {
            let got = format!("{} {version}", String::from_utf8_lossy(&magic));
            return Err(DecodeError::value("snapshot", format!("l2sn {VERSION}"), got));
        }
        let chain = Chain::new(r.u64()?, r.address()?);
        let mut position =
            Position { sequence: r.u64()?, queue: r.u64()?, batch_first: r.u64()?, ..Position::default() };
        // Far beyond any chain's life, and far from an overflow.
        if position.sequence >> 48 != 0 || position.queue >> 48 != 0 {
            let got = format!("{} and {}", position.sequence, position.queue);
            return Err(DecodeError::value("sequence and queue position", "< 2^48", got));
        }
        (position.tx_c, position.op_c) = (r.field()?, r.field()?);
        let ids: Vec<Fr> = (0..r.count(32)?).map(|_| r.field()).collect::<Result<_, _>>()?;
        if !position.ids.has_room(ids.len() as u64)
            || position.sequence.checked_sub(position.batch_first) != Some(ids.len() as u64)
        {
            return Err(DecodeError::value("ids of the batch", "sequence - batch first", ids.len()));
        }
        position.ids.append(&ids);
        let state = State::read(&mut r)?;
        r.end()?;
        Ok(Self::at(chain, state, position))
    }
}
