//! The byte form of a whole state: leaves only, in index order; hashes are rebuilt on reading.
//!
//! What it is not: trusted. The reader checks ranges and the list, and the caller compares the root with a proven one.

use ark_ff::Zero;

use super::account::Account;
use super::store::State;
use crate::parameters::WORD_BITS;
use crate::primitives::field::is_below_power_of_two;
use crate::primitives::{Address, DecodeError, Reader, Writer};

/// Bytes of one account.
const ACCOUNT_BYTES: usize = 20 + 1 + 21 + 64 + 16 + 6 + 4;

impl State {
    /// Writes the state.
    pub fn write(&self, w: &mut Writer) {
        w.count(self.accounts.len());
        for a in &self.accounts {
            w.address(a.address).u8(a.scheme).bool(a.next.is_some()).address(a.next.unwrap_or_default());
            w.field(&a.key.0).field(&a.key.1).u128(a.balance).u48(a.nonce).u32(a.flags);
        }
        for trees in [&self.balances, &self.storage] {
            let mut rows: Vec<_> = trees.iter().flat_map(|(i, t)| t.values().map(move |(p, v)| (*i, p, v))).collect();
            rows.sort_unstable_by_key(|(i, p, _)| (*i, *p));
            w.count(rows.len());
            for (index, position, value) in rows {
                w.u32(index).u16(position).field(&value);
            }
        }
    }

    /// Reads a state and rebuilds its trees.
    ///
    /// # Errors
    /// [`DecodeError`] when a value is out of range, a link is wrong, or an entry belongs to no account.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let accounts: Vec<Account> = (0..r.count(ACCOUNT_BYTES)?).map(|_| read_account(r)).collect::<Result<_, _>>()?;
        if accounts.first() != Some(&Account::new(Address::ZERO, accounts.first().and_then(|a| a.next))) {
            return Err(DecodeError::value("snapshot", "a sentinel that is nothing but a link", accounts.len()));
        }
        if let Some(account) = accounts[1..].iter().find(|a| a.address.is_reserved()) {
            return Err(DecodeError::value("account", "an address of at least 2^16", account.address));
        }
        let mut state = Self::from_accounts(accounts);
        state.check_list().map_err(|e| DecodeError::value("snapshot list", "a consistent one", e))?;
        for (bits, is_balance) in [(128, true), (WORD_BITS, false)] {
            let mut last = None;
            for _ in 0..r.count(38)? {
                let (index, position, value) = (r.u32()?, r.u16()?, r.field()?);
                let in_use = index != 0 && u64::from(index) < state.count() && !(is_balance && position == 0);
                if !in_use || value.is_zero() || !is_below_power_of_two(&value, bits) || last >= Some((index, position))
                {
                    let got = format!("entry ({index}, {position})");
                    return Err(DecodeError::value("snapshot value", "ordered non-zero values of accounts", got));
                }
                last = Some((index, position));
                let trees = if is_balance { &mut state.balances } else { &mut state.storage };
                trees.entry(index).or_default().set(position, value);
            }
        }
        state.rehash();
        Ok(state)
    }
}

fn read_account(r: &mut Reader<'_>) -> Result<Account, DecodeError> {
    let (address, scheme, has_next, next) = (r.address()?, r.u8()?, r.bool()?, r.address()?);
    if !has_next && next != Address::ZERO {
        return Err(DecodeError::value("next address at the list's end", Address::ZERO, next));
    }
    let account = Account {
        address,
        scheme,
        next: has_next.then_some(next),
        key: (r.field()?, r.field()?),
        balance: r.u128()?,
        nonce: r.u48()?,
        flags: r.u32()?,
    };
    if scheme > 1 || account.flags != 0 || (scheme == 0) != (account.key.0.is_zero() && account.key.1.is_zero()) {
        return Err(DecodeError::value("account", "scheme 0 without key or 1 with key, flags 0", scheme));
    }
    Ok(account)
}
