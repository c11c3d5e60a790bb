//! Outcomes of a slot: every combination of kind, creation and absence there is, with the flags that follow from it.
//!
//! The combinations are facts on the bus, four messages each; a slot asks for one outcome and so has flags that are boolean and fit
//! together. What this is not: the clauses of a kind; see `kinds/`.

use ark_bn254::Fr;

use super::builder::{Builder, Fourth, Tag, Var};
use super::changes::SLOT_BITS;
use super::expression::pow2;
use super::kinds::Kind;

/// Elements of a long message beside the outcome's number, and of the short one.
const PART: usize = 6;
const REST: usize = 3;
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

/// The weight of queue entries in a slot's tally; items weigh 1.
pub const QUEUE_TALLY: u64 = 1 << 16;

const fn plain(kind: Kind) -> Outcome {
    Outcome { kind: Some(kind), created: false, absent: false }
}

const fn creating(kind: Kind) -> Outcome {
    Outcome { kind: Some(kind), created: true, absent: false }
}

/// All outcomes; the place is the number.
pub const OUTCOMES: [Outcome; 15] = [
    Outcome { kind: None, created: false, absent: false },
    plain(Kind::Transfer),
    creating(Kind::Transfer),
    plain(Kind::LinkedTransfer),
    creating(Kind::LinkedTransfer),
    plain(Kind::Withdraw),
    plain(Kind::SetKey),
    plain(Kind::RotateKey),
    plain(Kind::SetStorage),
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
    fn parts(&self) -> ([[Fr; PART]; 3], [Fr; REST]) {
        use Kind::{Deposit, ForcedExit, LinkedTransfer, RegisterKey, SetKey, SetStorage, Withdraw};
        let (created, absent) = (u64::from(self.created), u64::from(self.absent));
        let active = u64::from(self.kind.is_some());
        let has = |property: fn(Kind) -> bool| u64::from(self.kind.is_some_and(property));
        let (transfer, signed) = (has(Kind::is_transfer), has(Kind::is_signed));
        let (keyed, arguments) = (has(Kind::sets_key), has(Kind::has_arguments));
        let [linked, withdraw, forced, storage] = [LinkedTransfer, Withdraw, ForcedExit, SetStorage].map(|k| self.is(&[k]));
        let (paid_in, live_exit) = (transfer + self.is(&[Deposit]), forced - absent);
        let (code, units) = self.kind.map_or((0, 0), |k| (u64::from(k.code()), k.units(self.created)));
        let asks = created * request::CREATED
            + keyed * request::KEYED
            + absent * request::ABSENT
            + created * transfer * request::POSTED;
        let asked = created | keyed | absent;
        // an absent account is credited what it is not paid: the balance after is then 0 only if both are
        let credits = Fr::from(paid_in + absent) - Fr::from(live_exit);
        let opens = active * (1 - withdraw) * (1 - absent) * (1 - storage);
        let queue = self.is(&[ForcedExit, Deposit, RegisterKey]);
        let advance = active + 2 * created * transfer + 3 * storage;
        let own = active - transfer - withdraw;
        let set_key = self.is(&[SetKey]);
        let long = [
            [Fr::from(code), Fr::from(transfer + storage), Fr::from(paid_in + live_exit), Fr::from(signed), Fr::from(set_key), credits],
            [active, forced, opens, asked, active - transfer, units].map(Fr::from),
            [Fr::from(advance), Fr::from(asks) * pow2(SLOT_BITS), Fr::from(withdraw), Fr::from(queue), Fr::from(own), Fr::from(arguments)],
        ];
        (long, [Fr::from(linked), Fr::from(storage), Fr::from(active + QUEUE_TALLY * queue)])
    }
}

