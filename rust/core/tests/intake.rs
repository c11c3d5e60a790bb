//! From raw requests to intake records: what is read, and every way a request is refused.
#![allow(clippy::unwrap_used)]

use l2rollup_core::eddsa::sign;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::field::hex;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::intake::abi::Call;
use l2rollup_core::processor::{decode, Transaction};

const FROM: Address = Address([0x11; 20]);
const TO: Address = Address([0x22; 20]);
const TOKEN: Address = Address([0x33; 20]);

fn signature(suffix: &[u8]) -> String {
    hex(&[&sign(&[1; 32], &Fr::from(5u64)).to_bytes(), suffix].concat())
}

fn request(to: Address, value: &str, data: &[u8]) -> String {
    let signature = signature(&[0, 0, 0, 0, 0, 0, 0, 9, 0, 1]);
    format!(
        r#"{{"from":"{FROM}","to":"{to}","value":"{value}","data":"{}","nonce":7,"gasLimit":100,"gasPrice":"5","signature":"{signature}"}}"#,
        hex(data)
    )
}

fn read(text: &str) -> Result<Transaction, &'static str> {
    decode(text.as_bytes(), &[Address::ZERO, TOKEN]).map_err(|fault| fault.code)
}

#[test]
fn the_forms_of_every_kind() {
    let native = read(&request(TO, "12", &[])).unwrap();
    assert_eq!((native.kind, native.to, native.amount, native.token), (Kind::Transfer, TO, 12, 0));
    assert_eq!((native.nonce, native.gas_limit, native.gas_price), (7, 100, 5));
    assert_eq!((native.valid_until, native.fee_token), (9, 1));
    assert_eq!(Transaction::from_bytes(&native.to_bytes()), Ok(native));

    let token = read(&request(TOKEN, "0", &Call::Transfer(TO, 34).encode())).unwrap();
    assert_eq!((token.kind, token.to, token.amount, token.token), (Kind::Transfer, TO, 34, 1));
    let system = Address::from_low(0x101);
    let out = read(&request(system, "0", &Call::Withdraw(Address::ZERO, 5, TO).encode())).unwrap();
    assert_eq!((out.kind, out.to, out.amount, out.token), (Kind::Withdraw, TO, 5, 0));
    let mut value = [0u8; 32];
    value[2] = 1;
    let mut slot = [0u8; 32];
    slot[31] = 3;
    let storage = read(&request(system, "0", &Call::SetStorage(slot, value).encode())).unwrap();
    assert_eq!((storage.kind, storage.to, storage.data[0]), (Kind::SetStorage, FROM, Fr::from(3u64)));
    value[1] = 1;
    assert_eq!(read(&request(system, "0", &Call::SetStorage(slot, value).encode())), Err("out_of_range"));
    // Which key change it is the signature says: an EdDSA one is a byte shorter than an owner's.
    let change = request(system, "0", &Call::SetKey(slot, slot).encode());
    let rotation = read(&change).unwrap();
    assert_eq!((rotation.kind, rotation.to, rotation.data), (Kind::RotateKey, FROM, [Fr::from(3u64); 2]));
    assert_eq!((rotation.valid_until, rotation.fee_token, rotation.gas_limit), (9, 1, 100));
    assert_eq!(read(&change.replace(&signature(&[])[2..], &signature(&[])[4..])), Err("malformed_signature"));

    let linked = read(&request(system, "0", &Call::LinkedTransfer(TOKEN, TO, 56, slot).encode())).unwrap();
    assert_eq!((linked.kind, linked.to, linked.amount, linked.token), (Kind::LinkedTransfer, TO, 56, 1));
    assert_eq!(linked.data, [Fr::from(3u64), Fr::from(0u64)]);
    assert_eq!(Transaction::from_bytes(&linked.to_bytes()), Ok(linked.clone()));
    for (group, code) in [([0; 32], "malformed"), ([0xFF; 32], "out_of_range")] {
        let call = Call::LinkedTransfer(TOKEN, TO, 56, group).encode();
        assert_eq!(read(&request(system, "0", &call)), Err(code));
    }
    let nobody = Call::LinkedTransfer(TOKEN, Address::from_low(9), 56, slot).encode();
    assert_eq!(read(&request(system, "0", &nobody)), Err("reserved_address"));
    assert_eq!(read(&request(TOKEN, "0", &Call::LinkedTransfer(TOKEN, TO, 1, slot).encode())), Err("unknown_call"));
    // what the kind does not use is zero
    for wrong in [
        Transaction { data: [Fr::from(3u64); 2], ..linked },
        Transaction { to: TO, ..rotation.clone() },
        Transaction { amount: 1, ..rotation.clone() },
        Transaction { token: 1, ..rotation },
    ] {
        assert!(Transaction::from_bytes(&wrong.to_bytes()).is_err());
    }
}

