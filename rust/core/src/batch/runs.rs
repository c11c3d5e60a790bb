//! The runs of a chunk's transaction stream: which token and fee token the next transfer has unless a control slot says
//! otherwise, and hence how many data slots an item takes.
//!
//! Twin of the encoder in `da/encode.rs`, which asserts the same number.

use crate::parameters::Kind;
use crate::primitives::amount::pack;
use crate::processor::Execution;

/// The token and the fee token in force; both native at the start of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// Token of the transfers that follow.
    pub token: u16,
    /// Fee token of the transfers and storage writes that follow.
    pub fee_token: u16,
}

impl Runs {
    /// The runs after an item.
    #[must_use]
    pub const fn after(self, execution: &Execution) -> Self {
        match execution.kind {
            Kind::Transfer | Kind::LinkedTransfer => Self { token: execution.token, fee_token: execution.fee_token },
            // a storage write moves no token: native
            Kind::SetStorage => Self { token: 0, fee_token: execution.fee_token },
            _ => self,
        }
    }

    /// Data slots that an item takes here, and the runs after it.
    #[must_use]
    pub fn count(self, execution: &Execution) -> (usize, Self) {
        let after = self.after(execution);
        let own = match execution.kind {
            Kind::Transfer | Kind::LinkedTransfer => {
                let extension = pack(execution.amount).map_or(1, |p| usize::from(p.extension.is_some()));
                1 + extension + 2 * usize::from(execution.created)
            }
            Kind::SetStorage => 4,
            _ => 1,
        };
        (usize::from(after != self) + own, after)
    }
}
