//! Could a stranger rebuild the state? The two data streams of a chunk, their digests, and the replay of a batch from
//! nothing but its data (`docs/spec/data.md`).
//!
//! What it is not: posting. Where the bytes go is decided outside.

pub mod decode;
pub mod digest;
pub mod encode;
pub mod replay;
pub mod seal;

pub use decode::{DataItem, Decoder};
pub use digest::{chain_digest, evaluate, words_of, Challenge};
pub use replay::{replay, ReplayError, Replayed};
pub use seal::{seal, Position};
