//! What must be refused, with which error: relations, keys, encodings and setups that do not fit.

use ark_ff::{BigInteger, PrimeField};
use plonk::arithmetization::expr::{Challenge, Leaf};
use plonk::arithmetization::periodic::PeriodicForm;
use plonk::schema::Message;
use plonk::transcript::{KeccakTranscript, Transcript};
use plonk::{check, generate, keygen, prove, small, verify};
use plonk::{Constraint, Expr, Fr, InstanceRun, Progress, ProvingKey, Relation, Srs, VerifyError, VerifyingKey};

fn srs() -> Srs {
    Srs::unsafe_dev(Fr::from(987_654_321u64), 65)
}

fn key() -> ProvingKey {
    keygen(&small::relation(), &small::trace(), &srs()).expect("keys")
}

fn refused(change: impl Fn(&mut Relation)) -> String {
    let mut relation = small::relation();
    change(&mut relation);
    keygen(&relation, &small::trace(), &srs()).expect_err("refused").to_string()
}

fn label(expr: Expr) -> Constraint {
    Constraint { label: "mine".into(), expr }
}

#[test]
fn relations_that_cannot_be_sound_are_refused() {
    assert!(refused(|r| r.constraints.push(label(Expr::cur(4)))).contains("mine"));
    assert!(refused(|r| r.constraints.push(label(Expr::fixed(6)))).contains("mine"));
    assert!(refused(|r| r.constraints.push(label(Expr::periodic(2)))).contains("mine"));
    assert!(refused(|r| r.constraints.push(label(Expr::Leaf(Leaf::Challenge(Challenge::Gamma))))).contains("mine"));
    assert!(refused(|r| r.constraints.push(label(Expr::Leaf(Leaf::Helper(0))))).contains("mine"));
    assert!(refused(|r| r.copy_columns = vec![0, 0]).contains("twice"));
    assert!(refused(|r| r.copy_columns = vec![0, 3]).contains("copy column"));
    assert!(refused(|r| r.copy_columns = vec![0, 1, 2, 0, 1, 2]).contains("copy columns"));
    assert!(refused(|r| r.periodic[0].push(Fr::from(1u64))).contains("power of two"));
    assert!(refused(|r| r.instance_row0 = 62).contains("public inputs"));
    assert!(refused(|r| { r.copy_columns.clear(); r.helpers.clear(); r.constraints.clear(); }).contains("a next row"));
    let runs = |r: &mut Relation, rows: &[(usize, usize, usize)]| {
        r.instance_runs = rows.iter().map(|(row0, step, count)| InstanceRun { row0: *row0, step: *step, count: *count }).collect();
    };
    assert!(refused(|r| runs(r, &[(0, 1, 2)])).contains("in runs"));
    assert!(refused(|r| runs(r, &[(0, 0, 3)])).contains("rows below"));
    assert!(refused(|r| runs(r, &[(0, 32, 3)])).contains("rows below"));
    assert!(refused(|r| runs(r, &[(0, usize::MAX, 3)])).contains("rows below"));
    assert!(refused(|r| runs(r, &[(0, 4, 2), (4, 1, 1)])).contains("row 4 twice"));
    assert!(refused(|r| r.helpers[0].groups[0].terms[0].payload.push(Expr::cur(9))).contains("range"));
}

#[test]
fn selectors_are_fixed_boolean_and_disjoint() {
    assert!(refused(|r| r.helpers[0].groups[0].selector = Expr::cur(0)).contains("selector of range"));
    assert!(refused(|r| r.helpers[0].groups[0].selector = Expr::fixed(5) * 2u64).contains("disjoint"));
    assert!(refused(|r| r.helpers[0].groups[0].selector = Expr::periodic(1)).contains("disjoint"));
    assert!(refused(|r| {
        let again = r.helpers[0].groups[0].clone();
        r.helpers[0].groups.push(again);
    })
    .contains("disjoint"));
}

#[test]
fn a_degree_seven_helper_names_its_group() {
    let error = refused(|r| {
        let term = r.helpers[0].groups[0].terms[0].clone();
        r.helpers[0].groups[0].terms.extend([term.clone(), term.clone(), term]);
    });
    assert!(error.contains("bus range") && error.contains("expected 6, got 8"), "{error}");
}

#[test]
fn a_shared_graph_compiles_without_walking_every_path() {
    let mut x = Expr::cur(0);
    for _ in 0..200 {
        x = x.clone() + x;
    }
    let mut relation = small::relation();
    relation.constraints.push(label(Expr::periodic(0) * Expr::periodic(0) * (x.clone() - x)));
    keygen(&relation, &small::trace(), &srs()).expect("two hundred doublings");
}

