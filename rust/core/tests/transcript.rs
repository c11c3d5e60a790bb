//! Proofs under both transcripts: each verifies under its own key only, and every changed message and public input is
//! refused under both.

use ark_bn254::{Fq, G1Affine};
use ark_ff::{BigInteger, PrimeField};
use l2rollup_core::circuit::transcript::{by_name, POSEIDON2, TRANSCRIPTS};
use plonk::transcript::{Transcript, TranscriptHash};
use plonk::verifier::{challenges, Proof};
use plonk::{generate, keygen, prove, small, verify, Fr, PlonkError, Progress, ProvingKey, Srs, VerifyError, VerifyingKey};

fn generator() -> G1Affine {
    G1Affine::new_unchecked(Fq::from(1u64), Fq::from(2u64))
}

fn keys() -> [ProvingKey; 2] {
    let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
    let keccak = keygen(&small::relation(), &small::trace(), &srs).expect("keys");
    [keccak.clone(), keccak.with_transcript(POSEIDON2)]
}

#[test]
fn each_transcript_proves_and_verifies_under_its_own_key_only() {
    let [keccak, poseidon] = keys();
    assert_ne!(keccak.vk.digest, poseidon.vk.digest);
    let w = small::witness(5, 9);
    let made = [&keccak, &poseidon].map(|pk| prove(pk, &w, Progress::default()).expect("proof"));
    for (i, proof) in made.iter().enumerate() {
        for (j, pk) in [&keccak, &poseidon].into_iter().enumerate() {
            assert_eq!(verify(&pk.vk, &w.instance, proof).is_ok(), i == j, "proof {i} under key {j}");
        }
    }
    assert_eq!(made[0].len(), made[1].len(), "one message schema");
}

#[test]
fn every_message_and_public_input_is_bound_under_both() {
    for pk in keys() {
        let w = small::witness(5, 9);
        let proof = prove(&pk, &w, Progress::default()).expect("proof");
        let mut at = 0;
        for m in pk.vk.schema.messages() {
            let mut bad = proof.clone();
            if m.is_scalar() {
                let x = Fr::from_be_bytes_mod_order(&proof[at..at + 32]) + Fr::from(1u64);
                bad[at..at + 32].copy_from_slice(&x.into_bigint().to_bytes_be());
            } else {
                bad[at..at + 64].fill(0);
                (bad[at + 31], bad[at + 63]) = (1, 2);
            }
            let refused = verify(&pk.vk, &w.instance, &bad);
            assert!(matches!(refused, Err(VerifyError::Rejected(_))), "{} {}", pk.vk.transcript.name(), m.name());
            for bit in [0, 8 * m.bytes() - 1] {
                let mut bad = proof.clone();
                bad[at + bit / 8] ^= 1 << (bit % 8);
                assert!(verify(&pk.vk, &w.instance, &bad).is_err(), "{} {}", pk.vk.transcript.name(), m.name());
            }
            at += m.bytes();
        }
        for i in 0..w.instance.len() {
            let mut instance = w.instance.clone();
            instance[i] += Fr::from(1u64);
            assert!(matches!(verify(&pk.vk, &instance, &proof), Err(VerifyError::Rejected(_))));
        }
    }
}

/// Every challenge depends on everything absorbed before it: the key, each public input, each message of earlier rounds.
#[test]
fn every_challenge_depends_on_every_earlier_message() {
    for pk in keys() {
        let w = small::witness(5, 9);
        let proof = Proof::decode(&pk.vk, &prove(&pk, &w, Progress::default()).expect("proof")).expect("decodes");
        let drawn = |vk: &VerifyingKey, instance: &[Fr], proof: &Proof| {
            let c = challenges(vk, instance, proof);
            let mut bus: Vec<Fr> = c.bus.values().copied().collect();
            bus.sort_unstable();
            let batch: Vec<Fr> = c.batch.iter().flat_map(|list| list.iter().skip(1).copied()).collect();
            [bus, vec![c.y], vec![c.zeta], batch, vec![c.u]]
        };
        let honest = drawn(&pk.vk, &w.instance, &proof);
        for (round, messages) in pk.vk.schema.rounds.iter().enumerate() {
            for m in messages {
                let mut changed = proof.clone();
                match changed.points.get_mut(m) {
                    Some(point) => *point = generator(),
                    None => *changed.scalars.get_mut(m).expect("a scalar") += Fr::from(1u64),
                }
                let after = drawn(&pk.vk, &w.instance, &changed);
                for (i, (a, b)) in honest.iter().zip(&after).enumerate() {
                    let differ = a.iter().zip(b).filter(|(a, b)| a != b).count();
                    assert_eq!(differ, if i < round { 0 } else { a.len() }, "{} and challenges {i}", m.name());
                }
            }
        }
        let mut instance = w.instance.clone();
        instance[0] += Fr::from(1u64);
        assert!(drawn(&pk.vk, &instance, &proof).iter().zip(&honest).all(|(a, b)| a != b));
        let mut other = pk.vk.clone();
        other.digest[31] ^= 1;
        assert!(drawn(&other, &w.instance, &proof).iter().zip(&honest).all(|(a, b)| a != b));
    }
}

