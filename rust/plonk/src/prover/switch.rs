//! Whether the prover is to use a GPU: `L2ROLLUP_CUDA=1` in the environment. It changes the speed of a proof, never its bytes.

/// Whether the environment asks for a GPU.
pub(super) fn wants_device() -> bool {
    std::env::var("L2ROLLUP_CUDA").is_ok_and(|v| v == "1")
}
