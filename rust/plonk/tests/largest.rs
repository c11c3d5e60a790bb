//! The largest domain the shipped ceremony serves: 2^15 rows, proven and verified, from a cached key too.

use plonk::{keygen, prove, small, verify, Fr, Progress, ProvingKey, Srs};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

#[test]
fn two_to_the_fifteen_rows_prove_and_verify() {
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED).expect("shipped setup")).expect("checks");
    assert_eq!(srs.name, "aztec-ignition");
    let mut relation = small::relation();
    relation.log_n = 15;
    let mut trace = small::trace();
    let mut witness = small::witness(61, 63);
    for column in trace.fixed.iter_mut().chain(&mut witness.advice) {
        column.resize(relation.n(), Fr::from(0u64));
    }
    let pk = keygen(&relation, &trace, &srs).expect("keys");
    assert_eq!(pk.vk.setup, "aztec-ignition");
    let cached = ProvingKey::from_cache(&relation, &trace, &srs, &pk.to_cache().expect("cache")).expect("same circuit");
    let proof = prove(&cached, &witness, Progress::default()).expect("proof");
    verify(&pk.vk, &witness.instance, &proof).expect("verifies");
    relation.log_n = 16;
    assert!(keygen(&relation, &trace, &srs).is_err());
}
