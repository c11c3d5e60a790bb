//! An `L2Transaction` as JSON (the seed's eight fields, `docs/spec/transactions.md`) to a [`Transaction`].

use ark_ff::AdditiveGroup;

use super::super::{Fault, Transaction};
use super::abi::Call;
use super::json::{parse_object, Value};
use crate::eddsa::SignatureForm;
use crate::parameters::Kind;
use crate::primitives::field::{self, is_below_power_of_two};
use crate::primitives::{keccak::keccak256, Address, Fr};

/// The system address that takes withdraw, setKey, setStorage and linkedTransfer.
const SYSTEM: u128 = 0x0101;
const FIELDS: [&str; 8] = ["from", "to", "value", "data", "nonce", "gasLimit", "gasPrice", "signature"];
/// R8, S, validUntil, fee token.
const EDDSA_BYTES: usize = 32 + 32 + 8 + 2;
/// r, s, v, validUntil, fee token.
const ECDSA_BYTES: usize = 32 + 32 + 1 + 8 + 2;

/// Reads one request. `tokens[i]` is the address of token index i, `tokens[0]` being zero for native.
///
/// # Errors
/// A fault naming the member, what was expected and what came.
pub fn decode(request: &[u8], tokens: &[Address]) -> Result<Transaction, Fault> {
    let members = parse_object(request)?;
    if let Some((unknown, _)) = members.iter().find(|(key, _)| !FIELDS.contains(key)) {
        return Err(Fault::compared(
            "unknown_field",
            "an unknown member",
            FIELDS.join(", "),
            unknown.chars().take(40).collect::<String>(),
        ));
    }
    let get = |name: &'static str| {
        let found = members.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        found.ok_or_else(|| Fault::compared("missing_field", "a member is missing", name, "nothing"))
    };
    let from = address("from", get("from")?)?;
    let to = address("to", get("to")?)?;
    let value = decimal("value", get("value")?, 128)?;
    let data = hex("data", get("data")?, 4096)?;
    let nonce = integer("nonce", get("nonce")?, 48)?;
    let gas_limit = integer("gasLimit", get("gasLimit")?, 32)? as u32;
    let gas_price = decimal("gasPrice", get("gasPrice")?, 64)? as u64;
    let signature = hex("signature", get("signature")?, 128)?;
    let mut t = Transaction {
        kind: Kind::Transfer,
        from,
        to,
        token: 0,
        fee_token: 0,
        amount: value,
        nonce,
        gas_limit,
        gas_price,
        valid_until: 0,
        data: [Fr::ZERO; 2],
        signature: [0; 65],
    };
    if !data.is_empty() {
        if value != 0 {
            return Err(Fault::compared("malformed_data", "a call carries no value", 0, value));
        }
        read_call(&mut t, &Call::decode(&data)?, tokens)?;
    }
    // the owner's signature is an Ethereum one, of a byte more
    if t.kind == Kind::SetKey && signature.len() == EDDSA_BYTES {
        t.kind = Kind::RotateKey;
    }
    if (t.kind.is_transfer() || t.kind == Kind::Withdraw) && t.to.is_reserved() {
        let expected = "an address of at least 2^16";
        return Err(Fault::compared("reserved_address", "a system address receives nothing", expected, t.to));
    }
    read_signature(&mut t, &signature)?;
    if t.kind == Kind::SetKey && (t.gas_limit != 0 || t.gas_price != 0) {
        let got = format!("{} and {}", t.gas_limit, t.gas_price);
        return Err(Fault::compared("out_of_range", "setKey is free", "gasLimit and gasPrice 0", got));
    }
    t.check_form().map_err(|e| Fault::new("malformed", e.to_string()))?;
    Ok(t)
}

fn read_call(t: &mut Transaction, call: &Call, tokens: &[Address]) -> Result<(), Fault> {
    let system = t.to == Address::from_low(SYSTEM);
    match *call {
        Call::Transfer(recipient, amount) => {
            if system || t.to == Address::ZERO {
                let expected = "a token address";
                return Err(Fault::compared("unknown_call", "transfer is a call on a token", expected, t.to));
            }
            t.token = token_index(t.to, tokens)?;
            (t.to, t.amount) = (recipient, amount);
        }
        _ if !system => {
            let expected = Address::from_low(SYSTEM);
            return Err(Fault::compared("unknown_call", "this is a call on the system address", expected, t.to));
        }
        Call::Withdraw(token, amount, recipient) => {
            t.kind = Kind::Withdraw;
            t.token = token_index(token, tokens)?;
            (t.to, t.amount) = (recipient, amount);
        }
        Call::SetKey(x, y) => {
            (t.kind, t.to) = (Kind::SetKey, t.from);
            t.data = [argument("ax", &x)?, argument("ay", &y)?];
        }
        Call::SetStorage(slot, value) => {
            (t.kind, t.to) = (Kind::SetStorage, t.from);
            t.data = [argument("slot", &slot)?, argument("value", &value)?];
            for (name, x, bits) in [("slot", t.data[0], 16), ("value", t.data[1], 240)] {
                if !is_below_power_of_two(&x, bits) {
                    let got = field::hex(&field::to_bytes(&x));
                    return Err(Fault::compared(
                        "out_of_range",
                        format!("{name} is too large"),
                        format!("< 2^{bits}"),
                        got,
                    ));
                }
            }
        }
        Call::LinkedTransfer(token, recipient, amount, group) => {
            t.kind = Kind::LinkedTransfer;
            t.token = token_index(token, tokens)?;
            (t.to, t.amount) = (recipient, amount);
            t.data = [argument("group", &group)?, Fr::ZERO];
        }
    }
    Ok(())
}