#[test]
fn every_refusal_has_its_code() {
    let good = request(TO, "12", &[]);
    let cases = [
        (good.replace("\"nonce\":7", "\"nonce\":-7"), "out_of_range"),
        (good.replace("\"nonce\":7", "\"nonce\":7.0"), "not_an_integer"),
        (good.replace("\"nonce\":7", "\"nonce\":7e1"), "not_an_integer"),
        (good.replace("\"nonce\":7", "\"nonce\":07"), "not_an_integer"),
        (good.replace("\"nonce\":7", "\"nonce\":1_0"), "not_an_integer"),
        (good.replace("\"nonce\":7", "\"nonce\":\"7\""), "not_an_integer"),
        (good.replace("\"nonce\":7", "\"nonce\":true"), "malformed_json"),
        (good.replace("\"nonce\":7", "\"nonce\":281474976710656"), "out_of_range"),
        (good.replace("\"nonce\":7", "\"nonce\":99999999999999999999"), "out_of_range"),
        (good.replace("\"nonce\":7", "\"nonce\":7,\"nonce\":7"), "malformed_json"),
        (good.replace("\"nonce\":7", "\"nonce\":7,\"extra\":7"), "unknown_field"),
        (good.replace("\"nonce\":7,", ""), "missing_field"),
        (good.replace("\"gasLimit\":100", "\"gasLimit\":4294967296"), "out_of_range"),
        (good.replace("\"value\":\"12\"", "\"value\":12"), "not_an_integer"),
        (good.replace("\"value\":\"12\"", "\"value\":\"1_2\""), "not_an_integer"),
        (good.replace("\"value\":\"12\"", "\"value\":\"+12\""), "not_an_integer"),
        (good.replace("\"value\":\"12\"", "\"value\":\"012\""), "not_an_integer"),
        (good.replace("\"value\":\"12\"", "\"value\":\"\""), "not_an_integer"),
        (good.replace("\"value\":\"12\"", "\"value\":\"340282366920938463463374607431768211456\""), "out_of_range"),
        (good.replace("\"value\":\"12\"", "\"value\":\"\u{0661}\""), "not_an_integer"),
        (good.replace("\"gasPrice\":\"5\"", "\"gasPrice\":\"18446744073709551616\""), "out_of_range"),
        (good.replace("0x1111", "0x111g"), "malformed_address"),
        (good.replace("0x1111", "0X1111"), "malformed_address"),
        (good.replace("\"data\":\"0x\"", "\"data\":\"0x1\""), "malformed_hex"),
        (good.replace("\"data\":\"0x\"", "\"data\":\"0x12\""), "malformed_data"),
        (good.replace("\"data\":\"0x\"", "\"data\":\"0x12345678\""), "malformed_data"),
        (good.clone() + "x", "malformed_json"),
        (good[..good.len() - 1].to_owned(), "malformed_json"),
        (format!("[{good}]"), "malformed_json"),
        (good.replace(' ', "").replace('}', &format!("{}}}", " ".repeat(5000))), "too_large"),
        (request(Address::from_low(9), "1", &[]), "reserved_address"),
        (request(Address([0x44; 20]), "0", &Call::Transfer(TO, 1).encode()), "unknown_token"),
        (request(TOKEN, "0", &Call::Withdraw(TOKEN, 1, TO).encode()), "unknown_call"),
        (request(TOKEN, "0", &[1, 2, 3, 4]), "unknown_call"),
        (request(TOKEN, "0", &[&Call::Transfer(TO, 1).encode()[..], &[0]].concat()), "malformed_data"),
        (request(TOKEN, "1", &Call::Transfer(TO, 1).encode()), "malformed_data"),
    ];
    for (text, code) in cases {
        assert_eq!(read(&text), Err(code), "{text}");
    }
    let mut dirty = Call::Transfer(TO, 1).encode();
    dirty[5] = 1;
    assert_eq!(read(&request(TOKEN, "0", &dirty)), Err("malformed_data"));
    let mut wide = Call::Transfer(TO, 1).encode();
    wide[40] = 1;
    assert_eq!(read(&request(TOKEN, "0", &wide)), Err("out_of_range"));
    // S from the subgroup order on, and an R8 that is no point.
    let broken = good.replace(&signature(&[])[2..66], &"ff".repeat(32));
    assert_eq!(read(&broken), Err("malformed_signature"));
}

#[test]
fn checksums_are_judged() {
    let mixed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let text = request(TO, "1", &[]).replace(&TO.to_string(), mixed);
    assert!(read(&text).is_ok());
    assert!(read(&text.replace(mixed, &mixed.to_lowercase())).is_ok());
    assert_eq!(read(&text.replace(mixed, &mixed.replace("aAeb", "AAeb"))), Err("malformed_address"));
}
