//! The prover on the GPU writes the same bytes, says where it computes, and ends on the processor when the device fails.
//!
//! One test in its own process, because it changes the environment. CUDA_EMULATED_ALLOCATIONS lets the emulated driver refuse
//! memory after so many allocations.

use std::sync::Mutex;

use plonk::cuda::Device;
use plonk::{keygen, prove, small, verify, CudaError, Fr, Progress, Srs};

#[test]
fn proofs_keep_their_bytes() {
    let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
    let key = keygen(&small::relation(), &small::trace(), &srs).expect("keys");
    let witness = small::witness(5, 9);
    let said: Mutex<Vec<String>> = Mutex::default();
    let hook = |device: Result<&str, &CudaError>| {
        let text = device.map_or_else(ToString::to_string, |name| format!("device: {name}"));
        said.lock().expect("lock").push(text);
    };
    let proof = || prove(&key, &witness, Progress { device: Some(&hook), ..Progress::default() }).expect("a proof");
    std::env::remove_var("L2ROLLUP_CUDA");
    let on_processor = proof();
    assert!(said.lock().expect("lock").is_empty(), "nobody asked for a device");
    std::env::set_var("L2ROLLUP_CUDA", "1");
    let on_device = proof();
    assert_eq!(on_device, on_processor);
    verify(&key.vk, &witness.instance, &on_device).expect("verifies");
    let said = said.lock().expect("lock");
    println!("{}", said.join("\n"));
    let mut begins = vec![if Device::get().is_ok() { "device: " } else { "no device: " }];
    if std::env::var("CUDA_EMULATED_ALLOCATIONS").is_ok() {
        begins.push("driver: cuMemAlloc: ");
    }
    assert_eq!(said.len(), begins.len(), "{said:?}");
    assert!(said.iter().zip(begins).all(|(text, begin)| text.starts_with(begin)), "{said:?}");
}