#[test]
fn batching_coefficients_of_the_sponge_are_short_and_independent() {
    let mut t = POSEIDON2.start();
    t.absorb_scalar(&Fr::from(7u64));
    let [cur, next] = t.batch(40, 10);
    assert_eq!((cur.len(), next.len(), cur[0], next[0]), (40, 10, Fr::from(1u64), Fr::from(1u64)));
    let drawn: Vec<Fr> = cur[1..].iter().chain(&next[1..]).copied().collect();
    assert!(drawn.iter().all(|c| c.into_bigint().num_bits() <= 128));
    assert!(drawn.iter().any(|c| c.into_bigint().num_bits() > 120));
    let distinct: std::collections::HashSet<_> = drawn.iter().map(|c| c.into_bigint()).collect();
    assert_eq!(distinct.len(), drawn.len());
    assert_ne!(cur[2], cur[1] * cur[1], "no powers");
    let [cur, next] = TranscriptHash::Keccak.start().batch(4, 3);
    assert_eq!((cur[2], cur[3], &next[..]), (cur[1] * cur[1], cur[1] * cur[2], &cur[..3]), "powers for the EVM");
}

/// The sponge written out once more, from its description, over the permutation with known answers.
#[test]
fn the_sponge_is_what_its_description_says() {
    let (tag, point) = (Fr::from_be_bytes_mod_order(b"l2rollup plonk sponge 1"), generator());
    let mut t = POSEIDON2.start();
    let digest: [u8; 32] = core::array::from_fn(|i| 200 + i as u8);
    t.absorb_bytes(&digest);
    t.absorb_scalar(&Fr::from(5u64));
    t.absorb_point(&point);
    let drawn = [t.challenge(), t.challenge(), t.challenge(), t.challenge()];

    let half = |bytes: &[u8]| Fr::from(u128::from_be_bytes(bytes.try_into().expect("16 bytes")));
    // x = 1, y = 2: limbs (1, 0, 0, 2, 0, 0).
    let y0 = Fr::from(2u64) * Fr::from(1u128 << 88);
    let absorbed = [half(&digest[..16]), half(&digest[16..]), Fr::from(5u64), Fr::from(1u64), y0, Fr::from(0u64)];
    let mut state = [Fr::from(0u64), Fr::from(0u64), Fr::from(0u64), tag + Fr::from(6u64)];
    for block in absorbed.chunks(3) {
        state.iter_mut().zip(block).for_each(|(lane, x)| *lane += x);
        l2rollup_core::poseidon::permute(&mut state);
    }
    assert_eq!(drawn[..3], state[..3]);
    l2rollup_core::poseidon::permute(&mut state);
    assert_eq!(drawn[3], state[0]);

    let draw = |count: usize| {
        let mut t = POSEIDON2.start();
        (0..count).for_each(|_| t.absorb_scalar(&Fr::from(0u64)));
        t.challenge()
    };
    assert!(draw(0) != draw(1) && draw(1) != draw(2) && draw(2) != draw(3), "padding is no message");
}

#[test]
fn the_transcript_is_part_of_the_key() {
    let [keccak, poseidon] = keys();
    let bytes = poseidon.vk.to_bytes().expect("bytes");
    let relation = small::relation();
    let again = VerifyingKey::from_bytes_with(&relation, &[POSEIDON2], &bytes).expect("key");
    assert_eq!(again.digest, poseidon.vk.digest);
    for key in [&keccak, &poseidon] {
        let bytes = key.vk.to_bytes().expect("bytes");
        let found = VerifyingKey::from_bytes_with(&relation, &TRANSCRIPTS, &bytes).expect("key");
        assert_eq!((found.digest, found.transcript.name()), (key.vk.digest, key.vk.transcript.name()));
        let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
        let cache = key.to_cache().expect("bytes");
        let found = ProvingKey::from_cache_with(&relation, &small::trace(), &srs, &TRANSCRIPTS, &cache).expect("key");
        assert_eq!((found.vk.digest, found.vk.transcript.name()), (key.vk.digest, key.vk.transcript.name()));
        let only = ProvingKey::from_cache(&relation, &small::trace(), &srs, &cache);
        assert_eq!(only.is_ok(), key.vk.transcript.name() == "keccak");
    }
    assert!(TRANSCRIPTS.iter().all(|t| by_name(t.name()).is_some_and(|found| found.name() == t.name())));
    assert!(by_name("sha256").is_none());
    let said = VerifyingKey::from_bytes(&relation, &bytes).expect_err("another transcript");
    assert!(matches!(said, PlonkError::Shape { ref what, .. } if what == "key digest"), "{said}");
    assert!(VerifyingKey::from_bytes_with(&relation, &[POSEIDON2], &keccak.vk.to_bytes().expect("bytes")).is_err());
    let TranscriptHash::Sponge(permutation) = POSEIDON2 else { panic!("a sponge") };
    let renamed = TranscriptHash::Sponge(plonk::transcript::Permutation { name: "another", ..permutation });
    let identity = TranscriptHash::Sponge(plonk::transcript::Permutation { permute: |_| (), ..permutation });
    for other in [renamed, identity] {
        assert_ne!(keccak.vk.clone().with_transcript(other).digest, poseidon.vk.digest);
    }
    assert_eq!(poseidon.clone().with_transcript(TranscriptHash::Keccak).vk.digest, keccak.vk.digest);
    let refused = generate(&poseidon.vk, "Small").expect_err("no Solidity verifier");
    assert!(refused.to_string().contains("expected keccak, got poseidon2"), "{refused}");
}
