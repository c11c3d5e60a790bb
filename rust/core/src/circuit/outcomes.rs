//! Outcomes of a slot: every combination of kind, creation and absence there is, with the flags that follow from it.
//!
//! The combinations are facts on the bus, three messages each; a slot asks for one outcome and so has flags that are boolean and fit
//! together. What this is not: the clauses of a kind; see `kinds/`.

use ark_bn254::Fr;

use super::builder::{Builder, Tag, Var};
use super::kinds::{self, Kind};

/// Elements of one message beside the outcome's number.
const PART: usize = 6;
/// A number that no outcome has.
const NONE: u64 = 99;
const TAGS: [Tag; 3] = [Tag::Outcome0, Tag::Outcome1, Tag::Outcome2];

/// What happens in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// None: an inactive slot.
    pub kind: Option<Kind>,
    /// The receiver's account is created.
    pub created: bool,
    /// The account of a no-op is absent.
    pub absent: bool,
}

const fn plain(kind: Kind) -> Outcome {
    Outcome { kind: Some(kind), created: false, absent: false }
}

const fn creating(kind: Kind) -> Outcome {
    Outcome { kind: Some(kind), created: true, absent: false }
}

/// All outcomes; the place is the number.
pub const OUTCOMES: [Outcome; 11] = [
    Outcome { kind: None, created: false, absent: false },
    plain(Kind::Transfer),
    creating(Kind::Transfer),
    plain(Kind::Withdraw),
    plain(Kind::SetKey),
    plain(Kind::Deposit),
    creating(Kind::Deposit),
    plain(Kind::RegisterKey),
    creating(Kind::RegisterKey),
    plain(Kind::Noop),
    Outcome { kind: Some(Kind::Noop), created: false, absent: true },
];

impl Outcome {
    fn is(&self, kinds: &[Kind]) -> u64 {
        u64::from(self.kind.is_some_and(|k| kinds.contains(&k)))
    }

    fn code(&self) -> u64 {
        match self.kind {
            None => 0,
            // posted as a forced exit that pays nothing
            Some(Kind::Noop) => kinds::noop::RECORD_CODE,
            Some(kind) => u64::from(kind.code()),
        }
    }

    /// The flags, by message; [`Flags`] names them.
    fn parts(&self) -> [[u64; PART]; 3] {
        use Kind::{Deposit, Noop, RegisterKey, SetKey, Transfer, Withdraw};
        let (created, absent) = (u64::from(self.created), u64::from(self.absent));
        let active = u64::from(self.kind.is_some());
        let [transfer, withdraw, noop] = [Transfer, Withdraw, Noop].map(|k| self.is(&[k]));
        let credits = self.is(&[Transfer, Deposit]);
        let keyed = self.is(&[SetKey, RegisterKey]);
        let units = self.kind.map_or(0, |k| k.units(self.created));
        let changed = created | keyed;
        [
            [self.code(), transfer, credits + noop - absent, transfer + withdraw, self.is(&[SetKey]), keyed],
            [created, absent, credits, active, noop, active * (1 - withdraw) * (1 - absent)],
            [
                active - transfer,
                units,
                created * transfer,
                changed,
                changed | absent,
                self.is(&[Noop, Deposit, RegisterKey]),
            ],
        ]
    }
}

/// The flags of a slot; all boolean but `code` and `units`.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// The kind's code in the signed message and in its record: a no-op is posted as forced_exit. 0 for an inactive slot.
    pub code: Var,
    /// Kind 1.
    pub transfer: Var,
    /// The receiver's balance of the token is read: transfer, deposit, and a no-op for a live account.
    pub reads: Var,
    /// Signed by EdDSA: transfer or withdraw, which is `signed` without `transfer`.
    pub signed: Var,
    /// Kind 3.
    pub set_key: Var,
    /// The receiver's key is replaced: set_key or register_key.
    pub keyed: Var,
    /// The slot creates the receiver's account.
    pub created: Var,
    /// A no-op because the account does not exist.
    pub absent: Var,
    /// Amount goes to the receiver: transfer or deposit.
    pub credits: Var,
    /// The slot has a kind.
    pub active: Var,
    /// Kind 0.
    pub noop: Var,
    /// The receiver's account is opened: every kind but withdraw and a no-op for an absent account.
    pub opens: Var,
    /// The slot takes an operation record: every kind but transfer.
    pub operation: Var,
    /// Gas units.
    pub units: Var,
    /// A transfer that creates the receiver's account.
    pub creating_transfer: Var,
    /// static of the receiver changes: created or keyed.
    pub changed: Var,
    /// The slot asks for a record of change: changed or absent.
    pub asked: Var,
    /// The slot consumes a queue entry.
    pub queue: Var,
}

impl Flags {
    /// Asks for an outcome; one that is none leaves the bus unbalanced.
    pub fn ask(b: &mut Builder, outcome: &Outcome) -> Self {
        let number = OUTCOMES.iter().position(|o| o == outcome).map_or(NONE, |i| i as u64);
        let number = b.witness(Fr::from(number));
        let one = b.constant(Fr::from(1u64));
        let [first, second, third] = outcome.parts().map(|part| part.map(|x| b.witness(Fr::from(x))));
        for (tag, part) in TAGS.into_iter().zip([first, second, third]) {
            let [p0, p1, p2, p3, p4, p5] = part;
            b.send(tag, &[number, p0, p1, p2, p3, p4, p5], one);
        }
        let [code, transfer, reads, signed, set_key, keyed] = first;
        let [created, absent, credits, active, noop, opens] = second;
        let [operation, units, creating_transfer, changed, asked, queue] = third;
        Self {
            code,
            transfer,
            reads,
            signed,
            set_key,
            keyed,
            created,
            absent,
            credits,
            active,
            noop,
            opens,
            operation,
            units,
            creating_transfer,
            changed,
            asked,
            queue,
        }
    }
}

/// Provides every outcome.
pub fn table(b: &mut Builder) {
    b.scope("outcomes", |b| {
        for (number, outcome) in OUTCOMES.iter().enumerate() {
            for (tag, part) in TAGS.into_iter().zip(outcome.parts()) {
                let payload: Vec<Var> =
                    [number as u64].into_iter().chain(part).map(|x| b.constant(Fr::from(x))).collect();
                b.provide(tag, &payload);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_shape_has_an_outcome() {
        for kind in [Kind::Noop, Kind::Transfer, Kind::Withdraw, Kind::SetKey, Kind::Deposit, Kind::RegisterKey] {
            assert!(OUTCOMES.contains(&plain(kind)), "{kind:?}");
        }
        for (i, outcome) in OUTCOMES.iter().enumerate() {
            assert!(!OUTCOMES[..i].contains(outcome));
            let [_, _, third] = outcome.parts();
            assert!(third[0] <= 1 && third[3] <= third[4]);
        }
    }
}
