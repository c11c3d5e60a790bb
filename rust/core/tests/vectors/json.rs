//! Reading the vectors. A member that is missing or of another form fails the test.

use l2rollup_core::primitives::{field, Address, Fr};
use serde_json::Value;

/// A file of `tests/vectors`.
pub fn load(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The members of a list.
pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Bytes of 0x-hex.
pub fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
    assert_eq!(digits.len() % 2, 0);
    (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// Exactly N bytes of 0x-hex.
pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

/// A field element.
pub fn element(value: &Value) -> Fr {
    field::from_bytes(&array(value)).unwrap()
}

/// N field elements.
pub fn elements<const N: usize>(value: &Value) -> [Fr; N] {
    list(value).iter().map(element).collect::<Vec<_>>().try_into().unwrap()
}

/// An address.
pub fn address(value: &Value) -> Address {
    Address(array(value))
}

/// A decimal string.
pub fn decimal(value: &Value) -> u128 {
    value.as_str().unwrap().parse().unwrap()
}

/// A JSON integer.
pub fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// A string.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