fn argument(name: &str, bytes: &[u8; 32]) -> Result<Fr, Fault> {
    let refused = |_| Fault::compared("out_of_range", format!("{name} is no field element"), "< r", field::hex(bytes));
    field::from_bytes(bytes).map_err(refused)
}

fn token_index(token: Address, tokens: &[Address]) -> Result<u16, Fault> {
    let found = tokens.iter().position(|t| *t == token).and_then(|i| u16::try_from(i).ok());
    found.ok_or_else(|| Fault::compared("unknown_token", "the token is not registered", "a registered token", token))
}

fn read_signature(t: &mut Transaction, bytes: &[u8]) -> Result<(), Fault> {
    let (expected, length) = if t.kind == Kind::SetKey { (ECDSA_BYTES, 65) } else { (EDDSA_BYTES, 64) };
    if bytes.len() != expected {
        let message = "the signature has another length";
        return Err(Fault::compared("malformed_signature", message, format!("{expected} bytes"), bytes.len()));
    }
    t.signature[..length].copy_from_slice(&bytes[..length]);
    let suffix = &bytes[length..];
    if t.kind == Kind::SetKey && suffix.iter().any(|b| *b != 0) {
        let message = "setKey has no validUntil and no fee token";
        return Err(Fault::compared("malformed_signature", message, "ten zero bytes at the end", field::hex(suffix)));
    }
    t.valid_until = suffix[..8].iter().fold(0, |v, b| v << 8 | u64::from(*b));
    t.fee_token = u16::from_be_bytes([suffix[8], suffix[9]]);
    if t.kind != Kind::SetKey {
        SignatureForm::from_bytes(&t.eddsa_bytes()).map_err(|e| {
            Fault::compared("malformed_signature", "R8 and S are no signature", "packed R8 and S < l", e)
        })?;
    }
    Ok(())
}

fn shown(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("{:?}", text.chars().take(80).collect::<String>()),
        Value::Integer(x) => x.to_string(),
    }
}

fn text<'a>(name: &str, value: Value<'a>, code: &'static str) -> Result<&'a str, Fault> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Integer(_) => Err(Fault::compared(code, format!("{name} is no string"), "a string", shown(value))),
    }
}

fn integer(name: &str, value: Value<'_>, bits: u32) -> Result<u64, Fault> {
    match value {
        Value::Integer(x) if x >> bits == 0 => Ok(x),
        Value::Integer(x) => {
            Err(Fault::compared("out_of_range", format!("{name} is too large"), format!("< 2^{bits}"), x))
        }
        Value::Text(_) => {
            Err(Fault::compared("not_an_integer", format!("{name} is no integer"), "a JSON integer", shown(value)))
        }
    }
}

/// Decimal digits in a string: no sign, space, underscore or leading zero.
fn decimal(name: &str, value: Value<'_>, bits: u32) -> Result<u128, Fault> {
    let digits = text(name, value, "not_an_integer")?;
    let plain =
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if !plain {
        let expected = "decimal digits in a string";
        return Err(Fault::compared("not_an_integer", format!("{name} is no decimal string"), expected, shown(value)));
    }
    let out_of_range =
        || Fault::compared("out_of_range", format!("{name} is too large"), format!("< 2^{bits}"), shown(value));
    let parsed = digits.parse::<u128>().map_err(|_| out_of_range())?;
    if bits < 128 && parsed >> bits != 0 {
        return Err(out_of_range());
    }
    Ok(parsed)
}

fn hex(name: &str, value: Value<'_>, limit: usize) -> Result<Vec<u8>, Fault> {
    let shape = text(name, value, "malformed_hex")?;
    let refused = || {
        Fault::compared("malformed_hex", format!("{name} is not 0x-hex"), "0x and pairs of hex digits", shown(value))
    };
    let digits = shape.strip_prefix("0x").filter(|d| d.len() % 2 == 0).ok_or_else(refused)?;
    if digits.len() / 2 > limit {
        let expected = format!("at most {limit} bytes");
        return Err(Fault::compared("too_large", format!("{name} is too long"), expected, digits.len() / 2));
    }
    let nibbles: Option<Vec<u8>> = digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    Ok(nibbles.ok_or_else(refused)?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// 0x and 40 hex digits, all lower case or with a right EIP-55 checksum.
fn address(name: &str, value: Value<'_>) -> Result<Address, Fault> {
    let shape = text(name, value, "malformed_address")?;
    let refused =
        |expected: &str| Fault::compared("malformed_address", format!("{name} is no address"), expected, shown(value));
    let bytes = hex(name, value, 20).map_err(|_| refused("0x and 40 hex digits"))?;
    let bytes: [u8; 20] = bytes.try_into().map_err(|_| refused("0x and 40 hex digits"))?;
    let out = Address(bytes);
    if shape.bytes().any(|b| b.is_ascii_uppercase()) && shape != checksum(out) {
        return Err(refused(&checksum(out)));
    }
    Ok(out)
}

/// The EIP-55 form of an address.
#[must_use]
pub fn checksum(address: Address) -> String {
    let lower = address.to_string();
    let hash = keccak256(&[&lower.as_bytes()[2..]]);
    let mixed = lower[2..].chars().enumerate().map(|(i, c)| {
        let nibble = hash[i / 2] >> (4 * (1 - i % 2)) & 15;
        if nibble >= 8 {
            c.to_ascii_uppercase()
        } else {
            c
        }
    });
    "0x".chars().chain(mixed).collect()
}
