//! The operation record: five words of 30 bytes, the same form for all kinds (`docs/spec/data.md`).
//!
//! Reading is strict: fields that a kind does not use are zero, key coordinates are below r. What it is not: a check of
//! rules; a well-formed record may still be refused by the processor.

use crate::parameters::{Kind, RECORD_BYTES, RECORD_WORDS, WORD_BYTES};
use crate::poseidon::{sponge, Tag};
use crate::primitives::keccak::keccak256;
use crate::primitives::{field, Address, DecodeError, Fr, Reader, Writer};

/// What the last three words hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// L1 recipient, owner or depositor.
    Recipient(Address),
    /// A public key (x, y).
    Key(Fr, Fr),
}

/// An operation record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Deposit, register_key, forced_exit (also for a noop), withdraw, set_key or rotate_key.
    pub kind: Kind,
    /// Token index.
    pub token: u16,
    /// Account index, for withdraw, set_key and rotate_key.
    pub index: u32,
    /// Nonce, for withdraw, set_key and rotate_key.
    pub nonce: u64,
    /// Amount in the token's smallest unit; the outcome, for a forced exit.
    pub amount: u128,
    /// Fee token index, for withdraw and rotate_key.
    pub fee_token: u16,
    /// The account.
    pub address: Address,
    /// Recipient or key.
    pub body: Body,
}

impl Record {
    /// The 150 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut w = Writer::default();
        w.u8(self.kind.record_code()).u16(self.token).u32(self.index).u48(self.nonce).u128(self.amount).zeros(1);
        w.u16(self.fee_token).zeros(8).address(self.address);
        match self.body {
            Body::Recipient(recipient) => _ = w.zeros(10).address(recipient).zeros(60),
            Body::Key(x, y) => {
                let (x, y) = (field::to_bytes(&x), field::to_bytes(&y));
                w.raw(&x[..15]).raw(&y[..15]).zeros(13).raw(&x[15..]).zeros(13).raw(&y[15..]);
            }
        }
        let mut out = [0u8; RECORD_BYTES];
        out.copy_from_slice(&w.finish());
        out
    }

    /// Reads the 150 bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for another length, a kind that has no record, or a non-zero field that the kind does not use.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new("operation record", bytes);
        let code = r.u8()?;
        let kind = Kind::try_from(code).ok().filter(|k| k.is_operation() && *k != Kind::Noop);
        let kind = kind.ok_or_else(|| DecodeError::value("record kind", "2, 3, 5, 6, 7 or 9", code))?;
        let (token, index, nonce, amount) = (r.u16()?, r.u32()?, r.u48()?, r.u128()?);
        r.zeros(1)?;
        let fee_token = r.u16()?;
        r.zeros(8)?;
        let address = r.address()?;
        let body = if kind.sets_key() { read_key(&mut r)? } else { read_recipient(&mut r)? };
        r.end()?;
        let record = Self { kind, token, index, nonce, amount, fee_token, address, body };
        record.check_unused()?;
        Ok(record)
    }

    fn check_unused(&self) -> Result<(), DecodeError> {
        let user = matches!(self.kind, Kind::Withdraw | Kind::SetKey | Kind::RotateKey);
        let value = matches!(self.kind, Kind::Withdraw | Kind::Deposit | Kind::ForcedExit);
        let wrong = !user && (self.index != 0 || self.nonce != 0)
            || !value && (self.amount != 0 || self.token != 0)
            || !matches!(self.kind, Kind::Withdraw | Kind::RotateKey) && self.fee_token != 0;
        if wrong {
            return Err(DecodeError::value("operation record", "zero in unused fields", format!("{self:?}")));
        }
        Ok(())
    }

    /// The five words as field elements.
    #[must_use]
    pub fn words(&self) -> [Fr; RECORD_WORDS] {
        let bytes = self.to_bytes();
        core::array::from_fn(|i| {
            field::from_short_bytes(&bytes[WORD_BYTES * i..WORD_BYTES * (i + 1)]).unwrap_or_default()
        })
    }

    /// Id of a queue entry: the sponge of the record as it stands on the stream, outcome included.
    #[must_use]
    pub fn id(&self) -> Fr {
        sponge(Tag::QueueEntry, &self.words())
    }

    /// The request that L1 queued: the record without the outcome.
    #[must_use]
    pub fn request(&self) -> Self {
        Self { amount: if self.kind == Kind::ForcedExit { 0 } else { self.amount }, ..*self }
    }

    /// keccak256 of the request, as absorbed by the queue's rolling hash.
    #[must_use]
    pub fn request_hash(&self) -> [u8; 32] {
        keccak256(&[&self.request().to_bytes()])
    }

    /// The recipient, for kinds that have one.
    #[must_use]
    pub const fn recipient(&self) -> Option<Address> {
        match self.body {
            Body::Recipient(recipient) => Some(recipient),
            Body::Key(..) => None,
        }
    }
}

fn read_recipient(r: &mut Reader<'_>) -> Result<Body, DecodeError> {
    r.zeros(10)?;
    let recipient = r.address()?;
    r.zeros(60)?;
    Ok(Body::Recipient(recipient))
}

fn read_key(r: &mut Reader<'_>) -> Result<Body, DecodeError> {
    let (mut x, mut y) = ([0u8; 32], [0u8; 32]);
    x[..15].copy_from_slice(r.take(15)?);
    y[..15].copy_from_slice(r.take(15)?);
    for low in [&mut x, &mut y] {
        r.zeros(13)?;
        low[15..].copy_from_slice(r.take(17)?);
    }
    Ok(Body::Key(field::from_bytes(&x)?, field::from_bytes(&y)?))
}
