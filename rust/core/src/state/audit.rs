//! The audit: rebuilds every hash from the leaves and compares, and walks the list of addresses.

use std::collections::HashMap;

use super::store::{State, StateError};
use crate::primitives::field;
use crate::primitives::Address;

impl State {
    /// Rebuilds the trees from the leaves and compares the root; checks links, index and ranges.
    ///
    /// # Errors
    /// [`StateError::Inconsistent`] naming the first difference.
    pub fn audit(&mut self) -> Result<(), StateError> {
        self.check_list()?;
        let mut fresh = Self::from_accounts(self.accounts.clone());
        copy_values(self, &mut fresh);
        let (expected, got) = (fresh.root(), self.root());
        if expected != got {
            let show = |x| field::hex(&field::to_bytes(x));
            return Err(StateError::Inconsistent { what: "root", expected: show(&expected), got: show(&got) });
        }
        Ok(())
    }

    /// Walks next_address from the sentinel: strictly rising, every account once.
    pub(super) fn check_list(&self) -> Result<(), StateError> {
        let wrong = |what, expected: String, got: String| Err(StateError::Inconsistent { what, expected, got });
        let mut at = 0u32;
        let mut steps = 1;
        while let Some(next) = self.accounts[at as usize].next {
            let Some(index) = self.index_of(next) else {
                return wrong("list", format!("an account at {next}"), "none".into());
            };
            if next <= self.accounts[at as usize].address || self.accounts[index as usize].address != next {
                return wrong("list", "rising addresses".into(), next.to_string());
            }
            at = index;
            steps += 1;
        }
        if steps != self.accounts.len() || self.by_address.len() != self.accounts.len() {
            return wrong("list length", self.accounts.len().to_string(), steps.to_string());
        }
        if self.accounts[0].address != Address::ZERO || self.accounts[0].scheme != 0 {
            return wrong("sentinel", "address zero, scheme 0".into(), self.accounts[0].address.to_string());
        }
        Ok(())
    }

    /// Sum of every token over all accounts; native is token 0.
    #[must_use]
    pub fn totals(&self) -> HashMap<u16, u128> {
        let mut totals = HashMap::new();
        for account in self.accounts.iter().skip(1) {
            let total = totals.entry(0).or_insert(0u128);
            *total = total.saturating_add(account.balance);
        }
        for (_, token, value) in self.token_balances() {
            let total = totals.entry(token).or_insert(0u128);
            *total = total.saturating_add(value);
        }
        totals.retain(|_, total| *total != 0);
        totals
    }
}

pub(super) fn copy_values(from: &State, to: &mut State) {
    for (source, target) in [(&from.balances, &mut to.balances), (&from.storage, &mut to.storage)] {
        for (index, tree) in source {
            let copy = target.entry(*index).or_default();
            tree.values().for_each(|(position, value)| copy.set(position, value));
        }
    }
}
