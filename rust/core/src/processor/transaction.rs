//! A user transaction as it crosses the seam (the 221-byte intake record) and its id, the signed message.

use ark_ff::AdditiveGroup;

use super::context::Chain;
use crate::parameters::{Kind, WORD_BITS};
use crate::poseidon::poseidon5;
use crate::primitives::field::{is_below_power_of_two, power_of_two};
use crate::primitives::{Address, DecodeError, Fr, Reader, Writer};

/// Bytes of an intake record.
pub const INTAKE_BYTES: usize = 221;

/// A user transaction in its parts; ranges are those of the record's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// A kind that users send.
    pub kind: Kind,
    /// Sender.
    pub from: Address,
    /// Recipient; for withdraw on L1; for set_key, rotate_key and set_storage the sender.
    pub to: Address,
    /// Token index.
    pub token: u16,
    /// Fee token index.
    pub fee_token: u16,
    /// Amount in the token's smallest unit.
    pub amount: u128,
    /// Nonce, below 2^48.
    pub nonce: u64,
    /// Gas limit in units.
    pub gas_limit: u32,
    /// Gas price in the fee token's smallest unit.
    pub gas_price: u64,
    /// Last valid second, 0 for ever.
    pub valid_until: u64,
    /// (A.x, A.y) for set_key and rotate_key, (slot, value) for set_storage, (group, 0) for linked_transfer, else zero.
    pub data: [Fr; 2],
    /// R8 packed (32), S (32, little endian), zero; for set_key r (32), s (32), v.
    pub signature: [u8; 65],
}

impl Transaction {
    /// The intake record.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; INTAKE_BYTES] {
        let mut w = Writer::default();
        w.u8(self.kind.code()).address(self.from).address(self.to).u16(self.token).u16(self.fee_token);
        w.u128(self.amount).u48(self.nonce).u32(self.gas_limit).u64(self.gas_price).u64(self.valid_until);
        w.field(&self.data[0]).field(&self.data[1]).raw(&self.signature).zeros(5);
        let mut out = [0u8; INTAKE_BYTES];
        out.copy_from_slice(&w.finish());
        out
    }

    /// Reads the intake record; fields that the kind does not use are zero.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new("intake record", bytes);
        let code = r.u8()?;
        let kind = Kind::try_from(code).ok().filter(|k| k.is_user());
        let transaction = Self {
            kind: kind.ok_or_else(|| DecodeError::value("kind", super::USER_CODES, code))?,
            from: r.address()?,
            to: r.address()?,
            token: r.u16()?,
            fee_token: r.u16()?,
            amount: r.u128()?,
            nonce: r.u48()?,
            gas_limit: r.u32()?,
            gas_price: r.u64()?,
            valid_until: r.u64()?,
            data: [r.field()?, r.field()?],
            signature: r.array()?,
        };
        r.zeros(5)?;
        r.end()?;
        transaction.check_form()?;
        Ok(transaction)
    }

    /// Checks what a well-formed transaction of its kind fixes.
    ///
    /// # Errors
    /// [`DecodeError::Value`] naming the field.
    pub fn check_form(&self) -> Result<(), DecodeError> {
        let no_value = self.amount == 0 && self.token == 0;
        let no_data = self.data == [Fr::ZERO; 2];
        let refused = |expected: &str| Err(DecodeError::value("transaction", expected, format!("{self:?}")));
        match self.kind {
            Kind::SetKey => {
                let free = self.gas_limit == 0 && self.gas_price == 0 && self.fee_token == 0 && self.valid_until == 0;
                if !no_value || !free || self.to != self.from {
                    return refused("no amount, no fee, no validUntil and to = from in set_key");
                }
            }
            Kind::SetStorage => {
                let ranges =
                    is_below_power_of_two(&self.data[0], 16) && is_below_power_of_two(&self.data[1], WORD_BITS);
                if !no_value || !ranges || self.to != self.from {
                    return refused("no amount, slot < 2^16, value < 2^240 and to = from in set_storage");
                }
            }
            Kind::RotateKey if !no_value || self.to != self.from => {
                return refused("no amount and to = from in rotate_key");
            }
            Kind::LinkedTransfer if self.data[0] == Fr::ZERO || self.data[1] != Fr::ZERO => {
                return refused("a group and no other data in linked_transfer");
            }
            Kind::RotateKey | Kind::LinkedTransfer => {}
            _ if !no_data => return refused("no data in transfer and withdraw"),
            _ => {}
        }
        if self.kind != Kind::SetKey && self.signature[64] != 0 {
            return refused("a zero byte after R8 and S");
        }
        if self.nonce >> 48 != 0 {
            return refused("a nonce below 2^48");
        }
        Ok(())
    }

    /// The five signed elements m1 .. m5.
    #[must_use]
    pub fn message(&self, chain: &Chain) -> [Fr; 5] {
        let at = |x: u128, k: u32| Fr::from(x) * power_of_two(k);
        let m2 = self.from.to_field()
            + at(self.nonce.into(), 160)
            + at(self.kind.code().into(), 208)
            + at(self.token.into(), 216);
        let m3 = self.to.to_field() + at(self.valid_until.into(), 160) + at(self.fee_token.into(), 224);
        let m4 = Fr::from(self.amount) + at(self.gas_limit.into(), 128) + at(self.gas_price.into(), 160);
        let m5 = match self.kind {
            Kind::SetKey | Kind::RotateKey | Kind::SetStorage => {
                poseidon5(&[self.data[0], self.data[1], Fr::ZERO, Fr::ZERO, Fr::ZERO])
            }
            Kind::LinkedTransfer => self.data[0],
            _ => Fr::ZERO,
        };
        [chain.domain, m2, m3, m4, m5]
    }

    /// The transaction id, which is the signed message.
    #[must_use]
    pub fn id(&self, chain: &Chain) -> Fr {
        poseidon5(&self.message(chain))
    }

    /// R8 and S as 64 bytes.
    #[must_use]
    pub fn eddsa_bytes(&self) -> [u8; 64] {
        let mut out = [0u8; 64];
        out.copy_from_slice(&self.signature[..64]);
        out
    }
}
