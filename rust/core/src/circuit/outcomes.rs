//! Outcomes of a slot: every combination of kind, creation and absence there is, with the flags that follow from it.
//!
//! The combinations are facts on the bus, three messages each; a slot asks for one outcome and so has flags that are boolean and fit
//! together. What this is not: the clauses of a kind; see `kinds/`.

use ark_bn254::Fr;

use super::builder::{Builder, Tag, Var};
use super::kinds::Kind;

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
    /// The account of a forced exit is absent.
    pub absent: bool,
}

/// Bits of the request for a record of change.
pub mod request {
    /// The account is created.
    pub const CREATED: u64 = 1;
    /// Its key is replaced.
    pub const KEYED: u64 = 2;
    /// It is shown absent.
    pub const ABSENT: u64 = 4;
    /// Its address is posted.
    pub const POSTED: u64 = 8;
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
    plain(Kind::ForcedExit),
    Outcome { kind: Some(Kind::ForcedExit), created: false, absent: true },
];

impl Outcome {
    fn is(&self, kinds: &[Kind]) -> u64 {
        u64::from(self.kind.is_some_and(|k| kinds.contains(&k)))
    }

    /// The flags, by message; [`Flags`] names them.
    fn parts(&self) -> [[Fr; PART]; 3] {
        use Kind::{Deposit, ForcedExit, RegisterKey, SetKey, Transfer, Withdraw};
        let (created, absent) = (u64::from(self.created), u64::from(self.absent));
        let active = u64::from(self.kind.is_some());
        let [transfer, withdraw, forced] = [Transfer, Withdraw, ForcedExit].map(|k| self.is(&[k]));
        let (paid_in, exits) = (self.is(&[Transfer, Deposit]), forced - absent);
        let keyed = self.is(&[SetKey, RegisterKey]);
        let (code, units) = self.kind.map_or((0, 0), |k| (u64::from(k.code()), k.units(self.created)));
        let asks = created * request::CREATED
            + keyed * request::KEYED
            + absent * request::ABSENT
            + created * transfer * request::POSTED;
        let asked = created | keyed | absent;
        let credits = Fr::from(paid_in) - Fr::from(exits);
        let opens = active * (1 - withdraw) * (1 - absent);
        let queue = self.is(&[ForcedExit, Deposit, RegisterKey]);
        [
            [code, transfer, paid_in + exits, transfer + withdraw, self.is(&[SetKey]), created].map(Fr::from),
            [Fr::from(absent), credits, Fr::from(active), Fr::from(exits), Fr::from(opens), Fr::from(asked)],
            [active - transfer, units, created * transfer, asks, withdraw, queue].map(Fr::from),
        ]
    }
}

/// The flags of a slot; all boolean but `code`, `units`, `credits` and `asks`.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// The kind's code in the signed message and in its record. 0 for an inactive slot.
    pub code: Var,
    /// Kind 1.
    pub transfer: Var,
    /// The receiver's balance of the token is read: transfer, deposit, and a forced exit of a live account.
    pub reads: Var,
    /// Signed by EdDSA: transfer or withdraw.
    pub signed: Var,
    /// Kind 3.
    pub set_key: Var,
    /// The slot creates the receiver's account.
    pub created: Var,
    /// A forced exit that pays nothing because the account does not exist.
    pub absent: Var,
    /// 1 where the amount goes to the receiver (transfer, deposit), -1 where it leaves it (forced exit), else 0.
    pub credits: Var,
    /// The slot has a kind.
    pub active: Var,
    /// A forced exit of a live account.
    pub exits: Var,
    /// The receiver's account is opened: every kind but withdraw and a forced exit of an absent account.
    pub opens: Var,
    /// The slot asks for a record of change.
    pub asked: Var,
    /// The slot takes an operation record: every kind but transfer.
    pub operation: Var,
    /// Gas units.
    pub units: Var,
    /// A transfer that creates the receiver's account.
    pub creating_transfer: Var,
    /// What the record of change is asked for, by [`request`]'s bits.
    pub asks: Var,
    /// Kind 2.
    pub withdraw: Var,
    /// The slot consumes a queue entry.
    pub queue: Var,
}

impl Flags {
    /// Asks for an outcome; one that is none leaves the bus unbalanced.
    pub fn ask(b: &mut Builder, outcome: &Outcome) -> Self {
        let number = OUTCOMES.iter().position(|o| o == outcome).map_or(NONE, |i| i as u64);
        let number = b.witness(Fr::from(number));
        let one = b.constant(Fr::from(1u64));
        let [first, second, third] = outcome.parts().map(|part| part.map(|x| b.witness(x)));
        for (tag, part) in TAGS.into_iter().zip([first, second, third]) {
            let [p0, p1, p2, p3, p4, p5] = part;
            b.send(tag, &[number, p0, p1, p2, p3, p4, p5], one);
        }
        let [code, transfer, reads, signed, set_key, created] = first;
        let [absent, credits, active, exits, opens, asked] = second;
        let [operation, units, creating_transfer, asks, withdraw, queue] = third;
        Self {
            code,
            transfer,
            reads,
            signed,
            set_key,
            created,
            absent,
            credits,
            active,
            exits,
            opens,
            asked,
            operation,
            units,
            creating_transfer,
            asks,
            withdraw,
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
                    [Fr::from(number as u64)].into_iter().chain(part).map(|x| b.constant(x)).collect();
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
        for kind in [Kind::ForcedExit, Kind::Transfer, Kind::Withdraw, Kind::SetKey, Kind::Deposit, Kind::RegisterKey] {
            assert!(OUTCOMES.contains(&plain(kind)), "{kind:?}");
        }
        for (i, outcome) in OUTCOMES.iter().enumerate() {
            assert!(!OUTCOMES[..i].contains(outcome));
            let [_, second, third] = outcome.parts();
            // asked exactly where something is asked
            assert_eq!(second[5] == Fr::from(1u64), third[3] != Fr::from(0u64));
        }
    }
}