#[test]
fn a_trace_of_other_dimensions_is_reported() {
    let mut w = small::witness(5, 9);
    w.advice.pop();
    assert_eq!(check(&small::relation(), &small::trace(), &w, 9)[0].label, "dimensions");
    assert!(prove(&key(), &w, Progress::default()).is_err());
    let mut w = small::witness(5, 9);
    w.instance.push(Fr::from(0u64));
    assert_eq!(check(&small::relation(), &small::trace(), &w, 9)[0].label, "dimensions");
}

#[test]
fn a_violation_shows_the_cells_it_read() {
    let mut w = small::witness(5, 9);
    w.advice[2][4] += Fr::from(1u64);
    let found = check(&small::relation(), &small::trace(), &w, 9);
    let gate = found.iter().find(|v| v.label == "gate").expect("gate");
    assert_eq!(gate.row, 4);
    assert!(gate.values.contains("Advice(2, Cur) = 53"), "{}", gate.values);
}

/// Replaces the bytes of every message for which `choose` gives some, one message at a time.
fn each(choose: impl Fn(Message, &[u8]) -> Option<Vec<u8>>, judge: impl Fn(Message, Result<(), VerifyError>)) {
    let pk = key();
    let w = small::witness(5, 9);
    let proof = prove(&pk, &w, Progress::default()).expect("proof");
    let (mut at, mut judged) = (0, 0);
    for m in pk.vk.schema.messages() {
        if let Some(other) = choose(m, &proof[at..at + m.bytes()]) {
            let mut bad = proof.clone();
            bad[at..at + m.bytes()].copy_from_slice(&other);
            judge(m, verify(&pk.vk, &w.instance, &bad));
            judged += 1;
        }
        at += m.bytes();
    }
    assert!(judged > 0);
}

/// `bytes` plus the modulus `m`: the same residue in another encoding.
fn plus<F: PrimeField>(bytes: &[u8]) -> Vec<u8> {
    let mut x = F::from_be_bytes_mod_order(bytes).into_bigint();
    assert!(!x.add_with_carry(&F::MODULUS));
    x.to_bytes_be()
}

fn malformed(m: Message, answer: Result<(), VerifyError>) {
    assert!(matches!(answer, Err(VerifyError::Malformed { .. })), "{}: {answer:?}", m.name());
}

#[test]
fn a_second_encoding_of_any_value_is_malformed() {
    each(|m, b| m.is_scalar().then(|| plus::<Fr>(b)), malformed);
    each(|m, b| (!m.is_scalar()).then(|| [plus::<ark_bn254::Fq>(&b[..32]), b[32..].to_vec()].concat()), malformed);
    each(|m, b| (!m.is_scalar()).then(|| [b[..32].to_vec(), plus::<ark_bn254::Fq>(&b[32..])].concat()), malformed);
}

#[test]
fn a_point_off_the_curve_is_malformed() {
    let point = |x: u8, y: u8| {
        let mut out = vec![0u8; 64];
        (out[31], out[63]) = (x, y);
        out
    };
    each(|m, _| (!m.is_scalar()).then(|| point(1, 3)), malformed);
    each(|m, _| (!m.is_scalar()).then(|| point(0, 1)), malformed);
}

#[test]
fn infinity_is_malformed_or_false_by_the_schema() {
    each(
        |m, _| (!m.is_scalar()).then(|| vec![0; 64]),
        |m, answer| match m.may_be_infinity() {
            true => assert!(matches!(answer, Err(VerifyError::Rejected(_))), "{}", m.name()),
            false => malformed(m, answer),
        },
    );
}

#[test]
fn a_zero_column_commits_to_infinity_and_verifies() {
    let mut relation = small::relation();
    relation.multiplicity += 1;
    let pk = keygen(&relation, &small::trace(), &srs()).expect("keys");
    let mut w = small::witness(5, 9);
    w.advice.push(vec![Fr::from(0u64); relation.n()]);
    let proof = prove(&pk, &w, Progress::default()).expect("proof");
    assert!(proof[4 * 64..5 * 64].iter().all(|b| *b == 0));
    verify(&pk.vk, &w.instance, &proof).expect("verifies");
}

