//! Reading the transaction stream, strictly: what the circuit can prove is accepted, which is what the encoder writes and other forms
//! of an amount; anything else is refused.
//!
//! The account count at each moment says whether a transfer creates an account, so the reader is asked item by item.

use crate::batch::chunk::stream_words;
use crate::parameters::{Kind, DATA_SLOT_BYTES, HEADER_WORDS, LISTED_TOKENS, STREAM_VERSION, WORD_BYTES};
use crate::primitives::amount::{is_extended, unpack, PackedAmount};
use crate::primitives::{field, Address, DecodeError, Fr, Reader};
use crate::processor::ChunkContext;

use super::encode::{EXTENDED, MARKER, RUN};

/// One item of a chunk as the stream gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataItem {
    /// A transfer.
    Transfer {
        /// Sender index.
        sender: u32,
        /// Receiver index.
        receiver: u32,
        /// Address of the account that it creates, if it creates one.
        creates: Option<Address>,
        /// Token index.
        token: u16,
        /// Fee token index.
        fee_token: u16,
        /// Amount.
        amount: u128,
    },
    /// A storage write.
    SetStorage {
        /// Sender index.
        sender: u32,
        /// Slot.
        slot: u16,
        /// Value, below 2^240.
        value: Fr,
        /// Fee token index.
        fee_token: u16,
    },
    /// The next record of the operation stream.
    Operation,
}

/// A reader of one chunk of the transaction stream.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    /// What the header fixes.
    pub context: ChunkContext,
    /// Items not yet read.
    pub items_left: u32,
    token: u16,
    fee_token: u16,
    slots: usize,
    reader: Reader<'a>,
}

impl<'a> Decoder<'a> {
    /// Reads the header at the start of `bytes`, which may hold more chunks behind this one.
    ///
    /// # Errors
    /// [`DecodeError`] for another version, unordered fee tokens, or non-zero padding.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new("transaction stream", bytes);
        let version = r.u16()?;
        if version != STREAM_VERSION {
            return Err(DecodeError::value("stream version", STREAM_VERSION, version));
        }
        let (time, fee_account) = (r.u64()?, r.u32()?);
        let tokens = [0, r.u16()?, r.u16()?, r.u16()?];
        r.zeros(2)?;
        let prices = [r.u64()?, r.u64()?, r.u64()?, r.u64()?];
        let items_left = r.u32()?;
        r.zeros(2)?;
        let listed: [(u16, u64); LISTED_TOKENS] = core::array::from_fn(|i| (tokens[i], prices[i]));
        let count = 1 + tokens[1..].iter().take_while(|t| **t != 0).count();
        let tail_is_zero = listed[count..].iter().all(|entry| *entry == (0, 0));
        let refused = |got| DecodeError::value("fee tokens", "rising indices, then zeros", format!("{got:?}"));
        if !tail_is_zero {
            return Err(refused(listed));
        }
        let context = ChunkContext::new(time, fee_account, &listed[..count]).map_err(|_| refused(listed))?;
        Ok(Self { context, items_left, token: 0, fee_token: 0, slots: 0, reader: r })
    }

    /// The next item, given the account count at this moment; none after the last.
    ///
    /// # Errors
    /// [`DecodeError`] for anything that the encoder would not have written.
    pub fn next(&mut self, account_count: u64) -> Result<Option<DataItem>, DecodeError> {
        if self.items_left == 0 {
            return Ok(None);
        }
        self.items_left -= 1;
        let mut run = false;
        loop {
            let mut r = Reader::new("data slot", self.slot()?);
            let sender = r.u32()?;
            if sender != 0 {
                let (receiver, packed) = (r.u32()?, r.u32()?);
                return self.transfer(sender, receiver, packed, account_count).map(Some);
            }
            let (code, payload) = (r.u16()?, r.u48()?);
            match code {
                // at most one before an item; one that changes nothing proves too
                RUN if !run => {
                    self.run(payload)?;
                    run = true;
                }
                MARKER if !run && payload == 0 => return Ok(Some(DataItem::Operation)),
                // a storage write moves no token
                EXTENDED if self.token == 0 => return self.extended(payload).map(Some),
                _ => {
                    let expected = "a control slot in its place";
                    return Err(DecodeError::value(
                        "control slot",
                        expected,
                        format!("code {code}, payload {payload}"),
                    ));
                }
            }
        }
    }

    /// Takes over a run.
    fn run(&mut self, payload: u64) -> Result<(), DecodeError> {
        let token = u16::try_from(payload >> 16);
        self.token = token.map_err(|_| DecodeError::value("run", "two indices of 16 bits", payload))?;
        self.fee_token = payload as u16;
        Ok(())
    }

    fn slot(&mut self) -> Result<&'a [u8], DecodeError> {
        self.slots += 1;
        self.reader.take(DATA_SLOT_BYTES)
    }

    fn transfer(&mut self, sender: u32, receiver: u32, packed: u32, count: u64) -> Result<DataItem, DecodeError> {
        let extension = if is_extended(packed) { Some(low_96(self.slot()?)) } else { None };
        let amount = unpack(PackedAmount { packed, extension }).ok_or_else(|| {
            DecodeError::value("packed amount", "exponent 0 to 31", format!("{packed:#x}, {extension:?}"))
        })?;
        let creates = if u64::from(receiver) == count {
            let (high, low) = (self.slot()?, self.slot()?);
            Reader::new("address slot", high).zeros(4)?;
            let mut address = [0u8; 20];
            address[..8].copy_from_slice(&high[4..]);
            address[8..].copy_from_slice(low);
            Some(Address(address))
        } else {
            None
        };
        let (token, fee_token) = (self.token, self.fee_token);
        Ok(DataItem::Transfer { sender, receiver, creates, token, fee_token, amount })
    }

    fn extended(&mut self, payload: u64) -> Result<DataItem, DecodeError> {
        let (kind, sender, zero) = (payload >> 40, (payload >> 8) as u32, payload & 0xff);
        if kind != u64::from(Kind::SetStorage.code()) || zero != 0 {
            return Err(DecodeError::value("extended kind", "4 and a zero byte", format!("{kind}, {zero}")));
        }
        let mut bytes = Vec::with_capacity(3 * DATA_SLOT_BYTES);
        for _ in 0..3 {
            bytes.extend_from_slice(self.slot()?);
        }
        let mut r = Reader::new("storage slots", &bytes);
        r.zeros(4)?;
        let slot = r.u16()?;
        let value = field::from_short_bytes(r.take(WORD_BYTES)?)?;
        Ok(DataItem::SetStorage { sender, slot, value, fee_token: self.fee_token })
    }

    /// Bytes of this chunk, once all items are read: the padding must be zero.
    ///
    /// # Errors
    /// [`DecodeError`] when items are left or the padding is not zero.
    pub fn finish(mut self) -> Result<usize, DecodeError> {
        if self.items_left != 0 {
            return Err(DecodeError::value("items left", 0, self.items_left));
        }
        let total = stream_words(self.slots) * WORD_BYTES;
        self.reader.zeros(total - HEADER_WORDS * WORD_BYTES - self.slots * DATA_SLOT_BYTES)?;
        Ok(total)
    }
}

fn low_96(slot: &[u8]) -> u128 {
    slot.iter().fold(0, |v, b| v << 8 | u128::from(*b))
}
