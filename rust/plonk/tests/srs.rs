//! Setups of every format: those of others are read, those that are damaged, changed or of another tau are refused, and
//! each refusal names what was expected and what came.

use std::io::Cursor;

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInteger, PrimeField};
use ark_serialize::CanonicalSerialize;
use plonk::srs::{arkworks, ceremony, compressed, eigenda, ignition, local, ptau, silent};
use plonk::{Fr, PlonkError, Srs};

const POWER: u32 = 4;
const COUNT: usize = (2 << POWER) - 1;

fn dev(tau: u64) -> Srs {
    Srs::unsafe_dev(Fr::from(tau), COUNT)
}

fn montgomery(x: &Fq) -> Vec<u8> {
    x.0 .0.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn ignition_word(x: &Fq) -> Vec<u8> {
    x.into_bigint().0.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn g1(p: &G1Affine, word: fn(&Fq) -> Vec<u8>) -> Vec<u8> {
    [word(&p.x), word(&p.y)].concat()
}

fn g2(p: &G2Affine, word: fn(&Fq) -> Vec<u8>) -> Vec<u8> {
    [word(&p.x.c0), word(&p.x.c1), word(&p.y.c0), word(&p.y.c1)].concat()
}

fn is_larger(y: &Fq) -> bool {
    *y > -*y
}

fn gnark_g1(p: &G1Affine) -> Vec<u8> {
    let mut out = p.x.into_bigint().to_bytes_be();
    out[0] |= if is_larger(&p.y) { 0xc0 } else { 0x80 };
    out
}

fn gnark_g2(p: &G2Affine) -> Vec<u8> {
    let larger = if p.y.c1 == Fq::from(0u64) { is_larger(&p.y.c0) } else { is_larger(&p.y.c1) };
    let mut out = [p.x.c1.into_bigint().to_bytes_be(), p.x.c0.into_bigint().to_bytes_be()].concat();
    out[0] |= if larger { 0xc0 } else { 0x80 };
    out
}

fn ptau_bytes(srs: &Srs) -> Vec<u8> {
    let header = [
        32u32.to_le_bytes().to_vec(),
        Fq::MODULUS.to_bytes_le(),
        POWER.to_le_bytes().to_vec(),
        POWER.to_le_bytes().to_vec(),
    ];
    let tau_g1: Vec<u8> = srs.powers.iter().flat_map(|p| g1(p, montgomery)).collect();
    let mut tau_g2 = [g2(&srs.h, montgomery), g2(&srs.beta_h, montgomery)].concat();
    // Only the first two are read.
    tau_g2.resize(128 << POWER, 0);
    let mut out = [b"ptau".to_vec(), 1u32.to_le_bytes().to_vec(), 3u32.to_le_bytes().to_vec()].concat();
    for (kind, body) in [(1u32, header.concat()), (2, tau_g1), (3, tau_g2)] {
        out.extend(kind.to_le_bytes());
        out.extend((body.len() as u64).to_le_bytes());
        out.extend(body);
    }
    out
}

/// Transcript `number` of `of`: the powers `from..to` (1 is x G), G2 points in the first one.
fn transcript(srs: &Srs, number: u32, of: u32, from: usize, to: usize) -> Vec<u8> {
    let points = (to - from) as u32;
    let g2_count = if number == 0 { 2 } else { 0 };
    let mut out = Vec::new();
    for word in [number, of, COUNT as u32 - 1, 1, points, g2_count, from as u32 - 1] {
        out.extend(word.to_be_bytes());
    }
    srs.powers[from..to].iter().for_each(|p| out.extend(g1(p, ignition_word)));
    if number == 0 {
        // The contribution of the last participant first, as the specification says.
        out.extend(g2(&dev(3).beta_h, ignition_word));
        out.extend(g2(&srs.beta_h, ignition_word));
    }
    out.extend([0u8; 64]);
    out
}

fn arkworks_bytes(srs: &Srs) -> Vec<u8> {
    let mut out = (srs.powers.len() as u64).to_le_bytes().to_vec();
    srs.powers.iter().for_each(|p| p.serialize_uncompressed(&mut out).expect("point"));
    out.extend(0u64.to_le_bytes());
    [srs.h, srs.beta_h].iter().for_each(|p| p.serialize_uncompressed(&mut out).expect("point"));
    out.extend(0u64.to_le_bytes());
    out
}

fn local_bytes(srs: &Srs) -> Vec<u8> {
    let mut out = Vec::new();
    srs.write_local(&mut out).expect("local form");
    out
}

type Reader = fn(&[u8]) -> Result<Srs, PlonkError>;

/// A format: its writer, its reader, where its points begin, bytes of a point.
struct Format {
    name: &'static str,
    write: fn(&Srs) -> Vec<u8>,
    read: Reader,
    first: usize,
    size: usize,
}

fn point_bytes(srs: &Srs) -> Vec<u8> {
    let mut out: Vec<u8> = srs.powers.iter().flat_map(gnark_g1).collect();
    out.extend([gnark_g2(&srs.h), gnark_g2(&srs.beta_h)].concat());
    out
}

fn read_point(bytes: &[u8]) -> Result<Srs, PlonkError> {
    let split = bytes.len().saturating_sub(128);
    eigenda::read(&mut Cursor::new(&bytes[..split]), Some(&mut Cursor::new(&bytes[split..])), None, &silent)
}

fn read_two_transcripts(bytes: &[u8]) -> Result<Srs, PlonkError> {
    let first = 28 + 20 * 64 + 256 + 64;
    let (a, b) = bytes.split_at(first.min(bytes.len()));
    ignition::read(&mut [Cursor::new(a), Cursor::new(b)], None, &silent)
}

fn formats() -> Vec<Format> {
    vec![
        Format {
            name: "arkworks",
            write: arkworks_bytes,
            read: |b| arkworks::read(&mut Cursor::new(b), None, &silent),
            first: 8,
            size: 64,
        },
        Format {
            name: "compressed",
            write: |s| s.to_compressed().expect("bytes"),
            read: |b| compressed::read(&mut Cursor::new(b), None, &silent),
            first: 16,
            size: 32,
        },
        Format {
            name: "ptau",
            write: ptau_bytes,
            read: |b| ptau::read(&mut Cursor::new(b), None, &silent),
            first: 12 + 12 + 44 + 12,
            size: 64,
        },
        Format {
            name: "ignition",
            write: |s| [transcript(s, 0, 2, 1, 21), transcript(s, 1, 2, 21, COUNT)].concat(),
            read: read_two_transcripts,
            first: 28,
            size: 64,
        },
        Format { name: "eigenda", write: point_bytes, read: read_point, first: 0, size: 32 },
        Format {
            name: "local",
            write: local_bytes,
            read: |b| Srs::read_local(&mut Cursor::new(b), None, &silent),
            first: local::HEADER_BYTES,
            size: 64,
        },
    ]
}

/// A refusal: the setup's error, with both sides said.
fn refusal(name: &str, result: Result<Srs, PlonkError>) -> String {
    match result {
        Err(PlonkError::Srs { what, expected, got }) => {
            assert!(!what.is_empty() && !expected.is_empty() && !got.is_empty(), "{name}: {what}/{expected}/{got}");
            format!("{what}: {expected}: {got}")
        }
        other => panic!("{name}: expected a refused setup, got {other:?}"),
    }
}

#[test]
fn every_format_is_read_back() {
    let srs = dev(77);
    for f in formats() {
        let read = (f.read)(&(f.write)(&srs)).unwrap_or_else(|e| panic!("{}: {e}", f.name));
        assert_eq!((&read.powers, read.h, read.beta_h), (&srs.powers, srs.h, srs.beta_h), "{}", f.name);
        assert!(read.is_unsafe() && read.name.starts_with("unsafe-unrecognised-"), "{}: {}", f.name, read.name);
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let srs = dev(77);
    for f in formats() {
        let bytes = (f.write)(&srs);
        // The checksum of a transcript and the rest of tau's G2 powers are the caller's to look at, so cuts stay before.
        let end = if f.name == "ignition" { bytes.len() - 64 } else { bytes.len() };
        let cuts = [0, 1, 7, 8, 27, f.first, f.first + 1, f.first + 5 * f.size, end / 2, end - 1];
        for cut in cuts.into_iter().filter(|cut| *cut < end) {
            refusal(&format!("{} cut at {cut}", f.name), (f.read)(&bytes[..cut]));
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_in_every_point() {
    let srs = dev(77);
    for f in formats() {
        let bytes = (f.write)(&srs);
        let count = if f.name == "ignition" { 20 } else { COUNT };
        for point in 0..count {
            let mut flipped = bytes.clone();
            flipped[f.first + point * f.size + (5 * point + 3) % f.size] ^= 1 << (point % 8);
            refusal(&format!("{} point {point}", f.name), (f.read)(&flipped));
        }
    }
}

#[test]
fn swapped_points_another_generator_and_another_tau_are_refused() {
    let srs = dev(77);
    for f in formats() {
        let mut swapped = srs.clone();
        swapped.powers.swap(5, 6);
        let said = refusal(f.name, (f.read)(&(f.write)(&swapped)));
        assert!(said.contains("consecutive powers"), "{}: {said}", f.name);

        let mut shifted = srs.clone();
        shifted.powers = dev(77).powers.iter().map(|p| (*p * Fr::from(5u64)).into()).collect();
        refusal(&format!("{}: another generator", f.name), (f.read)(&(f.write)(&shifted)));

        let mut other = srs.clone();
        other.beta_h = dev(78).beta_h;
        let said = refusal(f.name, (f.read)(&(f.write)(&other)));
        assert!(["consecutive powers", "another tau"].iter().any(|text| said.contains(text)), "{}: {said}", f.name);

        if f.name != "ignition" {
            let mut one = dev(1);
            one.powers.truncate(COUNT);
            refusal(&format!("{}: tau = 1", f.name), (f.read)(&(f.write)(&one)));
        }
    }
}

#[test]
fn headers_that_lie_are_refused() {
    let srs = dev(77);
    let good = ptau_bytes(&srs);
    let change = |at: usize, to: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        ptau::read(&mut Cursor::new(bytes), None, &silent)
    };
    assert!(refusal("magic", change(0, b"ptaw")).contains("ptau 1"));
    assert!(refusal("sections", change(8, &u32::MAX.to_le_bytes())).contains("sections"));
    assert!(refusal("length", change(16, &u64::MAX.to_le_bytes())).contains("section 1"));
    assert!(refusal("field", change(28, &[1])).contains("BN254"));
    assert!(refusal("power", change(60, &9u32.to_le_bytes())).contains("power"));
    assert!(refusal("twice", change(68, &1u32.to_le_bytes())).contains("twice"));
    assert!(refusal("absent", change(68, &9u32.to_le_bytes())).contains("section 2"));
    let huge = [u64::MAX.to_le_bytes().as_slice(), &[0; 100]].concat();
    assert!(refusal("count", arkworks::read(&mut Cursor::new(&huge), None, &silent)).contains("point count"));
    let second = transcript(&srs, 1, 2, 21, COUNT);
    let first = ignition::read(&mut [Cursor::new(&second)], None, &silent);
    assert!(refusal("order", first).contains("transcript 0 from point 0"));
}

#[test]
fn a_prefix_is_a_setup_of_its_own() {
    let srs = dev(77);
    let (ptau_file, local_file) = (ptau_bytes(&srs), local_bytes(&srs));
    let points: Vec<u8> = srs.powers.iter().flat_map(gnark_g1).collect();
    let g2_file = gnark_g2(&srs.beta_h);
    let short = [
        ptau::read(&mut Cursor::new(&ptau_file), Some(9), &silent),
        Srs::read_local(&mut Cursor::new(&local_file[..local::HEADER_BYTES + 9 * 64]), Some(9), &silent),
        eigenda::read(&mut Cursor::new(&points), Some(&mut Cursor::new(&g2_file)), Some(9), &silent),
        ignition::read(&mut [Cursor::new(&transcript(&srs, 0, 2, 1, 21))], Some(9), &silent),
    ];
    for read in short {
        assert_eq!(read.expect("prefix").powers, srs.powers[..9]);
    }
    refusal("one power", ptau::read(&mut Cursor::new(&ptau_file), Some(1), &silent));
}

#[test]
fn what_snarkjs_writes_is_read() {
    let bytes = include_bytes!("setups/snarkjs-4.ptau");
    let header = ptau::read_header(&mut Cursor::new(bytes)).expect("header");
    assert_eq!((header.power, header.ceremony_power), (4, 4));
    let srs = ptau::read(&mut Cursor::new(bytes), None, &silent).expect("a setup");
    assert_eq!(srs.powers.len(), 31);
    assert!(srs.is_unsafe());
    assert_eq!(ptau::PUBLISHED.iter().map(|(power, _)| *power).collect::<Vec<_>>(), (8..=28).collect::<Vec<_>>());
    assert!(ptau::PUBLISHED.iter().all(|(_, hash)| hash.len() == 128));
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
}

/// First three points of `prover/tests/test-files/g1.point` of Layr-Labs/rust-kzg-bn254, and what its decompressed twin
/// `srs.g1.points.string` holds for them.
#[test]
fn points_that_gnark_compressed_are_read() {
    let compressed = "8000000000000000000000000000000000000000000000000000000000000001\
                      a20ac48bb1f91fd93f502a3d0caa077ac70e0af8819b9d8fa26a168a2c558a57\
                      d135233c3b02afec9da68d533ab7e4c1d761a1da4dc0d6f763aece787864c6a8";
    let expected = [
        ("1", "2"),
        (
            "15397661830938158195220872607788450164522003659458108417904919983213308643927",
            "4051901473739185471504766068400292374549287637553596337727654132125147894034",
        ),
        (
            "7783204505282251330728244195896318038308447817204200519851130098209188529832",
            "21476996580505373005667437236967742232232262097515929942598403716534345706368",
        ),
    ];
    // Their tau is another one than the pinned one, so the reader must say so: and it can only after reading them.
    let file = bytes_of(compressed);
    let said = refusal("mainnet's tau h", eigenda::read(&mut Cursor::new(&file), None, None, &silent));
    assert!(said.contains("powers of eigenda-mainnet"), "{said}");
    for (i, (x, y)) in expected.iter().enumerate() {
        let parse = |text: &str| text.parse::<Fq>().expect("coordinate");
        let point = G1Affine::new_unchecked(parse(x), parse(y));
        assert!(point.is_on_curve());
        assert_eq!(gnark_g1(&point), file[32 * i..32 * (i + 1)], "this test writes what gnark writes");
    }
}

/// First point of `mainnet-data/g2.point.powerOf2` of the same repository: tau h, compressed; the pin is its constant.
#[test]
fn pinned_ceremonies_are_points_and_eigendas_is_the_compressed_one() {
    for known in ceremony::CEREMONIES {
        let tau_h = known.tau_h().unwrap_or_else(|| panic!("{} is no point of the subgroup", known.name));
        assert_eq!(ceremony::name_of(&tau_h), known.name);
    }
    let compressed = "972aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b\
                      2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600";
    let pinned = ceremony::CEREMONIES.iter().find(|c| c.name == ceremony::EIGENDA).and_then(|c| c.tau_h());
    assert_eq!(gnark_g2(&pinned.expect("pinned")), bytes_of(compressed));
    let small = (1u64..2000).map(|k| G2Affine::from(ark_ec::AffineRepr::mul_bigint(&dev(2).h, [k])));
    let pins: Vec<G2Affine> = ceremony::CEREMONIES.iter().filter_map(ceremony::Ceremony::tau_h).collect();
    assert!(small.into_iter().all(|p| !pins.contains(&p)), "no pin is the tau h of somebody's example");
    assert_eq!(Fq2::new(dev(2).h.x.c0, dev(2).h.x.c1), dev(2).h.x);
}

#[test]
fn a_lagrange_basis_is_kept_and_compared() {
    let srs = dev(77);
    let basis = srs.lagrange(16).expect("basis");
    let mut file = Vec::new();
    srs.write_lagrange(&basis, &mut file).expect("written");
    let read = |srs: &Srs, bytes: &[u8], n| srs.read_lagrange(&mut Cursor::new(bytes), n, &silent);
    assert_eq!(read(&srs, &file, 16).expect("basis"), basis);
    let refused = |result: Result<Vec<G1Affine>, PlonkError>| result.expect_err("refused").to_string();
    assert!(refused(read(&srs, &file, 8)).contains("8 points"));
    assert!(refused(read(&srs, &file[..file.len() - 1], 16)).contains("the file ends"));
    assert!(refused(read(&dev(78), &file, 16)).contains("expected one of unsafe-dev-tau"));
    let mut other = basis.clone();
    other.swap(2, 3);
    let mut forged = Vec::new();
    srs.write_lagrange(&other, &mut forged).expect("written");
    assert!(refused(read(&srs, &forged, 16)).contains("that of the powers"));
    for at in (0..file.len()).step_by(97).filter(|at| *at < 304 || *at >= local::HEADER_BYTES) {
        let mut flipped = file.clone();
        flipped[at] ^= 1;
        refused(read(&srs, &flipped, 16));
    }
}

#[test]
fn a_caller_that_stops_listening_ends_the_reading() {
    let stop = |_: &str, _: f64| Err(PlonkError::Cancelled);
    let bytes = local_bytes(&dev(77));
    assert_eq!(Srs::read_local(&mut Cursor::new(&bytes), None, &stop).expect_err("ended"), PlonkError::Cancelled);
}
