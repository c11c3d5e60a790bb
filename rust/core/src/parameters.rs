//! Numbers and codes of the protocol that more than one module needs; each is fixed by `docs/spec`.
//!
//! What it is not: configuration. Nothing here can be changed without a new circuit and new contracts.

use thiserror::Error;

/// Levels of the quaternary account tree: 4^16 = 2^32 leaves.
pub const ACCOUNT_DEPTH: u8 = 16;
/// Levels of a quaternary balance or storage tree: 4^8 = 2^16 leaves.
pub const SUBTREE_DEPTH: u8 = 8;
/// Levels of the quaternary id tree of a batch: 4^8 = 2^16 items.
pub const ID_DEPTH: u8 = 8;
/// Items a batch can hold (leaves of its id tree).
pub const MAX_BATCH_ITEMS: u64 = 1 << 16;
/// Fee tokens a chunk can list, native included.
pub const LISTED_TOKENS: usize = 4;
/// Addresses below this are system addresses, never accounts or recipients.
pub const FIRST_ADDRESS: u128 = 1 << 16;
/// Bits of a nonce.
pub const NONCE_BITS: u32 = 48;
/// Bits of a word of a data stream.
pub const WORD_BITS: u32 = 240;
/// Bytes of a word of a data stream.
pub const WORD_BYTES: usize = 30;
/// Bytes of a data slot of the transaction stream.
pub const DATA_SLOT_BYTES: usize = 12;
/// Words of an operation record.
pub const RECORD_WORDS: usize = 5;
/// Bytes of an operation record.
pub const RECORD_BYTES: usize = RECORD_WORDS * WORD_BYTES;
/// Words of a chunk header.
pub const HEADER_WORDS: usize = 2;
/// Version in the chunk header.
pub const STREAM_VERSION: u16 = 1;
/// Tree identifier of the account tree in facts and witnesses.
pub const ACCOUNT_TREE: u64 = 0;

/// Tree identifier of the balance tree of account `index`.
#[must_use]
pub const fn balance_tree(index: u32) -> u64 {
    2 + 4 * index as u64
}

/// Tree identifier of the storage tree of account `index`.
#[must_use]
pub const fn storage_tree(index: u32) -> u64 {
    3 + 4 * index as u64
}

/// A kind code that names no kind.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("unknown kind: expected a code in 0..=9, got {0}")]
pub struct UnknownKind(pub u8);

/// What an item of a chunk does (`docs/spec/transactions.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Outcome of a forced exit whose account is absent or has nothing to pay.
    Noop = 0,
    /// Amount moves from the sender to the recipient, whose account it may create.
    Transfer = 1,
    /// Amount leaves for an L1 recipient.
    Withdraw = 2,
    /// The owner sets the key by an EIP-712 signature.
    SetKey = 3,
    /// The owner writes a storage slot.
    SetStorage = 4,
    /// L1 queue: credits an account, creating it if absent.
    Deposit = 5,
    /// L1 queue: sets a key, creating the account if absent.
    RegisterKey = 6,
    /// L1 queue: pays the whole balance of a token.
    ForcedExit = 7,
    /// A transfer that happens with its group or not at all.
    LinkedTransfer = 8,
    /// The owner replaces the key, by an EdDSA signature under the present one.
    RotateKey = 9,
}

impl Kind {
    /// Every kind, by code.
    pub const ALL: [Self; 10] = [
        Self::Noop,
        Self::Transfer,
        Self::Withdraw,
        Self::SetKey,
        Self::SetStorage,
        Self::Deposit,
        Self::RegisterKey,
        Self::ForcedExit,
        Self::LinkedTransfer,
        Self::RotateKey,
    ];

    /// The code of the kind on the wire and in the circuit.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Gas units of the kind; `creates` matters for transfers only.
    #[must_use]
    pub const fn units(self, creates: bool) -> u64 {
        match self {
            // what L1 reads of both is the same, so what they cost is
            Self::Transfer | Self::LinkedTransfer => {
                if creates {
                    250
                } else {
                    100
                }
            }
            Self::Withdraw | Self::RotateKey => 400,
            Self::SetStorage => 150,
            Self::Noop | Self::SetKey | Self::Deposit | Self::RegisterKey | Self::ForcedExit => 0,
        }
    }

    /// True for kinds that consume an L1 queue entry.
    #[must_use]
    pub const fn is_queue(self) -> bool {
        matches!(self, Self::Noop | Self::Deposit | Self::RegisterKey | Self::ForcedExit)
    }

    /// True for kinds that put a record on the operation stream.
    #[must_use]
    pub const fn is_operation(self) -> bool {
        !matches!(self, Self::Transfer | Self::LinkedTransfer | Self::SetStorage)
    }

    /// True for kinds that an account sends: transfers, withdraw, set_storage, and keys that it sets or replaces itself.
    #[must_use]
    pub const fn is_user(self) -> bool {
        !self.is_queue()
    }

    /// Transfer and linked_transfer.
    #[must_use]
    pub const fn is_transfer(self) -> bool {
        matches!(self, Self::Transfer | Self::LinkedTransfer)
    }

    /// Kinds that set a key.
    #[must_use]
    pub const fn sets_key(self) -> bool {
        matches!(self, Self::SetKey | Self::RegisterKey | Self::RotateKey)
    }

    /// Kinds that the account signs by EdDSA: all it sends but set_key, whose signature L1 checks.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        self.is_user() && !matches!(self, Self::SetKey)
    }

    /// Kinds whose signed message holds a hash of arguments, or a group's.
    #[must_use]
    pub const fn has_arguments(self) -> bool {
        matches!(self, Self::SetKey | Self::RotateKey | Self::SetStorage | Self::LinkedTransfer)
    }

    /// The code written in the operation record: a noop is a forced exit with amount 0.
    #[must_use]
    pub const fn record_code(self) -> u8 {
        match self {
            Self::Noop => Self::ForcedExit.code(),
            other => other.code(),
        }
    }
}

impl TryFrom<u8> for Kind {
    type Error = UnknownKind;

    fn try_from(code: u8) -> Result<Self, UnknownKind> {
        Self::ALL.get(usize::from(code)).copied().ok_or(UnknownKind(code))
    }
}
