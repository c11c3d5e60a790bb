//! How a chunk is built and closed: what fits ([`capacity`]), what it touches, what the prover needs ([`witness`]), and
//! the headers that are signed or stored on L1.
//!
//! What it is not: the encoding of the two data streams ([`crate::da`]) or the rules of execution ([`crate::processor`]).

pub mod block;
pub mod capacity;
pub mod chunk;
pub mod header;
pub mod ids;
pub mod runs;
pub mod sealed;
pub mod touched;
pub mod witness;

pub use block::BlockHeader;
pub use capacity::Capacity;
pub use chunk::{Chunk, ClosedChunk};
pub use header::BatchHeader;
pub use ids::IdTree;
pub use runs::Runs;
pub use sealed::SealedChunk;
pub use witness::{AccountLeaf, ChunkWitness, Signature, SlotWitness};
