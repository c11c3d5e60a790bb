//! The batch circuit: the relation of `docs/spec/proof.md` over the types of [`crate::batch`].

pub mod builder;
pub mod gates;