#[test]
fn a_verifying_key_keeps_its_bytes_and_its_relation() {
    let vk = key().vk;
    let bytes = vk.to_bytes().expect("bytes");
    let again = VerifyingKey::from_bytes(&small::relation(), &bytes).expect("same relation");
    assert_eq!((again.digest, again.setup.clone()), (vk.digest, vk.setup.clone()));
    let w = small::witness(3, 4);
    let proof = prove(&key(), &w, Progress::default()).expect("proof");
    verify(&again, &w.instance, &proof).expect("verifies");
    let mut other = small::relation();
    other.periodic[1][0] += Fr::from(1u64);
    assert!(VerifyingKey::from_bytes(&other, &bytes).expect_err("shape").to_string().contains("key digest"));
    let mut renamed = small::relation();
    renamed.name = "smaller".into();
    assert!(VerifyingKey::from_bytes(&renamed, &bytes).is_err());
    for i in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[i] ^= 1;
        assert!(VerifyingKey::from_bytes(&small::relation(), &bad).is_err(), "byte {i}");
    }
    assert!(VerifyingKey::from_bytes(&small::relation(), &bytes[..bytes.len() - 1]).is_err());
    assert!(VerifyingKey::from_bytes(&small::relation(), &[bytes, vec![0]].concat()).is_err());
}

#[test]
fn periodic_forms_equal_interpolation() {
    use ark_ff::{FftField, Field};
    let y = Fr::from(123_456_789u64);
    for (values, indicator) in [
        (vec![0u64, 0, 1, 0, 0, 0, 0, 0], true),
        (vec![1, 0, 0, 0], true),
        (vec![0, 2, 0, 0], false),
        (vec![3, 1, 4, 1, 5, 9, 2, 6], false),
        (vec![1], true),
        (vec![0, 0], false),
    ] {
        let values: Vec<Fr> = values.into_iter().map(Fr::from).collect();
        let p = values.len() as u64;
        let w = Fr::get_root_of_unity(p).expect("root");
        let naive: Fr = (0..p)
            .map(|k| w.pow([k]) * (y.pow([p]) - Fr::from(1u64)) / (Fr::from(p) * (y - w.pow([k]))) * values[k as usize])
            .sum();
        let form = PeriodicForm::of(&values).expect("form");
        assert_eq!(matches!(form, PeriodicForm::Indicator { .. }), indicator);
        assert_eq!(form.evaluate(y, w), Some(naive));
    }
}

#[test]
fn challenges_in_a_row_differ_and_depend_on_everything_absorbed() {
    let draw = |words: &[u8]| {
        let mut t = KeccakTranscript::default();
        words.iter().for_each(|w| t.absorb_bytes(&[*w; 32]));
        [t.challenge(), t.challenge(), t.challenge()]
    };
    let (a, b) = (draw(&[1, 2]), draw(&[2, 1]));
    assert!(a[0] != a[1] && a[1] != a[2] && a[0] != a[2]);
    assert!((0..3).all(|i| a[i] != b[i]));
}

#[test]
fn a_setup_is_named_by_its_tau_and_not_by_its_caller() {
    let dev = srs();
    assert!(dev.name.starts_with("unsafe-"));
    let loaded = Srs::from_compressed_bytes(&dev.to_compressed().expect("bytes")).expect("checks");
    assert!(loaded.name.starts_with("unsafe-"), "{}", loaded.name);
    assert!(key().vk.setup.starts_with("unsafe-"));
    let renamed = Srs { name: "aztec-ignition".into(), ..dev };
    let pk = keygen(&small::relation(), &small::trace(), &renamed).expect("keys");
    assert!(pk.vk.setup.starts_with("unsafe-"));
    assert!(Srs::unsafe_dev(Fr::from(1u64), 9).check().expect_err("tau is one").to_string().contains("tau"));
}

#[test]
fn the_generated_verifier_carries_the_key_and_refuses_odd_names() {
    let pk = key();
    let out = generate(&pk.vk, "Small").expect("sources");
    assert_eq!(out.contracts, ["SmallVerifier", "SmallConstraints0"]);
    assert_eq!((out.key_data[0], out.key_data.len() % 32), (0, 1));
    let digest: String = pk.vk.digest.iter().map(|b| format!("{b:02x}")).collect();
    assert!(out.files.iter().all(|(_, source)| source.contains(&digest) && !source.contains("{{")));
    assert_eq!(out.files, generate(&pk.vk, "Small").expect("again").files);
    for name in ["", "7up", "A b", "A;", "É"] {
        assert!(generate(&pk.vk, name).is_err(), "{name}");
    }
}
