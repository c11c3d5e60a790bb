//! The two data streams of a chunk as the circuit reads them (docs/spec/data.md).
//!
//! Slots send data slots and operation records; one table a stream receives each exactly once, packs words, and feeds
//! them to the digests. What this is not: the meaning of a record, which is in slots.rs and kinds/.

pub mod digest;
pub mod operations;
pub mod transactions;
