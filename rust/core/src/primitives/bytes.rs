//! A strict big-endian reader and its writer, shared by every binary form that crosses a border.
//!
//! What it is not: a general serialisation framework; every form lists its fields by hand, in the order of the spec.

use thiserror::Error;

use super::{field, Address, Fr};

/// Why bytes were refused as malformed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// A length differs from what the form fixes.
    #[error("{what}: expected {expected} bytes, got {got}")]
    Length {
        /// The form that was read.
        what: &'static str,
        /// Bytes that the form has (or has at most).
        expected: usize,
        /// Bytes that came.
        got: usize,
    },
    /// A word is not below the field's order.
    #[error("field element: expected an integer below r, got {got}")]
    Field {
        /// The word, in hex.
        got: String,
    },
    /// A value outside what its field allows.
    #[error("{what}: expected {expected}, got {got}")]
    Value {
        /// The field that was read.
        what: &'static str,
        /// What the form allows.
        expected: String,
        /// What came.
        got: String,
    },
}

impl DecodeError {
    /// A [`DecodeError::Value`] from printable parts.
    pub fn value(what: &'static str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Value { what, expected: expected.to_string(), got: got.to_string() }
    }
}

/// Reads big-endian fields from a slice; every read is checked.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    what: &'static str,
    bytes: &'a [u8],
    position: usize,
}

macro_rules! unsigned {
    ($($read:ident, $write:ident, $ty:ty, $doc:literal);* $(;)?) => {
        impl Reader<'_> {
            $(
                #[doc = concat!("Reads ", $doc, ".")]
                ///
                /// # Errors
                /// [`DecodeError::Length`] at the end of the bytes.
                pub fn $read(&mut self) -> Result<$ty, DecodeError> {
                    let bytes = self.array::<{ size_of::<$ty>() }>()?;
                    Ok(<$ty>::from_be_bytes(bytes))
                }
            )*
        }
        impl Writer {
            $(
                #[doc = concat!("Writes ", $doc, ".")]
                pub fn $write(&mut self, x: $ty) -> &mut Self {
                    self.0.extend_from_slice(&x.to_be_bytes());
                    self
                }
            )*
        }
    };
}

unsigned! {
    u8, u8, u8, "one byte";
    u16, u16, u16, "two bytes";
    u32, u32, u32, "four bytes";
    u64, u64, u64, "eight bytes";
    u128, u128, u128, "sixteen bytes";
}

impl<'a> Reader<'a> {
    /// A reader of the form named `what`.
    #[must_use]
    pub const fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, bytes, position: 0 }
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when fewer are left.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.position.saturating_add(n);
        let got = self.bytes.len();
        let out =
            self.bytes.get(self.position..end).ok_or(DecodeError::Length { what: self.what, expected: end, got })?;
        self.position = end;
        Ok(out)
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut out = [0u8; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// A 48-bit integer in six bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] at the end of the bytes.
    pub fn u48(&mut self) -> Result<u64, DecodeError> {
        Ok(self.take(6)?.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    /// A boolean in one byte, 0 or 1.
    ///
    /// # Errors
    /// [`DecodeError::Value`] for any other byte.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            got => Err(DecodeError::value("boolean", "0 or 1", got)),
        }
    }

    /// A field element in 32 bytes.
    ///
    /// # Errors
    /// [`DecodeError::Field`] when not below r.
    pub fn field(&mut self) -> Result<Fr, DecodeError> {
        field::from_bytes(&self.array()?)
    }

    /// An address in 20 bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] at the end of the bytes.
    pub fn address(&mut self) -> Result<Address, DecodeError> {
        Ok(Address(self.array()?))
    }

    /// Refuses anything but `n` zero bytes.
    ///
    /// # Errors
    /// [`DecodeError::Value`] when one of them is set.
    pub fn zeros(&mut self, n: usize) -> Result<(), DecodeError> {
        let bytes = self.take(n)?;
        if bytes.iter().all(|b| *b == 0) {
            return Ok(());
        }
        Err(DecodeError::value("padding", "zero bytes", field::hex(bytes)))
    }

    /// A length prefix of four bytes, bounded by what the rest could hold at `each` bytes an element.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when the rest is too short for that many.
    pub fn count(&mut self, each: usize) -> Result<usize, DecodeError> {
        let n = self.u32()? as usize;
        let expected = n.saturating_mul(each);
        if expected > self.remaining() {
            return Err(DecodeError::Length { what: self.what, expected, got: self.remaining() });
        }
        Ok(n)
    }

    /// Bytes not yet read.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// Refuses trailing bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when some are left.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.remaining() == 0 {
            return Ok(());
        }
        Err(DecodeError::Length { what: self.what, expected: self.position, got: self.bytes.len() })
    }
}

/// Appends big-endian fields to a vector.
#[derive(Clone, Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The low 48 bits in six bytes.
    pub fn u48(&mut self, x: u64) -> &mut Self {
        self.raw(&x.to_be_bytes()[2..])
    }

    /// One byte, 0 or 1.
    pub fn bool(&mut self, x: bool) -> &mut Self {
        self.u8(u8::from(x))
    }

    /// A field element in 32 bytes.
    pub fn field(&mut self, x: &Fr) -> &mut Self {
        self.raw(&field::to_bytes(x))
    }

    /// An address in 20 bytes.
    pub fn address(&mut self, x: Address) -> &mut Self {
        self.raw(&x.0)
    }

    /// `n` zero bytes.
    pub fn zeros(&mut self, n: usize) -> &mut Self {
        self.0.resize(self.0.len() + n, 0);
        self
    }

    /// A length prefix of four bytes (lengths above 2^32 - 1 do not occur: capacities are far below).
    pub fn count(&mut self, n: usize) -> &mut Self {
        self.u32(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
