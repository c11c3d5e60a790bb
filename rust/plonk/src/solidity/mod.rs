//! Solidity verifier generator.