/// The flags of a slot; all boolean but `code`, `units`, `credits`, `advance`, `asks` and `tally`.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// The kind's code in the signed message and in its record. 0 for an inactive slot.
    pub code: Var,
    /// The slot has a token and a fee token of its own, as a run says them: transfers and set_storage.
    pub paired: Var,
    /// The receiver's balance of the token is read: transfers, deposit, and a forced exit of a live account.
    pub reads: Var,
    /// Signed by EdDSA.
    pub signed: Var,
    /// Kind 3.
    pub set_key: Var,
    /// 1 where the amount goes to the receiver (transfers, deposit, and 0 to an absent account), -1 where it leaves it (forced exit
    /// of a live one), else 0.
    pub credits: Var,
    /// The slot has a kind.
    pub active: Var,
    /// A forced exit.
    pub exits: Var,
    /// The receiver's account is opened: every kind but withdraw, set_storage and a forced exit of an absent account.
    pub opens: Var,
    /// The slot asks for a record of change.
    pub asked: Var,
    /// The slot has a record in another table: every kind but transfers.
    pub recorded: Var,
    /// Gas units.
    pub units: Var,
    /// Data slots that the slot posts beside a run and an extension.
    pub advance: Var,
    /// What the record of change is asked for, by [`request`]'s bits, above the bits of a slot number.
    pub asks: Var,
    /// Kind 2.
    pub withdraw: Var,
    /// The slot consumes a queue entry.
    pub queue: Var,
    /// `to` is the account that acts: every kind but transfers and withdraw.
    pub own: Var,
    /// The message has a hash of arguments.
    pub arguments: Var,
    /// The arguments are those of a group.
    pub linked: Var,
    /// Kind 4.
    pub storage: Var,
    /// What the slot adds to the number of items, and [`QUEUE_TALLY`] times to that of queue entries.
    pub tally: Var,
}

impl Flags {
    /// Asks for an outcome; one that is none leaves the bus unbalanced.
    pub fn ask(b: &mut Builder, outcome: &Outcome) -> Self {
        let number = OUTCOMES.iter().position(|o| o == outcome).map_or(NONE, |i| i as u64);
        let number = b.witness(Fr::from(number));
        let one = b.constant(Fr::from(1u64));
        let (long, rest) = outcome.parts();
        let [first, second, third] = long.map(|part| part.map(|x| b.witness(x)));
        for (tag, part) in TAGS.into_iter().zip([first, second, third]) {
            let [p0, p1, p2, p3, p4, p5] = part;
            b.send(tag, &[number, p0, p1, p2, p3, p4, p5], one);
        }
        let rest = rest.map(|x| b.witness(x));
        b.send_four(Tag::Outcome3, rest, Fourth::Small(number), one);
        let [code, paired, reads, signed, set_key, credits] = first;
        let [active, exits, opens, asked, recorded, units] = second;
        let [advance, asks, withdraw, queue, own, arguments] = third;
        let [linked, storage, tally] = rest;
        Self {
            code,
            paired,
            reads,
            signed,
            set_key,
            credits,
            active,
            exits,
            opens,
            asked,
            recorded,
            units,
            advance,
            asks,
            withdraw,
            queue,
            own,
            arguments,
            linked,
            storage,
            tally,
        }
    }
}

/// Provides every outcome.
pub fn table(b: &mut Builder) {
    b.scope("outcomes", |b| {
        for (number, outcome) in OUTCOMES.iter().enumerate() {
            let (long, rest) = outcome.parts();
            for (tag, part) in TAGS.into_iter().zip(long) {
                let payload: Vec<Var> =
                    [Fr::from(number as u64)].into_iter().chain(part).map(|x| b.constant(x)).collect();
                b.provide(tag, &payload);
            }
            let rest = rest.map(|x| b.constant(x));
            b.provide_four(Tag::Outcome3, rest, Fr::from(number as u64));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_shape_has_an_outcome() {
        // a noop is a forced exit of nothing
        for kind in Kind::ALL.into_iter().filter(|k| *k != Kind::Noop) {
            assert!(OUTCOMES.contains(&plain(kind)), "{kind:?}");
        }
        for (i, outcome) in OUTCOMES.iter().enumerate() {
            assert!(!OUTCOMES[..i].contains(outcome));
            let ([_, second, third], _) = outcome.parts();
            // asked exactly where something is asked
            assert_eq!(second[3] == Fr::from(1u64), third[1] != Fr::from(0u64));
        }
    }
}
