//! Field elements, curve points, addresses and the byte forms in which they cross a border.
//!
//! What it is not: a hash or a signature scheme; those are [`crate::poseidon`] and [`crate::eddsa`].

pub mod address;
pub mod amount;
pub mod babyjubjub;
pub mod blake;
pub mod bytes;
pub mod field;
pub mod keccak;

pub use address::Address;
pub use bytes::{DecodeError, Reader, Writer};
pub use field::Fr;
