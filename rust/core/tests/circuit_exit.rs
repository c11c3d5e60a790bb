//! The exit circuit: what holds natively holds in constraints, what does not is refused by both, and every cell is bound.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use ark_ff::{Field, Zero};
use l2rollup_core::circuit::exit::relation::{BLOCKS, ROWS};
use l2rollup_core::circuit::exit::{assign, fixed, hash, relation, Exit, SLOTS};
use l2rollup_core::primitives::field::power_of_two;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::state::State;
use plonk::arithmetization::mutation::Mutator;
use plonk::{check, keygen, prove, verify, Progress, Srs, VerifyError};
use rayon::prelude::*;

const SHIPPED: &[u8] = include_bytes!("../../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

fn address(i: u64) -> Address {
    let mut bytes = [0x11; 20];
    bytes[12..].copy_from_slice(&(i * 0x0123_4567_89ab).to_be_bytes());
    Address(bytes)
}

/// Accounts with and without key, nonces, native and token balances.
fn state(accounts: u64) -> State {
    let mut state = State::genesis();
    for i in 1..=accounts {
        let index = state.create(address(i)).unwrap();
        let mut account = state.account(index).unwrap().clone();
        account.balance = u128::from(i) << 70 | 5;
        account.nonce = (1 << 48) - i;
        if i % 2 == 1 {
            account.scheme = 1;
            account.key = (Fr::from(i + 10), Fr::from(i + 20));
        }
        state.set_account(index, account);
        state.set_balance(index, 3, u128::from(i) + 7);
        state.set_balance(index, u16::MAX, u128::MAX >> (8 + i % 3));
    }
    state
}

fn exit(state: &mut State, i: u64, token: u16) -> Exit {
    let proof = state.prove(address(i), None, None);
    let balance = state.prove_balance(proof.index, token);
    Exit::new(&proof, &balance).unwrap()
}

/// Whether the constraints accept these exits, in a proof of `slots`.
fn holds(slots: usize, exits: &[Exit], root: Fr) -> bool {
    let witness = assign(slots, exits, root).unwrap();
    check(&relation(slots), &fixed(slots), &witness, 1).is_empty()
}

#[test]
fn the_permutation_is_the_permutation() {
    for seed in 1..20u64 {
        let x = core::array::from_fn(|i| Fr::from(seed).pow([100 + i as u64]));
        let mut state = x;
        l2rollup_core::poseidon::permutation::permute(&mut state);
        let (rows, out) = hash::fill(&x);
        assert_eq!(out, state);
        assert_eq!(rows[0], x);
    }
}

#[test]
fn every_balance_of_a_state_leaves() {
    let mut state = state(9);
    let root = state.root();
    let exits: Vec<Exit> = (1..=9).flat_map(|i| [0, 3, u16::MAX].map(|token| exit(&mut state, i, token))).collect();
    for e in &exits {
        e.check(&root).unwrap();
    }
    assert_eq!(exits[0].amount(), 1 << 70 | 5);
    assert_eq!(exits[1].amount(), 8);
    assert_eq!(exits[0].owner(), address(1).to_field());
    assert!(check(&relation(SLOTS), &fixed(SLOTS), &assign(SLOTS, &exits, root).unwrap(), 4).is_empty());
    // A balance of nothing, too: the contract decides that it is no exit.
    let nothing = exit(&mut state, 2, 9);
    nothing.check(&root).unwrap();
    assert!(holds(1, &[nothing], root));
}

#[test]
fn a_proof_of_several_exits_verifies_for_its_inputs_alone() {
    let mut state = state(3);
    let root = state.root();
    let exits: Vec<Exit> = [(1, 0), (2, 3), (3, u16::MAX)].iter().map(|(i, t)| exit(&mut state, *i, *t)).collect();
    let srs = Srs::from_compressed_bytes(SHIPPED).unwrap();
    let key = keygen(&relation(SLOTS), &fixed(SLOTS), &srs).unwrap();
    let witness = assign(SLOTS, &exits, root).unwrap();
    let proof = prove(&key, &witness, Progress::default()).unwrap();
    verify(&key.vk, &witness.instance, &proof).unwrap();
    // every input of a used slot is bound
    for input in 0..5 {
        for slot in 0..3 {
            let mut instance = witness.instance.clone();
            instance[input * SLOTS + slot] += Fr::ONE;
            assert!(matches!(verify(&key.vk, &instance, &proof), Err(VerifyError::Rejected(_))), "{input} {slot}");
        }
    }
}

/// Changes that make an exit false; each is refused natively and by the constraints.
#[test]
fn both_refuse_what_is_false() {
    let mut state = state(6);
    let root = state.root();
    type Change = (&'static str, u16, fn(&mut Exit));
    let changes: [Change; 20] = [
        ("another owner", 3, |e| e.identity[0] += Fr::ONE),
        ("scheme 2", 3, |e| e.identity[0] += power_of_two(161)),
        ("another next address", 3, |e| e.identity[1] += Fr::ONE),
        ("another key", 3, |e| e.identity[2] += Fr::ONE),
        ("another key's other half", 3, |e| e.identity[3] += Fr::ONE),
        ("more of a token", 3, |e| e.value += Fr::ONE),
        ("more ETH", 0, |e| e.dynamic += Fr::ONE),
        ("2^128 more of a token", 3, |e| e.value += power_of_two(128)),
        ("a token where ETH is", 0, |e| e.value += Fr::ONE),
        ("another storage root", 3, |e| e.storage_root += Fr::ONE),
        ("another index", 3, |e| e.index ^= 1),
        ("an index far away", 3, |e| e.index ^= 1 << 31),
        ("another token", 3, |e| e.token ^= 1),
        ("a token far away", 3, |e| e.token ^= 1 << 15),
        ("the native bit", 3, |e| e.token = 0),
        ("a sibling of the first level", 3, |e| e.accounts[0][((e.index + 1) & 3) as usize] += Fr::ONE),
        ("a sibling of the last level", 3, |e| e.accounts[15][3] += Fr::ONE),
        ("a sibling of the token", 3, |e| e.balances[0][0] += Fr::ONE),
        ("a sibling below the balances root", 3, |e| e.balances[7][2] += Fr::ONE),
        ("a nonce beyond the range", 0, |e| e.dynamic += power_of_two(128 + 61)),
    ];
    for (what, token, change) in changes {
        let mut e = exit(&mut state, 5, token);
        assert!(holds(1, std::slice::from_ref(&e), root), "{what}: before");
        change(&mut e);
        assert!(e.check(&root).is_err(), "{what}: natively");
        assert!(!holds(1, &[e], root), "{what}: in constraints");
    }
    let e = exit(&mut state, 5, 3);
    assert!(e.check(&(root + Fr::ONE)).is_err());
    assert!(!holds(1, std::slice::from_ref(&e), root + Fr::ONE), "another root");
}

/// A state whose leaf has a value that the account reader takes and the circuit does not: it is refused, never misread.
#[test]
fn high_bits_are_refused_and_not_cut_off() {
    let mut state = state(3);
    let index = state.index_of(address(2)).unwrap();
    let mut account = state.account(index).unwrap().clone();
    account.flags = 1 << 12;
    state.set_account(index, account);
    let root = state.root();
    let native = exit(&mut state, 2, 0);
    assert!(native.check(&root).is_err());
    assert!(!holds(1, &[native], root), "60 bits of nonce and flags");
    let token = exit(&mut state, 2, 3);
    token.check(&root).unwrap();
    assert!(holds(1, &[token], root), "a token's exit does not read them");
}

/// Public inputs that lie about a true exit.
#[test]
fn inputs_are_what_the_cells_say() {
    let mut state = state(4);
    let root = state.root();
    for token in [0, 3] {
        let e = exit(&mut state, 3, token);
        let honest = assign(1, std::slice::from_ref(&e), root).unwrap();
        for (input, more) in [(0, 0), (1, 0), (1, 16), (1, 17), (1, 48), (1, 49), (2, 0), (2, 159), (2, 161), (3, 0), (3, 128), (4, 0)] {
            let mut witness = honest.clone();
            witness.instance[input] += power_of_two(more);
            // the native balance is not read where a token leaves: the contract gives 0
            let ignored = input == 3 && token != 0;
            assert_eq!(check(&relation(1), &fixed(1), &witness, 1).is_empty(), ignored, "input {input} + 2^{more}");
        }
    }
    // The scheme's bit as part of the owner: no address, the contract gives 160 bits.
    let e = exit(&mut state, 3, 3);
    let mut witness = assign(1, &[e], root).unwrap();
    witness.instance[2] += power_of_two(160);
    assert!(check(&relation(1), &fixed(1), &witness, 1).is_empty());
}

/// A slot with root 0 shows nothing; one with a root and other zeros is refused.
#[test]
fn unused_slots_show_nothing() {
    let mut state = state(2);
    let root = state.root();
    let e = exit(&mut state, 1, 3);
    let mut witness = assign(2, &[e], root).unwrap();
    assert!(check(&relation(2), &fixed(2), &witness, 1).is_empty());
    assert!(witness.instance.iter().skip(1).step_by(2).all(Zero::is_zero));
    witness.instance[9] = root;
    assert!(!check(&relation(2), &fixed(2), &witness, 1).is_empty(), "an unused slot under the root");
}

#[test]
fn no_more_than_the_slots() {
    let mut state = state(1);
    let root = state.root();
    let e = exit(&mut state, 1, 0);
    assert!(assign(1, &[e.clone(), e], root).is_err());
    assert!(assign(1, &[], root).is_err());
}

#[test]
fn every_cell_is_bound() {
    let mut state = state(6);
    let root = state.root();
    for token in [0, 3] {
        let e = exit(&mut state, 5, token);
        let (relation, fixed) = (relation(1), fixed(1));
        let witness = assign(1, &[e], root).unwrap();
        assert!(check(&relation, &fixed, &witness, 1).is_empty());
        let mutator = Mutator::new(&relation, &fixed, &witness);
        let free: HashSet<(usize, usize)> = (0..relation.advice * ROWS)
            .into_par_iter()
            .map(|i| (i / ROWS, i % ROWS))
            .filter(|(c, r)| {
                let value = witness.advice[*c][*r];
                ![value + Fr::from(7u64), Fr::ONE - value]
                    .into_iter()
                    .all(|other| other == value || mutator.is_refused((*c, *r), other))
            })
            .collect();
        for (column, row) in &free {
            let (block, row) = (row / hash::BLOCK % BLOCKS, row % hash::BLOCK);
            let idle = block > 26;
            let why = match column {
                // digits stand on the last rows of some blocks; elsewhere below the output nothing reads these cells
                1 | 2 => row > hash::OUT && (row < 31 || idle || matches!(block, 8 | 9 | 26)),
                3 => row > hash::OUT && !is_digit(block, row),
                // the hash of a block that nobody takes; what an idle block carries
                0 => idle,
                _ => idle,
            };
            assert!(why, "column {column}, block {block}, row {row} is free (token {token})");
        }
        println!("token {token}: {} of {} cells are free", free.len(), relation.advice * ROWS);
    }
}

/// Digits of the range on the last two rows of a step, the native bit on the last of the account leaf.
fn is_digit(block: usize, row: usize) -> bool {
    let step = l2rollup_core::circuit::exit::relation::is_step(block);
    row >= 30 && step || row == 31 && block == 10
}
